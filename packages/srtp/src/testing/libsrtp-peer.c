/*
 * A peer for the tests: protects or opens packets with libsrtp 2.5. Its words and frames are those of peer.h; a status
 * other than 0 is that of libsrtp (srtp_err_status_t).
 */
#include "peer.h"
#include <srtp2/srtp.h>

static void set_null(srtp_crypto_policy_t *policy, int tag_octets) {
  srtp_crypto_policy_set_null_cipher_hmac_sha1_80(policy);
  policy->auth_tag_len = tag_octets;
}

/*
 * The 32-bit suites shorten the tag of SRTP alone; that of SRTCP stays at 80 bits (RFC 4568 §6.2.2, RFC 6188 §4). The
 * null suites are those of RFC 5764 §4.1.2.
 */
static void set_profile(const char *name, srtp_policy_t *policy) {
  if (strcmp(name, "AES_CM_128_HMAC_SHA1_80") == 0) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AES_CM_128_HMAC_SHA1_32") == 0) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AES_192_CM_HMAC_SHA1_80") == 0) {
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AES_192_CM_HMAC_SHA1_32") == 0) {
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AES_256_CM_HMAC_SHA1_80") == 0) {
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AES_256_CM_HMAC_SHA1_32") == 0) {
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AEAD_AES_128_GCM") == 0) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
  } else if (strcmp(name, "AEAD_AES_256_GCM") == 0) {
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
  } else if (strcmp(name, "NULL_HMAC_SHA1_80") == 0) {
    set_null(&policy->rtp, 10);
    set_null(&policy->rtcp, 10);
  } else if (strcmp(name, "NULL_HMAC_SHA1_32") == 0) {
    set_null(&policy->rtp, 4);
    set_null(&policy->rtcp, 10);
  } else {
    fail("libsrtp has no such profile");
  }
}

static srtp_t open_session(struct arguments *arguments) {
  static srtp_master_key_t keys[MOST_KEYS];
  static srtp_master_key_t *pointers[MOST_KEYS];
  srtp_policy_t policy;
  srtp_t session;
  memset(&policy, 0, sizeof policy);
  set_profile(arguments->profile, &policy);
  for (int i = 0; i < arguments->key_count; i++) {
    if (arguments->keys[i].octets != policy.rtp.cipher_key_len) fail("a key and salt of another length");
    keys[i].key = arguments->keys[i].secret;
    keys[i].mki_id = arguments->keys[i].mki;
    keys[i].mki_size = (unsigned int)arguments->keys[i].mki_octets;
    pointers[i] = &keys[i];
  }
  policy.keys = pointers;
  policy.num_master_keys = (unsigned long)arguments->key_count;
  policy.ssrc.type = arguments->protect ? ssrc_any_outbound : ssrc_any_inbound;
  policy.window_size = arguments->window;
  policy.enc_xtn_hdr = arguments->ids;
  policy.enc_xtn_hdr_count = arguments->id_count;
  if (srtp_init() != srtp_err_status_ok) fail("libsrtp failed its self-test");
  if (srtp_create(&session, &policy) != srtp_err_status_ok) fail("libsrtp refused the policy");
  return session;
}

int main(int count, char **words) {
  static struct arguments arguments;
  static struct frame frame;
  unsigned int key = 0;
  read_arguments(count, words, &arguments);
  srtp_t session = open_session(&arguments);
  unsigned int mki = arguments.keys[0].mki_octets > 0;
  while (read_frame(&frame)) {
    srtp_err_status_t status;
    if (frame.kind == 'k') {
      key = frame.packet[0];
      continue;
    }
    if (frame.kind == 'c') {
      status = arguments.protect ? srtp_protect_rtcp_mki(session, frame.packet, &frame.octets, mki, key)
                                 : srtp_unprotect_rtcp_mki(session, frame.packet, &frame.octets, mki);
    } else {
      status = arguments.protect ? srtp_protect_mki(session, frame.packet, &frame.octets, mki, key)
                                 : srtp_unprotect_mki(session, frame.packet, &frame.octets, mki);
    }
    write_frame(status, frame.packet, status == srtp_err_status_ok ? frame.octets : 0);
  }
  srtp_dealloc(session);
  return fflush(stdout) == 0 ? 0 : 1;
}

/*
 * libsrtp as its distributor built it, one session a stream: the yardstick of `npm run bench -- srtp`.
 * The commands are those of command-loop.h.
 */
#include <srtp2/srtp.h>
#include <stdint.h>

typedef srtp_ctx_t context;
#include "command-loop.h"

static const char *describe(void) { return srtp_get_version_string(); }

/* 0 when libsrtp has no such profile. */
static int set_policy(const char *name, srtp_crypto_policy_t *rtp) {
  if (strcmp(name, "AES_CM_128_HMAC_SHA1_80") == 0) srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(rtp);
  else if (strcmp(name, "AES_CM_128_HMAC_SHA1_32") == 0) srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(rtp);
  else if (strcmp(name, "AES_256_CM_HMAC_SHA1_80") == 0) srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(rtp);
  else if (strcmp(name, "AEAD_AES_128_GCM") == 0) srtp_crypto_policy_set_aes_gcm_128_16_auth(rtp);
  else if (strcmp(name, "AEAD_AES_256_GCM") == 0) srtp_crypto_policy_set_aes_gcm_256_16_auth(rtp);
  else return 0;
  return 1;
}

static int performs(const char *name) {
  srtp_crypto_policy_t policy;
  return set_policy(name, &policy);
}

static context *open_context(const char *name, const uint8_t *master, int octets, uint32_t ssrc, enum role role) {
  static int initialised;
  static srtp_t feeder;
  srtp_policy_t policy;
  srtp_t session;
  if (feeder != NULL && role == FEEDING) return feeder;
  if (!initialised && srtp_init() != srtp_err_status_ok) fail("libsrtp failed its self-test");
  initialised = 1;
  memset(&policy, 0, sizeof policy);
  if (!set_policy(name, &policy.rtp)) fail("libsrtp has no %s", name);
  policy.rtcp = policy.rtp;
  if (octets != policy.rtp.cipher_key_len) fail("%s wants %d octets of key and salt", name, policy.rtp.cipher_key_len);
  policy.key = (unsigned char *)master;
  /* Its packets get dearer with every session there is, so that one session has to feed all that are timed. */
  policy.ssrc.type = role == FEEDING ? ssrc_any_outbound : ssrc_specific;
  policy.ssrc.value = ssrc;
  policy.window_size = 128;
  if (srtp_create(&session, &policy) != srtp_err_status_ok) return NULL;
  if (role == FEEDING) feeder = session;
  return session;
}

static inline int protect(context *stream, uint8_t *packet, int octets) {
  return srtp_protect(stream, packet, &octets) == srtp_err_status_ok ? octets : -1;
}

static inline int unprotect(context *stream, uint8_t *packet, int octets) {
  return srtp_unprotect(stream, packet, &octets) == srtp_err_status_ok ? octets : -1;
}

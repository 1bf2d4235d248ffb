/*
 * A peer for the tests: protects or opens packets with libsrtp.
 *
 *   libsrtp-peer protect|unprotect 80|32 <master key and salt in hexadecimal>
 *
 * Each line of standard input is `rtp <hexadecimal>` or `rtcp <hexadecimal>`; each line of standard output is the
 * resulting packet in hexadecimal, or `error <libsrtp status>`.
 */
#include <srtp2/srtp.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 2048

static int octets_of(const char *text, unsigned char *out) {
  int length = 0;
  unsigned int octet;
  while (length < LONGEST && sscanf(text + 2 * length, "%2x", &octet) == 1) out[length++] = (unsigned char)octet;
  return length;
}

int main(int count, char **arguments) {
  static char line[2 * LONGEST + 16];
  static unsigned char packet[LONGEST + SRTP_MAX_TRAILER_LEN + 4];
  unsigned char key[64];
  srtp_policy_t policy;
  srtp_t session;
  int protect;
  if (count != 4) return 2;
  protect = strcmp(arguments[1], "protect") == 0;
  memset(&policy, 0, sizeof policy);
  if (strcmp(arguments[2], "32") == 0) srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
  else srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  if (octets_of(arguments[3], key) != 30) return 2;
  policy.key = key;
  policy.ssrc.type = protect ? ssrc_any_outbound : ssrc_any_inbound;
  policy.window_size = 1024;
  if (srtp_init() != srtp_err_status_ok || srtp_create(&session, &policy) != srtp_err_status_ok) return 3;

  while (fgets(line, sizeof line, stdin) != NULL) {
    int rtcp = strncmp(line, "rtcp ", 5) == 0;
    int length = octets_of(line + (rtcp ? 5 : 4), packet);
    srtp_err_status_t status;
    if (rtcp) status = protect ? srtp_protect_rtcp(session, packet, &length) : srtp_unprotect_rtcp(session, packet, &length);
    else status = protect ? srtp_protect(session, packet, &length) : srtp_unprotect(session, packet, &length);
    if (status != srtp_err_status_ok) {
      printf("error %d\n", status);
      continue;
    }
    for (int i = 0; i < length; i++) printf("%02x", packet[i]);
    printf("\n");
  }
  srtp_dealloc(session);
  return 0;
}

/*
 * What an SRTP built on OpenSSL 3 does for each packet, and no more: contexts that keep their key schedules, a new IV
 * a packet, HMAC-SHA1 over packet and rollover counter. No stream look-up and no replay window, so that it bounds from
 * below what a library on OpenSSL can reach. The commands are those of command-loop.h.
 */
/* HMAC_CTX is deprecated for EVP_MAC, which is slower; the yardstick takes the faster of the two. */
#define OPENSSL_API_COMPAT 10100
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>

typedef struct {
  EVP_CIPHER_CTX *cipher;
  HMAC_CTX *hmac; /* NULL for AEAD suites */
  uint8_t salt[16];
  int tag_octets;
  /* Index of the next packet; packets come in order here, so the estimate of RFC 3711 appendix A is not needed. */
  uint64_t index;
} context;
#include "command-loop.h"

#define SHA1_OCTETS 20
#define LABEL_AT 7

static const char *describe(void) { return OpenSSL_version(OPENSSL_VERSION); }

struct suite {
  const char *name;
  int key_octets, salt_octets, tag_octets, aead;
};
static const struct suite suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 0}, {"AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 0},
    {"AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 0}, {"AEAD_AES_128_GCM", 16, 12, 16, 1},
    {"AEAD_AES_256_GCM", 32, 12, 16, 1},
};

static const struct suite *suite_named(const char *name) {
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
    if (strcmp(suites[i].name, name) == 0) return &suites[i];
  }
  return NULL;
}

static int performs(const char *name) { return suite_named(name) != NULL; }

static const EVP_CIPHER *cipher_of(const struct suite *suite) {
  if (suite->aead) return suite->key_octets == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  return suite->key_octets == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
}

/* RFC 3711 §4.3.3: AES in counter mode over zeros from (master salt XOR label) * 2^16; a 96-bit salt stands left (RFC
 * 7714 §11). */
static void derive(const struct suite *suite, const uint8_t *master, uint8_t label, uint8_t *out, int length) {
  EVP_CIPHER_CTX *ctr = EVP_CIPHER_CTX_new();
  uint8_t iv[16] = {0};
  memcpy(iv, master + suite->key_octets, suite->salt_octets);
  iv[LABEL_AT] ^= label;
  memset(out, 0, length);
  EVP_EncryptInit_ex(ctr, suite->key_octets == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(), NULL, master, iv);
  EVP_EncryptUpdate(ctr, out, &length, out, length);
  EVP_CIPHER_CTX_free(ctr);
}

static context *open_context(const char *name, const uint8_t *master, int octets, uint32_t ssrc, enum role role) {
  const struct suite *suite = suite_named(name);
  uint8_t session_key[32], authentication_key[SHA1_OCTETS];
  (void)ssrc;
  if (suite == NULL) fail("the OpenSSL driver has no %s", name);
  if (octets != suite->key_octets + suite->salt_octets) fail("%s wants another length of key and salt", name);
  context *stream = calloc(1, sizeof *stream);
  stream->tag_octets = suite->tag_octets;
  stream->index = FIRST_SEQUENCE_NUMBER;
  derive(suite, master, 0, session_key, suite->key_octets);
  derive(suite, master, 2, stream->salt, suite->salt_octets);
  stream->cipher = EVP_CIPHER_CTX_new();
  /* Counter mode encrypts to decrypt; GCM has to know which. */
  EVP_CipherInit_ex(stream->cipher, cipher_of(suite), NULL, session_key, NULL, !(suite->aead && role == RECEIVING));
  if (!suite->aead) {
    derive(suite, master, 1, authentication_key, sizeof authentication_key);
    stream->hmac = HMAC_CTX_new();
    HMAC_Init_ex(stream->hmac, authentication_key, sizeof authentication_key, EVP_sha1(), NULL);
  }
  return stream;
}

static inline uint64_t load64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

/* RFC 3711 §4.1.1: IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16). */
static inline int counter_mode(context *stream, uint8_t *packet, int octets) {
  uint8_t iv[16];
  uint64_t high = load64(stream->salt), low = load64(stream->salt + 8);
  uint32_t ssrc;
  memcpy(&ssrc, packet + 8, 4);
  high ^= (uint64_t)ssrc << 32; /* both in network order on a little-endian machine */
  low ^= __builtin_bswap64(stream->index << 16);
  memcpy(iv, &high, 8);
  memcpy(iv + 8, &low, 8);
  return EVP_CipherInit_ex(stream->cipher, NULL, NULL, NULL, iv, -1) == 1 &&
         EVP_CipherUpdate(stream->cipher, packet + HEADER, &octets, packet + HEADER, octets - HEADER) == 1;
}

/* RFC 3711 §4.2: over the packet and the rollover counter. */
static inline int sign(context *stream, const uint8_t *packet, int octets, uint8_t *digest) {
  uint8_t rollover_counter[4];
  put32(rollover_counter, (uint32_t)(stream->index >> 16));
  return HMAC_Init_ex(stream->hmac, NULL, 0, NULL, NULL) == 1 && HMAC_Update(stream->hmac, packet, octets) == 1 &&
         HMAC_Update(stream->hmac, rollover_counter, 4) == 1 && HMAC_Final(stream->hmac, digest, NULL) == 1;
}

/* RFC 7714 §8.1: IV = salt XOR (0x0000 || SSRC || ROC || SEQ); the header is associated data (§9.2). */
static inline int start_gcm(context *stream, const uint8_t *packet) {
  uint8_t iv[12], index[8];
  uint64_t value = __builtin_bswap64(stream->index);
  int ignored;
  memcpy(index, &value, 8);
  memcpy(iv, stream->salt, 12);
  for (int i = 0; i < 4; i++) iv[2 + i] ^= packet[8 + i];
  for (int i = 0; i < 6; i++) iv[6 + i] ^= index[2 + i];
  return EVP_CipherInit_ex(stream->cipher, NULL, NULL, NULL, iv, -1) == 1 &&
         EVP_CipherUpdate(stream->cipher, NULL, &ignored, packet, HEADER) == 1;
}

static inline int protect(context *stream, uint8_t *packet, int octets) {
  int written, ok;
  if (stream->hmac != NULL) {
    uint8_t digest[SHA1_OCTETS];
    ok = counter_mode(stream, packet, octets) && sign(stream, packet, octets, digest);
    memcpy(packet + octets, digest, stream->tag_octets);
  } else {
    ok = start_gcm(stream, packet) &&
         EVP_CipherUpdate(stream->cipher, packet + HEADER, &written, packet + HEADER, octets - HEADER) == 1 &&
         EVP_CipherFinal_ex(stream->cipher, packet + octets, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(stream->cipher, EVP_CTRL_AEAD_GET_TAG, 16, packet + octets) == 1;
  }
  stream->index++;
  return ok ? octets + stream->tag_octets : -1;
}

static inline int unprotect(context *stream, uint8_t *packet, int length) {
  int octets = length - stream->tag_octets, written, ok;
  if (stream->hmac != NULL) {
    uint8_t digest[SHA1_OCTETS];
    ok = sign(stream, packet, octets, digest) &&
         CRYPTO_memcmp(digest, packet + octets, stream->tag_octets) == 0 && counter_mode(stream, packet, octets);
  } else {
    ok = start_gcm(stream, packet) &&
         EVP_CipherUpdate(stream->cipher, packet + HEADER, &written, packet + HEADER, octets - HEADER) == 1 &&
         EVP_CIPHER_CTX_ctrl(stream->cipher, EVP_CTRL_AEAD_SET_TAG, 16, packet + octets) == 1 &&
         EVP_CipherFinal_ex(stream->cipher, packet + octets, &written) == 1;
  }
  stream->index++;
  return ok ? octets : -1;
}

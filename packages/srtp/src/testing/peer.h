/*
 * What the peers share: their command line, and packets over standard input and output.
 *
 *   <peer> protect|unprotect <profile> <replay window> <key and salt hex>[:<mki hex>][,…] [<extension ids to encrypt>]
 *
 * Several keys differ in their MKI (RFC 3711 §3.1); the first is sent with until a frame says otherwise. Extension ids
 * (RFC 6904) are decimal numbers with commas.
 *
 * A frame on standard input is its length (32 bits, network order), a kind and an octet string: 'r' an RTP packet,
 * 'c' an RTCP packet, 'k' one octet, the position of the master key to send with from now on. Every packet is answered
 * in turn by a frame of its length, a status (0: well; what else it may be, the peer says) and the packet that came of it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 2048
/* Beyond a packet: index, tag, and an MKI of up to 128 octets. */
#define ROOM 192
#define MOST_KEYS 16
#define MOST_IDS 16

struct master_key {
  uint8_t secret[64];
  int octets;
  uint8_t mki[128];
  int mki_octets;
};

struct arguments {
  int protect;
  const char *profile;
  unsigned long window;
  struct master_key keys[MOST_KEYS];
  int key_count;
  int ids[MOST_IDS];
  int id_count;
};

struct frame {
  char kind;
  int octets;
  uint8_t packet[LONGEST + ROOM] __attribute__((aligned(16)));
};

static void fail(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(2);
}

/* Reads hexadecimal digits up to something else, which is returned. */
static const char *read_hexadecimal(const char *text, uint8_t *out, int room, int *octets) {
  unsigned int octet;
  *octets = 0;
  while (strspn(text, "0123456789abcdef") >= 2 && sscanf(text, "%2x", &octet) == 1) {
    if (*octets == room) fail("a key or an MKI is too long");
    out[(*octets)++] = (uint8_t)octet;
    text += 2;
  }
  return text;
}

static void read_arguments(int count, char **words, struct arguments *arguments) {
  memset(arguments, 0, sizeof *arguments);
  if (count < 5) fail("the words of peer.h are wanted");
  arguments->protect = strcmp(words[1], "protect") == 0;
  arguments->profile = words[2];
  arguments->window = strtoul(words[3], NULL, 10);
  const char *text = words[4];
  do {
    if (arguments->key_count == MOST_KEYS) fail("too many keys");
    struct master_key *key = &arguments->keys[arguments->key_count++];
    text = read_hexadecimal(text, key->secret, sizeof key->secret, &key->octets);
    if (*text == ':') text = read_hexadecimal(text + 1, key->mki, sizeof key->mki, &key->mki_octets);
  } while (*text++ == ',');
  for (char *id = count > 5 ? words[5] : ""; *id != 0;) {
    if (arguments->id_count == MOST_IDS) fail("too many extension ids");
    arguments->ids[arguments->id_count++] = (int)strtol(id, &id, 10);
    if (*id == ',') id++;
  }
}

/* 0 at the end of input. */
static int read_frame(struct frame *frame) {
  uint8_t head[5];
  size_t got = fread(head, 1, sizeof head, stdin);
  if (got == 0) return 0;
  uint32_t length = (uint32_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
  if (got < sizeof head || length < 1 || length - 1 > LONGEST) fail("a frame of a wrong length");
  frame->kind = (char)head[4];
  frame->octets = (int)length - 1;
  if (fread(frame->packet, 1, length - 1, stdin) != length - 1) fail("a frame without its end");
  return 1;
}

static void write_frame(int status, const uint8_t *packet, int octets) {
  uint32_t length = (uint32_t)octets + 1;
  uint8_t head[5] = {length >> 24, length >> 16, length >> 8, length, (uint8_t)status};
  if (fwrite(head, 1, sizeof head, stdout) != sizeof head) fail("nobody reads");
  if (fwrite(packet, 1, octets, stdout) != (size_t)octets) fail("nobody reads");
}

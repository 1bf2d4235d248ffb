/*
 * What the drivers share: the commands, the packets, the clock. A driver defines the type `context` (one SRTP stream
 * in one direction) and the functions declared below, and includes this file last; everything is static, so that a
 * driver's own calls cost what they would cost in a program of its own.
 *
 * One command a line on standard input, answers on standard output:
 *
 *   describe                                             the library and its version
 *   performs <profile>                                   `yes` or `no`
 *   setup <profile> <key||salt hex> <streams> <octets>   `ready`; packets of <octets>, header included
 *   check <count>                                        that many protected packets in hexadecimal, one a line
 *   slice protect|unprotect <packets>                    the nanoseconds it took
 *   quit
 *
 * A failure is one line `error <why>`, after which the driver ends.
 *
 * Packet number i belongs to stream i mod <streams>; its round is i div <streams>, its sequence number 65535 + round
 * modulo 2^16, so that every stream rolls over with its second packet (RFC 3711 §3.3.1) and `check` proves that too.
 * contender.ts writes the same packets.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEADER 12
#define LONGEST 2048
/* Beyond a packet: tag and whatever a library wants to scribble on. */
#define ROOM 192
/* Packets are written to so many buffers in turn, as to those of a socket; one would be kinder to the cache than life. */
#define RING 64
#define FIRST_SEQUENCE_NUMBER 65535u
#define FIRST_SSRC 0x51000000u

/* Feeding makes, untimed, what receiving is timed with. */
enum role { SENDING, FEEDING, RECEIVING };

/* A driver's part. Lengths are octets; protect and unprotect work in place and give the new length, or -1. */
static const char *describe(void);
static int performs(const char *profile);
static context *open_context(const char *profile, const uint8_t *key, int key_octets, uint32_t ssrc, enum role role);
static inline int protect(context *stream, uint8_t *packet, int octets);
static inline int unprotect(context *stream, uint8_t *packet, int octets);

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("error ");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
  exit(1);
}

/* The contexts of one direction and where its count of packets stands. */
struct lane {
  context **streams;
  uint32_t stream;
  uint32_t round;
};

static char profile[64];
static uint8_t key[64];
static int key_octets;
static uint32_t streams;
static int octets;
/* Contexts are made when first needed: a run measures one direction, and ten thousand of each are a lot of memory. */
static struct lane sending, feeding, receiving;

static void open_lane(struct lane *lane, enum role role) {
  if (lane->streams != NULL) return;
  lane->streams = calloc(streams, sizeof *lane->streams);
  lane->stream = lane->round = 0;
  for (uint32_t i = 0; i < streams; i++) {
    lane->streams[i] = open_context(profile, key, key_octets, FIRST_SSRC + i, role);
    if (lane->streams[i] == NULL) fail("no context for %s", profile);
  }
}

static inline void advance(struct lane *lane) {
  if (++lane->stream < streams) return;
  lane->stream = 0;
  lane->round++;
}

static inline void put32(uint8_t *at, uint32_t value) {
  value = __builtin_bswap32(value);
  memcpy(at, &value, 4);
}

static inline void write_header(uint8_t *packet, const struct lane *lane) {
  put32(packet, 0x80080000u | ((FIRST_SEQUENCE_NUMBER + lane->round) & 0xffff));
  put32(packet + 4, lane->round * 160);
  put32(packet + 8, FIRST_SSRC + lane->stream);
}

static void write_packet(uint8_t *packet, const struct lane *lane) {
  write_header(packet, lane);
  for (int i = HEADER; i < octets; i++) packet[i] = (uint8_t)(lane->round + i);
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void check(int count) {
  uint8_t packet[LONGEST + ROOM] __attribute__((aligned(64)));
  open_lane(&sending, SENDING);
  for (int n = 0; n < count; n++, advance(&sending)) {
    write_packet(packet, &sending);
    int length = protect(sending.streams[sending.stream], packet, octets);
    if (length < 0) fail("packet %d could not be protected", n);
    for (int i = 0; i < length; i++) printf("%02x", packet[i]);
    printf("\n");
  }
}

static int64_t slice_protect(int packets) {
  static uint8_t ring[RING][LONGEST + ROOM] __attribute__((aligned(64)));
  static uint32_t slot;
  int failures = 0;
  open_lane(&sending, SENDING);
  int64_t start = nanoseconds();
  for (int n = 0; n < packets; n++, advance(&sending)) {
    /* The payload is what the last round left there: what is encrypted costs the same whatever it says. */
    uint8_t *packet = ring[slot++ % RING];
    write_header(packet, &sending);
    failures += protect(sending.streams[sending.stream], packet, octets) < 0;
  }
  int64_t took = nanoseconds() - start;
  if (failures > 0) fail("%d packets could not be protected", failures);
  return took;
}

/* Packets to open are made first, untimed, and compared with what they said afterwards, untimed too. */
static int64_t slice_unprotect(int packets) {
  static uint8_t *incoming;
  static size_t capacity;
  uint8_t expected[LONGEST];
  size_t stride = ((size_t)octets + ROOM + 63) / 64 * 64;
  int length = 0, failures = 0;
  if (stride * packets > capacity) {
    free(incoming);
    capacity = stride * packets;
    incoming = aligned_alloc(64, capacity);
  }
  open_lane(&feeding, FEEDING);
  open_lane(&receiving, RECEIVING);
  for (int n = 0; n < packets; n++, advance(&feeding)) {
    write_packet(incoming + n * stride, &feeding);
    length = protect(feeding.streams[feeding.stream], incoming + n * stride, octets);
    if (length < 0) fail("a packet could not be prepared");
  }
  struct lane opened = receiving;
  int64_t start = nanoseconds();
  for (int n = 0; n < packets; n++, advance(&receiving)) {
    failures += unprotect(receiving.streams[receiving.stream], incoming + n * stride, length) != octets;
  }
  int64_t took = nanoseconds() - start;
  if (failures > 0) fail("%d packets could not be opened", failures);
  for (int n = 0; n < packets; n++, advance(&opened)) {
    write_packet(expected, &opened);
    if (memcmp(expected, incoming + n * stride, octets) != 0) fail("a packet was opened wrongly");
  }
  return took;
}

/*
 * Whatever was set up before goes with its process: contexts are not freed one by one, because libsrtp on NSS needs
 * minutes to free ten thousand sessions. The line is the one command that has been read.
 */
static void start_over(const char *line) {
  if (sending.streams == NULL && feeding.streams == NULL) return;
  execl("/proc/self/exe", "driver", line, NULL);
  fail("the driver could not start over");
}

static void set_up(const char *line) {
  char text[256];
  unsigned int octet;
  start_over(line);
  if (sscanf(line, "setup %63s %255s %u %d", profile, text, &streams, &octets) != 4) fail("a wrong setup");
  if (octets < HEADER || octets > LONGEST || streams < 1) fail("packets of %d octets", octets);
  key_octets = 0;
  while (key_octets < (int)sizeof key && sscanf(text + 2 * key_octets, "%2x", &octet) == 1) {
    key[key_octets++] = (uint8_t)octet;
  }
}

static void answer(const char *line) {
  char word[64];
  int count;
  if (strcmp(line, "describe\n") == 0) {
    printf("%s\n", describe());
  } else if (sscanf(line, "performs %63s", word) == 1) {
    printf("%s\n", performs(word) ? "yes" : "no");
  } else if (strncmp(line, "setup ", 6) == 0) {
    set_up(line);
    printf("ready\n");
  } else if (sscanf(line, "check %d", &count) == 1) {
    check(count);
  } else if (sscanf(line, "slice %63s %d", word, &count) == 2) {
    int64_t took = strcmp(word, "protect") == 0 ? slice_protect(count) : slice_unprotect(count);
    printf("%lld\n", (long long)took);
  } else {
    fail("unknown command %s", line);
  }
  fflush(stdout);
}

int main(int count, char **arguments) {
  static char line[512];
  if (count > 1) answer(arguments[1]);
  while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "quit\n") != 0) answer(line);
  _exit(0); /* as start_over says */
}

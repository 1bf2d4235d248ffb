/* Load for a media relay: plays both parties of many calls at 50 packets/s each way, and times what comes back.
 *
 *   load FILE SECONDS
 *
 * Prints its two ports, one line, and reads from standard input until a line comes: then FILE is there. It says for each
 * call the relay's two ports; and, where one side is SRTP, the packets of that side, made before.
 * At the end it prints: sent received lost p50 p99 (microseconds).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define CLEAR_LENGTH 172
#define BUCKETS 200000 /* of a microsecond */
#define REMEMBERED 64  /* packets of a stream whose moments of sending are known */

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static int open_socket(uint16_t *port) {
  int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 32 << 20;
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof a;
  setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  /* Even, for RTP. */
  do {
    a.sin_port = htons(20000 + 2 * (rand() % 10000));
  } while (bind(s, (void *)&a, sizeof a) < 0);
  getsockname(s, (void *)&a, &length);
  *port = ntohs(a.sin_port);
  return s;
}

struct stream {
  uint16_t relay_port;
  const uint8_t *packets; /* made before, or NULL */
  uint32_t sent;          /* number of the next packet */
  uint64_t sent_at[REMEMBERED];
  int known;     /* whether offset is */
  uint16_t offset; /* sequence number at the far end minus number of the packet */
};

static struct stream *streams; /* call c: 2c sends from party 0 (clear), 2c+1 from party 1 */
static uint32_t of_port[65536];
static uint64_t histogram[BUCKETS + 1], received, sent;
static int counting;

static uint64_t percentile(double share) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i <= BUCKETS; i++) total += histogram[i];
  for (int i = 0; i <= BUCKETS; i++)
    if ((seen += histogram[i]) >= share * total) return i;
  return 0;
}

static struct mmsghdr in[BATCH], out[BATCH];
static struct iovec in_vector[BATCH], out_vector[BATCH];
static struct sockaddr_in in_address[BATCH], out_address[BATCH];
static uint8_t in_room[BATCH][2048], clear_room[BATCH][CLEAR_LENGTH];

static void receive(int s) {
  for (;;) {
    for (int i = 0; i < BATCH; i++) in[i].msg_hdr.msg_namelen = sizeof in_address[i];
    int count = recvmmsg(s, in, BATCH, MSG_DONTWAIT, NULL);
    if (count <= 0) return;
    uint64_t at = now();
    for (int i = 0; i < count; i++) {
      uint8_t *p = in_room[i];
      uint32_t other = of_port[ntohs(in_address[i].sin_port)]; /* the stream that the party there sends */
      if (other == 0 || in[i].msg_len < 12 || (p[1] & 0x7f) >= 64) continue;
      struct stream *from = &streams[(other - 1) ^ 1];
      uint16_t number = p[2] << 8 | p[3];
      /* No packet comes before it was sent: the one that came soonest tells how the numbers differ. */
      uint16_t latest = from->sent - 1;
      if (!from->known || (int16_t)(number - from->offset - latest) > 0) {
        from->known = 1;
        from->offset = number - latest;
      }
      uint16_t packet = number - from->offset;
      uint64_t delay = (at - from->sent_at[packet % REMEMBERED]) / 1000;
      if (!counting) continue;
      received++;
      histogram[delay > BUCKETS ? BUCKETS : delay]++;
    }
    if (count < BATCH) return;
  }
}

int main(int argc, char **argv) {
  (void)argc;
  srand(getpid());
  uint16_t ports[2];
  int sockets[2] = {open_socket(&ports[0]), open_socket(&ports[1])};
  printf("%u %u\n", ports[0], ports[1]);
  fflush(stdout);
  if (getchar() == EOF) return 1;
  FILE *file = fopen(argv[1], "rb");
  double seconds = atof(argv[2]);
  uint32_t head[3]; /* calls, packets made for each, their length */
  if (!file || fread(head, 4, 3, file) != 3) return 1;
  uint32_t calls = head[0], made = head[1], length = head[2], count = 2 * calls;
  streams = calloc(count, sizeof *streams);
  uint16_t *relay = calloc(count, 2);
  if (fread(relay, 2, count, file) != count) return 1;
  uint8_t *blob = made ? malloc((size_t)calls * made * length) : NULL;
  if (made && fread(blob, length, (size_t)calls * made, file) != (size_t)calls * made) return 1;
  for (uint32_t i = 0; i < count; i++) {
    streams[i].relay_port = relay[i];
    of_port[relay[i]] = i + 1;
    if (made && i % 2 == 1) streams[i].packets = blob + (size_t)(i / 2) * made * length;
  }
  for (int i = 0; i < BATCH; i++) {
    in_vector[i] = (struct iovec){in_room[i], sizeof in_room[i]};
    in[i].msg_hdr = (struct msghdr){.msg_name = &in_address[i], .msg_namelen = sizeof in_address[i], .msg_iov = &in_vector[i], .msg_iovlen = 1};
    out[i].msg_hdr = (struct msghdr){.msg_name = &out_address[i], .msg_namelen = sizeof out_address[i], .msg_iov = &out_vector[i], .msg_iovlen = 1};
  }
  /* Every stream has its turn once in 20 ms, all spread over them. */
  uint64_t start = now(), warm = start + 2500000000u, end = warm + (uint64_t)(seconds * 1e9), due_total = 0;
  for (uint64_t at = start; at < end; at = now()) {
    if (!counting && at >= warm) counting = 1;
    uint64_t due = (uint64_t)((at - start) / 20e6 * count);
    while (due_total < due) {
      /* One party's at a time, for each has its socket. */
      int n[2] = {0, 0};
      for (int party = 0; party < 2; party++) {
        int filled = 0;
        for (uint64_t k = due_total; k < due && k < due_total + BATCH; k++) {
          uint32_t index = k % count;
          if ((int)(index % 2) != party) continue;
          struct stream *s = &streams[index];
          uint32_t number = s->sent++;
          out_address[filled] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(s->relay_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
          if (s->packets) {
            if (number >= made) return 2;
            out_vector[filled] = (struct iovec){(void *)(s->packets + (size_t)number * length), length};
          } else {
            uint8_t *p = clear_room[filled];
            uint32_t timestamp = htonl(number * 160), ssrc = htonl(index + 1);
            p[0] = 0x80; p[1] = 0; p[2] = number >> 8; p[3] = number;
            memcpy(p + 4, &timestamp, 4);
            memcpy(p + 8, &ssrc, 4);
            out_vector[filled] = (struct iovec){p, CLEAR_LENGTH};
          }
          s->sent_at[number % REMEMBERED] = now();
          filled++;
        }
        if (filled && sendmmsg(sockets[party], out, filled, 0) > 0 && counting) sent += filled;
        n[party] = filled;
      }
      due_total += n[0] + n[1];
      receive(sockets[0]);
      receive(sockets[1]);
    }
    receive(sockets[0]);
    receive(sockets[1]);
    usleep(100);
  }
  usleep(200000);
  receive(sockets[0]);
  receive(sockets[1]);
  printf("%lu %lu %ld %lu %lu\n", sent, received, (long)sent - (long)received, percentile(0.5), percentile(0.99));
  return 0;
}

import { authenticate, crypt } from './counter-mode';
import { INNER, LANE_BLOCKS, OUTER, RESULT } from './layout';
import { outerBlock, pad } from './sha1';
import { compressLanes } from './sha1-lanes';

// Packets side by side, in AES counter mode with HMAC-SHA1. The host writes a job for each: 64 octets,
//
//   0 key record   4 packet   8 clear   12 end   16 prepared keystream   20 SSRC   24 upper 32 bits of the index
//   28 lower 16 bits   32 trailer   40 digest, written here with its most significant octet first, and behind the packet as well

const RECORD: usize = 0;
const PACKET: usize = 4;
const CLEAR: usize = 8;
const END: usize = 12;
const PREPARED: usize = 16;
const SSRC: usize = 20;
const UPPER: usize = 24;
const LOWER: usize = 28;
const TRAILER: usize = 32;
const DIGEST: usize = 40;

/** Where four states stand, word after word; behind the outer blocks of the lanes. */
const STATES: usize = LANE_BLOCKS + 256;

/** Encrypts or decrypts the packet of one job. */
export function cryptJob(job: usize): void {
  const clear = load<i32>(job, CLEAR);
  crypt(
    load<u32>(job, RECORD),
    load<u32>(job, PACKET) + clear,
    load<i32>(job, END) - clear,
    load<u32>(job, PREPARED),
    load<u32>(job, SSRC),
    load<u32>(job, UPPER),
    load<u32>(job, LOWER),
  );
}

/** The digest of one job, by itself. */
export function authenticateJob(job: usize): void {
  authenticate(load<u32>(job, RECORD), load<u32>(job, PACKET), load<i32>(job, END), load<u32>(job, TRAILER));
  memory.copy(job + DIGEST, RESULT, 20);
}

/** The digests of four jobs; those of nearly the same length go together best. */
export function authenticateFour(j0: usize, j1: usize, j2: usize, j3: usize): void {
  const n0 = prepare(j0);
  const n1 = prepare(j1);
  const n2 = prepare(j2);
  const n3 = prepare(j3);
  loadStates(INNER, load<u32>(j0), load<u32>(j1), load<u32>(j2), load<u32>(j3));
  const p0 = load<u32>(j0, PACKET);
  const p1 = load<u32>(j1, PACKET);
  const p2 = load<u32>(j2, PACKET);
  const p3 = load<u32>(j3, PACKET);
  const most = max<i32>(max<i32>(n0, n1), max<i32>(n2, n3));
  const counts = i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(n0), 1, n1), 2, n2), 3, n3);
  for (let at = 0; at < most; at++) {
    compressLanes(
      STATES,
      p0 + (min<i32>(at, n0 - 1) << 6),
      p1 + (min<i32>(at, n1 - 1) << 6),
      p2 + (min<i32>(at, n2 - 1) << 6),
      p3 + (min<i32>(at, n3 - 1) << 6),
      i32x4.gt_s(counts, i32x4.splat(at)),
      STATES,
    );
  }
  for (let lane: usize = 0; lane < 4; lane++) {
    const block = LANE_BLOCKS + (lane << 6);
    for (let word: usize = 0; word < 5; word++) {
      store<u32>(block + (word << 2), load<u32>(STATES + (word << 4) + (lane << 2)));
    }
    outerBlock(block);
  }
  loadStates(OUTER, load<u32>(j0), load<u32>(j1), load<u32>(j2), load<u32>(j3));
  compressLanes(STATES, LANE_BLOCKS, LANE_BLOCKS + 64, LANE_BLOCKS + 128, LANE_BLOCKS + 192, i32x4.splat(-1), STATES);
  writeDigest(j0, 0);
  writeDigest(j1, 4);
  writeDigest(j2, 8);
  writeDigest(j3, 12);
}

function prepare(job: usize): i32 {
  const packet = load<u32>(job, PACKET);
  const end = load<i32>(job, END);
  store<u32>(packet + end, bswap<u32>(load<u32>(job, TRAILER)));
  return pad(packet, end + 4);
}

function loadStates(which: usize, r0: usize, r1: usize, r2: usize, r3: usize): void {
  for (let word: usize = 0; word < 5; word++) {
    const at = which + (word << 2);
    const to = STATES + (word << 4);
    store<u32>(to, load<u32>(r0 + at));
    store<u32>(to, load<u32>(r1 + at), 4);
    store<u32>(to, load<u32>(r2 + at), 8);
    store<u32>(to, load<u32>(r3 + at), 12);
  }
}

function writeDigest(job: usize, lane: usize): void {
  const behind: usize = load<u32>(job, PACKET) + load<u32>(job, END);
  for (let word: usize = 0; word < 5; word++) {
    const value = bswap<u32>(load<u32>(STATES + (word << 4) + lane));
    store<u32>(job + DIGEST + (word << 2), value);
    store<u32>(behind + (word << 2), value);
  }
}

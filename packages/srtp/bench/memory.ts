import type { Direction, MeteredContender } from './contender.ts';

/** Octets a packet leaves to the garbage collection: in the engine's heap, and in the buffers outside of it. */
export interface Allocations {
  readonly heap: number;
  readonly buffers: number;
}

/** Octets a stream holds. */
export interface Footprint {
  readonly heap: number;
  readonly external: number;
  /** What the process grew by as the system sees it, memory of OpenSSL and of WebAssembly included. */
  readonly resident: number;
}

const TRIALS = 9;
/** So much passes before the young generation is collected, which would hide what was allocated. */
const TRIAL_OCTETS = 400_000;
const FEWEST = 200;
const MOST = 20_000;

/**
 * Grows the heap by packets until it can be measured, and takes the median of some trials: a collection in the middle
 * of one makes it too small, code that is compiled meanwhile too large. The contender is set up and warm.
 */
export async function allocations(contender: MeteredContender, direction: Direction): Promise<Allocations> {
  const rough = await growth(contender, direction, FEWEST, heapUsed);
  const packets = Math.min(MOST, Math.max(FEWEST, Math.floor(TRIAL_OCTETS / Math.max(rough, 1))));
  return {
    heap: await growth(contender, direction, packets, heapUsed),
    // Not `external`, which is brought up to date now and then only; and few, since buffers call for collections.
    buffers: await growth(contender, direction, FEWEST, buffers),
  };
}

async function growth(
  contender: MeteredContender,
  direction: Direction,
  packets: number,
  meter: () => number,
): Promise<number> {
  const trials: number[] = [];
  for (let trial = 0; trial < TRIALS; trial++) {
    collect();
    trials.push((await contender.slice(direction, packets, meter)) / packets);
  }
  return median(trials);
}

/** Opens so many streams, of senders or of receivers, and weighs them. */
export async function footprint(
  contender: MeteredContender,
  direction: Direction,
  profile: string,
  streams: number,
): Promise<Footprint> {
  await open(contender, direction, profile, 1);
  collect();
  const before = process.memoryUsage();
  await open(contender, direction, profile, streams);
  collect();
  const after = process.memoryUsage();
  return {
    heap: (after.heapUsed - before.heapUsed) / streams,
    external: (after.external - before.external) / streams,
    resident: (after.rss - before.rss) / streams,
  };
}

/** A slice of one packet opens every stream of its direction; receivers bring their senders along. */
async function open(
  contender: MeteredContender,
  direction: Direction,
  profile: string,
  streams: number,
): Promise<void> {
  await contender.setup(profile, streams, 60);
  await contender.slice(direction, 1);
}

function heapUsed(): number {
  return process.memoryUsage().heapUsed;
}

function buffers(): number {
  return process.memoryUsage().arrayBuffers;
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('start with --expose-gc');
  globalThis.gc();
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

import type { Contender, Direction } from './contender.ts';
import { median } from './memory.ts';

/** One place of the table: everybody does the same there. */
export interface Cell {
  readonly profile: string;
  readonly direction: Direction;
  readonly octets: number;
  readonly streams: number;
}

/** Nanoseconds a packet. */
export interface Measured {
  /** The median of the rounds, each of which is the median of its slices. */
  readonly nanoseconds: number;
  /** The best round: what the machine can do when nobody disturbs it. */
  readonly best: number;
}

export interface Effort {
  readonly rounds: number;
  /** Slices of every contender in a round. */
  readonly slices: number;
  readonly warmUpMilliseconds: number;
}

/** Short, so that everybody meets the same weather: a shared machine changes its speed for seconds at a time. */
const SLICE_NANOSECONDS = 700_000;
/** What a batch is made of; slices are multiples of it where they are as long. */
const BATCH = 64;
const MOST_PACKETS = 64 * 1024;
/** Who is so slow that fewer would fit gets longer slices: one packet alone pays for waking up the program. */
const FEWEST_PACKETS = 16;
/** So many packets of each stream that keystream made ahead is used up more than once. */
const CHECKED_ROUNDS = 130;
const MOST_CHECKED = 1_000;

/** Sets all up alike, proves that they make the same packets, and times them in turn. */
export async function measureCell(
  contenders: readonly Contender[],
  cell: Cell,
  effort: Effort,
): Promise<ReadonlyMap<string, Measured>> {
  await proveEqual(contenders, cell);
  const plans = new Map<Contender, number>();
  for (const contender of contenders) plans.set(contender, await warmUp(contender, cell, effort));
  const rounds = new Map(contenders.map((contender) => [contender, [] as number[]]));
  for (let round = 0; round < effort.rounds; round++) {
    for (const [contender, value] of await measureRound(plans, cell, effort)) rounds.get(contender)?.push(value);
  }
  return new Map(
    contenders.map((contender) => {
      const values = rounds.get(contender) ?? [];
      return [contender.name, { nanoseconds: median(values), best: Math.min(...values) }];
    }),
  );
}

/** A fast implementation that makes another packet is not fast. */
async function proveEqual(contenders: readonly Contender[], { profile, streams, octets }: Cell): Promise<void> {
  const count = Math.min(CHECKED_ROUNDS * streams, MOST_CHECKED);
  let first: { name: string; packets: readonly string[] } | undefined;
  for (const contender of contenders) {
    await contender.setup(profile, streams, octets);
    const packets = await contender.check(count);
    first ??= { name: contender.name, packets };
    const differing = first.packets.findIndex((packet, i) => packet !== packets[i]);
    if (differing >= 0 || packets.length !== count) {
      throw new Error(
        `${profile}: packet ${differing} of ${contender.name} is not that of ${first.name}:\n` +
          `${packets[differing]}\n${first.packets[differing]}`,
      );
    }
  }
}

/** Lets compilers and caches settle; returns how many packets make a slice. */
async function warmUp(contender: Contender, { direction }: Cell, effort: Effort): Promise<number> {
  let packets = 1;
  let spent = 0;
  for (;;) {
    const took = await contender.slice(direction, packets);
    spent += took;
    const fitting = Math.round((packets * SLICE_NANOSECONDS) / Math.max(took, 1));
    // At most doubled: the first packets of a program are its slowest.
    packets = Math.max(1, Math.min(fitting, packets * 2, MOST_PACKETS));
    if (spent > effort.warmUpMilliseconds * 1e6) break;
  }
  return packets < BATCH ? Math.max(packets, FEWEST_PACKETS) : packets - (packets % BATCH);
}

async function measureRound(
  plans: ReadonlyMap<Contender, number>,
  { direction }: Cell,
  effort: Effort,
): Promise<ReadonlyMap<Contender, number>> {
  const slices = new Map([...plans.keys()].map((contender) => [contender, [] as number[]]));
  for (let slice = 0; slice < effort.slices; slice++) {
    for (const [contender, packets] of plans) {
      slices.get(contender)?.push((await contender.slice(direction, packets)) / packets);
    }
  }
  return new Map([...slices].map(([contender, values]) => [contender, median(values)]));
}

import type { TransportAddress } from '@trustline/capture';
import type { StrayKeys } from '../keys/stray-keys.ts';
import type { CallLeg, MediaDescription } from '../model/leg.ts';
import { isExposed, type MediaKey } from '../model/media-key.ts';
import type { Observations } from '../model/observations.ts';

/** Descriptions that are remembered, the latest. */
const MOST_DESCRIPTIONS = 200_000;
/** Of one port, and of one address with its port. */
const MOST_OF_A_PLACE = 16;
/** Keys that are tried on streams which no description fits, the latest. */
const MOST_LOOSE_KEYS = 512;

/** A description with the leg that it is of. */
export interface DescribedMedia {
  readonly leg: CallLeg;
  readonly description: MediaDescription;
}

/** What signalling said of media, by the addresses at which it is to be found. */
export class KeyBook {
  readonly #byAddress = new Map<string, DescribedMedia[]>();
  readonly #byPort = new Map<number, DescribedMedia[]>();
  readonly #loose: MediaKey[] = [];
  readonly #given: readonly MediaKey[];
  /** Of DTLS between two ports, by each of them. */
  readonly #found = new Map<string, readonly MediaKey[]>();
  #descriptions = 0;
  /** Descriptions that were not remembered for want of room. */
  notKept = 0;
  #strays: StrayKeys | undefined;
  #version = 0;

  constructor(given: readonly MediaKey[]) {
    this.#given = given;
    if (given.length > 0) this.#version = 1;
  }

  /** Goes up with each key that becomes known. */
  get version(): number {
    return this.#version + (this.#strays?.version ?? 0);
  }

  /** Listens for what is read from now on, and tells of each description when it is in the book. */
  listen(observations: Observations, tell: (described: DescribedMedia) => void): void {
    this.#strays = observations.strayKeys;
    observations.onDescription((leg, description) => {
      const described = { leg, description };
      this.#add(described);
      tell(described);
    });
  }

  /** Keys that an exchange among the media itself gave, between these ports. The latest count. */
  found(source: TransportAddress, destination: TransportAddress, keys: readonly MediaKey[]): void {
    if (this.#found.size >= MOST_DESCRIPTIONS) return;
    this.#version++;
    this.#found.set(textOf(source), keys);
    this.#found.set(textOf(destination), keys);
  }

  /** What was said of media that go from one address to another, the latest first; by the ports alone, as a NAT leaves them, where no address fits. */
  about(
    source: TransportAddress,
    destination: TransportAddress,
  ): { readonly isExact: boolean; readonly described: readonly DescribedMedia[] } {
    const exact = [...(this.#byAddress.get(textOf(destination)) ?? []), ...(this.#byAddress.get(textOf(source)) ?? [])];
    if (exact.length > 0) return { isExact: true, described: exact.toSorted(latestFirst) };
    const byPort = [...(this.#byPort.get(destination.port) ?? []), ...(this.#byPort.get(source.port) ?? [])];
    return { isExact: false, described: byPort.toSorted(latestFirst) };
  }

  /** Keys of media that were so described, the likeliest first: their own, then those of the other ends of their legs. A tag tells which it is. */
  keysFor(described: readonly DescribedMedia[]): readonly MediaKey[] {
    const keys = new Set<MediaKey>();
    for (const { description } of described) for (const key of description.keys) keys.add(key);
    for (const { leg } of described) {
      for (const { keys: others } of leg.descriptions.toReversed()) for (const key of others) keys.add(key);
    }
    return [...keys];
  }

  /** All that the auditor gave or the capture exposes: the last resort for media between two addresses; what lay open at one of them comes first. */
  looseKeys(source: TransportAddress, destination: TransportAddress): readonly MediaKey[] {
    const ends = new Set([source.address, destination.address]);
    const strays = this.#strays?.all().toReversed() ?? [];
    const near = strays.filter(({ from, to }) => ends.has(from.address) || ends.has(to.address));
    const far = strays.filter(({ from, to }) => !ends.has(from.address) && !ends.has(to.address));
    const keysOf = (some: typeof strays) => some.slice(0, MOST_LOOSE_KEYS).flatMap(({ keys }) => keys);
    return [...this.#given, ...keysOf(near), ...this.#loose.toReversed(), ...keysOf(far)];
  }

  #add(described: DescribedMedia): void {
    const { receives, candidates = [], keys } = described.description;
    for (const key of keys) {
      this.#version++;
      if (!isExposed(key)) continue;
      if (this.#loose.length >= MOST_LOOSE_KEYS) this.#loose.shift();
      this.#loose.push(key);
    }
    if (this.#descriptions >= MOST_DESCRIPTIONS) {
      this.notKept++;
      return;
    }
    this.#descriptions++;
    for (const address of [receives, ...candidates]) {
      if (address.port === 0) continue;
      put(this.#byAddress, textOf(address), described);
      put(this.#byPort, address.port, described);
    }
  }
}

function put<Key>(map: Map<Key, DescribedMedia[]>, key: Key, described: DescribedMedia): void {
  const all = map.get(key);
  if (all === undefined) map.set(key, [described]);
  else {
    if (all.length >= MOST_OF_A_PLACE) all.shift();
    all.push(described);
  }
}

export function textOf({ address, port }: TransportAddress): string {
  return `${address} ${port}`;
}

function latestFirst(one: DescribedMedia, other: DescribedMedia): number {
  return other.description.place.number - one.description.place.number;
}

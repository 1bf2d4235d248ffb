import { dissectTransport } from './dissect.ts';
import type { Dissection } from './dissection.ts';

export interface FragmentLimits {
  /** Packets that are waited for at the same time, and the octets of all of them. */
  readonly packets: number;
  readonly octets: number;
  /** How long the rest of a packet is waited for, in microseconds of the capture. */
  readonly patience: number;
}

/** RFC 8200 §4.5 gives a packet sixty seconds, Linux gives it thirty. */
export const defaultFragmentLimits: FragmentLimits = { packets: 4_096, octets: 16 << 20, patience: 30_000_000 };

/** An IP packet has no more. */
const LONGEST_PACKET = 65_535;

interface Pending {
  /** Microseconds of the capture. */
  readonly since: number;
  readonly addresses: Uint8Array;
  bytes: Uint8Array;
  /** What is there, as pairs of from and to, ascending and apart. */
  covered: number[];
  total: number | undefined;
}

/**
 * Puts fragmented IP packets together (RFC 791 §3.2, RFC 8200 §4.5). Where fragments overlap, what came first stays; in IPv6
 * the packet is dropped, as every receiver has to (RFC 5722 §3), unless a fragment just came twice. What waits is bounded: the
 * packet that has waited longest goes first.
 */
export class FragmentReassembly {
  readonly #limits: FragmentLimits;
  /** By addresses, protocol and identification; the oldest first. */
  readonly #pending = new Map<string, Pending>();
  #octets = 0;
  /** Packets that were put together, and those that were given up: too late, too many, overlapping, or longer than a packet. */
  joined = 0;
  abandoned = 0;

  constructor(limits: FragmentLimits = defaultFragmentLimits) {
    this.#limits = limits;
  }

  /** Takes a fragment. True where its packet is whole: `packet` is then that packet. `now` is the capture's, in microseconds. */
  handle(now: number, packet: Dissection): boolean {
    const { fragmentOffset: from, moreFragments } = packet;
    const length = packet.end - packet.payloadAt;
    const to = from + length;
    // All but the last are a multiple of eight octets long; a cut one is of no use.
    if (packet.isCut || to > LONGEST_PACKET || (moreFragments && (length === 0 || length % 8 !== 0))) return false;
    this.#forgetOld(now);
    const key = keyOf(packet);
    const waiting = this.#pending.get(key) ?? this.#begin(now, key, packet);
    if (!moreFragments && waiting.total !== undefined && waiting.total !== to) return this.#abandon(key, waiting);
    if (!moreFragments) waiting.total = to;
    if (!this.#put(waiting, from, packet.bytes.subarray(packet.payloadAt, packet.end), packet.addressLength === 16)) {
      return this.#abandon(key, waiting);
    }
    const { covered, total } = waiting;
    if (total === undefined || covered.length !== 2 || covered[0] !== 0 || (covered[1] ?? 0) < total) {
      this.#makeRoom();
      return false;
    }
    this.#drop(key, waiting);
    this.joined++;
    join(packet, waiting.addresses, waiting.bytes.subarray(0, total));
    return true;
  }

  #begin(now: number, key: string, { bytes, sourceAt, destinationAt, addressLength }: Dissection): Pending {
    const addresses = new Uint8Array(2 * addressLength);
    addresses.set(bytes.subarray(sourceAt, sourceAt + addressLength), 0);
    addresses.set(bytes.subarray(destinationAt, destinationAt + addressLength), addressLength);
    const waiting: Pending = { since: now, addresses, bytes: new Uint8Array(0), covered: [], total: undefined };
    this.#pending.set(key, waiting);
    return waiting;
  }

  /** False where it overlaps and must not. */
  #put(waiting: Pending, from: number, octets: Uint8Array, isVersion6: boolean): boolean {
    const to = from + octets.byteLength;
    if (to > waiting.bytes.byteLength) {
      const grown = new Uint8Array(Math.max(to, Math.min(LONGEST_PACKET, 2 * waiting.bytes.byteLength)));
      grown.set(waiting.bytes);
      this.#octets += grown.byteLength - waiting.bytes.byteLength;
      waiting.bytes = grown;
    }
    // The parts of it that are not there yet.
    let at = from;
    const { covered } = waiting;
    for (let pair = 0; pair < covered.length; pair += 2) {
      const [start = 0, end = 0] = [covered[pair], covered[pair + 1]];
      if (end <= from || start >= to) continue;
      if (isVersion6) return isRepeated(waiting.bytes, from, to, start, end, octets);
      if (start > at) waiting.bytes.set(octets.subarray(at - from, start - from), at);
      at = Math.max(at, Math.min(end, to));
    }
    if (at < to) waiting.bytes.set(octets.subarray(at - from), at);
    waiting.covered = withRange(covered, from, to);
    return true;
  }

  #abandon(key: string, waiting: Pending): false {
    this.#drop(key, waiting);
    this.abandoned++;
    return false;
  }

  #drop(key: string, waiting: Pending): void {
    this.#pending.delete(key);
    this.#octets -= waiting.bytes.byteLength;
  }

  #forgetOld(now: number): void {
    for (const [key, waiting] of this.#pending) {
      if (now - waiting.since < this.#limits.patience) return;
      this.#abandon(key, waiting);
    }
  }

  #makeRoom(): void {
    for (const [key, waiting] of this.#pending) {
      if (this.#pending.size <= this.#limits.packets && this.#octets <= this.#limits.octets) return;
      this.#abandon(key, waiting);
    }
  }
}

function keyOf({
  bytes,
  sourceAt,
  destinationAt,
  addressLength,
  protocol,
  fragmentIdentification,
  tunnel,
}: Dissection) {
  const source = bytes.subarray(sourceAt, sourceAt + addressLength);
  const destination = bytes.subarray(destinationAt, destinationAt + addressLength);
  return `${source}>${destination}/${protocol}/${fragmentIdentification}/${tunnel}`;
}

/** A fragment that came twice, octet for octet. */
function isRepeated(bytes: Uint8Array, from: number, to: number, start: number, end: number, octets: Uint8Array) {
  return start <= from && end >= to && octets.every((octet, at) => bytes[from + at] === octet);
}

function withRange(covered: readonly number[], from: number, to: number): number[] {
  let [start, end] = [from, to];
  const apart: number[] = [];
  for (let pair = 0; pair < covered.length; pair += 2) {
    const [first = 0, last = 0] = [covered[pair], covered[pair + 1]];
    if (last < start || first > end) apart.push(first, last);
    else [start, end] = [Math.min(start, first), Math.max(end, last)];
  }
  const before = apart.filter((_, at) => (apart[at - (at % 2)] ?? 0) < start);
  return [...before, start, end, ...apart.slice(before.length)];
}

/** Makes a dissection that of a whole packet: its addresses stand in front of its payload. */
function join(packet: Dissection, addresses: Uint8Array, payload: Uint8Array): void {
  const { addressLength, protocol, tunnel } = packet;
  const encapsulations = [...packet.encapsulations];
  const bytes = new Uint8Array(addresses.byteLength + payload.byteLength);
  bytes.set(addresses, 0);
  bytes.set(payload, addresses.byteLength);
  packet.begin(bytes);
  packet.encapsulations.push(...encapsulations);
  packet.tunnel = tunnel;
  packet.addressLength = addressLength;
  packet.sourceAt = 0;
  packet.destinationAt = addressLength;
  packet.protocol = protocol;
  packet.payloadAt = 2 * addressLength;
  dissectTransport(packet);
}

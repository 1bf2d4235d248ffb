import { addressText, type TransportAddress } from '../frame/address.ts';
import type { Dissection } from './dissection.ts';

/** Who sends to whom by which protocol, in one direction, within one tunnel and at one interface. */
export interface FlowKey {
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  /** The number of the protocol above IP (IANA). */
  readonly protocol: number;
  readonly tunnel: number;
  /** Position of the interface in the capture. */
  readonly interface: number;
}

interface Entry<Flow> {
  readonly flow: Flow;
  /** Addresses, ports, protocol, tunnel, interface: what {@link keyWords} writes. */
  readonly words: Uint32Array;
  lastUsed: number;
}

const WORDS = 12;

/**
 * Finds the flow of a packet by its addresses and ports without making an object or a text for it. Holds at most so many
 * flows: when there are more, the quarter that was used least lately is given up.
 */
export class FlowTable<Flow> {
  readonly #make: (key: FlowKey) => Flow;
  readonly #onGivenUp: (flow: Flow) => void;
  readonly #limit: number;
  readonly #words = new Uint32Array(WORDS);
  /** Open addressing: the number of an entry and one more, 0 for none. */
  #slots = new Int32Array(1_024);
  #entries: Entry<Flow>[] = [];
  #uses = 0;
  /** How many flows were given up for want of room. */
  givenUp = 0;

  constructor(make: (key: FlowKey) => Flow, limit = 200_000, onGivenUp: (flow: Flow) => void = () => {}) {
    this.#make = make;
    this.#limit = limit;
    this.#onGivenUp = onGivenUp;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Of a packet that has addresses. */
  find(packet: Dissection, interfaceNumber: number): Flow {
    keyWords(packet, interfaceNumber, this.#words);
    const slot = this.#slotOf(this.#words);
    const found = this.#slots[slot];
    const known = found === undefined || found === 0 ? undefined : this.#entries[found - 1];
    this.#uses++;
    if (known !== undefined) {
      known.lastUsed = this.#uses;
      return known.flow;
    }
    if (this.#entries.length >= this.#limit) this.#giveUp();
    const flow = this.#make(flowKey(packet, interfaceNumber));
    this.#entries.push({ flow, words: this.#words.slice(), lastUsed: this.#uses });
    if (2 * this.#entries.length > this.#slots.length) this.#rebuild(2 * this.#slots.length);
    else this.#slots[this.#slotOf(this.#words)] = this.#entries.length;
    return flow;
  }

  *flows(): Generator<Flow> {
    for (const { flow } of this.#entries) yield flow;
  }

  /** Where a key is, or would go. */
  #slotOf(words: Uint32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(words) & mask;
    for (;;) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return slot;
      const entry = this.#entries[number - 1];
      if (entry !== undefined && isSame(entry.words, words)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #giveUp(): void {
    const kept = Math.floor(this.#limit * 0.75);
    const byUse = this.#entries.map(({ lastUsed }) => lastUsed).sort((a, b) => b - a);
    const oldest = byUse[kept - 1] ?? 0;
    const stays: Entry<Flow>[] = [];
    for (const entry of this.#entries) {
      if (entry.lastUsed >= oldest) stays.push(entry);
      else {
        this.#onGivenUp(entry.flow);
        this.givenUp++;
      }
    }
    this.#entries = stays;
    this.#rebuild(this.#slots.length);
  }

  #rebuild(size: number): void {
    this.#slots = new Int32Array(size);
    for (const [at, { words }] of this.#entries.entries()) this.#slots[this.#slotOf(words)] = at + 1;
  }
}

/** The addresses as words (those of IPv4 in the last of four), the ports, and what else keeps flows apart. */
function keyWords(packet: Dissection, interfaceNumber: number, words: Uint32Array): void {
  const { view, sourceAt, destinationAt, addressLength } = packet;
  if (addressLength === 4) {
    words[0] = words[1] = words[2] = words[4] = words[5] = words[6] = 0;
    words[3] = view.getUint32(sourceAt);
    words[7] = view.getUint32(destinationAt);
  } else {
    for (let word = 0; word < 4; word++) {
      const at = addressLength - 16 + 4 * word;
      words[word] = at < 0 ? 0 : view.getUint32(sourceAt + at);
      words[4 + word] = at < 0 ? 0 : view.getUint32(destinationAt + at);
    }
  }
  words[8] = (packet.sourcePort << 16) | packet.destinationPort;
  words[9] = (packet.protocol << 8) | addressLength;
  words[10] = packet.tunnel;
  words[11] = interfaceNumber;
}

/** What differs most between two flows is looked at first. */
function isSame(one: Uint32Array, other: Uint32Array): boolean {
  if (one[8] !== other[8] || one[7] !== other[7] || one[3] !== other[3]) return false;
  for (let word = 0; word < WORDS; word++) if (one[word] !== other[word]) return false;
  return true;
}

/** Of each word every bit moves many of the hash: addresses of one network differ in few bits. Words of zero, of which IPv4 has six, move nothing. */
function hashOf(words: Uint32Array): number {
  let hash = 0x9e3779b9;
  for (let word = 0; word < WORDS; word++) {
    const value = words[word] as number;
    if (value === 0) continue;
    hash = Math.imul(hash ^ (value + word), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The addresses as text, which is done once for each flow. */
export function flowKey(packet: Dissection, interfaceNumber: number): FlowKey {
  const { bytes, sourceAt, destinationAt, addressLength, sourcePort, destinationPort, protocol, tunnel } = packet;
  return {
    source: { address: addressText(bytes.subarray(sourceAt, sourceAt + addressLength)), port: sourcePort },
    destination: {
      address: addressText(bytes.subarray(destinationAt, destinationAt + addressLength)),
      port: destinationPort,
    },
    protocol,
    tunnel,
    interface: interfaceNumber,
  };
}

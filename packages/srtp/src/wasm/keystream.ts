import type { Keystream } from '../crypto-provider.ts';
import { type Engine, type Holding, type PlatformCipher, upperBits } from './engine.ts';

const BLOCK = 16;
/** Packets whose keystream is made in one call of the platform's AES. */
const MOST_PACKETS = 48;
const HALF = MOST_PACKETS / 2;
/** And in the first call: many SSRC send only a few. */
const FIRST_PACKETS = 8;
/**
 * Octets that one SSRC may keep ready, at first and later. Two sizes alone, so that what one gives back fits another,
 * whatever the lengths of packets.
 */
const FIRST_OCTETS = 2048;
const MOST_OCTETS = 8192;
/**
 * And all SSRC together. What is made ahead for more of them leaves the processor's caches before it is used, and
 * fetching it from memory takes longer than the kernel's own AES.
 */
const MOST_PREPARED = 8 * 1024 * 1024;
/** Longer packets are encrypted by the kernel. */
const MOST_BLOCKS = 96;

/**
 * Keystream for the next packets of one SSRC, made by the platform's own AES many packets at a time: the instructions
 * for AES that JavaScript cannot reach otherwise, at a price for each call that many packets share.
 *
 * It depends on key, SSRC and index alone, so it can be made before the packet is there. A slot is handed out once and
 * the kernel clears it while it uses it; what was not used is cleared when the next ones are made and at `close`.
 */
export class PreparedKeystream implements Keystream {
  readonly #engine: Engine;
  readonly #record: number;
  readonly #galois: number;
  readonly #ssrc: number;
  readonly #cipher: PlatformCipher;
  #holding: Holding | undefined;
  #address = 0;
  #capacity = 0;
  /** Blocks of a slot, the one that masks the tag of AES-GCM included. */
  #blocks = 0;
  /** Index of the first slot. */
  #first = -1;
  #count = 0;
  /** A bit for each slot that was used: of the first 24, and of the others. */
  #usedLow = 0;
  #usedHigh = 0;
  /** Blocks of the longest packet so far, so that short ones in between do not shrink the slots. */
  #longest = 0;
  /** How many packets the next filling is for. */
  #next = FIRST_PACKETS;
  /** The index after the last one asked for: only who goes on in order is prepared for. */
  #expected = -1;
  /** The highest index that a slot was handed out for. */
  #highest = -1;
  #closed = false;
  readonly #onClose: (keystream: PreparedKeystream) => void;

  constructor(
    engine: Engine,
    record: number,
    galois: boolean,
    ssrc: number,
    cipher: PlatformCipher,
    onClose: (keystream: PreparedKeystream) => void,
  ) {
    this.#engine = engine;
    this.#record = record;
    this.#galois = galois ? 1 : 0;
    this.#ssrc = ssrc;
    this.#cipher = cipher;
    this.#onClose = onClose;
  }

  /** Where the slot for this index is, now used up; 0 when there is none and the kernel has to make the keystream. */
  take(index: number, octets: number): number {
    const slot = index - this.#first;
    if (slot >= 0 && slot < this.#count && this.#fits(octets)) return this.#hand(slot);
    // Never for an index behind one that was handed out: whatever asks, nothing is handed out twice.
    const inOrder = index === this.#expected && index > this.#highest;
    this.#expected = index + 1;
    if (!inOrder || this.#closed || octets > (MOST_BLOCKS - this.#galois) * BLOCK) return 0;
    this.#longest = Math.max(this.#longest, Math.ceil(octets / BLOCK) + this.#galois);
    if (!this.#reserve(this.#longest)) return 0;
    this.#fill(index, this.#longest);
    return this.#hand(0);
  }

  /** The first block of the slot for this index, which stays; 0 when there is none. */
  peek(index: number): number {
    const slot = index - this.#first;
    if (slot < 0 || slot >= this.#count || this.#isUsed(slot)) return 0;
    return this.#address + slot * this.#blocks * BLOCK;
  }

  close(): void {
    this.#closed = true;
    this.#release();
    this.#onClose(this);
  }

  #isUsed(slot: number): boolean {
    return ((slot < HALF ? this.#usedLow >>> slot : this.#usedHigh >>> (slot - HALF)) & 1) !== 0;
  }

  #fits(octets: number): boolean {
    return octets <= (this.#blocks - this.#galois) * BLOCK;
  }

  #hand(slot: number): number {
    if (this.#isUsed(slot)) return 0;
    if (slot < HALF) this.#usedLow |= 1 << slot;
    else this.#usedHigh |= 1 << (slot - HALF);
    this.#expected = this.#first + slot + 1;
    this.#highest = Math.max(this.#highest, this.#first + slot);
    return this.#address + slot * this.#blocks * BLOCK;
  }

  /** Sees to room for slots of so many blocks; false where all SSRC together have prepared enough. */
  #reserve(blocks: number): boolean {
    const room = this.#next === FIRST_PACKETS && blocks * BLOCK <= FIRST_OCTETS ? FIRST_OCTETS : MOST_OCTETS;
    if (this.#capacity >= room) return true;
    const engine = this.#engine;
    if (engine.preparedOctets - this.#capacity + room > MOST_PREPARED) return blocks * BLOCK <= this.#capacity;
    this.#release();
    this.#holding = engine.hold(this, room, true);
    this.#address = this.#holding.address;
    this.#capacity = room;
    return true;
  }

  /** Makes the slots for the packets from `index` on. */
  #fill(index: number, blocks: number): void {
    const { kernel, heap } = this.#engine;
    const room = this.#capacity;
    const count = Math.min(this.#next, Math.floor(room / (blocks * BLOCK)));
    const length = count * blocks * BLOCK;
    const lower = index % 0x10000;
    const { octets } = heap;
    // What was left of the slots before, and lies beyond these.
    octets.fill(0, this.#address + length, this.#address + room);
    kernel.counterBlocks(this.#record, this.#galois, this.#ssrc, upperBits(index), lower, count, blocks, this.#address);
    const made = this.#cipher.encrypt(octets.subarray(this.#address, this.#address + length));
    octets.set(made, this.#address);
    made.fill(0);
    this.#first = index;
    this.#count = count;
    this.#blocks = blocks;
    this.#usedLow = 0;
    this.#usedHigh = 0;
    this.#next = MOST_PACKETS;
  }

  #release(): void {
    if (this.#holding !== undefined) this.#engine.release(this.#holding);
    this.#holding = undefined;
    this.#capacity = 0;
    this.#count = 0;
    this.#blocks = 0;
  }
}

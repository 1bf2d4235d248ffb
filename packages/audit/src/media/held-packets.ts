import type { PacketPlace } from '../traffic/place.ts';

/** Octets of the blocks in which packets are held: the first of a stream is small, for most that is looked at is no stream. */
const FIRST_BLOCK = 2_048;
const BLOCK = 16_384;
/** Blocks that are kept for whoever needs one next: 2 MB. */
const MOST_FREE = 128;
/** Before each packet: its length, whether it was cut, its number, its time, and its extended sequence number. */
const ENTRY = 32;

interface Block {
  readonly octets: Uint8Array;
  readonly view: DataView;
  to: number;
  packets: number;
}

/** Octets that all streams together may hold back. */
export class HoldingBudget {
  readonly #limit: number;
  readonly #holders = new Set<HeldPackets>();
  #taken = 0;
  /** Blocks that nobody holds: most are of one size, and clear memory is dear. */
  readonly #free: Uint8Array[] = [];
  /** Packets that were given up before it was known what they are. */
  givenUp = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Makes room; who has held longest without being given more loses what it holds. */
  take(octets: number, holder: HeldPackets): boolean {
    this.#holders.delete(holder);
    this.#holders.add(holder);
    for (const idle of this.#holders) {
      if (this.#taken + octets <= this.#limit) break;
      if (idle === holder) {
        if (holder.length === 0) this.#holders.delete(holder);
        return false;
      }
      idle.giveUp();
    }
    this.#taken += octets;
    return true;
  }

  giveBack(octets: number, holder: HeldPackets, isEmpty: boolean): void {
    this.#taken -= octets;
    if (isEmpty) this.#holders.delete(holder);
  }

  /** Octets for a block, whatever they were before. */
  block(length: number): Uint8Array {
    return (length === BLOCK ? this.#free.pop() : undefined) ?? new Uint8Array(length);
  }

  /** Nobody looks at what is in the block any more. What is free and what is taken stay within the limit together. */
  recycle(octets: Uint8Array): void {
    if (octets.byteLength !== BLOCK || this.#taken + BLOCK * (this.#free.length + 1) > this.#limit) return;
    if (this.#free.length < MOST_FREE) this.#free.push(octets);
  }
}

/** Given what was held, in order. Octets are valid during the call alone. */
export type HeldPacketVisitor = (octets: Uint8Array, extended: number, place: PacketPlace, isCut: boolean) => void;

/** The packets of one stream that wait for what explains them: the latest, as many as there is room for. No object is kept for each. */
export class HeldPackets {
  readonly #budget: HoldingBudget;
  readonly #most: number;
  #blocks: Block[] = [];
  #octets = 0;
  #packets = 0;

  /** `most` octets at the most. */
  constructor(budget: HoldingBudget, most: number) {
    this.#budget = budget;
    this.#most = most;
  }

  get length(): number {
    return this.#packets;
  }

  hold(octets: Uint8Array, extended: number, place: PacketPlace, isCut: boolean): void {
    const needed = ENTRY + octets.byteLength;
    let block = this.#blocks.at(-1);
    if (block === undefined || block.to + needed > block.octets.byteLength) {
      block = this.#newBlock(needed);
      if (block === undefined) {
        this.#budget.givenUp++;
        return;
      }
    }
    const { view, to } = block;
    view.setUint32(to, octets.byteLength);
    view.setUint32(to + 4, isCut ? 1 : 0);
    view.setFloat64(to + 8, place.number);
    view.setFloat64(to + 16, place.microseconds);
    view.setFloat64(to + 24, extended);
    block.octets.set(octets, to + ENTRY);
    block.to += needed;
    block.packets++;
    this.#packets++;
  }

  /** Gives all that is held to the visitor, and holds it no more; the visitor may hold packets anew. */
  release(visit: HeldPacketVisitor): void {
    const blocks = this.#blocks;
    const octets = this.#octets;
    this.#blocks = [];
    this.#octets = 0;
    this.#packets = 0;
    for (const block of blocks) visitBlock(block, visit);
    this.#budget.giveBack(octets, this, this.#blocks.length === 0);
    for (const block of blocks) this.#budget.recycle(block.octets);
  }

  /** Shows what is held, which stays. */
  visit(visit: HeldPacketVisitor): void {
    for (const block of this.#blocks) visitBlock(block, visit);
  }

  /** Holds nothing any more, and says that it was given up. */
  giveUp(): void {
    this.#budget.givenUp += this.#packets;
    this.#budget.giveBack(this.#octets, this, true);
    for (const { octets } of this.#blocks) this.#budget.recycle(octets);
    this.#blocks = [];
    this.#octets = 0;
    this.#packets = 0;
  }

  #newBlock(needed: number): Block | undefined {
    const length = Math.max(needed, this.#blocks.length === 0 ? FIRST_BLOCK : BLOCK);
    while (this.#blocks.length > 0 && this.#octets + length > this.#most) this.#dropOldest();
    while (!this.#budget.take(length, this)) {
      if (this.#blocks.length === 0) return undefined;
      this.#dropOldest();
    }
    const octets = this.#budget.block(length);
    const block = { octets, view: new DataView(octets.buffer), to: 0, packets: 0 };
    this.#blocks.push(block);
    this.#octets += length;
    return block;
  }

  #dropOldest(): void {
    const oldest = this.#blocks.shift();
    if (oldest === undefined) return;
    this.#octets -= oldest.octets.byteLength;
    this.#packets -= oldest.packets;
    this.#budget.givenUp += oldest.packets;
    this.#budget.giveBack(oldest.octets.byteLength, this, this.#blocks.length === 0);
    this.#budget.recycle(oldest.octets);
  }
}

function visitBlock({ octets, view, to }: Block, visit: HeldPacketVisitor): void {
  for (let at = 0; at < to; ) {
    const length = view.getUint32(at);
    const place = { number: view.getFloat64(at + 8), microseconds: view.getFloat64(at + 16) };
    visit(
      octets.subarray(at + ENTRY, at + ENTRY + length),
      view.getFloat64(at + 24),
      place,
      view.getUint32(at + 4) === 1,
    );
    at += ENTRY + length;
  }
}

import type { Keystream, PacketCipher, PacketLanes } from '../crypto-provider.ts';
import { LONGEST_PACKET } from '../packet-layout.ts';
import { type Engine, type Holding, PADDING, upperBits } from './engine.ts';
import { KernelCounterModeCipher, slotOf } from './packet-ciphers.ts';

const JOB = 64;
/** Where the fields of a job are; `kernel/jobs.ts`. */
const at = {
  record: 0,
  packet: 4,
  clear: 8,
  end: 12,
  prepared: 16,
  ssrc: 20,
  upper: 24,
  lower: 28,
  trailer: 32,
};
const DIGEST = 40;
const LANES = 4;
/** Room for a packet at first; a longer one gets more. */
const USUAL_PACKET = 2048;
/** Blocks of SHA-1 a packet of n octets needs behind the key block: ⌊(n + 4 + 72) / 64⌋. */
const blocksOf = (octets: number): number => (octets + 76) >>> 6;

/** Packets side by side in the kernel: SHA-1 runs over four at once, those of the same number of blocks together. */
export class KernelLanes implements PacketLanes {
  readonly #engine: Engine;
  readonly #jobs: Holding;
  readonly #packets: Holding[];
  readonly #ends: number[];
  readonly #asTheyCame: readonly number[];
  readonly #sideBySide: boolean;
  readonly #views: (Uint8Array | undefined)[];
  /** Ciphers whose packets wait: their keys stay until these are done, whoever closes them. */
  readonly #held: KernelCounterModeCipher[] = [];
  #generation = 0;
  #closed = false;

  constructor(engine: Engine, capacity: number) {
    this.#engine = engine;
    this.#jobs = engine.hold(this, capacity * JOB);
    this.#packets = Array.from({ length: capacity }, () => engine.hold(this, USUAL_PACKET));
    this.#ends = this.#packets.map(() => 0);
    this.#asTheyCame = this.#packets.map((_, position) => position);
    this.#views = this.#packets.map(() => undefined);
    this.#sideBySide = engine.kernel.lanes() === LANES;
  }

  accepts(cipher: PacketCipher): boolean {
    return cipher instanceof KernelCounterModeCipher && cipher.engine === this.#engine;
  }

  addToProtect(
    position: number,
    cipher: PacketCipher,
    source: Uint8Array,
    clear: number,
    end: number,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
  ): void {
    this.addToOpen(position, cipher, source, clear, end, ssrc, index, trailer);
    // At once: the slot of keystream is not this packet's any more when the next ones are made.
    this.#crypt(position, keystream, index);
  }

  addToOpen(
    position: number,
    cipher: PacketCipher,
    source: Uint8Array,
    clear: number,
    end: number,
    ssrc: number,
    index: number,
    trailer: number,
  ): void {
    if (this.#closed) throw new TypeError('these lanes are closed');
    if (!(cipher instanceof KernelCounterModeCipher)) throw new TypeError('these lanes do not accept this cipher');
    if (end > LONGEST_PACKET) throw new RangeError(`a packet has at most ${LONGEST_PACKET} octets, not ${end}`);
    const whole = source.byteLength <= LONGEST_PACKET ? source : source.subarray(0, end);
    const packet = this.#room(position, whole.byteLength);
    const { heap } = this.#engine;
    heap.octets.set(whole, packet);
    const job = this.#jobs.address + position * JOB;
    const upper = upperBits(index);
    const { view } = heap;
    view.setUint32(job + at.record, cipher.record, true);
    view.setUint32(job + at.packet, packet, true);
    view.setUint32(job + at.clear, clear, true);
    view.setUint32(job + at.end, end, true);
    view.setUint32(job + at.ssrc, ssrc, true);
    view.setUint32(job + at.upper, upper, true);
    view.setUint32(job + at.lower, index - upper * 0x10000, true);
    view.setUint32(job + at.trailer, trailer, true);
    this.#ends[position] = end;
    cipher.hold();
    this.#held.push(cipher);
  }

  run(count: number): void {
    const { kernel } = this.#engine;
    const jobs = this.#jobs.address;
    const order = this.#sameBlocks(count) ? this.#asTheyCame : this.#byLength(count);
    let next = 0;
    for (; next + LANES <= count && this.#sideBySide; next += LANES) {
      kernel.authenticateLanes(
        jobs + (order[next] as number) * JOB,
        jobs + (order[next + 1] as number) * JOB,
        jobs + (order[next + 2] as number) * JOB,
        jobs + (order[next + 3] as number) * JOB,
      );
    }
    for (; next < count; next++) kernel.authenticateJob(jobs + (order[next] as number) * JOB);
  }

  read(position: number, target: Uint8Array, tagAt: number, tagLength: number): void {
    const end = this.#ends[position] as number;
    if (tagAt === end) {
      target.set(this.#view(position, end + tagLength), 0);
      return;
    }
    target.set(this.#view(position, end), 0);
    const { octets } = this.#engine.heap;
    const from = this.#jobs.address + position * JOB + DIGEST;
    for (let i = 0; i < tagLength; i++) target[tagAt + i] = octets[from + i] as number;
  }

  readDigest(position: number, digest: Uint8Array): void {
    const { octets } = this.#engine.heap;
    const from = this.#jobs.address + position * JOB + DIGEST;
    for (let i = 0; i < 20; i++) digest[i] = octets[from + i] as number;
  }

  open(position: number, target: Uint8Array, keystream: Keystream | undefined, index: number): void {
    this.#crypt(position, keystream, index);
    target.set(this.#view(position, this.#ends[position] as number), 0);
  }

  done(): void {
    for (const cipher of this.#held) cipher.release();
    this.#held.length = 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.done();
    this.#engine.release(this.#jobs);
    for (const packet of this.#packets) this.#engine.release(packet);
  }

  #crypt(position: number, keystream: Keystream | undefined, index: number): void {
    const { heap, kernel } = this.#engine;
    const job = this.#jobs.address + position * JOB;
    const octets = (this.#ends[position] as number) - heap.view.getUint32(job + at.clear, true);
    const prepared = slotOf(keystream, index, octets);
    heap.view.setUint32(job + at.prepared, prepared, true); // making keystream may have moved the view
    kernel.cryptJob(job);
  }

  /** The first octets of the packet as it is now; the view before serves again while it is as long. */
  #view(position: number, length: number): Uint8Array {
    const { heap } = this.#engine;
    if (this.#generation !== heap.generation) {
      this.#views.fill(undefined);
      this.#generation = heap.generation;
    }
    let view = this.#views[position];
    if (view === undefined || view.byteLength !== length) {
      view = new Uint8Array(heap.octets.buffer, (this.#packets[position] as Holding).address, length);
      this.#views[position] = view;
    }
    return view;
  }

  #byLength(count: number): readonly number[] {
    return this.#asTheyCame.slice(0, count).sort((a, b) => (this.#ends[a] as number) - (this.#ends[b] as number));
  }

  #sameBlocks(count: number): boolean {
    const blocks = blocksOf(this.#ends[0] as number);
    for (let position = 1; position < count; position++) {
      if (blocksOf(this.#ends[position] as number) !== blocks) return false;
    }
    return true;
  }

  #room(position: number, octets: number): number {
    const engine = this.#engine;
    const packet = this.#packets[position] as Holding;
    if (octets + PADDING <= packet.length) return packet.address;
    engine.release(packet);
    const longer = engine.hold(this, LONGEST_PACKET + PADDING);
    this.#packets[position] = longer;
    this.#views[position] = undefined;
    return longer.address;
  }
}

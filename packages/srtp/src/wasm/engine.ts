import { LONGEST_PACKET } from '../packet-layout.ts';
import { KernelHeap } from './heap.ts';
import type { KernelExports } from './kernel.ts';

/** Below are the constant tables, above is what the kernel works in. */
const CONSTANT_TABLES_END = 512;
/** Room behind a packet for the padding of SHA-1. */
export const PADDING = 128;

/** AES of the platform's own, without chaining: encrypts whole blocks and returns them in memory of its own. */
export interface PlatformCipher {
  encrypt(blocks: Uint8Array): Uint8Array;
  close(): void;
}

/** Kernel memory that one object holds: its owner gives it back with `release`. */
export interface Holding {
  readonly address: number;
  readonly length: number;
  /** Keystream made ahead, of which there is only so much for all SSRC. */
  readonly isKeystream: boolean;
}

/** One kernel, its memory, and the place where single packets are worked on. */
export class Engine {
  readonly kernel: KernelExports;
  readonly heap: KernelHeap;
  /** Where a single packet is staged. */
  readonly packet: number;
  readonly result: number;
  readonly createPlatformCipher: ((key: Uint8Array) => PlatformCipher) | undefined;
  /** Octets of keystream made ahead, for all SSRC. */
  preparedOctets = 0;
  /** Views of the staged packet by length, so that copying one out makes none. */
  #views: (Uint8Array | undefined)[] = [];
  #generation = 0;
  /**
   * What was forgotten without `close`. The collector cannot see that a small object holds kernel memory, so when it
   * comes is its affair: this mends a mistake, and `close` remains the way. Calls from here never meet one under way,
   * since the registry runs in a turn of its own.
   */
  readonly #forgotten = new FinalizationRegistry<Holding>((holding) => {
    this.#giveBack(holding);
    if (!holding.isKeystream) this.wipe();
  });

  constructor(kernel: KernelExports, createPlatformCipher?: (key: Uint8Array) => PlatformCipher) {
    this.kernel = kernel;
    this.heap = new KernelHeap(kernel);
    this.packet = this.heap.allocate(LONGEST_PACKET + PADDING);
    this.result = kernel.resultAddress();
    this.createPlatformCipher = createPlatformCipher;
  }

  /**
   * Memory of zeros, for as long as `owner` is there. Who works with the address keeps the owner reachable: when that is
   * forgotten, what it held is cleared and given to others.
   */
  hold(owner: object, length: number, isKeystream = false): Holding {
    const holding = { address: this.heap.allocate(length), length, isKeystream };
    if (isKeystream) this.preparedOctets += length;
    this.#forgotten.register(owner, holding, holding);
    return holding;
  }

  /** Clears what was held, and gives it back. */
  release(holding: Holding): void {
    this.#forgotten.unregister(holding);
    this.#giveBack(holding);
  }

  /** Stages `source[0, end)`, and possibly more of it. */
  stage(source: Uint8Array, end: number): void {
    if (end > LONGEST_PACKET) throw new RangeError(`a packet has at most ${LONGEST_PACKET} octets, not ${end}`);
    this.heap.octets.set(source.byteLength > LONGEST_PACKET ? source.subarray(0, end) : source, this.packet);
  }

  /** Copies the first octets of the staged packet to `target`. */
  unstage(target: Uint8Array, length: number): void {
    if (this.#generation !== this.heap.generation) {
      this.#views = [];
      this.#generation = this.heap.generation;
    }
    let view = this.#views[length];
    if (view === undefined) {
      view = new Uint8Array(this.heap.octets.buffer, this.packet, length);
      this.#views[length] = view;
    }
    target.set(view, 0);
  }

  /** The same, with what the kernel computed last behind it, or elsewhere where something comes in between. */
  unstageTagged(target: Uint8Array, length: number, tagAt: number, tagLength: number): void {
    if (tagAt === length) {
      this.unstage(target, length + tagLength);
      return;
    }
    this.unstage(target, length);
    const { octets } = this.heap;
    for (let i = 0; i < tagLength; i++) target[tagAt + i] = octets[this.result + i] as number;
  }

  /** Copies what the kernel computed last. */
  readResult(target: Uint8Array, length: number): void {
    const { octets } = this.heap;
    const { result } = this;
    for (let i = 0; i < length; i++) target[i] = octets[result + i] as number;
  }

  /** Clears what is left of the last packets, and of keys on their way through the kernel. */
  wipe(): void {
    const { octets } = this.heap;
    octets.fill(0, CONSTANT_TABLES_END, this.kernel.heapBase());
    octets.fill(0, this.packet, this.packet + LONGEST_PACKET + PADDING);
  }

  #giveBack({ address, length, isKeystream }: Holding): void {
    this.heap.free(address, length);
    if (isKeystream) this.preparedOctets -= length;
  }

  /** Writes a secret to a piece of memory of its own for the time of one call. */
  withSecret<T>(secret: Uint8Array, room: number, use: (address: number) => T): T {
    const length = Math.max(secret.byteLength, room);
    const address = this.heap.allocate(length);
    this.heap.octets.set(secret, address);
    try {
      return use(address);
    } finally {
      this.heap.free(address, length);
    }
  }
}

/** The upper 32 bits of an index: the rollover counter of SRTP. */
export function upperBits(index: number): number {
  return Math.floor(index / 0x10000);
}

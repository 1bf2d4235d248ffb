import type { KernelExports } from './kernel.ts';

const PAGE = 65_536;
/** Records begin at multiples of this, as vectors and cache lines like it. */
const ALIGNMENT = 64;

/** Hands out pieces of the kernel's memory. What is given back is cleared, and given out again to who wants that length. */
export class KernelHeap {
  /** All of the memory, as octets; another view after it grew. */
  octets: Uint8Array;
  /** The same for words, whose least significant octet comes first. */
  view: DataView;
  /** Counts how often the memory grew: views made before are dead. */
  generation = 0;
  readonly #kernel: KernelExports;
  readonly #free = new Map<number, number[]>();
  #top: number;

  constructor(kernel: KernelExports) {
    this.#kernel = kernel;
    this.#top = kernel.heapBase();
    this.octets = new Uint8Array(kernel.memory.buffer);
    this.view = new DataView(kernel.memory.buffer);
  }

  /** The address of `length` octets of zeros. */
  allocate(length: number): number {
    const size = roundUp(length);
    const known = this.#free.get(size)?.pop();
    if (known !== undefined) return known;
    const address = this.#top;
    this.#top += size;
    // Vectors are read and written past the end of a packet by less than one.
    const missing = this.#top + ALIGNMENT - this.octets.byteLength;
    if (missing > 0) this.#grow(missing);
    return address;
  }

  /** Clears a piece and keeps it for the next. */
  free(address: number, length: number): void {
    const size = roundUp(length);
    this.octets.fill(0, address, address + size);
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [address]);
    else list.push(address);
  }

  #grow(missing: number): void {
    // At least an eighth more, so that many small contexts do not make a new view each.
    const pages = Math.max(Math.ceil(missing / PAGE), Math.ceil(this.octets.byteLength / PAGE / 8));
    this.#kernel.memory.grow(pages);
    this.octets = new Uint8Array(this.#kernel.memory.buffer);
    this.view = new DataView(this.#kernel.memory.buffer);
    this.generation++;
  }
}

function roundUp(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

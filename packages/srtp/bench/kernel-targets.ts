/** AES and GHASH of the kernel, each build of it, for the timing test. */
import { KernelHeap } from '../src/wasm/heap.ts';
import { instantiateKernel, type KernelExports, type KernelVariant, supportedVariants } from '../src/wasm/kernel.ts';
import type { BlockCipher, HashOfBlocks } from './timed-primitives.ts';
import { encryptionByKey, encryptionByPlaintext, hashByKey, type TimingTarget } from './timing-targets.ts';

const BLOCK = 16;

class KernelCipher implements BlockCipher, HashOfBlocks {
  readonly #kernel: KernelExports;
  readonly #heap: KernelHeap;
  readonly #record: number;
  readonly #key: number;
  readonly #block: number;
  readonly #hashes: boolean;

  constructor(variant: KernelVariant, hashes: boolean) {
    this.#kernel = instantiateKernel(variant);
    this.#heap = new KernelHeap(this.#kernel);
    this.#record = this.#heap.allocate(this.#kernel.keyRecordLength(1));
    this.#key = this.#heap.allocate(BLOCK);
    this.#block = this.#heap.allocate(BLOCK);
    this.#hashes = hashes;
  }

  /** The hash key is what AES makes of a block of zeros: a fixed one for a fixed key, random ones for random keys. */
  setKey(key: Uint8Array): void {
    this.#heap.octets.set(key, this.#key);
    this.#kernel.setCipherKey(this.#record, this.#key, BLOCK);
    if (this.#hashes) this.#kernel.deriveHashKey(this.#record);
  }

  encrypt(source: Uint8Array): void {
    this.#heap.octets.set(source, this.#block);
    this.#kernel.encryptBlock(this.#record, this.#block, this.#block);
  }

  absorb(block: Uint8Array): void {
    this.#heap.octets.set(block, this.#block);
    this.#kernel.ghash(this.#record, this.#block, 1);
  }
}

/** Of every build that this engine runs. */
export const kernelTargets: readonly TimingTarget[] = supportedVariants().flatMap((variant) => [
  encryptionByPlaintext(`AES of the kernel (${variant})`, new KernelCipher(variant, false)),
  encryptionByKey(`AES of the kernel (${variant}), key schedule included`, new KernelCipher(variant, false)),
  encryptionByPlaintext(`AES of the kernel (${variant}), cold cache`, new KernelCipher(variant, false), {
    isCold: true,
  }),
  hashByKey(`GHASH of the kernel (${variant})`, new KernelCipher(variant, true)),
  hashByKey(`GHASH of the kernel (${variant}), cold cache`, new KernelCipher(variant, true), { isCold: true }),
]);

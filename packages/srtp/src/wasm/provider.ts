import type {
  BlockCipher,
  CounterModeCipher,
  CounterModeKeys,
  GaloisKeys,
  HmacSha1,
  PacketCipher,
  PacketLanes,
  SrtpCryptoProvider,
} from '../crypto-provider.ts';
import { Engine, type PlatformCipher } from './engine.ts';
import { instantiateKernel, type KernelExports, type KernelVariant, loadKernel } from './kernel.ts';
import { KernelLanes } from './lanes.ts';
import { KernelCounterModeCipher, KernelGaloisCipher } from './packet-ciphers.ts';
import { KernelAes, KernelHmacSha1 } from './primitives.ts';

/** The kernel as a provider; with a platform's AES, keystream is made ahead by that. */
export class WasmCrypto implements SrtpCryptoProvider {
  readonly name: string;
  readonly #engine: Engine;

  constructor(name: string, kernel: KernelExports, createPlatformCipher?: (key: Uint8Array) => PlatformCipher) {
    this.name = name;
    this.#engine = new Engine(kernel, createPlatformCipher);
  }

  createCounterModeCipher(key: Uint8Array): CounterModeCipher {
    return new KernelAes(this.#engine, key);
  }

  createBlockCipher(key: Uint8Array): BlockCipher {
    return new KernelAes(this.#engine, key);
  }

  createHmacSha1(key: Uint8Array): HmacSha1 {
    return new KernelHmacSha1(this.#engine, key);
  }

  createCounterModePacketCipher(keys: CounterModeKeys): PacketCipher {
    return new KernelCounterModeCipher(this.#engine, keys);
  }

  createGaloisPacketCipher(keys: GaloisKeys): PacketCipher {
    return new KernelGaloisCipher(this.#engine, keys);
  }

  createPacketLanes(capacity: number): PacketLanes {
    return new KernelLanes(this.#engine, capacity);
  }

  /** Octets of memory that the kernel holds, all contexts of this provider together. */
  get memoryLength(): number {
    return this.#engine.heap.octets.byteLength;
  }
}

/**
 * The kernel alone, for browsers and for everything that has no AES of its own to call synchronously. Compiles without
 * blocking. A build can be named, for tests; otherwise the fastest that the engine runs is taken.
 *
 * @throws {TypeError} where there is no WebAssembly
 */
export async function loadWasmCrypto(variant?: KernelVariant): Promise<WasmCrypto> {
  return new WasmCrypto('wasm', await loadKernel(variant));
}

/** The same at once: for workers and servers. Browsers refuse it on a page's main thread. */
export function createWasmCrypto(variant?: KernelVariant): WasmCrypto {
  return new WasmCrypto('wasm', instantiateKernel(variant));
}

import type { BlockCipher, CounterModeCipher, HmacSha1 } from '../crypto-provider.ts';
import type { Engine, Holding } from './engine.ts';

const BLOCK = 16;
const HASH_BLOCK = 64;
/** Keystream made in one go. */
const PIECE_BLOCKS = 256;

/** AES of the kernel, by blocks and in counter mode. */
export class KernelAes implements BlockCipher, CounterModeCipher {
  readonly #engine: Engine;
  readonly #holding: Holding;
  readonly #record: number;
  #closed = false;

  constructor(engine: Engine, key: Uint8Array) {
    this.#engine = engine;
    this.#holding = engine.hold(this, engine.kernel.keyRecordLength(0));
    this.#record = this.#holding.address;
    engine.withSecret(key, 0, (address) => engine.kernel.setCipherKey(this.#record, address, key.byteLength));
  }

  encrypt(block: Uint8Array, out: Uint8Array): void {
    const engine = this.#engine;
    engine.withSecret(block, BLOCK, (address) => {
      engine.kernel.encryptBlock(this.#record, address, address);
      for (let i = 0; i < BLOCK; i++) out[i] = engine.heap.octets[address + i] as number;
    });
  }

  apply(iv: Uint8Array, source: Uint8Array, from: number, to: number, target: Uint8Array, targetFrom: number): void {
    const engine = this.#engine;
    const counter = iv.slice();
    engine.withSecret(new Uint8Array(0), (PIECE_BLOCKS + 1) * BLOCK, (address) => {
      const stream = address + BLOCK;
      for (let done = 0; done < to - from; done += PIECE_BLOCKS * BLOCK) {
        const blocks = Math.min(PIECE_BLOCKS, Math.ceil((to - from - done) / BLOCK));
        counter[14] = (done / BLOCK) >>> 8;
        counter[15] = done / BLOCK;
        engine.heap.octets.set(counter, address);
        engine.kernel.counterKeystream(this.#record, address, stream, blocks);
        const { octets } = engine.heap;
        for (let i = 0; i < Math.min(blocks * BLOCK, to - from - done); i++) {
          target[targetFrom + done + i] = (source[from + done + i] as number) ^ (octets[stream + i] as number);
        }
      }
    });
    counter.fill(0);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.release(this.#holding);
    this.#engine.wipe();
  }
}

/** HMAC-SHA1 of the kernel. */
export class KernelHmacSha1 implements HmacSha1 {
  readonly #engine: Engine;
  readonly #holding: Holding;
  readonly #record: number;
  #closed = false;

  constructor(engine: Engine, key: Uint8Array) {
    this.#engine = engine;
    this.#holding = engine.hold(this, engine.kernel.keyRecordLength(0));
    this.#record = this.#holding.address;
    engine.withSecret(key, HASH_BLOCK, (block) => engine.kernel.setAuthenticationKey(this.#record, block));
  }

  sign(message: Uint8Array, length: number, trailer: Uint8Array, digest: Uint8Array): void {
    const engine = this.#engine;
    engine.stage(message, length);
    engine.heap.octets.set(trailer, engine.packet + length);
    engine.kernel.hmacSha1(this.#record, engine.packet, length + trailer.byteLength);
    engine.readResult(digest, 20);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.release(this.#holding);
    this.#engine.wipe();
  }
}

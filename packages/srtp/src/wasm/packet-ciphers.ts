import type { CounterModeKeys, GaloisKeys, Keystream, PacketCipher } from '../crypto-provider.ts';
import { type Engine, type Holding, type PlatformCipher, upperBits } from './engine.ts';
import { PreparedKeystream } from './keystream.ts';

const HASH_BLOCK = 64;
const SALT_ROOM = 16;

/** A key record in the kernel's memory, and the platform's cipher under the same key where there is one. */
abstract class KernelCipher {
  readonly engine: Engine;
  readonly record: number;
  readonly #holding: Holding;
  readonly #galois: boolean;
  readonly #platformCipher: PlatformCipher | undefined;
  readonly #keystreams = new Set<PreparedKeystream>();
  #holders = 0;
  #closed = false;

  constructor(engine: Engine, { encryptionKey, salt, protocol }: CounterModeKeys | GaloisKeys, galois: boolean) {
    const { kernel } = engine;
    this.engine = engine;
    this.#galois = galois;
    this.#holding = engine.hold(this, kernel.keyRecordLength(galois ? 1 : 0));
    this.record = this.#holding.address;
    engine.withSecret(encryptionKey, 0, (key) => kernel.setCipherKey(this.record, key, encryptionKey.byteLength));
    engine.withSecret(salt, SALT_ROOM, (address) => kernel.setSalt(this.record, address));
    this.#platformCipher = protocol === 'rtp' ? engine.createPlatformCipher?.(encryptionKey) : undefined;
  }

  createKeystream(ssrc: number): Keystream | undefined {
    if (this.#platformCipher === undefined || this.#closed) return undefined;
    const keystream = new PreparedKeystream(
      this.engine,
      this.record,
      this.#galois,
      ssrc,
      this.#platformCipher,
      // Leads back to this cipher: its key record stays while a keystream works with it.
      (closed) => this.#keystreams.delete(closed),
    );
    this.#keystreams.add(keystream);
    return keystream;
  }

  /** Decrypts the packet that is staged. */
  abstract open(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void;

  crypt(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void {
    this.engine.stage(source, end);
    this.open(source, clear, end, target, keystream, ssrc, index);
  }

  /** Keeps the key record although the cipher is closed, until `release`. */
  hold(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    this.#freeWhenUnused();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const keystream of this.#keystreams) keystream.close();
    this.#platformCipher?.close();
    this.#freeWhenUnused();
  }

  #freeWhenUnused(): void {
    if (!this.#closed || this.#holders > 0) return;
    this.engine.release(this.#holding);
    this.engine.wipe();
  }
}

/** RFC 3711 §4.1.1 and §4.2.1. */
export class KernelCounterModeCipher extends KernelCipher implements PacketCipher {
  readonly digestLength = 20;

  constructor(engine: Engine, keys: CounterModeKeys) {
    super(engine, keys, false);
    engine.withSecret(keys.authenticationKey, HASH_BLOCK, (block) =>
      engine.kernel.setAuthenticationKey(this.record, block),
    );
  }

  protect(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
    tagAt: number,
    tagLength: number,
  ): void {
    const { engine, record } = this;
    const prepared = slotOf(keystream, index, end - clear);
    const upper = upperBits(index);
    engine.stage(source, end);
    engine.kernel.counterModeProtect(
      record,
      engine.packet,
      clear,
      end,
      prepared,
      ssrc,
      upper,
      index - upper * 0x10000,
      trailer,
    );
    engine.unstageTagged(target, end, tagAt, tagLength);
  }

  digest(
    source: Uint8Array,
    _clear: number,
    end: number,
    _keystream: Keystream | undefined,
    _ssrc: number,
    _index: number,
    trailer: number,
    digest: Uint8Array,
  ): void {
    const { engine } = this;
    engine.stage(source, end);
    engine.kernel.authenticate(this.record, engine.packet, end, trailer);
    engine.readResult(digest, 20);
  }

  open(
    _source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void {
    const { engine } = this;
    const prepared = slotOf(keystream, index, end - clear);
    const upper = upperBits(index);
    engine.kernel.crypt(
      this.record,
      engine.packet + clear,
      end - clear,
      prepared,
      ssrc,
      upper,
      index - upper * 0x10000,
    );
    engine.unstage(target, end);
  }
}

/** RFC 7714. */
export class KernelGaloisCipher extends KernelCipher implements PacketCipher {
  readonly digestLength = 16;
  readonly #hasTrailer: number;

  constructor(engine: Engine, keys: GaloisKeys) {
    super(engine, keys, true);
    this.#hasTrailer = keys.protocol === 'rtcp' ? 1 : 0;
    engine.kernel.deriveHashKey(this.record);
  }

  protect(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
    tagAt: number,
    tagLength: number,
  ): void {
    const { engine, record } = this;
    const { kernel, packet } = engine;
    const prepared = slotOf(keystream, index, end - clear);
    const upper = upperBits(index);
    const lower = index - upper * 0x10000;
    engine.stage(source, end);
    kernel.galoisCrypt(record, packet, clear, end, prepared, ssrc, upper, lower);
    kernel.galoisTag(record, packet, clear, end, prepared, ssrc, upper, lower, this.#hasTrailer, trailer);
    engine.unstageTagged(target, end, tagAt, tagLength);
  }

  digest(
    source: Uint8Array,
    clear: number,
    end: number,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
    digest: Uint8Array,
  ): void {
    const { engine, record } = this;
    const mask = keystream instanceof PreparedKeystream ? keystream.peek(index) : 0;
    const upper = upperBits(index);
    const lower = index - upper * 0x10000;
    engine.stage(source, end);
    engine.kernel.galoisTag(record, engine.packet, clear, end, mask, ssrc, upper, lower, this.#hasTrailer, trailer);
    engine.readResult(digest, 16);
  }

  open(
    _source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void {
    const { engine } = this;
    const prepared = slotOf(keystream, index, end - clear);
    const upper = upperBits(index);
    engine.kernel.galoisCrypt(this.record, engine.packet, clear, end, prepared, ssrc, upper, index - upper * 0x10000);
    engine.unstage(target, end);
  }
}

export function slotOf(keystream: Keystream | undefined, index: number, octets: number): number {
  return keystream instanceof PreparedKeystream ? keystream.take(index, octets) : 0;
}

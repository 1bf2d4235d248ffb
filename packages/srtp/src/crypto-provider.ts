/**
 * The cryptography this library borrows. A provider is passed in, so that the same code runs on Node.js, in browsers and
 * over any other engine: `hybridCrypto` and `nodeCrypto` of `@trustline/srtp/node`, `loadWasmCrypto()` everywhere.
 * Everything is synchronous.
 *
 * A provider copies the key it is given into whatever it keeps; the caller clears its own copy afterwards. `close`
 * clears it as far as the platform allows.
 */
export interface SrtpCryptoProvider {
  readonly name: string;
  /** AES in counter mode as RFC 3711 §4.1.1 uses it; `key` has 16, 24 or 32 octets. */
  createCounterModeCipher(key: Uint8Array): CounterModeCipher;
  /** AES, a block at a time. */
  createBlockCipher(key: Uint8Array): BlockCipher;
  /** HMAC-SHA1 (RFC 2104) under a key of up to 64 octets. */
  createHmacSha1(key: Uint8Array): HmacSha1;
  /** AES in counter mode with HMAC-SHA1 over whole packets (RFC 3711 §4.1.1, §4.2.1; RFC 6188). */
  createCounterModePacketCipher(keys: CounterModeKeys): PacketCipher;
  /** AES-GCM over whole packets (RFC 7714). */
  createGaloisPacketCipher(keys: GaloisKeys): PacketCipher;
  /** What protects many packets of this provider at once; undefined where that is no faster than one by one. */
  createPacketLanes?(capacity: number): PacketLanes;
}

/** Session keys; the caller clears them afterwards. */
export interface CounterModeKeys {
  /** Keystream is made ahead for SRTP alone: reports are few. */
  readonly protocol: 'rtp' | 'rtcp';
  readonly encryptionKey: Uint8Array;
  /** 14 octets. */
  readonly salt: Uint8Array;
  readonly authenticationKey: Uint8Array;
}

export interface GaloisKeys {
  readonly encryptionKey: Uint8Array;
  /** 12 octets. */
  readonly salt: Uint8Array;
  /** SRTCP authenticates its index word behind the associated data (RFC 7714 §9.2), SRTP has it in the IV. */
  readonly protocol: 'rtp' | 'rtcp';
}

export interface CounterModeCipher {
  /**
   * XORs `source[from, to)` with the keystream whose first counter block is `iv` and writes it to `target` at
   * `targetFrom`. `source` and `target` may be the same memory at the same offsets. The low 16 bits of `iv` are
   * the block counter and start at zero, so at most 2^16 blocks are asked for (RFC 3711 §4.1.1).
   */
  apply(iv: Uint8Array, source: Uint8Array, from: number, to: number, target: Uint8Array, targetFrom: number): void;
  close(): void;
}

export interface BlockCipher {
  /** Encrypts the 16 octets of `block` to `out`; the two may be the same. */
  encrypt(block: Uint8Array, out: Uint8Array): void;
  close(): void;
}

export interface HmacSha1 {
  /** Writes the 20 octets of HMAC(`message[0, length)` ‖ `trailer`) to `digest`. */
  sign(message: Uint8Array, length: number, trailer: Uint8Array, digest: Uint8Array): void;
  close(): void;
}

/**
 * Encrypts and authenticates the packets of one protocol under one set of session keys. It knows nothing of indices
 * seen before: contexts decide what may pass, this only computes.
 *
 * A packet is `source[0, end)`; the part from `clear` on is encrypted. `index` is the 48-bit SRTP or 31-bit SRTCP index,
 * `trailer` the word that is authenticated behind the packet: the rollover counter, or the index word of SRTCP. A digest
 * has `digestLength` octets. `keystream` belongs to the SSRC of the packet, or is undefined.
 */
export interface PacketCipher {
  /** 20 for HMAC-SHA1, which contexts truncate; 16 for AES-GCM. */
  readonly digestLength: number;
  /** Writes the packet with its encrypted part to `target`, and the first `tagLength` octets of its digest at `tagAt`. */
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
  ): void;
  /** Writes the digest that the packet as received should have to `digest`; changes nothing, uses no keystream up. */
  digest(
    source: Uint8Array,
    clear: number,
    end: number,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
    digest: Uint8Array,
  ): void;
  /** Decrypts a packet to `target`, directly after its `digest` was computed from the same octets. */
  open(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void;
  /** Encrypts or decrypts without a digest: writes the packet to `target`. */
  crypt(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void;
  /** Keystream to be made ahead for one SSRC, where this provider does that. */
  createKeystream(ssrc: number): Keystream | undefined;
  close(): void;
}

/** Keystream made ahead of the packets of one SSRC. Each piece is used once and then cleared. */
export interface Keystream {
  /** Clears what is left; afterwards it gives nothing. */
  close(): void;
}

/** Packets that wait to be protected or opened together, each at a position from 0 to the capacity − 1. */
export interface PacketLanes {
  /** Whether the cipher is one of these lanes'. */
  accepts(cipher: PacketCipher): boolean;
  /** Stages a packet to be encrypted and authenticated. */
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
  ): void;
  /** Stages a packet whose digest is wanted. */
  addToOpen(
    position: number,
    cipher: PacketCipher,
    source: Uint8Array,
    clear: number,
    end: number,
    ssrc: number,
    index: number,
    trailer: number,
  ): void;
  /** Works on positions 0 to `count` − 1. */
  run(count: number): void;
  /** Copies the protected packet, and the first `tagLength` octets of its digest to `tagAt`. */
  read(position: number, target: Uint8Array, tagAt: number, tagLength: number): void;
  /** Copies a digest of 20 octets. */
  readDigest(position: number, digest: Uint8Array): void;
  /** Decrypts a packet whose digest was right, and copies it. */
  open(position: number, target: Uint8Array, keystream: Keystream | undefined, index: number): void;
  /** Forgets what was staged. Until then the keys of its ciphers stay, also when they are closed. */
  done(): void;
  close(): void;
}

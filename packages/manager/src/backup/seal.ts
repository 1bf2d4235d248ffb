/**
 * The file of a backup: a header, then chunks, each encrypted and authenticated.
 *
 *     header  = "TLBACKUP" version(1) log2N(1) r(1) p(1) salt(16) noncePrefix(7) keyCheck(16)
 *     secret  = scrypt(passphrase, salt, N, r, p), 32 octets                              (RFC 7914)
 *     key     = HKDF-SHA-256(secret, info "trustline backup encryption"), 32 octets       (RFC 5869)
 *     check   = HKDF-SHA-256(secret, info "trustline backup check"), 32 octets
 *     keyCheck = the first 16 octets of HMAC-SHA-256(check, the header before it)
 *     chunk   = AES-256-GCM(key, noncePrefix counter(4) isLast(1), aad header, up to 65,536 octets) with tag(16)
 *
 * That is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): no chunk can be altered, moved, left out
 * or cut off without being found, and none has to be kept until the end. The file's last chunk alone is marked as last.
 */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto';
import { ByteReader, ByteWriter } from '@trustline/base';
import { type BackupResult, fault } from './fault.ts';

const MAGIC = new TextEncoder().encode('TLBACKUP');
const VERSION = 1;
const CHUNK_LENGTH = 65_536;
const TAG_LENGTH = 16;
const KEY_CHECK_LENGTH = 16;
export const SALT_LENGTH = 16;
export const NONCE_PREFIX_LENGTH = 7;
/** Octets that scrypt makes of the passphrase. */
export const SECRET_LENGTH = 32;
export const HEADER_LENGTH = 12 + SALT_LENGTH + NONCE_PREFIX_LENGTH + KEY_CHECK_LENGTH;
const cipher: CipherGCMTypes = 'aes-256-gcm';

/** The cost of one guess at the passphrase (RFC 7914 §2). */
export interface ScryptCost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and some tenths of a second for a guess. */
export const usualCost: ScryptCost = { log2N: 17, r: 8, p: 1 };

/** What a header says in the clear. */
export interface BackupHeader {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly noncePrefix: Uint8Array;
  readonly keyCheck: Uint8Array;
  /** All of it, which every chunk is bound to. */
  readonly bytes: Uint8Array;
}

/**
 * Makes the header of a new backup.
 *
 * @param secret what scrypt made of the passphrase by this salt and cost
 */
export function makeHeader(
  secret: Uint8Array,
  cost: ScryptCost,
  salt: Uint8Array,
  noncePrefix: Uint8Array,
): BackupHeader {
  const { log2N, r, p } = cost;
  const open = new ByteWriter().bytes(MAGIC).u8(VERSION).u8(log2N).u8(r).u8(p).bytes(salt).bytes(noncePrefix).finish();
  const keyCheck = keyCheckOf(secret, open);
  return { cost, salt, noncePrefix, keyCheck, bytes: new ByteWriter().bytes(open).bytes(keyCheck).finish() };
}

/** Reads a header. Costs that nobody would choose are refused: a forged one must not eat the machine's memory. */
export function readHeader(bytes: Uint8Array): BackupResult<BackupHeader> {
  const begin = bytes.subarray(0, MAGIC.byteLength);
  if (begin.byteLength < MAGIC.byteLength || !begin.every((octet, index) => octet === MAGIC[index])) {
    return fault('not-a-backup', 0);
  }
  if (bytes.byteLength < HEADER_LENGTH) return fault('damaged', bytes.byteLength);
  const reader = new ByteReader(bytes.subarray(0, HEADER_LENGTH));
  reader.skip(MAGIC.byteLength);
  if (reader.u8() !== VERSION) return fault('newer', MAGIC.byteLength);
  const cost = { log2N: reader.u8(), r: reader.u8(), p: reader.u8() };
  if (cost.log2N < 10 || cost.log2N > 18 || cost.r !== 8 || cost.p !== 1) return fault('damaged', 9);
  const salt = reader.take(SALT_LENGTH).slice();
  const noncePrefix = reader.take(NONCE_PREFIX_LENGTH).slice();
  const keyCheck = reader.take(KEY_CHECK_LENGTH).slice();
  return { ok: true, value: { cost, salt, noncePrefix, keyCheck, bytes: bytes.slice(0, HEADER_LENGTH) } };
}

/** True when the secret is of the passphrase that the backup was made with. */
export function isRightSecret({ bytes, keyCheck }: BackupHeader, secret: Uint8Array): boolean {
  return timingSafeEqual(keyCheckOf(secret, bytes.subarray(0, HEADER_LENGTH - KEY_CHECK_LENGTH)), keyCheck);
}

/** Encrypts what is pushed, in chunks; the header stands before the first. */
export class Sealer {
  readonly #header: BackupHeader;
  readonly #key: Uint8Array;
  #waiting = new Uint8Array(0);
  #counter = 0;

  constructor(header: BackupHeader, secret: Uint8Array) {
    this.#header = header;
    this.#key = derive(secret, 'encryption');
  }

  push(plain: Uint8Array): readonly Uint8Array[] {
    this.#waiting = joined(this.#waiting, plain);
    const sealed: Uint8Array[] = [];
    // One that may be the last is kept back: only the end shows which it is.
    while (this.#waiting.byteLength > CHUNK_LENGTH) {
      sealed.push(this.#seal(this.#waiting.subarray(0, CHUNK_LENGTH), false));
      this.#waiting = this.#waiting.slice(CHUNK_LENGTH);
    }
    return sealed;
  }

  finish(): Uint8Array {
    return this.#seal(this.#waiting, true);
  }

  #seal(plain: Uint8Array, isLast: boolean): Uint8Array {
    const seal = createCipheriv(cipher, this.#key, nonce(this.#header, this.#counter, isLast));
    seal.setAAD(this.#header.bytes);
    this.#counter += 1;
    return joined(joined(seal.update(plain), seal.final()), seal.getAuthTag());
  }
}

/** Opens the chunks of a backup, given in pieces of any size; nothing comes out that was not authenticated. */
export class Opener {
  readonly #header: BackupHeader;
  readonly #key: Uint8Array;
  #waiting = new Uint8Array(0);
  #counter = 0;
  #offset = HEADER_LENGTH;

  constructor(header: BackupHeader, secret: Uint8Array) {
    this.#header = header;
    this.#key = derive(secret, 'encryption');
  }

  push(sealed: Uint8Array): BackupResult<readonly Uint8Array[]> {
    this.#waiting = joined(this.#waiting, sealed);
    const length = CHUNK_LENGTH + TAG_LENGTH;
    const opened: Uint8Array[] = [];
    while (this.#waiting.byteLength > length) {
      const plain = this.#open(this.#waiting.subarray(0, length), false);
      if (plain === undefined) return fault('damaged', this.#offset);
      opened.push(plain);
      this.#waiting = this.#waiting.slice(length);
      this.#offset += length;
    }
    return { ok: true, value: opened };
  }

  finish(): BackupResult<Uint8Array> {
    const plain = this.#open(this.#waiting, true);
    return plain === undefined ? fault('damaged', this.#offset) : { ok: true, value: plain };
  }

  #open(sealed: Uint8Array, isLast: boolean): Uint8Array | undefined {
    if (sealed.byteLength < TAG_LENGTH) return undefined;
    const end = sealed.byteLength - TAG_LENGTH;
    const open = createDecipheriv(cipher, this.#key, nonce(this.#header, this.#counter, isLast), {
      authTagLength: TAG_LENGTH,
    });
    open.setAAD(this.#header.bytes).setAuthTag(sealed.subarray(end));
    this.#counter += 1;
    try {
      return joined(open.update(sealed.subarray(0, end)), open.final());
    } catch {
      return undefined; // node:crypto throws for a wrong tag, and for nothing else here
    }
  }
}

function keyCheckOf(secret: Uint8Array, header: Uint8Array): Uint8Array {
  return createHmac('sha256', derive(secret, 'check')).update(header).digest().subarray(0, KEY_CHECK_LENGTH);
}

function derive(secret: Uint8Array, purpose: 'encryption' | 'check'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `trustline backup ${purpose}`, 32));
}

function nonce({ noncePrefix }: BackupHeader, counter: number, isLast: boolean): Uint8Array {
  return new ByteWriter()
    .bytes(noncePrefix)
    .u32(counter)
    .u8(isLast ? 1 : 0)
    .finish();
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.byteLength + second.byteLength);
  both.set(first);
  both.set(second, first.byteLength);
  return both;
}

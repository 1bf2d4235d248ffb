import type { PacketCipher, SrtpCryptoProvider } from './crypto-provider.ts';
import { SrtpError } from './error.ts';
import { equalInConstantTime, writeUint32 } from './octets.ts';
import { invalid, octetsOption } from './option-checks.ts';

/** What seals a state: AES-256-GCM. */
export interface SrtpSealing {
  /** 32 octets that only those know who may take the stream over. */
  readonly key: Uint8Array;
  /** 12 octets that were never used with this key before: random ones. */
  readonly nonce: Uint8Array;
}

const MAGIC = Uint8Array.from('TLSRTP01', (character) => character.charCodeAt(0));
const NONCE = 12;
const KEY = 32;
const TAG = 16;
/** Associated data of a piece: magic, nonce, number of the piece, how many there are. */
const HEADER = MAGIC.byteLength + NONCE + 8;
const PIECE = 32_768;

/**
 * Encrypts and authenticates `content`: magic ‖ nonce ‖ pieces, each with its tag, none of which can be moved or left out.
 * The key of the pieces is made from key and nonce, so that nonces that differ by a number do not meet.
 */
export function seal(crypto: SrtpCryptoProvider, sealing: SrtpSealing, content: Uint8Array): Uint8Array {
  checkLength('key', sealing.key, KEY);
  checkLength('nonce', sealing.nonce, NONCE);
  const pieces = Math.ceil(content.byteLength / PIECE);
  const sealed = new Uint8Array(MAGIC.byteLength + NONCE + content.byteLength + pieces * TAG);
  sealed.set(MAGIC);
  sealed.set(sealing.nonce, MAGIC.byteLength);
  const cipher = pieceCipher(crypto, sealing.key, sealing.nonce);
  const work = new Uint8Array(HEADER + PIECE + TAG);
  let at = MAGIC.byteLength + NONCE;
  for (let number = 0; number < pieces; number++) {
    const piece = content.subarray(number * PIECE, (number + 1) * PIECE);
    const end = HEADER + piece.byteLength;
    writeHeader(work, sealing.nonce, number, pieces);
    work.set(piece, HEADER);
    cipher.protect(work.subarray(0, end), HEADER, end, work, undefined, 0, number, 0, end, TAG);
    sealed.set(work.subarray(HEADER, end + TAG), at);
    at += piece.byteLength + TAG;
  }
  work.fill(0);
  cipher.close();
  return sealed;
}

/** @throws {SrtpError} srtp.bad-sealed-state */
export function unseal(crypto: SrtpCryptoProvider, key: Uint8Array, sealed: Uint8Array): Uint8Array {
  checkLength('key', key, KEY);
  const start = MAGIC.byteLength + NONCE;
  if (sealed.byteLength < start + TAG) throw badState('it is too short');
  if (!equalInConstantTime(sealed, 0, MAGIC, 0, MAGIC.byteLength)) throw badState('it does not begin as one');
  const nonce = sealed.slice(MAGIC.byteLength, start);
  const body = sealed.byteLength - start;
  const pieces = Math.ceil(body / (PIECE + TAG));
  const content = new Uint8Array(Math.max(0, body - pieces * TAG));
  const cipher = pieceCipher(crypto, key, nonce);
  const work = new Uint8Array(HEADER + PIECE);
  const tag = new Uint8Array(TAG);
  try {
    for (let number = 0; number < pieces; number++) {
      const from = start + number * (PIECE + TAG);
      const length = Math.min(PIECE, sealed.byteLength - from - TAG);
      if (length < 0) throw badState('it was cut');
      const end = HEADER + length;
      writeHeader(work, nonce, number, pieces);
      work.set(sealed.subarray(from, from + length), HEADER);
      cipher.digest(work.subarray(0, end), HEADER, end, undefined, 0, number, 0, tag);
      if (!equalInConstantTime(tag, 0, sealed, from + length, TAG)) {
        throw badState('it was altered, or sealed under another key');
      }
      cipher.open(work.subarray(0, end), HEADER, end, work, undefined, 0, number);
      content.set(work.subarray(HEADER, end), number * PIECE);
    }
    return content;
  } finally {
    work.fill(0);
    cipher.close();
  }
}

/** AES-256 in counter mode from the nonce on gives the key; the number of a piece is its IV. */
function pieceCipher(crypto: SrtpCryptoProvider, key: Uint8Array, nonce: Uint8Array): PacketCipher {
  const derivation = crypto.createCounterModeCipher(key);
  const iv = new Uint8Array(16);
  iv.set(nonce);
  const encryptionKey = new Uint8Array(KEY);
  derivation.apply(iv, encryptionKey, 0, KEY, encryptionKey, 0);
  derivation.close();
  const cipher = crypto.createGaloisPacketCipher({ encryptionKey, salt: new Uint8Array(NONCE), protocol: 'rtp' });
  encryptionKey.fill(0);
  return cipher;
}

export function badState(why: string): SrtpError {
  return new SrtpError('srtp.bad-sealed-state', `this is no sealed SRTP state that can be used: ${why}`);
}

function writeHeader(work: Uint8Array, nonce: Uint8Array, number: number, pieces: number): void {
  work.set(MAGIC);
  work.set(nonce, MAGIC.byteLength);
  writeUint32(work, HEADER - 8, number);
  writeUint32(work, HEADER - 4, pieces);
}

function checkLength(name: string, value: Uint8Array, expected: number): void {
  octetsOption(`sealing.${name}`, value);
  if (value.byteLength !== expected) {
    throw invalid(`sealing.${name}: ${expected} octets, not ${value.byteLength}`, 'NIST SP 800-38D §8.2');
  }
}

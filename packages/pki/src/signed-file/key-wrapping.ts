import { constants, createHash, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import { PkiError } from '../error.ts';

/** RFC 8017 §7.2.1: 00 02, at least eight octets that are not zero, 00, the message. */
const SMALLEST_FILLING = 8;
const FRAME = 3;

/**
 * Wraps a key to an RSA key by RSAES-PKCS1-v1_5 (RFC 8017 §7.2.1), the only wrapping that phones know.
 *
 * @throws {PkiError} pki.unsuited-recipient
 */
export function wrapKey(key: Uint8Array, recipient: KeyObject, random: (length: number) => Uint8Array): Uint8Array {
  const length = modulusLength(recipient);
  if (recipient.asymmetricKeyType !== 'rsa' || length < 128) {
    throw new PkiError('pki.unsuited-recipient', 'files are encrypted to RSA keys of 1024 bits or more only', {
      nextStep: 'Enrol the phone with an RSA key, or serve it its file unencrypted and without secrets.',
    });
  }
  const message = new Uint8Array(length);
  message[1] = 2;
  const filling = length - FRAME - key.byteLength;
  for (let written = 0; written < filling; ) {
    for (const octet of random(filling - written)) {
      if (octet === 0) continue;
      message[2 + written] = octet;
      written += 1;
    }
  }
  message.set(key, length - key.byteLength);
  try {
    return new Uint8Array(publicEncrypt({ key: recipient, padding: constants.RSA_NO_PADDING }, message));
  } finally {
    message.fill(0);
  }
}

/**
 * Unwraps a key of `length` octets. Whether the padding was right shows in nothing: a wrong one yields a key that only
 * this private key could have made up, so that whoever sends changed files learns the same from each of them
 * (Bleichenbacher's attack; the remedy is that of RFC 5246 §7.4.7.1). The octets are looked at without a branch.
 *
 * The padding is taken off here because Node.js refuses to: RSA_PKCS1_PADDING is barred from `privateDecrypt`
 * (CVE-2023-46809).
 *
 * @returns undefined when the blob is no number below the modulus, which anyone can tell without the key
 */
export function unwrapKey(wrapped: Uint8Array, privateKey: KeyObject, length: number): Uint8Array | undefined {
  const modulus = modulusLength(privateKey);
  if (wrapped.byteLength !== modulus || modulus < FRAME + SMALLEST_FILLING + length) return undefined;
  let message: Uint8Array;
  try {
    message = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, wrapped);
  } catch {
    return undefined;
  }
  const separator = modulus - length - 1;
  let wrong = (message[0] ?? 0) | ((message[1] ?? 0) ^ 2) | (message[separator] ?? 0);
  for (let at = 2; at < separator; at += 1) wrong |= isZero(message[at] ?? 0);
  const mask = -isZero(wrong) & 0xff; // 0xff for right padding, 0 for wrong
  const madeUp = createHash('sha256').update('made up in place of a key').update(message).digest();
  const key = Uint8Array.from(
    { length },
    (_, at) => ((message[separator + 1 + at] ?? 0) & mask) | ((madeUp[at] ?? 0) & ~mask & 0xff),
  );
  message.fill(0);
  madeUp.fill(0);
  return key;
}

/** 1 for 0, and 0 for all other octets, without a branch. */
function isZero(octet: number): number {
  return ((octet - 1) >> 8) & 1;
}

/** In octets; 0 for keys that have none. */
function modulusLength(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

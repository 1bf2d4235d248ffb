import { type CipherGCMTypes, createCipheriv, createDecipheriv } from 'node:crypto';
import { Redacted } from '@trustline/base';

/**
 * How an authentication string is stored while its enrolment is pending:
 *
 *     key    = 32 octets derived from the cluster's key for secrets, "authentication strings"
 *     sealed = base64(nonce(12) AES-256-GCM(key, nonce, aad device " " operation, digits) tag(16))
 *
 * A digest would do to compare it, and would be no safer: four digits are tried in no time. With the key elsewhere than
 * the store, no copy of the store, of its write-ahead log or of its free pages tells a string, used or not; with a
 * passphrase for key files neither does the whole folder.
 */
const cipher: CipherGCMTypes = 'aes-256-gcm';
const TAG_LENGTH = 16;
export const STRING_NONCE_LENGTH = 12;
export const STRING_KEY_LENGTH = 32;

/** The pending enrolment that a string is of: put into the row of another it does not open. */
export interface SealedFor {
  readonly device: string;
  readonly operation: string;
}

/** @param nonce random, and never used before */
export function sealString(
  key: Redacted<Uint8Array>,
  sealedFor: SealedFor,
  string: Redacted<string>,
  nonce: Uint8Array,
): string {
  const seal = createCipheriv(cipher, key.reveal(), nonce).setAAD(boundTo(sealedFor));
  const sealed = [nonce, seal.update(string.reveal(), 'utf8'), seal.final(), seal.getAuthTag()];
  return Buffer.concat(sealed).toString('base64');
}

/** Undefined when it was not sealed by this key and for this enrolment. */
export function openString(
  key: Redacted<Uint8Array>,
  sealedFor: SealedFor,
  sealed: string,
): Redacted<string> | undefined {
  const octets = Buffer.from(sealed, 'base64');
  const end = octets.byteLength - TAG_LENGTH;
  if (end < STRING_NONCE_LENGTH) return undefined;
  const open = createDecipheriv(cipher, key.reveal(), octets.subarray(0, STRING_NONCE_LENGTH), {
    authTagLength: TAG_LENGTH,
  });
  open.setAAD(boundTo(sealedFor)).setAuthTag(octets.subarray(end));
  try {
    return new Redacted(open.update(octets.subarray(STRING_NONCE_LENGTH, end), undefined, 'utf8') + open.final('utf8'));
  } catch {
    return undefined; // node:crypto throws for a wrong tag, and for nothing else here
  }
}

function boundTo({ device, operation }: SealedFor): Uint8Array {
  return new TextEncoder().encode(`${device} ${operation}`);
}

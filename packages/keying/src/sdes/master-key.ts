import { hash } from 'node:crypto';
import { Redacted, TrustlineError } from '@trustline/base';
import { type SdesSuiteName, sdesSuites } from './suites.ts';

const labelOctets = new TextEncoder().encode('Trustline master key fingerprint');
/** The shortest master key of any suite; longer keys that agree this far are no coincidence either. */
const FINGERPRINTED_OCTETS = 16;

/**
 * A new master key and salt, as long as the suite wants them (RFC 4568 §6.1: "MUST be unique and random").
 *
 * @throws {TrustlineError} keying.no-randomness when `random` returns the wrong length or nothing but zeros
 */
export function generateMasterKey(random: (length: number) => Uint8Array, suite: SdesSuiteName): Redacted<Uint8Array> {
  const { keyLength, saltLength } = sdesSuites[suite];
  const material = random(keyLength + saltLength);
  if (material.byteLength !== keyLength + saltLength || material.every((octet) => octet === 0)) {
    throw new TrustlineError('keying.no-randomness', 'the source of randomness gave no usable key');
  }
  // A Buffer would make every `slice` a view, and clearing such a copy would clear the key itself.
  const key = new Uint8Array(material);
  material.fill(0);
  return new Redacted(key);
}

/** Whether two fingerprints would be the same, without making them; it takes as long wherever the keys differ. */
export function isSameMasterKey(one: Redacted<Uint8Array>, other: Redacted<Uint8Array>): boolean {
  const [a, b] = [one.reveal(), other.reveal()];
  let difference = 0;
  for (let at = 0; at < FINGERPRINTED_OCTETS; at += 1) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return difference === 0;
}

/**
 * A value that tells whether two master keys are the same without keeping either: a SHA-256 over a label and the key, in
 * hexadecimal. The salt is left out, so the same key under another salt or suite is recognised too. Keys are random, so
 * the fingerprint cannot be searched backwards.
 */
export function keyFingerprint(material: Redacted<Uint8Array>): string {
  const octets = new Uint8Array(labelOctets.length + FINGERPRINTED_OCTETS);
  octets.set(labelOctets);
  octets.set(material.reveal().subarray(0, FINGERPRINTED_OCTETS), labelOctets.length);
  const fingerprint = hash('sha256', octets, 'hex');
  octets.fill(0);
  return fingerprint;
}

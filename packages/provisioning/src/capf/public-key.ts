import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CapfCurve, CapfKeyRequest } from './elements.ts';
import { describeKeyRequest } from './operation.ts';

const curveNames: Readonly<Record<CapfCurve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** The name by which OpenSSL knows a curve. */
export function opensslCurve(curve: CapfCurve): string {
  return curveNames[curve];
}

/**
 * Says why a key from the network (SubjectPublicKeyInfo, DER) is not what was asked for, or nothing. It must be
 * encoded in the one way that we would encode it: a certificate over other octets could mean another key to someone.
 */
export function problemOfPublicKey(spki: Uint8Array, wanted: CapfKeyRequest): string | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: spki as Buffer, format: 'der', type: 'spki' });
  } catch {
    return 'its public key cannot be read';
  }
  const canonical: Uint8Array = key.export({ format: 'der', type: 'spki' });
  const isSame = canonical.byteLength === spki.byteLength && canonical.every((octet, at) => octet === spki[at]);
  if (!isSame) return 'its public key is not encoded as DER';
  const { modulusLength, publicExponent, namedCurve } = key.asymmetricKeyDetails ?? {};
  const isAsked =
    wanted.type === 'RSA'
      ? key.asymmetricKeyType === 'rsa' && modulusLength === wanted.bits
      : key.asymmetricKeyType === 'ec' && namedCurve === curveNames[wanted.curve];
  if (!isAsked) {
    const made = namedCurve ?? `${key.asymmetricKeyType} of ${modulusLength ?? 'unknown'} bits`;
    return `it made a key of another kind (${made}) than asked for (${describeKeyRequest(wanted)})`;
  }
  // An even exponent or 1 encrypts nothing (RFC 8017 §3.1).
  const isExponentUsable = publicExponent === undefined || (publicExponent >= 3n && publicExponent % 2n === 1n);
  return isExponentUsable ? undefined : 'its public key has an exponent that protects nothing';
}

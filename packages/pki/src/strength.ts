import type { Certificate, CertificateKey } from './certificate.ts';

/** NIST SP 800-131A: RSA below 2048 bits is disallowed; 1024 only where a listener is `legacy`. */
const SMALLEST_RSA_BITS = 2048;
const SMALLEST_LEGACY_RSA_BITS = 1024;

/** Verifying with a larger key costs more than a stranger's handshake deserves. */
const LARGEST_RSA_BITS = 8192;

const acceptedCurves = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
]);

const acceptedHashes = new Set(['SHA-256', 'SHA-384', 'SHA-512', 'Ed25519', 'EdDSA']);

/** A curve for people, `P-256`; the name by which OpenSSL knows it where it has no other. */
export function curveName(curve: string): string {
  return acceptedCurves.get(curve) ?? curve;
}

/** A key for people: `RSA-2048`, `ECDSA P-256`. */
export function describeKey(key: CertificateKey): string {
  switch (key.kind) {
    case 'RSA':
      return `RSA-${key.bits}`;
    case 'EC':
      return `ECDSA ${curveName(key.curve)}`;
    case 'Ed25519':
      return 'Ed25519';
    case 'other':
      return key.name;
  }
}

/** Says why a key is too weak or unsuited to be believed, or nothing. */
export function weaknessOfKey(key: CertificateKey, legacy: boolean): string | undefined {
  const name = describeKey(key);
  switch (key.kind) {
    case 'RSA': {
      const smallest = legacy ? SMALLEST_LEGACY_RSA_BITS : SMALLEST_RSA_BITS;
      if (key.bits < smallest) return `${name} is below the smallest key accepted (RSA-${smallest})`;
      if (key.bits > LARGEST_RSA_BITS) return `${name} is above the largest key accepted (RSA-${LARGEST_RSA_BITS})`;
      return undefined;
    }
    case 'EC':
      return acceptedCurves.has(key.curve) ? undefined : `${name} is not an accepted curve (P-256, P-384, P-521)`;
    case 'Ed25519':
      return undefined;
    case 'other':
      return `keys of type ${name} are not accepted`;
  }
}

/** Says why a certificate's signature is too weak to be believed, or nothing. */
export function weaknessOfSignature({ signatureHash }: Certificate, legacy: boolean): string | undefined {
  if (acceptedHashes.has(signatureHash) || (legacy && signatureHash === 'SHA-1')) return undefined;
  return `signed with ${signatureHash}, which is no longer accepted`;
}

import {
  constants,
  createHash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';
import { type CapfCertificate, type CapfSha2Signature, capfHash } from './elements.ts';

/** What a phone shows to prove that it holds the key of a certificate. Both signatures are over the same data. */
export interface CapfProof {
  readonly certificate: CapfCertificate;
  /** SIGNED_DATA, by SHA-1. */
  readonly sha1Signature: Uint8Array | undefined;
  /** SHA2_SIGNED_DATA, by SHA-512. */
  readonly sha2Signature: CapfSha2Signature | undefined;
}

export type CapfProofResult =
  | { readonly proven: true; readonly hashes: readonly ('SHA-1' | 'SHA-512')[] }
  | { readonly proven: false; readonly reason: string };

/**
 * Signs as a phone does: over its name, a NUL and the certificate. An RSA signature is the bare hash in PKCS#1
 * type 1 padding, without a DigestInfo; an EC one is ordinary ECDSA.
 *
 * Nothing in the data is fresh: whoever records it once can show it again. See `Enrolments` for what that costs, and
 * `makeCapfSudi` for the proof that is.
 */
export function makeCapfProof(
  deviceName: string,
  certificate: CapfCertificate,
  privateKey: KeyObject,
): Required<CapfProof> {
  const data = signedData(deviceName, certificate);
  return {
    certificate,
    sha1Signature: signBare(data, 'sha1', privateKey),
    sha2Signature: { hash: capfHash['SHA-512'], signature: signBare(data, 'sha512', privateKey) },
  };
}

/**
 * Verifies every signature that is shown; one good one is not enough when another is bad. Phones of the SHA-1 era
 * show one, newer phones both. Says nothing of whether the certificate is to be believed.
 */
export function verifyCapfProof(deviceName: string, proof: CapfProof): CapfProofResult {
  const { certificate, sha1Signature, sha2Signature } = proof;
  let publicKey: KeyObject;
  try {
    publicKey = new X509Certificate(certificate.der).publicKey;
  } catch {
    return { proven: false, reason: 'the certificate that it shows cannot be read' };
  }
  const data = signedData(deviceName, certificate);
  const hashes: ('SHA-1' | 'SHA-512')[] = [];
  if (sha1Signature !== undefined) {
    if (!verifyBare(data, 'sha1', publicKey, sha1Signature))
      return { proven: false, reason: wrongSignature('SHA-1', 'for this device') };
    hashes.push('SHA-1');
  }
  if (sha2Signature !== undefined) {
    if (sha2Signature.hash !== capfHash['SHA-512']) {
      return {
        proven: false,
        reason: `its second signature names hash ${sha2Signature.hash}; only 3 (SHA-512) is known`,
      };
    }
    if (!verifyBare(data, 'sha512', publicKey, sha2Signature.signature)) {
      return { proven: false, reason: wrongSignature('SHA-512', 'for this device') };
    }
    hashes.push('SHA-512');
  }
  if (hashes.length === 0) return { proven: false, reason: 'it shows a certificate and no signature with its key' };
  return { proven: true, hashes };
}

/** @internal */
export function wrongSignature(hash: string, forWhat: string): string {
  return `its ${hash} signature was not made with the key of the certificate, or not ${forWhat}`;
}

function signedData(deviceName: string, { der }: CapfCertificate): Uint8Array {
  const name = new TextEncoder().encode(deviceName);
  const data = new Uint8Array(name.byteLength + 1 + der.byteLength);
  data.set(name);
  data.set(der, name.byteLength + 1);
  return data;
}

/** The bare hash in PKCS#1 type 1 padding, or ECDSA. @internal */
export function signBare(data: Uint8Array, hash: 'sha1' | 'sha512', key: KeyObject): Uint8Array {
  if (key.asymmetricKeyType === 'ec') return sign(hash, data, key);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, createHash(hash).update(data).digest());
}

/** @internal */
export function verifyBare(data: Uint8Array, hash: 'sha1' | 'sha512', key: KeyObject, signature: Uint8Array): boolean {
  try {
    if (key.asymmetricKeyType === 'ec') return verify(hash, data, key, signature);
    if (key.asymmetricKeyType !== 'rsa') return false;
    // Takes the type 1 padding off (RFC 8017 §9.2); whatever is left must be the hash and nothing else.
    const recovered = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    const expected = createHash(hash).update(data).digest();
    return recovered.byteLength === expected.byteLength && timingSafeEqual(recovered, expected);
  } catch {
    return false; // not of the key's length, or badly padded
  }
}

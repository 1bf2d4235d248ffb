import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { BitString, fromBER, Sequence } from 'asn1js';
import { PkiError } from './error.ts';
import { hex } from './hex.ts';
import { encodePem } from './pem.ts';

/** A request of an RSA-2048 key with every name there is takes some two kilobytes. */
const MAX_REQUEST_LENGTH = 16_384;

/**
 * By which signatures a request may prove its key, as the AlgorithmIdentifier that stands in it (RFC 8017 §A.2.4:
 * the parameters are NULL); SHA-1 proves nothing any more.
 */
const requestSignatures: Readonly<Record<string, string>> = {
  '300d06092a864886f70d01010b0500': 'sha256',
  '300d06092a864886f70d01010c0500': 'sha384',
  '300d06092a864886f70d01010d0500': 'sha512',
};

/**
 * Reads a certificate request (PKCS#10, RFC 2986 §4) for an RSA key. Only its key is taken: who asks says the rest,
 * and the profile decides. The request's own signature has been verified, so whoever made it holds the key.
 *
 * @throws {PkiError} pki.refused-request
 */
export function readCertificateRequest(der: Uint8Array): { readonly publicKey: KeyObject } {
  if (der.byteLength > MAX_REQUEST_LENGTH) throw refused(`is larger than ${MAX_REQUEST_LENGTH} octets`);
  const [info, algorithm, signature, ...more] = elementsOf(der);
  const isWhole = info instanceof Sequence && algorithm instanceof Sequence && signature instanceof BitString;
  if (!isWhole || more.length > 0) throw refused('is not a PKCS#10 request');
  const hash = requestSignatures[hex(algorithm.valueBeforeDecodeView)];
  if (hash === undefined) throw refused('is signed by an algorithm that is not taken');
  if (signature.valueBlock.unusedBits !== 0) throw refused('has a signature that is no whole number of octets');
  const publicKey = publicKeyOf(info);
  if (publicKey.asymmetricKeyType !== 'rsa') throw refused('is not for an RSA key');
  if (!verify(hash, info.valueBeforeDecodeView, publicKey, signature.valueBlock.valueHexView)) {
    throw refused('is not signed by its own key, so nothing shows that the key is held by who asks');
  }
  return { publicKey };
}

/**
 * The DER of a request in PEM (RFC 7468 §7).
 *
 * @throws {PkiError} pki.malformed-pem
 */
export function decodeCertificateRequestPem(pem: string): Uint8Array {
  const body = /-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----/.exec(pem)?.[1];
  try {
    if (body !== undefined) return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  } catch {
    // DOMException: not base64; said below
  }
  throw new PkiError('pki.malformed-pem', 'there is no certificate request in the PEM text', {
    nextStep: 'Give one block from BEGIN CERTIFICATE REQUEST to END CERTIFICATE REQUEST.',
  });
}

/** The elements of the one SEQUENCE that the octets are. */
function elementsOf(der: Uint8Array): readonly unknown[] {
  try {
    const { offset, result } = fromBER(Uint8Array.from(der));
    if (offset === der.byteLength && result instanceof Sequence) return result.valueBlock.value;
  } catch {
    // asn1js throws at some broken values, and answers -1 at others
  }
  throw refused('is not one DER structure');
}

/** CertificationRequestInfo: version, subject, subjectPKInfo, attributes. */
function publicKeyOf(info: Sequence): KeyObject {
  const spki = info.valueBlock.value[2];
  try {
    if (spki instanceof Sequence) {
      return createPublicKey(encodePem('PUBLIC KEY', spki.valueBeforeDecodeView));
    }
  } catch {
    // an unknown algorithm or a broken key; OpenSSL's own words say no more
  }
  throw refused('holds no public key that can be read');
}

function refused(problem: string): PkiError {
  return new PkiError('pki.refused-request', `the certificate request ${problem}`, {
    nextStep: 'Make the request again where the key is.',
  });
}

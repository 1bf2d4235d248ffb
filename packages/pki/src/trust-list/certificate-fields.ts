import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { type Name, X509Document } from '../x509-library.ts';
import type { SignerIdentity } from './types.ts';

/** The parts of a certificate that a trust list repeats beside it. */
export interface CertificateFields {
  readonly subject: string;
  readonly issuer: string;
  /** Minimal unsigned octets, lower-case hex. */
  readonly serialNumber: string;
  /** RSA: `RSAPublicKey` (PKCS#1 DER). EC: the uncompressed point (X9.62). */
  readonly publicKey: Uint8Array;
  /** The signature in the certificate, as its issuer made it. */
  readonly signature: Uint8Array;
}

/** Takes the parts out of a certificate.
 *
 * @throws {PkiError} pki.invalid-file-value for a key that lists cannot carry
 */
export function certificateFieldsOf(certificate: Certificate): CertificateFields {
  const document = new X509Document(Uint8Array.from(certificate.der));
  return {
    ...namesOf(document),
    serialNumber: certificate.serialNumber,
    publicKey: publicKeyOctets(certificate.publicKey),
    signature: new Uint8Array(document.signature),
  };
}

/** A server signs a file for every phone that boots with the one certificate, and reading that costs more than to sign. */
const knownSigners = new WeakMap<Certificate, SignerIdentity>();

/** A certificate as the signer of a file: what SIGNERID says of it. */
export function signerIdentityOf(certificate: Certificate): SignerIdentity {
  const known = knownSigners.get(certificate);
  if (known !== undefined) return known;
  const { subject, issuer } = namesOf(new X509Document(Uint8Array.from(certificate.der)));
  const identity: SignerIdentity = { name: subject, serialNumber: certificate.serialNumber, issuer };
  knownSigners.set(certificate, identity);
  return identity;
}

function namesOf(document: X509Document): { readonly subject: string; readonly issuer: string } {
  return { subject: listName(document.subjectName), issuer: listName(document.issuerName) };
}

/**
 * A name as CUCM writes it into lists, most specific part first: `CN=…;OU=…;O=…;L=…;ST=…;C=…`. TVS looks certificates
 * up by this text. Parts that could be misread stand in quotation marks, as in the lists of CUCM.
 */
function listName(name: Name): string {
  const parts = name.toJSON().map((relative) =>
    Object.entries(relative)
      .flatMap(([field, values]) => values.map((value) => `${field}=${quoted(value)}`))
      .join('+'),
  );
  return parts.reverse().join(';');
}

function quoted(value: string): string {
  const clean = value.replaceAll('\0', ' '); // NUL ends a text in a list
  return /[;"+]|^\s|\s$/.test(clean) ? `"${clean.replaceAll('"', '\\"')}"` : clean;
}

/** Serial numbers are compared as numbers: DER puts a zero before a high bit, lists do not. */
export function sameSerial(one: string, other: string): boolean {
  const number = (hex: string) => hex.replace(/^0+/, '');
  return number(one) === number(other);
}

/** A public key in the form that lists carry. */
export function publicKeyOctets(key: KeyObject): Uint8Array {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return new Uint8Array(key.export({ type: 'pkcs1', format: 'der' }));
    case 'ec': {
      const { x = '', y = '' } = key.export({ format: 'jwk' });
      return Uint8Array.of(4, ...decodeBase64Url(x), ...decodeBase64Url(y));
    }
    default:
      throw new PkiError('pki.invalid-file-value', `trust lists carry RSA and EC keys, not ${key.asymmetricKeyType}`, {
        nextStep: 'Use a certificate with an RSA key.',
      });
  }
}

function decodeBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

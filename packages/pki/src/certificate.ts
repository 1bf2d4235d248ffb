import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { describeName, fieldsOf } from './distinguished-name.ts';
import { PkiError } from './error.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Document,
} from './x509-library.ts';

/** The largest certificate that is read: the biggest in public use are a few kilobytes. */
export const MAX_CERTIFICATE_LENGTH = 65_536;

export type CertificateKey =
  | { readonly kind: 'RSA'; readonly bits: number }
  | { readonly kind: 'EC'; readonly curve: string }
  | { readonly kind: 'Ed25519' }
  | { readonly kind: 'other'; readonly name: string };

/** A name of the subject, from the subjectAltName extension (RFC 5280 §4.2.1.6). */
export interface SubjectName {
  readonly kind: 'dns' | 'ip' | 'uri' | 'email' | 'other';
  readonly value: string;
}

/**
 * An X.509 certificate (RFC 5280), read whole. Reading proves nothing: `judge.ts` decides what to believe.
 * Times are epoch milliseconds; serial number, fingerprint and key identifiers are lower-case hex.
 */
export interface Certificate {
  readonly der: Uint8Array;
  /** For people: `CN=…, OU=…, O=…`, most specific first. Compare `subjectHash`, never this. */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the encoded name: equal exactly when the names are equal, octet by octet. */
  readonly subjectHash: string;
  readonly issuerHash: string;
  readonly commonNames: readonly string[];
  readonly organizationalUnits: readonly string[];
  readonly subjectNames: readonly SubjectName[];
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: CertificateKey;
  readonly publicKey: KeyObject;
  /** Hash of the signature, `SHA-256`; for algorithms that name none (Ed25519), the algorithm itself. */
  readonly signatureHash: string;
  /** basicConstraints; absent means an end entity. */
  readonly authority: { readonly pathLength: number | undefined } | undefined;
  /** keyUsage, or undefined when the extension is absent, which permits all (RFC 5280 §4.2.1.3). */
  readonly keyUsage: readonly KeyUsageName[] | undefined;
  /** extKeyUsage as object identifiers, or undefined when absent, which permits all (RFC 5280 §4.2.1.12). */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectKeyIdentifier: string | undefined;
  readonly authorityKeyIdentifier: string | undefined;
  /** Critical extensions that nothing here understands: the certificate must then be refused (RFC 5280 §4.2). */
  readonly unknownCriticalExtensions: readonly string[];
  /** True when the key of `issuer` made this certificate's signature. Names are not looked at. */
  signedBy(issuer: Certificate): boolean;
}

export type KeyUsageName = Exclude<keyof typeof KeyUsageFlags, number>;

const keyUsageNames: readonly KeyUsageName[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

/** Processed here, or harmless without processing: policies constrain nothing when any policy is acceptable. */
const understoodExtensions = new Set([
  '2.5.29.14',
  '2.5.29.15',
  '2.5.29.17',
  '2.5.29.19',
  '2.5.29.32',
  '2.5.29.35',
  '2.5.29.37',
]);

/** Certificates whose reading is remembered: reading costs a millisecond, and devices come back with the same one. */
const MAX_REMEMBERED = 1024;

/** By SHA-256 of the DER, the longest unused first. Only what reading yields is kept, never what is believed. */
const remembered = new Map<string, Certificate>();

/**
 * Reads one DER certificate.
 *
 * @throws {PkiError} pki.malformed-certificate for anything that is not exactly one readable certificate
 */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.byteLength > MAX_CERTIFICATE_LENGTH) {
    throw new PkiError('pki.malformed-certificate', `a certificate of ${der.byteLength} octets is larger than any`);
  }
  const fingerprint = sha256(der);
  const certificate = remembered.get(fingerprint) ?? parseOrThrow(der, fingerprint);
  remembered.delete(fingerprint);
  remembered.set(fingerprint, certificate);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return certificate;
}

function parseOrThrow(der: Uint8Array, fingerprint: string): Certificate {
  try {
    return parse(Uint8Array.from(der), fingerprint);
  } catch (cause) {
    throw new PkiError('pki.malformed-certificate', 'the certificate cannot be read', { cause });
  }
}

function parse(der: Uint8Array, fingerprint: string): Certificate {
  const native = new X509Certificate(der);
  // OpenSSL ignores what follows the certificate; two readers that see different octets are one too many.
  if (native.raw.byteLength !== der.byteLength) throw new RangeError('octets follow the certificate');
  const notBefore = native.validFromDate.getTime();
  const notAfter = native.validToDate.getTime();
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) throw new RangeError('the dates cannot be read');
  const document = new X509Document(der);
  const extensions = document.extensions;
  const types = extensions.map(({ type }) => type);
  if (new Set(types).size !== types.length) throw new RangeError('an extension occurs twice'); // RFC 5280 §4.2
  const constraints = document.getExtension(BasicConstraintsExtension);
  const keyUsage = document.getExtension(KeyUsagesExtension);
  const names = document.getExtension(SubjectAlternativeNameExtension);
  const authorityKey = document.getExtension(AuthorityKeyIdentifierExtension);
  return {
    der,
    subject: describeName(document.subjectName),
    issuer: describeName(document.issuerName),
    subjectHash: sha256(new Uint8Array(document.subjectName.toArrayBuffer())),
    issuerHash: sha256(new Uint8Array(document.issuerName.toArrayBuffer())),
    commonNames: fieldsOf(document.subjectName, 'CN'),
    organizationalUnits: fieldsOf(document.subjectName, 'OU'),
    subjectNames: names?.names.items.map(({ type, value }) => ({ kind: nameKinds[type] ?? 'other', value })) ?? [],
    serialNumber: native.serialNumber.toLowerCase(),
    fingerprint,
    notBefore,
    notAfter,
    key: certificateKeyOf(native.publicKey),
    publicKey: native.publicKey,
    signatureHash: signatureHash(document.signatureAlgorithm as NamedAlgorithm),
    authority: constraints?.ca === true ? { pathLength: constraints.pathLength } : undefined,
    keyUsage: keyUsage === null ? undefined : keyUsageNames.filter((name) => keyUsage.usages & KeyUsageFlags[name]),
    extendedKeyUsage: document.getExtension(ExtendedKeyUsageExtension)?.usages.map(String),
    subjectKeyIdentifier: document.getExtension(SubjectKeyIdentifierExtension)?.keyId.toLowerCase(),
    authorityKeyIdentifier: authorityKey?.keyId?.toLowerCase(),
    unknownCriticalExtensions: extensions
      .filter(({ critical, type }) => critical && !understoodExtensions.has(type))
      .map(({ type }) => type),
    signedBy: (issuer) => verifies(native, issuer.publicKey),
  };
}

function verifies(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key);
  } catch {
    return false; // a key of another kind, or a signature algorithm that OpenSSL does not carry
  }
}

const nameKinds: Readonly<Record<string, SubjectName['kind']>> = { dns: 'dns', ip: 'ip', url: 'uri', email: 'email' };

/** The kind and size of a public or private key. */
export function certificateKeyOf(key: KeyObject): CertificateKey {
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return { kind: 'RSA', bits: key.asymmetricKeyDetails?.modulusLength ?? 0 };
    case 'ec':
      return { kind: 'EC', curve: key.asymmetricKeyDetails?.namedCurve ?? 'unnamed' };
    case 'ed25519':
      return { kind: 'Ed25519' };
    default:
      return { kind: 'other', name: key.asymmetricKeyType ?? 'unknown' };
  }
}

/** The library's own type leans on the DOM's `Algorithm`, which this project does not load. */
interface NamedAlgorithm {
  readonly name: string;
  readonly hash?: { readonly name: string };
}

function signatureHash(algorithm: NamedAlgorithm): string {
  return algorithm.hash?.name ?? algorithm.name;
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

import { createHash } from 'node:crypto';
import { Constructed, Integer, Null, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import { Certificate as CertificateDocument } from 'pkijs';
import type { Certificate } from '../certificate.ts';
import { AuthorityInfoAccessExtension, X509Document } from '../x509-library.ts';

export const ocspOid = {
  /** id-pkix-ocsp-nonce (RFC 6960 §4.4.1) */
  nonce: '1.3.6.1.5.5.7.48.1.2',
  /** id-pkix-ocsp-basic (§4.2.1) */
  basic: '1.3.6.1.5.5.7.48.1.1',
  /** id-kp-OCSPSigning (§4.2.2.2) */
  signing: '1.3.6.1.5.5.7.3.9',
  sha1: '1.3.14.3.2.26',
} as const;

/** RFC 9654 §2.1: a client's nonce has 32 octets. */
export const OCSP_NONCE_LENGTH = 32;

/** Which certificate is asked about; RFC 6960 §4.1.1 CertID with SHA-1, the one hash every responder knows (RFC 5019 §2.1.1). */
export interface OcspQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly nonce: Uint8Array;
}

/** The DER parts that identify the certificate: hash of the issuer's name, hash of its key, serial number. */
export interface OcspCertificateId {
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  readonly serialNumber: string;
}

export function ocspCertificateId({ certificate, issuer }: Omit<OcspQuestion, 'nonce'>): OcspCertificateId {
  const document = CertificateDocument.fromBER(Uint8Array.from(issuer.der));
  const name = new X509Document(Uint8Array.from(issuer.der)).subjectName.toArrayBuffer();
  const key = document.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  return {
    issuerNameHash: sha1(new Uint8Array(name)),
    issuerKeyHash: sha1(key),
    serialNumber: certificate.serialNumber,
  };
}

/** A request (RFC 6960 §4.1.1) for one certificate, with the nonce that ties the answer to it. */
export function buildOcspRequest(question: OcspQuestion): Uint8Array {
  const { issuerNameHash, issuerKeyHash, serialNumber } = ocspCertificateId(question);
  const id = sequence(
    sequence(new ObjectIdentifier({ value: ocspOid.sha1 }), new Null()),
    octets(issuerNameHash),
    octets(issuerKeyHash),
    new Integer({ valueHex: fromHex(serialNumber) }),
  );
  const nonce = new OctetString({ valueHex: Uint8Array.from(question.nonce) });
  const extension = sequence(
    new ObjectIdentifier({ value: ocspOid.nonce }),
    new OctetString({ valueHex: nonce.toBER() }),
  );
  const extensions = new Constructed({ idBlock: { tagClass: 3, tagNumber: 2 }, value: [sequence(extension)] });
  return new Uint8Array(sequence(sequence(sequence(sequence(id)), extensions)).toBER());
}

/** The HTTP addresses at which the issuer of a certificate answers about it (id-ad-ocsp, RFC 5280 §4.2.2.1). */
export function ocspRespondersOf({ der }: Certificate): readonly string[] {
  const access = new X509Document(Uint8Array.from(der)).getExtension(AuthorityInfoAccessExtension);
  return access?.ocsp.map(({ value }) => value).filter((url) => /^https?:\/\//i.test(url)) ?? [];
}

function sequence(...value: (Sequence | ObjectIdentifier | Null | OctetString | Integer | Constructed)[]) {
  return new Sequence({ value });
}

function octets(hex: string): OctetString {
  return new OctetString({ valueHex: fromHex(hex) });
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function sha1(data: Uint8Array): string {
  return createHash('sha1').update(data).digest('hex');
}

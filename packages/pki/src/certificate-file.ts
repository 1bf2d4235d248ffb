import { Constructed, fromBER, ObjectIdentifier, Sequence } from 'asn1js';
import { type Certificate, readCertificate } from './certificate.ts';
import { PkiError } from './error.ts';
import { decodeCertificatesPem } from './pem.ts';

/** A chain of a dozen certificates with long names fits many times over. */
export const MAX_CERTIFICATE_FILE_LENGTH = 262_144;

/** signedData (RFC 5652 §5.1). */
const SIGNED_DATA = '1.2.840.113549.1.7.2';

const pkcs7Block = /-----BEGIN (PKCS7|CMS)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;

/**
 * The certificates of a file as authorities hand them out: PEM with one or several, DER with one, or PKCS#7 (`.p7b`: a
 * SignedData without signers, RFC 5652 §5.1) in either. They come in the order of the file, which for PKCS#7 says nothing.
 *
 * @throws {PkiError} pki.malformed-certificate, pki.malformed-pem
 */
export function readCertificateFile(octets: Uint8Array): readonly Certificate[] {
  if (octets.byteLength > MAX_CERTIFICATE_FILE_LENGTH) {
    throw unreadable(`is larger than ${MAX_CERTIFICATE_FILE_LENGTH} octets`);
  }
  const text = new TextDecoder('latin1').decode(octets);
  const certificates = text.includes('-----BEGIN ') ? certificatesOfPem(text) : certificatesOfDer(octets);
  return certificates.map(readCertificate);
}

function certificatesOfPem(text: string): readonly Uint8Array[] {
  const body = pkcs7Block.exec(text)?.[2];
  if (body === undefined) return decodeCertificatesPem(text);
  try {
    return certificatesOfDer(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)));
  } catch (error) {
    if (error instanceof PkiError) throw error;
    throw unreadable('holds a PKCS#7 block that is no base64'); // DOMException
  }
}

function certificatesOfDer(der: Uint8Array): readonly Uint8Array[] {
  const [type, content, ...more] = elementsOf(der);
  if (!(type instanceof ObjectIdentifier)) return [der]; // one certificate: it says itself what is wrong with it
  if (type.valueBlock.toString() !== SIGNED_DATA || !(content instanceof Constructed) || more.length > 0) {
    throw unreadable('is CMS of a kind that carries no certificates');
  }
  // SignedData: version, digestAlgorithms, encapContentInfo, [0] certificates, [1] crls, signerInfos.
  const [signedData] = content.valueBlock.value;
  const fields = signedData instanceof Sequence ? signedData.valueBlock.value : [];
  const certificates = fields.find(
    (field) => field instanceof Constructed && field.idBlock.tagClass === 3 && field.idBlock.tagNumber === 0,
  );
  const found = certificates instanceof Constructed ? certificates.valueBlock.value : [];
  if (found.length === 0) throw unreadable('is PKCS#7 without certificates');
  return found.map((one) => Uint8Array.from(one.valueBeforeDecodeView));
}

function elementsOf(der: Uint8Array): readonly unknown[] {
  try {
    const { offset, result } = fromBER(Uint8Array.from(der));
    if (offset === der.byteLength && result instanceof Sequence) return result.valueBlock.value;
  } catch {
    // asn1js throws at some broken values, and answers -1 at others
  }
  throw unreadable('is neither PEM, nor DER, nor PKCS#7');
}

function unreadable(problem: string): PkiError {
  return new PkiError('pki.malformed-certificate', `the file ${problem}`, {
    nextStep: 'Have the authority export the certificate with its chain, as PEM or PKCS#7.',
  });
}

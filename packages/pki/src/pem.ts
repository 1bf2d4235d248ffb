import { PkiError } from './error.ts';

const certificateBlock = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** The most certificates one PEM text may hold: a whole public root bundle fits, a flood does not. */
const MAX_CERTIFICATES_IN_PEM = 500;

/** Writes one PEM block (RFC 7468): 64 columns, a final newline. */
export function encodePem(label: string, der: Uint8Array): string {
  let binary = '';
  for (const octet of der) binary += String.fromCharCode(octet);
  const base64 = btoa(binary);
  return `-----BEGIN ${label}-----\n${base64.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
}

/** Certificates as PEM, in the given order. */
export function encodeCertificatesPem(certificates: readonly { readonly der: Uint8Array }[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

/**
 * The DER of every certificate in a PEM text, in order; text between the blocks is ignored (RFC 7468 §2).
 *
 * @throws {PkiError} pki.malformed-pem when a block is broken, there is none, or there are too many
 */
export function decodeCertificatesPem(pem: string): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const [, body = ''] of pem.matchAll(certificateBlock)) {
    const der = decodeBase64(body);
    if (der === undefined) break; // counted as broken below
    found.push(der);
    if (found.length > MAX_CERTIFICATES_IN_PEM) {
      throw new PkiError('pki.malformed-pem', `more than ${MAX_CERTIFICATES_IN_PEM} certificates in one PEM text`);
    }
  }
  const begun = pem.split('-----BEGIN CERTIFICATE-----').length - 1;
  if (begun !== found.length) {
    throw new PkiError('pki.malformed-pem', `${begun - found.length} certificate block(s) of the PEM text are broken`, {
      nextStep: 'Export the certificate again; each block runs from BEGIN CERTIFICATE to END CERTIFICATE.',
    });
  }
  if (found.length === 0) {
    throw new PkiError('pki.malformed-pem', 'there is no certificate in the PEM text', {
      nextStep: 'Give a PEM file with BEGIN CERTIFICATE blocks; convert DER with `openssl x509 -inform der`.',
    });
  }
  return found;
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // DOMException: not base64
  }
}

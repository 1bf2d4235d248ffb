import { readFileSync } from 'node:fs';
import { decodeCertificateRequestPem, PkiError, readCertificateRequest } from '@trustline/pki';

/** A token's request, made once by OpenSSL; see vectors/README.md. */
const sample = decodeCertificateRequestPem(
  readFileSync(new URL('../vectors/token-request.pem', import.meta.url), 'utf8'),
);
const { publicKey } = readCertificateRequest(sample);

/** Whatever is asked for is read or refused, and a request that was changed never proves another key. */
export function fuzz(data: Uint8Array): void {
  read(data);
  read(Uint8Array.of(...sample.subarray(0, (data[0] ?? 0) * 4), ...data.subarray(1)));
  const changed = Uint8Array.from(sample);
  for (let at = 0; at + 2 < data.length; at += 3) {
    const position = ((data[at] ?? 0) * 256 + (data[at + 1] ?? 0)) % changed.length;
    changed[position] = (changed[position] ?? 0) ^ (data[at + 2] ?? 0);
  }
  const proven = read(changed);
  if (proven !== undefined && !proven.equals(publicKey)) throw new Error('a changed request proved another key');
  readText(String.fromCharCode(...data.subarray(0, 1000)));
}

function read(der: Uint8Array) {
  try {
    return readCertificateRequest(der).publicKey;
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return undefined;
  }
}

function readText(text: string): void {
  try {
    decodeCertificateRequestPem(`-----BEGIN CERTIFICATE REQUEST-----${text}-----END CERTIFICATE REQUEST-----`);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
  }
}

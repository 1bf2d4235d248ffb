import { readFileSync } from 'node:fs';
import {
  checkRevocationList,
  decodeCertificatesPem,
  PkiError,
  type RevocationList,
  readCertificate,
  readRevocationListFile,
} from '@trustline/pki';

const now = Date.UTC(2027, 0, 1);
const vector = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../vectors/revocation/${name}`, import.meta.url)));

/** A list, and the authority that made it, by OpenSSL; see vectors/README.md. */
const sample = vector('list.crl');
const [, authority = new Uint8Array()] = decodeCertificatesPem(new TextDecoder().decode(vector('chain.pem')));
const issuer = readCertificate(authority);
if (taken(sample) === undefined) throw new Error('the sample itself must be taken');

/** Whatever is offered is read or refused with a typed error, and nothing but the sample is taken. */
export function fuzz(data: Uint8Array): void {
  offer(data);
  offer(Uint8Array.of(0x30, ...data));
  const changed = Uint8Array.from(sample);
  for (let at = 0; at + 2 < data.length; at += 3) {
    const position = ((data[at] ?? 0) * 256 + (data[at + 1] ?? 0)) % changed.length;
    changed[position] = (changed[position] ?? 0) ^ (data[at + 2] ?? 0);
  }
  offer(changed);
}

function offer(octets: Uint8Array): void {
  const list = taken(octets);
  if (list !== undefined && Buffer.compare(list.der, sample) !== 0)
    throw new Error('taken, although it is not the sample');
}

function taken(octets: Uint8Array): RevocationList | undefined {
  try {
    const list = readRevocationListFile(octets);
    checkRevocationList(list, [issuer], [], now);
    return list;
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}

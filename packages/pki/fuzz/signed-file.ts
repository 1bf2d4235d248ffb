import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  decryptSignedFile,
  judgeOfferedFile,
  parseSignedFile,
  parseTrustList,
  serializeSignedFile,
} from '@trustline/pki';

const now = Date.UTC(2027, 0, 1);
const vector = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../vectors/trust-files/${name}`, import.meta.url)));
const list = parseTrustList(vector('CTLFile.tlv'));
if (!list.ok) throw new Error('the sample itself must be read');
const held = { ctl: list.list, itl: undefined };
const privateKey = createPrivateKey({
  key: Buffer.from(JSON.parse(Buffer.from(vector('SEP001122334455-lab-key.json')).toString('utf8')).der, 'base64'),
  format: 'der',
  type: 'pkcs8',
});
const requestedName = 'SEP001122334455.cnf.xml.enc.sgn';
const sample = vector(requestedName);

/**
 * What is read is written again octet for octet; whatever is offered is judged and, where it is encrypted, tried with
 * the key, never thrown over; and nothing but the sample is taken.
 */
export function fuzz(data: Uint8Array): void {
  judge(data);
  const changed = Uint8Array.from(sample);
  for (let at = 0; at + 2 < data.length; at += 3) {
    const position = ((data[at] ?? 0) * 256 + (data[at + 1] ?? 0)) % changed.length;
    changed[position] = (changed[position] ?? 0) ^ (data[at + 2] ?? 0);
  }
  judge(changed);
}

function judge(octets: Uint8Array): void {
  const isSample = Buffer.compare(octets, sample) === 0;
  if (judgeOfferedFile(held, { requestedName, octets }, { now, privateKey }).accepted && !isSample) {
    throw new Error('taken, although it is not the sample');
  }
  const read = parseSignedFile(octets);
  if (!read.ok) {
    if (read.offset > octets.byteLength) throw new Error('the fault lies beyond the end');
    return;
  }
  const written = serializeSignedFile(read.file);
  if (Buffer.compare(written, octets) !== 0) throw new Error('what was read is written as something else');
  decryptSignedFile(read.file, read.layout, privateKey);
}

import { readFileSync } from 'node:fs';
import {
  diffTrustLists,
  judgeOfferedList,
  nothingHeld,
  parseTrustList,
  serializeTrustList,
  verifyTrustList,
} from '@trustline/pki';

const now = Date.UTC(2027, 0, 1);
const sample = new Uint8Array(readFileSync(new URL('../vectors/trust-files/CTLFile.tlv', import.meta.url)));
const verifiedSample = verifyTrustList(sample);
if (!verifiedSample.ok) throw new Error('the sample itself must be believed');
const held = { ctl: verifiedSample.list, itl: undefined };

/**
 * What is read is written again octet for octet, and what is written is read as the same; whatever is offered is
 * judged, never thrown over; and nobody but the signer of the sample can make a list that its holder takes.
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
  const read = parseTrustList(octets);
  if (!read.ok) {
    if (read.offset > octets.byteLength) throw new Error('the fault lies beyond the end');
    return;
  }
  if (!equal(serializeTrustList(read.list), octets)) throw new Error('what was read is written as something else');
  diffTrustLists(verifiedSample.ok ? verifiedSample.list : undefined, read.list);
  judgeOfferedList(nothingHeld, { kind: 'CTL', requestedName: 'CTLFile.tlv', octets }, { now });
  const judged = judgeOfferedList(held, { kind: 'CTL', requestedName: 'CTLFile.tlv', octets }, { now });
  if (judged.accepted && !equal(octets, sample)) throw new Error('taken, although it is not the sample');
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

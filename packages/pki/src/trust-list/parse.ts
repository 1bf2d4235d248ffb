import { concatenate, readHeader, writeHeader } from './header.ts';
import { readRecord, writeRecord } from './record.ts';
import { breakRule, invalid, readOrReject } from './tlv.ts';
import type { FileReject, TrustList, TrustListLayout, TrustRecord } from './types.ts';

/** A phone keeps tens of records; the largest clusters have hundreds of certificates. */
export const MAX_TRUST_RECORDS = 1000;

export type ParsedTrustList =
  | { readonly ok: true; readonly list: TrustList; readonly layout: TrustListLayout }
  | FileReject;

/**
 * Reads a trust list (CTL or ITL). Whatever the octets are, nothing is thrown; nothing is believed either:
 * `verifyTrustList` says whether the list holds together, `judgeOfferedList` whether a phone takes it.
 */
export function parseTrustList(octets: Uint8Array): ParsedTrustList {
  return readOrReject(octets, () => {
    const { header, layout } = readHeader(octets);
    if (header.version.major !== 1) breakRule('version', 0, `a list of version ${header.version.major} is unknown`);
    if (header.encryption !== undefined) breakRule('encryption', 0, 'a trust list is never encrypted');
    const records: TrustRecord[] = [];
    const layouts: TrustListLayout['records'][number][] = [];
    for (let offset = layout.headerLength; offset < octets.byteLength; ) {
      if (records.length === MAX_TRUST_RECORDS) {
        breakRule('too-many-records', offset, `more than ${MAX_TRUST_RECORDS} records`);
      }
      const read = readRecord(octets, offset);
      records.push(read.record);
      layouts.push(read.layout);
      offset = read.end;
    }
    return { ok: true, list: { header, records }, layout: { ...layout, records: layouts } } as const;
  });
}

/**
 * The octets of a list: for one that was read, those it was read from.
 *
 * @throws {PkiError} pki.invalid-file-value for a value that no file can say
 */
export function serializeTrustList({ header, records }: TrustList): Uint8Array {
  if (records.length > MAX_TRUST_RECORDS) invalid(`a list has at most ${MAX_TRUST_RECORDS} records`);
  return concatenate(writeHeader(header), ...records.map(writeRecord));
}

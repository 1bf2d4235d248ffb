import { beforeAll, describe, expect, test } from 'vitest';
import { craft } from '../crafted-certificate.fixture.ts';
import { judgeOfferedList } from './acceptance.ts';
import { concatenate, signedOctets } from './header.ts';
import { nothingHeld } from './held.ts';
import { type Cast, listNow, makeCast, makeList, parsed, signWith, vector } from './lists.fixture.ts';
import { MAX_TRUST_RECORDS, parseTrustList, serializeTrustList } from './parse.ts';
import { MAX_FILE_LENGTH } from './tlv.ts';
import { fileRules } from './types.ts';
import { verifyTrustList } from './verify.ts';

const ctl = vector('CTLFile.tlv');
const itl = vector('ITLFile.tlv');
const now = Date.UTC(2027, 0, 1);

/** Offsets in the sample CTL, read from its octets by hand. */
const at = { headerLength: 5, signerId: 15, signatureInfo: 109, signature: 127, fileName: 386, record: 408 };
const serialInFirstRecord = at.record + 5 + 34 + 34;
const roleInFirstRecord = serialInFirstRecord + 23;
const certificateInFirstRecord = roleInFirstRecord + 5 + 273 + 259;

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

function changed(octets: Uint8Array, offset: number, ...values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy.set(values, offset);
  return copy;
}

/** Refused even by a phone that takes its first list blindly: by a rule, at an offset. */
function expectRefused(octets: Uint8Array): void {
  const judged = judgeOfferedList(nothingHeld, { kind: 'CTL', requestedName: 'CTLFile.tlv', octets }, { now });
  if (judged.accepted) throw new Error('taken');
  expect(judged.rule in fileRules).toBe(true);
  expect(judged.offset >= 0 && judged.offset <= octets.byteLength).toBe(true);
}

describe('a list that was tampered with is never taken', () => {
  test('truncated, at every offset', () => {
    for (let length = 0; length < ctl.byteLength; length += 1) expectRefused(ctl.subarray(0, length));
  });

  test('any one octet flipped: in the list of another implementation, every third', () => {
    for (let offset = 0; offset < ctl.byteLength; offset += 3) {
      expectRefused(changed(ctl, offset, (ctl[offset] ?? 0) ^ (offset % 2 === 0 ? 0xff : 0x01)));
    }
  });

  test('any one octet flipped: in a list of ours, each', async () => {
    const server = await craft({ commonName: 'node-1' });
    const list = await makeList('CTL', cast.token1, [
      {
        role: 'CCM+TFTP',
        dnsName: 'node-1',
        ipAddress: '192.0.2.1',
        certificate: server.certificate,
        withSignature: true,
      },
      { role: 'CCM+TFTP', dnsName: 'node-2', ipAddress: '192.0.2.2' },
    ]);
    const offered = { kind: 'CTL', requestedName: 'CTLFile.tlv' } as const;
    expect(judgeOfferedList(nothingHeld, { ...offered, octets: list }, { now }).accepted).toBe(true);
    for (let offset = 0; offset < list.byteLength; offset += 1) {
      expectRefused(changed(list, offset, (list[offset] ?? 0) ^ (offset % 2 === 0 ? 0xff : 0x01)));
    }
  });

  test('any one octet removed, or doubled', () => {
    for (let offset = 0; offset < ctl.byteLength; offset += 7) {
      expectRefused(concatenate(ctl.subarray(0, offset), ctl.subarray(offset + 1)));
      expectRefused(concatenate(ctl.subarray(0, offset + 1), ctl.subarray(offset)));
    }
  });

  test('with octets after its end', () => {
    for (const more of [[0], [13], [13, 13, 13, 13], [1, 0, 2, 0, 5]]) {
      expectRefused(concatenate(ctl, Uint8Array.from(more)));
    }
  });

  test('the header of one list before the records of another', () => {
    expectRefused(concatenate(ctl.subarray(0, at.record), itl.subarray(at.record)));
  });

  test('with its records in another order, or one left out, or one twice', () => {
    const list = parsed(ctl);
    const [one, two, three] = list.records;
    if (one === undefined || two === undefined || three === undefined) return expect.fail('three records');
    for (const records of [
      [two, one, three],
      [one, two],
      [one, two, three, three],
    ]) {
      expectRefused(serializeTrustList({ ...list, records }));
    }
    return undefined;
  });

  test('with a role that another record should have: wrong role', () => {
    const list = parsed(ctl);
    for (const role of [1, 2, 3, 4, 7, 21]) {
      const records = list.records.map((record, index) => (index === 0 ? { ...record, role } : record));
      expectRefused(serializeTrustList({ ...list, records }));
    }
  });
});

describe('each rule is named, with the offset at which it is broken', () => {
  const cases: readonly (readonly [string, () => Uint8Array, string, number])[] = [
    ['nothing at all', () => new Uint8Array(), 'version', 0],
    ['zeros', () => new Uint8Array(64), 'version', 0],
    ['text', () => new TextEncoder().encode('<html>404</html>'), 'version', 0],
    ['version 9.2', () => changed(ctl, 3, 9), 'version', 0],
    ['a header longer than the file', () => changed(ctl, 8, 0xff, 0xff), 'header-length', at.headerLength],
    ['a header shorter than its first fields', () => changed(ctl, 8, 0, 4), 'header-length', at.headerLength],
    ['a signer that ends past the header', () => changed(ctl, at.signerId + 1, 2, 0), 'short-input', at.signerId],
    ['a serial number that ends past the signer', () => changed(ctl, 87, 0, 0xff), 'short-input', 86],
    ['HEADERLENGTH a second time', () => insertedInHeader(10, [2, 0, 2, 1, 0x9d]), 'duplicate-tag', 10],
    ['the file name a second time', () => duplicatedHeaderField(at.fileName, 15), 'duplicate-tag', at.fileName + 15],
    ['SIGNATURE before SIGNATUREINFO', swappedSignature, 'tag-order', at.signatureInfo],
    ['padding in the middle of the header', () => insertedInHeader(at.signerId, [13]), 'padding', at.signerId + 1],
    ['an unknown digest', () => changed(ctl, at.signatureInfo + 6, 9), 'digest', at.signatureInfo + 3],
    ['an unknown signature algorithm', () => changed(ctl, at.signatureInfo + 13, 1), 'signature-algorithm', 119],
    ['a modulus of unknown size', () => changed(ctl, at.signatureInfo + 17, 9), 'signature-algorithm', 123],
    ['a signature that is not as long as its size says', () => changed(ctl, 126, 1), 'signature-algorithm', 127],
    ['a name without its NUL', () => changed(ctl, at.fileName + 14, 0x41), 'text', at.fileName],
    ['a name with a NUL inside', () => changed(ctl, at.fileName + 5, 0), 'text', at.fileName],
    ['a name that is not UTF-8', () => changed(ctl, at.fileName + 3, 0xff), 'text', at.fileName],
    ['a record that begins with another field', () => changed(ctl, at.record, 2), 'record-length', at.record],
    ['a record past the end', () => changed(ctl, at.record + 3, 0xff, 0xff), 'record-length', at.record],
    ['a record shorter than its own length field', () => changed(ctl, at.record + 3, 0, 4), 'record-length', at.record],
    [
      'a record that cuts its last field',
      () => changed(ctl, at.record + 4, 0xda),
      'short-input',
      certificateInFirstRecord,
    ],
    ['a role of three octets', roleOfThreeOctets, 'field-length', roleInFirstRecord],
    ['another serial number', () => changed(ctl, serialInFirstRecord + 3, 0), 'serial-mismatch', serialInFirstRecord],
    ['another public key', () => changed(ctl, serialInFirstRecord + 40, 0), 'key-mismatch', roleInFirstRecord + 5],
    [
      'a certificate that is none',
      () => changed(ctl, certificateInFirstRecord + 3, 0),
      'certificate-unreadable',
      certificateInFirstRecord,
    ],
    ['another serial number of the signer', () => changed(ctl, 90, 0), 'signer-missing', at.signerId],
    ['a changed signature', () => changed(ctl, at.signature + 40, 0), 'signature', at.signature],
    ['the wrong hash algorithm', () => changed(ctl, at.signatureInfo + 6, 3), 'signature', at.signature],
    ['another time', () => changed(ctl, 404, 0), 'signature', at.signature],
    ['another role of a server', () => changed(ctl, roleInFirstRecord + 4, 4), 'signer-missing', at.signerId],
    ['more octets than any list has', () => new Uint8Array(MAX_FILE_LENGTH + 1), 'too-large', MAX_FILE_LENGTH],
  ];
  test.each(cases)('%s', (_what, make, rule, offset) => {
    const octets = make();
    expectRefused(octets);
    const verified = verifyTrustList(octets);
    expect(verified.ok ? undefined : { rule: verified.rule, offset: verified.offset }).toEqual({ rule, offset });
  });

  test('10,000 records, although well signed', async () => {
    const marker = { role: 'CCM+TFTP', ipAddress: '192.0.2.1' } as const;
    const list = parsed(await makeList('CTL', cast.token1, [marker]));
    const [signer, record] = list.records;
    if (signer === undefined || record === undefined) return expect.fail('two records');
    const head = serializeTrustList({ ...list, records: [signer] });
    const whole = serializeTrustList(list);
    const one = whole.subarray(head.byteLength);
    const many = concatenate(head, ...Array.from({ length: 10_000 }, () => one));
    const signature = await signWith(cast.token1.privateKey)('SHA-1', signedOctets(many, layoutOf(whole)));
    const signed = changed(many, layoutOf(whole).signature.offset + 3, ...signature);
    const offset = head.byteLength + (MAX_TRUST_RECORDS - 1) * one.byteLength;
    expect(verifyTrustList(signed)).toMatchObject({ ok: false, rule: 'too-many-records', offset });
    const records = Array.from({ length: MAX_TRUST_RECORDS + 1 }, () => record);
    expect(() => serializeTrustList({ ...list, records })).toThrow(/at most/);
    return undefined;
  });

  test('known fields twice, wherever they stand', async () => {
    const list = parsed(await makeList('CTL', cast.token1, [], { timestamp: listNow }));
    const double = (tags: readonly number[], tag: number) => tags.flatMap((one) => (one === tag ? [one, one] : [one]));
    for (const tag of [1, 3, 7, 12, 14, 15]) {
      const octets = serializeTrustList({ ...list, header: { ...list.header, tags: double(list.header.tags, tag) } });
      expect(verifyTrustList(octets), `header field ${tag}`).toMatchObject({ ok: false, rule: expectedOfDouble(tag) });
    }
    for (const tag of [4, 5, 6]) {
      const signerTags = double(list.header.signerTags, tag);
      const octets = serializeTrustList({ ...list, header: { ...list.header, signerTags } });
      expect(verifyTrustList(octets), `signer field ${tag}`).toMatchObject({ ok: false, rule: 'duplicate-tag' });
    }
    for (const tag of [2, 3, 4, 5, 6, 7, 9]) {
      const records = list.records.map((record) => ({ ...record, tags: double(record.tags, tag) }));
      const octets = serializeTrustList({ ...list, records });
      expect(verifyTrustList(octets), `record field ${tag}`).toMatchObject({ ok: false, rule: 'duplicate-tag' });
    }
  });

  test('header fields in any other order', async () => {
    const list = parsed(await makeList('CTL', cast.token1, []));
    const { tags } = list.header;
    for (let first = 2; first < tags.length; first += 1) {
      for (let second = first + 1; second < tags.length; second += 1) {
        const swapped = tags.map((tag, index) =>
          index === first ? (tags[second] ?? 0) : index === second ? (tags[first] ?? 0) : tag,
        );
        const octets = serializeTrustList({ ...list, header: { ...list.header, tags: swapped } });
        expect(verifyTrustList(octets), swapped.join()).toMatchObject({ ok: false, rule: 'tag-order' });
      }
    }
  });

  test('SIGNATURE moved: the signature would still be right, for where it stands is not signed', async () => {
    const list = parsed(await makeList('CTL', cast.token1, []));
    const tags = [1, 2, 3, 7, 14, 12, 15];
    const octets = serializeTrustList({ ...list, header: { ...list.header, tags } });
    expect(signedOctets(octets, { ...layoutOf(serializeTrustList(list)), signature: movedSignature(octets) })).toEqual(
      signedOctets(serializeTrustList(list), layoutOf(serializeTrustList(list))),
    );
    expect(verifyTrustList(octets)).toMatchObject({ ok: false, rule: 'tag-order' });
  });
});

/** HEADERLENGTH must come second, so a second VERSION is met in its place. */
function expectedOfDouble(tag: number): string {
  return tag === 1 ? 'header-length' : 'duplicate-tag';
}

function movedSignature(octets: Uint8Array) {
  const fileName = octets.findIndex(
    (octet, index) => octet === 14 && octets[index + 3] === 0x43 && octets[index + 2] === 12,
  );
  return { offset: fileName + 15, length: 259 };
}

function layoutOf(octets: Uint8Array) {
  const read = parseTrustList(octets);
  if (!read.ok) throw new Error(read.message);
  return read.layout;
}

/** The header with octets put in, its length put right. */
function insertedInHeader(offset: number, octets: readonly number[]): Uint8Array {
  const longer = concatenate(ctl.subarray(0, offset), Uint8Array.from(octets), ctl.subarray(offset));
  const length = at.record + octets.length;
  return changed(longer, 8, length >> 8, length & 0xff);
}

function duplicatedHeaderField(offset: number, length: number): Uint8Array {
  return insertedInHeader(offset + length, [...ctl.subarray(offset, offset + length)]);
}

function roleOfThreeOctets(): Uint8Array {
  const longer = concatenate(
    ctl.subarray(0, roleInFirstRecord + 3),
    Uint8Array.of(0),
    ctl.subarray(roleInFirstRecord + 3),
  );
  return changed(changed(longer, roleInFirstRecord + 1, 0, 3), at.record + 3, 0x05, 0xdc);
}

function swappedSignature(): Uint8Array {
  const info = ctl.subarray(at.signatureInfo, at.signature);
  const signature = ctl.subarray(at.signature, at.fileName);
  return concatenate(ctl.subarray(0, at.signatureInfo), signature, info, ctl.subarray(at.fileName));
}

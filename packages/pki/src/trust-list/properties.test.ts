import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTrustList, serializeTrustList } from './parse.ts';
import type { SignedHeader, TrustList, TrustRecord } from './types.ts';
import { verifyTrustList } from './verify.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\0'));
const octets = (maxLength = 60) => fc.uint8Array({ maxLength });
const hex = octets(20).map((value) => Array.from(value, (octet) => octet.toString(16).padStart(2, '0')).join(''));
const byte = fc.integer({ min: 0, max: 255 });
const version = fc.record({ major: fc.constant(1), minor: byte });
const unknownTag = fc.integer({ min: 30, max: 255 });
const unknown = fc.array(fc.record({ tag: unknownTag, value: octets() }), { maxLength: 3 });

const recordFields = [2, 3, 5, 6, 7, 8, 9, 10, 11, 12] as const;

const record: fc.Arbitrary<TrustRecord> = fc
  .record({
    role: fc.integer({ min: 0, max: 65_535 }),
    dnsName: text,
    subject: text,
    issuer: text,
    serialNumber: hex,
    publicKey: octets(),
    signature: octets(),
    certificate: octets(),
    ipAddress: fc.ipV4(),
    certificateHash: octets(),
    hashAlgorithm: byte,
    unknown,
    present: fc.subarray([...recordFields]),
    seed: fc.array(fc.nat(), { minLength: 14, maxLength: 14 }),
  })
  .map(({ present, seed, ...fields }) => {
    const has = (tag: number) => present.some((one) => one === tag);
    const keep = <Value>(tag: number, value: Value) => (has(tag) ? value : undefined);
    const known = [4, ...present].map((tag, index) => ({ tag, order: seed[index] ?? 0 }));
    const order = known.sort((one, other) => one.order - other.order).map(({ tag }) => tag);
    return {
      role: fields.role,
      dnsName: keep(2, fields.dnsName),
      subject: keep(3, fields.subject),
      issuer: keep(5, fields.issuer),
      serialNumber: keep(6, fields.serialNumber),
      publicKey: keep(7, fields.publicKey),
      signature: keep(8, fields.signature),
      certificate: keep(9, fields.certificate),
      ipAddress: keep(10, fields.ipAddress),
      certificateHash: keep(11, fields.certificateHash),
      hashAlgorithm: keep(12, fields.hashAlgorithm),
      unknown: fields.unknown,
      tags: [...order, ...fields.unknown.map(({ tag }) => tag)],
    };
  });

const header: fc.Arbitrary<SignedHeader> = fc
  .record({
    version,
    signerVersion: fc.option(version, { nil: undefined }),
    signer: fc.record({ name: text, serialNumber: hex, issuer: text }),
    signerTags: fc.constantFrom([4, 5, 6], [4, 6, 5], [6, 5, 4]),
    digest: fc.constantFrom('SHA-1' as const, 'SHA-256' as const, 'SHA-512' as const),
    signature: fc
      .constantFrom(64, 128, 256, 512)
      .chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    fileName: text,
    timestamp: fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined }),
    unknown,
    padding: fc.integer({ min: 0, max: 8 }),
  })
  .map((fields) => ({
    ...fields,
    encryption: undefined,
    tags: [
      1,
      2,
      ...(fields.signerVersion === undefined ? [] : [28]),
      3,
      7,
      12,
      14,
      ...(fields.timestamp === undefined ? [] : [15]),
      ...fields.unknown.map(({ tag }) => tag),
    ],
  }));

const list: fc.Arbitrary<TrustList> = fc.record({ header, records: fc.array(record, { maxLength: 4 }) });

describe('trust lists', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(list, (value) => {
        const read = parseTrustList(serializeTrustList(value));
        expect(read.ok ? read.list : read).toEqual(value);
      }),
    );
  });

  test('encode(decode(octets)) = octets, where they can be decoded at all', () => {
    fc.assert(
      fc.property(list, fc.nat(), byte, (value, place, octet) => {
        const changed = serializeTrustList(value);
        changed[place % changed.length] = octet;
        const read = parseTrustList(changed);
        if (read.ok) expect(serializeTrustList(read.list)).toEqual(changed);
        else expect(read.offset).toBeLessThanOrEqual(changed.length);
      }),
    );
  });

  test('any octets give a typed answer, and are not verified', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (value) => {
        expect(verifyTrustList(value).ok).toBe(false);
      }),
    );
  });
});

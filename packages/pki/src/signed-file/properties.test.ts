import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vector } from '../trust-list/lists.fixture.ts';
import type { EncryptionInfo, SignedHeader } from '../trust-list/types.ts';
import { parseSignedFile, type SignedFile, serializeSignedFile } from './parse.ts';
import { verifySignedFile } from './verify.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\0'));
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hashLengths = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 } as const;
const digest = fc.constantFrom('SHA-1', 'SHA-256', 'SHA-512');

const encryption: fc.Arbitrary<EncryptionInfo> = digest.chain((hash) =>
  fc.record({
    initializationVector: octets(16),
    paddingLength: fc.integer({ min: 1, max: 16 }),
    wrappedKey: fc.constantFrom(128, 256, 512).chain(octets),
    hash: fc.constant(hash),
    plainHash: octets(hashLengths[hash]),
  }),
);

const file: fc.Arbitrary<SignedFile> = fc
  .record({
    signer: fc.record({ name: text, serialNumber: fc.constantFrom('', '00', '0102ff'), issuer: text }),
    digest,
    signature: fc.constantFrom(64, 128, 256, 512).chain(octets),
    fileName: text,
    timestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    encryption: fc.option(encryption, { nil: undefined }),
    padding: fc.nat(5),
    blocks: fc.integer({ min: 1, max: 4 }),
    octet: fc.nat(255),
  })
  .map(({ blocks, octet, ...fields }) => {
    const isEncrypted = fields.encryption !== undefined;
    const header: SignedHeader = {
      ...fields,
      version: { major: isEncrypted ? 2 : 1, minor: 0 },
      signerVersion: undefined,
      signerTags: [4, 6, 5],
      tags: [1, 2, 3, 7, 12, 14, 15, ...(isEncrypted ? [16, 26, 27] : [])],
      unknown: [],
    };
    return { header, payload: new Uint8Array(blocks * 16).fill(octet) };
  });

describe('signed files', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(file, (value) => {
        const read = parseSignedFile(serializeSignedFile(value));
        expect(read.ok ? read.file : read).toEqual(value);
      }),
    );
  });

  test('encode(decode(octets)) = octets, where they can be decoded at all', () => {
    const samples = ['SEP001122334455.cnf.xml.sgn', 'SEP001122334455.cnf.xml.enc.sgn'].map(vector);
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat(255), (sample, place, octet) => {
        const changed = Uint8Array.from(sample);
        changed[place % changed.length] = octet;
        const read = parseSignedFile(changed);
        if (read.ok) expect(serializeSignedFile(read.file)).toEqual(changed);
        else expect(read.offset).toBeLessThanOrEqual(changed.length);
      }),
      { numRuns: 500 },
    );
  });

  test('any octets give a typed answer, and are not verified', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (value) => {
        expect(verifySignedFile(value, [], '').ok).toBe(false);
      }),
    );
  });
});

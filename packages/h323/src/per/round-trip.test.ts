import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { revealed } from '../revealed.fixture.ts';
import { moduleTables, schema } from '../schema.ts';
import { ValueMaker } from '../value-maker.fixture.ts';
import { vectors } from '../vectors.fixture.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
const types = moduleTables.flatMap(({ module, types: all }) => Object.keys(all).map((type) => ({ module, type })));
const messages = [
  { module: 'H323-MESSAGES', type: 'H323-UserInformation' },
  { module: 'H323-MESSAGES', type: 'RasMessage' },
  { module: 'MULTIMEDIA-SYSTEM-CONTROL', type: 'MultimediaSystemControlMessage' },
  { module: 'MULTIMEDIA-SYSTEM-CONTROL', type: 'OpenLogicalChannel' },
  { module: 'H4501-Supplementary-ServiceAPDU-Structure', type: 'SupplementaryService' },
  { module: 'H235-SECURITY-MESSAGES', type: 'H235Key' },
  { module: 'H235-SRTP', type: 'SrtpKeys' },
];

describe('decode(encode(x)) is x, and encode(decode(encode(x))) is encode(x)', () => {
  const holds = (module: string, type: string, octets: Uint8Array) => {
    const value = new ValueMaker(octets).value(module, type);
    const codec = schema.codec(module, type);
    const written = codec.encode(value);
    const result = codec.decode(written);
    if (!result.ok) throw result.error;
    expect(revealed(result.value)).toEqual(revealed(value));
    expect(result.end).toBe(written.byteLength);
    expect(Buffer.compare(codec.encode(result.value), written)).toBe(0);
  };

  test.each(messages)('$type, grown from random octets', ({ module, type }) => {
    const numRuns = isFull ? 20_000 : 150;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => holds(module, type, octets)),
      { numRuns },
    );
  });

  test('every type of every module', () => {
    const numRuns = isFull ? 100 : 2;
    for (const { module, type } of types) {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 20, maxLength: 200 }), (octets) => holds(module, type, octets)),
        { numRuns },
      );
    }
  });
});

describe('what comes from the network is a value or a typed error with its place', () => {
  test.each(messages)('$type from random octets', ({ module, type }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => void readable(module, type, octets)),
      { numRuns: isFull ? 100_000 : 500 },
    );
  });

  test('every truncation of every vector', () => {
    let refused = 0;
    for (const { module, type, octets } of vectors) {
      for (let length = 0; length < octets.byteLength; length++) {
        if (!readable(module, type, octets.slice(0, length))) refused++;
      }
    }
    // What is cut within the padding of its last octet, or after a whole message, is whole.
    expect(refused / vectors.reduce((sum, { octets }) => sum + octets.byteLength, 0)).toBeGreaterThan(0.99);
  });

  test('every vector with any one octet changed', () => {
    const changes = isFull ? [1, 2, 4, 8, 16, 32, 64, 128, 255] : [1, 255];
    for (const { module, type, octets } of vectors) {
      for (const change of changes) {
        for (let at = 0; at < octets.byteLength; at++) {
          const changed = Uint8Array.from(octets);
          changed[at] = (octets[at] as number) ^ change;
          readable(module, type, changed);
        }
      }
    }
  });
});

/** False where it was refused. What is read can be written, and read again as the same. */
function readable(module: string, type: string, octets: Uint8Array): boolean {
  const codec = schema.codec(module, type);
  const result = codec.decode(octets);
  if (!result.ok) {
    const { code, offset = Number.POSITIVE_INFINITY } = result.error;
    if (!code.startsWith('h323.') || offset > octets.byteLength) throw new Error(`${code} at ${offset}`);
    return false;
  }
  const written = codec.encode(result.value);
  const again = codec.decode(written);
  if (!again.ok) throw again.error;
  if (Buffer.compare(codec.encode(again.value), written) !== 0) throw new Error('a second round changed it');
  return true;
}

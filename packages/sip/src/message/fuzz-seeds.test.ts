import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { fuzz as fuzzMessage } from '../../fuzz/message.ts';
import { fuzz as fuzzSdp } from '../../fuzz/sdp.ts';
import { fuzz as fuzzStream } from '../../fuzz/stream.ts';
import { invite, octets, session } from './samples.ts';

const folder = new URL('../../vectors/rfc4475/', import.meta.url);
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => new Uint8Array(readFileSync(new URL(name, folder))));

/** A sample with a few octets changed, taken out or put in. */
function mutated(sample: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(sample.length), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
  return fc.array(edit, { maxLength: 4 }).map((edits) => {
    let bytes = sample;
    for (const { at, remove, insert } of edits) {
      bytes = Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove)]);
    }
    return bytes;
  });
}

describe('fuzz targets hold', () => {
  test('for every torture message', () => {
    for (const vector of vectors) {
      fuzzMessage(vector);
      fuzzStream(vector);
    }
  });

  test('for an INVITE with a few octets changed', () => {
    fc.assert(fc.property(mutated(octets(invite)), fuzzMessage), { numRuns: 500 });
    fc.assert(fc.property(mutated(octets(`!${invite}${invite}`)), fuzzStream), { numRuns: 200 });
  });

  test('for a session description with a few octets changed', () => {
    fc.assert(fc.property(mutated(octets(session)), fuzzSdp), { numRuns: 500 });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fuzz } from '../../fuzz/export.ts';
import { at, chainOfLength, keys, otherKeys, sign } from './chain.fixture.ts';
import { ed25519Signer } from './entry.ts';
import { exportEntryLine, MAXIMUM_LINE_LENGTH, verifyExport } from './export.ts';
import { exportHeaderLine } from './export-header.ts';
import { createHead } from './head.ts';

const { entries, state } = chainOfLength(6);
const header = exportHeaderLine({ publicKey: keys.publicKey, node: 'node-1', at, sign });
const whole = header + entries.map(exportEntryLine).join('');
const octets = new TextEncoder().encode(whole);
const signOther = ed25519Signer(otherKeys.privateKey);
const head = createHead(state, { node: 'node-1', at, sign });

describe('an export', () => {
  test('verifies offline, in chunks cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), async (size) => {
        const chunks = [];
        for (let from = 0; from < octets.length; from += size) chunks.push(octets.subarray(from, from + size));
        const verdict = await verifyExport(chunks, { publicKey: keys.publicKey, head });
        expect(verdict).toMatchObject({ ok: true, count: entries.length, headerSigned: true });
      }),
      { numRuns: 30 },
    );
  });

  test('with any single octet altered does not hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: octets.length - 1 }), fc.integer({ min: 1, max: 255 }), async (index, mask) => {
        const altered = octets.slice();
        altered[index] = (altered[index] as number) ^ mask;
        const verdict = await verifyExport([altered], { head });
        expect(verdict).toMatchObject({ ok: false });
      }),
      { numRuns: 300 },
    );
  });

  test('with any single octet taken out or cut short does not hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: octets.length - 1 }), async (index) => {
        const without = [octets.subarray(0, index), octets.subarray(index + 1)];
        expect(await verifyExport(without, { head })).toMatchObject({ ok: false });
        expect(await verifyExport([octets.subarray(0, index)], { head })).toMatchObject({ ok: false });
      }),
      { numRuns: 100 },
    );
  });

  test('with anything after its last line does not hold, be it a part of a character', async () => {
    for (const rest of [[0x20], [0x0a], [0xc8], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0x80]]) {
      expect(await verifyExport([octets, Uint8Array.from(rest)])).toMatchObject({ ok: false, rule: 'malformed' });
    }
  });

  test('of another key than the one that is trusted is refused, though whole in itself', async () => {
    expect(await verifyExport([whole])).toMatchObject({ ok: true });
    expect(await verifyExport([whole], { publicKey: otherKeys.publicKey })).toMatchObject({ ok: false, rule: 'key' });
  });

  test.each([
    ['another node', header.replace('node-1', 'node-2')],
    ['another time', header.replace(at, '2027-11-23T18:42:00.000Z')],
    ['a further field', header.replace('{"at"', '{"added":1,"at"')],
    ['no signature', header.replace(/,"signature":"[0-9a-f]+"/, '')],
    [
      'the signature of another key',
      exportHeaderLine({ publicKey: keys.publicKey, node: 'node-1', at, sign: signOther }),
    ],
  ])('whose header has %s does not hold', async (_, altered) => {
    expect(await verifyExport([altered, whole.slice(header.length)])).toMatchObject({ ok: false, rule: 'header' });
  });

  test('of schema 1, without a signed header, still verifies, and its header counts as a claim', async () => {
    const old = header.replace(/,"signature":"[0-9a-f]+"/, '').replace('"schema":2', '"schema":1');
    const verdict = await verifyExport([old, whole.slice(header.length)], { head });
    expect(verdict).toMatchObject({ ok: true, count: entries.length, headerSigned: false });
    const mixed = header.replace('"schema":2', '"schema":1');
    expect(await verifyExport([mixed, whole.slice(header.length)])).toMatchObject({ ok: false });
  });

  test('names the entry whose line was spelt in a second way', async () => {
    const lines = whole.split('\n');
    lines[3] = (lines[3] as string).replace('{', '{"at":"forged",');
    const verdict = await verifyExport([lines.join('\n')]);
    expect(verdict).toMatchObject({ ok: false, index: 2, sequence: 3, rule: 'malformed' });
  });

  test('that is none is said to be none', async () => {
    for (const text of [
      '',
      '\n',
      '{}\n',
      'x'.repeat(MAXIMUM_LINE_LENGTH + 1),
      header.replace(/"publicKey":"\w/, '"publicKey":"~'),
    ]) {
      expect(await verifyExport([text])).toMatchObject({ ok: false, rule: 'malformed' });
    }
  });

  test('is read no further than a line that never ends', async () => {
    let read = 0;
    function* endless() {
      yield header;
      for (; read < 1000; read++) yield 'x'.repeat(65_536);
    }
    expect(await verifyExport(endless())).toMatchObject({ ok: false, sequence: 1, rule: 'malformed' });
    expect(read).toBeLessThan(20);
  });
});

test('the fuzz target holds for what it starts from and for damage to it', () => {
  const samples = corpus();
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat({ max: 255 }), (sample, place, value) => {
      fuzz(sample);
      fuzz(sample.with(place % sample.length, value));
      fuzz(sample.subarray(place % sample.length));
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeTpkt, TpktReader } from './frame-reader.ts';

function readAll(reader: TpktReader, chunks: readonly Uint8Array[]): string[] {
  const payloads: string[] = [];
  for (const chunk of chunks) {
    // The chunk is overwritten after it was read, as a socket may do.
    const copy = Uint8Array.from(chunk);
    reader.push(copy);
    for (let payload = reader.next(); payload !== undefined; payload = reader.next()) {
      payloads.push(Buffer.from(payload).toString('hex'));
    }
    copy.fill(0xee);
  }
  return payloads;
}

describe('RFC 1006 §6', () => {
  test('however the stream is cut, the payloads are the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 }),
        fc.array(fc.nat({ max: 4_000 }), { maxLength: 12 }),
        (payloads, cuts) => {
          const stream = Buffer.concat(payloads.map(encodeTpkt));
          const edges = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length];
          const reader = new TpktReader();
          const chunks = edges.slice(1).map((edge, i) => Uint8Array.from(stream.subarray(edges[i], edge)));
          expect(readAll(reader, chunks)).toEqual(payloads.map((payload) => Buffer.from(payload).toString('hex')));
          expect([reader.partial, reader.failure]).toEqual([false, undefined]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('4 octets are an empty one, 65,535 the longest', () => {
    const longest = new Uint8Array(65_531).fill(7);
    expect(Buffer.from(encodeTpkt(new Uint8Array(0))).toString('hex')).toBe('03000004');
    expect(Buffer.from(encodeTpkt(longest).subarray(0, 4)).toString('hex')).toBe('0300ffff');
    const octets = Buffer.concat([encodeTpkt(new Uint8Array(0)), encodeTpkt(longest)]);
    const payloads = readAll(
      new TpktReader(),
      [...octets].length > 0 ? [octets.subarray(0, 9), octets.subarray(9)] : [],
    );
    expect(payloads.map((payload) => payload.length / 2)).toEqual([0, 65_531]);
    expect(() => encodeTpkt(new Uint8Array(65_532))).toThrow(expect.objectContaining({ code: 'h323.not-encodable' }));
  });

  test.each([
    ['another version', '02000005ff'],
    ['a length shorter than the header', '03000003'],
    ['a length above the limit', '03000401'],
  ])('%s ends the stream', (_, octets) => {
    const reader = new TpktReader(1_024);
    expect(
      readAll(reader, [encodeTpkt(Uint8Array.of(1)), Buffer.from(octets, 'hex'), encodeTpkt(Uint8Array.of(2))]),
    ).toEqual(['01']);
    expect(reader.failure?.code).toBe('h323.frame-length');
    expect(reader.partial).toBe(false);
  });
});

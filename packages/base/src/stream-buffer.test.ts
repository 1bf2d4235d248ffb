import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamBuffer } from './stream-buffer.ts';

/** Messages of one octet of length and as many octets, read as a protocol would. */
function readAll(buffer: StreamBuffer, chunk: Uint8Array): number[][] {
  buffer.push(chunk);
  const read: number[][] = [];
  for (;;) {
    const length = buffer.held === 0 ? Number.POSITIVE_INFINITY : (buffer.bytes[buffer.start] ?? 0);
    if (buffer.held < 1 + length) break;
    read.push([...buffer.bytes.subarray(buffer.start + 1, buffer.start + 1 + length)]);
    buffer.start += 1 + length;
  }
  buffer.keep();
  return read;
}

test('a stream cut anywhere gives the same messages, and what was pushed may change afterwards', () => {
  const message = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      (messages, cuts) => {
        const stream = Uint8Array.from(messages.flatMap((one) => [one.length, ...one]));
        const buffer = new StreamBuffer();
        const read: number[][] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          const chunk = stream.slice(at, at + size);
          read.push(...readAll(buffer, chunk));
          chunk.fill(0xee);
          at += size;
        }
        expect(read).toEqual(messages.map((one) => [...one]));
        expect(buffer.held).toBe(0);
      },
    ),
  );
});

test('a whole message is read where it is, and what holds nothing keeps nothing', () => {
  const buffer = new StreamBuffer();
  const chunk = Uint8Array.of(1, 7);
  buffer.push(chunk);
  expect(buffer.bytes).toBe(chunk);
  buffer.start += 2;
  buffer.keep();
  expect(buffer.bytes.byteLength).toBe(0);
});

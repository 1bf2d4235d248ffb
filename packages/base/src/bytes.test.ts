import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { TrustlineError } from './error.ts';

describe('bytes', () => {
  test('what the writer writes the reader reads, whatever the order and the initial capacity', () => {
    const field = fc.oneof(
      fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
      fc.record({
        kind: fc.constantFrom('u16' as const, 'u16le' as const),
        value: fc.integer({ min: 0, max: 0xffff }),
      }),
      fc.record({ kind: fc.constantFrom('u32' as const, 'u32le' as const), value: fc.nat({ max: 0xffff_ffff }) }),
    );
    fc.assert(
      fc.property(fc.array(field), fc.integer({ min: 1, max: 16 }), (fields, capacity) => {
        const writer = new ByteWriter(capacity);
        for (const { kind, value } of fields) writer[kind](value);
        const reader = new ByteReader(writer.finish());
        for (const { kind, value } of fields) expect(reader[kind]()).toBe(value);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  test('a read past the end throws the typed error with the offset and never clamps', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3));
    reader.skip(2);
    for (const read of [() => reader.u16(), () => reader.u24(), () => reader.take(2), () => reader.take(-1)]) {
      expect(read).toThrow(expect.objectContaining({ code: 'base.short-input', offset: 2 }) as TrustlineError);
    }
    expect(reader.u8()).toBe(3);
  });

  test('a view into a larger buffer is read at its own offset', () => {
    const reader = new ByteReader(Uint8Array.of(9, 9, 0x12, 0x34, 0x56, 9).subarray(2, 5));
    expect(reader.u24()).toBe(0x123456);
  });

  test('a length written last stands at its place', () => {
    const writer = new ByteWriter(1).zeros(2).bytes(Uint8Array.of(7, 8));
    expect(writer.setU16(0, writer.length).finish()).toEqual(Uint8Array.of(0, 4, 7, 8));
  });
});

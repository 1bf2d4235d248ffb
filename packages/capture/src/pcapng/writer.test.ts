import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaptureItem, type CaptureTime, secretsTypes } from '../item.ts';
import { CaptureReader } from '../reader.ts';
import { ticksFromTime, timeFromTicks } from '../ticks.ts';
import {
  decryptionSecretsBlock,
  enhancedPacketBlock,
  interfaceDescriptionBlock,
  sectionHeaderBlock,
} from './writer.ts';

const time: fc.Arbitrary<CaptureTime> = fc.record({
  microseconds: fc.maxSafeNat(),
  nanoseconds: fc.nat({ max: 999 }),
});
const packet = fc.record(
  {
    interface: fc.nat({ max: 2 }),
    time,
    data: fc.uint8Array({ maxLength: 100 }),
    originalLength: fc.nat({ max: 2000 }),
    direction: fc.constantFrom('inbound' as const, 'outbound' as const),
    comment: fc.string({ unit: 'grapheme' }),
  },
  { requiredKeys: ['interface', 'time', 'data'] },
);

test('what is written is read back the same, in chunks of any size', () => {
  fc.assert(
    fc.property(fc.array(packet), fc.integer({ min: 1, max: 300 }), (written, size) => {
      const interfaces = ['lo', 'the phone', undefined].map((name, index) => ({
        linkType: index,
        snapLength: index,
        name,
      }));
      const blocks = [
        sectionHeaderBlock({ application: 'test', hardware: 'h', operatingSystem: 'o', comment: 'c' }),
        ...interfaces.map(({ name, ...fields }) =>
          interfaceDescriptionBlock(name === undefined ? fields : { ...fields, name }),
        ),
        ...written.map(enhancedPacketBlock),
      ];
      const bytes = Uint8Array.from(blocks.flatMap((block) => [...block]));
      const reader = new CaptureReader();
      const items: CaptureItem[] = [];
      for (let from = 0; from < bytes.length; from += size) {
        reader.push(bytes.subarray(from, from + size));
        for (let item = reader.next(); item !== undefined; item = reader.next()) items.push(item);
      }
      expect(reader.end()).toEqual({ kind: 'complete' });
      expect(items.slice(1, 4)).toEqual(interfaces.map((shown) => ({ kind: 'interface', interface: shown })));
      expect(items.slice(4)).toEqual(
        written.map((fields, index) => ({
          kind: 'packet',
          number: index + 1,
          interface: interfaces[fields.interface],
          time: fields.time,
          data: fields.data,
          originalLength: fields.originalLength ?? fields.data.length,
          direction: fields.direction,
          comment: fields.comment,
        })),
      );
    }),
  );
});

test('a moment survives the trip through ticks of nanoseconds', () => {
  fc.assert(
    fc.property(time, (moment) => {
      const { high, low } = ticksFromTime(moment);
      expect(timeFromTicks(high, low, { base: 10, exponent: 9 })).toEqual(moment);
    }),
  );
});

test('ticks of every resolution agree with exact arithmetic, and a moment beyond safe integers has no time', () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(u32, u32, fc.constantFrom<2 | 10>(2, 10), fc.nat({ max: 127 }), (high, low, base, exponent) => {
      const ticks = (BigInt(high) << 32n) + BigInt(low);
      const exact = (ticks * 10n ** 9n) / BigInt(base) ** BigInt(exponent);
      const read = timeFromTicks(high, low, { base, exponent });
      if (exact / 1000n > BigInt(Number.MAX_SAFE_INTEGER)) expect(read).toBeUndefined();
      else expect(read).toEqual({ microseconds: Number(exact / 1000n), nanoseconds: Number(exact % 1000n) });
    }),
  );
});

test('a packet that no reader would take is not written', () => {
  const data = new Uint8Array(17 * 1024 * 1024);
  expect(() => enhancedPacketBlock({ interface: 0, time: { microseconds: 0, nanoseconds: 0 }, data })).toThrow(
    expect.objectContaining({ code: 'capture.packet-too-large' }),
  );
});

test('secrets are read back as they were given, and those that claim more than there is are passed over', () => {
  const keyLog = new TextEncoder().encode('# a key log\n');
  const secrets = decryptionSecretsBlock(secretsTypes.tlsKeyLog, keyLog);
  const overlong = secrets.slice();
  overlong[12] = 0xff;
  const reader = new CaptureReader();
  for (const block of [sectionHeaderBlock(), secrets, overlong]) reader.push(block);
  const items: CaptureItem[] = [];
  for (let item = reader.next(); item !== undefined; item = reader.next()) items.push(item);
  expect(reader.end()).toEqual({ kind: 'complete' });
  expect(items[1]).toEqual({ kind: 'secrets', type: secretsTypes.tlsKeyLog, data: keyLog });
  expect(items[2]).toMatchObject({ kind: 'unknown-block', type: 10 });
});

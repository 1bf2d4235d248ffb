import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzz } from '../fuzz/reader.ts';
import { dissect } from './dissect/dissect.ts';
import { Dissection } from './dissect/dissection.ts';
import { decodeDatagram } from './frame/decode.ts';
import type { CapturedPacket, CaptureItem } from './item.ts';
import { enhancedPacketBlock, interfaceDescriptionBlock, sectionHeaderBlock } from './pcapng/writer.ts';
import { CaptureReader } from './reader.ts';

const vectors = new URL('../vectors/', import.meta.url);
const vector = (name: string) => new Uint8Array(readFileSync(new URL(name, vectors)));

describe('captures made by other programs', () => {
  test('dumpcap: two interfaces of two link types, IPv4 and IPv6, times to the nanosecond', () => {
    const { items, end } = readAll(vector('dumpcap-udp.pcapng'));
    expect(end).toEqual({ kind: 'complete' });
    expect(items.map((item) => item.kind)).toEqual([
      'section',
      'interface',
      'interface',
      'packet',
      'packet',
      'packet',
      'packet',
      'unknown-block',
      'unknown-block',
    ]);
    // As tshark 4.0.17 reads it.
    const seen = packets(items).map((packet) => {
      const frame = decodeDatagram(packet.interface.linkType, packet.data);
      if (frame === undefined) return frame;
      const { source, destination } = frame;
      return [packet.interface.name, packet.time, source, destination.port, new TextDecoder().decode(frame.payload)];
    });
    const [first, second] = [
      { microseconds: 1795460786886082, nanoseconds: 264 },
      { microseconds: 1795460786886171, nanoseconds: 713 },
    ];
    expect(seen).toEqual([
      ['lo', first, { address: '127.0.0.1', port: 40002 }, 40001, 'to 127.0.0.1'],
      ['lo', second, { address: '::1', port: 40003 }, 40001, 'to ::1'],
      ['any', first, { address: '127.0.0.1', port: 40002 }, 40001, 'to 127.0.0.1'],
      ['any', second, { address: '::1', port: 40003 }, 40001, 'to ::1'],
    ]);
  });

  // Counted by tshark 4.0.17.
  test.each([
    ['opal-dtmf-rfc2833.pcap', 88, 40],
    ['h323-over-ipsec-inner-tun.pcap', 35, 0],
    ['asterisk-busy-releasecomplete.pcap', 10, 0],
    ['dumpcap-udp.pcapng', 4, 4],
  ])('%s has %i packets, %i of them UDP', (name, count, udpCount) => {
    const { items, end } = readAll(vector(name));
    const frames = packets(items).map(({ interface: { linkType }, data }) => {
      const dissection = new Dissection();
      dissect(linkType, data, dissection);
      return dissection.kind;
    });
    expect(end.kind).toBe('complete');
    expect(frames).toHaveLength(count);
    expect(frames.filter((kind) => kind === 'udp')).toHaveLength(udpCount);
    expect(new Set(frames)).not.toContain('cut');
  });

  test('the time and lengths of a pcap record', () => {
    const last = packets(readAll(vector('h323-over-ipsec-inner-tun.pcap')).items).at(-1);
    expect(last).toMatchObject({
      number: 35,
      time: { microseconds: 1795446493020699, nanoseconds: 0 },
      originalLength: 52,
      interface: { linkType: 101 },
    });
    expect(last?.data).toHaveLength(52);
  });
});

test.each(['dumpcap-udp.pcapng', 'opal-dtmf-rfc2833.pcap'])(
  'packets at hand say what others do, all by one object, and stand where a frame is taken apart as by itself (%s)',
  (name) => {
    const reader = new CaptureReader();
    reader.push(vector(name));
    const all = packets(readAll(vector(name)).items);
    const objects = new Set<object>();
    const [here, alone] = [new Dissection(), new Dissection()];
    let at = 0;
    for (let item = reader.nextAtHand(); item !== undefined; item = reader.nextAtHand()) {
      if (item.kind !== 'packet') continue;
      objects.add(item);
      const { linkType } = item.interface;
      expect(item.kept()).toEqual(all[at++]);
      dissect(linkType, item.bytes, here, item.from, item.to);
      dissect(linkType, item.data, alone);
      expect([here.kind, here.sourcePort, here.payload]).toEqual([alone.kind, alone.sourcePort, alone.payload]);
    }
    expect(at).toBe(all.length);
    expect(objects.size).toBe(1);
  },
);

describe('a file cut anywhere', () => {
  test.each(readdirSync(vectors).filter((name) => /pcap/.test(name)))('%s is read to its last whole packet', (name) => {
    const whole = vector(name);
    const all = readAll(whole).items;
    let longest = 0;
    for (let length = 4; length < whole.length; length += 1 + Math.floor(whole.length / 2000)) {
      const { items, end } = readAll(whole.subarray(0, length));
      expect(items).toEqual(all.slice(0, items.length));
      expect(items.length).toBeGreaterThanOrEqual(longest);
      expect(end.kind).not.toBe('malformed');
      longest = items.length;
    }
    expect(longest).toBeGreaterThanOrEqual(all.length - 2);
  });

  test('that is no capture is said to be none', () => {
    expect(readAll(new Uint8Array()).end).toMatchObject({ kind: 'malformed', offset: 0 });
    expect(readAll(new TextEncoder().encode('<html>')).end).toMatchObject({ kind: 'malformed', offset: 0 });
  });
});

describe('what other writers may do', () => {
  const data = Uint8Array.of(1, 2, 3, 4, 5);

  test('big-endian and nanosecond pcap', () => {
    for (const littleEndian of [false, true]) {
      const bytes = new Uint8Array(24 + 16 + 5);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, 0xa1b23c4d, littleEndian);
      view.setUint16(4, 2, littleEndian);
      view.setUint32(20, 1, littleEndian);
      for (const [index, value] of [1_700_000_000, 123_456_789, 5, 1500].entries()) {
        view.setUint32(24 + 4 * index, value, littleEndian);
      }
      bytes.set(data, 40);
      expect(packets(readAll(bytes).items)).toMatchObject([
        { time: { microseconds: 1_700_000_000_123_456, nanoseconds: 789 }, data, originalLength: 1500 },
      ]);
    }
  });

  test('big-endian pcapng with an offset of time, a resolution of 2^-10 s, a simple and an obsolete packet', () => {
    const bytes = [
      block(0x0a0d0d0a, [0x1a2b3c4d, 0x0001_0000, 0xffffffff, 0xffffffff]),
      // if_tsresol 0x8a, if_tsoffset 100 s, end of options.
      block(1, [0x0001_0000, 4, 0x0009_0001, 0x8a00_0000, 0x000e_0008, 0, 100, 0]),
      block(6, [0, 0, 1536, 4, 4, 0x01020304]),
      block(2, [0, 0, 1024, 4, 9, 0x05060708]),
      block(3, [60, 0x0a0b0c0d]),
    ];
    expect(packets(readAll(Uint8Array.from(bytes.flat())).items)).toMatchObject([
      { number: 1, time: { microseconds: 101_500_000, nanoseconds: 0 }, data: Uint8Array.of(1, 2, 3, 4) },
      { number: 2, time: { microseconds: 101_000_000, nanoseconds: 0 }, originalLength: 9 },
      { number: 3, time: undefined, data: Uint8Array.of(10, 11, 12, 13), originalLength: 60 },
    ]);
  });

  test('another section forgets the interfaces of the one before', () => {
    const [section, description] = [sectionHeaderBlock(), interfaceDescriptionBlock({ linkType: 1 })];
    const packet = enhancedPacketBlock({ interface: 0, time: { microseconds: 1, nanoseconds: 0 }, data });
    expect(readAll(join([section, description, packet, section, description, packet])).end.kind).toBe('complete');
    const { items, end } = readAll(join([section, description, packet, section, packet]));
    expect(packets(items)).toHaveLength(1);
    expect(end).toMatchObject({ kind: 'malformed', offset: 2 * section.length + description.length + packet.length });
  });

  test('sections of either byte order follow each other, with blocks between them that nobody knows', () => {
    const little = join([
      sectionHeaderBlock(),
      interfaceDescriptionBlock({ linkType: 101 }),
      enhancedPacketBlock({ interface: 0, time: { microseconds: 7, nanoseconds: 0 }, data, originalLength: 1_500 }),
    ]);
    const big = Uint8Array.from(
      [
        block(0x0a0d0d0a, [0x1a2b3c4d, 0x0001_0000, 0xffffffff, 0xffffffff]),
        block(0x0bad, [1, 2, 3]),
        block(0x8000_0bad, []),
        block(1, [0x0001_0000, 0]),
        block(6, [0, 0, 9, 4, 60, 0x01020304]),
      ].flat(),
    );
    const { items, end } = readAll(join([little, big, little]));
    expect(end).toEqual({ kind: 'complete' });
    expect(
      packets(items).map(({ number, interface: { linkType }, time, originalLength }) => [
        number,
        linkType,
        time?.microseconds,
        originalLength,
      ]),
    ).toEqual([
      [1, 101, 7, 1_500],
      [2, 1, 9, 60],
      [3, 101, 7, 1_500],
    ]);
    expect(items.flatMap((item) => (item.kind === 'unknown-block' ? [item.type] : []))).toEqual([0x0bad, 0x8000_0bad]);
  });

  test('as many interfaces as there may be, the last of which is used; of long names the beginning is kept', () => {
    const description = interfaceDescriptionBlock({ linkType: 1, name: 'n'.repeat(300) });
    const packet = enhancedPacketBlock({ interface: 65_534, time: { microseconds: 1, nanoseconds: 0 }, data });
    const reader = new CaptureReader();
    reader.push(sectionHeaderBlock());
    for (let count = 0; count < 65_536; count++) reader.push(description);
    reader.push(packet);
    reader.push(description);
    let last: CapturedPacket | undefined;
    for (let item = reader.next(); item !== undefined; item = reader.next()) if (item.kind === 'packet') last = item;
    expect(last?.interface.name).toBe('n'.repeat(256));
    expect(reader.end()).toMatchObject({ kind: 'malformed', sentence: expect.stringMatching(/out of place/) });
  });

  test('absurd lengths are refused without waiting for the octets', () => {
    const section = sectionHeaderBlock();
    for (const length of [0, 8, 13, 0x7fff_fffc, 0xffff_fffc]) {
      const bytes = join([section, new Uint8Array(12)]);
      new DataView(bytes.buffer).setUint32(section.length + 4, length, true);
      expect(readAll(bytes).end).toMatchObject({ kind: 'malformed', offset: section.length });
    }
  });
});

test('the fuzz target holds for any octets, and for real captures with octets turned over', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => fuzz(bytes)));
  const captures = ['dumpcap-udp.pcapng', 'asterisk-busy-releasecomplete.pcap'].map(vector);
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...captures), flips, (capture, changes) => {
      const damaged = capture.slice();
      for (const [at, value] of changes) damaged[at % damaged.length] = value;
      fuzz(damaged);
    }),
    { numRuns: 500 },
  );
});

function readAll(bytes: Uint8Array) {
  const reader = new CaptureReader();
  const items: CaptureItem[] = [];
  for (let from = 0; from < bytes.length; from += 997) {
    reader.push(bytes.subarray(from, from + 997));
    for (let item = reader.next(); item !== undefined; item = reader.next()) items.push(item);
  }
  return { items, end: reader.end() };
}

function packets(items: readonly CaptureItem[]): CapturedPacket[] {
  return items.filter((item) => item.kind === 'packet');
}

/** A big-endian block of 32-bit words. */
function block(type: number, words: readonly number[]): number[] {
  const length = 12 + 4 * words.length;
  return [type, length, ...words, length].flatMap((word) =>
    [word >>> 24, word >>> 16, word >>> 8, word].map((w) => w & 255),
  );
}

function join(blocks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(blocks.flatMap((octets) => [...octets]));
}

test('of a packet a copy is kept by slice, and not the chunk it came in, where chunks are Buffers', () => {
  const { items } = readAll(Buffer.from(vector('dumpcap-udp.pcapng')));
  expect(packets(items)).toHaveLength(4);
  for (const { data } of packets(items)) expect(data.slice().buffer).not.toBe(data.buffer);
});

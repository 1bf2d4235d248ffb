import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { enhancedPacketBlock, interfaceDescriptionBlock, linkTypes, sectionHeaderBlock } from '../index.ts';
import { captureSources, readCaptureSource } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'capture-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Packets, a second apart, of one octet each: their number. */
function capture(numbers: readonly number[]): Uint8Array {
  const packets = numbers.map((number) =>
    enhancedPacketBlock({
      interface: 0,
      time: { microseconds: 1e6 * number, nanoseconds: 0 },
      data: Uint8Array.of(number),
    }),
  );
  return Buffer.concat([sectionHeaderBlock(), interfaceDescriptionBlock({ linkType: linkTypes.ethernet }), ...packets]);
}

/** The same as pcap, most significant octet first. */
function pcap(numbers: readonly number[]): Uint8Array {
  const words = (...values: readonly number[]) => {
    const octets = Buffer.alloc(4 * values.length);
    for (const [at, value] of values.entries()) octets.writeUInt32BE(value, 4 * at);
    return octets;
  };
  const records = numbers.map((number) => Buffer.concat([words(number, 0, 1, 1), Uint8Array.of(number)]));
  return Buffer.concat([words(0xa1b2_c3d4, 0x0002_0004, 0, 0, 65_535, 1), ...records]);
}

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function readAll(path: string, standardInput?: Readable) {
  const packets: number[] = [];
  const summaries = [];
  for (const source of await captureSources(path, standardInput)) {
    summaries.push(await readCaptureSource(source, ({ data }) => void packets.push(data[0] ?? -1)));
  }
  return { packets, summaries };
}

const some = capture([1, 2, 3]);

/** Three frames: two that hold it, with one between that is to be skipped (RFC 8878 §3.1.2). */
function inFrames(octets: Uint8Array): Uint8Array {
  const skipped = Buffer.from('502a4d18030000000a0b0c', 'hex');
  const checked = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
  return Buffer.concat([
    zstdCompressSync(octets.subarray(0, 50), checked),
    skipped,
    zstdCompressSync(octets.subarray(50)),
  ]);
}

describe('a capture is read', () => {
  test.each([
    ['as it is', some],
    ['from gzip', gzipSync(some)],
    ['from two members of gzip', Buffer.concat([gzipSync(some.subarray(0, 50)), gzipSync(some.subarray(50))])],
    ['from Zstandard', zstdCompressSync(some)],
    ['from several frames of Zstandard', inFrames(some)],
    ['as pzstd packs', Buffer.concat([Buffer.from('502a4d180400000012000000', 'hex'), zstdCompressSync(some)])],
  ])('%s', async (name, content) => {
    const { packets, summaries } = await readAll(file(`${name}.pcapng`, content));
    expect(packets).toEqual([1, 2, 3]);
    expect(summaries).toMatchObject([
      { format: 'pcapng', packets: 3, octets: some.byteLength, first: 1e6, last: 3e6, end: { kind: 'complete' } },
    ]);
  });

  test('from standard input, in chunks of any size', async () => {
    const octets = gzipSync(some);
    const input = Readable.from([...octets].map((octet) => Buffer.of(octet)));
    const { packets, summaries } = await readAll('-', input);
    expect(packets).toEqual([1, 2, 3]);
    expect(summaries[0]?.name).toBe('standard input');
  });

  test('from a folder, in order of time and not of names', async () => {
    const rotated = join(folder, 'rotated');
    mkdirSync(rotated);
    writeFileSync(join(rotated, 'a.pcapng'), capture([5, 6]));
    writeFileSync(join(rotated, 'b.pcapng1.gz'), gzipSync(capture([1, 2])));
    writeFileSync(join(rotated, 'c.pcap.zst'), zstdCompressSync(capture([3, 4])));
    writeFileSync(join(rotated, 'notes.txt'), 'none');
    utimesSync(join(rotated, 'a.pcapng'), 0, 0);
    mkdirSync(join(rotated, 'folder.pcap'));
    symlinkSync(join(rotated, 'taken away meanwhile'), join(rotated, 'd.pcap'));
    expect((await readAll(rotated)).packets).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('from the folders within a folder, too, and from none that a link leads to', async () => {
    const outer = join(folder, 'outer');
    mkdirSync(join(outer, 'a', 'deeper'), { recursive: true });
    writeFileSync(join(outer, 'a', 'deeper', 'one.pcapng'), capture([3]));
    writeFileSync(join(outer, 'a', 'one.pcapng'), capture([2]));
    symlinkSync(outer, join(outer, 'again'));
    expect((await readAll(outer)).packets).toEqual([2, 3]);
  });

  test('but not from a folder without one', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(captureSources(join(folder, 'empty'))).rejects.toMatchObject({ code: 'capture.empty-folder' });
    await expect(captureSources(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

// Whoever is root may read everything.
test.skipIf(process.getuid?.() === 0)(
  'a capture that this user may not read is refused before anything is read',
  async () => {
    const path = file('forbidden.pcap', some);
    chmodSync(path, 0);
    await expect(captureSources(path)).rejects.toMatchObject({ code: 'EACCES' });
  },
);

describe('what is wrong with a capture is said, and what comes before it is read', () => {
  test('one that was cut', async () => {
    const { packets, summaries } = await readAll(file('cut.pcapng', some.subarray(0, some.byteLength - 3)));
    expect({ packets, end: summaries[0]?.end.kind }).toEqual({ packets: [1, 2], end: 'truncated' });
  });

  test.each([
    ['pcapng', some],
    ['pcap', pcap([1, 2, 3])],
    ['gzip', gzipSync(some)],
    ['Zstandard', zstdCompressSync(some)],
    ['frames of Zstandard', inFrames(some)],
  ])('one of %s that was cut, at each of its octets', async (_, content) => {
    for (let length = 0; length <= content.byteLength; length++) {
      const packets: number[] = [];
      const source = {
        name: 'cut',
        storedOctets: length,
        open: () => Readable.from([content.subarray(0, length)], { objectMode: false }),
      };
      const summary = await readCaptureSource(source, ({ data }) => void packets.push(data[0] ?? -1));
      expect(packets).toEqual([1, 2, 3].slice(0, packets.length));
      if (length === content.byteLength)
        expect({ packets, end: summary.end.kind }).toMatchObject({ packets: [1, 2, 3], end: 'complete' });
      if (summary.packets === 0) expect(length).toBeLessThan(content.byteLength);
      expect(summary.octets).toBeLessThanOrEqual(some.byteLength);
    }
  });

  test.each([
    ['gzip', gzipSync(capture(Array.from({ length: 200 }, (_, at) => at)))],
    ['zstandard', zstdCompressSync(capture(Array.from({ length: 200 }, (_, at) => at)))],
  ])('one whose %s was cut or damaged at any place', async (name, content) => {
    for (let length = 0; length < content.byteLength; length += 37) {
      const { summaries } = await readAll(file(`cut ${name}`, content.subarray(0, length)));
      expect(summaries).toHaveLength(1);
      const damaged = Uint8Array.from(content);
      damaged[length] = (damaged[length] ?? 0) ^ 0x55;
      await readAll(file(`damaged ${name}`, damaged));
    }
  });

  test('one that is none', async () => {
    const { summaries } = await readAll(file('text.pcap', Buffer.from('no capture at all')));
    expect(summaries[0]).toMatchObject({ format: 'unknown', packets: 0, end: { kind: 'malformed' } });
  });

  test.each([
    ['gzip within gzip', gzipSync(gzipSync(some)), /packed twice, by gzip/],
    ['Zstandard within gzip', gzipSync(zstdCompressSync(some)), /packed twice, by Zstandard/],
    ['xz', Buffer.from('fd377a585a000004', 'hex'), /packed by xz: unpack it first/],
    ['zip', Buffer.from('504b030414000000', 'hex'), /archive \(zip\): unpack it first/],
  ])('one that has to be unpacked first: %s', async (name, content, trouble) => {
    const { packets, summaries } = await readAll(file(`packed ${name}`, content));
    expect({ packets, format: summaries[0]?.format }).toEqual({ packets: [], format: 'unknown' });
    expect(summaries[0]?.trouble).toMatch(trouble);
  });

  test('one in very many frames of Zstandard that hold nothing is given up; those to be skipped cost nothing', async () => {
    const nothing = Buffer.from('28b52ffd0058010000', 'hex');
    const skipped = Buffer.from('502a4d1800000000', 'hex');
    const times = (frame: Buffer, count: number) => Buffer.concat(Array.from({ length: count }, () => frame));
    const whole = zstdCompressSync(some);
    const short = await readAll(file('skipped.zst', Buffer.concat([times(skipped, 100_000), nothing, whole])));
    expect(short.packets).toEqual([1, 2, 3]);
    const bomb = await readAll(file('frames.zst', Buffer.concat([times(nothing, 10_001), whole])));
    expect(bomb.packets).toEqual([]);
    expect(bomb.summaries[0]?.trouble).toMatch(/more pieces than any program makes/);
  });

  test('one of gzip that unpacks to far more than any capture is given up early, and named', async () => {
    const bomb = gzipSync(Buffer.concat([sectionHeaderBlock(), Buffer.alloc(64 << 20)]), { level: 9 });
    const { summaries } = await readAll(file('bomb.pcapng.gz', bomb));
    expect(summaries[0]?.octets).toBeLessThan(48 << 20);
  });

  test('one that unpacks to far more than any capture is given up, and named', async () => {
    // Blocks of a type that is not read, in frames of Zstandard that follow each other.
    const block = Buffer.alloc(16 << 20);
    block.writeUInt32LE(0x7fff_fff0, 0);
    block.writeUInt32LE(block.byteLength, 4);
    block.writeUInt32LE(block.byteLength, block.byteLength - 4);
    const frame = zstdCompressSync(block);
    const bomb = Buffer.concat([zstdCompressSync(sectionHeaderBlock()), ...Array.from({ length: 20 }, () => frame)]);
    const { summaries } = await readAll(file('bomb.pcapng.zst', bomb));
    expect(summaries[0]?.trouble).toMatch(/more than 1000 times/);
    expect(summaries[0]?.octets).toBeLessThan(48 << 20);
  });
});

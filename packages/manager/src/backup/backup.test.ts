import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ArchiveItem, ArchiveReader, archiveEnd, fileHeader, isStorableName } from './archive.ts';
import { HEADER_LENGTH, isRightSecret, makeHeader, Opener, readHeader, Sealer, usualCost } from './seal.ts';

const secret = new Uint8Array(32).fill(7);
const header = makeHeader(secret, usualCost, new Uint8Array(16).fill(1), new Uint8Array(7).fill(2));

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function seal(plain: Uint8Array): Uint8Array {
  const sealer = new Sealer(header, secret);
  return join([header.bytes, ...sealer.push(plain), sealer.finish()]);
}

/** Opens a file given in pieces; the plain octets, or the fault. */
function open(file: Uint8Array, piece = 100_000) {
  const read = readHeader(file);
  if (!read.ok) return read.fault;
  if (!isRightSecret(read.value, secret)) return { code: 'wrong-passphrase', offset: 0 } as const;
  const opener = new Opener(read.value, secret);
  const plain: Uint8Array[] = [];
  for (let at = HEADER_LENGTH; at < file.byteLength; at += piece) {
    const opened = opener.push(file.subarray(at, at + piece));
    if (!opened.ok) return opened.fault;
    plain.push(...opened.value);
  }
  const last = opener.finish();
  return last.ok ? join([...plain, last.value]) : last.fault;
}

const chunk = 65_536;

describe('a sealed file', () => {
  test.each([0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5])(
    'of %i octets opens to what went in',
    (size) => {
      const plain = new Uint8Array(size).map((_, index) => index);
      for (const piece of [1_000, chunk, chunk + 16, 1_000_000]) expect(open(seal(plain), piece)).toEqual(plain);
    },
  );

  test('is found wherever one octet of it is altered', () => {
    const file = seal(new Uint8Array(200));
    for (let at = 0; at < file.byteLength; at += 1) {
      const altered = file.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(open(altered), `octet ${at}`).toMatchObject({ code: expect.any(String) });
    }
  });

  test('is found wherever it is cut, also between two chunks', () => {
    const short = seal(new Uint8Array(100));
    for (let length = 0; length < short.byteLength; length += 1) {
      expect(open(short.subarray(0, length)), `${length} octets`).toMatchObject({ code: expect.any(String) });
    }
    const long = seal(new Uint8Array(3 * chunk));
    for (const chunks of [0, 1, 2]) {
      const cut = long.subarray(0, HEADER_LENGTH + chunks * (chunk + 16));
      expect(open(cut)).toMatchObject({ code: 'damaged' });
    }
  });

  test('is found with chunks swapped, left out, repeated, or with octets behind the end', () => {
    const file = seal(new Uint8Array(3 * chunk + 9));
    const at = (index: number) => HEADER_LENGTH + index * (chunk + 16);
    const [head, one, two, rest] = [
      file.subarray(0, at(0)),
      file.subarray(at(0), at(1)),
      file.subarray(at(1), at(2)),
      file.subarray(at(2)),
    ];
    for (const parts of [
      [head, two, one, rest],
      [head, one, rest],
      [head, one, one, two, rest],
      [head, one, two, rest, new Uint8Array(1)],
    ]) {
      expect(open(join(parts))).toMatchObject({ code: 'damaged' });
    }
  });

  test('of another passphrase, of a later version, and what is none, are told apart', () => {
    const read = readHeader(header.bytes);
    expect(read.ok && isRightSecret(read.value, new Uint8Array(32))).toBe(false);
    const later = header.bytes.slice();
    later[8] = 2;
    expect(readHeader(later)).toMatchObject({ fault: { code: 'newer' } });
    expect(readHeader(new TextEncoder().encode('PK\u0003\u0004 something else'))).toMatchObject({
      fault: { code: 'not-a-backup' },
    });
  });

  test('with a cost that would eat the memory of the machine is refused', () => {
    const greedy = header.bytes.slice();
    greedy[9] = 30;
    expect(readHeader(greedy)).toMatchObject({ fault: { code: 'damaged', offset: 9 } });
  });

  test('any octets whatever give a fault and never an exception', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readHeader(join([header.bytes.subarray(0, 9), bytes]))));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !(open(join([header.bytes, bytes])) instanceof Uint8Array)));
  });
});

describe('an archive', () => {
  const names = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9.]{0,3}[a-z0-9])?$/).filter(isStorableName);
  const files = fc.array(fc.record({ name: names, octets: fc.uint8Array({ maxLength: 50 }) }), { maxLength: 5 });
  const build = (given: readonly { name: string; octets: Uint8Array }[]) =>
    join([...given.flatMap(({ name, octets }) => [fileHeader(name, octets.byteLength), octets]), archiveEnd]);

  function read(bytes: Uint8Array, piece: number) {
    const reader = new ArchiveReader();
    const found: { name: string; parts: Uint8Array[] }[] = [];
    const take = (item: ArchiveItem) => {
      if (item.kind === 'file') found.push({ name: item.name, parts: [] });
      else found.at(-1)?.parts.push(item.octets.slice());
    };
    for (let at = 0; at < bytes.byteLength; at += piece) {
      const result = reader.push(bytes.subarray(at, at + piece));
      if (!result.ok) return result.fault;
      result.value.forEach(take);
    }
    const end = reader.finish();
    return end.ok ? found.map(({ name, parts }) => ({ name, octets: join(parts) })) : end.fault;
  }

  test('comes apart into what went in, in pieces of any size', () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 60 }), (given, piece) => {
        expect(read(build(given), piece)).toEqual(given);
      }),
    );
  });

  test('that is cut, or goes on behind its end, is a fault', () => {
    const whole = build([{ name: 'a', octets: new Uint8Array(3) }]);
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(read(whole.subarray(0, length), 7)).toMatchObject({ code: 'contents' });
    }
    expect(read(join([whole, new Uint8Array(1)]), 7)).toMatchObject({ code: 'contents' });
  });

  test('any octets whatever give files or a fault and never an exception', () => {
    fc.assert(fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 9 }), (bytes, piece) => void read(bytes, piece)));
  });

  test.each(['', '/etc/passwd', '../up', 'a/../b', 'a//b', '.hidden', 'a/.b', 'a\\b', 'a\u0000'])(
    'holds no file named %j',
    (name) => {
      expect(() => fileHeader(name, 0)).toThrow(expect.objectContaining({ code: 'manager.backup-name' }));
      const octets = new TextEncoder().encode(name);
      if (octets.byteLength === 0) return; // that is the end of an archive
      const forged = join([new Uint8Array([0, octets.byteLength]), octets, new Uint8Array(8), archiveEnd]);
      expect(read(forged, 100)).toMatchObject({ code: 'contents' });
    },
  );
});

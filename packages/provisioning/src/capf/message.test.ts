import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capfElement, readCapfElements } from './elements.ts';
import { type CapfMessage, capfCommand, capfMessageStream, decodeCapfMessage, encodeCapfMessage } from './message.ts';

const sample = new URL('../../vectors/enrolment/capf-jabber-byte-flow.txt', import.meta.url);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const octets = (text: string) => new Uint8Array(Buffer.from(text.replace(/[^0-9a-f]/g, ''), 'hex'));

/** What the document leaves open, filled in with octets of the lengths that it gives. */
const publicKey = new Uint8Array(0x126).fill(0xaa);
const certificate = new Uint8Array(0x3d5 - 2).fill(0xbb);
const deviceName = hex(new TextEncoder().encode('CSF123\0'));

const flow = readFileSync(sample, 'utf8')
  .split('\n')
  .filter((line) => /^[SC]->[SC]/.test(line))
  .map((line) =>
    line
      .slice(6)
      .replace('SSSSSSSS', 'c0ffee01')
      .replace('55 02 c0ffee01 <len>', '55 02 c0ffee01 0012')
      .replace('0d <len> "CSF123\\0"', `0d 0007 ${deviceName}`)
      .replace(/<DER SubjectPublicKeyInfo.*>/, hex(publicKey))
      .replace('<DER X.509>', hex(certificate)),
  )
  .map(octets);

const message = (command: number, elements: CapfMessage['elements'] = []): CapfMessage => ({
  command,
  sessionId: 0xc0ffee01,
  elements,
});

function decoded(bytes: Uint8Array): CapfMessage {
  const result = decodeCapfMessage(bytes);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

describe('an enrolment between Jabber and a call manager', () => {
  test('is read as its seven messages, and each is written again octet by octet', () => {
    expect(flow.map((bytes) => decoded(bytes).command)).toEqual([
      capfCommand.AUTH_REQ,
      capfCommand.AUTH_RES,
      capfCommand.KEY_GEN_REQ,
      capfCommand.KEY_GEN_RES,
      capfCommand.STORE_CERT_REQ,
      capfCommand.STORE_CERT_RES,
      capfCommand.END_SESSION,
    ]);
    for (const bytes of flow) expect(hex(encodeCapfMessage(decoded(bytes)))).toBe(hex(bytes));
  });

  const rows: readonly [number, Record<string, unknown>][] = [
    [0, { version: 3 }],
    [1, { version: 2, deviceName: 'CSF123', reason: 1 }],
    [2, { keySize: 2048 }],
    [3, { publicKey }],
    [4, { certificateType: 1, certificate: { type: 1, der: certificate } }],
    [5, { reason: 1 }],
    [6, { reason: 1 }],
  ];
  test.each(rows)('message %i has these elements', (index, expected) => {
    const bytes = flow[index];
    if (bytes === undefined) throw new Error('the sample is shorter than its table');
    const read = readCapfElements(decoded(bytes), capfElement);
    expect(read).toEqual({ ok: true, value: expected });
  });

  test('comes out of a stream the same, wherever it is cut', () => {
    const stream = new Uint8Array(flow.flatMap((bytes) => [...bytes]));
    for (const size of [1, 2, 7, 8, 9, 300, stream.length]) {
      const cutter = capfMessageStream();
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        for (const result of cutter.push(stream.subarray(at, at + size))) {
          if (!result.ok) throw new Error(result.message);
          found.push(hex(encodeCapfMessage(result.value)));
        }
      }
      expect(found).toEqual(flow.map(hex));
      expect(cutter.partial).toBe(false);
    }
  });

  test('a truncation at any octet is refused with an offset inside, and a flipped bit never crashes', () => {
    for (const bytes of flow) {
      for (let end = 0; end < bytes.length; end += 1) {
        const result = decodeCapfMessage(bytes.subarray(0, end));
        expect(result.ok).toBe(false);
        if (!result.ok) expect(result.offset).toBeLessThanOrEqual(bytes.length);
      }
      for (let at = 0; at < Math.min(bytes.length, 40); at += 1) {
        for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
          const changed = bytes.with(at, (bytes[at] ?? 0) ^ bit);
          const result = decodeCapfMessage(changed);
          if (result.ok) expect(hex(encodeCapfMessage(result.value))).toBe(hex(changed));
        }
      }
    }
  });
});

describe('what is no CAPF', () => {
  const rows: readonly [string, string, string, number][] = [
    ['nothing', '', 'capf.truncated', 0],
    ['HTTP', '474554202f20485454502f312e31', 'capf.not-capf', 0],
    ['half a head', '5501c0ffee', 'capf.truncated', 5],
    ['a length that is too small', '550fc0ffee010003 01000101', 'capf.wrong-length', 6],
    ['a length past the end', '550fc0ffee010005 01000101', 'capf.wrong-length', 6],
    ['an element that ends within its head', '550fc0ffee010006 01000101 0100', 'capf.truncated-element', 12],
    ['an element longer than its message', '550fc0ffee010004 01000201', 'capf.truncated-element', 8],
  ];
  test.each(rows)('%s', (_title, text, code, offset) => {
    expect(decodeCapfMessage(octets(text))).toMatchObject({ ok: false, code, offset });
  });

  test('garbage ends a stream at its first octet, and an oversized message at its head', () => {
    const garbage = capfMessageStream();
    expect(garbage.push(octets('16'))).toMatchObject([{ ok: false, code: 'capf.not-capf' }]);
    expect(garbage.push(flow[0] ?? new Uint8Array())).toEqual([]);
    expect(garbage.ended).toBe(true);
    const oversized = capfMessageStream();
    expect(oversized.push(octets('5502c0ffee01ffff'))).toMatchObject([{ ok: false, code: 'capf.too-long', offset: 6 }]);
  });

  const elements: readonly [string, CapfMessage['elements'], string, number][] = [
    ['a reason of two octets', [{ tag: 1, value: octets('0001') }], 'capf.malformed-element', 8],
    ['a key size of one octet', [{ tag: 10, value: octets('08') }], 'capf.malformed-element', 8],
    ['a control character in a name', [{ tag: 13, value: octets('53455001') }], 'capf.malformed-element', 8],
    ['a NUL within a name', [{ tag: 13, value: octets('534500504100') }], 'capf.malformed-element', 8],
    ['a certificate without its inner length', [{ tag: 4, value: octets('01000300') }], 'capf.malformed-element', 8],
    ['a certificate of another length', [{ tag: 4, value: octets('010004000130') }], 'capf.malformed-element', 8],
    ['a signature of another length', [{ tag: 20, value: octets('03000201') }], 'capf.malformed-element', 8],
    [
      'the same element twice',
      [
        { tag: 1, value: octets('01') },
        { tag: 1, value: octets('00') },
      ],
      'capf.repeated-element',
      12,
    ],
  ];
  test.each(elements)('%s is refused where it stands', (_title, list, code, offset) => {
    expect(readCapfElements(message(capfCommand.AUTH_RES, list), capfElement)).toMatchObject({
      ok: false,
      code,
      offset,
    });
  });
});

const anyElement = fc.record({ tag: fc.nat(255), value: fc.uint8Array({ maxLength: 80 }) });
const anyMessage = fc.record({
  command: fc.nat(255),
  sessionId: fc.nat(0xffffffff),
  elements: fc.array(anyElement, { maxLength: 8 }),
});

test('any message, its unknown elements too, is read as it was written', () => {
  fc.assert(
    fc.property(anyMessage, (value) => {
      expect(decodeCapfMessage(encodeCapfMessage(value))).toEqual({ ok: true, value });
    }),
  );
});

test('a password is redacted wherever it is shown', () => {
  const value = new TextEncoder().encode('8675309\0');
  const read = readCapfElements(message(capfCommand.AUTH_RES, [{ tag: 11, value }]), {
    password: capfElement.password,
  });
  expect(JSON.stringify(read)).not.toContain('8675309');
  expect(read.ok && read.value.password?.reveal()).toBe('8675309');
});

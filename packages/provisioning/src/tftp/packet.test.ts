import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTftpPacket, encodeTftpPacket, type TftpOption, type TftpPacket } from './packet.ts';

const octets = (...parts: readonly (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part, 'latin1')])));

const text = (minLength: number) =>
  fc
    .array(fc.integer({ min: 1, max: 255 }), { minLength, maxLength: 40 })
    .map((codes) => String.fromCharCode(...codes));
const options: fc.Arbitrary<TftpOption[]> = fc.uniqueArray(fc.record({ name: text(1), value: text(0) }), {
  selector: ({ name }) => name.toLowerCase(),
  maxLength: 5,
});
const number = fc.nat(65_535);
const packets: fc.Arbitrary<TftpPacket> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('read-request' as const, 'write-request' as const),
    fileName: text(1),
    mode: text(1),
    options: options.filter((all) => all.length < 5),
  }),
  fc.record({ kind: fc.constant('data' as const), block: number, data: fc.uint8Array({ maxLength: 600 }) }),
  fc.record({ kind: fc.constant('acknowledgement' as const), block: number }),
  fc.record({ kind: fc.constant('error' as const), code: number, message: text(0) }),
  fc.record({
    kind: fc.constant('option-acknowledgement' as const),
    options: options.filter((all) => all.length > 0),
  }),
);

describe('the packets', () => {
  test('read back as what was written', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(decodeTftpPacket(encodeTftpPacket(packet))).toEqual({ ok: true, packet });
      }),
    );
  });

  test('whatever comes is read or rejected with an offset inside it; what is read can be written and reads the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(7), (tail, opcode) => {
        const bytes = Uint8Array.of(0, opcode, ...tail);
        const decoded = decodeTftpPacket(bytes);
        if (decoded.ok) {
          expect(decodeTftpPacket(encodeTftpPacket(decoded.packet))).toEqual(decoded);
        } else {
          expect(decoded.reject.offset).toBeLessThanOrEqual(bytes.byteLength);
        }
      }),
    );
  });

  test('RFC 1350 §5, RFC 2347: the octets of each', () => {
    const request = { kind: 'read-request', fileName: 'a.xml', mode: 'octet' } as const;
    expect(encodeTftpPacket({ ...request, options: [] })).toEqual(octets(0, 1, 'a.xml', 0, 'octet', 0));
    expect(encodeTftpPacket({ ...request, options: [{ name: 'blksize', value: '1428' }] })).toEqual(
      octets(0, 1, 'a.xml', 0, 'octet', 0, 'blksize', 0, '1428', 0),
    );
    expect(encodeTftpPacket({ ...request, kind: 'write-request', options: [] })[1]).toBe(2);
    expect(encodeTftpPacket({ kind: 'data', block: 258, data: octets(7) })).toEqual(octets(0, 3, 1, 2, 7));
    expect(encodeTftpPacket({ kind: 'acknowledgement', block: 65_535 })).toEqual(octets(0, 4, 255, 255));
    expect(encodeTftpPacket({ kind: 'error', code: 5, message: 'no' })).toEqual(octets(0, 5, 0, 5, 'no', 0));
    expect(encodeTftpPacket({ kind: 'option-acknowledgement', options: [{ name: 'tsize', value: '9' }] })).toEqual(
      octets(0, 6, 'tsize', 0, '9', 0),
    );
  });

  test.each([
    ['nothing', octets(), 'too-short', 0],
    ['half a head', octets(0, 4, 1), 'too-short', 3],
    ['an opcode that is none', octets(0, 7, 0, 0), 'unknown-opcode', 0],
    ['opcode 0', octets(0, 0, 0, 0), 'unknown-opcode', 0],
    ['a high opcode', octets(1, 1, 0, 0), 'unknown-opcode', 0],
    ['a request whose name does not end', octets(0, 1, 'name'), 'missing-text', 2],
    ['a request without a mode', octets(0, 1, 'name', 0), 'missing-text', 7],
    ['a mode that does not end', octets(0, 1, 'name', 0, 'octet'), 'missing-text', 7],
    ['an empty name', octets(0, 1, 0, 'octet', 0), 'empty-name', 2],
    ['an empty mode', octets(0, 1, 'name', 0, 0), 'empty-name', 7],
    ['an option without a value', octets(0, 1, 'n', 0, 'octet', 0, 'tsize', 0), 'missing-text', 16],
    ['an option name that does not end', octets(0, 1, 'n', 0, 'octet', 0, 'tsize'), 'missing-text', 10],
    ['a nameless option', octets(0, 1, 'n', 0, 'octet', 0, 0, '1', 0), 'empty-name', 10],
    [
      'an option given twice (RFC 2347)',
      octets(0, 1, 'n', 0, 'octet', 0, 'tsize', 0, '0', 0, 'TSIZE', 0, '0', 0),
      'repeated-option',
      18,
    ],
    ['an acknowledgement of nothing', octets(0, 6, 0, 0), 'empty-name', 2],
    ['a request beyond 512 octets (RFC 2347)', octets(0, 1, 'n'.repeat(600), 0, 'octet', 0), 'too-long', 512],
    ['a datagram beyond the largest block (RFC 2348)', new Uint8Array(65_469), 'too-long', 65_468],
  ])('%s is rejected', (_what, bytes, reason, offset) => {
    expect(decodeTftpPacket(bytes)).toEqual({ ok: false, reject: { reason, offset } });
  });

  test('leniency: zeros behind a request are padding, and an ERROR may lack its last NUL', () => {
    expect(decodeTftpPacket(octets(0, 1, 'n', 0, 'octet', 0, 0, 0, 0))).toMatchObject({ ok: true });
    expect(decodeTftpPacket(octets(0, 5, 0, 1, 'gone'))).toMatchObject({ ok: true, packet: { message: 'gone' } });
  });

  test.each<[string, TftpPacket]>([
    ['NUL in a name', { kind: 'read-request', fileName: 'a\0b', mode: 'octet', options: [] }],
    ['a character beyond Latin-1', { kind: 'error', code: 0, message: '☎' }],
    ['a block number beyond 16 bits', { kind: 'acknowledgement', block: 65_536 }],
    ['a block that is too long', { kind: 'data', block: 1, data: new Uint8Array(65_465) }],
    ['no name', { kind: 'read-request', fileName: '', mode: 'octet', options: [] }],
    ['a name beyond 512 octets', { kind: 'read-request', fileName: 'n'.repeat(512), mode: 'octet', options: [] }],
    ['an acknowledgement of nothing', { kind: 'option-acknowledgement', options: [] }],
    ['a nameless option', { kind: 'option-acknowledgement', options: [{ name: '', value: '1' }] }],
  ])('%s cannot be written, and that is said', (_what, packet) => {
    expect(() => encodeTftpPacket(packet)).toThrow(
      expect.objectContaining({ code: 'provisioning.unwritable-tftp-packet' }),
    );
  });
});

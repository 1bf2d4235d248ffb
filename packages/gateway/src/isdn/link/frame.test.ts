import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type LinkFrame } from './frame.ts';

const number = fc.integer({ min: 0, max: 127 });
const poll = fc.boolean();
const information = fc.uint8Array({ maxLength: 260 });
const frame: fc.Arbitrary<LinkFrame> = fc.oneof(
  fc.record({ kind: fc.constant('I' as const), sendNumber: number, receiveNumber: number, poll, information }),
  fc.record({
    kind: fc.constantFrom('RR' as const, 'RNR' as const, 'REJ' as const),
    command: poll,
    receiveNumber: number,
    poll,
  }),
  fc.record({ kind: fc.constantFrom('SABME' as const, 'DISC' as const), poll }),
  fc.record({ kind: fc.constantFrom('UA' as const, 'DM' as const), poll }),
  fc.record({ kind: fc.constant('FRMR' as const), poll, information: fc.uint8Array({ minLength: 5, maxLength: 5 }) }),
  fc.record({ kind: fc.constant('UI' as const), poll, information }),
);
const side = fc.constantFrom('user' as const, 'network' as const);
const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

describe('frames of Q.921', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(frame, side, (one, from) => {
        expect(decodeFrame(encodeFrame(one, from), from)).toEqual({ ok: true, frame: one });
      }),
    );
  });

  test('encode(decode(octets)) = octets, or the fault is named', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 280 }), side, fc.boolean(), (octets, from, addressed) => {
        if (addressed) octets.set(Uint8Array.of(from === 'network' ? 2 : 0, 1).subarray(0, octets.length));
        const read = decodeFrame(octets, from);
        if (read.ok) expect(encodeFrame(read.frame, from)).toEqual(octets);
        else expect(['address', 'L', 'M', 'N', 'O']).toContain(read.fault);
      }),
    );
  });

  test('Q.921 tables 1 and 5: octets of the standard', () => {
    expect(hex(encodeFrame({ kind: 'SABME', poll: true }, 'user'))).toBe('00017f');
    expect(hex(encodeFrame({ kind: 'SABME', poll: true }, 'network'))).toBe('02017f');
    expect(hex(encodeFrame({ kind: 'UA', poll: true }, 'network'))).toBe('000173');
    expect(hex(encodeFrame({ kind: 'UA', poll: true }, 'user'))).toBe('020173');
    expect(hex(encodeFrame({ kind: 'DISC', poll: true }, 'user'))).toBe('000153');
    expect(hex(encodeFrame({ kind: 'DM', poll: false }, 'network'))).toBe('00010f');
    expect(hex(encodeFrame({ kind: 'RR', command: true, receiveNumber: 3, poll: true }, 'user'))).toBe('00010107');
    expect(hex(encodeFrame({ kind: 'REJ', command: false, receiveNumber: 1, poll: false }, 'user'))).toBe('02010902');
  });

  test.each([
    ['another SAPI', '40017f', 'address'],
    ['another TEI', '00837f', 'address'],
    ['an address of one octet', '01017f', 'address'],
    ['two octets', '0001', 'N'],
    ['a control field that is not defined', '0001ff', 'L'],
    ['a response that is a command', '02017f', 'L'],
    ['an information frame as a response', '02010000', 'L'],
    ['information where none is permitted', '00017f00', 'M'],
    ['RR of one octet', '000101', 'N'],
    ['RR with information', '0001010000', 'M'],
    ['information longer than N201', `00010000${'00'.repeat(261)}`, 'O'],
  ])('%s is invalid', (_, octets, fault) => {
    expect(decodeFrame(Buffer.from(octets, 'hex'), 'user')).toEqual({ ok: false, fault });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkTypes } from '../item.ts';
import { addressOctets, addressText } from './address.ts';
import { decodeDatagram } from './decode.ts';
import { encapsulateUdp } from './encapsulate.ts';

const port = fc.integer({ min: 0, max: 0xffff });
const ipv4 = fc.ipV4();
const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(addressText);
const datagram = fc.oneof(...[ipv4, ipv6].map(datagramOf));

describe('a datagram', () => {
  test('is read back as it was encapsulated, with sums that are right', () => {
    fc.assert(
      fc.property(datagram, (sent) => {
        const frame = encapsulateUdp(sent);
        expect(decodeDatagram(linkTypes.ethernet, frame)).toEqual(sent);
        const isIpv4 = frame[12] === 0x08;
        if (isIpv4) expect(sum(frame.subarray(14, 34))).toBe(0xffff);
        const addresses = isIpv4 ? frame.subarray(26, 34) : frame.subarray(22, 54);
        const udp = frame.subarray(isIpv4 ? 34 : 54);
        expect(sum(Uint8Array.of(...addresses, 0, 17, udp.length >> 8, udp.length & 255, ...udp))).toBe(0xffff);
      }),
    );
  });

  test('is found behind tags, cooked headers, loopback headers and none', () => {
    fc.assert(
      fc.property(datagram, fc.uint8Array({ minLength: 14, maxLength: 14 }), (sent, noise) => {
        const frame = encapsulateUdp(sent);
        const etherType = frame.subarray(12, 14);
        const packet = frame.subarray(14);
        const expected = sent;
        const tagged = Uint8Array.of(
          ...frame.subarray(0, 12),
          0x88,
          0xa8,
          0,
          7,
          0x81,
          0,
          0x20,
          9,
          ...frame.subarray(12),
        );
        expect(decodeDatagram(linkTypes.ethernet, tagged)).toEqual(expected);
        expect(decodeDatagram(linkTypes.linuxCooked, Uint8Array.of(...noise, ...etherType, ...packet))).toEqual(
          expected,
        );
        const cooked2 = Uint8Array.of(...etherType, ...noise, 1, 2, 3, 4, ...packet);
        expect(decodeDatagram(linkTypes.linuxCooked2, cooked2)).toEqual(expected);
        expect(decodeDatagram(linkTypes.null, Uint8Array.of(2, 0, 0, 0, ...packet))).toEqual(expected);
        expect(decodeDatagram(linkTypes.raw, packet)).toEqual(expected);
      }),
    );
  });

  test('ends where IP says, not where Ethernet padded it', () => {
    const sent = datagramBetween('192.0.2.1', '192.0.2.2');
    const padded = Uint8Array.of(...encapsulateUdp(sent), 0, 0, 0, 0, 0, 0);
    expect(decodeDatagram(linkTypes.ethernet, padded)).toEqual(sent);
  });

  test('cut anywhere is none, never shorter than it was', () => {
    for (const sent of [datagramBetween('192.0.2.1', '192.0.2.2'), datagramBetween('2001:db8::1', '2001:db8::2')]) {
      const frame = encapsulateUdp(sent);
      for (let length = 0; length < frame.length; length++) {
        expect(decodeDatagram(linkTypes.ethernet, frame.subarray(0, length)), String(length)).toBeUndefined();
      }
    }
  });

  test('behind extension headers of IPv6, an atomic fragment among them, is found', () => {
    const sent = datagramBetween('2001:db8::1', '2001:db8::2');
    const packet = encapsulateUdp(sent).subarray(14);
    const [hopByHop, authentication, fragment] = [
      [51, 0, 1, 4, 0, 0, 0, 0],
      [44, 4, 0, 0, ...new Array<number>(20).fill(7)],
      [17, 0, 0, 0, 0, 0, 0, 9],
    ];
    const extended = Uint8Array.of(
      ...packet.subarray(0, 40),
      ...hopByHop,
      ...authentication,
      ...fragment,
      ...packet.subarray(40),
    );
    extended[6] = 0;
    new DataView(extended.buffer).setUint16(4, extended.length - 40);
    expect(decodeDatagram(linkTypes.raw, extended)).toEqual(sent);
    extended[40 + 8 + 24 + 3] = 1; // more fragments
    expect(decodeDatagram(linkTypes.raw, extended)).toBeUndefined();
  });

  test('in fragments is none, and neither is what is not UDP', () => {
    const packet = encapsulateUdp(datagramBetween('192.0.2.1', '192.0.2.2')).subarray(14);
    const [fragment, tcp] = [packet.slice(), packet.slice()];
    fragment[6] = 0x20;
    tcp[9] = 6;
    expect(decodeDatagram(linkTypes.raw, fragment)).toBeUndefined();
    expect(decodeDatagram(linkTypes.raw, tcp)).toBeUndefined();
  });

  test('that no IP packet can hold, or between families, is not made', () => {
    const make = (source: string, destination: string, length: number) => () =>
      encapsulateUdp({ ...datagramBetween(source, destination), payload: new Uint8Array(length) });
    expect(make('192.0.2.1', '192.0.2.2', 65_507)).not.toThrow();
    expect(make('192.0.2.1', '192.0.2.2', 65_508)).toThrow(
      expect.objectContaining({ code: 'capture.packet-too-large' }),
    );
    expect(make('192.0.2.1', '::1', 1)).toThrow(expect.objectContaining({ code: 'capture.mixed-families' }));
    expect(make('192.0.2.1', 'localhost', 1)).toThrow(expect.objectContaining({ code: 'capture.not-an-address' }));
  });
});

describe('an address', () => {
  test.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fe80::0001:0', 'fe80::1:0'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['192.0.2.255', '192.0.2.255'],
  ])('%s is written %s (RFC 5952)', (given, written) => {
    expect(addressText(addressOctets(given))).toBe(written);
  });

  test('survives the trip through text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ maxLength: 16 }),
        (octets, zeros) => {
          for (const at of zeros) octets[at % 16] = 0;
          expect(addressOctets(addressText(octets))).toEqual(octets);
        },
      ),
    );
  });

  test.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::12345',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '::1.2.3.4:1',
    'g::',
  ])('"%s" is none', (text) => {
    expect(() => addressOctets(text)).toThrow(expect.objectContaining({ code: 'capture.not-an-address' }));
  });
});

function datagramOf(address: fc.Arbitrary<string>) {
  const end = fc.record({ address, port });
  return fc.record({ source: end, destination: end, payload: fc.uint8Array({ maxLength: 50 }) });
}

function datagramBetween(source: string, destination: string) {
  const payload = Uint8Array.of(1, 2, 3);
  return { source: { address: source, port: 5004 }, destination: { address: destination, port: 5006 }, payload };
}

function sum(octets: Uint8Array): number {
  let total = 0;
  for (const [index, octet] of octets.entries()) total += index % 2 === 0 ? octet * 256 : octet;
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

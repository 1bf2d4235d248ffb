import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encapsulateUdp } from '../frame/encapsulate.ts';
import { linkTypes } from '../item.ts';
import { dissect } from './dissect.ts';
import { Dissection } from './dissection.ts';
import { flowKey } from './flow-table.ts';

const packet = new Dissection();
const [phone, server] = [
  { address: '192.0.2.1', port: 40_000 },
  { address: '192.0.2.2', port: 5_060 },
];
const datagram = (payload: Uint8Array) => encapsulateUdp({ source: phone, destination: server, payload });

/** A frame of Ethernet with the given octets after its EtherType. */
function ethernet(etherType: number, ...octets: number[]): Uint8Array {
  return Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, etherType >> 8, etherType & 0xff, ...octets);
}

test('what a datagram holds is where it says, and what it holds not is left out', () => {
  const padded = new Uint8Array([...datagram(Uint8Array.of(1, 2, 3)), 0, 0, 0, 0, 0]);
  dissect(linkTypes.ethernet, padded, packet);
  expect(packet).toMatchObject({ kind: 'udp', protocol: 17, isCut: false });
  expect([...packet.payload]).toEqual([1, 2, 3]);
  expect(flowKey(packet, 3)).toEqual({ source: phone, destination: server, protocol: 17, tunnel: 0, interface: 3 });
});

test('of a frame that the capture cut what is there is read, and it is said to be cut', () => {
  dissect(linkTypes.ethernet, datagram(new Uint8Array(100).fill(7)).subarray(0, 14 + 20 + 8 + 10), packet);
  expect(packet).toMatchObject({ kind: 'udp', isCut: true });
  expect(packet.payload).toEqual(new Uint8Array(10).fill(7));
});

test('each frame is taken apart as if there had been none before', () => {
  dissect(linkTypes.ethernet, datagram(new Uint8Array(100)).subarray(0, 60), packet);
  dissect(linkTypes.ethernet, datagram(Uint8Array.of(9)), packet);
  expect(packet).toMatchObject({ kind: 'udp', isCut: false, tunnel: 0, encapsulations: [] });
  dissect(linkTypes.ethernet, ethernet(0x0806, 0, 1), packet);
  expect(packet).toMatchObject({ kind: 'not-ip', addressLength: 0 });
});

test('a datagram that claims more than its IP packet has is not believed', () => {
  const frame = datagram(Uint8Array.of(1, 2, 3));
  frame[14 + 20 + 5] = 200;
  dissect(linkTypes.ethernet, frame, packet);
  expect(packet.kind).toBe('cut');
});

test('what is not known is said to be that', () => {
  dissect(147, Uint8Array.of(1, 2, 3), packet);
  expect(packet.kind).toBe('unknown-link-type');
  dissect(linkTypes.raw, Uint8Array.of(0x50, 0, 0), packet);
  expect(packet.kind).toBe('not-ip');
  dissect(linkTypes.ethernet, new Uint8Array(0), packet);
  expect(packet.kind).toBe('cut');
});

test('what is not VXLAN at its port is what it is', () => {
  const payload = new TextEncoder().encode('OPTIONS sip:a@192.0.2.2 SIP/2.0\r\n\r\n');
  dissect(
    linkTypes.ethernet,
    encapsulateUdp({ source: phone, destination: { ...server, port: 4_789 }, payload }),
    packet,
  );
  expect(packet).toMatchObject({ kind: 'udp', destinationPort: 4_789, encapsulations: [] });
});

test.each([
  ['as RFC 7348 §5 sends it', [0x08, 0, 0, 0, 0, 0, 42, 0], 'VXLAN'],
  ['with the group of a policy', [0x88, 0, 0, 5, 0, 0, 42, 0], 'VXLAN'],
  ['with a next protocol', [0x0c, 0, 0, 3, 0, 0, 42, 0], 'VXLAN'],
  ['with its last octet in use', [0x08, 0, 0, 0, 0, 0, 42, 7], 'VXLAN'],
  ['without a network', [0x84, 0, 0, 0, 0, 0, 42, 0], undefined],
])('reserved bits of VXLAN are ignored: a header %s', (_, header, encapsulation) => {
  const payload = Uint8Array.of(...header, ...datagram(Uint8Array.of(1, 2, 3)));
  dissect(
    linkTypes.ethernet,
    encapsulateUdp({ source: phone, destination: { ...server, port: 4_789 }, payload }),
    packet,
  );
  expect(packet.kind).toBe('udp');
  expect(packet.encapsulations).toEqual(encapsulation === undefined ? [] : [encapsulation]);
  if (encapsulation !== undefined) expect([packet.tunnel, ...packet.payload]).toEqual([42, 1, 2, 3]);
});

test('tunnels within tunnels without an end are given up', () => {
  // IP in IP, each packet as long as what is left of the frame.
  const depth = 40;
  const frame = new Uint8Array(20 * depth);
  const view = new DataView(frame.buffer);
  for (let layer = 0; layer < depth; layer++) {
    frame[20 * layer] = 0x45;
    view.setUint16(20 * layer + 2, frame.byteLength - 20 * layer);
    frame[20 * layer + 9] = 4;
  }
  dissect(linkTypes.raw, frame, packet);
  expect(packet.kind).toBe('too-deep');
});

describe('whatever the octets are', () => {
  const anyLinkType = fc.constantFrom(...Object.values(linkTypes), 147);
  const within = () => {
    const { payloadAt, end, bytes, sourceAt, destinationAt, addressLength, kind } = packet;
    if (kind !== 'udp' && kind !== 'tcp' && kind !== 'ip' && kind !== 'fragment') return;
    expect(payloadAt).toBeLessThanOrEqual(end);
    expect(end).toBeLessThanOrEqual(bytes.byteLength);
    expect([4, 16]).toContain(addressLength);
    expect(sourceAt + addressLength).toBeLessThanOrEqual(bytes.byteLength);
    expect(destinationAt + addressLength).toBeLessThanOrEqual(bytes.byteLength);
  };

  test('nothing is thrown, and what is found lies within them', () => {
    fc.assert(
      fc.property(anyLinkType, fc.uint8Array({ maxLength: 200 }), (linkType, octets) => {
        dissect(linkType, octets, packet);
        within();
      }),
    );
  });

  test('a frame among others is taken apart as by itself', () => {
    const found = () => {
      const { kind, payload, protocol, sourcePort, destinationPort, addressLength, tunnel, encapsulations } = packet;
      return {
        kind,
        payload,
        protocol,
        sourcePort,
        destinationPort,
        addressLength,
        tunnel,
        inside: [...encapsulations],
      };
    };
    const good = datagram(new Uint8Array(60));
    const anyFrame = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(good.byteLength).map((length) => good.subarray(0, length)),
    );
    fc.assert(
      fc.property(anyLinkType, anyFrame, fc.uint8Array({ maxLength: 40 }), (linkType, frame, other) => {
        const among = Uint8Array.of(...other, ...frame, ...other, ...other);
        dissect(linkType, frame, packet);
        const alone = packet.kind === 'cut' ? packet.kind : found();
        dissect(linkType, among, packet, other.byteLength, other.byteLength + frame.byteLength);
        expect(packet.kind === 'cut' ? packet.kind : found()).toEqual(alone);
      }),
    );
  });

  test('nothing is thrown either of a good frame with some octets changed, and cut anywhere', () => {
    const changes = fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(changes, fc.nat(120), (places, length) => {
        const frame = datagram(new Uint8Array(60));
        for (const [at, octet] of places) if (at < frame.byteLength) frame[at] = octet;
        dissect(linkTypes.ethernet, frame.subarray(0, length), packet);
        within();
      }),
    );
  });
});

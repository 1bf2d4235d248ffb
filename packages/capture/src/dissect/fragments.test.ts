import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encapsulateUdp } from '../frame/encapsulate.ts';
import { linkTypes } from '../item.ts';
import { dissect } from './dissect.ts';
import { Dissection } from './dissection.ts';
import { FragmentReassembly } from './fragments.ts';

const packet = new Dissection();
const source = { address: '192.0.2.1', port: 40_000 };
const destination = { address: '192.0.2.2', port: 40_002 };
const payload = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
/** An IP packet without its Ethernet. */
const whole = encapsulateUdp({ source, destination, payload }).subarray(14);
const body = whole.subarray(20);

interface Part {
  readonly from: number;
  readonly to: number;
  readonly octets?: Uint8Array;
  readonly identification?: number;
}

function part({ from, to, octets = body.subarray(from, to), identification = 1 }: Part): Uint8Array {
  const fragment = new Uint8Array([...whole.subarray(0, 20), ...octets]);
  const view = new DataView(fragment.buffer);
  view.setUint16(2, fragment.byteLength);
  view.setUint16(4, identification);
  view.setUint16(6, (to < body.byteLength ? 0x2000 : 0) | (from / 8));
  return fragment;
}

/** Gives fragments to it; returns what came out. */
function put(reassembly: FragmentReassembly, fragments: readonly Uint8Array[], now = 0): readonly Uint8Array[] {
  return fragments.flatMap((octets) => {
    dissect(linkTypes.raw, octets, packet);
    expect(packet.kind).toBe('fragment');
    return reassembly.handle(now, packet) ? [packet.payload.slice()] : [];
  });
}

const cuts = fc
  .uniqueArray(fc.integer({ min: 1, max: Math.floor(body.byteLength / 8) - 1 }), { maxLength: 12 })
  .map((places) => [0, ...places.map((place) => 8 * place).sort((a, b) => a - b), body.byteLength])
  .filter((places) => places.length > 2);

test('RFC 791 §3.2: however a packet was cut, in whatever order its parts come, and some twice, it is whole again', () => {
  fc.assert(
    fc.property(cuts, fc.infiniteStream(fc.nat()), fc.boolean(), (places, random, twice) => {
      const parts = places.slice(0, -1).map((from, at) => part({ from, to: places[at + 1] ?? 0 }));
      const order = (twice ? [...parts, ...parts.slice(0, -1)] : parts)
        .map((octets) => ({ octets, key: random.next().value }))
        .sort((a, b) => a.key - b.key)
        .map(({ octets }) => octets);
      const reassembly = new FragmentReassembly();
      // What comes twice after the packet was whole begins another, which never is.
      expect(put(reassembly, order)).toEqual([payload]);
    }),
  );
});

test('where parts overlap what came first stays', () => {
  const other = new Uint8Array(1_000).fill(0xff);
  const parts = [
    part({ from: 0, to: 1_000 }),
    part({ from: 504, to: 1_504, octets: other }),
    part({ from: 1_504, to: body.byteLength }),
  ];
  const [joined = new Uint8Array(0)] = put(new FragmentReassembly(), parts);
  expect(joined.subarray(0, 992)).toEqual(payload.subarray(0, 992));
  expect(joined.subarray(992, 1_496)).toEqual(other.subarray(0, 504));
});

test('parts of another packet, or of one that is too old, are not mixed in', () => {
  const reassembly = new FragmentReassembly();
  const [first, second] = [part({ from: 0, to: 1_504 }), part({ from: 1_504, to: body.byteLength })];
  expect(put(reassembly, [first, part({ from: 1_504, to: body.byteLength, identification: 2 })])).toEqual([]);
  expect(put(reassembly, [second], 30_000_000)).toEqual([]);
  expect(reassembly).toMatchObject({ joined: 0, abandoned: 2 });
});

test('a part beyond what a packet can be, or of an odd length, is of none', () => {
  const reassembly = new FragmentReassembly();
  const beyond = part({ from: 8 * 0x1fff, to: body.byteLength - 1, octets: new Uint8Array(16) });
  expect(put(reassembly, [beyond, part({ from: 0, to: 13 })])).toEqual([]);
  expect(reassembly.abandoned).toBe(0);
});

test('what waits is bounded: the packet that has waited longest goes first', () => {
  const reassembly = new FragmentReassembly({ packets: 10, octets: 8_000, patience: 1e9 });
  for (let identification = 0; identification < 1_000; identification++) {
    put(reassembly, [part({ from: 0, to: 800, identification })]);
  }
  expect(reassembly.abandoned).toBe(990);
  expect(put(reassembly, [part({ from: 800, to: body.byteLength, identification: 999 })])).toEqual([payload]);
});

test('RFC 5722 §3: an IPv6 packet whose parts overlap is dropped, one whose part came twice is not', () => {
  const version6 = encapsulateUdp({
    source: { address: '2001:db8::1', port: 1 },
    destination: { address: '2001:db8::2', port: 2 },
    payload,
  }).subarray(14);
  const upper = version6.subarray(40);
  const piece = (from: number, to: number) => {
    const octets = new Uint8Array([
      ...version6.subarray(0, 40),
      ...[17, 0, 0, 0, 0, 0, 0, 7],
      ...upper.subarray(from, to),
    ]);
    octets[6] = 44;
    const view = new DataView(octets.buffer);
    view.setUint16(4, octets.byteLength - 40);
    view.setUint16(42, from | (to < upper.byteLength ? 1 : 0));
    return octets;
  };
  const [first, last] = [piece(0, 1_000), piece(1_000, upper.byteLength)];
  expect(put(new FragmentReassembly(), [first, first, last])).toEqual([payload]);
  const overlapped = new FragmentReassembly();
  expect(put(overlapped, [first, piece(504, 1_200), last])).toEqual([]);
  expect(overlapped).toMatchObject({ joined: 0, abandoned: 1 });
});

import { describe, expect, test } from 'vitest';
import {
  called,
  caller,
  datagramsOf,
  encodings,
  flowOf,
  keyOf,
  Line,
  type SentStream,
  senderOf,
  speech,
} from './streams.fixture.ts';

const pcmu = encodings.pcmu(speech).slice(0, 200);
const back = flowOf(called, caller);
const sender = () => senderOf(keyOf('AES_CM_128_HMAC_SHA1_80'));

/** Packets with numbers and SSRCs of a sender's own. */
function numbered(
  sequenceNumberOf: (at: number) => number,
  { payloads = pcmu, ssrcOf = () => 0xcafe, ...more }: SentStream & { ssrcOf?: (at: number) => number } = {
    payloads: pcmu,
  },
): Uint8Array[] {
  return datagramsOf({ payloads, ...more }).map((datagram, at) => {
    const view = new DataView(datagram.buffer, datagram.byteOffset);
    view.setUint16(2, sequenceNumberOf(at) & 0xffff);
    view.setUint32(8, ssrcOf(at));
    return datagram;
  });
}

const orders: readonly (readonly [string, (at: number) => number])[] = [
  ['in two sequences', (at) => (at % 2 === 0 ? at / 2 : 30_000 + at / 2)],
  ['with its octets swapped', (at) => ((at & 0xff) << 8) | (at >> 8)],
  ['at random', (at) => (at * 7_919 + ((at * at) % 977) * 31) & 0xffff],
  ['that never changes', () => 7],
  ['that goes back and forth', (at) => 7 + (at % 3)],
];

describe('clear voice is heard, whatever its sequence number', () => {
  test.each(orders)('%s, with no signalling', (_, sequenceNumberOf) => {
    const line = new Line();
    line.send(numbered(sequenceNumberOf));
    expect(line.only()).toMatchObject({ state: 'clear', packets: 200, clearPackets: 200, audio: { seconds: 4 } });
  });

  test('and though its SSRC changes every four packets, where media is known to go', () => {
    const line = new Line();
    line.send(datagramsOf({ payloads: pcmu.slice(0, 20), sender: sender() }), back);
    line.send(numbered((at) => at, { payloads: pcmu, ssrcOf: (at) => 100 + (at >> 2) }));
    const clear = line.media.streams().filter(({ state }) => state === 'clear');
    expect(clear.reduce((sum, { audio }) => sum + (audio?.seconds ?? 0), 0)).toBeCloseTo(4);
  });
});

test('many short streams of one payload type, each in order, are media though nothing else says so', () => {
  const line = new Line();
  line.send(numbered((at) => at, { payloads: pcmu, ssrcOf: (at) => 100 + (at >> 2) }));
  const streams = line.media.streams();
  expect(new Set(streams.map(({ state }) => state))).toEqual(new Set(['clear']));
  expect(streams.reduce((sum, { packets }) => sum + packets, 0)).toBe(200);
});

test('RFC 3711 §3.3.1: what looks like SRTP but goes in no order is not called encrypted', () => {
  const line = new Line();
  line.send(numbered(orders[2]?.[1] ?? (() => 0), { payloads: pcmu, sender: sender() }));
  const { state, because } = line.only();
  expect([state, because]).toEqual(['unknown', '200 packets look like RTP, but go in no order']);
});

describe('a few packets', () => {
  const few = datagramsOf({ payloads: pcmu.slice(0, 3) });

  test('are a stream where the other direction is one', () => {
    const line = new Line();
    line.send(datagramsOf({ payloads: pcmu, ssrc: 2, sender: sender() }), back);
    line.send(few);
    expect(line.media.streams().map(({ state, packets }) => [state, packets])).toEqual([
      ['encrypted', 200],
      ['clear', 3],
    ]);
  });

  test('are a stream where signalling described an end of it', () => {
    const line = new Line();
    line.describe({});
    line.send(few);
    expect(line.only()).toMatchObject({ state: 'clear', packets: 3 });
  });

  test('are nothing where nothing speaks for media', () => {
    const line = new Line();
    line.send(few);
    expect(line.media.streams()).toEqual([]);
  });

  test('of which nothing is to be told are not called encrypted', () => {
    const line = new Line();
    line.send(datagramsOf({ payloads: pcmu, ssrc: 2, sender: sender() }), back);
    line.send(datagramsOf({ payloads: pcmu.slice(0, 2), sender: sender() }));
    expect(line.media.streams().map(({ state }) => state)).toEqual(['encrypted', 'unknown']);
  });
});

test('other datagrams with the version of RTP in their first octet are no media', () => {
  // As ESP in UDP has: an index of the association, a counter, and a cipher's octets.
  const line = new Line();
  line.send(
    Array.from({ length: 400 }, (_, at) => {
      const octets = Uint8Array.from({ length: 120 }, (_, index) => (at * 7_919 + index * 104_729 + at * index) >> 3);
      new DataView(octets.buffer).setUint32(0, 0x8a112233);
      new DataView(octets.buffer).setUint32(4, at);
      return octets;
    }),
  );
  expect(line.media.streams()).toEqual([]);
});

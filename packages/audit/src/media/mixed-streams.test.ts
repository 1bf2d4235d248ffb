import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { datagramsOf, encodings, keyOf, Line, senderOf, speech, srtcp } from './streams.fixture.ts';

const pcmu = encodings.pcmu(speech);
const srtp = (mki?: Uint8Array) => senderOf(keyOf('AES_CM_128_HMAC_SHA1_80', 1, mki === undefined ? {} : { mki }));
const opus = [{ payloadType: 111, name: 'opus', clockRate: 48_000 }];

/** As even as a cipher's, but for the first octet, where there is one that all have. */
function evenOf(length: number, packets: number, first?: number): Uint8Array[] {
  const random = new SeededRandom(5);
  return Array.from({ length: packets }, () => {
    const payload = random.bytes(length);
    if (first !== undefined) payload[0] = first;
    return payload;
  });
}

interface Mixed {
  readonly payloads: readonly Uint8Array[];
  readonly payloadType?: number;
  readonly step?: number;
}

/** SRTP, but for the packets from one to before another, which are in the clear. */
function mixed(sent: Mixed, from: number, to: number): Uint8Array[] {
  const clear = datagramsOf(sent);
  return datagramsOf({ ...sent, sender: srtp() }).map((datagram, at) =>
    at >= from && at < to ? (clear[at] ?? datagram) : datagram,
  );
}

describe('a short part in the clear within SRTP', () => {
  test.each([
    ['at the beginning', 0, 1],
    ['at the beginning', 0, 5],
    ['in the midst', 100, 101],
    ['in the midst', 101, 104],
    ['at the end', 247, 250],
    ['at the end', 230, 250],
  ])('of PCMU %s is heard: packets %i to %i', (_, from, to) => {
    const line = new Line();
    line.send(mixed({ payloads: pcmu }, from, to));
    const { state, clearPackets, closedPackets, tagOctets } = line.only();
    expect(state).toBe('clear');
    expect(Math.abs(clearPackets - (to - from))).toBeLessThanOrEqual(1);
    expect(clearPackets + closedPackets).toBe(250);
    expect(tagOctets).toBeUndefined();
  });

  test.each([
    [0, 12],
    [100, 101],
    [100, 130],
    [240, 250],
  ])('of G.729, which is not decoded, keeps it from being called encrypted: packets %i to %i', (from, to) => {
    const line = new Line();
    line.send(mixed({ payloads: evenOf(20, 250), payloadType: 18 }, from, to));
    expect(line.only().state).toBe('unknown');
  });

  test.each([
    [0, 20],
    [100, 140],
    [230, 250],
  ])('of a codec whose packets have any length is told by how they begin: packets %i to %i', (from, to) => {
    for (const codecs of [opus, []]) {
      const line = new Line();
      line.describe({ profile: 'RTP/SAVP', codecs });
      line.send(srtcp(3, srtp()));
      line.send(mixed({ payloads: evenOf(41, 250, 0x78), payloadType: 111, step: 960 }, from, to));
      expect(line.only().state).toBe('clear');
    }
  });

  test('of a payload type that was never shown to be SRTP keeps it from being called encrypted', () => {
    const line = new Line();
    const other = datagramsOf({ payloads: evenOf(33, 250), payloadType: 96 });
    line.send(
      datagramsOf({ payloads: pcmu, sender: srtp() }).map((datagram, at) =>
        at >= 80 && at < 115 ? (other[at] ?? datagram) : datagram,
      ),
    );
    expect(line.only().state).toBe('unknown');
  });
});

describe('what stays encrypted', () => {
  test('the voice, where events that signalling did not name went beside it in the clear', () => {
    const line = new Line();
    const sender = srtp();
    line.send(datagramsOf({ payloads: pcmu.slice(0, 100), sender }));
    const digits = [4, 7, 1, 1].flatMap((digit, nth) =>
      datagramsOf({
        payloads: Array.from({ length: 10 }, (_, at) =>
          Uint8Array.of(digit, at < 7 ? 10 : 0x8a, 0, 160 * Math.min(at, 1)),
        ),
        payloadType: 101,
        step: 0,
        sequenceNumber: 1_100 + 10 * nth,
        timestamp: 21_000 + 1_600 * nth,
      }),
    );
    line.send(digits);
    const stream = line.only();
    expect(stream).toMatchObject({ state: 'encrypted', clearPackets: 40, closedPackets: 100 });
    expect(stream.digits).toMatchObject([{ digits: '4711', how: 'rfc4733' }]);
  });

  test('silence descriptors of G.729 among its frames', () => {
    const line = new Line();
    const payloads = evenOf(20, 250).map((frame, at) => (at % 50 === 49 ? frame.subarray(0, 2) : frame));
    line.send(datagramsOf({ payloads, payloadType: 18, sender: srtp() }));
    expect(line.only().state).toBe('encrypted');
  });

  test('telephone-events that signalling did not name, with the tag of the voice', () => {
    const line = new Line();
    const sender = srtp();
    line.send(datagramsOf({ payloads: pcmu.slice(0, 100), sender }));
    const events = Array.from({ length: 8 }, (_, at) => Uint8Array.of(5, 10, 0, 160 * (at % 2)));
    line.send(datagramsOf({ payloads: events, payloadType: 101, step: 0, sequenceNumber: 1_100, sender }));
    expect(line.only().state).toBe('encrypted');
  });

  test.each([1, 4, 8])(
    'SRTP with an identifier of its master key of %i octets, which are the same in each packet',
    (length) => {
      const line = new Line();
      const mki = Uint8Array.from({ length }, (_, at) => at);
      line.send(datagramsOf({ payloads: pcmu, sender: srtp(mki) }));
      expect(line.only()).toMatchObject({ state: 'encrypted', tagOctets: 10 + length, clearPackets: 0 });
    },
  );
});

test('padding of packets in the clear is no tag', () => {
  const line = new Line();
  line.send(
    datagramsOf({ payloads: pcmu }).map((datagram) => {
      const padded = new Uint8Array(datagram.byteLength + 12);
      padded.set(datagram);
      padded[0] = 0xa0;
      padded[padded.byteLength - 1] = 12;
      return padded;
    }),
  );
  expect(line.only()).toMatchObject({ state: 'clear', clearPackets: 250, tagOctets: undefined });
});

import { SeededRandom } from '@trustline/testing';
import { expect, test } from 'vitest';
import { speechLike } from '../signal/signals.fixture.ts';
import * as frames from './even-frames.fixture.ts';
import { KeystreamBook } from './keystream-reuse.ts';
import { called, caller, datagramsOf, encodings, flowOf, keyOf, Line, senderOf, speech } from './streams.fixture.ts';

const pcmu = encodings.pcmu(speech);
const others = encodings.pcmu(speechLike(12, 40_000));
const key = keyOf('AES_CM_128_HMAC_SHA1_80');
const back = flowOf(called, caller);

test('RFC 3711 §9.1: one key and one SSRC for both directions is keystream used twice, and is found', () => {
  const line = new Line();
  line.send(datagramsOf({ payloads: pcmu, sender: senderOf(key) }));
  line.send(datagramsOf({ payloads: others, sender: senderOf(key) }), back);
  const [first, second] = line.media.streams();
  expect(first?.keystreamReuse).toMatchObject({ other: 2 });
  expect(second?.keystreamReuse).toMatchObject({ other: 1 });
  // Both packets of the first pair are named, in their order.
  const [earlier, later] = second?.keystreamReuse?.first ?? [];
  expect(earlier?.number).toBeLessThan(later?.number ?? 0);
  expect(second?.keystreamReuse?.packets).toBeGreaterThan(10);
  expect(second?.state).toBe('encrypted');
});

test('a sender that begins anew under the same key uses keystream twice', () => {
  const line = new Line();
  line.send(datagramsOf({ payloads: pcmu, sender: senderOf(key) }));
  line.send(datagramsOf({ payloads: others, sender: senderOf(key) }));
  expect(line.only().keystreamReuse).toMatchObject({ other: 1 });
});

test('neither two keys, nor two SSRC, nor the same packets twice, nor voices in the clear are', () => {
  const line = new Line();
  line.send(datagramsOf({ payloads: pcmu, sender: senderOf(key) }));
  line.send(datagramsOf({ payloads: others, sender: senderOf(keyOf('AES_CM_128_HMAC_SHA1_80', 2)) }), back);
  line.send(datagramsOf({ payloads: others, sender: senderOf(key), ssrc: 9 }), back);
  line.send(datagramsOf({ payloads: pcmu, sender: senderOf(key) }), { ...flowOf(), interface: 1 });
  line.send(datagramsOf({ payloads: pcmu, ssrc: 10 }));
  line.send(datagramsOf({ payloads: others, ssrc: 10 }), back);
  const streams = line.media.streams();
  expect(streams).toHaveLength(6);
  expect(streams.map(({ keystreamReuse }) => keystreamReuse)).toEqual(Array.from({ length: 6 }, () => undefined));
});

test.each([
  ['Opus', 111, 960, frames.opus],
  ['GSM', 3, 160, frames.gsm],
  ['G.729', 18, 160, (packets: number, seed: number) => frames.g729(packets, 2, seed)],
])('it is found of %s, too, whose frames have some bits in common', (_, payloadType, step, payloads) => {
  const both = (other: ReturnType<typeof keyOf>) => {
    const line = new Line();
    line.send(datagramsOf({ payloads: payloads(300, 1), payloadType, step, sender: senderOf(key) }));
    line.send(datagramsOf({ payloads: payloads(300, 2), payloadType, step, sender: senderOf(other) }), back);
    return line.media.streams()[1]?.keystreamReuse;
  };
  expect(both(key)).toMatchObject({ other: 1 });
  expect(both(keyOf('AES_CM_128_HMAC_SHA1_80', 2))).toBeUndefined();
});

test('it is certain where one key opens both, few as they are', () => {
  const line = new Line();
  line.describe({ profile: 'RTP/SAVP', keys: [key] });
  const random = (seed: number) => Array.from({ length: 20 }, () => new SeededRandom(seed).bytes(160));
  line.send(datagramsOf({ payloads: random(1), sender: senderOf(key) }));
  line.send(datagramsOf({ payloads: random(2), sender: senderOf(key) }), back);
  expect(line.media.streams()[1]?.keystreamReuse).toMatchObject({ other: 1 });
});

test('a sender that begins anew under a key of which nothing is known may have used it twice', () => {
  const line = new Line();
  line.send(datagramsOf({ payloads: pcmu, sender: senderOf(key) }));
  line.send(datagramsOf({ payloads: others, sender: senderOf(keyOf('AES_CM_128_HMAC_SHA1_80', 2)) }));
  expect(line.only()).toMatchObject({ keystreamReuse: undefined, numbersUsedAgain: { other: 1 }, state: 'encrypted' });
});

test('numbers that come round are no keystream that is used twice (RFC 3711 §3.3.1)', () => {
  const book = new KeystreamBook();
  const stream = {};
  const random = new SeededRandom(1);
  for (let at = 0; at < 80_000; at++) {
    book.add(stream, 1, at & 0xffff, random.bytes(20), 0, { number: at, microseconds: at });
  }
  expect(book.of(stream)).toBeUndefined();
});

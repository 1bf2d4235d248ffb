import { expect, test } from 'vitest';
import { speechLike } from '../signal/signals.fixture.ts';
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
  expect(first?.keystreamReuse).toBeUndefined();
  expect(second?.keystreamReuse).toMatchObject({ other: 1 });
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

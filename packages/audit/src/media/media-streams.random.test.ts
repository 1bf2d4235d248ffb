import { SeededRandom } from '@trustline/testing';
import { expect, test } from 'vitest';
import { noise, speechLike } from '../signal/signals.fixture.ts';
import { datagramsOf, encodings, keyOf, Line, senderOf } from './streams.fixture.ts';

const STREAMS = process.env['TRUSTLINE_FULL'] === undefined ? 500 : 10_000;
const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM'] as const;

/** A second or so of something: speech, noise at some level, tones, or silence. */
function soundOf(random: SeededRandom): Int16Array {
  const length = 160 * (8 + random.below(60));
  const level = 10 ** (-3 * random.next());
  const kind = random.below(5);
  if (kind === 0)
    return speechLike(random.below(1e6), length).map((sample) =>
      Math.max(-32_768, Math.min(32_767, sample * 3 * level)),
    );
  if (kind === 1) return noise(random.below(1e6), length).map((sample) => sample * level);
  if (kind === 2) return new Int16Array(length);
  const tones = Array.from({ length: 1 + random.below(4) }, () => 100 + random.below(3_500));
  return Int16Array.from({ length }, (_, at) =>
    tones.reduce(
      (sum, hertz) => sum + (30_000 * level * Math.sin((2 * Math.PI * hertz * at) / 8_000)) / tones.length,
      0,
    ),
  );
}

test(`of ${STREAMS} voices, noises and tones, clear and under SRTP, none is taken for the other`, () => {
  const wrong: string[] = [];
  for (let seed = 1; seed <= STREAMS; seed++) {
    const random = new SeededRandom(seed);
    const payloadType = random.chance(0.5) ? 0 : 8;
    const payloads = (payloadType === 0 ? encodings.pcmu : encodings.pcma)(soundOf(random));
    const suite = random.chance(0.5) ? suites[random.below(3)] : undefined;
    const line = new Line();
    line.send(
      datagramsOf({
        payloads,
        payloadType,
        sequenceNumber: random.below(65_536),
        timestamp: random.below(2 ** 32),
        ...(suite === undefined ? {} : { sender: senderOf(keyOf(suite, seed & 127)) }),
      }),
    );
    const { state, because } = line.only();
    const expected = suite === undefined ? 'clear' : 'encrypted';
    if (state !== expected) wrong.push(`seed ${seed}: ${state}, not ${expected}, because ${because}`);
  }
  expect(wrong).toEqual([]);
});

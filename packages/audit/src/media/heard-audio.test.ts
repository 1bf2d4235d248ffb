import { encodeALaw, encodeMuLaw } from '@trustline/rtp';
import { expect, test } from 'vitest';
import { detectDtmfTones } from '../signal/dtmf-tones.ts';
import { noise, speechLike } from '../signal/signals.fixture.ts';
import { HeardAudio } from './heard-audio.ts';
import { MediaDecoders } from './media-decoder.ts';
import { fixedCodec } from './payload-codec.ts';
import type { SampleOctets } from './payload-lane.ts';

const RATE = 8_000;
const PACKET = 160;
const place = { number: 1, microseconds: 0 };
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const keypad = '123A456B789C*0#D';

/** Heard as octets of G.711, and as the samples that they stand for. */
function heard(samples: Int16Array, payloadType: 0 | 8): readonly HeardAudio[] {
  const codec = fixedCodec(payloadType);
  const decoder = codec === undefined ? undefined : new MediaDecoders().make(codec);
  if (decoder === undefined) throw new Error('G.711 is always decoded');
  const octets = new Uint8Array(samples.length);
  (payloadType === 0 ? encodeMuLaw : encodeALaw)(samples, octets);
  const [byOctets, bySamples] = [new HeardAudio(RATE, RATE, undefined), new HeardAudio(RATE, RATE, undefined)];
  for (let at = 0; at + PACKET <= octets.length; at += PACKET) {
    byOctets.addOctets(at, decoder as SampleOctets, octets, at, at + PACKET, place);
    bySamples.add(at, decoder.decode(octets.subarray(at, at + PACKET)) ?? samples, RATE, place);
  }
  return [byOctets, bySamples];
}

/** Every key for so many milliseconds, one group louder than the other by so many decibels, in noise of some hundredths of its power. */
function everyKey(milliseconds: number, twist: number, detuned: number): Int16Array {
  const pause = 80;
  const length = (RATE / 1_000) * (milliseconds + pause);
  const samples = Int16Array.from(noise(7, length * keypad.length), (value) => value / 50);
  const [low, high] = [3_000, 3_000 * 10 ** (twist / 20)];
  for (let key = 0; key < keypad.length; key++) {
    const [row = 0, column = 0] = [rows[key >> 2], columns[key & 3]];
    const from = key * length + 37 * key;
    for (let at = 0; at < (RATE / 1_000) * milliseconds; at++) {
      const angle = (2 * Math.PI * at * (1 + detuned)) / RATE;
      const tone = low * Math.sin(row * angle + key) + high * Math.sin(column * angle);
      samples[from + at] = (samples[from + at] ?? 0) + tone;
    }
  }
  return samples;
}

test.each([
  [50, 0, 0],
  [45, 0, 0.004],
  [60, 6, -0.003],
  [60, -6, 0.003],
])('every digit of %i ms is heard, at a twist of %i dB and detuned by %f (Q.24)', (milliseconds, twist, detuned) => {
  const samples = everyKey(milliseconds, twist, detuned);
  expect(
    detectDtmfTones(samples, RATE)
      .map(({ digit }) => digit)
      .join(''),
  ).toBe(keypad);
  for (const audio of [...heard(samples, 0), ...heard(samples, 8)]) expect(audio.digits().digits).toBe(keypad);
});

test.each([0, 8] as const)('of payload type %i octets are measured as their samples are', (payloadType) => {
  const [byOctets, bySamples] = heard(speechLike(3, 10 * RATE), payloadType);
  expect(byOctets?.summary()).toEqual(bySamples?.summary());
  expect(byOctets?.digits()).toEqual(bySamples?.digits());
  expect(byOctets?.summary().audibleSeconds).toBeGreaterThan(5);
});

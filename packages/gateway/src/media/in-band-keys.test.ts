import { speechLike } from '@trustline/phone';
import { expect, test } from 'vitest';
import { DtmfDetector, dtmfTones } from '../tones/dtmf.ts';
import { InBandKeys } from './in-band-keys.ts';

/** Gives samples to it in frames of 20 ms; what it told, and what was left to be heard. */
function through(keys: InBandKeys, samples: Int16Array): { told: string; left: Int16Array } {
  const left = samples.slice();
  let told = '';
  for (let at = 0; at + 160 <= left.length; at += 160) told += keys.take(left.subarray(at, at + 160));
  return { told, left };
}

function tones(keys: string, before = 0): Int16Array {
  const sound = new Int16Array(before + keys.length * 1_600 + 800);
  dtmfTones(keys).fill(sound.subarray(before));
  return sound;
}

test.each([0, 37, 80, 123])(
  'keys in the audio are told once, and what is left holds none (begun %i samples late)',
  (before) => {
    const { told, left } = through(new InBandKeys(), tones('1590*#', before));
    expect(told).toBe('1590*#');
    expect(new DtmfDetector().push(left)).toBe('');
    // Not the shortest piece of a tone is left, for what a jitter buffer may make of it.
    expect(left.subarray(0, left.length - 800).filter((sample) => Math.abs(sample) > 1_000).length).toBeLessThan(40);
  },
);

test('speech goes through as it is', () => {
  const { samples } = speechLike(10, 7);
  const { told, left } = through(new InBandKeys(), samples);
  expect(told).toBe('');
  const late = left.subarray(320);
  const changed = late.reduce((count, sample, at) => count + (sample === samples[at] ? 0 : 1), 0);
  expect(changed / samples.length).toBeLessThan(0.01);
});

test('the echo of keys that we sound is no key of the far end; one that follows is', () => {
  const keys = new InBandKeys();
  keys.sounded('42');
  expect(through(keys, tones('42', 400)).told).toBe('');
  through(keys, new Int16Array(3_200));
  expect(through(keys, tones('7')).told).toBe('7');
});

import { expect, test } from 'vitest';
import { ProgressTones } from './progress-tones.ts';

/** How loud a frequency is in each fifth of a second. */
function heard(country: 'europe' | 'north-america', tone: 'ringing' | 'busy', frequency: number): string {
  const source = new ProgressTones(country).source(tone);
  return Array.from({ length: 30 }, () => {
    let [real, imaginary] = [0, 0];
    for (let frames = 0; frames < 10; frames++) {
      const frame = new Int16Array(160);
      source(frame);
      for (const [at, sample] of frame.entries()) {
        const angle = (2 * Math.PI * frequency * (frames * 160 + at)) / 8_000;
        real += sample * Math.cos(angle);
        imaginary += sample * Math.sin(angle);
      }
    }
    return Math.hypot(real, imaginary) > 1_000_000 ? '#' : '.';
  }).join('');
}

test('ITU-T E.180: ringing and busy have the frequency and the rhythm of the country', () => {
  expect(heard('europe', 'ringing', 425)).toBe(`#####${'.'.repeat(20)}#####`);
  expect(heard('europe', 'ringing', 440)).not.toContain('#####');
  expect(heard('north-america', 'ringing', 440)).toBe(`${'#'.repeat(10)}${'.'.repeat(20)}`);
  expect(heard('north-america', 'ringing', 480)).toBe(`${'#'.repeat(10)}${'.'.repeat(20)}`);
  expect(heard('north-america', 'busy', 620)).toMatch(/^##[#.]\.\.##/);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { toneLevel } from '@trustline/audit';
import { parseWav, serializeWav } from '@trustline/rtp';

/** A telephone's sampling rate, in hertz. */
const rate = 8_000;
/** A tone counts as heard in a window when it is so many dB above everything else in it. */
const clearTone = 20;
/** Louder than this begins what is heard: G.711 makes up to 8 of silence. */
const silence = 8;
/** A tenth of a second. */
const windowSamples = rate / 10;

/** Writes a WAV file with a minute of a tone. */
export function writeTone(file: string, frequency: number): void {
  const samples = Int16Array.from({ length: rate * 60 }, (_, at) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * frequency * at) / rate)),
  );
  writeFileSync(file, serializeWav({ rate, samples }));
}

/** What share of the samples, by windows of 100 ms, has the tone at least 20 dB above the rest. */
export function toneShare(samples: Int16Array, frequency: number): number {
  let [heard, windows] = [0, 0];
  for (let at = 0; at + windowSamples <= samples.length; at += windowSamples) {
    windows += 1;
    if (toneLevel(samples.subarray(at, at + windowSamples), rate, frequency) >= clearTone) heard += 1;
  }
  return windows === 0 ? 0 : heard / windows;
}

/**
 * How many seconds of a WAV recording have the tone at least 20 dB above the rest, and how long it is. It counts from
 * the first sound on: a recorder runs before the far end sends.
 */
export function toneSeconds(
  file: string,
  frequency: number,
): { readonly heard: number; readonly total: number; readonly share: number } {
  const recorded = parseWav(readFileSync(file)).samples;
  const samples = recorded.subarray(
    Math.max(
      0,
      recorded.findIndex((sample) => Math.abs(sample) > silence),
    ),
  );
  const share = toneShare(samples, frequency);
  const total = samples.length / rate;
  return { heard: share * total, total, share };
}

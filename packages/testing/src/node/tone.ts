import { spawnSync } from 'node:child_process';
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

/** Writes a sound anew at another rate, in as many channels, by sox; returns where. */
export function convertSound(file: string, to: string, { rate, channels }: { rate: number; channels: number }): string {
  const { status, stderr } = spawnSync('sox', [file, '-r', String(rate), '-c', String(channels), to]);
  if (status !== 0) throw new Error(`sox could not convert ${file}: ${stderr}`);
  return to;
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

/** The amplitude of a tone in samples, whatever else is in them; exact where these are whole periods of it. */
export function toneAmplitude(samples: Int16Array, frequency: number): number {
  let [real, imaginary] = [0, 0];
  for (const [at, sample] of samples.entries()) {
    const angle = (2 * Math.PI * frequency * at) / rate;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

/** The amplitudes of a tone in a WAV recording, whatever else is heard, of each 100 ms. */
export function toneAmplitudes(file: string, frequency: number): readonly number[] {
  const recorded = parseWav(readFileSync(file)).samples;
  return Array.from({ length: Math.floor(recorded.length / windowSamples) }, (_, at) =>
    toneAmplitude(recorded.subarray(at * windowSamples, (at + 1) * windowSamples), frequency),
  );
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

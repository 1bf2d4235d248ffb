import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { toneLevel } from '@trustline/audit';
import { parseWav, serializeWav } from '@trustline/rtp';
import { eventually } from './eventually.ts';

/** A telephone's sampling rate, in hertz. */
const rate = 8_000;
/** A tone counts as heard in a window when it is so many dB above everything else in it. */
const clearTone = 20;
/** Louder than this begins what is heard: G.711 makes up to 8 of silence. */
const silence = 8;
/** `data`, as the chunk of a WAV file that holds the samples is called. */
const dataChunk = 0x64617461;
/** Octets of a WAV file before its samples. */
const headerLength = 44;
/** A tenth of a second. */
const windowSamples = rate / 10;

/** Writes a WAV file with a minute of a tone. */
export function writeTone(file: string, frequency: number): void {
  const samples = Int16Array.from({ length: rate * 60 }, (_, at) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * frequency * at) / rate)),
  );
  writeFileSync(file, serializeWav({ rate, samples }));
}

/** A WAV recording, once whoever writes it has finished: it says how long it is last. */
async function finished(file: string): Promise<Uint8Array> {
  return eventually(`the end of the recording ${file}`, () => {
    const bytes = existsSync(file) ? readFileSync(file) : new Uint8Array();
    return isFinished(bytes) && bytes;
  });
}

/** Whether a RIFF file holds samples, and its chunks end where it ends; Linphone counts its header among the samples. */
function isFinished(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [at, samples] = [12, 0]; // behind `RIFF`, the length of all and `WAVE`
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at + 4, true);
    if (view.getUint32(at) === dataChunk) samples += length;
    at += 8 + length + (length % 2);
  }
  return samples > 0 && [0, headerLength].includes(at - bytes.length);
}

/** Writes a recording anew at another rate, in as many channels, by sox, once it is finished; returns where. */
export async function convertSound(
  file: string,
  to: string,
  { rate, channels }: { rate: number; channels: number },
): Promise<string> {
  await finished(file);
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

/** The amplitudes of a tone in a WAV recording, once that is finished, whatever else is heard, of each 100 ms. */
export async function toneAmplitudes(file: string, frequency: number): Promise<readonly number[]> {
  const recorded = parseWav(await finished(file)).samples;
  return Array.from({ length: Math.floor(recorded.length / windowSamples) }, (_, at) =>
    toneAmplitude(recorded.subarray(at * windowSamples, (at + 1) * windowSamples), frequency),
  );
}

/**
 * How many seconds of a WAV recording, once that is finished, have the tone at least 20 dB above the rest, and how long it is.
 * It counts from the first sound on: a recorder runs before the far end sends.
 */
export async function toneSeconds(
  file: string,
  frequency: number,
): Promise<{ readonly heard: number; readonly total: number; readonly share: number }> {
  const recorded = parseWav(await finished(file)).samples;
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

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { G722Decoder, G722Encoder } from './g722.ts';

const RATE = 16_000;
const missing = spawnSync('ffmpeg', ['-version']).error !== undefined;

function ffmpeg(input: Uint8Array, ...options: string[]): Uint8Array {
  return spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...options], { input, maxBuffer: 1e8 }).stdout;
}

/** Tones that rise, with noise in the second half: all that the coder can be driven to. */
function driven(): Int16Array {
  const length = 3 * RATE;
  const noise = createHash('shake256', { outputLength: length }).update('noise').digest();
  return Int16Array.from({ length }, (_, at) => {
    const rising = 12_000 * Math.sin((2 * Math.PI * ((at / length) * 3_500) * at) / RATE);
    const hiss = at < length / 2 ? 0 : ((noise[at] as number) - 128) * 200;
    return Math.max(-32_768, Math.min(32_767, Math.round(rising + hiss)));
  });
}

describe('G.722 against ffmpeg', () => {
  test.skipIf(missing && process.env['CI'] !== 'true')('it codes and decodes as we do, octet for octet', () => {
    const samples = driven();
    const raw = ['-f', 's16le', '-ar', String(RATE), '-ac', '1'];
    const pcm = new Uint8Array(samples.buffer);
    const octets = new G722Encoder().encode(samples);
    const theirs = ffmpeg(pcm, ...raw, '-i', '-', '-c:a', 'g722', '-trellis', '0', '-f', 'g722', '-');
    expect(Buffer.compare(theirs, octets)).toBe(0);
    const noise = createHash('shake256', { outputLength: 20_000 }).update('octets').digest();
    for (const coded of [octets, noise]) {
      const decoded = ffmpeg(coded, '-f', 'g722', '-i', '-', '-f', 's16le', '-');
      expect(Buffer.compare(decoded, Buffer.from(new G722Decoder().decode(coded).buffer))).toBe(0);
    }
  });
});

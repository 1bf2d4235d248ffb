import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { decodeALaw, decodeMuLaw } from './g711.ts';

const everyOctet = Uint8Array.from({ length: 256 }, (_, i) => i);
const soxIsMissing = spawnSync('sox', ['--version']).error !== undefined;

describe('against sox', () => {
  for (const [encoding, decode] of [
    ['a-law', decodeALaw],
    ['u-law', decodeMuLaw],
  ] as const) {
    test(`sox decodes every octet of ${encoding} as we do`, (context) => {
      if (soxIsMissing) {
        const reason = 'sox is needed (scripts/install-peers.sh)';
        if (process.env['CI'] === 'true') throw new Error(reason);
        context.skip(reason);
      }
      const raw = ['-t', 'raw', '-r', '8000', '-c', '1'];
      const target = [...raw, '-e', 'signed', '-b', '16', '-'];
      const { stdout } = spawnSync('sox', [...raw, '-e', encoding, '-b', '8', '-', ...target], { input: everyOctet });
      const ours = new Int16Array(256);
      decode(everyOctet, ours);
      expect([...new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length / 2)]).toEqual([...ours]);
    });
  }
});

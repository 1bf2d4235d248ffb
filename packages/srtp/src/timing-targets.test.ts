import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BranchingGhash, MaskingGhash } from '../bench/counterparts/bitwise-ghash.ts';
import { equalUntilDifference } from '../bench/counterparts/early-exit.ts';
import { TableAes } from '../bench/counterparts/table-aes.ts';
import { timingOptions } from '../bench/timing.ts';
import { timingTargets } from '../bench/timing-targets.ts';
import { equalInConstantTime } from './octets.ts';

const block = fc.uint8Array({ minLength: 16, maxLength: 16 });

function encrypted(key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const aes = new TableAes();
  const ciphertext = new Uint8Array(16);
  aes.setKey(key);
  aes.encrypt(plaintext, ciphertext);
  return ciphertext;
}

describe('what leaks on purpose is right in all else, or it would be no counterpart', () => {
  test('AES by tables is AES', () => {
    fc.assert(
      fc.property(block, block, (key, plaintext) => {
        const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
        expect(encrypted(key, plaintext)).toEqual(Uint8Array.from(cipher.update(plaintext)));
      }),
    );
  });

  test.each([
    ['branches', new BranchingGhash()],
    ['masks', new MaskingGhash()],
  ])('GHASH with %s is that of GCM (SP 800-38D §7.1, over authenticated data alone)', (_, ghash) => {
    fc.assert(
      fc.property(block, block, (key, data) => {
        const gcm = createCipheriv('aes-128-gcm', key, new Uint8Array(12)).setAAD(data);
        gcm.final();
        ghash.setKey(encrypted(key, new Uint8Array(16)));
        ghash.absorb(data);
        ghash.absorb(new Uint8Array(16).with(7, 128)); // the length of the data in bits, and of no ciphertext
        const mask = encrypted(key, new Uint8Array(16).with(15, 1));
        expect(ghash.digest().map((octet, at) => octet ^ (mask[at] as number))).toEqual(
          Uint8Array.from(gcm.getAuthTag()),
        );
      }),
    );
  });

  test('both comparisons say the same', () => {
    const octets = fc.uint8Array({ minLength: 4, maxLength: 4, max: 2 });
    fc.assert(
      fc.property(octets, octets, (left, right) => {
        expect(equalUntilDifference(left, 1, right, 1, 3)).toBe(equalInConstantTime(left, 1, right, 1, 3));
      }),
    );
  });
});

test('every target prepares and runs both classes, and there is one of each kind', () => {
  for (const target of timingTargets) {
    for (const inputClass of [0, 1, 1, 0] as const) {
      target.prepare(inputClass);
      target.run();
    }
  }
  expect(new Set(timingTargets.map(({ isLeaky }) => isLeaky)).size).toBe(2);
});

test('the timing test runs when it is asked for, a million times unless told otherwise', () => {
  expect(timingOptions(['--seconds', '3'])).toBeUndefined();
  expect(timingOptions(['--timing'])).toEqual({ runs: 1_000_000, seed: 1 });
  expect(timingOptions(['--timing', '--runs', '5000', '--seed', '7'])).toEqual({ runs: 5_000, seed: 7 });
  expect(() => timingOptions(['--timing', '--runs', 'few'])).toThrow('--runs takes a whole number');
});

import { describe, expect, test } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.ts';

const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const everyOctet = Uint8Array.from({ length: 256 }, (_, i) => i);

function run(code: (input: never, output: never) => void, input: Int16Array | Uint8Array): Int16Array | Uint8Array {
  const output = input instanceof Int16Array ? new Uint8Array(input.length) : new Int16Array(input.length);
  code(input as never, output as never);
  return output;
}

describe('G.711', () => {
  test('known values of both laws', () => {
    const samples = Int16Array.of(0, 8, -8, 1000, -1000, 32_767, -32_768);
    expect([...run(encodeALaw, samples)]).toEqual([0xd5, 0xd5, 0x55, 0xfa, 0x7a, 0xaa, 0x2a]);
    expect([...run(encodeMuLaw, samples)]).toEqual([0xff, 0xfe, 0x7e, 0xce, 0x4e, 0x80, 0x00]);
    expect([...run(decodeALaw, Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a))]).toEqual([8, -8, 32_256, -32_256]);
    expect([...run(decodeMuLaw, Uint8Array.of(0xff, 0x7f, 0x80, 0x00))]).toEqual([0, 0, 32_124, -32_124]);
  });

  test.each([
    ['A-law', encodeALaw, decodeALaw],
    ['µ-law', encodeMuLaw, decodeMuLaw],
  ])('%s: every octet survives a round trip, but for the negative zero of µ-law', (_, encode, decode) => {
    const again = run(encode, run(decode, everyOctet) as Int16Array) as Uint8Array;
    const changed = everyOctet.filter((octet) => again[octet] !== octet);
    expect([...changed]).toEqual(encode === encodeMuLaw ? [0x7f] : []);
  });

  test.each([
    ['A-law', encodeALaw, decodeALaw],
    ['µ-law', encodeMuLaw, decodeMuLaw],
  ])('%s: the error of every sample is within half its quantisation step', (_, encode, decode) => {
    const decoded = run(decode, run(encode, everySample) as Uint8Array) as Int16Array;
    for (let i = 0; i < everySample.length; i++) {
      const sample = everySample[i] as number;
      const error = Math.abs((decoded[i] as number) - sample);
      expect(error).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16));
    }
  });
});

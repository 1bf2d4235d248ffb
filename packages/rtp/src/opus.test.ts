import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { OpusLibrary } from './opus.ts';
import { amplitudeOf, sineOf } from './signals.fixture.ts';
import type { VoiceDecoder, VoiceEncoder } from './voice-codec.ts';

let opus: OpusLibrary;
beforeAll(async () => {
  opus = await OpusLibrary.load();
});

/** Encoder and decoder as a relay has them when the first packet comes. */
async function pair(rate: 8_000 | 16_000): Promise<{ encoder: VoiceEncoder; decoder: VoiceDecoder }> {
  const made = { encoder: opus.encoder(rate), decoder: opus.decoder(rate) };
  await new Promise(setImmediate);
  return made;
}

describe('Opus', () => {
  test('is a libopus of today', async () => {
    expect(await opus.version()).toMatch(/^libopus 1\.[6-9]/);
  });

  test.each([8_000, 16_000] as const)('a tone at %i samples a second is that tone, as loud as it was', async (rate) => {
    const { encoder, decoder } = await pair(rate);
    const samples = sineOf(1_000, rate, 2 * rate);
    const heard: number[] = [];
    for (let at = 0; at < samples.length; at += rate / 50) {
      heard.push(...(decoder.decode(encoder.encode(samples.subarray(at, at + rate / 50))) ?? []));
    }
    expect(heard).toHaveLength(2 * rate);
    expect(amplitudeOf(Int16Array.from(heard.slice(rate)), 1_000, rate) / 10_000).toBeCloseTo(1, 1);
  });

  test.each([10, 20, 40, 60])('RFC 6716 §2.1.4: a packet may have %i ms', async (milliseconds) => {
    const { encoder, decoder } = await pair(16_000);
    const payload = encoder.encode(sineOf(500, 16_000, 16 * milliseconds));
    expect(decoder.decode(payload)).toHaveLength(16 * milliseconds);
  });

  test('after a loss it goes on, and what it conceals is not given out', async () => {
    const { encoder, decoder } = await pair(16_000);
    const samples = sineOf(1_000, 16_000, 16_000);
    const packets = Array.from({ length: 50 }, (_, at) => encoder.encode(samples.subarray(320 * at, 320 * (at + 1))));
    const heard: number[] = [];
    for (const [at, packet] of packets.entries()) {
      if (at === 20) decoder.lost(320);
      else heard.push(...(decoder.decode(packet) ?? []));
    }
    expect(heard).toHaveLength(49 * 320);
    expect(amplitudeOf(Int16Array.from(heard.slice(-8_000)), 1_000, 16_000) / 10_000).toBeCloseTo(1, 1);
    decoder.lost(1_000_000);
    decoder.lost(3);
  });

  test('RFC 6716 §3.4: what is no packet of Opus is refused, whatever it is', async () => {
    const { decoder } = await pair(8_000);
    expect(decoder.decode(new Uint8Array(0))).toBeUndefined();
    expect(decoder.decode(Uint8Array.of(0xff, 0x00))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(decoder.decode(octets)?.length ?? 0).toBeLessThanOrEqual(960);
      }),
    );
  });

  test('what is closed says nothing any more, be it closed before it was ready', async () => {
    const [encoder, decoder] = [opus.encoder(8_000), opus.decoder(8_000)];
    encoder.close();
    decoder.close();
    await new Promise(setImmediate);
    expect(encoder.encode(sineOf(500, 8_000, 160))).toHaveLength(0);
    expect(decoder.decode(Uint8Array.of(0))).toBeUndefined();
    encoder.close();
  });
});

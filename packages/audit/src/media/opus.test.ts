import { OpusLibrary } from '@trustline/rtp';
import { beforeAll, describe, expect, test } from 'vitest';
import { correlateAtBestLag } from '../signal/correlate.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { datagramsOf, keyOf, Line, senderOf } from './streams.fixture.ts';

const named = [{ payloadType: 111, name: 'opus', clockRate: 48_000 }];
/** Of a voice at 8 kHz, taken as one at 16 kHz. */
const samples = speechLike(21, 48_000);
let opus: OpusLibrary;
let payloads: readonly Uint8Array[];

beforeAll(async () => {
  opus = await OpusLibrary.load();
  const encoder = opus.encoder(16_000);
  await new Promise(setImmediate);
  payloads = Array.from({ length: 150 }, (_, at) => encoder.encode(samples.subarray(320 * at, 320 * at + 320)).slice());
  encoder.close();
});

async function lineWith(options: ConstructorParameters<typeof Line>[0] = {}): Promise<Line> {
  const line = new Line({ opus, includeAudio: true, ...options });
  await new Promise(setImmediate);
  return line;
}

function expectHeard(line: Line): void {
  const { audio } = line.only();
  expect(audio?.sampleRate).toBe(16_000);
  expect(audio?.seconds).toBeCloseTo(3);
  const { correlation } = correlateAtBestLag(samples, audio?.samples?.() ?? [], { maximumLagSamples: 1_000 });
  expect(correlation).toBeGreaterThan(0.8);
}

describe('Opus', () => {
  test.each([25, 150])('in the clear, as signalled, is heard: %i packets', async (packets) => {
    const line = await lineWith();
    line.describe({ codecs: named });
    line.send(datagramsOf({ payloads: payloads.slice(0, packets), payloadType: 111, step: 960 }));
    expect(line.only()).toMatchObject({ state: 'clear', codec: 'opus', clearPackets: packets });
    if (packets === 150) expectHeard(line);
  });

  test('in the clear in spite of what signalling says is heard, too', async () => {
    const line = await lineWith();
    line.describe({ profile: 'RTP/SAVP', codecs: named });
    line.send(datagramsOf({ payloads, payloadType: 111, step: 960 }));
    expect(line.only()).toMatchObject({ state: 'clear', clearPackets: 150 });
    expectHeard(line);
  });

  test('is known by its packets and heard, also where signalling names it only after the last of them, or never', async () => {
    const line = await lineWith();
    line.send(datagramsOf({ payloads, payloadType: 111, step: 960 }));
    expect(line.only()).toMatchObject({ state: 'clear', codec: 'opus', clearPackets: 150 });
    line.describe({ codecs: named });
    expect(line.only()).toMatchObject({ state: 'clear', codec: 'opus', clearPackets: 150 });
    expectHeard(line);
  });

  test('under SRTP is opened with its key, and encrypted without', async () => {
    const key = keyOf('AEAD_AES_256_GCM');
    for (const keys of [[key], []]) {
      const line = await lineWith();
      line.describe({ profile: 'RTP/SAVP', codecs: named, keys });
      line.send(datagramsOf({ payloads, payloadType: 111, step: 960, sender: senderOf(key) }));
      expect(line.only().state).toBe(keys.length === 0 ? 'encrypted' : 'opened');
      if (keys.length > 0) expectHeard(line);
    }
  });

  test('without its library is not heard', () => {
    const line = new Line();
    line.describe({ codecs: named });
    line.send(datagramsOf({ payloads, payloadType: 111, step: 960 }));
    expect(line.only()).toMatchObject({ state: 'clear', audio: undefined });
    expect(line.only().because).toMatch(/opus is not decoded here/);
  });
});

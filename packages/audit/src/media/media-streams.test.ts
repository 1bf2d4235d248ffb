import { describe, expect, test } from 'vitest';
import { correlateAtBestLag } from '../signal/correlate.ts';
import { noise } from '../signal/signals.fixture.ts';
import { datagramsOf, encodings, keyOf, Line, senderOf, speech } from './streams.fixture.ts';

const lags = { maximumLagSamples: 2_000 };
const pcmu = encodings.pcmu(speech);

describe('a stream in the clear', () => {
  test.each([
    ['PCMU', 0, encodings.pcmu],
    ['PCMA', 8, encodings.pcma],
  ] as const)('of %s is heard, word for word', (codec, payloadType, encode) => {
    const line = new Line({ includeAudio: true });
    line.send(datagramsOf({ payloads: encode(speech), payloadType }));
    const stream = line.only();
    expect(stream).toMatchObject({
      state: 'clear',
      because: `its ${codec} was decoded as it was captured`,
      codec,
      packets: 250,
      clearPackets: 250,
      openedPackets: 0,
      closedPackets: 0,
      key: undefined,
      noisePeaks: undefined,
    });
    const { audio } = stream;
    expect(audio?.seconds).toBe(5);
    expect(audio?.audibleSeconds).toBeGreaterThan(3);
    expect(audio?.peaks.length).toBe(250);
    expect(correlateAtBestLag(speech, audio?.samples?.() ?? [], lags)).toMatchObject({ lagSamples: 0 });
    expect(correlateAtBestLag(speech, audio?.samples?.() ?? [], lags).correlation).toBeGreaterThan(0.99);
  });

  test('that is noise is not taken for encrypted', () => {
    for (let seed = 0; seed < 20; seed++) {
      const line = new Line();
      line.send(datagramsOf({ payloads: encodings.pcmu(noise(seed, 16_000)) }));
      expect(line.only().state).toBe('clear');
    }
  });
});

describe('SRTP without a key', () => {
  test.each([
    ['AES_CM_128_HMAC_SHA1_80', 10],
    ['AES_CM_128_HMAC_SHA1_32', 4],
    ['AEAD_AES_128_GCM', 16],
    ['AES_256_CM_HMAC_SHA1_80', 10],
    ['F8_128_HMAC_SHA1_80', 10],
  ] as const)('of %s is known by its tag', (profile, tagOctets) => {
    const line = new Line();
    line.send(datagramsOf({ payloads: pcmu, sender: senderOf(keyOf(profile)) }));
    expect(line.only()).toMatchObject({
      state: 'encrypted',
      tagOctets,
      closedPackets: 250,
      clearPackets: 0,
      audio: undefined,
    });
  });
});

describe('SRTP whose key was read', () => {
  test.each([
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
    'AEAD_AES_128_GCM',
    'AEAD_AES_256_GCM',
    'AES_192_CM_HMAC_SHA1_80',
    'AES_256_CM_HMAC_SHA1_80',
    'AES_256_CM_HMAC_SHA1_32',
    'F8_128_HMAC_SHA1_80',
  ] as const)('of %s is opened and heard', (profile) => {
    const key = keyOf(profile);
    const line = new Line({ includeAudio: true });
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    line.send(datagramsOf({ payloads: pcmu, sender: senderOf(key) }));
    const stream = line.only();
    expect(stream).toMatchObject({ state: 'opened', openedPackets: 250, closedPackets: 0, clearPackets: 0 });
    expect(stream.key).toBe(key);
    expect(correlateAtBestLag(speech, stream.audio?.samples?.() ?? [], lags).correlation).toBeGreaterThan(0.99);
  });
});

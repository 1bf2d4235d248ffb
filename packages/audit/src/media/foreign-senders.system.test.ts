import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpusLibrary, serializeWav } from '@trustline/rtp';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MediaKey } from '../model/media-key.ts';
import { correlateAtBestLag } from '../signal/correlate.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { ffmpeg, gstreamer, sentBy } from './foreign-senders.fixture.ts';
import { called, caller, flowOf, keyOf, Line } from './streams.fixture.ts';

const folder = artefactFolder('foreign-senders');
const narrow = speechLike(31, 2 * 8_000);
/** The same voice, said twice as fast. */
const wide = speechLike(32, 2 * 16_000);
const [narrowFile, wideFile] = [join(folder, 'narrow.wav'), join(folder, 'wide.wav')];
writeFileSync(narrowFile, serializeWav({ rate: 8_000, samples: narrow }));
writeFileSync(wideFile, serializeWav({ rate: 16_000, samples: wide }));

let opus: OpusLibrary;
beforeAll(async () => {
  opus = await OpusLibrary.load();
});

const opusAt = (payloadType: number) => [{ payloadType, name: 'opus', clockRate: 48_000 }];
type Codecs = ReturnType<typeof opusAt>;

type Sent = Awaited<ReturnType<typeof sentBy>>;

/** What a tap hears of what a program sent, given what it read in signalling. */
async function heardOf(sent: Sent, codecs: Codecs | undefined = [], key?: MediaKey) {
  const line = new Line({ opus, includeAudio: true });
  await new Promise(setImmediate);
  if (codecs.length > 0 || key !== undefined) {
    line.describe({
      profile: key === undefined ? 'RTP/AVP' : 'RTP/SAVP',
      codecs,
      keys: key === undefined ? [] : [key],
    });
  }
  line.send(sent.rtp);
  line.send(sent.rtcp, flowOf({ ...caller, port: caller.port + 1 }, { ...called, port: called.port + 1 }));
  return line.only();
}

function likeness(heard: Awaited<ReturnType<typeof heardOf>>): number {
  const { audio } = heard;
  const said = audio?.sampleRate === 16_000 ? wide : narrow;
  return correlateAtBestLag(said, audio?.samples?.() ?? [], { maximumLagSamples: 3_000 }).correlation;
}

describe.skipIf(missingPrograms('ffmpeg'))('of what FFmpeg sends', () => {
  test.each([
    ['PCMU', narrowFile, ['pcm_mulaw'], undefined, 0.99],
    ['PCMA', narrowFile, ['pcm_alaw'], undefined, 0.99],
    ['G722', wideFile, ['g722', '-ar', '16000'], undefined, 0.95],
    ['opus', wideFile, ['libopus', '-ar', '48000'], opusAt(97), 0.8],
  ] as const)('a voice in the clear by %s is heard', async (codec, file, encoder, codecs, least) => {
    const heard = await heardOf(await sentBy(ffmpeg(file, encoder)), codecs);
    expect(heard).toMatchObject({ state: 'clear', codec, closedPackets: 0 });
    expect(likeness(heard)).toBeGreaterThan(least);
  });

  test.each(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const)(
    'SRTP of %s is known for what it is, and heard with the key',
    async (profile) => {
      const key = keyOf(profile, 5);
      const sent = await sentBy(ffmpeg(narrowFile, ['pcm_mulaw'], key));
      const closed = await heardOf(sent);
      expect(closed).toMatchObject({
        state: 'encrypted',
        tagOctets: profile.endsWith('80') ? 10 : 4,
        audio: undefined,
      });
      expect(closed.control.protectedPackets).toBeGreaterThan(0);
      const opened = await heardOf(sent, [], key);
      expect(opened).toMatchObject({ state: 'opened', closedPackets: 0 });
      expect(likeness(opened)).toBeGreaterThan(0.99);
    },
  );
});

const ciphers = {
  AES_CM_128_HMAC_SHA1_80: 'rtp-cipher=aes-128-icm rtp-auth=hmac-sha1-80',
  AES_256_CM_HMAC_SHA1_80: 'rtp-cipher=aes-256-icm rtp-auth=hmac-sha1-80',
  AEAD_AES_256_GCM: 'rtp-cipher=aes-256-gcm rtp-auth=null',
} as const;

function srtpenc(key: MediaKey): string {
  const secret = Buffer.concat([key.masterKey, key.masterSalt]).toString('hex');
  return `srtpenc key=${secret} ${ciphers[key.profile as keyof typeof ciphers]}`;
}

describe.skipIf(missingPrograms('gcc'))('of what GStreamer sends', () => {
  test.each([
    ['PCMU', narrowFile, 'audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay', undefined, 0.99],
    ['opus', wideFile, 'audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay pt=96', opusAt(96), 0.8],
  ] as const)('a voice in the clear by %s is heard', async (codec, file, elements, codecs, least) => {
    const heard = await heardOf(await sentBy(gstreamer(file, elements, folder)), codecs);
    expect(heard).toMatchObject({ state: 'clear', codec, closedPackets: 0 });
    expect(likeness(heard)).toBeGreaterThan(least);
  });

  test.each(Object.keys(ciphers) as (keyof typeof ciphers)[])(
    'G.711 through srtpenc by %s is known for SRTP, and heard with the key',
    async (profile) => {
      const key = keyOf(profile, 6);
      const elements = `audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay ! ${srtpenc(key)}`;
      const sent = await sentBy(gstreamer(narrowFile, elements, folder));
      const closed = await heardOf(sent);
      expect(closed).toMatchObject({ state: 'encrypted', audio: undefined });
      const opened = await heardOf(sent, [], key);
      expect(opened).toMatchObject({ state: 'opened', closedPackets: 0 });
      expect(likeness(opened)).toBeGreaterThan(0.99);
    },
  );

  test('Opus through srtpenc is heard with the key, and without it nothing is said but what is known', async () => {
    const key = keyOf('AEAD_AES_256_GCM', 7);
    const elements = `audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay pt=96 ! ${srtpenc(key)}`;
    const sent = await sentBy(gstreamer(wideFile, elements, folder));
    const opened = await heardOf(sent, opusAt(96), key);
    expect(opened).toMatchObject({ state: 'opened', codec: 'opus', closedPackets: 0 });
    expect(likeness(opened)).toBeGreaterThan(0.8);
    expect(await heardOf(sent)).toMatchObject({ state: 'unknown' });
  });
});

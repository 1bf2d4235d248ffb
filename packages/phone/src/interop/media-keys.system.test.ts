import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redacted } from '@trustline/base';
import { keyFingerprint } from '@trustline/keying';
import {
  artefactFolder,
  convertSound,
  eventually,
  Lab,
  Linphone,
  missingPrograms,
  toneSeconds,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Phone } from '../node/index.ts';
import { play, readWavFile, WavRecorder } from '../node/wav-file.ts';

const tones = { ours: 440, theirs: 880 } as const;

/** Our phone and Linphone, both by TLS and with SRTP alone. Their media go straight; those of a conference over the relay. */
describe.skipIf(missingPrograms('linphone', 'sox', 'ffmpeg'))('keys in a call', () => {
  const folder = artefactFolder('media-keys');
  const files = { ours: join(folder, 'ours.wav'), theirs: join(folder, 'theirs.wav') };
  /** Of the keys that our phone sends with, in their order: as the manager names them. */
  const keys: string[] = [];
  let lab: Lab;
  let ours: Phone;
  let linphone: Linphone;

  beforeAll(async () => {
    writeTone(files.ours, tones.ours);
    writeTone(files.theirs, tones.theirs);
    lab = await Lab.start(join(folder, 'manager'), [
      'media: { relay: needed, host: 127.0.0.1 }',
      'dialPlan: [{ to: conference, name: meeting, pattern: "8000" }]',
    ]);
    const [own, other] = [await lab.secureDevice('1001'), await lab.secureDevice('1002')];
    const both = readFileSync(own.certificateFile, 'utf8');
    ours = Phone.start({
      line: '1001',
      device: own.name,
      server: { host: '127.0.0.1', port: lab.ports.tls },
      connection: {
        kind: 'tls',
        certificatePem: both,
        privateKeyPem: both,
        trustBundlePem: readFileSync(own.trustFile, 'utf8'),
      },
      suites: ['AES_CM_128_HMAC_SHA1_80'],
      onKeys: (_, { send }) => keys.push(keyFingerprint(new Redacted(send.masterKeys[0]?.key ?? new Uint8Array()))),
    });
    await ours.registered();
    linphone = await Linphone.start({
      directory: join(folder, 'linphone'),
      transport: 'tls',
      port: lab.ports.tls,
      encryption: 'srtp',
      suites: ['AES_CM_128_HMAC_SHA1_80'],
      wavFile: files.theirs,
      ...other,
    });
    await lab.registered(other.name);
  });
  afterEach(async () => {
    for (const call of ours.calls) call.hangUp();
    await lab.idle();
  });
  afterAll(async () => {
    await ours?.stop();
    await linphone?.stop();
    await lab?.stop();
  });

  async function call(number: string, recording: string) {
    const call = await ours.call(number, {
      source: play(readWavFile(files.ours)),
      sink: new WavRecorder(recording),
    });
    await call.established;
    await eventually('it is encrypted', () => call.level === 'encrypted');
    await eventually('they talk', () => (call.statistics()?.packetsReceived ?? 0) > 25);
    return call;
  }

  // A machine that stands still for a moment makes a gap of its own, but hardly in each of three calls.
  test('are made anew while both talk, three times, and neither hears a gap (make before break)', {
    retry: 2,
  }, async () => {
    keys.length = 0;
    const recordings = { here: join(folder, 'heard-here.wav'), there: linphone.record('heard-there') };
    const talk = await call('1002', recordings.here);
    for (const times of [2, 3, 4]) {
      expect(talk.renewKeys()).toBe(true);
      await eventually('a new key', () => new Set(keys).size >= times);
      await delay(700);
    }
    expect(talk.level).toBe('encrypted');
    expect(talk.statistics()).toMatchObject({ packetsLost: 0, rejections: {} });
    talk.hangUp();
    await talk.ended;
    await lab.idle();
    const there = await convertSound(recordings.there, `${recordings.there}.8000.wav`, { rate: 8_000, channels: 1 });
    for (const [file, tone] of [
      [recordings.here, tones.theirs],
      [there, tones.ours],
    ] as const) {
      const { heard, total } = await toneSeconds(file, tone);
      expect(heard).toBeGreaterThan(2);
      expect(total - heard).toBeLessThan(0.35);
    }
  });

  test('that nobody was told: SRTP of FFmpeg under another key is an event that names the leg, its key and why', async () => {
    const talk = await call('8000', join(folder, 'heard-in-conference.wav'));
    const { host, port } = talk.media?.remote ?? { host: '', port: 0 };
    const ffmpeg = spawn('ffmpeg', [
      ...['-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'sine=frequency=300:sample_rate=8000'],
      ...['-t', '4', '-c:a', 'pcm_alaw', '-f', 'rtp', '-srtp_out_suite', 'AES_CM_128_HMAC_SHA1_80'],
      ...['-srtp_out_params', randomBytes(30).toString('base64'), `srtp://${host}:${port}`],
    ]);
    const event = await lab.event('SRTP that fails', ({ kind }) => kind === 'media-authentication-failures');
    expect(event).toMatchObject({ severity: 'warning', reason: 'another-source' });
    expect(event.cause).toMatch(
      /of \d+ packets from 127\.0\.0\.1 do not authenticate; likely cause: they come from elsewhere/,
    );
    const named = / is ([0-9a-f]{16})\.$/.exec(event.cause)?.[1] ?? 'no key';
    expect(event).toMatchObject({ line: '1001' });
    expect(keys.map((one) => one.slice(0, 16))).toContain(named);
    const before = talk.statistics()?.packetsReceived ?? 0;
    await eventually('the call goes on', () => (talk.statistics()?.packetsReceived ?? 0) > before + 25);
    ffmpeg.kill('SIGKILL');
    await once(ffmpeg, 'exit');
  });
});

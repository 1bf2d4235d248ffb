import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallAnswer } from '@trustline/manager';
import { Phone, play, readWavFile, WavRecorder } from '@trustline/phone/node';
import {
  artefactFolder,
  Baresip,
  eventually,
  Lab,
  missingPrograms,
  toneAmplitudes,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What each of the three plays, in hertz: whole periods in 100 ms, so that none is heard in another. */
const tones = { secure: 440, plain: 660, ours: 880 } as const;
const seconds = 2;
/** Of the tones played it is a quarter: heard beyond doubt. */
const audible = 2_000;
/** Gaps in the others make as much of it; its own would be eight times that. */
const inaudible = 1_000;

describe.skipIf(missingPrograms('baresip'))('a conference of a baresip with SRTP, one without and our phone', () => {
  const folder = artefactFolder('conference');
  const ourRecording = join(folder, 'heard by ours.wav');
  let lab: Lab;
  let secure: Baresip;
  let plain: Baresip;
  let ours: Phone;

  beforeAll(async () => {
    for (const tone of Object.values(tones)) writeTone(join(folder, `${tone}.wav`), tone);
    lab = await Lab.start(join(folder, 'manager'), [
      'media: { host: 127.0.0.1 }',
      'dialPlan: [{ to: conference, pattern: "5000", name: all }]',
    ]);
    const { name, certificateFile, trustFile } = await lab.secureDevice('1001');
    const account = `<sip:1001@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;mediaenc=srtp-mand`;
    const wavFile = join(folder, `${tones.secure}.wav`);
    secure = await Baresip.start({ directory: join(folder, '1001'), account, certificateFile, trustFile, wavFile });
    await lab.registered(name);
    const other = await lab.passwordDevice('1003');
    plain = await Baresip.start({
      directory: join(folder, '1003'),
      account: `<sip:1003@127.0.0.1:${lab.ports.md5.udp}>;regint=60;auth_user=${other.name};auth_pass=${other.password}`,
      wavFile: join(folder, `${tones.plain}.wav`),
    });
    await lab.registered(other.name);
    const device = await lab.secureDevice('1002');
    const both = readFileSync(device.certificateFile, 'utf8');
    ours = Phone.start({
      line: device.line,
      device: device.name,
      connection: {
        kind: 'tls',
        certificatePem: both,
        privateKeyPem: both,
        trustBundlePem: readFileSync(device.trustFile, 'utf8'),
      },
      server: { host: '127.0.0.1', port: lab.ports.tls },
      onEvent: (event) => {
        if (event.kind !== 'incoming') return;
        void ours.answer(event.call, { source: play(readWavFile(join(folder, `${tones.ours}.wav`))) });
      },
    });
    await ours.registered();
  });
  afterAll(async () => {
    for (const phone of [secure, plain, ours]) await phone?.stop();
    await lab?.stop();
  });

  const levels = async () => (await lab.client.calls()).calls.map(({ level }) => level);

  test('whom a call is transferred to it for takes part, encrypted, and who transferred is out', async () => {
    secure.command('dial', '1002');
    await lab.call('is answered', ({ state, level }) => state === 'answered' && level === 'encrypted');
    secure.command('transfer', '5000');
    const inIt = ({ destination, relayed }: CallAnswer) => destination === '5000' && relayed === 'conference';
    const { legs, level } = await lab.call('is in the conference', inIt);
    expect([legs.map(({ line }) => line), level]).toEqual([['1002'], 'encrypted']);
    await lab.event('a transfer', ({ kind }) => kind === 'call-transferred');
    for (const call of ours.calls) call.hangUp();
    await lab.idle();
  });

  test('its level is that of its weakest leg, shown to all, and comes back when that has left', async () => {
    await ours.call('5000', {
      source: play(readWavFile(join(folder, `${tones.ours}.wav`))),
      sink: new WavRecorder(ourRecording),
    });
    secure.command('dial', '5000');
    await eventually('two are in it, encrypted', async () => {
      const now = await levels();
      return now.length === 2 && now.every((level) => level === 'encrypted');
    });
    plain.command('dial', '5000');
    await eventually('three are in it', async () => {
      const now = await levels();
      return now.length === 3 && now.every((level) => level === 'non-secure');
    });
    const { calls } = await lab.client.calls();
    expect(calls.map(({ relayed }) => relayed)).toEqual(Array(3).fill('conference'));
    expect(new Set(calls.flatMap(({ legs }) => legs.map(({ keying }) => keying)))).toEqual(new Set(['sdes', 'none']));
    await delay((seconds + 0.5) * 1_000);
    plain.command('hangup');
    await eventually('two are left, encrypted', async () => {
      const now = await levels();
      return now.length === 2 && now.every((level) => level === 'encrypted');
    });
  });

  test('each has heard the tones of the two others, and not its own', async () => {
    secure.command('hangup');
    await ours.stop();
    await lab.idle();
    for (const phone of [secure, plain]) await phone.stop();
    // RFC 4579 §5.1: who has dialled it is told that it is one.
    expect(plain.log()).toMatch(/^Contact: <[^>]*>;isfocus/m);
    const heard = [
      { file: secure.recordings('dec').at(-1), own: tones.secure },
      { file: plain.recordings('dec')[0], own: tones.plain },
      { file: ourRecording, own: tones.ours },
    ];
    for (const { file = '', own } of heard) {
      for (const tone of Object.values(tones)) {
        const amplitudes = await toneAmplitudes(file, tone);
        if (tone === own) expect(Math.max(...amplitudes)).toBeLessThan(inaudible);
        else expect(amplitudes.filter((one) => one > audible).length / 10).toBeGreaterThan(seconds * 0.75);
      }
    }
  });
});

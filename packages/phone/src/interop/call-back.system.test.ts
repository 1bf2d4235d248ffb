import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { artefactFolder, Baresip, Lab, missingPrograms, toneSeconds, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Phone, type PhoneEvent } from '../node/index.ts';
import { play, readWavFile } from '../node/wav-file.ts';

/** Our phone finds a baresip busy, over TLS with SDES, asks to be called back by `*37`, and is. */
describe.skipIf(missingPrograms('baresip'))('our phone is called back', () => {
  const folder = artefactFolder('phone-call-back');
  const wavFile = join(folder, 'tone.wav');
  const events: PhoneEvent[] = [];
  let lab: Lab;
  let ours: Phone;
  let wanted: Baresip;

  beforeAll(async () => {
    writeTone(wavFile, 440);
    lab = await Lab.start(join(folder, 'manager'), ['callBack: {}']);
    const credentials = await lab.secureDevice('1001');
    const both = readFileSync(credentials.certificateFile, 'utf8');
    ours = Phone.start({
      line: '1001',
      device: credentials.name,
      security: 'require',
      server: { host: '127.0.0.1', port: lab.ports.tls },
      connection: {
        kind: 'tls',
        certificatePem: both,
        privateKeyPem: both,
        trustBundlePem: readFileSync(credentials.trustFile, 'utf8'),
      },
      onEvent: (event) => {
        events.push(event);
        if (event.kind === 'incoming') void ours.answer(event.call, tone());
      },
    });
    await ours.registered();
    const { certificateFile, trustFile, name } = await lab.secureDevice('1002');
    const account = `<sip:1002@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;answermode=manual;mediaenc=srtp-mand`;
    wanted = await Baresip.start({ directory: join(folder, '1002'), account, certificateFile, trustFile, wavFile });
    await lab.registered(name);
  });
  afterAll(async () => {
    await ours?.stop();
    await wanted?.stop();
    await lab?.stop();
  });

  const tone = () => ({ source: play(readWavFile(wavFile), { loop: true }) });

  test('first it rings, then the line, and both hear each other, encrypted', async () => {
    const first = await ours.call('1002', tone());
    await wanted.event('CALL_INCOMING');
    wanted.command('hangup'); // 486
    await first.ended;
    await (await ours.call('*37', tone())).ended;
    const refusal = JSON.stringify(events);
    expect(refusal).toContain('You are called back when 1002 is free');

    await wanted.event('CALL_INCOMING', { after: wanted.events.length });
    wanted.command('accept');
    const { legs } = await lab.call(
      'is encrypted',
      ({ state, level }) => state === 'answered' && level === 'encrypted',
    );
    expect(legs.map(({ line }) => line)).toEqual(['1001', '1002']);
    await delay(1_500);
    const [back] = ours.calls;
    expect(back?.statistics()?.packetsReceived).toBeGreaterThan(20);
    wanted.command('hangup');
    await back?.ended;
    await lab.idle();
    await wanted.stop();
    const heard = await Promise.all(wanted.recordings('dec').map((file) => toneSeconds(file, 440)));
    expect(Math.max(0, ...heard.map((one) => one.heard))).toBeGreaterThan(0.5);
  });
});

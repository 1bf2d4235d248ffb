import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Phone, silence, WavRecorder } from '@trustline/phone/node';
import { artefactFolder, Baresip, Lab, missingPrograms, toneSeconds, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What the holder plays, and what is played to who is held, in hertz. */
const tones = { voice: 440, hold: 880 } as const;

describe.skipIf(missingPrograms('baresip'))('a baresip that holds our phone, both with SRTP', () => {
  const folder = artefactFolder('hold-sound');
  const recording = join(folder, 'heard.wav');
  let lab: Lab;
  let holder: Baresip;
  let held: Phone;

  beforeAll(async () => {
    for (const tone of Object.values(tones)) writeTone(join(folder, `${tone}.wav`), tone);
    lab = await Lab.start(join(folder, 'manager'), [
      `media: { host: 127.0.0.1, hold: file, holdFile: ../${tones.hold}.wav }`,
    ]);
    const { name, certificateFile, trustFile } = await lab.secureDevice('1001');
    const account = `<sip:1001@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;mediaenc=srtp-mand`;
    const wavFile = join(folder, `${tones.voice}.wav`);
    holder = await Baresip.start({ directory: join(folder, '1001'), account, certificateFile, trustFile, wavFile });
    await lab.registered(name);
    const device = await lab.secureDevice('1002');
    const both = readFileSync(device.certificateFile, 'utf8');
    held = Phone.start({
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
        void held.answer(event.call, { source: silence, sink: new WavRecorder(recording) });
      },
    });
    await held.registered();
  });
  afterAll(async () => {
    await holder?.stop();
    await held?.stop();
    await lab?.stop();
  });

  test('it hears the sound under a key of its own, and none of the holder’s; then the holder again', async () => {
    holder.command('dial', '1002');
    await lab.call('goes straight', ({ state, relayed }) => state === 'answered' && relayed === null);
    await delay(1_000);
    holder.command('hold');
    const call = await lab.call('is held', ({ state, relayed }) => state === 'held' && relayed === 'hold');
    expect(call.level).toBe('encrypted');
    await delay(1_500);
    holder.command('resume');
    await lab.call('is resumed', ({ state }) => state === 'answered');
    await delay(1_500);
    holder.command('hangup');
    await lab.idle();
    await held.stop();
    expect(toneSeconds(recording, tones.hold).heard).toBeGreaterThan(1);
    expect(toneSeconds(recording, tones.voice).heard).toBeGreaterThan(1.5);
  });
});

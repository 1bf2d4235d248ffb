import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallAnswer } from '@trustline/manager';
import { Phone, silence, WavRecorder } from '@trustline/phone/node';
import { artefactFolder, Baresip, Lab, missingPrograms, toneSeconds, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What the holder plays, what is played to who is held, and what a third plays, in hertz. */
const tones = { voice: 440, hold: 880, third: 660 } as const;

describe.skipIf(missingPrograms('baresip'))('a baresip that holds our phone, both with SRTP', () => {
  const folder = artefactFolder('hold-sound');
  /** What our phone heard, by call. */
  const recordings: string[] = [];
  let lab: Lab;
  let holder: Baresip;
  let third: Baresip;
  let held: Phone;

  beforeAll(async () => {
    for (const tone of Object.values(tones)) writeTone(join(folder, `${tone}.wav`), tone);
    lab = await Lab.start(join(folder, 'manager'), [
      `media: { host: 127.0.0.1, hold: file, holdFile: ../${tones.hold}.wav }`,
    ]);
    holder = await startBaresip('1001', tones.voice);
    third = await startBaresip('1003', tones.third);
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
        const recording = join(folder, `heard-${recordings.length + 1}.wav`);
        recordings.push(recording);
        void held.answer(event.call, { source: silence, sink: new WavRecorder(recording) });
      },
    });
    await held.registered();
  });
  afterAll(async () => {
    for (const phone of [holder, third, held]) await phone?.stop();
    await lab?.stop();
  });

  async function startBaresip(line: string, tone: number): Promise<Baresip> {
    const { name, certificateFile, trustFile } = await lab.secureDevice(line);
    const account = `<sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;mediaenc=srtp-mand`;
    const wavFile = join(folder, `${tone}.wav`);
    const made = await Baresip.start({ directory: join(folder, line), account, certificateFile, trustFile, wavFile });
    await lab.registered(name);
    return made;
  }

  test('it is relayed under a key of its own while it is held, and hears the other again after that', async () => {
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
  });

  test('transferred by who holds it, it is joined with the third, encrypted, once that has answered', async () => {
    holder.command('dial', '1002');
    await lab.call('goes straight', ({ state, relayed }) => state === 'answered' && relayed === null);
    holder.command('hold');
    await lab.call('is held', ({ state, relayed }) => state === 'held' && relayed === 'hold');
    holder.command('transfer', '1003');
    await lab.call('rings at the third', ({ state, destination }) => state === 'ringing' && destination === '1003');
    await delay(1_500);
    third.command('accept');
    const joins = ({ state, level, legs }: CallAnswer) =>
      state === 'answered' && level === 'encrypted' && legs.some(({ line }) => line === '1003');
    await lab.call('is with the third, encrypted', joins);
    await delay(1_500);
    third.command('hangup');
    await lab.idle();
  });

  test('it heard the sound while it was held, also while the third rang, then the one that it talked to', async () => {
    await held.stop();
    const heard = async (at: number, tone: number) => (await toneSeconds(recordings[at] ?? '', tone)).heard;
    expect(await heard(0, tones.hold)).toBeGreaterThan(1);
    expect(await heard(0, tones.voice)).toBeGreaterThan(1.5);
    expect(await heard(1, tones.hold)).toBeGreaterThan(1);
    expect(await heard(1, tones.third)).toBeGreaterThan(1);
  });
});

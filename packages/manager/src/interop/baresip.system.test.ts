import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { artefactFolder, Baresip, eventually, Lab, missingPrograms, toneShare, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Tones that share no harmonic within a telephone's band. */
const tones = { caller: 440, called: 830 } as const;
/** How long the ends talk, in milliseconds. */
const talk = process.env['TRUSTLINE_FULL'] === undefined ? 4_000 : 30_000;

const missing = missingPrograms('baresip');

/** Two baresips with certificates, each with its tone, registered. */
async function twoPhones(lab: Lab, folder: string) {
  const files = { caller: join(folder, 'caller.wav'), called: join(folder, 'called.wav') };
  writeTone(files.caller, tones.caller);
  writeTone(files.called, tones.called);
  const start = async (role: 'caller' | 'called', line: string, extra: string) => {
    const device = await lab.secureDevice(line);
    const { certificateFile, trustFile, name } = device;
    const address = `sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls`;
    const account = `<${address}>;regint=60;audio_codecs=PCMA/8000/1,PCMU/8000/1;mediaenc=srtp-mand${extra}`;
    const directory = join(folder, role);
    const phone = await Baresip.start({ directory, account, certificateFile, trustFile, wavFile: files[role] });
    await lab.registered(name);
    return phone;
  };
  return { caller: await start('caller', '1001', ''), called: await start('called', '1002', ';answermode=auto') };
}

describe.skipIf(missing).each([
  // It offers this one and no other.
  { suite: 'AES_CM_128_HMAC_SHA1_80', configuration: [] },
  // It answers this one but never offers it: the manager has to write the offer to either end.
  { suite: 'AES_CM_128_HMAC_SHA1_32', configuration: ['calls: { policy: require, suites: [AES_CM_128_HMAC_SHA1_32] }'] },
])('two baresips over TLS with client certificates, in $suite', ({ suite, configuration }) => {
  const folder = artefactFolder(`baresip-${suite.slice(-2)}`);
  let lab: Lab;
  let caller: Baresip;
  let called: Baresip;
  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), configuration);
    ({ caller, called } = await twoPhones(lab, folder));
  });
  afterAll(async () => {
    await caller?.stop();
    await called?.stop();
    await lab?.stop();
  });

  /** Calls, and waits until both ends are told that the call is encrypted. */
  async function call() {
    caller.command('dial', '1002');
    return lab.call('is answered and encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
  }

  async function hangUp() {
    caller.command('hangup');
    await lab.idle();
  }

  test('each hears the tone of the other, encrypted end to end', async () => {
    const { legs } = await call();
    await delay(talk);
    await hangUp();
    expect(legs).toHaveLength(2);
    for (const leg of legs) {
      expect(leg).toMatchObject({ signalling: 'tls-mutual', proof: 'certificate', keying: 'sdes', suite, level: 'encrypted' });
    }
    for (const [listener, speaker, frequency] of [
      [caller, called, tones.called],
      [called, caller, tones.caller],
    ] as const) {
      const heard = toneShare(listener.recordings('dec').at(-1) ?? '', frequency);
      const said = toneShare(speaker.recordings('enc').at(-1) ?? '', frequency);
      expect(said.share).toBeGreaterThan(0.95);
      // Of the whole call: what was said and never came counts as not heard.
      expect((heard.share * heard.seconds) / said.seconds).toBeGreaterThan(0.95);
    }
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artefactFolder, Baresip, eventually, Lab, missingPrograms, writeTone } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MediaSecurity } from '../call/security.ts';
import { Phone, type PhoneEvent } from '../node/index.ts';
import type { RunningCall } from '../node/running-call.ts';
import { play, readWavFile } from '../node/wav-file.ts';

/** Transfers over TLS with SDES between our phone and baresips, in every role; 1004 is a baresip without encryption. */
describe.skipIf(missingPrograms('baresip'))('our phone and baresips transfer', () => {
  const folder = artefactFolder('phone-transfer');
  const wavFile = join(folder, 'tone.wav');
  const baresips = new Map<string, Baresip>();
  const phones: Phone[] = [];
  const events: PhoneEvent[] = [];
  /** Keys that our phones have sent with, as text; for comparison alone. */
  const keys: string[] = [];
  let lab: Lab;
  let ours: Phone;
  let lenient: Phone;

  beforeAll(async () => {
    writeTone(wavFile, 440);
    lab = await Lab.start(join(folder, 'manager'));
    ours = await startOurs('1001', 'require');
    lenient = await startOurs('1005', 'prefer');
    for (const line of ['1002', '1003']) {
      const { certificateFile, trustFile, name } = await lab.secureDevice(line);
      const account = `<sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;answermode=auto;mediaenc=srtp-mand`;
      const directory = join(folder, line);
      baresips.set(line, await Baresip.start({ directory, account, certificateFile, trustFile, wavFile }));
      await lab.registered(name);
    }
    const { name, password } = await lab.passwordDevice('1004');
    const account = `<sip:1004@127.0.0.1:${lab.ports.md5.udp}>;regint=60;answermode=auto;auth_user=${name};auth_pass=${password}`;
    baresips.set('1004', await Baresip.start({ directory: join(folder, '1004'), account, wavFile }));
    await lab.registered(name);
  });
  afterEach(async () => {
    for (const phone of phones) for (const call of phone.calls) call.hangUp();
    for (const baresip of baresips.values()) baresip.command('hangup');
    await lab.idle();
  });
  afterAll(async () => {
    for (const phone of phones) await phone.stop();
    for (const baresip of baresips.values()) await baresip.stop();
    await lab?.stop();
  });

  async function startOurs(line: string, security: MediaSecurity): Promise<Phone> {
    const { name, certificateFile, trustFile } = await lab.secureDevice(line);
    const both = readFileSync(certificateFile, 'utf8');
    const trustBundlePem = readFileSync(trustFile, 'utf8');
    const phone: Phone = Phone.start({
      line,
      device: name,
      security,
      server: { host: '127.0.0.1', port: lab.ports.tls },
      connection: { kind: 'tls', certificatePem: both, privateKeyPem: both, trustBundlePem },
      onKeys: (_, { send }) => keys.push(Buffer.from(send.masterKeys[0]?.key ?? []).toString('hex')),
      onEvent: (event) => {
        events.push(event);
        if (event.kind === 'incoming') void phone.answer(event.call, tone());
      },
    });
    phones.push(phone);
    await phone.registered();
    return phone;
  }

  const tone = () => ({ source: play(readWavFile(wavFile), { loop: true }) });
  const baresip = (line: string): Baresip => {
    const found = baresips.get(line);
    if (found === undefined) throw new Error(`no baresip ${line}`);
    return found;
  };

  async function call(number: string): Promise<RunningCall> {
    const made = await ours.call(number, tone());
    await made.established;
    return made;
  }

  /** The one call that is left, once it is between these two. */
  async function between(one: string, other: string, level: string) {
    return eventually(`a call between ${one} and ${other}`, async () => {
      const { calls } = await lab.client.calls();
      const lines = calls[0]?.legs.map(({ line }) => line);
      return calls.length === 1 && lines?.includes(one) && lines.includes(other) && calls[0]?.level === level;
    });
  }

  test('ours, blind: two baresips talk, encrypted, and our call is over', async () => {
    const made = await call('1002');
    expect(made.transfer('1003')).toBe(true);
    expect(await made.transferred).toBe(true);
    await made.ended;
    await between('1002', '1003', 'encrypted');
    const said = events.flatMap((event) =>
      event.kind === 'call' && event.event.kind === 'transfer' ? [event.event] : [],
    );
    expect(said.map(({ state }) => state)).toEqual(['accepted', 'ringing', 'done']);
    // baresip 1.0 keeps its key whoever it talks to.
    await lab.event('a key that was kept', ({ kind }) => kind === 'key-not-renewed');
  });

  test('ours, blind, to a number that nobody has: the call goes on, and says why', async () => {
    const made = await call('1002');
    made.transfer('1999');
    expect(await made.transferred).toBe(false);
    expect(made.state).toBe('established');
    await between('1001', '1002', 'encrypted');
  });

  test('ours, attended: two baresips that were asked first talk, encrypted', async () => {
    const first = await call('1002');
    first.hold();
    const second = await call('1003');
    await eventually('both calls encrypted', () => first.level === 'encrypted' && second.level === 'encrypted');
    expect(first.join(second)).toBe(true);
    await Promise.all([first.ended, second.ended]);
    await between('1002', '1003', 'encrypted');
  });

  test('baresip, blind: ours goes on with the other baresip, with a key that the first never had', async () => {
    keys.length = 0;
    baresip('1002').command('dial', '1001');
    await between('1001', '1002', 'encrypted');
    baresip('1002').command('transfer', '1003');
    await between('1001', '1003', 'encrypted');
    const [running] = ours.calls;
    await eventually('the level on our display', () => running?.level === 'encrypted');
    const before = running?.statistics()?.packetsReceived ?? 0;
    await eventually('what the other says', () => (running?.statistics()?.packetsReceived ?? 0) > before + 25);
    expect(new Set(keys).size).toBeGreaterThan(1);
    expect(keys.at(-1)).not.toBe(keys[0]);
  });

  test('baresip, to a clear phone: the call becomes non-secure, and ours shows it', async () => {
    baresip('1002').command('dial', '1005');
    await between('1002', '1005', 'encrypted');
    baresip('1002').command('transfer', '1004');
    await between('1004', '1005', 'non-secure');
    await eventually('the level on our display', () => lenient.calls[0]?.level === 'non-secure');
    const changed = await lab.event(
      'a level that fell',
      ({ kind, reason }) => kind === 'level-changed' && reason === 'transferred',
    );
    expect(changed).toMatchObject({ from: 'encrypted', to: 'non-secure' });
  });

  test('baresip, of a phone that takes nothing but SRTP to a clear one: over the relay, and shown as non-secure', async () => {
    baresip('1002').command('dial', '1001');
    await between('1001', '1002', 'encrypted');
    baresip('1002').command('transfer', '1004');
    await between('1001', '1004', 'non-secure');
    const { legs = [], relayed } = (await lab.client.calls()).calls[0] ?? {};
    expect(relayed).toBe('one-end-without-srtp');
    expect(legs.map(({ line, keying }) => `${line} ${keying}`).sort()).toEqual(['1001 sdes', '1004 none']);
    await eventually('the level on our display', () => ours.calls[0]?.level === 'non-secure');
    const before = ours.calls[0]?.statistics()?.packetsReceived ?? 0;
    await eventually('what the other says', () => (ours.calls[0]?.statistics()?.packetsReceived ?? 0) > before + 25);
  });
});

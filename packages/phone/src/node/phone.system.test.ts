import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redacted } from '@trustline/base';
import { parseWav } from '@trustline/rtp';
import { artefactFolder, eventually, Lab } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { speechLike } from '../audio/speech-like.ts';
import type { PhoneConnection } from './credentials.ts';
import { Phone, type PhoneOptions } from './phone.ts';
import type { RunningCall } from './running-call.ts';
import type { CallKeys, PhoneEvent } from './softphone.ts';
import { play, WavRecorder } from './wav-file.ts';

const folder = artefactFolder('phone');
let lab: Lab;
const running: Phone[] = [];
let encrypted: readonly Extension[];
let clear: Extension;

interface Extension {
  readonly name: string;
  readonly line: string;
  readonly connection: PhoneConnection;
  readonly port: number;
}

async function secureExtension(line: string): Promise<Extension> {
  const { name, certificateFile, trustFile } = await lab.secureDevice(line);
  const both = readFileSync(certificateFile, 'utf8');
  const trustBundlePem = readFileSync(trustFile, 'utf8');
  const connection = { kind: 'tls' as const, certificatePem: both, privateKeyPem: both, trustBundlePem };
  return { name, line, connection, port: lab.ports.tls };
}

async function start(extension: Extension, more: Partial<PhoneOptions> = {}): Promise<Phone> {
  const { line, connection, port, name } = extension;
  const phone = Phone.start({ line, connection, device: name, server: { host: '127.0.0.1', port }, ...more });
  running.push(phone);
  await phone.registered();
  return phone;
}

/** A phone that answers each call at once with `seed`'s speech, and what it heard of the last one. */
async function answering(extension: Extension, seed: number, more: Partial<PhoneOptions> = {}) {
  const recording = join(folder, `heard-by-${extension.line}.wav`);
  const calls: RunningCall[] = [];
  const events: PhoneEvent[] = [];
  const phone: Phone = await start(extension, {
    ...more,
    onEvent: (event) => {
      events.push(event);
      if (event.kind !== 'incoming') return;
      calls.push(event.call);
      void phone.answer(event.call, { source: play(speechLike(20, seed)), sink: new WavRecorder(recording) });
    },
  });
  return { phone, calls, events, recording };
}

/** The highest correlation at any lag within a second, of the middle of what was heard with what was said. */
function likeness(heardFile: string, seed: number): number {
  const heard = parseWav(readFileSync(heardFile)).samples;
  const said = speechLike(20, seed).samples;
  const from = 8_000;
  const part = heard.subarray(from, from + 8_000);
  let highest = 0;
  for (let lag = -8_000; lag <= 8_000; lag += 1) {
    let sum = 0;
    let energy = 0;
    for (let at = 0; at < part.length; at += 3) {
      const other = said[from + at + lag] ?? 0;
      sum += (part[at] ?? 0) * other;
      energy += other * other;
    }
    highest = Math.max(highest, Math.abs(sum) / Math.sqrt(Math.max(1, energy)));
  }
  let own = 0;
  for (let at = 0; at < part.length; at += 3) own += (part[at] ?? 0) ** 2;
  return highest / Math.sqrt(Math.max(1, own));
}

beforeAll(async () => {
  lab = await Lab.start(join(folder, 'manager'), ['media: { relay: never }']); // who cannot encrypt is met as without one
  encrypted = [await secureExtension('1001'), await secureExtension('1002')];
  const device = await lab.passwordDevice('1003');
  const connection = { kind: 'udp' as const, user: device.name, password: new Redacted(device.password) };
  clear = { ...device, connection, port: lab.ports.udp };
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((phone) => phone.stop()));
});
afterAll(async () => {
  await lab?.stop();
});

function pair(): [Extension, Extension] {
  const [caller, called] = encrypted;
  if (caller === undefined || called === undefined) throw new Error('no extensions');
  return [caller, called];
}

describe('two phones at a call manager', () => {
  // A machine with other things to do plays late, which makes what is heard less like what was said.
  test('talk encrypted, hear each other, send digits, hold, renew keys, and hang up', { retry: 2 }, async () => {
    const [caller, called] = pair();
    const far = await answering(called, 2);
    const keys: CallKeys[] = [];
    const events: PhoneEvent[] = [];
    const near = await start(caller, { onEvent: (event) => events.push(event), onKeys: (_, one) => keys.push(one) });
    expect(events.find(({ kind }) => kind === 'connected')).toMatchObject({ tls: { group: 'X25519MLKEM768' } });

    const recording = join(folder, 'heard-by-1001.wav');
    const call = await near.call('1002', { source: play(speechLike(20, 1)), sink: new WavRecorder(recording) });
    await call.established;
    expect(call.media).toMatchObject({ codec: 'PCMA', suite: 'AEAD_AES_256_GCM' });
    await eventually('both see it encrypted', () => call.level === 'encrypted' && far.calls[0]?.level === 'encrypted');
    expect(call.sendDigits('12#')).toBe(true);
    await eventually('the digits', () => far.calls[0]?.digits === '12#');
    await delay(2_500);
    expect(call.statistics()).toMatchObject({ packetsLost: 0, rejections: {} });
    expect(call.statistics()?.meanOpinionScore).toBeGreaterThan(1); // how good it is says the machine's load

    expect(call.renewKeys()).toBe(true);
    await eventually('new keys', () => new Set(keys.map(({ send }) => send.fingerprint)).size >= 2);
    await delay(1_000);
    expect(call.hold()).toBe(true);
    await eventually('the far end is held', () =>
      far.events.some((event) => event.kind === 'call' && event.event.kind === 'hold' && event.event.remote),
    );
    const before = far.calls[0]?.statistics()?.packetsSent ?? 0;
    await delay(500);
    expect((far.calls[0]?.statistics()?.packetsSent ?? 0) - before).toBeLessThan(5);
    expect(call.resume()).toBe(true);
    await eventually('it talks again', () => (far.calls[0]?.statistics()?.packetsSent ?? 0) > before + 20);
    expect(call.level).toBe('encrypted');

    call.hangUp();
    expect(await call.ended).toMatchObject({ ending: 'completed', by: 'local' });
    expect(await far.calls[0]?.ended).toMatchObject({ ending: 'completed', by: 'remote' });
    expect(call.statistics()?.rejections).toEqual({});
    expect(likeness(recording, 2)).toBeGreaterThan(0.6);
    expect(likeness(far.recording, 1)).toBeGreaterThan(0.6);
    expect(likeness(recording, 1)).toBeLessThan(0.3);
    expect(statSync(recording).mode & 0o777).toBe(0o600);
  });

  test('hear each other while the caller derives new session keys after every 16 packets', async () => {
    const [caller, called] = pair();
    const far = await answering(called, 2);
    const keys: CallKeys[] = [];
    const near = await start(caller, { keyDerivationRate: 16, onKeys: (_, one) => keys.push(one) });
    const recording = join(folder, 'heard-by-1001-derived.wav');
    const call = await near.call('1002', { source: play(speechLike(20, 1)), sink: new WavRecorder(recording) });
    await call.established;
    await eventually('two seconds of audio', () => (far.calls[0]?.statistics()?.packetsReceived ?? 0) > 125);
    expect(keys.at(-1)).toMatchObject({ send: { keyDerivationRate: 16 }, receive: { keyDerivationRate: 0 } });
    expect(call.level).toBe('encrypted');
    call.hangUp();
    await Promise.all([call.ended, far.calls[0]?.ended]);
    expect([call, far.calls[0]].map((end) => end?.statistics()?.rejections)).toEqual([{}, {}]);
    expect(likeness(far.recording, 1)).toBeGreaterThan(0.6);
  });

  test('under `require` an incapable phone is not called in the clear, under `prefer` it is, and shown so', async () => {
    const [caller] = pair();
    await answering(clear, 3, { security: 'clear' });
    const strict = await start(caller, { security: 'require' });
    const refused = await strict.call('1003');
    expect(await refused.ended).toMatchObject({ ending: 'refused-for-security', status: 488 });
    await strict.stop();

    const events: PhoneEvent[] = [];
    const lenient = await start(caller, { security: 'prefer', onEvent: (event) => events.push(event) });
    const call = await lenient.call('1003');
    await call.established;
    expect(call.media?.suite).toBe('clear');
    await eventually('shown as not secure', () => call.level === 'non-secure');
    expect(events.some((event) => event.kind === 'call' && event.event.kind === 'downgraded')).toBe(true);
    await eventually('audio', () => (call.statistics()?.packetsReceived ?? 0) > 20);
    call.hangUp();
    await call.ended;
  });

  test('says busy, refused, unknown number', async () => {
    const [caller, called] = pair();
    const near = await start(caller);
    const far: Phone = await start(called, { onEvent: (event) => event.kind === 'incoming' && event.call.refuse(486) });
    expect(await (await near.call('1002')).ended).toMatchObject({ ending: 'busy', status: 486 });
    expect(await (await near.call('7777')).ended).toMatchObject({ ending: 'no-such-number', status: 404 });
    await far.stop();
    expect((await (await near.call('1002')).ended).ending).not.toBe('completed');
  });

  test('a device that the manager no longer knows is told nothing, and says what that means', async () => {
    const gone = await secureExtension('1009');
    await lab.client.removeDevice(gone.name);
    await expect(start(gone)).rejects.toMatchObject({
      code: 'phone.closed-without-a-word',
      nextStep: expect.stringContaining('trustline events'),
    });
  });

  test('a manager that is not trusted is told nothing', async () => {
    const [caller] = pair();
    const { connection } = caller;
    if (connection.kind !== 'tls') throw new Error('not TLS');
    const trustBundlePem = connection.certificatePem; // of a CA that vouches for no server
    await expect(start({ ...caller, connection: { ...connection, trustBundlePem } })).rejects.toMatchObject({
      code: 'sip.server-refused',
    });
  });
});

/**
 * kill -9 at random moments while phones register and call: what was acknowledged is there, whoever talks can be hung up from
 * either end, and every call has a record.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redacted } from '@trustline/base';
import { verifyExport } from '@trustline/evidence';
import { artefactFolder, eventually, freeTcpPort, freeUdpPort, LoadGenerator } from '@trustline/testing/node';
import { afterEach, expect, test } from 'vitest';
import type { ManagerClient } from '../node/api/client.ts';
import { KillableManager } from './killable-manager.fixture.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
const [kills, phones, callsPerSecond, standing] = [isFull ? 10 : 1, isFull ? 200 : 40, 200, isFull ? 60 : 10];
/** Milliseconds after the first of its calls has ended. */
const latestKill = isFull ? 1_500 : 600;
/** Seconds; a machine that is late has its first calls late. */
const longestLoad = 60;
const folder = artefactFolder('kill-under-load');
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

type Transport = 'udp' | 'tcp';

/** Sets up calls that stand; a machine that is late refuses some at first (503), as it should. */
async function hold(generator: LoadGenerator, calls: number): Promise<void> {
  for (let left = calls; left > 0; left = calls - Math.floor(generator.fleet.talking / 2)) {
    await generator.hold(left).catch(() => delay(500));
  }
}

/** Everybody hangs up, callers and called in turn; afterwards nobody is in a call, at no phone and in the manager. */
async function hangUpAll(generator: LoadGenerator, client: ManagerClient): Promise<void> {
  for (let turn = 0; turn < 10_000; turn += 1) {
    const [end, other] = turn % 2 === 0 ? (['calling', 'called'] as const) : (['called', 'calling'] as const);
    if (!generator.hangUpOne(end) && !generator.hangUpOne(other)) break;
    await delay(2);
  }
  await eventually('the end of all calls', async () => {
    const { calls } = await client.calls();
    return generator.fleet.talking === 0 && calls.length === 0;
  });
}

test.each<Transport>(['tcp', 'udp'])(
  `${kills} times at a random moment under ${callsPerSecond} calls a second over %s, beside ${standing} that go on`,
  async (transport) => {
    const port = transport === 'tcp' ? await freeTcpPort() : await freeUdpPort();
    const set = [`listeners=[{transport: ${transport}, host: 127.0.0.1, port: ${port}}]`];
    const manager = new KillableManager(join(folder, transport), set);
    undo.push(() => manager.kill());
    await manager.start();
    const { client } = manager;
    const generator = new LoadGenerator(
      { host: '127.0.0.1', port },
      { kind: transport },
      { domain: '127.0.0.1', secureMedia: false, talkTime: 0 },
    );
    undo.push(() => generator.close());
    for (let at = 0; at < phones; at += 1) {
      const [device, line] = [`SEP000000000${String(at).padStart(3, '0')}`, String(1_000 + at)];
      const { password } = await client.addDevice({
        name: device,
        securityMode: 'non-secure',
        lines: [{ number: line }],
      });
      generator.add({ device, line, password: new Redacted(password ?? '') });
    }
    for (let turn = 0; turn < kills; turn += 1) {
      await generator.comeBack();
      await hold(generator, standing);
      generator.fleet.talkTime = 100;
      const load = generator.run('call', { kind: 'open', perSecond: callsPerSecond }, longestLoad);
      await eventually('a call under load', () => generator.done > 0);
      await delay(latestKill * Math.random());
      await manager.kill();
      generator.stop();
      await load;
      await manager.start();

      // Every registration was acknowledged: all of them are back before a phone has said a word.
      const { devices } = await client.devices();
      expect(devices.map(({ registrations }) => registrations.length)).toEqual(devices.map(() => 1));
      expect(devices).toHaveLength(phones);
      // Whoever talked talks on.
      const { calls } = await client.calls();
      expect(calls.filter(({ recovered }) => recovered !== null).length).toBeGreaterThanOrEqual(standing);

      await generator.comeBack();
      await hangUpAll(generator, client);
    }

    const chunks: string[] = [];
    for await (const chunk of client.exportRecords()) chunks.push(String(chunk));
    expect(await verifyExport(chunks)).toMatchObject({ ok: true });
    const lines = chunks.join('').trimEnd().split('\n').slice(1);
    const bodies = lines.map((line) => JSON.parse(line) as { kind: string; body: Record<string, string> });
    const began = bodies.filter(({ body }) => ['call-started', 'call-recovered'].includes(body['kind'] ?? ''));
    const recorded = bodies.filter(({ kind }) => kind === 'call').map(({ body }) => body['call']);
    expect(recorded.toSorted()).toEqual([...new Set(began.map(({ body }) => body['call']))].toSorted());
    // Of those that went on it is said truly how they ended.
    const wentOn = bodies.filter(({ kind, body }) => kind === 'call' && body['recoveredAt'] !== undefined);
    expect(wentOn.filter(({ body }) => body['reason'] === 'normal-clearing').length).toBeGreaterThanOrEqual(
      kills * standing,
    );

    // They call as before.
    generator.fleet.talkTime = 100;
    const after = generator.run('call', { kind: 'open', perSecond: 20 }, longestLoad);
    await eventually('a call afterwards', () => generator.done > 0);
    generator.stop();
    await after;
  },
  isFull ? 1_800_000 : 240_000,
);

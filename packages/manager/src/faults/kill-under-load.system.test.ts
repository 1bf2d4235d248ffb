/** kill -9 at random moments while phones register and call: what was acknowledged is there, and every call has a record. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redacted } from '@trustline/base';
import { verifyExport } from '@trustline/evidence';
import { artefactFolder, eventually, freeTcpPort, LoadGenerator } from '@trustline/testing/node';
import { afterEach, expect, test } from 'vitest';
import { ManagerClient } from '../node/api/client.ts';
import { loadConfiguration } from '../node/load-configuration.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
const [kills, phones, callsPerSecond] = [isFull ? 10 : 1, isFull ? 100 : 20, 200];
const folder = artefactFolder('kill-under-load');
const commandLine = new URL('../../../cli/src/main.ts', import.meta.url).pathname;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function running(port: number): Promise<{ child: ChildProcess; client: ManagerClient }> {
  const set = [
    `dataFolder=${join(folder, 'data')}`,
    `listeners=[{transport: tcp, host: 127.0.0.1, port: ${port}}]`,
    ...['log.level=error', 'api.metrics.enabled=false', 'provisioning.enabled=false'],
  ];
  const child = spawn(process.execPath, [commandLine, 'start', ...set.flatMap((one) => ['--set', one])], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  undo.push(() => child.kill('SIGKILL'));
  const client = new ManagerClient({ kind: 'socket', path: loadConfiguration({ set, environment: {} }).apiSocket });
  // It answers its operators before phones.
  await eventually('the manager', async () => {
    const status = await client.status().catch(() => undefined);
    return (status?.listeners.length ?? 0) > 0;
  });
  return { child, client };
}

test(`${kills} times at a random moment under ${callsPerSecond} calls a second`, async () => {
  const port = await freeTcpPort();
  let { child, client } = await running(port);
  const generator = new LoadGenerator(
    { host: '127.0.0.1', port },
    { kind: 'tcp' },
    { domain: '127.0.0.1', secureMedia: false, talkTime: 100 },
  );
  undo.push(() => generator.close());
  for (let at = 0; at < phones; at += 1) {
    const [device, line] = [`SEP0000000001${String(at).padStart(2, '0')}`, String(1_000 + at)];
    const { password } = await client.addDevice({
      name: device,
      securityMode: 'non-secure',
      lines: [{ number: line }],
    });
    generator.add({ device, line, password: new Redacted(password ?? '') });
  }
  for (let turn = 0; turn < kills; turn += 1) {
    await generator.connect();
    await generator.registerAll(10);
    const load = generator.run('call', { kind: 'open', perSecond: callsPerSecond }, 2);
    await delay(500 + 1_000 * Math.random());
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await load).done).toBeGreaterThan(0);
    ({ child, client } = await running(port));

    // Every registration was acknowledged: all of them are back before a phone has said a word.
    const { devices } = await client.devices();
    expect(devices.map(({ registrations }) => registrations.length)).toEqual(devices.map(() => 1));
    expect(devices).toHaveLength(phones);
    const { calls } = await client.calls();
    expect(calls).toEqual([]);
  }

  const chunks: string[] = [];
  for await (const chunk of client.exportRecords()) chunks.push(String(chunk));
  const lines = chunks.join('').trimEnd().split('\n');
  expect(await verifyExport(chunks)).toMatchObject({ ok: true });
  const bodies = lines.slice(1).map((line) => JSON.parse(line) as { kind: string; body: Record<string, string> });
  const started = bodies.filter(({ body }) => body['kind'] === 'call-started').map(({ body }) => body['call']);
  const recorded = bodies.filter(({ kind }) => kind === 'call').map(({ body }) => body['call']);
  expect(recorded.toSorted()).toEqual(started.toSorted());
  const interrupted = bodies.filter(({ kind, body }) => kind === 'call' && body['reason'] === 'interrupted');
  expect(interrupted.length).toBeGreaterThanOrEqual(kills);

  // They come back, register and call as before.
  await generator.connect();
  await generator.registerAll(10);
  const after = await generator.run('call', { kind: 'open', perSecond: 20 }, 1);
  expect(after.failed).toEqual({});
}, 120_000);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfiguration } from '../load-configuration.ts';
import { type RunningManager, startManager } from '../manager.ts';
import { ManagerClient } from './client.ts';

let scratch: string;
let manager: RunningManager;
let client: ManagerClient;
let url: string;

const sources = (name: string, port: number) => ({
  set: [
    `dataFolder=${join(scratch, name)}`,
    'log.level=error',
    'listeners=[{transport: tls, host: 127.0.0.1, port: 0}]',
    `api.metrics.port=${port}`,
    'provisioning.enabled=false',
  ],
  environment: {},
});

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-metrics-'));
  const loaded = loadConfiguration(sources('data', 0));
  manager = await startManager({ loaded, environment: {} });
  client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  const { metrics } = await client.status();
  expect(metrics?.host).toBe('127.0.0.1');
  url = `http://127.0.0.1:${metrics?.port}`;
}, 60_000);
afterAll(async () => {
  await manager.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test('health is 200 while it runs', async () => {
  const answer = await fetch(`${url}/health`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ schema: 1, node: 'node-1', state: 'running', recordsFull: false });
});

test('metrics count, and name no device, line or person', async () => {
  await client.addDevice({ name: 'SEP001122334455', securityMode: 'encrypted', lines: [{ number: '4711' }] });
  await client.addOperator('ada', 'viewer');
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  expect(text).toMatch(/^trustline_devices 1$/m);
  expect(text).toMatch(/^trustline_events_total\{kind="device-added"\} 1$/m);
  expect(text).toMatch(/^trustline_certificate_expiry_timestamp_seconds\{role="callmanager-rsa"\} \d{10}$/m);
  expect(text).not.toMatch(/SEP0|4711|ada\b/);
});

test('nothing else is there, and nothing can be changed', async () => {
  expect((await fetch(`${url}/v1/status`)).status).toBe(404);
  expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(405);
});

test('a port that is in use is said with the option to change', async () => {
  const port = Number(new URL(url).port);
  const second = startManager({ loaded: loadConfiguration(sources('second', port)), environment: {} });
  await expect(second).rejects.toMatchObject({
    code: 'manager.port-in-use',
    message: `Metrics and health cannot listen on 127.0.0.1:${port}: the port is in use.`,
    nextStep: expect.stringContaining('api.metrics.port'),
  });
});

/** What goes wrong around a running manager: ports, clocks, disks, certificates, and its own end. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { SecurityEvent } from '@trustline/evidence';
import { Phone, type PhoneEvent } from '@trustline/phone/node';
import { artefactFolder, eventually, freeTcpPort } from '@trustline/testing/node';
import { afterEach, expect, test } from 'vitest';
import { ManagerClient } from '../node/api/client.ts';
import { loadConfiguration } from '../node/load-configuration.ts';
import { type RunningManager, startManager } from '../node/manager.ts';
import type { Clock } from '../node/parts.ts';

const folder = artefactFolder('faults');
const commandLine = new URL('../../../cli/src/main.ts', import.meta.url).pathname;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function configurationOf(name: string, port: number, more: readonly string[] = []) {
  const data = join(folder, name);
  const listeners = `listeners=[{transport: tls, host: 127.0.0.1, port: ${port}}]`;
  return {
    set: [
      `dataFolder=${data}`,
      listeners,
      'log.level=error',
      'api.metrics.port=0',
      'provisioning.enabled=false',
      ...more,
    ],
    environment: {},
  };
}

async function start(name: string, clock?: Clock): Promise<{ manager: RunningManager; client: ManagerClient }> {
  const loaded = loadConfiguration(configurationOf(name, 0));
  const manager = await startManager({ loaded, environment: {}, ...(clock === undefined ? {} : { clock }) });
  undo.push(() => manager.stop());
  return { manager, client: new ManagerClient({ kind: 'socket', path: loaded.apiSocket }) };
}

/** A phone of ours with a new device's credentials, registered. */
async function phone(
  client: ManagerClient,
  device: string,
  line: string,
  onEvent: (event: PhoneEvent) => void = () => {},
  way: (port: number) => Promise<number> = async (port) => port,
) {
  await client.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: line }] });
  const { proof, trustBundlePem } = await client.deviceCredentials(device);
  if (proof.kind !== 'certificate') throw new Error('no certificate');
  const { certificatePem, privateKeyPem } = proof;
  const [listener] = (await client.status()).listeners;
  const started: Phone = Phone.start({
    line,
    device,
    server: { host: '127.0.0.1', port: await way(listener?.port ?? 0) },
    connection: { kind: 'tls', certificatePem, privateKeyPem, trustBundlePem },
    onEvent: (event) => {
      if (event.kind === 'incoming') void started.answer(event.call);
      onEvent(event);
    },
  });
  undo.push(() => started.stop());
  await started.registered();
  return started;
}

async function events(client: ManagerClient): Promise<readonly SecurityEvent[]> {
  const found: SecurityEvent[] = [];
  for await (const event of client.events({ limit: 1_000 })) found.push(event);
  return found;
}

test('a port in use: the error says how to find the process, and which option to change', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  undo.push(() => other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const loaded = loadConfiguration(configurationOf('port-in-use', port));
  await expect(startManager({ loaded, environment: {} })).rejects.toMatchObject({
    code: 'manager.port-in-use',
    message: `TLS 127.0.0.1:${port} is used by another program`,
    nextStep: expect.stringMatching(/ss -lnp 'sport = :\d+'.*listeners\[0\]\.port, transport tls/),
  });
  // Nothing of the failed start is left: the folder is free.
  other.close();
  await once(other, 'close');
  const again = await startManager({ loaded, environment: {} });
  await again.stop();
});

test('the clock jumps back an hour: calls and registrations go on, phones come in, and the event says so', async () => {
  let offset = 0;
  const { client } = await start('clock', {
    now: () => Date.now() + offset,
    monotonic: () => performance.now(),
  });
  const alice = await phone(client, 'SEP000000000001', '1001');
  await phone(client, 'SEP000000000002', '1002');
  const call = await alice.call('1002');
  await call.established;
  offset = -3_600_000;
  const jumped = await eventually('the event', async () =>
    (await events(client)).find(({ kind }) => kind === 'clock-jumped'),
  );
  expect(jumped.cause).toBe('The clock of this machine was set back by 3600 s; calls and registrations go on.');
  await phone(client, 'SEP000000000003', '1003');
  const { devices } = await client.devices();
  expect(devices.map(({ registrations }) => registrations.length)).toEqual([1, 1, 1]);
  expect((await client.calls()).calls).toMatchObject([{ state: 'answered', level: 'encrypted' }]);
  call.hangUp();
  await call.ended;
  const second = await alice.call('1003');
  await second.established;
});

/** A way to a port on this machine that can be cut, and then leads nowhere. */
class Way {
  readonly #sockets: Socket[] = [];
  readonly #server = createServer((near) => {
    const far = connect(this.#port, '127.0.0.1');
    this.#sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  #port = 0;

  async open(port: number): Promise<number> {
    this.#port = port;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

test('a phone that loses its connection in a call: the call is shown as waiting for it, with the reason, until when', async () => {
  const { client } = await start('lost');
  const way = new Way();
  undo.push(() => way.cut());
  const alice = await phone(client, 'SEP000000000001', '1001');
  await phone(client, 'SEP000000000002', '1002', undefined, (port) => way.open(port));
  const call = await alice.call('1002');
  await call.established;
  const legs = async () => (await client.calls()).calls[0]?.legs ?? [];
  expect((await legs()).map(({ lost }) => lost)).toEqual([null, null]);
  way.cut();
  const lost = await eventually('it is shown', async () => (await legs()).find((leg) => leg.lost !== null));
  expect(lost.line).toBe('1002');
  expect(lost.lost?.cause).toBe('the connection to SEP000000000002 was lost');
  expect(Date.parse(lost.lost?.until ?? '')).toBeGreaterThan(Date.now());
  expect((await client.calls()).calls).toMatchObject([{ state: 'answered', level: 'encrypted' }]);
  call.hangUp();
  await call.ended;
});

test('a device removed during its call: the call ends, its certificate is revoked, its connection closed, each said', async () => {
  const { client } = await start('removed');
  const happened: PhoneEvent['kind'][] = [];
  const alice = await phone(client, 'SEP000000000001', '1001');
  const bob = await phone(client, 'SEP000000000002', '1002', ({ kind }) => happened.push(kind));
  const call = await alice.call('1002');
  await call.established;
  await client.removeDevice('SEP000000000002');
  await call.ended;
  expect((await client.calls()).calls).toEqual([]);
  await eventually('the phone is cut off', () => happened.includes('disconnected') && !bob.isRegistered);
  const refused = await eventually('it is not let in again', async () =>
    (await events(client)).find(({ kind }) => kind === 'handshake-refused'),
  );
  expect(refused.cause).toMatch(/SEP000000000002.*revoked/);
  expect((await events(client)).find(({ kind }) => kind === 'device-removed')?.cause).toBe(
    'The device was removed; 1 of its certificates are no longer believed.',
  );
});

test('SIGTERM: a new call is refused with words, the running one goes on and ends, and the process exits 0', async () => {
  const port = await freeTcpPort();
  const { set } = configurationOf('drain', port);
  const args = [commandLine, 'start', ...set.flatMap((one) => ['--set', one]), '--set', 'drainSeconds=30'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  undo.push(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually('the manager', () => said.includes('Ctrl-C stops it.'));
  const client = new ManagerClient({
    kind: 'socket',
    path: loadConfiguration(configurationOf('drain', port)).apiSocket,
  });
  const alice = await phone(client, 'SEP000000000001', '1001');
  const carol = await phone(client, 'SEP000000000003', '1003');
  await phone(client, 'SEP000000000002', '1002');
  const running = await alice.call('1002');
  await running.established;
  child.kill('SIGTERM');
  await eventually('draining', async () => (await client.status()).state === 'draining');
  const refused = await carol.call('1001');
  refused.established.catch(() => undefined);
  expect(await refused.ended).toMatchObject({ status: 503 });
  const words = (await events(client)).find(({ kind, line }) => kind === 'call-refused' && line === '1003');
  expect(words?.cause).toMatch(/[a-z]+ [a-z]+ .*\./i);
  await delay(1_000);
  expect(running.level).toBe('encrypted');
  running.hangUp();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

const mayMount = process.getuid?.() === 0 && process.platform === 'linux' && canMount();

function canMount(): boolean {
  const at = join(folder, 'probe');
  mkdirSync(at, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at]).status === 0;
  if (mounted) spawnSync('umount', [at]);
  return mounted;
}

test.skipIf(!mayMount)('a full disk: calls go on, records wait in memory, and what was lost is said', async () => {
  const data = join(folder, 'full');
  mkdirSync(data, { recursive: true });
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', data]);
  undo.push(() => spawnSync('umount', ['-l', data]));
  const loaded = loadConfiguration(configurationOf('full/data', 0, ['records.memoryLimit=100']));
  const manager = await startManager({ loaded, environment: {} });
  undo.push(() => manager.stop());
  const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  const alice = await phone(client, 'SEP000000000001', '1001');
  await phone(client, 'SEP000000000002', '1002');
  fill(join(data, 'ballast'));
  for (let turn = 0; turn < 40; turn += 1) {
    const call = await alice.call('1002');
    await call.established;
    await eventually('it is encrypted', () => call.level === 'encrypted');
    call.hangUp();
    await call.ended;
  }
  const { records } = await client.status();
  expect(records).toMatchObject({ full: true, kept: 100 });
  expect(records.lost).toBeGreaterThan(0);
  spawnSync('rm', [join(data, 'ballast')]);
  const lost = await eventually('the loss is said', async () =>
    (await events(client)).find(({ kind }) => kind === 'records-lost'),
  );
  expect(lost.cause).toMatch(/^\d+ records were lost while the disk was full\.$/);
  expect((await events(client)).find(({ kind }) => kind === 'store-full')?.cause).toMatch(/^The disk is full: /);
});

/** Writes until nothing more goes in. */
function fill(file: string): void {
  for (const size of [65_536, 4_096, 512]) {
    try {
      for (;;) writeFileSync(file, new Uint8Array(size), { flag: 'a' });
    } catch {
      // Smaller pieces may still go in.
    }
  }
}

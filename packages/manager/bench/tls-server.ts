/**
 * The server of `tls.bench.ts`, in a process of its own so that only its memory and its processor time are measured:
 * `node --expose-gc tls-server.ts bare|manager COUNT`. It prints what the clients need, and for every line that comes
 * in what it costs by now.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'node:tls';
import { makeTestCertificates } from '@trustline/testing';
import { ManagerClient } from '../src/node/api/client.ts';
import { believing } from '../src/node/believed-trust.fixture.ts';
import { loadConfiguration } from '../src/node/load-configuration.ts';
import { startManager } from '../src/node/manager.ts';
import { createSignalling } from '../src/node/signalling.ts';

export interface Ready {
  readonly port: number;
  /** One for each client: certificate and key. */
  readonly certificates: readonly string[];
  readonly keyPem: string;
}

export interface Cost {
  /** Octets, after the garbage collector. */
  readonly resident: number;
  /** Processor time of the process, in milliseconds. */
  readonly processor: number;
}

const [mode, count] = [process.argv[2], Number(process.argv[3])];
const names = Array.from({ length: count }, (_, at) => `SEP${at.toString(16).toUpperCase().padStart(12, '0')}`);
const certificates = await makeTestCertificates();
const devices = [];
for (const name of names) devices.push(await certificates.device(name));
const scratch = mkdtempSync(join(tmpdir(), 'trustline-bench-'));
const { port, stop } = mode === 'bare' ? await startBare() : await startReal();
say({
  port,
  certificates: devices.map(({ certificatePem }) => certificatePem),
  keyPem: devices[0]?.privateKeyPem ?? '',
} satisfies Ready);
devices.length = 0;

for await (const _ of createInterface({ input: process.stdin })) {
  for (let turn = 0; turn < 5; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { user, system } = process.cpuUsage();
  say({ resident: process.memoryUsage.rss(), processor: (user + system) / 1_000 } satisfies Cost);
}
await stop();
rmSync(scratch, { recursive: true, force: true });
process.exit(0);

function say(message: Ready | Cost): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** What node:tls needs by itself: it asks for a certificate, and answers whatever it is sent. */
async function startBare() {
  const { rsa, ecdsa } = certificates.callManager;
  const server = createServer({
    cert: [rsa.certificatePem, ecdsa.certificatePem],
    key: [rsa.privateKeyPem, ecdsa.privateKeyPem],
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    socket.on('data', () => socket.write('SIP/2.0 200 OK\r\n\r\n'));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const stopServer = async () => void server.close();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, stop: stopServer };
}

/** The whole manager: listeners, judgement, store and journal. Only whom it believes is the bench's. */
async function startReal() {
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.enabled=false',
    'listeners=[{transport: tls, host: 127.0.0.1, port: 0}]',
    'provisioning.enabled=false',
    'limits.registrationsPerSecond=1000000',
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  const manager = await startManager({
    loaded,
    environment: {},
    signalling: (context, seen) =>
      createSignalling({ ...context, cluster: believing(context.cluster, certificates) }, seen),
  });
  const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  for (const [at, name] of names.entries()) {
    await client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: String(10_000 + at) }] });
  }
  const { listeners } = await client.status();
  return { port: listeners[0]?.port ?? 0, stop: () => manager.stop() };
}

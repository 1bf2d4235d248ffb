/**
 * The server of `skinny.bench.ts`, in a process of its own so that only its memory and its processor time are measured:
 * `node --expose-gc skinny-server.ts bare|manager PHONES SIP-PHONES`. It prints what phones need; for a line `cost` it
 * collects its garbage and says what it takes, for a line `usage` it says what it has used by now.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'node:tls';
import { digestHa1 } from '@trustline/sip';
import { makeTestCertificates } from '@trustline/testing';
import { ManagerClient } from '../src/node/api/client.ts';
import { believing } from '../src/node/believed-trust.fixture.ts';
import { digestRealm } from '../src/node/digest-passwords.ts';
import { loadConfiguration } from '../src/node/load-configuration.ts';
import { startManager } from '../src/node/manager.ts';
import type { ManagerContext } from '../src/node/parts.ts';
import { createSignalling } from '../src/node/signalling.ts';
import { loadPassword, loadPhoneNames } from './load-phones.ts';

export interface SkinnyReady {
  readonly skinnyPort: number;
  readonly sipPort: number;
  /** One for each Skinny phone, or one for all; they share the key, also with those of SIP. */
  readonly certificates: readonly string[];
  readonly sipCertificates: readonly string[];
  readonly keyPem: string;
}

export interface SkinnyCost {
  /** Octets resident. */
  readonly resident: number;
  /** Processor time of the process, in milliseconds. */
  readonly processor: number;
}

const [mode, phones, sipPhones] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const certificates = await makeTestCertificates();
const scratch = mkdtempSync(join(tmpdir(), 'trustline-skinny-'));
const names = loadPhoneNames('skinny', phones);
const sipNames = loadPhoneNames('secure', sipPhones);
const { skinnyPort, sipPort, stop } = mode === 'bare' ? await startBare() : await startReal();
const [first] = names;
if (first === undefined) throw new Error('at least one phone is wanted');
const [shown, own] = [mode === 'bare' ? [first] : names, await certificates.device(first.device)];
say({
  skinnyPort,
  sipPort,
  certificates: await certificates.devices(shown.map(({ device }) => device)),
  sipCertificates: await certificates.devices(sipNames.map(({ device }) => device)),
  keyPem: own.privateKeyPem,
} satisfies SkinnyReady);

for await (const line of createInterface({ input: process.stdin })) {
  for (let turn = 0; turn < 5 && line === 'cost'; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { user, system } = process.cpuUsage();
  say({ resident: process.memoryUsage.rss(), processor: (user + system) / 1_000 } satisfies SkinnyCost);
}
await stop();
rmSync(scratch, { recursive: true, force: true });
process.exit(0);

function say(message: SkinnyReady | SkinnyCost): void {
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
    socket.on('data', () => socket.write('answer'));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { skinnyPort: port, sipPort: 0, stop: async () => void server.close() };
}

/** The whole manager: listeners, judgement, store and journal. */
async function startReal() {
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.enabled=false',
    'provisioning.enabled=false',
    'listeners=[{transport: tls, host: 127.0.0.1, port: 0}, {transport: sccp-tls, host: 127.0.0.1, port: 0}]',
    'limits={registrationsPerSecond: 1000000, callsPerSecond: 1000000, calls: 100000, unauthenticatedConnections: 20000}',
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  const manager = await startManager({
    loaded,
    environment: {},
    signalling: (context, seen) => {
      const signalling = createSignalling({ ...context, cluster: believing(context.cluster, certificates) }, seen);
      const start = signalling.start.bind(signalling);
      signalling.start = async () => {
        await addDevices(context);
        await start();
      };
      return signalling;
    },
  });
  const { listeners } = await new ManagerClient({ kind: 'socket', path: loaded.apiSocket }).status();
  const port = (transport: string) => listeners.find((one) => one.transport === transport)?.port ?? 0;
  return { skinnyPort: port('sccp-tls'), sipPort: port('tls'), stop: () => manager.stop() };
}

async function addDevices({ store, clock }: ManagerContext): Promise<void> {
  const phones = [
    ...names.map((phone) => ({ ...phone, protocol: 'sccp' as const })),
    ...sipNames.map((phone) => ({ ...phone, protocol: 'sip' as const })),
  ];
  for (const { device, line, protocol } of phones) {
    const sha256 = digestHa1('SHA-256', device, digestRealm, loadPassword);
    await store.devices.add({
      name: device,
      kind: 'phone',
      securityMode: 'encrypted',
      protocol,
      description: '',
      lines: [{ number: line, displayName: undefined }],
      digest: { realm: digestRealm, sha256, md5: undefined, salt: undefined },
      addedAt: clock.now(),
    });
  }
}

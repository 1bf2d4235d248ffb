/**
 * The manager of `manager.bench.ts`, in a process of its own: `node --expose-gc load-server.ts CLEAR SECURE`. It has CLEAR
 * phones that prove themselves by digest and SECURE ones that do by certificate; store and journal are on the disk. For
 * every line that comes in it collects its garbage and says so, and at the end of input it stops.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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

export interface LoadReady {
  readonly ports: Readonly<Record<'udp' | 'tcp' | 'tls', number>>;
  /** One for each secure phone; they share the key. */
  readonly certificates: readonly string[];
  readonly keyPem: string;
}

const [clear, secure] = [Number(process.argv[2]), Number(process.argv[3])];
const scratch = mkdtempSync(join(tmpdir(), 'trustline-load-'));
const certificates = await makeTestCertificates();
const set = [
  `dataFolder=${join(scratch, 'data')}`,
  'log.level=error',
  'api.metrics.enabled=false',
  'provisioning.enabled=false',
  'listeners=[{transport: udp, host: 127.0.0.1, port: 0}, {transport: tcp, host: 127.0.0.1, port: 0}, {transport: tls, host: 127.0.0.1, port: 0}]',
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
const devices = [];
for (const { device } of loadPhoneNames('secure', secure)) devices.push(await certificates.device(device));
say({
  ports: { udp: port('udp'), tcp: port('tcp'), tls: port('tls') },
  certificates: devices.map(({ certificatePem }) => certificatePem),
  keyPem: devices[0]?.privateKeyPem ?? '',
} satisfies LoadReady);
devices.length = 0;

for await (const _ of createInterface({ input: process.stdin })) {
  for (let turn = 0; turn < 5; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  say('collected');
}
await manager.stop();
rmSync(scratch, { recursive: true, force: true });
process.exit(0);

function say(message: LoadReady | 'collected'): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function addDevices({ store, clock }: ManagerContext): Promise<void> {
  const phones = [
    ...loadPhoneNames('clear', clear).map((phone) => ({ ...phone, securityMode: 'non-secure' as const })),
    ...loadPhoneNames('secure', secure).map((phone) => ({ ...phone, securityMode: 'encrypted' as const })),
  ];
  for (const { device, line, securityMode } of phones) {
    const sha256 = digestHa1('SHA-256', device, digestRealm, loadPassword);
    await store.devices.add({
      name: device,
      kind: 'phone',
      securityMode,
      protocol: 'sip',
      description: '',
      lines: [{ number: line, displayName: undefined }],
      digest: { realm: digestRealm, sha256, md5: undefined, salt: undefined },
      addedAt: clock.now(),
    });
  }
}

/**
 * The manager of `boot.bench.ts`, in a process of its own: `node --expose-gc boot-server.ts COUNT`. It adds COUNT phones,
 * opens an enrolment for each, prints what the phones need, and for every line that comes in what it costs by now.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ManagerClient } from '../src/node/api/client.ts';
import { loadConfiguration } from '../src/node/load-configuration.ts';
import { startManager } from '../src/node/manager.ts';

export interface BootReady {
  readonly httpPort: number;
  readonly tftpPort: number;
  /** By name: the digits with which each enrols. */
  readonly strings: Readonly<Record<string, string>>;
  /** By name, PEM; empty when they enrol by string. */
  readonly manufactured: Readonly<Record<string, { readonly certificatePem: string; readonly privateKeyPem: string }>>;
}

export interface BootCost {
  /** Octets, after the garbage collector. */
  readonly resident: number;
  /** Processor time of the process, in milliseconds. */
  readonly processor: number;
}

const [count, by, key] = [
  Number(process.argv[2]),
  process.argv[3] as 'string' | 'mic',
  process.argv[4] as 'EC-P-256' | 'RSA-2048',
];
const scratch = mkdtempSync(join(tmpdir(), 'trustline-boot-bench-'));
const set = [
  `dataFolder=${join(scratch, 'data')}`,
  'log.level=error',
  'api.metrics.enabled=false',
  'listeners=[{transport: tls, host: 127.0.0.1, port: 0}]',
  'provisioning={host: 127.0.0.1, tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0}',
];
const loaded = loadConfiguration({ set, environment: {} });
const manager = await startManager({ loaded, environment: {} });
const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
const strings: Record<string, string> = {};
const manufactured: Record<string, { certificatePem: string; privateKeyPem: string }> = {};
for (let at = 0; at < count; at += 1) {
  const name = `SEP${(0x02_00_00_00_00_00 + at).toString(16).toUpperCase().padStart(12, '0')}`;
  await client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: String(10_000 + at) }] });
  const { string } = await client.openEnrolment(name, { by, key });
  strings[name] = string ?? '';
  if (by === 'mic') manufactured[name] = await client.manufacture(name);
}
const { provisioning } = await client.status();
const port = (service: string) => provisioning.find((one) => one.service === service)?.port ?? 0;
say({ httpPort: port('HTTP'), tftpPort: port('TFTP'), strings, manufactured } satisfies BootReady);

for await (const _ of createInterface({ input: process.stdin })) {
  for (let turn = 0; turn < 5; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { user, system } = process.cpuUsage();
  say({ resident: process.memoryUsage.rss(), processor: (user + system) / 1_000 } satisfies BootCost);
}
await manager.stop();
rmSync(scratch, { recursive: true, force: true });
process.exit(0);

function say(message: BootReady | BootCost): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

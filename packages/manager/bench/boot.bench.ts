/**
 * How fast phones boot: from power-on to registered by TLS with a certificate of their own, against one manager in a
 * process of its own, with its store and journal on the disk. Both ends share the processors of this machine.
 *
 *     npm run bench -- boot [--phones 1000] [--at-once 32] [--by string|mic] [--key EC-P-256|RSA-2048] [--json]
 *
 * RSA keys are ready-made: a phone takes a second to make one, and this is not about that.
 */
import { spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Redacted } from '@trustline/base';
import { blankState } from '@trustline/phone';
import { bootFleet, bootTimeOf, PassingMemory, readIdentityPem } from '@trustline/phone/node';
import type { BootCost, BootReady } from './boot-server.ts';

const { values } = parseArgs({
  options: {
    phones: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '32' },
    by: { type: 'string', default: 'mic' },
    key: { type: 'string', default: 'EC-P-256' },
    json: { type: 'boolean', default: false },
  },
});
const [count, atOnce] = [Number(values.phones), Number(values['at-once'])];

const script = fileURLToPath(new URL('boot-server.ts', import.meta.url));
const server = spawn(process.execPath, ['--expose-gc', script, String(count), values.by, values.key], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const ready = JSON.parse((await lines.next()).value ?? 'null') as BootReady;
const cost = async (): Promise<BootCost> => {
  server.stdin.write('\n');
  return JSON.parse((await lines.next()).value ?? 'null') as BootCost;
};

const readyMade: KeyObject | undefined =
  values.key === 'RSA-2048' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey : undefined;
const phones = Object.entries(ready.strings).map(([device, string]) => {
  const made = ready.manufactured[device];
  const mic = made && readIdentityPem(made.certificatePem, new Redacted(made.privateKeyPem));
  return {
    device,
    memory: new PassingMemory({ ...blankState, mic }),
    authenticationString: string === '' ? undefined : new Redacted(string),
  };
});
const before = await cost();
const ownBefore = process.cpuUsage();
const fleet = await bootFleet({
  phones,
  files: { host: '127.0.0.1', httpPort: ready.httpPort, tftpPort: ready.tftpPort },
  atOnce,
  makeKey: readyMade && (async () => readyMade),
});
const own = process.cpuUsage(ownBefore);
const after = await cost();
const { result } = fleet;
const seconds = result.milliseconds / 1_000;
const figures = {
  schema: 1,
  node: 'bench',
  phones: count,
  atOnce,
  by: values.by,
  key: values.key,
  processors: cpus().length,
  registered: result.registered,
  failed: result.failed.length,
  seconds,
  phonesPerSecond: result.registered / seconds,
  bootMilliseconds: { p50: bootTimeOf(result, 0.5), p99: bootTimeOf(result, 0.99), most: bootTimeOf(result, 1) },
  octetsPerPhone: { phone: result.octetsPerPhone, manager: (after.resident - before.resident) / result.registered },
  processorMillisecondsPerPhone: {
    phone: (own.user + own.system) / 1_000 / result.registered,
    manager: (after.processor - before.processor) / result.registered,
  },
};
await fleet.stop();
server.stdin.end();
if (server.exitCode === null) await once(server, 'exit');

if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  const { phonesPerSecond, bootMilliseconds, octetsPerPhone, processorMillisecondsPerPhone: processor } = figures;
  const kilobytes = (octets: number) => `${Math.round(octets / 1_000)} kB`;
  console.log(
    `${result.registered} of ${count} phones, ${atOnce} at a time, enrolled by ${values.by} with ${values.key} keys, on ${figures.processors} processors`,
  );
  console.log(`  from power-on to registered: ${seconds.toFixed(1)} s in all, ${phonesPerSecond.toFixed(1)} phones/s`);
  console.log(
    `  one phone: p50 ${bootMilliseconds.p50.toFixed(0)} ms, p99 ${bootMilliseconds.p99.toFixed(0)} ms, longest ${bootMilliseconds.most.toFixed(0)} ms`,
  );
  console.log(
    `  processor time of one: phone ${processor.phone.toFixed(1)} ms, manager ${processor.manager.toFixed(1)} ms`,
  );
  console.log(
    `  memory of one: phone ${kilobytes(octetsPerPhone.phone)}, manager ${kilobytes(octetsPerPhone.manager)}`,
  );
  for (const { device, error } of result.failed.slice(0, 5)) console.log(`  ${device}: ${error.message}`);
}
if (result.failed.length > 0) process.exitCode = 1;
process.exit();

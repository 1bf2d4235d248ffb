/**
 * How much the call manager bears: REGISTER/s and calls/s (INVITE to BYE), the time that a call takes to be set up, and
 * what each costs in processor time and memory; Kamailio from Debian does the same in the same run, as registrar and
 * stateful proxy with its locations in memory. Phones are of our own SIP stack, each with a socket of its own.
 *
 *     npm run bench -- manager [--devices 100,1000,10000] [--secure-devices 100,1000] [--seconds 4]
 *                              [--long-run CALLS] [--without-kamailio] [--json]
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { missingPrograms } from '@trustline/testing/node';
import { isPinned, startKamailioContender, startManagerContender, type Transport } from './load-contender.ts';
import { type Cell, type LoadOptions, measureCell } from './load-measure.ts';
import { ratios, sentences, table } from './load-report.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '100,1000,10000' },
    'secure-devices': { type: 'string', default: '100,1000' },
    seconds: { type: 'string', default: '4' },
    'long-run': { type: 'string', default: '0' },
    'without-kamailio': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const counts = (text: string) =>
  text
    .split(',')
    .filter((part) => part !== '')
    .map(Number);
const [clear, secure] = [counts(values.devices), counts(values['secure-devices'])];
const base: LoadOptions = { seconds: Number(values.seconds), longRun: 0, overload: false, progress };
const mostSecure = secure.at(-1);

// Both are kept to processors of their own where there are any, so that neither takes the other's.
if (isPinned) spawnSync('taskset', ['-a', '-p', '-c', `1-${cpus().length - 1}`, String(process.pid)]);

const manager: Cell[] = [];
for (const devices of clear) manager.push(await measureManager('udp', devices, base));
if (mostSecure !== undefined) manager.push(await measureManager('tcp', mostSecure, base));
for (const devices of secure) {
  const isLast = devices === mostSecure;
  manager.push(
    await measureManager('tls', devices, {
      ...base,
      overload: isLast,
      longRun: isLast ? Number(values['long-run']) : 0,
    }),
  );
}
const kamailio: Cell[] = [];
if (!values['without-kamailio'] && !missingPrograms('kamailio')) {
  for (const devices of clear) kamailio.push(await measureKamailio('udp', devices));
  for (const devices of secure) kamailio.push(await measureKamailio('tls', devices));
}

const measured = { manager, kamailio };
if (values.json) {
  console.log(
    JSON.stringify({
      schema: 1,
      node: 'bench',
      processors: cpus().length,
      isPinned,
      ...measured,
      ratios: ratios(measured),
    }),
  );
} else {
  const where = isPinned ? 'the server has one of them, the phones the others' : 'servers and phones share it';
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} of them; ${where}. Node.js ${process.version}`,
  );
  console.log('µs: processor time of the server for one. Delays are in ms; saturated unless "at half".');
  console.log(table(measured));
  console.log(sentences(measured));
  for (const [name, value] of Object.entries(ratios(measured))) console.log(`${name}: ${value.toFixed(2)}`);
}
process.exit();

async function measureManager(transport: Transport, devices: number, options: LoadOptions): Promise<Cell> {
  progress(`Trustline, ${transport}, ${devices} devices`);
  const contender = await startManagerContender(transport, devices);
  const cell = await measureCell(contender, transport, devices, options);
  await contender.stop();
  return cell;
}

async function measureKamailio(transport: Transport, devices: number): Promise<Cell> {
  progress(`Kamailio, ${transport}, ${devices} devices`);
  const contender = await startKamailioContender(transport, devices);
  const cell = await measureCell(contender, transport, devices, base);
  await contender.stop();
  return cell;
}

function progress(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what} …\n`);
}

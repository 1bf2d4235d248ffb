/**
 * What Skinny phones over TLS cost one manager: memory of a registered one beside a bare socket of node:tls in the same
 * run, processor time for their signs of life, registrations/s, and calls/s to each other and to SIP phones. The servers
 * run in processes of their own; store and journal are on the disk.
 *
 *     npm run bench -- sccp [--phones 10000] [--seconds 8] [--keep-alives 30] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LoadGenerator } from '@trustline/testing/node';
import { loadPhoneNames } from './load-phones.ts';
import { SkinnyLoadPhone } from './skinny-phones.ts';
import type { SkinnyCost, SkinnyReady } from './skinny-server.ts';

const { values } = parseArgs({
  options: {
    phones: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '8' },
    'keep-alives': { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const [phones, seconds, keepAliveSeconds] = [values.phones, values.seconds, values['keep-alives']].map(Number) as [
  number,
  number,
  number,
];
const sipPhones = Math.min(20, phones);
/** Connections that are there before memory is first measured, so that what is made once is not counted. */
const warm = Math.floor(phones / 5);
const [connectionsAtOnce, registrationsAtOnce, callsAtOnce] = [40, 40, 10];
/** How often phones look at their clocks, in milliseconds. */
const tick = 500;

class Server {
  readonly ready: SkinnyReady;
  readonly #child: ReturnType<typeof spawnServer>;
  readonly #lines: AsyncIterator<string>;

  static async start(mode: 'bare' | 'manager'): Promise<Server> {
    progress(`starting: ${mode}`);
    const child = spawnServer(mode);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new Server(child, lines, JSON.parse((await lines.next()).value ?? 'null'));
  }

  private constructor(child: ReturnType<typeof spawnServer>, lines: AsyncIterator<string>, ready: SkinnyReady) {
    this.#child = child;
    this.#lines = lines;
    this.ready = ready;
  }

  async ask(what: 'cost' | 'usage'): Promise<SkinnyCost> {
    this.#child.stdin.write(`${what}\n`);
    return JSON.parse((await this.#lines.next()).value ?? 'null');
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}

function spawnServer(mode: string) {
  const script = fileURLToPath(new URL('skinny-server.ts', import.meta.url));
  const args = [...process.execArgv, script, mode, String(phones), String(mode === 'bare' ? 0 : sipPhones)];
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Phones that live: their clocks go. */
class Fleet {
  readonly phones: SkinnyLoadPhone[] = [];
  readonly #server: Server;
  readonly #timer = setInterval(() => {
    const now = performance.now();
    for (const phone of this.phones) phone.handleTime(now);
  }, tick);

  constructor(server: Server) {
    this.#server = server;
  }

  /** Connects more of them, up to a number, each with what it does then. */
  async grow(to: number, then: (phone: SkinnyLoadPhone) => Promise<void>): Promise<void> {
    const { skinnyPort: port, certificates, keyPem: key } = this.#server.ready;
    const names = loadPhoneNames('skinny', to).slice(this.phones.length);
    await inTurns(names, connectionsAtOnce, async (name, at) => {
      const cert = certificates[certificates.length === 1 ? 0 : to - names.length + at] ?? '';
      const phone = await SkinnyLoadPhone.connect({ port, cert, key }, name);
      await then(phone);
      this.phones.push(phone);
    });
  }

  close(): void {
    clearInterval(this.#timer);
    for (const phone of this.phones) phone.close();
  }
}

async function inTurns<T>(all: readonly T[], atOnce: number, work: (one: T, at: number) => Promise<void>) {
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < all.length; at = next++) await work(all[at] as T, at);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Octets resident for each client beyond the first ones. */
async function weigh(server: Server, fleet: Fleet, then: (phone: SkinnyLoadPhone) => Promise<void>): Promise<number> {
  await fleet.grow(warm, then);
  const before = await server.ask('cost');
  await fleet.grow(phones, then);
  const after = await server.ask('cost');
  return (after.resident - before.resident) / (phones - warm);
}

interface Rate {
  readonly perSecond: number;
  /** Microseconds of processor time of the server for one. */
  readonly processor: number;
  /** Milliseconds until it was done: a call, until the voice goes both ways. */
  readonly p50: number;
  readonly p99: number;
}

/** Does the same thing over and over, so many at once. */
async function measure(server: Server, atOnce: number, once: (turn: number) => Promise<number>): Promise<Rate> {
  const delays: number[] = [];
  let turn = 0;
  const run = async (end: number) => {
    const worker = async () => {
      while (performance.now() < end) delays.push(await once(turn++));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  await run(performance.now() + 250 * seconds); // compilers and caches want to see their work first
  delays.length = 0;
  const [started, before] = [performance.now(), await server.ask('usage')];
  await run(started + 1_000 * seconds);
  const after = await server.ask('usage');
  const perSecond = (1_000 * delays.length) / (performance.now() - started);
  const sorted = delays.toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  const processor = (1_000 * (after.processor - before.processor)) / delays.length;
  return { perSecond, processor, p50: quantile(0.5), p99: quantile(0.99) };
}

async function registrations(server: Server, fleet: Fleet): Promise<Rate> {
  return measure(server, registrationsAtOnce, async (turn) => {
    const started = performance.now();
    await (fleet.phones[turn % fleet.phones.length] as SkinnyLoadPhone).register();
    return performance.now() - started;
  });
}

/** Calls among Skinny phones, or of Skinny phones to lines of SIP. */
async function calls(server: Server, fleet: Fleet, sipLines: readonly string[] | undefined): Promise<Rate> {
  const free = fleet.phones.filter(({ isInCall }) => !isInCall);
  const lines = sipLines === undefined ? undefined : [...sipLines];
  return measure(server, callsAtOnce, async () => {
    const [caller, called, line] = [free.pop(), lines === undefined ? free.pop() : undefined, lines?.pop()];
    const number = called?.line ?? line;
    if (caller === undefined || number === undefined) throw new Error('there are not enough phones');
    const started = performance.now();
    let whole = Number.NaN;
    await caller.call(number, called, () => {
      whole = performance.now() - started;
    });
    free.unshift(caller, ...(called === undefined ? [] : [called]));
    if (line !== undefined) lines?.unshift(line);
    return whole;
  });
}

async function keepAlives(server: Server) {
  const before = await server.ask('usage');
  const started = performance.now();
  await delay(1_000 * keepAliveSeconds);
  const after = await server.ask('usage');
  return (after.processor - before.processor) / (performance.now() - started);
}

async function withSip(server: Server): Promise<LoadGenerator> {
  const { sipPort, sipCertificates, keyPem } = server.ready;
  const names = loadPhoneNames('secure', sipPhones);
  const certificates = new Map(names.map(({ device }, at) => [device, sipCertificates[at] ?? '']));
  const certificate = ({ device }: { readonly device: string }) => ({
    cert: certificates.get(device) ?? '',
    key: keyPem,
  });
  const target = { host: '127.0.0.1', port: sipPort };
  const generator = new LoadGenerator(
    target,
    { kind: 'tls', certificate },
    {
      domain: '127.0.0.1',
      secureMedia: true,
      talkTime: 0,
    },
  );
  for (const name of names) generator.add(name);
  await generator.connect();
  await generator.registerAll(10);
  return generator;
}

function progress(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what} …\n`);
}

const load = loadavg()[0] ?? 0;
const bareServer = await Server.start('bare');
const bareFleet = new Fleet(bareServer);
const bare = await weigh(bareServer, bareFleet, (phone) => phone.greet());
bareFleet.close();
await bareServer.stop();

const server = await Server.start('manager');
const fleet = new Fleet(server);
progress(`${phones} phones register`);
const registered = await weigh(server, fleet, (phone) => phone.register());
progress('signs of life');
const share = await keepAlives(server);
progress('registrations');
const registering = await registrations(server, fleet);
progress('calls');
const skinnyCalls = await calls(server, fleet, undefined);
const sip = await withSip(server);
const sipCalls = await calls(
  server,
  fleet,
  sip.phones.map(({ line }) => line),
);
sip.close();
fleet.close();
await server.stop();

const result = {
  schema: 1,
  node: 'bench',
  processors: cpus().length,
  loadBefore: load,
  phones,
  memory: { bareSocket: bare, registeredPhone: registered, above: registered - bare },
  keepAlives: { perSecond: phones / 30, processorShare: share },
  registrations: registering,
  calls: { skinnyToSkinny: skinnyCalls, skinnyToSip: sipCalls },
};
if (values.json) console.log(JSON.stringify(result));
else {
  const kilobytes = (octets: number) => `${(octets / 1_000).toFixed(1)} kB`;
  const row = (what: string, { perSecond, processor, p50, p99 }: Rate) =>
    `${what}: ${perSecond.toFixed(0)}/s, ${processor.toFixed(0)} µs of processor time, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} of them, load before: ${load.toFixed(1)}. Node.js ${process.version}`,
  );
  console.log(`${phones} phones over TLS, the first ${warm} not weighed`);
  console.log(`  bare node:tls socket: ${kilobytes(bare)}`);
  console.log(`  registered phone:     ${kilobytes(registered)} (bare + ${kilobytes(registered - bare)})`);
  console.log(`  signs of life, ${(phones / 30).toFixed(0)}/s: ${(100 * share).toFixed(1)} % of a processor`);
  console.log(row(`registrations over connections that are there (${registrationsAtOnce} at once)`, registering));
  console.log(row(`calls Skinny to Skinny (${callsAtOnce} at once), from enbloc dial to both on hook`, skinnyCalls));
  console.log(row('calls Skinny to SIP', sipCalls));
}
process.exit();

/**
 * Messages per second, parsed and serialized, beside the parsers on npm in the same run.
 *
 *     node packages/sip/bench/message.bench.ts
 *
 * Each parser first proves that it reads and writes the sample rightly. `parsip` and `sip.js` cannot
 * serialize what they parsed, so they are timed on parsing alone.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { headerValue } from '../src/message/headers.ts';
import { parseDatagram } from '../src/message/parse.ts';
import { invite, octets } from '../src/message/samples.ts';
import { serializeMessage } from '../src/message/serialize.ts';
import type { SipMessage } from '../src/message/types.ts';
import { validateMessage } from '../src/message/validate.ts';

/** Everyone begins with the octets of a datagram, and ends with the octets of one. */
interface Contender {
  readonly name: string;
  parse(bytes: Uint8Array): unknown;
  /** Undefined where the library has no way to do it. */
  readonly serialize: ((message: unknown) => Uint8Array) | undefined;
}

const ROUNDS = 5;
const ROUND_MILLISECONDS = 400;
const folder = fileURLToPath(new URL('competitors/', import.meta.url));

export async function run(): Promise<void> {
  const sample = octets(invite);
  const ours = [oursLazy, oursValidated];
  const others = await competitors();
  for (const contender of [...ours, ...others]) verify(contender, sample);

  const rows = [...ours, ...others].map((contender) => ({ contender, ...measure(contender, sample) }));
  console.log(`INVITE with SDP, ${sample.length} octets, messages/s on one core (best of ${ROUNDS})`);
  console.log(`${'parser'.padEnd(34)}${'parse'.padStart(12)}${'parse+serialize'.padStart(18)}`);
  for (const { contender, parse, both } of rows) {
    const written = both === undefined ? '-' : count(both);
    console.log(`${contender.name.padEnd(34)}${count(parse).padStart(12)}${written.padStart(18)}`);
  }
  const [first, second] = rows;
  const best = Math.max(...rows.slice(ours.length).map(({ both }) => both ?? 0));
  const bestParse = Math.max(...rows.slice(ours.length).map(({ parse }) => parse));
  for (const row of [first, second]) {
    if (row?.both === undefined) continue;
    const ratios = `${(row.both / best).toFixed(1)} x on parse+serialize, ${(row.parse / bestParse).toFixed(1)} x on parse`;
    console.log(`${row.contender.name}: ${ratios}, each against the best other`);
  }
}

function read(bytes: Uint8Array): SipMessage {
  const result = parseDatagram(bytes);
  if (!result.ok) throw result.error;
  return result.message;
}

const oursLazy: Contender = {
  name: '@trustline/sip',
  parse: read,
  serialize: (message) => serializeMessage(message as SipMessage),
};

/** As a server uses it: every header that decides something is read too. */
const oursValidated: Contender = {
  name: '@trustline/sip, headers validated',
  parse(bytes) {
    const message = read(bytes);
    const failure = validateMessage(message);
    if (failure !== undefined) throw failure.error;
    return message;
  },
  serialize: oursLazy.serialize,
};

interface SipModule {
  parse(data: Buffer): unknown;
  stringify(message: unknown): string;
}
interface DrachtioModule {
  SipMessage: new (text: string) => { toString(): string };
}
interface ParsipModule {
  getSIP(text: string): unknown;
}
interface SipJsModule {
  Parser: { parseMessage(text: string, logger: unknown): unknown };
}

async function competitors(): Promise<readonly Contender[]> {
  if (!existsSync(`${folder}node_modules/sip`)) {
    console.log('Installing the parsers to compare with …');
    const options = [
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--legacy-peer-deps',
      '--ignore-scripts',
      '--silent',
    ];
    execFileSync('npm', ['install', '--prefix', folder, ...options], { stdio: 'inherit' });
  }
  // From the folder beside this file: they are no dependencies of the room.
  const load = createRequire(`${folder}package.json`);
  const sip = load('sip') as SipModule;
  const drachtio = load('drachtio-sip') as DrachtioModule;
  const parsip = load('parsip') as ParsipModule;
  const parserOfSipJs = pathToFileURL(`${folder}node_modules/sip.js/lib/core/messages/parser.js`).href;
  const sipJs = (await import(parserOfSipJs)) as SipJsModule;
  const logger = { warn() {}, error() {}, log() {}, debug() {} };
  return [
    {
      name: 'sip 0.0.6',
      parse: (bytes) => sip.parse(view(bytes)),
      serialize: (message) => Buffer.from(sip.stringify(message), 'binary'),
    },
    {
      name: 'drachtio-sip 0.6.3',
      parse: (bytes) => new drachtio.SipMessage(view(bytes).toString()),
      serialize: (message) => Buffer.from(String(message)),
    },
    { name: 'parsip 1.0.7', parse: (bytes) => parsip.getSIP(view(bytes).toString()), serialize: undefined },
    {
      name: 'sip.js 0.21.2',
      parse: (bytes) => sipJs.Parser.parseMessage(view(bytes).toString(), logger),
      serialize: undefined,
    },
  ];
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A fast parser that reads another message is not fast. Spelling and order of headers may change, content not. */
function verify(contender: Contender, sample: Uint8Array): void {
  const parsed = contender.parse(sample);
  if (parsed === undefined || parsed === null) throw new Error(`${contender.name} cannot read the sample`);
  if (contender.serialize === undefined) return;
  const before = essence(read(sample));
  const after = essence(read(contender.serialize(parsed)));
  if (before !== after) throw new Error(`${contender.name} wrote another message:\n${after}\ninstead of\n${before}`);
}

function essence(message: SipMessage): string {
  const start = message.kind === 'request' ? `${message.method} ${message.uri}` : `${message.status}`;
  const headers = ['Via', 'Max-Forwards', 'To', 'From', 'Call-ID', 'CSeq', 'User-Agent', 'Content-Type'].map((name) =>
    headerValue(message, name),
  );
  return [start, ...headers, new TextDecoder().decode(message.body)].join('\n');
}

function measure(contender: Contender, sample: Uint8Array): { parse: number; both: number | undefined } {
  const { serialize } = contender;
  const parse = rate(() => contender.parse(sample));
  return { parse, both: serialize === undefined ? undefined : rate(() => serialize(contender.parse(sample))) };
}

/** Calls a second, the best of some rounds: other work on the machine only ever makes it slower. */
function rate(work: () => unknown): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < ROUND_MILLISECONDS) {
      for (let i = 0; i < 100; i++) work();
      calls += 100;
    }
    best = Math.max(best, (calls * 1_000) / (performance.now() - start));
  }
  return best;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

if (import.meta.main) await run();

/**
 * OpenLogicalChannel and whole messages of a call, read and written again, beside a codec of the same tables as one writes
 * it first: every bit an element of an array.
 *
 *     npm run bench -- h323 [--json]
 *
 * Both first prove that they write the same octets as they read.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schema } from '../src/index.ts';
import { NaiveCodec } from './naive-codec.ts';

const ROUNDS = 5;
const ROUND_MILLISECONDS = 400;
const GOAL = 100_000;

interface Vector {
  readonly name: string;
  readonly module: string;
  readonly type: string;
  readonly hex: string;
}

const all = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/messages.json'), 'utf8')) as Vector[];
const named = (...names: string[]) =>
  names.map((name) => all.find((one) => one.name === name)).filter((one) => one !== undefined);
/** What is said about one call with slow start, its keys among it. */
const call = named(
  'setup-slowstart',
  'callProceeding',
  'alerting-slowstart',
  'connect-with-h245Address',
  'tcs-with-h2358-h235SecurityCapability',
  'tcsAck',
  'msd',
  'msdAck',
  'olc-h2358-srtp-key',
  'olcAck-h2358-srtp-key',
  'roundTripDelayRequest',
  'userInput-alphanumeric',
  'endSession-disconnect',
  'releaseComplete-normal',
);
const sets: readonly (readonly [name: string, vectors: readonly Vector[]])[] = [
  ['OpenLogicalChannel of G.711', named('olc-g711u')],
  ['OpenLogicalChannel with an SRTP key', named('olc-h2358-srtp-key')],
  [`${call.length} messages of a call`, call],
];

/** Messages a second, the best of some rounds: other work on the machine only ever makes it slower. */
function rate(works: readonly (() => unknown)[]): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < ROUND_MILLISECONDS) {
      for (let i = 0; i < 20; i++) for (const work of works) work();
      done += 20 * works.length;
    }
    best = Math.max(best, (done * 1_000) / (performance.now() - start));
  }
  return best;
}

function ours({ module, type, hex }: Vector): () => Uint8Array {
  const codec = schema.codec(module, type);
  const octets = Uint8Array.from(Buffer.from(hex, 'hex'));
  return () => {
    const result = codec.decode(octets);
    if (!result.ok) throw result.error;
    return codec.encode(result.value);
  };
}

function naive({ module, type, hex }: Vector): () => Uint8Array {
  const codec = new NaiveCodec(module, type);
  const octets = Uint8Array.from(Buffer.from(hex, 'hex'));
  return () => codec.encode(codec.decode(octets));
}

function run(): void {
  for (const vector of sets.flatMap(([, vectors]) => vectors)) {
    for (const make of [ours, naive]) {
      const written = Buffer.from(make(vector)()).toString('hex');
      if (written !== vector.hex) throw new Error(`${make.name} wrote another ${vector.name}: ${written}`);
    }
  }
  const measured = sets.map(([name, vectors]) => {
    const [us = 0, them = 0] = [ours, naive].map((make) => rate(vectors.map(make)));
    return { name, ours: us, bitByBit: them };
  });
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ messagesPerSecond: measured, goal: GOAL }));
    return;
  }
  const count = (value: number) => Math.round(value).toLocaleString('en-US').padStart(14);
  console.log(`messages a second read and written again, on one core (best of ${ROUNDS})`);
  console.log(`${''.padEnd(38)}${'@trustline/h323'.padStart(16)}${'bit by bit'.padStart(14)}`);
  for (const { name, ours: us, bitByBit } of measured) {
    console.log(`${name.padEnd(38)}  ${count(us)}${count(bitByBit)}   ${(us / bitByBit).toFixed(1)} x`);
  }
  console.log(`the aim is ${GOAL.toLocaleString('en-US')} OpenLogicalChannel a second`);
}

if (import.meta.main) run();

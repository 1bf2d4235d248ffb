import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import nodeOptions from '../node-options.json' with { type: 'json' };
import type { AuditReport } from '../src/model/report.ts';
import { type Cost, measure } from './measure.ts';
import { MixedCapture, type MixedContents } from './mixed-capture.ts';

// A mixed capture made on the spot, read in one run by `trustline audit` and by `tshark -q -z rtp,streams`; then a longer one through
// standard input, to see that memory stays where it is. Time of the processor is compared: what others do on the machine counts less.

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    'stream-megabytes': { type: 'string', default: '2000' },
    'call-seconds': { type: 'string', default: '20' },
    'stream-call-seconds': { type: 'string', default: '180' },
    json: { type: 'boolean', default: false },
  },
  allowPositionals: false,
});
const megabytes = Number(values.megabytes);
const streamed = Number(values['stream-megabytes']);
/** What is remembered grows with the calls: this says how many there are in so many megabytes, of the file and of the stream. */
const callSeconds = Number(values['call-seconds']);
const streamCallSeconds = Number(values['stream-call-seconds']);
const print = (line: string) => (values.json ? undefined : console.log(line));
// As `./trustline audit` starts it.
const auditor = [
  process.execPath,
  ...nodeOptions,
  fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url)),
  'audit',
] as const;
/** Something is heard in it: that is status 2. */
const heard = { goodStatus: [2] };

const folder = mkdtempSync(join(tmpdir(), 'trustline-bench-'));
try {
  const file = join(folder, 'mixed.pcap');
  const contents = write(file, megabytes * 1e6);
  print(
    `${(contents.octets / 1e6).toFixed(0)} MB, ${contents.packets} packets, ${contents.clearCalls + contents.openedCalls + contents.secureCalls} calls`,
  );
  // Once before it counts: the first time Node.js compiles what it keeps for the next (`scripts/setup.mjs`).
  await measure([...auditor, 'explain'], {});
  const theirs = await measure(['tshark', '-q', '-z', 'rtp,streams', '-r', file]);
  const ours = await measure([...auditor, file, '--json'], heard);
  const report = JSON.parse(ours.output) as AuditReport;
  checkVerdicts(report, contents);
  checkStreams(report, theirs.output);
  for (const [name, cost] of [
    ['tshark', theirs],
    ['trustline', ours],
  ] as const)
    print(lineOf(name, cost, contents.octets));
  const ratio = theirs.processorSeconds / ours.processorSeconds;
  print(
    `tshark takes ${ratio.toFixed(2)} times the processor time, ${(theirs.wallSeconds / ours.wallSeconds).toFixed(2)} times the time`,
  );
  const stream = streamed > 0 ? await flat(streamed * 1e6) : undefined;
  if (values.json) {
    const figures = ({ output: _, ...cost }: Cost) => cost;
    console.log(
      JSON.stringify({ contents, tshark: figures(theirs), trustline: figures(ours), ratio, stream }, undefined, 2),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function write(file: string, octets: number): MixedContents {
  const capture = new MixedCapture(callSeconds);
  const descriptor = openSync(file, 'w');
  for (const chunk of capture.chunks(octets)) writeSync(descriptor, chunk);
  closeSync(descriptor);
  return capture.contents;
}

/** Gives a capture to standard input, and says how memory went. */
async function flat(octets: number) {
  const capture = new MixedCapture(streamCallSeconds);
  const peaks: { readonly megabytes: number; readonly peakMegabytes: number }[] = [];
  const cost = await measure([...auditor, '-', '--json'], {
    ...heard,
    input: capture.chunks(octets),
    onGiven: (given, peakMegabytes) => {
      if (given < (peaks.length + 1) * (octets / 10)) return;
      peaks.push({ megabytes: Math.round(given / 1e6), peakMegabytes: Math.round(peakMegabytes) });
    },
  });
  checkVerdicts(JSON.parse(cost.output) as AuditReport, capture.contents);
  print(lineOf('a stream', cost, capture.contents.octets));
  print(`peak after MB: ${peaks.map((one) => `${one.megabytes}: ${one.peakMegabytes}`).join(', ')}`);
  const { output: _, ...figures } = cost;
  return { ...figures, peaks };
}

function lineOf(name: string, { wallSeconds, processorSeconds, peakMegabytes }: Cost, octets: number): string {
  const rate = octets / 1e6 / processorSeconds;
  return `${name.padEnd(10)} ${processorSeconds.toFixed(1)} s of processor, ${wallSeconds.toFixed(1)} s, ${rate.toFixed(0)} MB a second of processor, ${peakMegabytes.toFixed(0)} MB at its peak`;
}

/** No number without the right answer: each call is what it is. */
function checkVerdicts({ calls }: AuditReport, { clearCalls, openedCalls, secureCalls }: MixedContents): void {
  const of = (verdict: string) => calls.filter((call) => call.verdict === verdict).length;
  if (of('heard') !== clearCalls + openedCalls || of('protected') !== secureCalls) {
    throw new Error(
      `heard ${of('heard')} of ${clearCalls + openedCalls}, protected ${of('protected')} of ${secureCalls}`,
    );
  }
}

/** Each stream that tshark finds is among ours, with as many packets. */
function checkStreams({ calls }: AuditReport, output: string): void {
  const packets = new Map(
    calls.flatMap(({ streams }) => streams.map((stream) => [Number(stream.ssrc), stream.packets])),
  );
  const theirs = [...output.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\S+\s+\d+\s+\S+\s+\d+\s+(0x[0-9A-F]+)\s+\S+\s+(\d+)/gm)];
  if (theirs.length === 0) throw new Error('tshark found no stream');
  for (const [, ssrc, count] of theirs) {
    if (packets.get(Number(ssrc)) !== Number(count))
      throw new Error(`stream ${ssrc} has ${count} packets, not ${packets.get(Number(ssrc))}`);
  }
}

// `npm run bench -- audit [--megabytes 1000] [--stream 10000]`: a capture of many calls made on the spot, audited by us and read
// by `tshark -q -z rtp,streams`, one after the other; with --stream so many megabytes through standard input, to see that
// memory stays flat.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { auditSources, startAudit } from '@trustline/audit/node';
import { captureSources } from '@trustline/capture/node';
import { callTraffic } from './call-traffic.ts';

interface Measured {
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly packets: number;
  readonly streams: number;
}

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

/** The audit itself, in a process of its own: its memory is its own, too. */
async function auditAlone(path: string): Promise<void> {
  const begun = performance.now();
  const audit = await startAudit({});
  const summaries = await auditSources(audit, await captureSources(path));
  const report = audit.report({ madeAt: new Date().toISOString(), toolVersion: '0', captures: [] });
  const measured: Measured = {
    seconds: (performance.now() - begun) / 1_000,
    peakMegabytes: process.resourceUsage().maxRSS / 1_000,
    packets: summaries.reduce((sum, { packets }) => sum + packets, 0),
    streams: report.calls.reduce((sum, { streams }) => sum + streams.length, 0),
  };
  process.stdout.write(JSON.stringify(measured));
}

async function inProcess(path: string, input?: Readable): Promise<Measured> {
  const child = spawn(process.execPath, [import.meta.filename, '--alone', path], {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  if (input !== undefined && child.stdin !== null) await pipeline(input, child.stdin);
  await once(child, 'close');
  return JSON.parse(said) as Measured;
}

async function tshark(path: string): Promise<{ readonly seconds: number; readonly streams: number }> {
  const begun = performance.now();
  const child = spawn('tshark', ['-n', '-q', '-z', 'rtp,streams', '-o', 'rtp.heuristic_rtp:TRUE', '-r', path], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'close');
  const streams = said.split('\n').filter((line) => /0x[0-9A-Fa-f]{8}/.test(line)).length;
  return { seconds: (performance.now() - begun) / 1_000, streams };
}

if (process.argv.includes('--alone')) await auditAlone(process.argv[process.argv.indexOf('--alone') + 1] ?? '');
else {
  const folder = mkdtempSync(join(tmpdir(), 'trustline-bench-'));
  const path = join(folder, 'calls.pcap');
  const megabytes = option('--megabytes', 1_000);
  try {
    await pipeline(Readable.from(callTraffic(megabytes)), createWriteStream(path));
    const ours = await inProcess(path);
    const theirs = await tshark(path);
    const rate = (seconds: number) => `${Math.round(megabytes / seconds)} MB/s`;
    if (ours.streams !== theirs.streams) {
      process.stdout.write(`streams differ: ${ours.streams} here, ${theirs.streams} of tshark\n`);
      process.exitCode = 1;
    }
    process.stdout.write(
      `${megabytes} MB, ${ours.packets} packets, ${ours.streams} streams\n` +
        `trustline audit           ${ours.seconds.toFixed(1)} s  ${rate(ours.seconds)}  ${Math.round(ours.peakMegabytes)} MB at peak\n` +
        `tshark -q -z rtp,streams  ${theirs.seconds.toFixed(1)} s  ${rate(theirs.seconds)}\n` +
        `ratio                     ${(theirs.seconds / ours.seconds).toFixed(2)}\n`,
    );
    const streamed = option('--stream', 0);
    if (streamed > 0) {
      const long = await inProcess('-', Readable.from(callTraffic(streamed)));
      process.stdout.write(
        `${streamed} MB by standard input  ${Math.round(streamed / long.seconds)} MB/s  ${Math.round(long.peakMegabytes)} MB at peak\n`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

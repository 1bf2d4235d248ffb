/**
 * The media relay beside Debian's rtpengine in userspace, in one run: calls of two parties at 50 packets/s each way, G.711 in
 * steps of 20 ms, one in RTP and the other in SRTP. CPU is what the relay's process takes, its sockets' work in the
 * kernel included; a relay has one thread for media. Delay is from sending to receiving, on one machine.
 *
 *     npm run bench -- relay [--json] [--seconds 6] [--calls 700]
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createSrtpSender } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { type BenchCall, type BenchMode, newCalls, type RelayContender } from './relay/contender.ts';
import { ours } from './relay/ours.ts';
import { rtpengine } from './relay/rtpengine.ts';

/** Seconds before measuring begins, as in load.c. */
const warmUp = 2.5;
const packetsPerSecond = 50;
const packetOctets = 172;
/** Ticks of the kernel's accounting in a second. */
const ticks = 100;

interface Outcome {
  readonly contender: string;
  readonly mode: BenchMode;
  readonly calls: number;
  /** Of one core. */
  readonly cpu: number;
  readonly lostShare: number;
  readonly medianMicroseconds: number;
  readonly p99Microseconds: number;
}

async function measure(
  program: string,
  folder: string,
  contender: RelayContender,
  mode: BenchMode,
  count: number,
  seconds: number,
): Promise<Outcome> {
  const calls = newCalls(count);
  const file = join(folder, 'load');
  const load = spawn(program, [file, String(seconds)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]();
  const parties = (await said(lines)) as [number, number];
  const relay = await contender.start(mode, calls, parties);
  try {
    writeFileSync(file, orderOf(mode, calls, relay.ports, seconds));
    load.stdin.end('\n');
    await new Promise((resolve) => setTimeout(resolve, warmUp * 1_000));
    const before = cpuSeconds(relay.pid);
    await new Promise((resolve) => setTimeout(resolve, (seconds - 0.3) * 1_000));
    const cpu = (cpuSeconds(relay.pid) - before) / (seconds - 0.3);
    const [sent = 0, , lost = 0, median = 0, p99 = 0] = await said(lines);
    return {
      contender: contender.name,
      mode,
      calls: count,
      cpu,
      lostShare: lost / sent,
      medianMicroseconds: median,
      p99Microseconds: p99,
    };
  } finally {
    load.kill();
    await relay.stop();
  }
}

async function said(lines: AsyncIterator<string>): Promise<number[]> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error('the load generator has ended');
  return String(value).split(' ').map(Number);
}

/** What the load generator reads: ports of the relay, and the SRTP of the secure parties. */
function orderOf(
  mode: BenchMode,
  calls: readonly BenchCall[],
  ports: readonly (readonly [number, number])[],
  seconds: number,
) {
  const made = mode === 'clear' ? 0 : Math.ceil((seconds + warmUp) * packetsPerSecond) + 5;
  const length = packetOctets + 10;
  const room = new Uint8Array(12 + 4 * calls.length + calls.length * made * length);
  const view = new DataView(room.buffer);
  for (const [at, value] of [calls.length, made, length].entries()) view.setUint32(4 * at, value, true);
  for (const [call, [one, other]] of ports.entries()) {
    view.setUint16(12 + 4 * call, one, true);
    view.setUint16(14 + 4 * call, other, true);
  }
  let at = 12 + 4 * calls.length;
  const packet = new Uint8Array(packetOctets);
  const header = new DataView(packet.buffer);
  for (const [call, { partyKey }] of calls.entries()) {
    if (made === 0) break;
    const masterKeys = [{ key: partyKey.slice(0, 16), salt: partyKey.slice(16) }];
    const sender = createSrtpSender({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto: hybridCrypto(), masterKeys });
    for (let number = 0; number < made; number++) {
      header.setUint16(0, 0x8000);
      header.setUint16(2, number);
      header.setUint32(4, number * 160);
      header.setUint32(8, 1_000_000 + call);
      sender.protect(packet, room.subarray(at, at + length));
      at += length;
    }
    sender.close();
  }
  return room;
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

function perCore({ calls, cpu }: Outcome): number {
  return Math.round(calls / cpu);
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '6' },
      calls: { type: 'string', default: '700' },
    },
  });
  const seconds = Number(values.seconds);
  const most = Number(values.calls);
  const say = values.json ? console.error : console.log;
  const folder = mkdtempSync(join(tmpdir(), 'trustline-relay-bench-'));
  const outcomes: Outcome[] = [];
  try {
    const program = join(folder, 'load-generator');
    execFileSync('gcc', [
      '-O2',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      program,
      join(import.meta.dirname, 'relay/load.c'),
    ]);
    say(`${cpus()[0]?.model}, ${cpus().length} cores, Node.js ${process.version}; calls of two parties, both ways`);
    const cells = [
      ['bridge', Math.round(most / 2)],
      ['bridge', most],
      ['clear', most],
    ] as const;
    for (const [mode, calls] of cells) {
      for (const contender of [ours, rtpengine]) {
        try {
          const outcome = await measure(program, folder, contender, mode, calls, seconds);
          outcomes.push(outcome);
          say(lineOf(outcome));
        } catch (error) {
          say(`without ${contender.name}: ${(error as Error).message}`);
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const found = (contender: string, mode: BenchMode) =>
    outcomes.find((one) => one.contender === contender && one.mode === mode && one.calls === most);
  const ratio = (one: number | undefined, other: number | undefined) =>
    one === undefined || other === undefined ? undefined : Number((one / other).toFixed(2));
  const [our, theirs] = [found('ours', 'bridge'), found('rtpengine', 'bridge')];
  const ratios = {
    /** Two-way calls that one core bridges; the aim is 700. */
    bridgedCallsPerCore: our && perCore(our),
    /** Calls of one core, ours divided by rtpengine's. */
    relayVsRtpengine: our && theirs && ratio(perCore(our), perCore(theirs)),
    /** p99 of the delay, ours divided by rtpengine's. */
    relayDelayVsRtpengine: ratio(our?.p99Microseconds, theirs?.p99Microseconds),
    /** CPU with SRTP on one side, divided by that without; the aim is 1.3. */
    relaySecureVsClear: ratio(our?.cpu, found('ours', 'clear')?.cpu),
  };
  if (values.json) console.log(JSON.stringify({ outcomes, ratios }, null, 2));
  else for (const [name, value] of Object.entries(ratios)) console.log(`${name}: ${value ?? 'not measured'}`);
}

function lineOf(outcome: Outcome): string {
  const { contender, mode, calls, cpu, lostShare, medianMicroseconds, p99Microseconds } = outcome;
  return [
    contender.padEnd(10),
    mode.padEnd(7),
    `${calls} calls:`,
    `${(cpu * 100).toFixed(0)} % of a core,`,
    `${perCore(outcome)} calls a core,`,
    `delay ${medianMicroseconds} µs, p99 ${p99Microseconds} µs,`,
    `lost ${(lostShare * 100).toFixed(3)} %`,
  ].join(' ');
}

await run();

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What a program cost. */
export interface Cost {
  readonly wallSeconds: number;
  /** User and system together. */
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
  readonly output: string;
}

/** How often is looked: what a program does after the last look is not counted. */
const LOOK_MILLISECONDS = 20;
const TICKS_A_SECOND = 100;

/**
 * Runs a program, with octets into its standard input where there are any, and says what it took until its end. Tells of the peak of
 * its memory, as it was when so many octets had been given.
 *
 * @throws {Error} where it ends with a status that is not among the good ones
 */
export async function measure(
  [command, ...args]: readonly [string, ...string[]],
  {
    input = [],
    goodStatus = [0],
    onGiven,
  }: {
    readonly input?: Iterable<Uint8Array>;
    readonly goodStatus?: readonly number[];
    readonly onGiven?: (octets: number, peakMegabytes: number) => void;
  } = {},
): Promise<Cost> {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  let [processorSeconds, peakMegabytes] = [0, 0];
  const look = () => {
    const usage = usageOf(child.pid ?? 0);
    processorSeconds = Math.max(processorSeconds, usage.processorSeconds);
    peakMegabytes = Math.max(peakMegabytes, usage.peakMegabytes);
  };
  const looking = setInterval(look, LOOK_MILLISECONDS);
  const output: Uint8Array[] = [];
  child.stdout.on('data', (chunk: Uint8Array) => output.push(chunk));
  child.stdin.on('error', () => {});
  let given = 0;
  for (const chunk of input) {
    if (!child.stdin.write(chunk)) await Promise.race([once(child.stdin, 'drain'), ended]);
    if (child.exitCode !== null) break;
    given += chunk.byteLength;
    onGiven?.(given, peakMegabytes);
  }
  child.stdin.end();
  await ended;
  clearInterval(looking);
  const wallSeconds = (performance.now() - begun) / 1_000;
  if (!goodStatus.includes(child.exitCode ?? -1)) throw new Error(`${command} ended with status ${child.exitCode}`);
  return { wallSeconds, processorSeconds, peakMegabytes, output: Buffer.concat(output).toString('utf8') };
}

function usageOf(pid: number): { readonly processorSeconds: number; readonly peakMegabytes: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return {
      processorSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
      peakMegabytes: Number(peak ?? 0) / 1_024,
    };
  } catch {
    // It has just ended.
    return { processorSeconds: 0, peakMegabytes: 0 };
  }
}

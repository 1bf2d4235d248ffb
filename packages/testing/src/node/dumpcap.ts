import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { missingPrograms } from './programs.ts';

/** Why loopback cannot be captured here, as the reason to skip a test; under CI that is an error. */
export function missingCapture(): string | false {
  const missing = missingPrograms('dumpcap');
  if (missing !== false) return missing;
  const { status, stderr } = spawnSync('dumpcap', ['-i', 'lo', '-L'], { encoding: 'utf8' });
  if (status === 0) return false;
  const sentence = `dumpcap may not capture on lo (add this user to the group wireshark): ${stderr.trim()}`;
  if (process.env['CI'] === 'true') throw new Error(sentence);
  process.stderr.write(`skipped: ${sentence}\n`);
  return sentence;
}

/** A dumpcap that writes what passes on loopback into a pcapng file. */
export class Dumpcap {
  readonly #process: ChildProcess;

  /**
   * Resolves once it captures.
   *
   * @param filter in the syntax of pcap: `udp`, `port 5060`
   */
  static async start(file: string, filter: string): Promise<Dumpcap> {
    const args = ['-i', 'lo', '-f', filter, '-w', file];
    const child = spawn('dumpcap', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (/^File: /m.test(said)) resolve();
      });
      child.once('exit', () => reject(new Error(`dumpcap did not begin: ${said}`)));
    });
    return new Dumpcap(child);
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** The file is whole when this resolves. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    await delay(1_000); // the kernel hands it packets in blocks, and what is in one when it is told to end is lost
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    await gone;
  }
}

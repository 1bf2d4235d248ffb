import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A running dumpcap on the loopback interface. */
export class Dumpcap {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** Resolves when it captures; to a sentence where it may not. */
  static async start(file: string, filter: string): Promise<Dumpcap | string> {
    const child = spawn('dumpcap', ['-i', 'lo', '-f', filter, '-w', file, '-q'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    const capturing = new Promise<void>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('File: ')) resolve();
      });
    });
    const ended = once(child, 'exit');
    const first = await Promise.race([capturing.then(() => 'capturing'), ended.then(() => 'ended')]);
    return first === 'capturing' ? new Dumpcap(child) : `dumpcap may not capture on lo: ${said.trim()}`;
  }

  /** Writes what it has, and ends. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    await ended;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { GatewayCallRecord, GatewayReport } from '@trustline/gateway/node';
import { demoFailed } from '../error.ts';
import { within } from '../patience.ts';

const START_PATIENCE = 20_000;
const STOP_PATIENCE = 5_000;
const program = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** `trustline gateway run` as a process of its own, in a network namespace if one is named. */
export class GatewayProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #reports: GatewayReport[] = [];
  readonly #listening = Promise.withResolvers<number>();
  #complaint = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', resolve));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-2_000);
    });
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#heard(JSON.parse(line) as GatewayReport));
    }
    child.once('error', (error) => this.#listening.reject(demoFailed(`The gateway cannot be run: ${error.message}.`)));
    child.once('exit', () =>
      this.#listening.reject(demoFailed(`The gateway ended: ${this.#complaint.trim() || 'without a word'}`)),
    );
  }

  /**
   * @param document for it
   * @param folder for the document, which holds no secret
   */
  static async start(
    document: string,
    folder: string,
    networkNamespace: string | undefined,
  ): Promise<{ readonly gateway: GatewayProcess; readonly port: number }> {
    const file = join(folder, 'gateway.yaml');
    writeFileSync(file, document, { mode: 0o600 });
    const command = [process.execPath, ...process.execArgv, program, 'gateway', 'run', file, '--json'];
    const [first = '', ...rest] =
      networkNamespace === undefined ? command : ['ip', 'netns', 'exec', networkNamespace, ...command];
    const gateway = new GatewayProcess(spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] }));
    try {
      return { gateway, port: await within(START_PATIENCE, 'the gateway did not start', gateway.#listening.promise) };
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  }

  /** Calls that have ended, as it wrote them down. */
  get records(): readonly GatewayCallRecord[] {
    return this.#reports.flatMap((report) => (report.kind === 'record' ? [report.record] : []));
  }

  /** What it told beside calls. */
  get notices(): readonly string[] {
    return this.#reports.flatMap((report) => (report.kind === 'notice' ? [report.text] : []));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_PATIENCE);
    await this.#ended;
    clearTimeout(late);
  }

  #heard(report: GatewayReport): void {
    this.#reports.push(report);
    if (report.kind === 'listening') this.#listening.resolve(report.port);
  }
}

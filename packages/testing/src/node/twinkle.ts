import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freeUdpPort } from './ports.ts';

/** How to start one twinkle-console (Debian's 1.10: UDP and TCP, no TLS, no SRTP). */
export interface TwinkleOptions {
  /** A folder of its own: configuration and log go there. */
  readonly directory: string;
  readonly line: string;
  /** UDP port of the call manager, at 127.0.0.1. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A running twinkle-console, whose sound goes nowhere; it answers every call by itself. */
export class Twinkle {
  readonly #directory: string;
  readonly #process: ChildProcess;

  static async start(options: TwinkleOptions): Promise<Twinkle> {
    const { directory, line, port, user, password } = options;
    const settings = join(directory, '.twinkle');
    await mkdir(settings, { recursive: true });
    const server = `127.0.0.1:${port}`;
    const profile = [
      `user_name=${line}`,
      'user_domain=127.0.0.1',
      `auth_name=${user}`,
      `auth_pass=${password}`,
      `registrar=${server}`,
      'use_outbound_proxy=yes',
      `outbound_proxy=${server}`,
      'register_at_startup=yes',
      'auto_answer=yes',
      'sip_transport=udp',
    ];
    await writeFile(join(settings, 'lab.cfg'), `${profile.join('\n')}\n`);
    await writeFile(
      join(settings, 'twinkle.sys'),
      `sip_port=${await freeUdpPort()}\nrtp_port=${await freeUdpPort()}\n`,
    );
    await writeFile(join(directory, '.asoundrc'), 'pcm.!default { type null }\nctl.!default { type null }\n');
    const child = spawn('twinkle-console', ['lab.cfg'], {
      cwd: directory,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, HOME: directory },
    });
    const console = createWriteStream(join(directory, 'console.log'));
    child.stdout?.pipe(console);
    child.stderr?.pipe(console);
    child.stdin?.on('error', () => undefined); // it may be gone
    const twinkle = new Twinkle(directory, child);
    await twinkle.says('registration succeeded');
    return twinkle;
  }

  private constructor(directory: string, child: ChildProcess) {
    this.#directory = directory;
    this.#process = child;
  }

  /** Runs a command of its console: `call 1002`, `hold`, `retrieve`, `transfer 1003`, `bye` … */
  command(command: string): void {
    this.#process.stdin?.write(`${command}\n`);
  }

  /** What its console has shown so far. */
  log(): string {
    const file = join(this.#directory, 'console.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Waits until its console has shown a text so many times. It takes no command while a request of its own is under way. */
  says(text: string, times = 1): Promise<true> {
    return eventually(`${text} at the console of ${this.#directory}`, () => this.log().split(text).length > times);
  }

  async stop(): Promise<void> {
    const gone = this.#process.exitCode !== null ? Promise.resolve() : once(this.#process, 'exit');
    this.command('quit');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(timer);
  }
}

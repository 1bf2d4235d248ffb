import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** How to start one linphonec (Debian's 5.1), headless, with a WAV file in place of a microphone. */
export interface LinphoneOptions {
  /** A folder of its own: configuration, log and recordings go there. */
  readonly directory: string;
  readonly line: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Of the call manager, at 127.0.0.1; with TLS it is asked for as `localhost`, for Linphone compares no addresses. */
  readonly port: number;
  readonly password?: { readonly user: string; readonly password: string };
  /** PEM file with certificate and key, for TLS client authentication. */
  readonly certificateFile?: string;
  /** PEM bundle that the server's certificate is verified against. */
  readonly trustFile?: string;
  /** 8 kHz mono 16-bit WAV that it plays into calls, over and over. */
  readonly wavFile: string;
  /** Takes no call without SRTP and makes none, or makes them without; the latter by default. */
  readonly encryption?: 'srtp' | 'none';
  /** Of its offers, in their order: `AES_CM_128_HMAC_SHA1_80`; its own choice by default. */
  readonly suites?: readonly string[];
}

/** A running linphonec: commands go to its console; it answers every call by itself. */
export class Linphone {
  readonly directory: string;
  readonly #process: ChildProcess;

  static async start(options: LinphoneOptions): Promise<Linphone> {
    const { directory } = options;
    // It finds no network without its data base, and makes only the last folder of that path.
    await mkdir(join(directory, '.local/share/linphone'), { recursive: true });
    await mkdir(join(directory, '.config/linphone'), { recursive: true });
    await writeFile(join(directory, 'linphonerc'), configurationFile(options));
    const child = spawn(
      'linphonec',
      ['-a', '-c', join(directory, 'linphonerc'), '-d', '5', '-l', join(directory, 'linphone.log')],
      { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, HOME: directory } },
    );
    const console = createWriteStream(join(directory, 'console.log'));
    child.stdout?.pipe(console);
    child.stderr?.pipe(console);
    child.stdin?.on('error', () => undefined); // it may be gone
    const linphone = new Linphone(directory, child);
    linphone.command('soundcard use files');
    linphone.command(`play ${options.wavFile}`);
    return linphone;
  }

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#process = child;
  }

  /** Records what it hears in its next call; returns where, complete once that call is over. */
  record(name: string): string {
    const file = join(this.directory, `${name}.wav`);
    this.command(`record ${file}`);
    return file;
  }

  /** Runs a command of its console: `call 1002`, `pause`, `resume 1`, `transfer 1003`, `terminate` … */
  command(command: string): void {
    this.#process.stdin?.write(`${command}\n`);
  }

  /** Runs a command and waits until its console says that it is done: `pause`, `is now paused`; returns what it has said. */
  async commandUntil(command: string, done: string): Promise<string> {
    const console = () => readFileSync(join(this.directory, 'console.log'), 'utf8');
    const { length } = console();
    this.command(command);
    return eventually(`${done} at the console of ${this.directory}`, () => {
      const said = console().slice(length);
      return said.includes(done) && said;
    });
  }

  /** What it has said so far: its log, with every SIP message it sent and received. */
  log(): string {
    return readFileSync(join(this.directory, 'linphone.log'), 'utf8').replaceAll('\r', '');
  }

  async stop(): Promise<void> {
    const gone = this.#process.exitCode !== null ? Promise.resolve() : once(this.#process, 'exit');
    this.command('quit');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 20_000);
    await gone;
    clearTimeout(timer);
  }
}

function configurationFile(options: LinphoneOptions): string {
  const { line, transport, port, password, certificateFile, encryption = 'none' } = options;
  const host = transport === 'tls' ? 'localhost' : '127.0.0.1';
  const lines = [
    '[sip]',
    'sip_port=-1',
    'sip_tcp_port=-1',
    'sip_tls_port=-1',
    'default_proxy=0',
    'use_ipv6=0',
    'register_only_when_network_is_up=0',
    `media_encryption=${encryption}`,
    `media_encryption_mandatory=${encryption === 'srtp' ? 1 : 0}`,
    ...(options.suites === undefined ? [] : [`srtp_crypto_suites=${options.suites.join(', ')}`]),
    ...(options.trustFile === undefined ? [] : [`root_ca=${options.trustFile}`]),
    ...(certificateFile === undefined
      ? []
      : [`client_cert_chain=${certificateFile}`, `client_cert_key=${certificateFile}`]),
    '[rtp]',
    'audio_rtp_port=-1',
    '[auth_info_0]',
    `username=${line}`,
    ...(password === undefined ? [] : [`userid=${password.user}`, `passwd=${password.password}`, 'algorithm=MD5']),
    '[proxy_0]',
    `reg_proxy=<sip:${host}:${port};transport=${transport}>`,
    `reg_identity=sip:${line}@${host}`,
    'reg_expires=3600',
    'reg_sendregister=1',
    '[sound]',
    'echocancellation=0',
  ];
  return `${lines.join('\n')}\n`;
}

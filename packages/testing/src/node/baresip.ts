import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freeTcpPort } from './ports.ts';

/** How to start one baresip (Debian's 1.0.0), headless, with a WAV file in place of a microphone. */
export interface BaresipOptions {
  /** A folder of its own: configuration, log and recordings go there. */
  readonly directory: string;
  /** The line of its `accounts` file: `<sip:1001@127.0.0.1:5061;transport=tls>;regint=60;…`. */
  readonly account: string;
  /** PEM file with certificate and key, for TLS client authentication. */
  readonly certificateFile?: string;
  /** PEM bundle that the server's certificate is verified against. */
  readonly trustFile?: string;
  /** 8 kHz mono 16-bit WAV that it plays into calls, once. */
  readonly wavFile: string;
  /** Where it listens for UDP and TCP, with TLS one above; any port by default. */
  readonly sipPort?: number;
  /** The lines of its `contacts` file: `"Bob" <sip:1002@127.0.0.1>;presence=p2p`. */
  readonly contacts?: readonly string[];
  /** Further lines of `config`. */
  readonly configuration?: readonly string[];
}

/** One event of baresip's `ctrl_tcp` module. */
export interface BaresipEvent {
  readonly class: string;
  readonly type: string;
  readonly param?: string;
  readonly [key: string]: unknown;
}

/** Milliseconds that it may take until it can be told what to do; a machine may have much else to do. */
const patience = 100_000;
/** How often it is started, where it ends at once. */
const starts = 3;
/** Where Debian's package puts its modules. */
const modulePath = '/usr/lib/baresip/modules';

/**
 * A running baresip: commands and events go over its `ctrl_tcp` module, keys that only its console
 * knows (DTMF) over its `cons` module. `sndfile` records what it decoded and what it sent.
 */
export class Baresip {
  readonly directory: string;
  readonly events: BaresipEvent[] = [];
  readonly #process: ChildProcess;
  readonly #consolePort: number;
  #control: Socket | undefined;
  #waiting: (() => void)[] = [];

  /** Starts one; anew, at other ports of its console and control, where it ends at once. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    await mkdir(options.directory, { recursive: true });
    await writeFile(join(options.directory, 'accounts'), `${options.account}\n`);
    await writeFile(join(options.directory, 'contacts'), (options.contacts ?? []).map((line) => `${line}\n`).join(''));
    for (let attempt = 1; ; attempt += 1) {
      const [controlPort, consolePort] = [await freeTcpPort(), await freeTcpPort()];
      await writeFile(join(options.directory, 'config'), configurationFile(options, controlPort, consolePort));
      const baresip = new Baresip(options.directory, consolePort);
      if (await baresip.#connect(controlPort)) return baresip;
      await baresip.stop();
      if (attempt === starts) throw new Error(`baresip did not start, and said last:\n${baresip.#lastWords()}`);
    }
  }

  private constructor(directory: string, consolePort: number) {
    this.directory = directory;
    this.#consolePort = consolePort;
    this.#process = spawn('baresip', ['-f', directory, '-v', '-s'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(directory, 'baresip.log'));
    this.#process.stdout?.pipe(log);
    this.#process.stderr?.pipe(log);
  }

  /** Runs a long command of baresip (`dial`, `accept`, `hangup`, `hold`, `resume`, `uareg` …). */
  command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params, token: 'trustline' });
    this.#control?.write(`${Buffer.byteLength(text)}:${text},`);
  }

  /** Presses keys at its console, which sends DTMF digits in a call. */
  async press(keys: string): Promise<void> {
    const socket = connect(this.#consolePort, '127.0.0.1');
    await once(socket, 'connect');
    for (const key of keys) {
      socket.write(key);
      await delay(300); // the console releases a digit 250 ms after its press
    }
    socket.end();
    socket.destroy();
  }

  /** Waits for an event, one that has already come included. `after` skips the first so many. */
  async event(type: string, options: { after?: number; timeout?: number } = {}): Promise<BaresipEvent> {
    const deadline = Date.now() + (options.timeout ?? 60_000);
    for (;;) {
      const found = this.events.slice(options.after ?? 0).find((event) => event.type === type);
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`baresip did not say ${type}; it said ${this.#said()} (log: ${this.directory})`);
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), delay(Math.min(left, 250))]);
    }
  }

  /** The recordings of what it heard (`dec`) or sent (`enc`), oldest first; complete once it has stopped. */
  recordings(direction: 'dec' | 'enc'): string[] {
    return readdirSync(this.directory)
      .filter((name) => name.startsWith('dump-') && name.endsWith(`-${direction}.wav`))
      .sort()
      .map((name) => join(this.directory, name));
  }

  /** What it has said so far: its log, with every SIP message it sent and received. */
  log(): string {
    return readFileSync(join(this.directory, 'baresip.log'), 'utf8');
  }

  /**
   * The SIP messages of its log, in their order, each with whether it sent it.
   *
   * @param server the port of its server: what comes from there was received
   */
  messages(server: number): { readonly sent: boolean; readonly text: string }[] {
    const [, ...parts] = this.log()
      .replaceAll('\r', '')
      .split(/^(?:TLS|TCP|UDP) \S+:(\d+) -> \S+\n/m);
    return parts.flatMap((port, at) => {
      if (at % 2 === 1) return [];
      const [text = ''] = (parts[at + 1] ?? '').split('\u001b');
      return [{ sent: Number(port) !== server, text }];
    });
  }

  async stop(): Promise<void> {
    this.command('quit');
    const gone = this.#hasEnded ? Promise.resolve() : once(this.#process, 'exit');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 20_000);
    await gone;
    clearTimeout(timer);
    this.#control?.destroy();
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** False where it has ended, or does not listen for so long that it never will. */
  async #connect(port: number): Promise<boolean> {
    const deadline = Date.now() + patience;
    while (!this.#hasEnded && Date.now() < deadline) {
      const socket = connect(port, '127.0.0.1');
      const isConnected = await once(socket, 'connect').then(
        () => true,
        () => false,
      );
      if (isConnected) {
        this.#control = socket;
        socket.on('error', () => undefined);
        this.#readEvents(socket);
        return true;
      }
      socket.destroy();
      await delay(100);
    }
    return false;
  }

  /** Netstrings (`length:json,`) of events and command responses. */
  #readEvents(socket: Socket): void {
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        const colon = pending.indexOf(':');
        if (colon < 0) return;
        const length = Number(pending.subarray(0, colon).toString());
        if (pending.length < colon + 1 + length + 1) return;
        const text = pending.subarray(colon + 1, colon + 1 + length).toString();
        pending = pending.subarray(colon + 1 + length + 1);
        const message = JSON.parse(text) as BaresipEvent & { event?: boolean };
        if (message.event === true) this.events.push(message);
        for (const wake of this.#waiting.splice(0)) wake();
      }
    });
  }

  #lastWords(): string {
    return this.log().split('\n').slice(-15).join('\n');
  }

  #said(): string {
    return this.events
      .map((event) => `${event.type}${event.param === undefined ? '' : ` (${event.param})`}`)
      .join(', ');
  }
}

function configurationFile(options: BaresipOptions, controlPort: number, consolePort: number): string {
  const lines = [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${options.sipPort ?? 0}`,
    'net_interface 127.0.0.1',
    ...(options.certificateFile === undefined ? [] : [`sip_certificate ${options.certificateFile}`]),
    ...(options.trustFile === undefined ? [] : [`sip_cafile ${options.trustFile}`]),
    'call_local_timeout 120',
    'call_max_calls 4',
    'audio_path /usr/share/baresip',
    'audio_player aubridge,sink',
    `audio_source aufile,${options.wavFile}`,
    'audio_alert aubridge,alert',
    'audio_buffer 20-160',
    'rtp_tos 0',
    'rtcp_mux no',
    'jitter_buffer_delay 5-10',
    `module_path ${modulePath}`,
    'module g711.so',
    'module aufile.so',
    'module aubridge.so',
    'module sndfile.so',
    'module srtp.so',
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    'module_app cons.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    `cons_listen 127.0.0.1:${consolePort}`,
    `snd_path ${options.directory}`,
    ...(options.configuration ?? []),
  ];
  return `${lines.join('\n')}\n`;
}

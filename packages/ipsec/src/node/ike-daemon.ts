import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { strongswanConfiguration } from '../daemon-settings.ts';
import { IpsecError } from '../error.ts';
import type { EspStack } from '../tunnel-configuration.ts';
import { listAt } from '../vici/message.ts';
import { ViciConnection } from './vici-connection.ts';

const program = '/usr/sbin/charon-systemd';
const START_TIMEOUT_MS = 10_000;
const install =
  'install strongSwan: `apt-get install charon-systemd libcharon-extra-plugins libstrongswan-standard-plugins nftables`';
/** Without them it starts, and then no association ever comes up. */
const neededPlugins = ['openssl', 'vici', 'x509', 'pubkey'];

/** One that outlived whoever started it holds the ports of IKE. */
async function endEarlier(processFile: string, configuration: string): Promise<void> {
  const pid = Number(await readFile(processFile, 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  // Only what runs with this very configuration: the number may be another's by now.
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  if (!environment.split('\0').includes(`STRONGSWAN_CONF=${configuration}`)) return;
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; existsSync(`/proc/${pid}`) && waited < 5_000; waited += 50) await delay(50);
  if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
}

export interface IkeDaemonOptions {
  /** Where its configuration, its socket and its log are; made with mode 0700. A Unix socket's path has 107 octets. */
  readonly directory: string;
  readonly stack: EspStack;
  /** A network namespace to run in, made before; for tests and for machines that separate their networks. */
  readonly networkNamespace?: string;
}

/** An IKE daemon of our own: strongSwan with our settings and our socket, never the one of the system. */
export class IkeDaemon {
  readonly viciSocket: string;
  readonly logFile: string;
  readonly #process: ChildProcess;
  /** Called when it ends without having been stopped. */
  onEnded: (reason: string) => void = () => {};

  private constructor(child: ChildProcess, viciSocket: string, logFile: string) {
    this.#process = child;
    this.viciSocket = viciSocket;
    this.logFile = logFile;
    child.once('exit', (code, signal) => this.onEnded(`it ended with ${signal ?? code}`));
  }

  /** Resolves when it answers. Throws `ipsec.daemon` with what to do where it does not start. */
  static async start({ directory, stack, networkNamespace }: IkeDaemonOptions): Promise<IkeDaemon> {
    if (!existsSync(program)) {
      throw new IpsecError('ipsec.daemon', `${program} is not installed`, {
        nextStep: install,
      });
    }
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const viciSocket = join(directory, 'vici.socket');
    const logFile = join(directory, 'charon.log');
    const configuration = join(directory, 'strongswan.conf');
    await endEarlier(join(directory, 'process'), configuration);
    await rm(viciSocket, { force: true });
    await writeFile(configuration, strongswanConfiguration({ stack, viciSocket, logFile }), { mode: 0o600 });
    const inside = networkNamespace === undefined ? [program] : ['ip', 'netns', 'exec', networkNamespace, program];
    const [command = program, ...parameters] = inside;
    const child = spawn(command, parameters, {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', STRONGSWAN_CONF: configuration, SWANCTL_DIR: directory },
    });
    // A program that cannot be run at all shows as one that never answers.
    child.on('error', () => {});
    if (child.pid !== undefined) await writeFile(join(directory, 'process'), `${child.pid}\n`, { mode: 0o600 });
    const daemon = new IkeDaemon(child, viciSocket, logFile);
    const loaded = await daemon.#untilItAnswers();
    const missing = [...neededPlugins, `kernel-${stack === 'kernel' ? 'netlink' : 'libipsec'}`].filter(
      (plugin) => !loaded.includes(plugin),
    );
    if (missing.length === 0) return daemon;
    await daemon.stop();
    throw new IpsecError('ipsec.daemon', `The IKE daemon could not load ${missing.join(' and ')}`, {
      nextStep: install,
    });
  }

  async stop(): Promise<void> {
    this.onEnded = () => {};
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    const patience = new AbortController();
    await Promise.race([ended, delay(5_000, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #untilItAnswers(): Promise<readonly string[]> {
    const until = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < until && this.#process.exitCode === null && this.#process.signalCode === null) {
      try {
        const connection = await ViciConnection.open(this.viciSocket);
        const { message } = await connection.request('stats');
        connection.close();
        return listAt(message, 'plugins');
      } catch {
        await delay(50);
      }
    }
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    await this.stop();
    throw new IpsecError('ipsec.daemon', 'The IKE daemon does not answer', {
      nextStep: `it needs the rights of the administrator (CAP_NET_ADMIN) and /dev/net/tun; its log is ${this.logFile}`,
      detail: log.split('\n').slice(-5).join('\n'),
    });
  }
}

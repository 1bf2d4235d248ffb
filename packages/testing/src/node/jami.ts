import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { freeUdpPort } from './ports.ts';

const call = promisify(execFile);

/**
 * How to start one Jami daemon (Debian's 2023 version) with one SIP account, by UDP and without SRTP. It is called: a call of its own
 * has no media in its offer when its bus asks for one, and where a media list is given, or a call is to be held, it answers no more.
 */
export interface JamiOptions {
  /** A folder of its own: configuration and log go there. */
  readonly directory: string;
  readonly line: string;
  /** Of the call manager, at 127.0.0.1. */
  readonly port: number;
  readonly password: { readonly user: string; readonly password: string };
}

/** A running Jami daemon without a screen, on a D-Bus of its own. It answers every call by itself, and its sound goes nowhere. */
export class Jami {
  readonly #directory: string;
  readonly #bus: ChildProcess;
  readonly #daemon: ChildProcess;
  readonly #address: string;
  #account = '';

  static async start(options: JamiOptions): Promise<Jami> {
    const { directory } = options;
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, '.asoundrc'), 'pcm.!default { type null }\nctl.!default { type null }\n');
    const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [address] = (await once(createInterface(bus.stdout), 'line')) as [string];
    const daemon = spawn('/usr/libexec/jamid', ['-c', '-d'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...folders(directory), DBUS_SESSION_BUS_ADDRESS: address },
    });
    const log = createWriteStream(join(directory, 'jami.log'));
    daemon.stdout.pipe(log);
    daemon.stderr.pipe(log);
    const jami = new Jami(directory, bus, daemon, address);
    await eventually('the Jami daemon on its bus', () => jami.#isOnItsBus());
    const entries = Object.entries(await accountOf(options));
    const details = `{${entries.map(([name, value]) => `'${name}': '${value}'`).join(', ')}}`;
    jami.#account = quoted(await jami.#accounts('addAccount', details));
    const { user, password } = options.password;
    const credential = `[{'Account.username': '${user}', 'Account.password': '${password}', 'Account.realm': '*'}]`;
    await jami.#accounts('setCredentials', jami.#account, credential);
    return jami;
  }

  private constructor(directory: string, bus: ChildProcess, daemon: ChildProcess, address: string) {
    this.#directory = directory;
    this.#bus = bus;
    this.#daemon = daemon;
    this.#address = address;
  }

  async hangUp(callName: string): Promise<void> {
    await this.#calls('hangUp', this.#account, callName);
  }

  async transfer(callName: string, number: string): Promise<void> {
    await this.#calls('transfer', this.#account, callName, number);
  }

  /** Its calls, by the daemon's names. */
  async calls(): Promise<readonly string[]> {
    return quotedAll(await this.#calls('getCallList', this.#account));
  }

  /** As the daemon says: `CURRENT`, `HOLD`, `RINGING`. */
  async state(callName: string): Promise<string | undefined> {
    const details = await this.#calls('getCallDetails', this.#account, callName);
    return /'CALL_STATE': '([^']*)'/.exec(details)?.[1];
  }

  /** What it has logged so far, with every SIP message it sent and received. */
  log(): string {
    const file = join(this.#directory, 'jami.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async stop(): Promise<void> {
    for (const child of [this.#daemon, this.#bus]) {
      const gone = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(timer);
    }
  }

  #accounts(method: string, ...args: readonly string[]): Promise<string> {
    return this.#ask('ConfigurationManager', method, args);
  }

  #calls(method: string, ...args: readonly string[]): Promise<string> {
    return this.#ask('CallManager', method, args);
  }

  /** Asked of the bus: what is asked of the daemon itself would make the bus start another. */
  async #isOnItsBus(): Promise<boolean> {
    const path = ['--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'];
    const answer = await this.#busCall(...path, '--method', 'org.freedesktop.DBus.NameHasOwner', 'cx.ring.Ring');
    return answer.includes('true');
  }

  #ask(part: string, method: string, args: readonly string[]): Promise<string> {
    const path = ['--dest', 'cx.ring.Ring', '--object-path', `/cx/ring/Ring/${part}`];
    return this.#busCall(...path, '--method', `cx.ring.Ring.${part}.${method}`, ...args);
  }

  async #busCall(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: this.#address };
    return (await call('gdbus', ['call', '--session', ...args], { env })).stdout;
  }
}

async function accountOf({ line, port }: JamiOptions): Promise<Record<string, string>> {
  return {
    'Account.type': 'SIP',
    'Account.hostname': `127.0.0.1:${port}`,
    'Account.alias': line,
    'Account.username': line,
    'Account.autoAnswer': 'true',
    'Account.upnpEnabled': 'false',
    'Account.videoEnabled': 'false',
    'Account.ringtoneEnabled': 'false',
    'Account.localInterface': 'lo',
    'Account.localPort': String(await freeUdpPort()),
    'Account.registrationExpire': '3600',
    'SRTP.keyExchange': '',
  };
}

/** Nothing of the user's own. */
function folders(directory: string): Record<string, string> {
  return {
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_DATA_HOME: join(directory, 'data'),
    XDG_CACHE_HOME: join(directory, 'cache'),
  };
}

/** The texts in an answer as gdbus prints it: `('7512',)`, `(['1', '2'],)`. */
function quotedAll(answer: string): string[] {
  return [...answer.matchAll(/'([^']*)'/g)].map(([, text = '']) => text);
}

function quoted(answer: string): string {
  return quotedAll(answer)[0] ?? '';
}

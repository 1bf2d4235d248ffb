import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One run of SIPp (Debian's 3.6.1: UDP and TCP, no TLS) with an XML scenario of ours. */
export interface SippOptions {
  /** A folder of its own: scenario, message log and errors go there. */
  readonly directory: string;
  /** The XML scenario, whole. */
  readonly scenario: string;
  /** `host:port` of the peer; leave it out to wait for calls. */
  readonly target?: string;
  readonly transport?: 'udp' | 'tcp';
  /** Values for `[name]` in the scenario. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly localPort?: number;
  /** Of SIPp; 127.0.0.1 by default. */
  readonly localAddress?: string;
  /** For `[authentication]` in the scenario. */
  readonly credentials?: {
    readonly user: string;
    readonly password: string;
    /** What follows `sip:` in the Request-URI of what is authenticated; the target by default. */
    readonly uri?: string;
  };
  /** For `[call_id]`, of one call alone. */
  readonly callId?: string;
  /** How many calls to run, one after the other; 1 by default. */
  readonly calls?: number;
  /** Calls a second, 10 by default. */
  readonly rate?: number;
  /** Seconds after which the run has failed, 30 by default. */
  readonly timeout?: number;
}

export interface SippResult {
  /** 0: every call followed the scenario; 1: at least one did not; 97 and up: SIPp's own trouble. */
  readonly exitCode: number;
  /** Every message sent and received, as SIPp traced them. */
  readonly messages: string;
  /** What SIPp said of unexpected messages. */
  readonly errors: string;
}

/** Runs a scenario to its end. */
export async function runSipp(options: SippOptions): Promise<SippResult> {
  await mkdir(options.directory, { recursive: true });
  const file = (name: string) => join(options.directory, name);
  await writeFile(file('scenario.xml'), options.scenario);
  const seconds = options.timeout ?? 30;
  const args = [
    ...(options.target === undefined ? [] : [options.target, '-l', '1']),
    ...[
      '-sf',
      file('scenario.xml'),
      '-i',
      options.localAddress ?? '127.0.0.1',
      '-m',
      String(options.calls ?? 1),
      '-r',
      String(options.rate ?? 10),
    ],
    ...['-t', options.transport === 'tcp' ? 't1' : 'u1', '-nostdin', '-timeout', `${seconds}s`, '-timeout_error'],
    ...(options.localPort === undefined ? [] : ['-p', String(options.localPort)]),
    ...(options.credentials === undefined
      ? []
      : ['-au', options.credentials.user, '-ap', options.credentials.password]),
    ...(options.credentials?.uri === undefined ? [] : ['-auth_uri', options.credentials.uri]),
    ...(options.callId === undefined ? [] : ['-cid_str', options.callId]),
    ...['-trace_msg', '-message_file', file('messages.log'), '-trace_err', '-error_file', file('errors.log')],
    ...Object.entries(options.variables ?? {}).flatMap(([name, value]) => ['-key', name, value]),
  ];
  const child = spawn('sipp', args, { cwd: options.directory, stdio: 'ignore', env: { ...process.env, TERM: 'dumb' } });
  const killer = setTimeout(() => child.kill('SIGKILL'), (seconds + 5) * 1_000);
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  clearTimeout(killer);
  const read = (name: string) => readFile(file(name), 'utf8').catch(() => '');
  return { exitCode: exitCode ?? 255, messages: await read('messages.log'), errors: await read('errors.log') };
}

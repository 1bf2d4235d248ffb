import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { join } from 'node:path';
import { eventually, freeTcpPort } from '@trustline/testing/node';
import type { Said } from './recorded-tls.fixture.ts';

/** The `s_server` of OpenSSL. */
export class OpensslServer {
  readonly port: number;
  /** Answers each line with the line reversed; not where it takes early data. */
  readonly answers: boolean;
  readonly #process: ChildProcess;
  #said = '';

  static async start(folder: string, args: readonly string[]): Promise<OpensslServer> {
    const port = await freeTcpPort();
    const answers = !args.includes('-early_data');
    const manner = answers ? ['-rev'] : [];
    const child = spawn('openssl', ['s_server', ...manner, '-accept', `127.0.0.1:${port}`, ...args], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const server = new OpensslServer(child, port, answers);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (server.#said += text));
    await eventually(`s_server ${args.join(' ')}`, async () => {
      if (child.exitCode !== null) throw new Error(`s_server ended: ${server.#said}`);
      return server.#said.includes('ACCEPT');
    });
    return server;
  }

  private constructor(child: ChildProcess, port: number, answers: boolean) {
    this.#process = child;
    this.port = port;
    this.answers = answers;
  }

  /** What it printed: what it was told, where it does not answer. */
  get said(): string {
    return this.#said;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}

/** What crosses a relay between an `s_client` and a server. Each line is sent when the one before has arrived. */
export async function converse(
  folder: string,
  server: OpensslServer,
  args: readonly string[],
  lines: readonly string[] = ['hello', 'again'],
): Promise<{ readonly said: readonly Said[]; readonly keyLog: string; readonly output: string }> {
  const said: Said[] = [];
  const relay = createServer((near) => {
    const far = connectTcp(server.port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('data', (octets) => said.push({ from: 'client', octets: Uint8Array.from(octets) }));
    far.on('data', (octets) => said.push({ from: 'server', octets: Uint8Array.from(octets) }));
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const keyLogFile = join(folder, `keys-${(relay.address() as AddressInfo).port}.log`);
  const address = `127.0.0.1:${(relay.address() as AddressInfo).port}`;
  const client = spawn('openssl', ['s_client', '-connect', address, '-keylogfile', keyLogFile, ...args], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [client.stdout, client.stderr]) stream.on('data', (text) => (output += text));
  const over = once(client, 'close');
  for (const line of lines) {
    client.stdin.write(`${line}\n`);
    // A line of one letter is an order to s_client, which nobody answers.
    const reversed = [...line].reverse().join('');
    const isAnswered = () => (server.answers ? output.includes(reversed) : server.said.includes(line));
    const isDone = () => (line.length === 1 ? output.includes('KEYUPDATE') : isAnswered()) || client.exitCode !== null;
    await eventually(`an answer to ${line}: ${args.join(' ')}`, async () => isDone());
  }
  client.stdin.end();
  await over;
  relay.close();
  return { said, keyLog: keyLogOf(keyLogFile), output };
}

function keyLogOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // there was nothing to write
  }
}

/** `server.pem` and `server-key.pem` of RSA, in a folder. */
export function makeServerCertificate(folder: string): void {
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=sip.example.net'];
  execFileSync('openssl', [...args, '-keyout', 'server-key.pem', '-out', 'server.pem'], {
    cwd: folder,
    stdio: 'ignore',
  });
}

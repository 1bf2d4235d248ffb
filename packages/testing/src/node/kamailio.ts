import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SipHostPort } from '@trustline/sip';
import { eventually } from './eventually.ts';

export interface KamailioOptions {
  /** A folder of its own: its configuration goes there. */
  readonly directory: string;
  /** It has to listen there by UDP, whatever else it does. */
  readonly port: number;
  /** The text of its configuration. */
  readonly configuration: string;
  /** Put before its command line, for instance to keep it on one processor. */
  readonly wrapper?: readonly string[];
}

/** A running Kamailio. */
export class Kamailio {
  readonly target: SipHostPort;
  readonly processId: number;
  readonly #exited: Promise<unknown>;

  static async start(options: KamailioOptions): Promise<Kamailio> {
    const file = join(options.directory, 'kamailio.cfg');
    await writeFile(file, options.configuration, { mode: 0o600 });
    const { wrapper = [] } = options;
    // Its folder for sockets is its own, so that it meets no other; 1 GB is shared, 32 MB each process has for itself.
    const own = ['/usr/sbin/kamailio', '-f', file, '-DD', '-E', '-Y', options.directory, '-m', '1024', '-M', '32'];
    const [command = '', ...args] = [...wrapper, ...own];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + String(chunk)).slice(-4_000);
    });
    const exited = once(child, 'exit');
    const started = await eventually('the start of Kamailio', async () => {
      if (child.exitCode !== null) throw new Error(`Kamailio ended: ${said}`);
      return answersOptions(options.port);
    });
    if (!started || child.pid === undefined) throw new Error('Kamailio did not start');
    return new Kamailio({ host: '127.0.0.1', port: options.port }, child.pid, exited);
  }

  private constructor(target: SipHostPort, processId: number, exited: Promise<unknown>) {
    this.target = target;
    this.processId = processId;
    this.#exited = exited;
  }

  async stop(): Promise<void> {
    process.kill(this.processId, 'SIGTERM');
    await this.#exited;
  }
}

async function answersOptions(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const own = `127.0.0.1:${socket.address().port}`;
    const request = [
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bKprobe`,
      'Max-Forwards: 70',
      `From: <sip:probe@${own}>;tag=probe`,
      `To: <sip:127.0.0.1:${port}>`,
      `Call-ID: ${own}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
    ];
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(200) });
    socket.send(`${request.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
    return await answered.then(
      () => true,
      () => false,
    );
  } finally {
    socket.close();
  }
}

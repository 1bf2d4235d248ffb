/**
 * What a registered TLS phone costs the manager: memory beside a bare socket of node:tls in the same run, and
 * REGISTER/s over real sockets, with the store and the journal on the disk. Servers run in processes of their own.
 *
 *     node packages/manager/bench/tls.bench.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Cost, Ready } from './tls-server.ts';

const phones = Number(process.env['TRUSTLINE_BENCH_PHONES'] ?? 1_000);
/** Connections that are there before memory is first measured, so that what is made once is not counted. */
const warm = Math.floor(phones / 5);
/** Refreshes of each phone, for REGISTER/s. */
const refreshes = 10;

class Server {
  readonly ready: Ready;
  readonly #child: ReturnType<typeof spawnServer>;
  readonly #lines: AsyncIterator<string>;

  static async start(mode: 'bare' | 'manager'): Promise<Server> {
    const child = spawnServer(mode);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new Server(child, lines, JSON.parse((await lines.next()).value ?? 'null'));
  }

  private constructor(child: ReturnType<typeof spawnServer>, lines: AsyncIterator<string>, ready: Ready) {
    this.#child = child;
    this.#lines = lines;
    this.ready = ready;
  }

  async cost(): Promise<Cost> {
    this.#child.stdin.write('\n');
    return JSON.parse((await this.#lines.next()).value ?? 'null');
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}

function spawnServer(mode: string) {
  const script = fileURLToPath(new URL('tls-server.ts', import.meta.url));
  const args = ['--expose-gc', script, mode, String(phones)];
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

class Phone {
  readonly #socket: TLSSocket;
  readonly #line: string;
  #sequence = 0;

  static async connect({ port, certificates, keyPem }: Ready, index: number): Promise<Phone> {
    const cert = certificates[index] ?? '';
    const socket = connect({ host: '127.0.0.1', port, cert, key: keyPem, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return new Phone(socket, String(10_000 + index));
  }

  private constructor(socket: TLSSocket, line: string) {
    this.#socket = socket;
    this.#line = line;
  }

  async register(): Promise<void> {
    this.#sequence += 1;
    const answered = once(this.#socket, 'data');
    this.#socket.write(
      [
        'REGISTER sip:127.0.0.1 SIP/2.0',
        `Via: SIP/2.0/TLS 127.0.0.1:5999;branch=z9hG4bK${this.#line}-${this.#sequence};rport`,
        'Max-Forwards: 70',
        `From: <sip:${this.#line}@127.0.0.1>;tag=${this.#line}`,
        `To: <sip:${this.#line}@127.0.0.1>`,
        `Call-ID: ${this.#line}@phone`,
        `CSeq: ${this.#sequence} REGISTER`,
        `Contact: <sip:${this.#line}@127.0.0.1:5999;transport=tls>`,
        'Expires: 3600',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
    const [answer] = await answered;
    if (!String(answer).startsWith('SIP/2.0 200 ')) throw new Error(`not registered: ${String(answer).slice(0, 80)}`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Octets resident for each registered phone. */
async function measure(mode: 'bare' | 'manager'): Promise<{ octets: number; perSecond: number }> {
  const server = await Server.start(mode);
  const connected: Phone[] = [];
  const grow = async (to: number) => {
    while (connected.length < to) {
      const batch = Array.from({ length: Math.min(20, to - connected.length) }, async (_, at) => {
        const phone = await Phone.connect(server.ready, connected.length + at);
        await phone.register();
        return phone;
      });
      connected.push(...(await Promise.all(batch)));
    }
  };
  await grow(warm);
  const before = await server.cost();
  await grow(phones);
  const after = await server.cost();
  for (let turn = 0; turn < refreshes; turn += 1) await Promise.all(connected.map((phone) => phone.register()));
  const { processor } = await server.cost();
  for (const phone of connected) phone.close();
  await server.stop();
  return {
    octets: (after.resident - before.resident) / (phones - warm),
    perSecond: (1_000 * refreshes * phones) / (processor - after.processor),
  };
}

export async function run(): Promise<void> {
  const bare = await measure('bare');
  const manager = await measure('manager');
  const kilobytes = (octets: number) => `${(octets / 1_000).toFixed(1)} kB`;
  console.log(`memory of a TLS client, resident, ${phones} of them, the first ${warm} not counted`);
  console.log(`  bare node:tls socket: ${kilobytes(bare.octets)}`);
  console.log(
    `  registered phone:     ${kilobytes(manager.octets)} (bare + ${kilobytes(manager.octets - bare.octets)})`,
  );
  const rate = (value: number) => Math.round(value).toLocaleString('en-US');
  console.log(`over TLS, a second of processor time: ${rate(manager.perSecond)} REGISTER (stored on the disk first), `);
  console.log(`  beside ${rate(bare.perSecond)} answers of the bare server to the same octets`);
}

if (import.meta.main) await run();

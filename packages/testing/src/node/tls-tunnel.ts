import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { SecureDevice } from './lab.ts';

/**
 * The TLS connection of one phone, for a program that speaks no TLS (Debian's SIPp): what the program writes goes up it, and what
 * comes down it goes to the program. It outlives the runs of the program, as the connection of a phone outlives its calls.
 */
export class TlsTunnel {
  /** Where the program connects to speak first. */
  readonly port: number;
  readonly #server: Server;
  readonly #manager: TLSSocket;
  readonly #programPort: number;
  /** The program that is connected now. */
  #program: Socket | undefined;
  /** What came while none was. */
  #waiting: Buffer[] = [];
  #isCalling = false;
  #isClosed = false;

  /**
   * Connects as a device.
   *
   * @param port of the manager on this machine
   * @param programPort where the program waits when it is the manager that speaks first
   */
  static async open(device: SecureDevice, port: number, programPort: number): Promise<TlsTunnel> {
    const [proof, trust] = await Promise.all([readFile(device.certificateFile), readFile(device.trustFile)]);
    const manager = connectTls({ host: '127.0.0.1', port, cert: proof, key: proof, ca: trust });
    await once(manager, 'secureConnect');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TlsTunnel(server, manager, programPort);
  }

  private constructor(server: Server, manager: TLSSocket, programPort: number) {
    this.#server = server;
    this.#manager = manager;
    this.#programPort = programPort;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (program) => this.#attach(program));
    manager.on('data', (octets) => this.#deliver(octets));
    manager.on('error', () => {}); // the program has no answer then, and says so
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#program?.destroy();
    this.#manager.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #attach(program: Socket): void {
    this.#program = program;
    program.on('data', (octets) => this.#manager.write(octets));
    program.on('error', () => {});
    program.on('close', () => {
      if (this.#program === program) this.#program = undefined;
    });
    for (const octets of this.#waiting.splice(0)) program.write(octets);
  }

  #deliver(octets: Buffer): void {
    if (this.#program !== undefined) {
      this.#program.write(octets);
      return;
    }
    this.#waiting.push(octets);
    void this.#callProgram();
  }

  /** The program may not listen yet. */
  async #callProgram(): Promise<void> {
    if (this.#isCalling) return;
    this.#isCalling = true;
    while (this.#program === undefined && !this.#isClosed) {
      const program = connectTcp(this.#programPort, '127.0.0.1');
      const isThere = await once(program, 'connect').then(
        () => true,
        () => false,
      );
      if (!isThere) await delay(20);
      else if (this.#isClosed) program.destroy();
      else this.#attach(program);
    }
    this.#isCalling = false;
  }
}

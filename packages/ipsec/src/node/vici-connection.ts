import { connect, type Socket } from 'node:net';
import { IpsecError } from '../error.ts';
import { ViciClient, type ViciOutcome } from '../vici/client.ts';
import { type ViciFields, type ViciMessage, viciMessage } from '../vici/message.ts';

/**
 * Commands that only look are answered at once, or the daemon hangs. On a busy machine it may be slow: an answer that is too
 * old for a proof is none, and is no reason to take every tunnel for lost.
 */
const DEFAULT_TIMEOUT_MS = 2_000;

export interface ViciRequestOptions {
  /** The event that streams the answer. */
  readonly stream?: string;
  /** Milliseconds; 2,000 where it is not said. */
  readonly timeout?: number;
}

/** A `ViciClient` on a Unix socket. */
export class ViciConnection {
  readonly #client = new ViciClient();
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (outcome: ViciOutcome) => void>();
  #timer: NodeJS.Timeout | undefined;
  /** Called for every event that was registered. */
  onEvent: (name: string, message: ViciMessage) => void = () => {};
  /** Called once, when the connection is of no use any more. */
  onFailed: (error: IpsecError) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#client.receive(performance.now(), chunk);
      this.#drain();
    });
    // What went wrong is said by the close that follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#client.closed();
      this.#drain();
    });
  }

  /** Throws `ipsec.vici-closed` where nobody listens at the path. */
  static async open(path: string): Promise<ViciConnection> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (cause) => {
        const nextStep = 'start the IKE daemon, and check that this user may open its socket';
        reject(new IpsecError('ipsec.vici-closed', `No IKE daemon answers at ${path}`, { nextStep, cause }));
      });
    });
    return new ViciConnection(socket);
  }

  /** The answer to a command, with what was streamed before it. Rejects with the `IpsecError` of why there is none. */
  async request(
    name: string,
    message: ViciMessage | ViciFields = [],
    { stream, timeout = DEFAULT_TIMEOUT_MS }: ViciRequestOptions = {},
  ): Promise<{ readonly message: ViciMessage; readonly streamed: readonly ViciMessage[] }> {
    const body = Array.isArray(message) ? (message as ViciMessage) : viciMessage(message as ViciFields);
    const command = { name, message: body, timeout, ...(stream === undefined ? {} : { stream }) };
    return await this.#outcome(this.#client.command(performance.now(), command));
  }

  /** Asks for an event of the daemon. */
  async register(event: string): Promise<void> {
    await this.#outcome(this.#client.register(performance.now(), event, DEFAULT_TIMEOUT_MS));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  async #outcome(id: number) {
    const outcome = await new Promise<ViciOutcome>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#drain();
    });
    if (!outcome.ok) throw outcome.error;
    return outcome;
  }

  #drain(): void {
    for (let output = this.#client.poll(); output !== undefined; output = this.#client.poll()) {
      switch (output.kind) {
        case 'transmit':
          this.#socket.write(output.octets);
          break;
        case 'completed':
          this.#waiting.get(output.id)?.(output.outcome);
          this.#waiting.delete(output.id);
          break;
        case 'event':
          this.onEvent(output.name, output.message);
          break;
        case 'failed':
          this.#socket.destroy();
          this.onFailed(output.error);
          break;
      }
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const due = this.#client.nextDeadline();
    if (due === undefined) return;
    this.#timer = setTimeout(() => {
      this.#client.timeout(performance.now());
      this.#drain();
    }, due - performance.now());
  }
}

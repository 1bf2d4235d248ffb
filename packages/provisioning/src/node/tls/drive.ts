import type { TLSSocket } from 'node:tls';
import type { WireReject, WireResult } from '../../elements/elements.ts';
import type { MessageStream } from '../../elements/stream.ts';
import { monotonicNow } from '../clock.ts';

/** A state machine of this room, as a socket sees it. */
export interface Session<Input, Output> {
  handle(now: number, input: Input): void;
  poll(): Output | undefined;
  nextDeadline(): number | undefined;
}

/** What every session understands. */
export type ConnectionInput<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'rejected'; readonly reject: WireReject }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed'; readonly cause: string };

/** How long the far end may take to read our last message, in milliseconds. */
const LINGER = 2_000;

/** Joins a session to a connection: octets in, messages out, timers kept. */
export class Drive<Message, Input, Output> {
  readonly #socket: TLSSocket;
  readonly #session: Session<Input | ConnectionInput<Message>, Output>;
  readonly #take: (output: Output) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    socket: TLSSocket,
    stream: MessageStream<Message>,
    session: Session<Input | ConnectionInput<Message>, Output>,
    take: (output: Output) => void,
  ) {
    this.#socket = socket;
    this.#session = session;
    this.#take = take;
    socket.on('data', (chunk: Uint8Array) => {
      for (const result of stream.push(chunk)) this.input(inputOf(result));
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('end', () => this.close());
    socket.on('close', () => {
      this.input({ kind: 'closed', cause: 'the far end closed the connection' });
      clearTimeout(this.#timer);
    });
  }

  input(input: Input | ConnectionInput<Message>): void {
    this.#session.handle(monotonicNow(), input);
    this.pump();
  }

  /** Carries out what the session has decided. */
  pump(): void {
    for (let output = this.#session.poll(); output !== undefined; output = this.#session.poll()) this.#take(output);
    clearTimeout(this.#timer);
    const deadline = this.#session.nextDeadline();
    if (deadline === undefined) return;
    // A millisecond more: timers may fire a little early by the clock that the session is given.
    const wait = Math.max(0, deadline - monotonicNow()) + 1;
    this.#timer = setTimeout(() => this.input({ kind: 'timeout' }), wait);
  }

  /** One message, head and body in one write: phones stall on a head that comes alone. */
  transmit(bytes: Uint8Array): void {
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(bytes);
  }

  /** Closes the connection once what was written has left. */
  close(): void {
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), LINGER).unref();
  }
}

function inputOf<Message>(result: WireResult<Message>): ConnectionInput<Message> {
  return result.ok ? { kind: 'message', message: result.value } : { kind: 'rejected', reject: result };
}

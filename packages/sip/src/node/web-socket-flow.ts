import type { RawData, WebSocket } from 'ws';
import type { SipFlow } from '../flow.ts';
import type { SipLimits } from '../message/limits.ts';
import { parseDatagram } from '../message/parse.ts';
import { validateMessage } from '../message/validate.ts';
import { monotonicNow } from './clock.ts';
import type { FlowCloseReason } from './events.ts';
import type { FlowOwner, OpenFlow } from './flow-owner.ts';
import type { SipTransportLimits } from './limits.ts';
import { refusalOf } from './refusal.ts';

export interface WebSocketFlowOptions {
  readonly limits: SipTransportLimits;
  readonly messageLimits: SipLimits;
}

/** From one ping to the next, and how long its pong may take, in milliseconds (RFC 7118 §6, RFC 6455 §5.5.2). */
const pingInterval = 30_000;
const pongTimeout = 10_000;

/** One WebSocket as a flow: each of its messages is one of SIP's, whole (RFC 7118 §4.2). */
export class WebSocketFlow implements OpenFlow {
  readonly flow: SipFlow;
  readonly #socket: WebSocket;
  readonly #owner: FlowOwner;
  readonly #options: WebSocketFlowOptions;
  #lastHeard = monotonicNow();
  #nextPing = this.#lastHeard + pingInterval;
  #pongDue = Number.POSITIVE_INFINITY;
  #authenticated = false;
  #closing: FlowCloseReason | undefined;
  #closed = false;

  /** Takes over the socket: from here on its messages are read. */
  constructor(flow: SipFlow, socket: WebSocket, owner: FlowOwner, options: WebSocketFlowOptions) {
    this.flow = flow;
    this.#socket = socket;
    this.#owner = owner;
    this.#options = options;
    socket.on('message', (data) => this.#receive(octetsOf(data)));
    socket.on('pong', () => {
      this.#pongDue = Number.POSITIVE_INFINITY;
    });
    // What is no WebSocket, or too large, ends it (RFC 6455 §7.4.1).
    socket.on('error', () => {
      this.#closing ??= 'bad-message';
    });
    socket.on('close', () => this.#finish());
  }

  authenticate(): void {
    this.#authenticated = true;
  }

  send(bytes: Uint8Array): boolean {
    if (this.#closing !== undefined || this.#socket.readyState !== this.#socket.OPEN) return false;
    this.#socket.send(bytes, { binary: false });
    if (this.#socket.bufferedAmount <= this.#options.limits.writeBacklog) return true;
    this.close('slow-reader');
    return false;
  }

  close(reason: FlowCloseReason): void {
    this.#closing ??= reason;
    this.#socket.terminate();
    this.#finish();
  }

  inspect(now: number): void {
    if (this.#closing !== undefined) return;
    const { idleTimeout, unauthenticatedIdleTimeout } = this.#options.limits;
    if (now - this.#lastHeard > (this.#authenticated ? idleTimeout : unauthenticatedIdleTimeout)) this.close('idle');
    else if (now >= this.#pongDue) this.close('no-pong');
    else if (now >= this.#nextPing) {
      this.#socket.ping();
      this.#nextPing = now + pingInterval;
      this.#pongDue = Math.min(this.#pongDue, now + pongTimeout);
    }
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closing !== undefined) return;
    this.#lastHeard = monotonicNow();
    if (bytes.every((octet) => octet === 13 || octet === 10)) {
      // The CRLF keep-alive of RFC 5626 §4.4.1, which RFC 7118 §6 lets a client use here too.
      if (bytes.length === 4) this.send(pong);
      return;
    }
    const parsed = parseDatagram(bytes, this.#options.messageLimits);
    const failure = parsed.ok ? validateMessage(parsed.message) : parsed;
    if (parsed.ok && failure === undefined) this.#owner.message(this.flow, parsed.message);
    else if (failure !== undefined) {
      this.#owner.badMessage(this.flow, failure.error);
      const refusal = refusalOf(failure);
      if (refusal !== undefined) this.send(refusal);
    }
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.closed(this.flow, this.#closing ?? 'closed-by-peer');
  }
}

const pong = new Uint8Array([13, 10]);

function octetsOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

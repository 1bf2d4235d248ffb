import type { Socket } from 'node:net';
import type { SipFlow } from '../flow.ts';
import type { SipLimits } from '../message/limits.ts';
import { type StreamEvent, StreamParser } from '../message/stream.ts';
import { validateMessage } from '../message/validate.ts';
import { monotonicNow } from './clock.ts';
import type { FlowCloseReason } from './events.ts';
import type { FlowOwner, OpenFlow } from './flow-owner.ts';
import type { SipTransportLimits } from './limits.ts';
import { refusalOf } from './refusal.ts';

const ping = new Uint8Array([13, 10, 13, 10]);
const pong = new Uint8Array([13, 10]);

/** How long the answer to an unreadable message may take to be read, in milliseconds. */
const lingering = 2_000;

/** Keep-alives on a connection that we opened (RFC 5626 §4.4.1). Times in milliseconds. */
export interface KeepAlive {
  /** From one ping to the next; each wait is shortened by up to a fifth, at random. */
  readonly interval: number;
  /**
   * How long the pong may take before the flow counts as failed: 10 s by the RFC; undefined towards a
   * server that is not known to answer.
   */
  readonly pongTimeout?: number;
}

export interface StreamFlowOptions {
  readonly role: 'server' | 'client';
  readonly limits: SipTransportLimits;
  readonly messageLimits: SipLimits;
  readonly keepAlive?: KeepAlive | undefined;
}

/** One TCP or TLS connection as a flow. */
export class StreamFlow implements OpenFlow {
  readonly flow: SipFlow;
  readonly #socket: Socket;
  readonly #owner: FlowOwner;
  readonly #options: StreamFlowOptions;
  readonly #parser: StreamParser;
  #lastHeard = monotonicNow();
  /** When the message that is not whole yet began: an octet now and then does not keep it open. */
  #partialSince = Number.POSITIVE_INFINITY;
  #nextPing = Number.POSITIVE_INFINITY;
  #pongDue = Number.POSITIVE_INFINITY;
  #authenticated = false;
  #closing: FlowCloseReason | undefined;
  #closed = false;

  /** Takes over the socket: from here on its octets are read. */
  constructor(flow: SipFlow, socket: Socket, owner: FlowOwner, options: StreamFlowOptions) {
    this.flow = flow;
    this.#socket = socket;
    this.#owner = owner;
    this.#options = options;
    this.#parser = new StreamParser({ role: options.role, limits: options.messageLimits });
    this.#schedulePing(this.#lastHeard);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', () => {
      this.#closing ??= 'network-error';
    });
    socket.on('end', () => {
      this.#closing ??= 'closed-by-peer';
      socket.destroy();
    });
    socket.on('close', () => this.#finish());
  }

  /** It has proved who it is: the longer idle timeout applies. */
  authenticate(): void {
    this.#authenticated = true;
  }

  send(bytes: Uint8Array): boolean {
    if (this.#closing !== undefined || this.#socket.destroyed) return false;
    this.#socket.write(bytes);
    if (this.#socket.writableLength <= this.#options.limits.writeBacklog) return true;
    this.close('slow-reader');
    return false;
  }

  close(reason: FlowCloseReason): void {
    this.#closing ??= reason;
    this.#socket.destroy();
    // The owner hears of it at once, so that nothing is sent into a flow that is gone.
    this.#finish();
  }

  inspect(now: number): void {
    if (this.#closing !== undefined) return;
    const { messageTimeout, idleTimeout, unauthenticatedIdleTimeout } = this.#options.limits;
    const silence = now - this.#lastHeard;
    if (now - this.#partialSince > messageTimeout) this.close('half-message');
    else if (silence > (this.#authenticated ? idleTimeout : unauthenticatedIdleTimeout)) this.close('idle');
    else if (now >= this.#pongDue) this.close('no-pong');
    else if (now >= this.#nextPing) this.#ping(now);
  }

  #receive(chunk: Uint8Array): void {
    if (this.#closing !== undefined) return;
    this.#lastHeard = monotonicNow();
    let isNew = this.#partialSince === Number.POSITIVE_INFINITY;
    for (const event of this.#parser.push(chunk)) {
      if (this.#closing !== undefined) return;
      this.#take(event);
      isNew = true;
    }
    if (!this.#parser.partial) this.#partialSince = Number.POSITIVE_INFINITY;
    else if (isNew) this.#partialSince = this.#lastHeard;
  }

  #take(event: StreamEvent): void {
    switch (event.kind) {
      case 'message': {
        const failure = validateMessage(event.message);
        if (failure === undefined) {
          this.#owner.message(this.flow, event.message);
          return;
        }
        // Where the message ends is certain, so the stream goes on.
        this.#owner.badMessage(this.flow, failure.error);
        const refusal = refusalOf(failure);
        if (refusal !== undefined) this.send(refusal);
        return;
      }
      case 'ping':
        // "The server [...] MUST immediately send a single CRLF in response" (RFC 5626 §4.4.1).
        this.send(pong);
        return;
      case 'pong':
        this.#pongDue = Number.POSITIVE_INFINITY;
        return;
      case 'error': {
        this.#owner.badMessage(this.flow, event.failure.error);
        const refusal = refusalOf(event.failure);
        if (refusal === undefined) {
          this.close('bad-message');
          return;
        }
        this.#closing = 'bad-message';
        this.#socket.end(refusal);
        // What the far end still sends is of no interest, and it may not keep the connection open.
        setTimeout(() => this.#socket.destroy(), lingering).unref();
        return;
      }
      default:
    }
  }

  #ping(now: number): void {
    if (!this.send(ping)) return;
    const { pongTimeout } = this.#options.keepAlive ?? {};
    if (pongTimeout !== undefined && this.#pongDue === Number.POSITIVE_INFINITY) this.#pongDue = now + pongTimeout;
    this.#schedulePing(now);
  }

  /** "A random number between 80% and 100% of the upper bound" (RFC 5626 §4.4.1). */
  #schedulePing(now: number): void {
    const { keepAlive } = this.#options;
    if (keepAlive !== undefined) this.#nextPing = now + keepAlive.interval * (0.8 + 0.2 * Math.random());
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.closed(this.flow, this.#closing ?? 'closed-by-peer');
  }
}

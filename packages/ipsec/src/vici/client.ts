import { Deadlines } from '@trustline/base';
import { IpsecError } from '../error.ts';
import { textAt, type ViciMessage } from './message.ts';
import { decodeViciReply, encodeViciRequest, type ViciReply, type ViciRequest } from './packet.ts';
import { ViciSegmentReader } from './segment-reader.ts';

/** Events that one streaming command may bring; a machine with more associations is asked by connection instead. */
const MAX_STREAMED = 10_000;

export interface ViciCommand {
  /** For instance `list-sas`. */
  readonly name: string;
  readonly message: ViciMessage;
  /** The event by which the daemon streams its answer, for instance `list-sa`. It is registered before it is needed. */
  readonly stream?: string;
  /** Milliseconds from when it is sent until its answer is given up, and with it the connection. */
  readonly timeout: number;
}

export type ViciOutcome =
  | { readonly ok: true; readonly message: ViciMessage; readonly streamed: readonly ViciMessage[] }
  | { readonly ok: false; readonly error: IpsecError };

export type ViciOutput =
  | { readonly kind: 'transmit'; readonly octets: Uint8Array }
  | { readonly kind: 'completed'; readonly id: number; readonly outcome: ViciOutcome }
  | { readonly kind: 'event'; readonly name: string; readonly message: ViciMessage }
  /** The connection is of no use any more: close it. Comes once, after every command was completed with the error. */
  | { readonly kind: 'failed'; readonly error: IpsecError };

type Waiting =
  | { readonly kind: 'command'; readonly id: number; readonly command: ViciCommand }
  | { readonly kind: 'register'; readonly id: number | undefined; readonly name: string; readonly timeout: number };

/**
 * One connection to the daemon. VICI answers in order, so one request is in flight at a time and the rest wait; events
 * may come before, between and after answers [R]. Use one connection for commands and another for events, so that a
 * slow command holds no event up.
 *
 * A request that is not answered in time fails the whole connection: which answer belongs to which request could no
 * longer be told.
 */
export class ViciClient {
  readonly #segments = new ViciSegmentReader();
  readonly #deadlines = new Deadlines<'answer'>();
  readonly #queue: Waiting[] = [];
  readonly #outputs: ViciOutput[] = [];
  readonly #registered = new Set<string>();
  #inFlight: Waiting | undefined;
  #streamed: ViciMessage[] = [];
  #nextId = 1;
  #failure: IpsecError | undefined;

  /** Queues a command; `completed` comes with the number that is given back. */
  command(now: number, command: ViciCommand): number {
    const id = this.#nextId++;
    if (command.stream !== undefined) this.#ensureRegistered(command.stream, command.timeout);
    this.#enqueue(now, { kind: 'command', id, command });
    return id;
  }

  /** Asks for an event; `completed` comes with the number, and then the events. */
  register(now: number, name: string, timeout: number): number {
    const id = this.#nextId++;
    this.#registered.add(name);
    this.#enqueue(now, { kind: 'register', id, name, timeout });
    return id;
  }

  /** Takes what the socket received. */
  receive(now: number, chunk: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      for (const packet of this.#segments.push(chunk)) this.#take(decodeViciReply(packet));
    } catch (error) {
      if (!(error instanceof IpsecError)) throw error;
      this.#fail(error);
    }
    this.#sendNext(now);
  }

  /** The socket is gone. A daemon that was killed says nothing: this is all that is heard of it [R]. */
  closed(): void {
    this.#fail(
      new IpsecError('ipsec.vici-closed', 'The connection to the IKE daemon is gone', {
        nextStep: 'look at why the daemon ended; until it is back nothing is known to be protected',
      }),
    );
  }

  /** To be called at `nextDeadline`. */
  timeout(now: number): void {
    if (this.#deadlines.takeDue(now) === undefined) return;
    this.#fail(
      new IpsecError('ipsec.vici-timeout', `The IKE daemon did not answer ${nameOf(this.#inFlight)} in time`, {
        nextStep: 'look at whether the daemon hangs; the connection to it is closed and made anew',
      }),
    );
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): ViciOutput | undefined {
    return this.#outputs.shift();
  }

  #ensureRegistered(name: string, timeout: number): void {
    if (this.#registered.has(name)) return;
    this.#registered.add(name);
    this.#queue.push({ kind: 'register', id: undefined, name, timeout });
  }

  #enqueue(now: number, waiting: Waiting): void {
    this.#queue.push(waiting);
    if (this.#failure !== undefined) this.#failAllWaiting(this.#failure);
    else this.#sendNext(now);
  }

  #sendNext(now: number): void {
    if (this.#inFlight !== undefined || this.#failure !== undefined) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#inFlight = next;
    this.#streamed = [];
    this.#deadlines.set('answer', now + (next.kind === 'command' ? next.command.timeout : next.timeout));
    this.#outputs.push({ kind: 'transmit', octets: encodeViciRequest(requestOf(next)) });
  }

  #take(reply: ViciReply): void {
    if (reply.kind === 'event') this.#takeEvent(reply.name, reply.message);
    else this.#takeAnswer(reply);
  }

  #takeEvent(name: string, message: ViciMessage): void {
    const waiting = this.#inFlight;
    if (waiting?.kind !== 'command' || waiting.command.stream !== name) {
      this.#outputs.push({ kind: 'event', name, message });
      return;
    }
    if (this.#streamed.length >= MAX_STREAMED) throw unexpected(`more than ${MAX_STREAMED} ${name} events`);
    this.#streamed.push(message);
  }

  #takeAnswer(reply: Exclude<ViciReply, { kind: 'event' }>): void {
    const waiting = this.#inFlight;
    if (waiting === undefined) throw unexpected('an answer to nothing that was asked');
    const forCommand = reply.kind === 'response' || reply.kind === 'command-unknown';
    if (forCommand !== (waiting.kind === 'command'))
      throw unexpected(`an answer of the wrong kind to ${nameOf(waiting)}`);
    this.#inFlight = undefined;
    this.#deadlines.clear('answer');
    if (waiting.id === undefined && reply.kind === 'event-confirmed') return;
    // A stream that the daemon does not know would leave its command without an answer that can be read.
    if (waiting.id === undefined) throw unknownName('event', nameOf(waiting));
    this.#outputs.push({ kind: 'completed', id: waiting.id, outcome: this.#outcomeOf(waiting, reply) });
  }

  #outcomeOf(waiting: Waiting, reply: Exclude<ViciReply, { kind: 'event' }>): ViciOutcome {
    switch (reply.kind) {
      case 'command-unknown':
        return { ok: false, error: unknownName('command', nameOf(waiting)) };
      case 'event-unknown':
        return { ok: false, error: unknownName('event', nameOf(waiting)) };
      case 'event-confirmed':
        return { ok: true, message: [], streamed: [] };
      case 'response':
        return textAt(reply.message, 'success') === 'no'
          ? { ok: false, error: refused(nameOf(waiting), textAt(reply.message, 'errmsg')) }
          : { ok: true, message: reply.message, streamed: this.#streamed };
    }
  }

  #fail(error: IpsecError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#deadlines.clearAll();
    if (this.#inFlight !== undefined) this.#queue.unshift(this.#inFlight);
    this.#inFlight = undefined;
    this.#failAllWaiting(error);
    this.#outputs.push({ kind: 'failed', error });
  }

  #failAllWaiting(error: IpsecError): void {
    for (const { id } of this.#queue.splice(0)) {
      if (id !== undefined) this.#outputs.push({ kind: 'completed', id, outcome: { ok: false, error } });
    }
  }
}

function requestOf(waiting: Waiting): ViciRequest {
  if (waiting.kind === 'register') return { kind: 'register', name: waiting.name };
  return { kind: 'command', name: waiting.command.name, message: waiting.command.message };
}

function nameOf(waiting: Waiting | undefined): string {
  return waiting?.kind === 'command' ? waiting.command.name : (waiting?.name ?? 'nothing');
}

function refused(command: string, reason: string | undefined): IpsecError {
  return new IpsecError('ipsec.refused', `The IKE daemon refused ${command}: ${reason ?? 'it gave no reason'}`, {
    nextStep: 'read the log of the daemon, and that of the far end, for why',
  });
}

function unknownName(kind: 'command' | 'event', name: string): IpsecError {
  return new IpsecError('ipsec.vici-unknown-command', `The IKE daemon does not know the ${kind} ${name}`, {
    nextStep: 'install strongSwan 5.9 or later',
  });
}

function unexpected(what: string): IpsecError {
  return new IpsecError('ipsec.vici-malformed', `The IKE daemon sent ${what}`, {
    nextStep: 'check that the socket is that of strongSwan, and its version',
  });
}

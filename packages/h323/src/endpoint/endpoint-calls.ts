import { DeadlineQueue } from '@trustline/base';
import { decodeCallSignalling, encodeCallSignalling } from '../h225/call-signalling.ts';
import type { CallEntity, CallEvent, CallTimers } from '../h225/machines/call.ts';
import type { Identity, SetupTerms } from '../h225/machines/call-message.ts';
import type { ReceivedSetup } from '../h225/machines/call-reading.ts';
import { CallConnection } from '../h225/machines/connection.ts';
import { type MediaAddress, transportAddress } from '../h245/audio-format.ts';
import { CallEndpoint, type EndpointEvent, type EndpointOptions } from './call-endpoint.ts';
import type { ControlConnection } from './control-channel.ts';
import { type HostPort, octetsOfAddress, type TcpEnds, textOfAddress } from './tcp-ends.ts';

/** What a call is to be like. */
export interface CallTerms {
  readonly endpoint: Omit<EndpointOptions, 'h245Listener'>;
  /** The name by which proofs of its connections are asked for; absent where nothing of it can be proven. */
  readonly protection?: string;
}

/** A call that we make. */
export interface Placing extends CallTerms {
  readonly to: HostPort;
  /** Our address; any of ours where it is absent. */
  readonly from?: string;
  readonly setup: SetupTerms;
  readonly timers?: CallTimers;
  /** What the call is known by already, as at the gatekeeper that admitted it. */
  readonly as?: { readonly identity: Identity; readonly callReference: number };
}

/** Whether a connection is protected, and why not. */
export interface ConnectionProof {
  readonly proven: boolean;
  readonly message?: string;
  readonly nextStep?: string;
}

export type CallsEvent =
  | EndpointEvent
  /** The connection of a call that we make is up; its Setup follows, after the proof where there is one. */
  | { readonly kind: 'reached'; readonly ends: TcpEnds }
  /** The peer's TCP connection refused, is silent, or failed: there was no call. It has ended with this. */
  | { readonly kind: 'unreachable'; readonly because: ConnectFailure }
  /** What was found of one of its connections. */
  | {
      readonly kind: 'proof';
      readonly of: 'signalling' | 'h245';
      readonly ends: TcpEnds;
      readonly proof: ConnectionProof;
    };

export type ConnectFailure = 'refused' | 'silent' | 'failed';

/** Why a connection was closed by us. */
export type ConnectionFault = 'no-setup' | 'too-many-messages' | 'unexpected';

export type CallsOutput =
  /** Open a TCP connection; `connected` or `failed` follows. */
  | {
      readonly kind: 'connect';
      readonly connection: string;
      readonly to: HostPort;
      readonly from?: string;
      /** Before it is opened the counters are looked at under this name, if it is to be proven. */
      readonly protection?: string;
    }
  /** The payload of a TPKT. */
  | { readonly kind: 'send'; readonly connection: string; readonly payload: Uint8Array }
  /** After what was sent. */
  | { readonly kind: 'close'; readonly connection: string; readonly fault?: ConnectionFault }
  /** Ask whether it is protected; `proved` follows. */
  | { readonly kind: 'prove'; readonly connection: string; readonly protection: string }
  | { readonly kind: 'event'; readonly call: string; readonly event: CallsEvent };

export interface CallsPorts {
  /** For each call: random identifiers. */
  identity(): Identity;
  /** 1 to 32,767: where the call references of a connection begin. */
  drawCallReference(): number;
  /** Somebody calls: what the call is to be like, or the cause of Q.850 by which it is refused. */
  admit(call: string, ends: TcpEnds, setup: ReceivedSetup): CallTerms | { readonly refuse: number };
  /** A port at which H.245 of this call is waited for, at our address of its call signalling, if there is one free. */
  listenForH245(call: string, address: string, protection: string | undefined): HostPort | undefined;
  stopListeningForH245(call: string): void;
  readonly timers?: CallTimers;
  readonly limits?: Partial<CallsLimits>;
}

export interface CallsLimits {
  /** Milliseconds that a connection may be without a call. */
  readonly setupTimeout: number;
  /** Messages that a connection may bring within a second: far more than a call has. */
  readonly messagesPerSecond: number;
  /** Messages that wait while a connection is being proven. */
  readonly heldMessages: number;
}

export const defaultCallsLimits: CallsLimits = { setupTimeout: 10_000, messagesPerSecond: 200, heldMessages: 32 };

interface Connection {
  readonly id: string;
  readonly purpose: 'signalling' | ControlConnection;
  ends: TcpEnds | undefined;
  /** The call it belongs to; none yet where somebody has connected to us. */
  call: Call | undefined;
  signalling: CallConnection | undefined;
  /** Undefined while it is found out. */
  proven: boolean | undefined;
  readonly held: Uint8Array[];
  second: { at: number; messages: number };
  idleUntil: number | undefined;
}

interface Call {
  readonly id: string;
  readonly signalling: Connection;
  readonly h245: Partial<Record<ControlConnection, Connection>>;
  terms: CallTerms;
  entity: CallEntity;
  endpoint: CallEndpoint;
  /** What is to be done once it is known whether the connection is proven; the Setup is the first of it. */
  waiting: ((now: number) => void)[] | undefined;
  isOver: boolean;
}

/**
 * The calls of an endpoint with all their TCP connections: one call for each call signalling connection, H.245 within it or
 * beside it. Each connection of a peer whose protection can be proven is proven before anything is offered by it, and an
 * incoming one after our first answer to its Setup, so that there is something of ours to be seen in the tunnel. Sans-IO:
 * `poll` after each input until there is nothing more; times are monotonic milliseconds.
 */
export class EndpointCalls {
  readonly #ports: CallsPorts;
  readonly #limits: CallsLimits;
  readonly #connections = new Map<string, Connection>();
  readonly #calls = new Map<string, Call>();
  readonly #placing = new Map<string, Placing & { readonly call: string }>();
  readonly #deadlines = new DeadlineQueue<string>();
  readonly #outputs: CallsOutput[] = [];
  #count = 0;

  constructor(ports: CallsPorts) {
    this.#ports = ports;
    this.#limits = { ...defaultCallsLimits, ...ports.limits };
  }

  get size(): number {
    return this.#calls.size + this.#placing.size;
  }

  /** Begins a call; what becomes of it comes as events of the identifier that is returned. */
  place(placing: Placing): string {
    const call = this.#name('call');
    const connection = this.#open('signalling', undefined);
    this.#placing.set(connection.id, { ...placing, call });
    this.#connect(connection, placing.to, placing.from, placing.protection);
    return call;
  }

  /** Does something with a call: `act` is given its endpoint. Nothing where the call is over, or not yet begun. */
  command(now: number, id: string, act: (endpoint: CallEndpoint) => void): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    act(call.endpoint);
    this.#pump(now, call);
  }

  /** Ends a call. Of one whose connection was still being opened or proven there is no further event. */
  release(now: number, id: string, cause: number): void {
    for (const [connection, placing] of this.#placing) if (placing.call === id) this.#close(connection);
    const call = this.#calls.get(id);
    if (call === undefined) return;
    if (call.waiting === undefined) {
      call.endpoint.release(cause);
      this.#pump(now, call);
    } else {
      call.entity.release(cause);
      this.#end(now, call);
    }
  }

  /** The ends of the call signalling connection of a call. */
  endsOf(id: string): TcpEnds | undefined {
    return this.#calls.get(id)?.signalling.ends;
  }

  /** The call that a connection belongs to. */
  callOn(connection: string): string | undefined {
    return this.#connections.get(connection)?.call?.id;
  }

  /** The call signalling connection of a call. */
  connectionOf(id: string): string | undefined {
    return this.#calls.get(id)?.signalling.id;
  }

  /** The payload type of telephone-events that the peer of a call takes. */
  telephoneEventOf(id: string): number | undefined {
    return this.#calls.get(id)?.endpoint.telephoneEvent;
  }

  /** Somebody has connected, under a name that begins with `in`: for call signalling, or to where H.245 of a call is waited for. */
  accepted(now: number, id: string, ends: TcpEnds, h245Of?: string): void {
    const call = h245Of === undefined ? undefined : this.#calls.get(h245Of);
    const connection = this.#open(h245Of === undefined ? 'signalling' : 'incoming', ends, id);
    if (h245Of === undefined) {
      connection.signalling = this.#signalling();
      connection.idleUntil = now + this.#limits.setupTimeout;
      this.#reckon(connection);
    } else if (call === undefined || call.h245.incoming !== undefined) {
      this.#close(connection.id, 'unexpected');
    } else {
      call.h245.incoming = connection;
      this.#proveH245(now, call, connection);
    }
  }

  /** A connection that was asked for is there. */
  connected(now: number, id: string, ends: TcpEnds): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.ends = ends;
    const placing = this.#placing.get(id);
    if (placing !== undefined) this.#setUp(now, connection, placing, ends);
    else if (connection.call !== undefined) this.#proveH245(now, connection.call, connection);
  }

  /** A connection that was asked for could not be had. */
  failed(now: number, id: string, because: ConnectFailure): void {
    const placing = this.#placing.get(id);
    if (placing !== undefined) this.#tell(placing.call, { kind: 'unreachable', because });
    this.closed(now, id);
  }

  closed(now: number, id: string): void {
    const connection = this.#connections.get(id);
    this.#forget(id);
    if (connection === undefined) return;
    const { call, purpose } = connection;
    if (purpose !== 'signalling') {
      if (call?.h245[purpose] === connection) delete call.h245[purpose];
      call?.endpoint.h245Closed(purpose);
    }
    connection.signalling?.lost();
    if (call === undefined) return;
    if (purpose === 'signalling' && call.waiting !== undefined) {
      // One that calls us was not offered yet, and nobody knows of it.
      if (call.entity.outgoing) this.#tell(call.id, { kind: 'unreachable', because: 'failed' });
      this.#end(now, call);
    } else {
      this.#pump(now, call);
    }
  }

  /** The payload of a TPKT came. */
  received(now: number, id: string, payload: Uint8Array): void {
    const connection = this.#connections.get(id);
    if (connection === undefined || payload.byteLength === 0) return;
    if (connection.second.at + 1_000 <= now) connection.second = { at: now, messages: 0 };
    connection.second.messages += 1;
    const { messagesPerSecond, heldMessages } = this.#limits;
    const isHeld = connection.purpose !== 'signalling' && connection.proven === undefined;
    if (connection.second.messages > messagesPerSecond || (isHeld && connection.held.length >= heldMessages)) {
      this.#outputs.push({ kind: 'close', connection: id, fault: 'too-many-messages' });
      this.closed(now, id);
    } else if (isHeld) {
      connection.held.push(payload.slice());
    } else {
      this.#read(now, connection, payload);
    }
  }

  /** Whether a connection is protected was found out. */
  proved(now: number, id: string, proof: ConnectionProof): void {
    const connection = this.#connections.get(id);
    const call = connection?.call;
    if (connection === undefined || call === undefined) return;
    const { purpose, ends } = connection;
    const isFirst = connection.proven === undefined;
    connection.proven = proof.proven;
    if (ends !== undefined) {
      this.#tell(call.id, { kind: 'proof', of: purpose === 'signalling' ? purpose : 'h245', ends, proof });
    }
    if (purpose !== 'signalling') {
      this.#letH245(now, call, connection, isFirst);
    } else {
      if (connection.signalling !== undefined) connection.signalling.proven = proof.proven;
      call.endpoint.setProven('signalling', proof.proven);
      this.#letSignalling(now, call);
    }
    this.#pump(now, call);
  }

  /** What protected the connections of this name is gone: nothing of them is proven until it is again. */
  withdraw(now: number, protection: string): void {
    for (const call of this.#calls.values()) {
      if (call.terms.protection !== protection) continue;
      for (const connection of [call.signalling, ...Object.values(call.h245)]) {
        if (connection.proven === true) connection.proven = false;
      }
      if (call.signalling.signalling !== undefined) call.signalling.signalling.proven = false;
      call.endpoint.setProven('signalling', false);
      call.endpoint.setProven('h245', false);
      this.#pump(now, call);
    }
  }

  /** It may be there again: each of its connections that are not proven is asked about. */
  askAgain(protection: string): void {
    for (const call of this.#calls.values()) {
      if (call.terms.protection !== protection) continue;
      for (const { id, proven } of [call.signalling, ...Object.values(call.h245)]) {
        if (proven === false) this.#outputs.push({ kind: 'prove', connection: id, protection });
      }
    }
  }

  poll(): CallsOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTimeout(now: number): void {
    for (let id = this.#deadlines.takeDue(now); id !== undefined; id = this.#deadlines.takeDue(now)) {
      const connection = this.#connections.get(id);
      if (connection === undefined) continue;
      const { call, idleUntil } = connection;
      if (call === undefined) {
        if (idleUntil !== undefined && idleUntil <= now) this.#close(id, 'no-setup');
        continue;
      }
      connection.signalling?.handleTimeout(now);
      if (call.waiting === undefined) call.endpoint.handleTimeout(now);
      this.#pump(now, call);
    }
  }

  #setUp(now: number, connection: Connection, placing: Placing & { readonly call: string }, ends: TcpEnds): void {
    this.#placing.delete(connection.id);
    connection.signalling = this.#signalling(placing.timers, placing.as?.callReference);
    const entity = connection.signalling.call(placing.as?.identity ?? this.#ports.identity());
    const call = this.#call(placing.call, connection, entity, placing, ends);
    this.#tell(call.id, { kind: 'reached', ends });
    const [from, to] = [octetsOfAddress(ends.local), octetsOfAddress(ends.remote)];
    const setup: SetupTerms = {
      ...(from === undefined ? {} : { sourceCallSignalAddress: transportAddress(from) }),
      ...(to === undefined ? {} : { destCallSignalAddress: transportAddress(to) }),
      ...placing.setup,
    };
    this.#wait(now, call, (at) => call.endpoint.setup(at, setup));
    this.#pump(now, call);
  }

  #read(now: number, { purpose, call, signalling, id }: Connection, payload: Uint8Array): void {
    if (signalling === undefined) {
      if (call === undefined || purpose === 'signalling') return;
      call.endpoint.h245Received(now, payload);
      this.#pump(now, call);
      return;
    }
    const decoded = decodeCallSignalling(payload);
    if (decoded.ok) signalling.receive(now, decoded.message);
    else if (decoded.broken !== undefined) signalling.receiveBroken(decoded.broken);
    else signalling.dropped += 1;
    const connection = this.#connections.get(id);
    if (call !== undefined) this.#pump(now, call);
    else if (connection !== undefined) this.#drain(now, connection);
  }

  /** Takes all that a connection and its call have to say, until neither says more. */
  #pump(now: number, call: Call): void {
    const { endpoint, signalling } = call;
    for (let isMore = true; isMore; ) {
      for (let output = endpoint.poll(); output !== undefined; output = endpoint.poll()) {
        switch (output.kind) {
          case 'event':
            this.#tell(call.id, output.event);
            if (output.event.kind === 'released') call.isOver = true;
            break;
          case 'send-h245': {
            const to = call.h245[output.connection];
            if (to !== undefined) this.#outputs.push({ kind: 'send', connection: to.id, payload: output.octets });
            break;
          }
          case 'connect-h245':
            this.#connectH245(call, output.address);
            break;
          case 'close-h245': {
            const closing = call.h245[output.connection];
            if (closing !== undefined) this.#close(closing.id);
            delete call.h245[output.connection];
          }
        }
      }
      isMore = this.#drain(now, signalling);
    }
    if (call.isOver) this.#end(now, call);
    else this.#reckon(signalling);
  }

  /** What call signalling has to say; whether there was anything. */
  #drain(now: number, connection: Connection): boolean {
    const { signalling } = connection;
    let isAny = false;
    for (let output = signalling?.poll(); output !== undefined; output = signalling?.poll()) {
      isAny = true;
      if (output.kind === 'send') {
        const payload = encodeCallSignalling(output.message);
        this.#outputs.push({ kind: 'send', connection: connection.id, payload });
        continue;
      }
      const { call: entity, event } = output;
      const { call } = connection;
      if (call === undefined) this.#offered(now, connection, entity, event);
      else if (call.waiting === undefined) call.endpoint.take(now, event);
      else if (event.kind === 'released') call.isOver = true;
      else call.waiting.push((at) => call.endpoint.take(at, event));
    }
    if (isAny && connection.call?.isOver === true && connection.call.waiting !== undefined) {
      this.#end(now, connection.call);
    }
    return isAny;
  }

  /** Somebody calls. */
  #offered(now: number, connection: Connection, entity: CallEntity, event: CallEvent): void {
    const { ends } = connection;
    if (event.kind !== 'setup' || ends === undefined) return;
    const id = this.#name('call');
    const terms = this.#ports.admit(id, ends, event.setup);
    if ('refuse' in terms) {
      entity.release(terms.refuse);
      this.#drain(now, connection);
      this.#close(connection.id);
      return;
    }
    connection.idleUntil = undefined;
    const call = this.#call(id, connection, entity, terms, ends);
    if (terms.protection !== undefined) {
      // Something of ours has to go through the tunnel before it can be seen there.
      entity.tunnelling = terms.endpoint.tunnelling && event.brought?.h245Tunneling === true;
      if (event.setup.canOverlapSend) entity.acknowledge(now);
      else entity.proceed();
      this.#drain(now, connection);
    }
    this.#wait(now, call, (at) => call.endpoint.take(at, event));
    this.#pump(now, call);
  }

  /** Asks for the proof of call signalling, and does `act` after it; at once where there is nothing to prove. */
  #wait(now: number, call: Call, act: (now: number) => void): void {
    const { protection } = call.terms;
    if (protection === undefined) {
      call.signalling.proven = false;
      act(now);
      return;
    }
    call.waiting = [act];
    this.#outputs.push({ kind: 'prove', connection: call.signalling.id, protection });
  }

  #letSignalling(now: number, call: Call): void {
    const { waiting } = call;
    call.waiting = undefined;
    for (const act of waiting ?? []) act(now);
  }

  #connectH245(call: Call, address: MediaAddress): void {
    const connection = this.#open('outgoing', undefined);
    connection.call = call;
    call.h245.outgoing = connection;
    this.#connect(connection, textOfAddress(address), call.signalling.ends?.local.address, call.terms.protection);
  }

  #proveH245(now: number, call: Call, connection: Connection): void {
    connection.call = call;
    const { protection } = call.terms;
    if (protection !== undefined) {
      this.#outputs.push({ kind: 'prove', connection: connection.id, protection });
      return;
    }
    connection.proven = false;
    this.#letH245(now, call, connection, true);
    this.#pump(now, call);
  }

  /** Proven are the connections for H.245 of a call where each of them is. */
  #letH245(now: number, call: Call, connection: Connection, isFirst: boolean): void {
    const known = Object.values(call.h245).filter(({ proven }) => proven !== undefined);
    call.endpoint.setProven(
      'h245',
      known.every(({ proven }) => proven === true),
    );
    if (!isFirst || connection.purpose === 'signalling') return;
    call.endpoint.h245Opened(now, connection.purpose);
    for (const payload of connection.held.splice(0)) call.endpoint.h245Received(now, payload);
  }

  #call(id: string, signalling: Connection, entity: CallEntity, terms: CallTerms, ends: TcpEnds): Call {
    const listener = this.#ports.listenForH245(id, ends.local.address, terms.protection);
    const h245Listener = listener === undefined ? undefined : octetsOfAddress(listener);
    const options = { ...terms.endpoint, ...(h245Listener === undefined ? {} : { h245Listener }) };
    const endpoint = new CallEndpoint(entity, options);
    const call: Call = { id, signalling, h245: {}, terms, entity, endpoint, waiting: undefined, isOver: false };
    signalling.call = call;
    this.#calls.set(id, call);
    return call;
  }

  /** The call is over: its connections go, after what was said on them. */
  #end(now: number, call: Call): void {
    if (!this.#calls.delete(call.id)) return;
    this.#ports.stopListeningForH245(call.id);
    this.#drain(now, call.signalling);
    for (const { id } of [...Object.values(call.h245), call.signalling]) this.#close(id);
  }

  #signalling(timers = this.#ports.timers, callReference?: number): CallConnection {
    const { identity, drawCallReference } = this.#ports;
    return new CallConnection({
      identity: identity(),
      maxCalls: 1,
      firstCallReference: callReference ?? drawCallReference(),
      ...(timers === undefined ? {} : { timers }),
    });
  }

  #open(purpose: Connection['purpose'], ends: TcpEnds | undefined, id = this.#name('out')): Connection {
    const connection: Connection = {
      id,
      purpose,
      ends,
      call: undefined,
      signalling: undefined,
      proven: undefined,
      held: [],
      second: { at: Number.NEGATIVE_INFINITY, messages: 0 },
      idleUntil: undefined,
    };
    this.#connections.set(id, connection);
    return connection;
  }

  #connect(connection: Connection, to: HostPort, from: string | undefined, protection: string | undefined): void {
    this.#outputs.push({
      kind: 'connect',
      connection: connection.id,
      to,
      ...(from === undefined ? {} : { from }),
      ...(protection === undefined ? {} : { protection }),
    });
  }

  #close(id: string, fault?: ConnectionFault): void {
    if (!this.#connections.has(id)) return;
    this.#forget(id);
    this.#outputs.push({ kind: 'close', connection: id, ...(fault === undefined ? {} : { fault }) });
  }

  #forget(id: string): void {
    this.#connections.delete(id);
    this.#placing.delete(id);
    this.#deadlines.clear(id);
  }

  #reckon(connection: Connection): void {
    if (!this.#connections.has(connection.id)) return;
    const { call, signalling, idleUntil } = connection;
    const all = [call?.endpoint.nextDeadline(), signalling?.nextDeadline(), call === undefined ? idleUntil : undefined];
    const known = all.filter((at) => at !== undefined);
    this.#deadlines.set(connection.id, known.length === 0 ? undefined : Math.min(...known));
  }

  #name(kind: string): string {
    this.#count += 1;
    return `${kind}${this.#count}`;
  }

  #tell(call: string, event: CallsEvent): void {
    this.#outputs.push({ kind: 'event', call, event });
  }
}

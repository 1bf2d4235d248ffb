import { connect, type Socket } from 'node:net';
import type { CallsOutput, ConnectFailure, ConnectionProof } from '../endpoint/endpoint-calls.ts';
import type { HostPort, TcpEnds } from '../endpoint/tcp-ends.ts';
import { endsOf } from './addresses.ts';
import { type H245PortOptions, H245Ports } from './h245-ports.ts';
import { type Listening, listenAt } from './listening.ts';
import { TpktSocket } from './tpkt-socket.ts';

/** Proves, connection by connection, that what goes to a gateway is protected. */
export interface GatewayProtection {
  /** What is seen before a connection begins. */
  baseline(gateway: string): Promise<unknown>;
  /** `before` is what `baseline` gave; `octetsSent` were written to the connection since. */
  prove(gateway: string, signalling: TcpEnds, before: never, octetsSent: number): Promise<ConnectionProof>;
}

export interface H323SocketLimits {
  /** Call signalling connections that others may have open to us. */
  readonly connections: number;
  /** Of these from one address. */
  readonly connectionsPerAddress: number;
  /** Milliseconds for an outgoing connection to come up. */
  readonly connectTimeout: number;
  /** Octets of a TPKT, its header included. */
  readonly longestTpkt: number;
  /** Octets that a peer has not read yet, at most. */
  readonly writeBacklog: number;
  /** Milliseconds that a peer may take to end its side of a connection that we have ended. */
  readonly closingTime: number;
}

export const defaultH323SocketLimits: H323SocketLimits = {
  connections: 2_000,
  connectionsPerAddress: 500,
  connectTimeout: 2_000,
  longestTpkt: 16_384,
  writeBacklog: 262_144,
  closingTime: 2_000,
};

/** Why somebody who connected was turned away. */
export type Turned = 'unknown-address' | 'too-many-connections' | 'too-many-connections-of-one-address';

/** The machine that decides; `EndpointCalls` with the time put in. */
export interface H323SocketsPorts {
  accepted(connection: string, ends: TcpEnds, h245Of?: string): void;
  connected(connection: string, ends: TcpEnds): void;
  failed(connection: string, because: ConnectFailure): void;
  received(connection: string, payload: Uint8Array): void;
  closed(connection: string): void;
  proved(connection: string, proof: ConnectionProof): void;
  /** Whether somebody may connect for call signalling, and under which name that connection is to be proven, if it is. */
  welcome(remote: HostPort, local: HostPort): { readonly protection?: string } | 'refused';
  turnedAway(because: Turned, remote: HostPort): void;
  readonly protection?: GatewayProtection;
  readonly limits?: Partial<H323SocketLimits>;
  readonly h245?: H245PortOptions;
}

interface Seat {
  readonly socket: TpktSocket;
  /** What was seen before it began, or before it was asked about anew; and the octets that were written by then. */
  before: Promise<unknown> | undefined;
  sentBefore: number;
  /** A proof was asked for already. */
  wasAsked: boolean;
}

type SocketOutput = Exclude<CallsOutput, { readonly kind: 'event' }>;

/**
 * The sockets of H.323: listeners and connections of call signalling and of H.245, with what is needed to prove that each
 * of them is protected. They do what they are told, and tell what happens.
 */
export class H323Sockets {
  readonly #ports: H323SocketsPorts;
  readonly #limits: H323SocketLimits;
  readonly #seats = new Map<string, Seat>();
  readonly #connecting = new Map<string, Socket | undefined>();
  readonly #listeners: Listening[] = [];
  readonly #h245 = new Map<string, H245Ports>();
  readonly #h245Of = new Map<string, H245Ports>();
  /** Call signalling connections that others opened, by their address. */
  readonly #guests = new Map<string, number>();
  #guestCount = 0;
  #accepted = 0;
  #stopped = false;

  constructor(ports: H323SocketsPorts) {
    this.#ports = ports;
    this.#limits = { ...defaultH323SocketLimits, ...ports.limits };
  }

  /** Connections that are open. */
  get size(): number {
    return this.#seats.size;
  }

  /**
   * Listens for call signalling; the port is the real one where 0 was asked for.
   *
   * @throws {H323Error} h323.port-in-use, h323.port-not-allowed, h323.no-such-address or h323.listen-failed
   */
  async listen(where: HostPort): Promise<HostPort> {
    const listening = await listenAt(where, (socket) => void this.#guest(socket));
    this.#listeners.push(listening);
    if (where.address !== '0.0.0.0' && where.address !== '::') await this.#h245PortsAt(where.address).prepare();
    return listening.local;
  }

  /** Does what `EndpointCalls` wants done. */
  execute(output: SocketOutput): void {
    switch (output.kind) {
      case 'connect':
        void this.#connect(output);
        return;
      case 'send':
        this.#seats.get(output.connection)?.socket.send(output.payload);
        return;
      case 'close':
        this.#close(output.connection);
        return;
      case 'prove':
        void this.#prove(output.connection, output.protection);
    }
  }

  /** A port for H.245 of a call: what `CallsPorts` asks for. */
  listenForH245(call: string, address: string, protection: string | undefined): HostPort | undefined {
    const ports = this.#h245PortsAt(address);
    const before = this.#baseline(protection);
    const local = ports.take(call, (socket) => {
      socket.on('error', () => {});
      this.#seatGuest(socket, before, call);
    });
    if (local !== undefined) this.#h245Of.set(call, ports);
    return local;
  }

  stopListeningForH245(call: string): void {
    this.#h245Of.get(call)?.release(call);
    this.#h245Of.delete(call);
  }

  stop(): void {
    this.#stopped = true;
    for (const listener of this.#listeners) listener.close();
    for (const ports of this.#h245.values()) ports.close();
    for (const socket of this.#connecting.values()) socket?.destroy();
    for (const { socket } of this.#seats.values()) socket.destroy();
  }

  async #guest(socket: Socket): Promise<void> {
    const ends = endsOf(socket);
    const { address } = ends.remote;
    socket.on('error', () => {});
    const turned = this.#turned(address);
    const welcome = turned === undefined ? this.#ports.welcome(ends.remote, ends.local) : 'refused';
    if (welcome === 'refused') {
      socket.destroy();
      this.#ports.turnedAway(turned ?? 'unknown-address', ends.remote);
      return;
    }
    this.#guestCount += 1;
    this.#guests.set(address, (this.#guests.get(address) ?? 0) + 1);
    socket.once('close', () => this.#guestLeft(address));
    const before = this.#baseline(welcome.protection);
    // Nothing of it is read, so nothing is answered, before the counters were.
    await before?.catch(() => {});
    if (socket.destroyed || this.#stopped) socket.destroy();
    else this.#seatGuest(socket, before);
  }

  #turned(address: string): Turned | undefined {
    const { connections, connectionsPerAddress } = this.#limits;
    if ((this.#guests.get(address) ?? 0) >= connectionsPerAddress) return 'too-many-connections-of-one-address';
    return this.#guestCount >= connections ? 'too-many-connections' : undefined;
  }

  #guestLeft(address: string): void {
    this.#guestCount -= 1;
    const left = (this.#guests.get(address) ?? 1) - 1;
    if (left === 0) this.#guests.delete(address);
    else this.#guests.set(address, left);
  }

  #seatGuest(socket: Socket, before: Promise<unknown> | undefined, h245Of?: string): void {
    this.#accepted += 1;
    const id = `in${this.#accepted}`;
    const { ends } = this.#seat(id, socket, before);
    this.#ports.accepted(id, ends, h245Of);
  }

  async #connect({ connection, to, from, protection }: Extract<CallsOutput, { kind: 'connect' }>): Promise<void> {
    this.#connecting.set(connection, undefined);
    const before = this.#baseline(protection);
    await before?.catch(() => {});
    if (this.#stopped || !this.#connecting.has(connection)) return;
    const { connectTimeout } = this.#limits;
    const socket = connect({ host: to.address, port: to.port, ...(from === undefined ? {} : { localAddress: from }) });
    this.#connecting.set(connection, socket);
    const timer = setTimeout(() => fails('silent'), connectTimeout);
    const fails = (because: ConnectFailure) => {
      clearTimeout(timer);
      socket.destroy();
      if (this.#connecting.delete(connection)) this.#ports.failed(connection, because);
    };
    socket.on('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      fails(code === 'ECONNREFUSED' ? 'refused' : code === 'ETIMEDOUT' ? 'silent' : 'failed');
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      if (!this.#connecting.delete(connection)) return;
      const { ends } = this.#seat(connection, socket, before);
      this.#ports.connected(connection, ends);
    });
  }

  async #prove(connection: string, protection: string): Promise<void> {
    const seat = this.#seats.get(connection);
    if (seat === undefined) return;
    const proof = await this.#proofOf(seat, protection);
    if (this.#seats.get(connection) === seat) this.#ports.proved(connection, proof);
  }

  async #proofOf(seat: Seat, name: string): Promise<ConnectionProof> {
    const { protection } = this.#ports;
    if (protection === undefined || seat.before === undefined) return nothingToProveWith;
    try {
      if (seat.wasAsked) await this.#beginAnew(seat, name);
      seat.wasAsked = true;
      const sent = seat.socket.octetsSent - seat.sentBefore;
      return await protection.prove(name, seat.socket.ends, (await seat.before) as never, sent);
    } catch (error) {
      return { proven: false, message: error instanceof Error ? error.message : 'the proof failed' };
    }
  }

  /**
   * A tunnel that came back counts from nothing, and what was tried meanwhile was dropped: what is to be seen is what goes from
   * now on. An empty TPKT, which other stacks send to keep a connection alive (H.460.18), goes first, so that there is
   * something to see.
   */
  async #beginAnew(seat: Seat, name: string): Promise<void> {
    seat.before = this.#baseline(name);
    await seat.before;
    seat.sentBefore = seat.socket.octetsSent;
    seat.socket.send(new Uint8Array(0));
  }

  /** What is seen before a connection begins. What cannot be read makes no proof later. */
  #baseline(protection: string | undefined): Promise<unknown> | undefined {
    if (protection === undefined) return undefined;
    const before = this.#ports.protection?.baseline(protection);
    before?.catch(() => {});
    return before;
  }

  /** From here on what comes by it is read. */
  #seat(id: string, socket: Socket, before: Promise<unknown> | undefined): TpktSocket {
    const tpkt = new TpktSocket(socket, this.#limits, {
      received: (payload) => this.#ports.received(id, payload),
      closed: () => {
        if (this.#seats.delete(id)) this.#ports.closed(id);
      },
    });
    this.#seats.set(id, { socket: tpkt, before, sentBefore: 0, wasAsked: false });
    return tpkt;
  }

  #close(connection: string): void {
    const seat = this.#seats.get(connection);
    this.#seats.delete(connection);
    seat?.socket.close();
    this.#connecting.get(connection)?.destroy();
    this.#connecting.delete(connection);
  }

  #h245PortsAt(address: string): H245Ports {
    const known = this.#h245.get(address);
    if (known !== undefined) return known;
    const ports = new H245Ports(address, this.#ports.h245 ?? { ready: 4 });
    this.#h245.set(address, ports);
    return ports;
  }
}

const nothingToProveWith: ConnectionProof = {
  proven: false,
  message: 'there is nothing here that could prove it',
};

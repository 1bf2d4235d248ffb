import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { SipError } from '../error.ts';
import type { SipFlow, SipHostPort } from '../flow.ts';
import { DEFAULT_SIP_LIMITS, type SipLimits } from '../message/limits.ts';
import type { SipMessage } from '../message/types.ts';
import { hostPort } from './address.ts';
import { Admission } from './admission.ts';
import { monotonicNow } from './clock.ts';
import type { FlowCloseReason, SipTransportEvent } from './events.ts';
import { connectFailure } from './failures.ts';
import type { FlowOwner, OpenFlow } from './flow-owner.ts';
import { defaultSipTransportLimits, type SipTransportLimits } from './limits.ts';
import { type KeepAlive, StreamFlow } from './stream-flow.ts';
import { StreamListener } from './stream-listener.ts';
import { TlsDoor } from './tls-door.ts';
import { judgeConnection, type TlsFacts, type TlsJudge, tlsFacts } from './tls-judgement.ts';
import { type UdpFlow, UdpSocket } from './udp-socket.ts';
import { WebSocketDoor } from './web-socket-door.ts';
import { WebSocketFlow } from './web-socket-flow.ts';

/** Who is at the other end of a flow, as far as the transport knows. */
export type FlowIdentity<Peer> =
  /** Proved by TLS and accepted by the judge. */
  | { readonly kind: 'judged'; readonly peer: Peer; readonly tls: TlsFacts }
  /** UDP and TCP prove nothing. */
  | { readonly kind: 'unknown' };

export interface SipTransportHubOptions<Peer> {
  readonly onMessage: (flow: SipFlow, message: SipMessage) => void;
  readonly onFlowOpen?: (flow: SipFlow, identity: FlowIdentity<Peer>) => void;
  readonly onFlowClosed?: (flow: SipFlow, reason: FlowCloseReason) => void;
  readonly onEvent?: (event: SipTransportEvent) => void;
  readonly limits?: Partial<SipTransportLimits>;
  readonly messageLimits?: SipLimits;
}

export interface SipListener {
  readonly local: SipHostPort;
  /** Takes nobody in any more. Connections stay open; UDP flows end with their socket. */
  readonly close: () => void;
}

export interface TlsListener extends SipListener {
  /** New certificates or suites for connections from now on. */
  readonly setSecureContext: (options: SecureContextOptions) => void;
}

export interface UdpListener extends SipListener {
  /**
   * The flow from this socket to a remote address, which must be an IP address. `keepAlive` asks it by STUN whether it is
   * there still (RFC 5626 §4.4.2).
   *
   * @throws {SipError} `sip.too-many-flows`
   */
  readonly flowTo: (remote: SipHostPort, options?: { readonly keepAlive?: boolean }) => SipFlow;
}

export interface TlsListenOptions<Peer> extends SipHostPort {
  readonly secureContextOptions: SecureContextOptions;
  readonly judge: TlsJudge<Peer>;
}

export interface WebSocketListenOptions extends SipHostPort {
  readonly secureContextOptions: SecureContextOptions;
  /** Web origins (RFC 6454) whose pages may connect, for instance `https://phone.example`. */
  readonly origins: readonly string[];
}

export interface TcpConnectOptions extends SipHostPort {
  readonly keepAlive?: KeepAlive;
}

export interface TlsConnectOptions<Peer> extends TcpConnectOptions {
  readonly secureContextOptions: SecureContextOptions;
  /** The name asked for (SNI); the host by default, unless it is an IP address. */
  readonly serverName?: string;
  readonly judge: TlsJudge<Peer>;
}

/** A connection from the moment it was accepted. */
interface Guest {
  readonly socket: Socket;
  readonly local: SipHostPort;
  readonly remote: SipHostPort;
  flow: OpenFlow | undefined;
  /** It had to leave for another; that has been said, and its end is no news. */
  evicted: boolean;
}

/** How often the flows' timeouts are looked after. */
const inspectionInterval = 1_000;

/** Unique in this process, whatever hub it belongs to. */
let lastFlowNumber = 0;

function newFlowId(transport: SipFlow['transport']): string {
  lastFlowNumber += 1;
  return `${transport}-${lastFlowNumber}`;
}

/**
 * All sockets of one node: listeners and connections in, flows and messages out. What the core wants
 * to send goes in by {@link send}; nothing here knows what a transaction is.
 */
export class SipTransportHub<Peer = never> {
  readonly #options: SipTransportHubOptions<Peer>;
  readonly #limits: SipTransportLimits;
  readonly #messageLimits: SipLimits;
  readonly #flows = new Map<string, OpenFlow & { authenticate(): void }>();
  readonly #guests: Admission<Guest>;
  readonly #guestOfFlow = new Map<string, Guest>();
  readonly #datagramFlows: Admission<UdpFlow>;
  readonly #listeners = new Set<() => void>();
  readonly #owner: FlowOwner;
  readonly #inspection: NodeJS.Timeout;
  #badMessages = 0;
  #closed = false;

  constructor(options: SipTransportHubOptions<Peer>) {
    this.#options = options;
    this.#limits = { ...defaultSipTransportLimits, ...options.limits };
    this.#messageLimits = options.messageLimits ?? DEFAULT_SIP_LIMITS;
    const { connections, unauthenticatedConnections, datagramFlows } = this.#limits;
    this.#guests = new Admission(connections, ({ remote }) => remote.host, unauthenticatedConnections);
    this.#datagramFlows = new Admission(datagramFlows, ({ flow }) => flow.remote.host);
    this.#owner = {
      message: (flow, message) => options.onMessage(flow, message),
      badMessage: (flow, error) => {
        this.#badMessages += 1;
        this.#event({ kind: 'bad-message', flow, error });
      },
      closed: (flow, reason) => this.#forget(flow, reason),
    };
    this.#inspection = setInterval(() => {
      const now = monotonicNow();
      for (const flow of [...this.#flows.values()]) flow.inspect(now);
    }, inspectionInterval).unref();
  }

  /** Counters for status lines. */
  get status(): { readonly flows: number; readonly connections: number; readonly badMessages: number } {
    return { flows: this.#flows.size, connections: this.#guests.size, badMessages: this.#badMessages };
  }

  /** @throws {SipError} `sip.port-in-use`, `sip.port-not-allowed`, `sip.no-such-address` or `sip.listen-failed`. */
  async listenUdp(where: SipHostPort): Promise<UdpListener> {
    const socket = await UdpSocket.open(where, {
      owner: this.#owner,
      admit: (flow) => this.#admitDatagramFlow(flow),
      newFlowId: () => newFlowId('udp'),
      failed: (error) => this.#event({ kind: 'listener-failed', local: where, reason: error.message }),
      limits: this.#limits,
      messageLimits: this.#messageLimits,
    });
    const flowTo: UdpListener['flowTo'] = (remote, { keepAlive = false } = {}) => {
      const opened = socket.flowTo(remote);
      if (opened !== undefined) {
        // We chose to talk to it: no stranger's datagram may push it out.
        this.authenticate(opened.flow.id);
        if (keepAlive) opened.keepAlive(() => randomBytes(12));
        return opened.flow;
      }
      throw new SipError('sip.too-many-flows', `There is no room for a flow to ${remote.host}`, {
        nextStep: 'Raise the limit of UDP flows, or use TLS.',
      });
    };
    return { local: socket.local, flowTo, close: this.#listener(() => socket.close()) };
  }

  /** @throws {SipError} `sip.port-in-use`, `sip.port-not-allowed`, `sip.no-such-address` or `sip.listen-failed`. */
  async listenTcp(where: SipHostPort): Promise<SipListener> {
    const listener = await StreamListener.open(
      'tcp',
      where,
      (socket, local, remote) => {
        const guest = this.#welcome(socket, local, remote);
        if (guest !== undefined) this.#seat(guest, 'tcp', socket, { kind: 'unknown' });
      },
      (error) => this.#event({ kind: 'listener-failed', local: where, reason: error.message }),
    );
    return { local: listener.local, close: this.#listener(() => listener.close()) };
  }

  /** @throws {SipError} `sip.port-in-use`, `sip.port-not-allowed`, `sip.no-such-address` or `sip.listen-failed`. */
  async listenTls(options: TlsListenOptions<Peer>): Promise<TlsListener> {
    const { handshakes, handshakeTimeout } = this.#limits;
    const door = new TlsDoor<Peer>({ ...options, handshakes, handshakeTimeout });
    const listener = await StreamListener.open(
      'tls',
      options,
      (raw, local, remote) => {
        const guest = this.#welcome(raw, local, remote);
        if (guest === undefined) return;
        door.take({
          raw,
          local,
          remote,
          waits: (isWaiting) => (isWaiting ? this.#guests.wait(guest) : this.#guests.waitNoMore(guest)),
          admit: (socket, peer, tls) => {
            this.#guests.prove(guest);
            this.#seat(guest, 'tls', socket, { kind: 'judged', peer, tls });
          },
          refuse: (reason) => this.#turnAway(guest, local, remote, reason),
        });
      },
      (error) => this.#event({ kind: 'listener-failed', local: options, reason: error.message }),
    );
    return this.#behindDoor(listener, door);
  }

  /**
   * SIP over WebSockets over TLS (RFC 7118), for pages of the web origins named. Its users prove themselves by digest.
   *
   * @throws {SipError} `sip.port-in-use`, `sip.port-not-allowed`, `sip.no-such-address` or `sip.listen-failed`.
   */
  async listenWebSocket(options: WebSocketListenOptions): Promise<TlsListener> {
    const { handshakes, handshakeTimeout } = this.#limits;
    const maximumMessage = this.#messageLimits.head + this.#messageLimits.body;
    const door = new WebSocketDoor({ ...options, handshakes, handshakeTimeout, maximumMessage });
    const listener = await StreamListener.open(
      'tls',
      options,
      (raw, local, remote) => {
        const guest = this.#welcome(raw, local, remote);
        if (guest === undefined) return;
        door.take({
          raw,
          admit: (socket) => {
            const flow = { id: newFlowId('wss'), transport: 'wss', local, remote } as const;
            this.#guestOfFlow.set(flow.id, guest);
            const limits = { limits: this.#limits, messageLimits: this.#messageLimits };
            const opened = new WebSocketFlow(flow, socket, this.#owner, limits);
            this.#flows.set(flow.id, opened);
            guest.flow = opened;
            this.#options.onFlowOpen?.(flow, { kind: 'unknown' });
          },
          refuse: (reason) => this.#turnAway(guest, local, remote, reason),
        });
      },
      (error) => this.#event({ kind: 'listener-failed', local: options, reason: error.message }),
    );
    return this.#behindDoor(listener, door);
  }

  /** A door did not let him in. */
  #turnAway(guest: Guest, local: SipHostPort, remote: SipHostPort, reason: string): void {
    this.#guests.remove(guest);
    if (guest.evicted || this.#closed) return;
    this.#event({ kind: 'handshake-refused', local, remote, reason });
  }

  #behindDoor(listener: StreamListener, door: Pick<TlsListener, 'setSecureContext'>): TlsListener {
    return {
      local: listener.local,
      setSecureContext: (context) => door.setSecureContext(context),
      close: this.#listener(() => listener.close()),
    };
  }

  /** @throws {SipError} `sip.connect-refused`, `sip.connect-timeout` or `sip.connect-failed`. */
  async connectTcp(options: TcpConnectOptions): Promise<SipFlow> {
    const socket = connectTcp({ host: options.host, port: options.port });
    await this.#established(socket, 'connect', 'tcp', options);
    return this.#openOutgoing('tcp', socket, options, { kind: 'unknown' });
  }

  /**
   * Opens a TLS connection, judging the server's certificate before anything is said.
   *
   * @throws {SipError} `sip.connect-refused`, `sip.connect-timeout`, `sip.connect-failed`, or
   * `sip.server-refused` with the judge's reason.
   */
  async connectTls(options: TlsConnectOptions<Peer>): Promise<SipFlow> {
    const serverName = options.serverName ?? (isIP(options.host) === 0 ? options.host : undefined);
    const connection: ConnectionOptions = {
      minVersion: 'TLSv1.2',
      ...options.secureContextOptions,
      host: options.host,
      port: options.port,
      ...(serverName === undefined ? {} : { servername: serverName }),
      // The judge decides: node:tls would refuse without saying enough, and knows no trust list.
      rejectUnauthorized: false,
    };
    const socket: TLSSocket = connectTls(connection);
    await this.#established(socket, 'secureConnect', 'tls', options);
    const local = hostPort(socket.localAddress, socket.localPort);
    const facts = tlsFacts(socket, local, hostPort(socket.remoteAddress, socket.remotePort));
    const judgement = await judgeConnection(options.judge, socket, facts);
    if (!judgement.accepted) {
      socket.destroy();
      throw new SipError('sip.server-refused', `The server ${options.host} is not trusted: ${judgement.reason}`, {
        nextStep: judgement.nextStep ?? 'Compare its certificate with the trust bundle of this device.',
      });
    }
    return this.#openOutgoing('tls', socket, options, { kind: 'judged', peer: judgement.peer, tls: facts });
  }

  /**
   * Sends the octets of one message. False when the flow is gone, or is closed now because the far end
   * reads too slowly: tell the endpoint by `flowClosed`.
   */
  send(flowId: string, bytes: Uint8Array): boolean {
    return this.#flows.get(flowId)?.send(bytes) ?? false;
  }

  /** Whoever is at the other end has proved who it is in SIP (digest): it leaves last, and may be silent for long. */
  authenticate(flowId: string): void {
    const guest = this.#guestOfFlow.get(flowId);
    if (guest !== undefined) this.#guests.prove(guest);
    const flow = this.#flows.get(flowId);
    if (flow?.flow.transport === 'udp') this.#datagramFlows.prove(flow as UdpFlow);
    flow?.authenticate();
  }

  closeFlow(flowId: string): void {
    this.#flows.get(flowId)?.close('closed-by-us');
  }

  /** Closes every listener, connection and flow. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#inspection);
    for (const close of [...this.#listeners]) close();
    for (const flow of [...this.#flows.values()]) flow.close('closed-by-us');
    for (const guest of this.#guests.members()) guest.socket.destroy();
  }

  /** Counts a new connection in, making room for it if there is none; undefined when it was turned away. */
  #welcome(socket: Socket, local: SipHostPort, remote: SipHostPort): Guest | undefined {
    // Until somebody listens, an error would end the process.
    socket.on('error', () => {});
    const leaving = this.#guests.whoLeaves(remote.host);
    const { connections, unauthenticatedConnections } = this.#limits;
    if (leaving === 'full') {
      socket.destroy();
      const reason = `the limit of ${connections} connections is reached and all of them are authenticated, or about to be`;
      this.#event({ kind: 'connection-refused', local, remote, reason });
      return undefined;
    }
    if (leaving !== undefined) {
      this.#guests.remove(leaving);
      leaving.evicted = true;
      if (leaving.flow === undefined) leaving.socket.destroy();
      else leaving.flow.close('connection-limit');
      const isFull = this.#guests.size + 1 >= connections;
      const limit = isFull ? `${connections} connections` : `${unauthenticatedConnections} unauthenticated connections`;
      const reason = `the limit of ${limit} is reached, and this was the oldest that had not proved who it is, of the address that has most of them`;
      this.#event({ kind: 'connection-refused', local: leaving.local, remote: leaving.remote, reason });
    }
    const guest: Guest = { socket, local, remote, flow: undefined, evicted: false };
    this.#guests.add(guest);
    socket.once('close', () => this.#guests.remove(guest));
    return guest;
  }

  /** Opens the flow of an accepted connection. */
  #seat(guest: Guest, transport: 'tcp' | 'tls', socket: Socket, identity: FlowIdentity<Peer>): void {
    const flow = { id: newFlowId(transport), transport, local: guest.local, remote: guest.remote };
    this.#guestOfFlow.set(flow.id, guest);
    const opened = this.#open(flow, socket, 'server', undefined);
    guest.flow = opened;
    if (identity.kind === 'judged') opened.authenticate();
    this.#options.onFlowOpen?.(flow, identity);
  }

  #openOutgoing(
    transport: 'tcp' | 'tls',
    socket: Socket,
    options: TcpConnectOptions,
    identity: FlowIdentity<Peer>,
  ): SipFlow {
    const local = hostPort(socket.localAddress, socket.localPort);
    const remote = hostPort(socket.remoteAddress, socket.remotePort);
    if (socket.destroyed || this.#closed) {
      socket.destroy();
      throw connectFailure(transport, options, new Error('the connection was closed at once'));
    }
    const flow = { id: newFlowId(transport), transport, local, remote };
    // We chose to connect there.
    this.#open(flow, socket, 'client', options.keepAlive).authenticate();
    this.#options.onFlowOpen?.(flow, identity);
    return flow;
  }

  #open(flow: SipFlow, socket: Socket, role: 'server' | 'client', keepAlive: KeepAlive | undefined): StreamFlow {
    const opened = new StreamFlow(flow, socket, this.#owner, {
      role,
      limits: this.#limits,
      messageLimits: this.#messageLimits,
      keepAlive,
    });
    this.#flows.set(flow.id, opened);
    return opened;
  }

  async #established(socket: Socket, event: string, transport: 'tcp' | 'tls', where: SipHostPort): Promise<void> {
    // An error after this wait is the flow's business; without a listener it would end the process.
    socket.on('error', () => {});
    try {
      await once(socket, event, { signal: AbortSignal.timeout(this.#limits.connectTimeout) });
    } catch (cause) {
      socket.destroy();
      const timedOut = cause instanceof Error && cause.name === 'AbortError';
      throw connectFailure(transport, where, timedOut ? Object.assign(new Error(), { code: 'ETIMEDOUT' }) : cause);
    }
  }

  #admitDatagramFlow(flow: UdpFlow): boolean {
    const leaving = this.#datagramFlows.whoLeaves(flow.flow.remote.host);
    if (leaving === 'full') return false;
    leaving?.close('connection-limit');
    this.#datagramFlows.add(flow);
    this.#flows.set(flow.flow.id, flow);
    this.#options.onFlowOpen?.(flow.flow, { kind: 'unknown' });
    return true;
  }

  #forget(flow: SipFlow, reason: FlowCloseReason): void {
    const opened = this.#flows.get(flow.id);
    this.#flows.delete(flow.id);
    if (flow.transport === 'udp' && opened !== undefined) this.#datagramFlows.remove(opened as UdpFlow);
    const guest = this.#guestOfFlow.get(flow.id);
    this.#guestOfFlow.delete(flow.id);
    if (guest !== undefined) this.#guests.remove(guest);
    this.#options.onFlowClosed?.(flow, reason);
  }

  #listener(close: () => void): () => void {
    const once = (): void => {
      if (this.#listeners.delete(once)) close();
    };
    this.#listeners.add(once);
    return once;
  }

  #event(event: SipTransportEvent): void {
    this.#options.onEvent?.(event);
  }
}

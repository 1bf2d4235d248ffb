import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4, isIPv6 } from 'node:net';
import type { SipFlow, SipHostPort } from '../flow.ts';
import type { SipLimits } from '../message/limits.ts';
import { parseDatagram } from '../message/parse.ts';
import { validateMessage } from '../message/validate.ts';
import { addressText, hostPort } from './address.ts';
import { monotonicNow } from './clock.ts';
import type { FlowCloseReason } from './events.ts';
import { listenFailure } from './failures.ts';
import type { FlowOwner, OpenFlow } from './flow-owner.ts';
import type { SipTransportLimits } from './limits.ts';
import { isWildcard, ownAddressTowards } from './own-address.ts';
import { refusalOf } from './refusal.ts';
import { isStunBindingResponse, mappedAddressIn, stunBindingRequest, stunBindingResponse } from './stun.ts';

export interface UdpSocketOptions {
  readonly owner: FlowOwner;
  /** Asked when a new remote address appears; false turns it away. */
  readonly admit: (flow: UdpFlow) => boolean;
  readonly newFlowId: () => string;
  readonly failed: (error: Error) => void;
  readonly limits: SipTransportLimits;
  readonly messageLimits: SipLimits;
}

/** Octets that may wait to be read, as far as the system grants it: a burst of phones is not to be lost. */
const receiveBuffer = 4_194_304;

/** From one question to the next: 24 to 29 s (RFC 5626 §4.4.2); and while it is unanswered. In milliseconds. */
const pingInterval = 29_000;
const firstRepeat = 1_000;
/** Doubling each time, they take half a minute. */
const mostTries = 5;

/**
 * What is sent to an address that has proved nothing, over what came from there. A sender can be pretended: whoever is
 * pretended must not be sent much more than it cost to pretend. A true phone sends again and has its answer then.
 */
const mostAmplification = 1.5;

/** One UDP socket; each remote address on it is a flow. */
export class UdpSocket {
  readonly #socket: Socket;
  readonly #options: UdpSocketOptions;
  readonly #flows = new Map<string, UdpFlow>();
  /** Where it is bound; the port is the real one when 0 was asked for. */
  readonly local: SipHostPort;

  private constructor(socket: Socket, local: SipHostPort, options: UdpSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.local = local;
    socket.on('error', options.failed);
    socket.on('message', (bytes: Uint8Array, from) => this.#receive(bytes, hostPort(from.address, from.port)));
  }

  /** @throws {SipError} `sip.port-in-use`, `sip.port-not-allowed`, `sip.no-such-address` or `sip.listen-failed`. */
  static async open(where: SipHostPort, options: UdpSocketOptions): Promise<UdpSocket> {
    const socket = createSocket({
      type: isIPv6(where.host) ? 'udp6' : 'udp4',
      recvBufferSize: receiveBuffer,
      // Addresses are addresses here: asking the system about each, for each datagram, takes as long as sending it.
      lookup: (host, _options, found) => found(null, host, isIPv6(host) ? 6 : 4),
    });
    try {
      const listening = once(socket, 'listening'); // it may be so before `bind` returns
      socket.bind(where.port, where.host);
      await listening;
    } catch (cause) {
      socket.close();
      throw listenFailure('udp', where, cause);
    }
    return new UdpSocket(socket, { host: where.host, port: socket.address().port }, options);
  }

  /** The flow to a remote address, undefined when there is no room for it. */
  flowTo(remote: SipHostPort): UdpFlow | undefined {
    const key = addressText(remote);
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const flow: SipFlow = {
      id: this.#options.newFlowId(),
      transport: 'udp',
      local: this.#localTowards(remote),
      remote,
    };
    const opened = new UdpFlow(flow, this.#options, this.#socket, () => this.#flows.delete(key));
    if (!this.#options.admit(opened)) return undefined;
    this.#flows.set(key, opened);
    return opened;
  }

  close(): void {
    for (const flow of [...this.#flows.values()]) flow.close('closed-by-us');
    this.#socket.close();
  }

  #localTowards(remote: SipHostPort): SipHostPort {
    const { host, port } = this.local;
    return isWildcard(host) ? { host: ownAddressTowards(remote.host), port } : this.local;
  }

  #receive(bytes: Uint8Array, remote: SipHostPort): void {
    // Line breaks alone are a keep-alive of the kind that RFC 5626 replaced, and still common.
    if (bytes.every((octet) => octet === 13 || octet === 10 || octet === 0)) {
      this.#flows.get(addressText(remote))?.heard();
      return;
    }
    const stun = stunBindingResponse(bytes, remote);
    if (stun !== undefined) {
      const asking = this.#flows.get(addressText(remote));
      asking?.heard();
      // A bare question is shorter than two thirds of its answer: only a phone that has proved who it is gets that.
      if (asking?.isAuthenticated !== true && stun.length > mostAmplification * bytes.length) return;
      this.#socket.send(stun, remote.port, socketAddress(this.#socket, remote.host), () => {});
      return;
    }
    if (isStunBindingResponse(bytes)) {
      this.#flows.get(addressText(remote))?.pong(bytes);
      return;
    }
    const opened = this.flowTo(remote);
    if (opened === undefined) return;
    opened.heard(bytes.length);
    const parsed = parseDatagram(bytes, this.#options.messageLimits);
    const failure = parsed.ok ? validateMessage(parsed.message) : parsed;
    if (parsed.ok && failure === undefined) {
      this.#options.owner.message(opened.flow, parsed.message);
    } else if (failure !== undefined) {
      this.#options.owner.badMessage(opened.flow, failure.error);
      const refusal = refusalOf(failure);
      if (refusal !== undefined) opened.send(refusal);
    }
  }
}

/** One remote address on one UDP socket. */
export class UdpFlow implements OpenFlow {
  readonly flow: SipFlow;
  readonly #options: UdpSocketOptions;
  readonly #socket: Socket;
  readonly #forget: () => void;
  /** As the socket takes it; asking for that costs a system call. */
  #address: string | undefined;
  #lastHeard = monotonicNow();
  #authenticated = false;
  #newTransaction: (() => Uint8Array) | undefined;
  #nextPing = Number.POSITIVE_INFINITY;
  /** The transaction that is not answered yet, and how often it was sent. */
  #asked: Uint8Array | undefined;
  #tries = 0;
  #mappedAddress: Uint8Array | undefined;
  #closed = false;
  /** Octets that may be sent before it has proved who it is. */
  #allowance = 0;

  constructor(flow: SipFlow, options: UdpSocketOptions, socket: Socket, forget: () => void) {
    this.flow = flow;
    this.#options = options;
    this.#socket = socket;
    this.#forget = forget;
  }

  /** @param octets of a message; none for what keeps the flow alive */
  heard(octets = 0): void {
    this.#lastHeard = monotonicNow();
    if (!this.#authenticated) this.#allowance += mostAmplification * octets;
  }

  authenticate(): void {
    this.#authenticated = true;
  }

  get isAuthenticated(): boolean {
    return this.#authenticated;
  }

  /** Asks by STUN from now on whether the far end is there, and where it sees us (RFC 5626 §4.4.2). */
  keepAlive(random: () => Uint8Array): void {
    this.#newTransaction = random;
    this.#nextPing = monotonicNow();
  }

  /** The answer to such a question. */
  pong(bytes: Uint8Array): void {
    const address = this.#asked === undefined ? undefined : mappedAddressIn(bytes, this.#asked);
    if (address === undefined) return;
    this.heard();
    this.#asked = undefined;
    this.#nextPing = this.#lastHeard + pingInterval * (0.8 + 0.2 * Math.random());
    const before = this.#mappedAddress;
    this.#mappedAddress = address;
    // "If the XOR-MAPPED-ADDRESS [...] changes, the UA MUST treat this event as a failure on the flow."
    const isSame = before === undefined || before.every((octet, at) => octet === address[at]);
    if (!isSame) this.close('address-changed');
  }

  #ping(now: number): void {
    // A server that has never answered may not know STUN: its silence says nothing.
    if (this.#asked !== undefined && this.#tries >= mostTries) {
      if (this.#mappedAddress !== undefined) {
        this.close('no-pong');
        return;
      }
      this.#asked = undefined;
    }
    if (this.#asked === undefined) this.#tries = 0;
    this.#asked ??= this.#newTransaction?.();
    if (this.#asked === undefined) return;
    this.#tries += 1;
    this.#nextPing = now + firstRepeat * 2 ** (this.#tries - 1);
    this.send(stunBindingRequest(this.#asked));
  }

  send(bytes: Uint8Array): boolean {
    if (this.#closed) return false;
    if (!this.#authenticated) {
      if (bytes.length > this.#allowance) return true; // as lost as any datagram may be
      this.#allowance -= bytes.length;
    }
    // An ICMP answer to an earlier datagram says nothing certain about the next: the timers decide.
    const { host, port } = this.flow.remote;
    this.#address ??= socketAddress(this.#socket, host);
    this.#socket.send(bytes, port, this.#address, () => {});
    return true;
  }

  close(reason: FlowCloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    this.#options.owner.closed(this.flow, reason);
  }

  inspect(now: number): void {
    const { idleTimeout, unauthenticatedIdleTimeout } = this.#options.limits;
    if (now - this.#lastHeard > (this.#authenticated ? idleTimeout : unauthenticatedIdleTimeout)) this.close('idle');
    else if (now >= this.#nextPing) this.#ping(now);
  }
}

/** An IPv6 socket that is bound to every address reaches IPv4 too, by mapped addresses (RFC 4291 §2.5.5.2, RFC 3493 §3.7). */
function socketAddress(socket: Socket, host: string): string {
  return isIPv4(host) && socket.address().family === 'IPv6' ? `::ffff:${host}` : host;
}

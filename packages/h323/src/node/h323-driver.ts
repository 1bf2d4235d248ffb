import type { CallEndpoint } from '../endpoint/call-endpoint.ts';
import { type CallsEvent, type CallsPorts, EndpointCalls, type Placing } from '../endpoint/endpoint-calls.ts';
import type { HostPort, TcpEnds } from '../endpoint/tcp-ends.ts';
import { H323Sockets, type H323SocketsPorts } from './h323-sockets.ts';

export interface H323DriverOptions
  extends Omit<CallsPorts, 'listenForH245' | 'stopListeningForH245' | 'limits'>,
    Pick<H323SocketsPorts, 'welcome' | 'turnedAway' | 'protection' | 'h245'> {
  readonly callLimits?: CallsPorts['limits'];
  readonly socketLimits?: H323SocketsPorts['limits'];
  /** What becomes of a call. It may give commands at once. */
  happened(call: string, event: CallsEvent): void;
}

/** `EndpointCalls` over real sockets and with a real clock: calls over H.323 for a program that makes and takes them. */
export class H323Driver {
  readonly #options: H323DriverOptions;
  readonly #calls: EndpointCalls;
  readonly #sockets: H323Sockets;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #stopped = false;

  constructor(options: H323DriverOptions) {
    const { identity, drawCallReference, admit, timers, callLimits, socketLimits, happened: _, ...rest } = options;
    this.#options = options;
    this.#calls = new EndpointCalls({
      identity,
      drawCallReference,
      admit,
      ...(timers === undefined ? {} : { timers }),
      ...(callLimits === undefined ? {} : { limits: callLimits }),
      listenForH245: (call, address, protection) => this.#sockets.listenForH245(call, address, protection),
      stopListeningForH245: (call) => this.#sockets.stopListeningForH245(call),
    });
    const calls = this.#calls;
    this.#sockets = new H323Sockets({
      ...rest,
      ...(socketLimits === undefined ? {} : { limits: socketLimits }),
      accepted: (id, ends, h245Of) => this.#does((now) => calls.accepted(now, id, ends, h245Of)),
      connected: (id, ends) => this.#does((now) => calls.connected(now, id, ends)),
      failed: (id, because) => this.#does((now) => calls.failed(now, id, because)),
      received: (id, payload) => this.#does((now) => calls.received(now, id, payload)),
      closed: (id) => this.#does((now) => calls.closed(now, id)),
      proved: (id, proof) => this.#does((now) => calls.proved(now, id, proof)),
    });
  }

  /** Calls that are there, or being made. */
  get size(): number {
    return this.#calls.size;
  }

  /** TCP connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /**
   * Listens for call signalling; the port is the real one where 0 was asked for.
   *
   * @throws {H323Error} h323.port-in-use, h323.port-not-allowed, h323.no-such-address or h323.listen-failed
   */
  listen(where: HostPort): Promise<HostPort> {
    return this.#sockets.listen(where);
  }

  /** Begins a call; what becomes of it comes as events of the identifier that is returned. */
  place(placing: Placing): string {
    let call = '';
    this.#does(() => {
      call = this.#calls.place(placing);
    });
    return call;
  }

  /** Does something with a call: `act` is given its endpoint. Nothing where the call is over, or not yet begun. */
  command(call: string, act: (endpoint: CallEndpoint, now: number) => void): void {
    this.#does((now) => this.#calls.command(now, call, (endpoint) => act(endpoint, now)));
  }

  /** Ends a call, with a cause of Q.850. Of one that was still being connected or proven there is no further event. */
  release(call: string, cause: number): void {
    this.#does((now) => this.#calls.release(now, call, cause));
  }

  endsOf(call: string): TcpEnds | undefined {
    return this.#calls.endsOf(call);
  }

  /** What protected the connections of this name is gone: no key leaves by them. */
  withdraw(protection: string): void {
    this.#does((now) => this.#calls.withdraw(now, protection));
  }

  /** It may be there again. */
  askAgain(protection: string): void {
    this.#does(() => this.#calls.askAgain(protection));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#sockets.stop();
  }

  #does(act: (now: number) => void): void {
    if (this.#stopped) return;
    act(performance.now());
    // Whoever is told something may give a command, which comes back here: what it brings is taken by the loop that runs.
    if (this.#running) return;
    this.#running = true;
    try {
      for (let output = this.#calls.poll(); output !== undefined; output = this.#calls.poll()) {
        if (output.kind === 'event') this.#options.happened(output.call, output.event);
        else this.#sockets.execute(output);
      }
    } finally {
      this.#running = false;
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const due = this.#calls.nextDeadline();
    if (due === undefined || this.#stopped) return;
    const wait = Math.max(0, Math.ceil(due - performance.now()));
    this.#timer = setTimeout(() => this.#does((now) => this.#calls.handleTimeout(now)), wait).unref();
  }
}

import type { Socket } from 'node:net';
import type { HostPort } from '../endpoint/tcp-ends.ts';
import { type Listening, listenAt } from './listening.ts';

export interface H245PortOptions {
  /** Ports from which H.245 is listened at; any free ones where it is absent. */
  readonly range?: { readonly first: number; readonly last: number };
  /** How many are open ahead of the calls that will want them. */
  readonly ready: number;
}

interface Port {
  readonly listening: Listening;
  accept: ((socket: Socket) => void) | undefined;
}

/**
 * Ports that wait for H.245 connections, one for each call, at one address. They are opened ahead, so that a call has its
 * port at once and cannot fail later for want of one; one that a call is done with is closed, and another opened.
 */
export class H245Ports {
  readonly #address: string;
  readonly #options: H245PortOptions;
  readonly #free: Port[] = [];
  readonly #taken = new Map<string, Port>();
  #next: number;
  #opening = 0;
  #stopped = false;

  constructor(address: string, options: H245PortOptions) {
    this.#address = address;
    this.#options = options;
    this.#next = options.range?.first ?? 0;
  }

  /** Opens those that are to be ready. Throws `H323Error` where not one can be had. */
  async prepare(): Promise<void> {
    const first = await this.#open();
    this.#free.push(first);
    while (this.#free.length < this.#options.ready && (await this.#tryOpen()));
  }

  /** A port for a call; undefined while none is open. */
  take(call: string, accept: (socket: Socket) => void): HostPort | undefined {
    const port = this.#free.shift();
    void this.#refill();
    if (port === undefined) return undefined;
    port.accept = accept;
    this.#taken.set(call, port);
    return port.listening.local;
  }

  release(call: string): void {
    const port = this.#taken.get(call);
    this.#taken.delete(call);
    if (port === undefined) return;
    port.accept = undefined;
    port.listening.close();
    void this.#refill();
  }

  close(): void {
    this.#stopped = true;
    for (const { listening } of [...this.#free, ...this.#taken.values()]) listening.close();
  }

  async #refill(): Promise<void> {
    while (!this.#stopped && this.#free.length + this.#opening < this.#options.ready) {
      if (!(await this.#tryOpen())) return;
    }
  }

  async #tryOpen(): Promise<boolean> {
    this.#opening += 1;
    try {
      const port = await this.#open();
      if (this.#stopped) port.listening.close();
      else this.#free.push(port);
      return true;
    } catch {
      // There is none now: the next call that ends gives one back.
      return false;
    } finally {
      this.#opening -= 1;
    }
  }

  async #open(): Promise<Port> {
    const { range } = this.#options;
    const tries = range === undefined ? 1 : range.last - range.first + 1;
    for (let left = tries; ; left--) {
      const port: Port = { listening: undefined as never, accept: undefined };
      try {
        const listening = await listenAt({ address: this.#address, port: this.#step() }, (socket) =>
          port.accept === undefined ? socket.destroy() : port.accept(socket),
        );
        return Object.assign(port, { listening });
      } catch (error) {
        if (left <= 1) throw error;
      }
    }
  }

  #step(): number {
    const { range } = this.#options;
    if (range === undefined) return 0;
    const port = this.#next;
    this.#next = port >= range.last ? range.first : port + 1;
    return port;
  }
}

import type { Socket } from 'node:net';
import type { TcpEnds } from '../endpoint/tcp-ends.ts';
import { encodeTpkt, TpktReader } from '../tpkt/frame-reader.ts';
import { endsOf } from './addresses.ts';

export interface TpktSocketPorts {
  /** The payload of a TPKT, valid until the call returns. */
  received(payload: Uint8Array): void;
  /** Once; the error is why, if it was one. */
  closed(error: Error | undefined): void;
}

export interface TpktSocketLimits {
  /** Octets of a TPKT, its header included. */
  readonly longestTpkt: number;
  /** Octets that the peer has not read yet, at most; a slower one is closed. */
  readonly writeBacklog: number;
  /** Milliseconds that a peer may take to end its side once we have ended ours. */
  readonly closingTime: number;
}

/** A TCP connection that carries TPKT (RFC 1006). */
export class TpktSocket {
  readonly #socket: Socket;
  readonly #limits: TpktSocketLimits;
  readonly ends: TcpEnds;
  #left = false;
  /** Octets written to it so far, headers included: what has to be seen in a tunnel. */
  octetsSent = 0;

  /** `socket` is connected. */
  constructor(socket: Socket, limits: TpktSocketLimits, ports: TpktSocketPorts) {
    this.#socket = socket;
    this.#limits = limits;
    this.ends = endsOf(socket);
    const reader = new TpktReader(limits.longestTpkt);
    let error: Error | undefined;
    socket.setNoDelay(true);
    socket.on('error', (failure) => {
      error ??= failure;
    });
    socket.on('close', () => {
      this.#left = true;
      ports.closed(error);
    });
    socket.on('data', (chunk: Uint8Array) => {
      reader.push(chunk);
      for (let payload = reader.next(); payload !== undefined && !this.#left; payload = reader.next()) {
        ports.received(payload);
      }
      if (reader.failure === undefined || this.#left) return;
      error = reader.failure;
      socket.destroy();
    });
  }

  send(payload: Uint8Array): void {
    if (this.#left) return;
    const frame = encodeTpkt(payload);
    this.octetsSent += frame.byteLength;
    this.#socket.write(frame);
    if (this.#socket.writableLength > this.#limits.writeBacklog) this.#socket.destroy();
  }

  /** Ends it, after what was sent; nothing is read any more. */
  close(): void {
    if (this.#left) return;
    this.#left = true;
    this.#socket.end();
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), this.#limits.closingTime).unref();
  }

  destroy(): void {
    this.#left = true;
    this.#socket.destroy();
  }
}

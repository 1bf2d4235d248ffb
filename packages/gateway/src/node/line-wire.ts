import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { StreamBuffer } from '@trustline/base';

/** Carries the messages of a loopback line whole and in order to its other end. */
export interface LineWire {
  send(message: Uint8Array): void;
  /** What comes, and when nothing more will. Called once, before anything can come. */
  open(handlers: { readonly message: (message: Uint8Array) => void; readonly closed: () => void }): void;
  close(): void;
}

/** The longest message is a D-channel frame: N201, its head and the channel. */
const LONGEST_MESSAGE = 512;

/** Both ends of a wire within this process. */
export function pairedWires(): readonly [LineWire, LineWire] {
  const one = new PairedWire();
  const other = new PairedWire();
  one.far = other;
  other.far = one;
  return [one, other];
}

class PairedWire implements LineWire {
  far: PairedWire | undefined;
  #handlers: Parameters<LineWire['open']>[0] | undefined;
  #closed = false;

  send(message: Uint8Array): void {
    if (!this.#closed) setImmediate(() => this.far?.deliver(message));
  }

  open(handlers: Parameters<LineWire['open']>[0]): void {
    this.#handlers = handlers;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    setImmediate(() => this.far?.hangUp());
  }

  deliver(message: Uint8Array): void {
    if (!this.#closed) this.#handlers?.message(message);
  }

  hangUp(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers?.closed();
  }
}

/** Waits at a local socket, which only the owner may use, for the other end of one line, which may come again. */
export function listenForLine(path: string, arrived: (wire: LineWire) => void): Promise<{ close(): void }> {
  rmSync(path, { force: true });
  const server = createServer((socket) => arrived(socketWire(socket)));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve({ close: () => server.close() });
    });
  });
}

/** Joins the line that waits at a local socket. */
export function joinLine(path: string): Promise<LineWire> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => resolve(socketWire(socket)));
  });
}

/** Each message after its length in two octets. */
function socketWire(socket: Socket): LineWire {
  const buffer = new StreamBuffer();
  return {
    send(message) {
      if (socket.writable) socket.write(Uint8Array.of(message.length >> 8, message.length & 0xff, ...message));
    },
    open({ message, closed }) {
      socket.on('data', (chunk) => {
        buffer.push(chunk);
        for (let next = take(buffer); next !== undefined; next = take(buffer)) {
          if (next === 'too-long') {
            socket.destroy();
            return;
          }
          message(next);
        }
      });
      // What went wrong is told by `close`, which follows.
      socket.on('error', () => {});
      socket.on('close', closed);
    },
    close: () => socket.destroy(),
  };
}

function take(buffer: StreamBuffer): Uint8Array | 'too-long' | undefined {
  const { bytes, start, held } = buffer;
  if (held < 2) return buffer.keep();
  const length = (bytes[start] as number) * 256 + (bytes[start + 1] as number);
  if (length > LONGEST_MESSAGE) return 'too-long';
  if (held < 2 + length) return buffer.keep();
  const message = bytes.slice(start + 2, start + 2 + length);
  buffer.start += 2 + length;
  return message;
}

import type { Socket } from 'node:dgram';
import type { TftpPeer, TftpTransmit } from '../tftp/transfer.ts';
import { monotonicNow } from './clock.ts';

/** Either end of a transfer. */
interface TransferMachine<Output extends { readonly kind: string }> {
  receive(now: number, from: TftpPeer, bytes: Uint8Array): void;
  handleTime(now: number): void;
  nextDeadline(): number | undefined;
  poll(): Output | undefined;
  readonly ended: boolean;
}

/** Joins one transfer to a socket of its own, and closes that when the transfer is over and all of it is sent. */
export class TransferDriver<Output extends { readonly kind: string }> {
  readonly #machine: TransferMachine<Output | TftpTransmit>;
  readonly #socket: Socket;
  readonly #onOutput: (output: Exclude<Output, TftpTransmit>) => void;
  readonly #onClosed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #unsent = 0;
  #closed = false;

  constructor(
    machine: TransferMachine<Output | TftpTransmit>,
    socket: Socket,
    onOutput: (output: Exclude<Output, TftpTransmit>) => void,
    onClosed: () => void = () => {},
  ) {
    this.#machine = machine;
    this.#socket = socket;
    this.#onOutput = onOutput;
    this.#onClosed = onClosed;
    socket.on('error', () => {}); // what the network reports about one datagram proves nothing: the timers decide
    socket.on('message', (bytes: Uint8Array, { address, port }) => {
      machine.receive(monotonicNow(), { address, port }, bytes);
      this.drive();
    });
    this.drive();
  }

  /** Carries out what the machine wants, after it was given something. */
  drive(): void {
    if (this.#closed) return;
    for (let output = this.#machine.poll(); output !== undefined; output = this.#machine.poll()) {
      if (isTransmit(output)) this.#send(output);
      else this.#onOutput(output as Exclude<Output, TftpTransmit>);
    }
    this.#arm();
    this.#closeWhenSent();
  }

  /** Ends at once, whatever the machine had in mind. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.close();
    this.#onClosed();
  }

  #send({ bytes, to }: TftpTransmit): void {
    this.#unsent += 1;
    this.#socket.send(bytes, to.port, to.address, () => {
      this.#unsent -= 1;
      this.#closeWhenSent();
    });
  }

  /** A socket that is closed drops what still waits in it, the last acknowledgement or the error among it. */
  #closeWhenSent(): void {
    if (this.#machine.ended && this.#unsent === 0) this.close();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const at = this.#machine.nextDeadline();
    if (at === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#machine.handleTime(monotonicNow());
        this.drive();
      },
      Math.max(0, Math.ceil(at - monotonicNow())),
    );
  }
}

function isTransmit(output: { readonly kind: string }): output is TftpTransmit {
  return output.kind === 'transmit';
}

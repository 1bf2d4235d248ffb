import { Deadlines } from '@trustline/base';
import { defaultTftpLimits, type TftpLimits } from './limits.ts';
import { fromNetascii } from './netascii.ts';
import {
  acceptAcknowledgedOptions,
  plainAgreement,
  type TftpAgreement,
  type TftpWishes,
  wishedOptions,
} from './options.ts';
import { decodeTftpPacket, encodeTftpPacket, type TftpPacket, tftpErrorCode } from './packet.ts';
import { isSamePeer, shownText, type TftpFailure, type TftpPeer, type TftpTransmit, waitFor } from './transfer.ts';

/** The whole file is here. */
export interface TftpReceived {
  readonly kind: 'received';
  readonly content: Uint8Array;
}

/** Nothing more will be answered: the socket may go. It follows `received`, and comes with `failed`. */
export interface TftpClosed {
  readonly kind: 'closed';
}

export type TftpClientOutput = TftpTransmit | TftpReceived | TftpFailure | TftpClosed;

export interface TftpClientTransferOptions {
  readonly now: number;
  /** Where the request goes: the server's address and the port on which it listens. */
  readonly server: TftpPeer;
  readonly fileName: string;
  readonly mode?: 'octet' | 'netascii';
  readonly wishes?: TftpWishes;
  readonly limits?: TftpLimits;
}

/**
 * A file on its way from a server: a machine without socket or clock, the other side of `TftpServerTransfer`. After
 * `received` it stays a while (RFC 1350 §6), so that a server that did not hear the last acknowledgement hears it again.
 */
export class TftpClientTransfer {
  readonly #options: TftpClientTransferOptions;
  readonly #limits: TftpLimits;
  readonly #wishes: TftpWishes;
  readonly #deadlines = new Deadlines<'answer' | 'whole' | 'dally'>();
  readonly #outputs: TftpClientOutput[] = [];
  #agreement: TftpAgreement;
  /** The server's end of this transfer, known from its first answer. */
  #peer: TftpPeer | undefined;
  #pieces: Uint8Array[] = [];
  #octets = 0;
  /** Blocks that came in order. */
  #received = 0;
  /** Of them, those that the server has been told of. */
  #acknowledged = 0;
  #attempt = 0;
  #saidWhatIsMissing = false;
  #unknownSenders = 0;
  #state: 'asking' | 'receiving' | 'dallying' | 'ended' = 'asking';

  constructor(options: TftpClientTransferOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaultTftpLimits;
    this.#wishes = options.wishes ?? {};
    this.#agreement = plainAgreement(this.#limits);
    this.#deadlines.set('whole', options.now + this.#limits.transferTime);
    this.#sendLast(options.now);
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** A datagram that came to the socket of this transfer. */
  receive(now: number, from: TftpPeer, bytes: Uint8Array): void {
    if (this.#state === 'ended') return;
    const decoded = decodeTftpPacket(bytes);
    if (from.address !== this.#options.server.address || (this.#peer !== undefined && !isSamePeer(from, this.#peer))) {
      this.#refuseStranger(from, decoded.ok ? decoded.packet : undefined);
      return;
    }
    if (!decoded.ok) {
      this.#refusePeer(from, tftpErrorCode.illegalOperation, 'what it sent is no TFTP packet');
      return;
    }
    const { packet } = decoded;
    switch (packet.kind) {
      case 'data':
        this.#peer = from;
        this.#takeData(now, packet.block, packet.data);
        break;
      case 'option-acknowledgement':
        this.#takeOptions(now, from, packet);
        break;
      case 'error':
        // After the last block an error changes nothing: the file is here.
        if (this.#state === 'dallying') this.#close();
        else this.#fail('peer-error', `it refused: ${shownText(packet.message)}`, packet.code);
        break;
      default:
        this.#refusePeer(from, tftpErrorCode.illegalOperation, `it sent ${packet.kind}, which no server sends`);
    }
  }

  handleTime(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      if (due === 'whole') this.#fail('too-slow', 'the transfer took longer than a whole transfer may');
      else if (due === 'dally') this.#close();
      else this.#sendAgain(now);
    }
  }

  /** Gives up; the server is told when it is known. */
  abort(): void {
    if (this.#state === 'dallying') this.#close();
    if (this.#state === 'ended') return;
    if (this.#peer !== undefined) {
      this.#transmit(this.#peer, { kind: 'error', code: tftpErrorCode.notDefined, message: 'given up' });
    }
    this.#fail('given-up', 'the transfer was given up here');
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): TftpClientOutput | undefined {
    return this.#outputs.shift();
  }

  #takeOptions(now: number, from: TftpPeer, packet: Extract<TftpPacket, { kind: 'option-acknowledgement' }>): void {
    if (this.#state !== 'asking') {
      // The server has not heard that its options were taken.
      if (this.#received === 0) this.#sendLast(now);
      return;
    }
    const agreement = acceptAcknowledgedOptions(this.#wishes, packet.options, this.#limits);
    if (agreement === undefined) {
      this.#refusePeer(from, tftpErrorCode.optionsRefused, 'it answered options that were not asked for');
      return;
    }
    this.#peer = from;
    if ((agreement.transferSize ?? 0) > this.#limits.fileSize) {
      this.#refuseSize();
      return;
    }
    this.#agreement = agreement;
    this.#state = 'receiving';
    this.#attempt = 0;
    this.#sendLast(now);
  }

  #takeData(now: number, number: number, data: Uint8Array): void {
    const { blockSize, windowSize } = this.#agreement;
    const isNext = this.#state !== 'dallying' && number === ((this.#received + 1) & 0xffff);
    if (!isNext) {
      if (this.#state === 'asking') return; // it cannot be the beginning: wait for that
      this.#answerUnexpected(now, number);
      return;
    }
    if (data.byteLength > blockSize) {
      const reason = 'it sent a block that is longer than agreed';
      this.#refusePeer(this.#peer ?? this.#options.server, tftpErrorCode.illegalOperation, reason);
      return;
    }
    if (this.#octets + data.byteLength > this.#limits.fileSize) {
      this.#refuseSize();
      return;
    }
    this.#state = 'receiving'; // also without OACK: the server knows no options, and RFC 1350 holds
    this.#pieces.push(data.slice());
    this.#octets += data.byteLength;
    this.#received += 1;
    this.#attempt = 0;
    this.#saidWhatIsMissing = false;
    if (data.byteLength < blockSize) this.#finish(now);
    else if (this.#received - this.#acknowledged >= windowSize) this.#sendLast(now);
    else this.#await(now);
  }

  /** A block that is here already, or one behind a gap. */
  #answerUnexpected(now: number, number: number): void {
    if (this.#agreement.windowSize === 1 || this.#state === 'dallying') {
      // The server sends the last block again only when it heard no acknowledgement.
      if (number === (this.#received & 0xffff)) this.#sendLast(now);
      return;
    }
    // RFC 7440 §4: the last block in order is acknowledged; once for a burst, or every late block would ask for a window.
    if (this.#saidWhatIsMissing) return;
    this.#saidWhatIsMissing = true;
    this.#sendLast(now);
  }

  #finish(now: number): void {
    const content = new Uint8Array(this.#octets);
    let at = 0;
    for (const piece of this.#pieces) {
      content.set(piece, at);
      at += piece.byteLength;
    }
    this.#pieces = [];
    this.#sendLast(now);
    this.#deadlines.clearAll();
    this.#state = 'dallying';
    this.#deadlines.set('dally', now + this.#agreement.timeout * 3); // twice the wait after a first silence, and the way
    this.#outputs.push({
      kind: 'received',
      content: this.#options.mode === 'netascii' ? fromNetascii(content) : content,
    });
  }

  #sendAgain(now: number): void {
    if (this.#attempt >= this.#limits.retransmissions) {
      this.#fail('no-answer', this.#peer === undefined ? 'it does not answer' : 'it no longer answers');
      return;
    }
    this.#attempt += 1;
    this.#saidWhatIsMissing = false;
    this.#sendLast(now);
  }

  /** The request, or the acknowledgement of what has come in order. */
  #sendLast(now: number): void {
    if (this.#state === 'asking') {
      const { fileName, mode, server } = this.#options;
      const options = wishedOptions(this.#wishes);
      this.#transmit(server, { kind: 'read-request', fileName, mode: mode ?? 'octet', options });
    } else if (this.#peer !== undefined) {
      this.#acknowledged = this.#received;
      this.#transmit(this.#peer, { kind: 'acknowledgement', block: this.#received & 0xffff });
    }
    if (this.#state !== 'dallying') this.#await(now);
  }

  #await(now: number): void {
    const wait = waitFor(this.#attempt, this.#agreement.timeout, this.#limits.longestTimeout);
    this.#deadlines.set('answer', now + wait);
  }

  /** RFC 1350 §4. An error is never answered. */
  #refuseStranger(from: TftpPeer, packet: TftpPacket | undefined): void {
    if (packet === undefined || packet.kind === 'error') return;
    if (this.#unknownSenders >= this.#limits.unknownSenderErrors) return;
    this.#unknownSenders += 1;
    this.#transmit(from, { kind: 'error', code: tftpErrorCode.unknownTransferId, message: 'unknown TID' });
  }

  #refusePeer(peer: TftpPeer, code: number, reason: string): void {
    if (this.#state === 'dallying') return;
    const message = code === tftpErrorCode.optionsRefused ? 'options refused' : 'illegal operation';
    this.#transmit(peer, { kind: 'error', code, message });
    this.#fail('protocol', reason);
  }

  #refuseSize(): void {
    if (this.#peer !== undefined) {
      this.#transmit(this.#peer, { kind: 'error', code: tftpErrorCode.diskFull, message: 'too large' });
    }
    this.#fail('too-large', `the file is larger than ${this.#limits.fileSize} octets`);
  }

  #transmit(to: TftpPeer, packet: TftpPacket): void {
    this.#outputs.push({ kind: 'transmit', to, bytes: encodeTftpPacket(packet) });
  }

  #fail(cause: TftpFailure['cause'], reason: string, errorCode?: number): void {
    this.#outputs.push({ kind: 'failed', cause, reason, errorCode });
    this.#close();
  }

  #close(): void {
    this.#state = 'ended';
    this.#pieces = [];
    this.#deadlines.clearAll();
    this.#outputs.push({ kind: 'closed' });
  }
}

import { Deadlines } from '@trustline/base';
import { defaultTftpLimits, type TftpLimits } from './limits.ts';
import { negotiateOptions, type TftpAgreement } from './options.ts';
import { decodeTftpPacket, encodeTftpPacket, type TftpOption, type TftpPacket, tftpErrorCode } from './packet.ts';
import { isSamePeer, shownText, type TftpFailure, type TftpPeer, type TftpTransmit, waitFor } from './transfer.ts';

/** The whole file was acknowledged. */
export interface TftpFinished {
  readonly kind: 'finished';
  /** Octets of the file as they were transferred. */
  readonly octets: number;
  /** Blocks that were sent more than once. */
  readonly retransmittedBlocks: number;
}

export type TftpServerOutput = TftpTransmit | TftpFinished | TftpFailure;

export interface TftpServerTransferOptions {
  readonly now: number;
  readonly peer: TftpPeer;
  /** The octets to transfer; in netascii they have that form already. It must not change meanwhile. */
  readonly content: Uint8Array;
  /** Those of the read request. */
  readonly options: readonly TftpOption[];
  readonly limits?: TftpLimits;
}

/**
 * A file on its way to one reader (RFC 1350 with the options of RFC 2347–2349 and 7440): a machine without socket or
 * clock. It ends with one `finished` or `failed`; then `ended` is true and it says nothing more.
 *
 * The sorcerer's apprentice (RFC 1123 §4.2.3.1) has nothing to work with: an acknowledgement that is no news is not
 * answered with data. The exception is a window of several blocks whose first was lost: RFC 7440 lets the reader say so
 * by repeating itself, and it is believed once for each step forward.
 */
export class TftpServerTransfer {
  readonly #peer: TftpPeer;
  readonly #content: Uint8Array;
  readonly #limits: TftpLimits;
  readonly #agreement: TftpAgreement;
  readonly #acknowledgedOptions: readonly TftpOption[];
  readonly #blocks: number;
  readonly #deadlines = new Deadlines<'answer' | 'whole'>();
  readonly #outputs: TftpServerOutput[] = [];
  /** Blocks the reader has; they count from 1, and -1 means that it has not acknowledged the options. */
  #acknowledged: number;
  /** The last block that was ever sent. */
  #sent = 0;
  #answered = false;
  #attempt = 0;
  #believedRepetition = false;
  #retransmittedBlocks = 0;
  #unknownSenders = 0;
  #ended = false;

  constructor(options: TftpServerTransferOptions) {
    this.#peer = options.peer;
    this.#content = options.content;
    this.#limits = options.limits ?? defaultTftpLimits;
    const { agreement, acknowledged } = negotiateOptions(options.options, options.content.byteLength, this.#limits);
    this.#agreement = agreement;
    this.#acknowledgedOptions = acknowledged;
    // A last block that is shorter than the others ends the file, if need be an empty one (RFC 1350 §6).
    this.#blocks = Math.floor(options.content.byteLength / agreement.blockSize) + 1;
    this.#acknowledged = acknowledged.length === 0 ? 0 : -1;
    this.#deadlines.set('whole', options.now + this.#limits.transferTime);
    this.#send(options.now);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A datagram that came to the socket of this transfer. */
  receive(now: number, from: TftpPeer, bytes: Uint8Array): void {
    if (this.#ended) return;
    const decoded = decodeTftpPacket(bytes);
    if (!isSamePeer(from, this.#peer)) {
      this.#refuseStranger(from, decoded.ok ? decoded.packet : undefined);
      return;
    }
    if (!decoded.ok) {
      this.#refusePeer('what it sent is no TFTP packet');
      return;
    }
    const { packet } = decoded;
    switch (packet.kind) {
      case 'acknowledgement':
        this.#acknowledge(now, packet.block);
        break;
      case 'error':
        this.#fail('peer-error', `it ended the transfer: ${shownText(packet.message)}`, packet.code);
        break;
      case 'read-request':
        break; // a copy of the request that strayed here
      default:
        this.#refusePeer(`it sent ${packet.kind} where only an acknowledgement can come`);
    }
  }

  handleTime(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      if (due === 'whole') this.#fail('too-slow', 'the transfer took longer than a whole transfer may');
      else this.#resend(now);
    }
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): TftpServerOutput | undefined {
    return this.#outputs.shift();
  }

  #acknowledge(now: number, number: number): void {
    if (this.#acknowledged === -1) {
      if (number !== 0) return;
      this.#progress(now, 0);
      return;
    }
    // Block numbers wrap at 65,536; as few are on the way at once, the distance says which block is meant.
    const steps = (number - this.#acknowledged) & 0xffff;
    if (steps > this.#sent - this.#acknowledged) return; // an old one, or one for a block that was never sent
    if (steps > 0) {
      this.#progress(now, this.#acknowledged + steps);
    } else if (this.#agreement.windowSize > 1 && this.#answered && !this.#believedRepetition) {
      this.#believedRepetition = true;
      this.#send(now);
    }
  }

  #progress(now: number, acknowledged: number): void {
    this.#answered = true;
    this.#acknowledged = acknowledged;
    this.#attempt = 0;
    this.#believedRepetition = false;
    if (acknowledged < this.#blocks) {
      this.#send(now);
      return;
    }
    const octets = this.#content.byteLength;
    this.#end({ kind: 'finished', octets, retransmittedBlocks: this.#retransmittedBlocks });
  }

  #resend(now: number): void {
    const { retransmissions, unansweredRetransmissions } = this.#limits;
    if (this.#attempt >= (this.#answered ? retransmissions : unansweredRetransmissions)) {
      this.#fail('no-answer', 'it no longer answers');
      return;
    }
    this.#attempt += 1;
    this.#send(now);
  }

  /** Sends what the reader lacks: the options, or the blocks of a window. */
  #send(now: number): void {
    if (this.#acknowledged === -1) {
      this.#transmit({ kind: 'option-acknowledgement', options: this.#acknowledgedOptions });
    } else {
      const last = Math.min(this.#acknowledged + this.#agreement.windowSize, this.#blocks);
      for (let block = this.#acknowledged + 1; block <= last; block += 1) this.#sendBlock(block);
    }
    const { timeout } = this.#agreement;
    this.#deadlines.set('answer', now + waitFor(this.#attempt, timeout, this.#limits.longestTimeout));
  }

  #sendBlock(block: number): void {
    if (block <= this.#sent) this.#retransmittedBlocks += 1;
    this.#sent = Math.max(this.#sent, block);
    const { blockSize } = this.#agreement;
    const data = this.#content.subarray((block - 1) * blockSize, block * blockSize);
    this.#transmit({ kind: 'data', block: block & 0xffff, data });
  }

  /** RFC 1350 §4: a stranger is told so, and the transfer goes on undisturbed. An error is never answered. */
  #refuseStranger(from: TftpPeer, packet: TftpPacket | undefined): void {
    if (packet === undefined || packet.kind === 'error') return;
    if (this.#unknownSenders >= this.#limits.unknownSenderErrors) return;
    this.#unknownSenders += 1;
    const bytes = encodeTftpPacket({ kind: 'error', code: tftpErrorCode.unknownTransferId, message: 'unknown TID' });
    this.#outputs.push({ kind: 'transmit', to: from, bytes });
  }

  #refusePeer(reason: string): void {
    this.#transmit({ kind: 'error', code: tftpErrorCode.illegalOperation, message: 'illegal operation' });
    this.#fail('protocol', reason);
  }

  #transmit(packet: TftpPacket): void {
    this.#outputs.push({ kind: 'transmit', to: this.#peer, bytes: encodeTftpPacket(packet) });
  }

  #fail(cause: TftpFailure['cause'], reason: string, errorCode?: number): void {
    this.#end({ kind: 'failed', cause, reason, errorCode });
  }

  #end(output: TftpFinished | TftpFailure): void {
    this.#ended = true;
    this.#deadlines.clearAll();
    this.#outputs.push(output);
  }
}

import { StreamBuffer } from '@trustline/base';
import { endOfHead, MOST_BODY, MOST_HEAD } from '../sip/message.ts';
import { afterKeepAlives, startLineAt } from '../sip/start-line.ts';
import type { HeldOctets } from '../sip/stream.ts';
import { type FrameHead, opcodes, readFrameHead, unmasked } from './frame.ts';
import { MessageInflater } from './inflate.ts';
import { isUpgradeHead, MOST_UPGRADE_HEAD } from './upgrade.ts';

/** Longest message that is put together. */
const MOST_MESSAGE = MOST_HEAD + MOST_BODY;
/** Frames of one message; a sender who needs more of them has something else in mind. */
const MOST_FRAMES_OF_A_MESSAGE = 1_024;

type State =
  /** HTTP may come first. */
  | 'begin'
  | 'frames'
  /** Where a frame begins is not known: only at the beginning of a segment it is looked for. */
  | 'lost';

/** Puts the messages of one side of a WebSocket together (RFC 6455 §5.4, RFC 7692). */
export class WebSocketMessages {
  readonly #message: (octets: Uint8Array, isWhole: boolean) => void;
  readonly #held: HeldOctets;
  readonly #buffer = new StreamBuffer();
  #inflater = new MessageInflater();
  #state: State = 'begin';
  #counted = 0;
  /** Of a frame that is too long. */
  #toSkip = 0;
  /** Frames of a message that has not ended. */
  #parts: Uint8Array[] = [];
  #partOctets = 0;
  #isCompressed = false;
  /** What goes on is of a message whose beginning is missing, or that is too long. */
  #isBroken = true;

  constructor(message: (octets: Uint8Array, isWhole: boolean) => void, held: HeldOctets) {
    this.#message = message;
    this.#held = held;
  }

  data(octets: Uint8Array): void {
    if (this.#state === 'lost' && !beginsWithSip(octets)) return;
    if (this.#state === 'lost') this.#state = 'frames';
    this.#buffer.push(octets);
    while (this.#step());
    this.#buffer.keep();
    this.#count();
    if (this.#held.used > this.#held.limit) this.gap();
  }

  /** Octets are missing. */
  gap(): void {
    this.#giveCut();
    this.#buffer.drop();
    this.#dropParts();
    this.#inflater = new MessageInflater();
    this.#isBroken = true;
    this.#toSkip = 0;
    this.#state = 'lost';
    this.#count();
  }

  #count(): void {
    const holds = this.#buffer.held + this.#partOctets + this.#inflater.held;
    this.#held.used += holds - this.#counted;
    this.#counted = holds;
  }

  #step(): boolean {
    const buffer = this.#buffer;
    const { bytes, start, end, held } = buffer;
    if (held === 0 || this.#state === 'lost') return false;
    if (this.#toSkip > 0) {
      const skipped = Math.min(this.#toSkip, held);
      buffer.start += skipped;
      this.#toSkip -= skipped;
      return true;
    }
    if (this.#state === 'begin') {
      const headEnd = isUpgradeHead(bytes, start, end) ? endOfHead(bytes, start, end) : start;
      if (headEnd === undefined && held < MOST_UPGRADE_HEAD) return false;
      buffer.start = headEnd ?? end;
      this.#state = headEnd === undefined ? 'lost' : 'frames';
      return true;
    }
    const head = readFrameHead(bytes, start, end);
    if (head === 'more') return false;
    if (head === 'none') {
      this.#loseFrames();
      return false;
    }
    return this.#frame(head);
  }

  #loseFrames(): void {
    this.#buffer.drop();
    this.#dropParts();
    this.#state = 'lost';
  }

  #frame(head: FrameHead): boolean {
    const buffer = this.#buffer;
    if (head.opcode >= opcodes.close) return this.#control(head);
    const isTooMuch = head.payloadLength > MOST_MESSAGE - this.#partOctets;
    if (isTooMuch || this.#parts.length === MOST_FRAMES_OF_A_MESSAGE) {
      this.#isBroken = true;
      this.#inflater.forget();
      this.#dropParts();
      buffer.start += head.headLength;
      this.#toSkip = head.payloadLength;
      return true;
    }
    if (buffer.held < head.headLength + head.payloadLength) return false;
    const from = buffer.start + head.headLength;
    const payload = unmasked(buffer.bytes.subarray(from, from + head.payloadLength), head.mask);
    buffer.start = from + head.payloadLength;
    if (head.opcode !== opcodes.continuation) {
      this.#dropParts();
      this.#isCompressed = head.isCompressed;
      this.#isBroken = false;
    }
    if (this.#isBroken) return true;
    this.#parts.push(payload);
    this.#partOctets += payload.length;
    if (head.isFinal) this.#give();
    return true;
  }

  #control({ headLength, payloadLength }: FrameHead): boolean {
    if (this.#buffer.held < headLength + payloadLength) return false;
    this.#buffer.start += headLength + payloadLength;
    return true;
  }

  #give(): void {
    const octets = joined(this.#parts, this.#partOctets);
    this.#dropParts();
    this.#isBroken = true; // until a first frame comes
    const message = this.#isCompressed ? this.#inflater.inflate(octets) : octets;
    if (message !== undefined) this.#message(message, true);
  }

  /** What there is of a frame whose end is missing may hold a whole head. */
  #giveCut(): void {
    const { bytes, start, end } = this.#buffer;
    if (this.#state !== 'frames' || this.#toSkip > 0) return;
    const head = readFrameHead(bytes, start, end);
    if (typeof head === 'string' || head.isCompressed || head.opcode >= opcodes.close) return;
    const payload = unmasked(bytes.subarray(start + head.headLength, end), head.mask);
    if (head.opcode !== opcodes.continuation) this.#message(payload, false);
    else if (!this.#isBroken && !this.#isCompressed) {
      this.#message(joined([...this.#parts, payload], this.#partOctets + payload.length), false);
    }
  }

  #dropParts(): void {
    this.#parts = [];
    this.#partOctets = 0;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const octets = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}

/** Whether a frame with a SIP message stands at the beginning, so that a connection is known by it that was joined late. */
export function beginsWithSip(octets: Uint8Array): boolean {
  const head = readFrameHead(octets, 0, octets.length);
  if (typeof head === 'string' || (head.opcode !== opcodes.text && head.opcode !== opcodes.binary)) return false;
  if (head.payloadLength > MOST_MESSAGE) return false;
  const end = Math.min(octets.length, head.headLength + head.payloadLength);
  const payload = unmasked(octets.subarray(head.headLength, end), head.mask);
  // A compressed one that refers to what came before cannot be read, and is none for us.
  const message = head.isCompressed ? new MessageInflater().inflate(payload) : payload;
  if (message === undefined) return false;
  const at = afterKeepAlives(message, 0);
  return at < message.length && startLineAt(message, at) === 'yes';
}

import { AudioQueue } from '../tones/audio-queue.ts';
import { AUDIO_BLOCK_OCTETS } from '../voice-port.ts';
import type { PrimaryRatePort } from './primary-rate-port.ts';

/**
 * What goes over a line that is no line: the octet says what follows. 0 is a frame of the D channel, 1 to 31 are 20 ms of
 * that B channel. There is no HDLC, no check sequence and no frame of 125 µs.
 */
const D_CHANNEL = 0;
const LAST_TIMESLOT = 31;
/** A frame of the D channel is at most N201 and its head. */
const LONGEST_FRAME = 264;

/** Milliseconds of a block of audio. */
export const BLOCK_MILLISECONDS = 20;

/**
 * One end of a loopback line: joins a port to whatever carries messages whole and in order, to the end of another port. It
 * is the card of a port that has none, and shows what a card has to do: give and take frames of the D channel at any time,
 * and exchange one block of every B channel in use each 20 ms.
 */
export class LoopbackEnd {
  readonly #port: PrimaryRatePort;
  readonly #send: (message: Uint8Array) => void;
  /** Blocks that came and were not exchanged yet: the clocks of two ends are not the same. */
  readonly #received = new Map<number, AudioQueue>();
  readonly #in = new Uint8Array(AUDIO_BLOCK_OCTETS);
  readonly #out = new Uint8Array(AUDIO_BLOCK_OCTETS);
  /** Messages that were none. */
  malformed = 0;

  /** @param send carries a message to the other end; the octets are its own */
  constructor(port: PrimaryRatePort, send: (message: Uint8Array) => void) {
    this.#port = port;
    this.#send = send;
  }

  /** Both ends are joined: layer 1 is up. */
  start(now: number): void {
    this.#port.start(now);
    this.flush();
  }

  /** A message of the other end. */
  receive(now: number, message: Uint8Array): void {
    const [channel] = message;
    const body = message.subarray(1);
    if (channel === D_CHANNEL && body.length > 0 && body.length <= LONGEST_FRAME) {
      this.#port.receiveFrame(now, body);
      this.flush();
    } else if (channel !== undefined && channel <= LAST_TIMESLOT && body.length === AUDIO_BLOCK_OCTETS) {
      this.#queueOf(channel).write(body);
    } else this.malformed += 1;
  }

  /** Every 20 ms: exchanges the B channels in use. A block that has not come is silence. */
  tick(): void {
    for (const channel of this.#port.channelsInUse()) {
      this.#queueOf(channel).read(this.#in);
      this.#port.exchangeAudio(channel, this.#in, this.#out);
      this.#send(messageOf(channel, this.#out));
    }
  }

  /** Sends what the port has for the D channel: after every command to it, and after its timers. */
  flush(): void {
    for (let frame = this.#port.takeFrame(); frame !== undefined; frame = this.#port.takeFrame()) {
      this.#send(messageOf(D_CHANNEL, frame.octets));
    }
  }

  #queueOf(channel: number): AudioQueue {
    const known = this.#received.get(channel);
    if (known !== undefined) return known;
    const queue = new AudioQueue(this.#port.law);
    this.#received.set(channel, queue);
    return queue;
  }
}

function messageOf(channel: number, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + body.length);
  message[0] = channel;
  message.set(body, 1);
  return message;
}

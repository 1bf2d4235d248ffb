import { RTP_HEADER_LENGTH, TelephoneEventSender, writeRtpHeader } from '@trustline/rtp';
import { FRAME_MILLISECONDS } from './hold-audio.ts';
import type { DialledDigit } from './settings.ts';

/** Digits that wait for a party at most: who signals faster than they can be sent is not heard. */
const MOST_WAITING = 32;

/** Digits as RTP, a packet every 20 ms, one digit after the other (RFC 4733 §2.5). */
export class DigitSender {
  readonly clockRate: number;
  readonly #payloadType: number;
  readonly #ssrc: number;
  readonly #events: TelephoneEventSender;
  #waiting = 0;
  #frame = 0;
  #number = 0;

  constructor(payloadType: number, clockRate: number, ssrc: number) {
    this.#payloadType = payloadType;
    this.clockRate = clockRate;
    this.#ssrc = ssrc;
    this.#events = new TelephoneEventSender({ clockRate, packetMilliseconds: FRAME_MILLISECONDS });
  }

  get busy(): boolean {
    return this.#events.busy;
  }

  enqueue({ event, milliseconds }: DialledDigit): void {
    if (!this.busy) this.#waiting = 0;
    if (this.#waiting === MOST_WAITING) return;
    this.#waiting += 1;
    this.#events.enqueue({ event, durationMilliseconds: milliseconds });
  }

  /** The packet of this frame; undefined in the pause between two digits. */
  next(): Uint8Array | undefined {
    const event = this.#events.next(this.#frame++ * ((this.clockRate * FRAME_MILLISECONDS) / 1_000));
    if (event === undefined) return undefined;
    const packet = new Uint8Array(RTP_HEADER_LENGTH + event.payload.byteLength);
    writeRtpHeader(packet, event.marker, this.#payloadType, this.#number++, event.timestamp, this.#ssrc);
    packet.set(event.payload, RTP_HEADER_LENGTH);
    return packet;
  }
}

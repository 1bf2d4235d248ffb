import { type RtpHeaderView, TelephoneEventReceiver } from '@trustline/rtp';
import type { EventFormat } from './settings.ts';

/** Takes the digits out of what a party sends (RFC 4733), each once, when it has ended. */
export class DigitListener {
  readonly format: EventFormat;
  readonly #receiver: TelephoneEventReceiver;
  readonly #heard: (digit: string, milliseconds: number) => void;

  constructor(format: EventFormat, heard: (digit: string, milliseconds: number) => void) {
    this.format = format;
    this.#receiver = new TelephoneEventReceiver({ clockRate: format.clockRate });
    this.#heard = heard;
  }

  /** A packet of the party, whose header has been read. True where it was of a digit, and goes no further. */
  take(now: number, header: RtpHeaderView, packet: Uint8Array): boolean {
    const isDigit = header.payloadType === this.format.payloadType;
    if (isDigit) {
      const { payloadOffset, payloadLength, timestamp } = header;
      this.#receiver.handlePacket(now, timestamp, packet.subarray(payloadOffset, payloadOffset + payloadLength));
    } else this.#receiver.handleTimeout(now); // its end was lost, and the party speaks again
    for (let report = this.#receiver.poll(); report !== undefined; report = this.#receiver.poll()) {
      if (report.kind !== 'event-ended' || report.digit === undefined) continue;
      this.#heard(report.digit, Math.round(report.durationMilliseconds));
    }
    return isDigit;
  }
}

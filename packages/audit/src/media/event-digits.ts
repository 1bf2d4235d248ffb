import { dtmfDigitOf, parseTelephoneEvent, TELEPHONE_EVENT_LENGTH, type TelephoneEvent } from '@trustline/rtp';
import type { PacketPlace } from '../traffic/place.ts';

/** Octets behind an event that may be an authentication tag and an MKI: the event may be clear all the same. */
const MAXIMUM_TRAILER = 32;
/** So many packets of one moment that agree are no accident: of random octets one run in thousands of millions would. */
const AGREEING_PACKETS = 3;
/** RFC 4733 §3.2: event 16 is a flash of the hook, written as `!` by those who write it. */
const FLASH = 16;
const MOST_DIGITS = 1_000;

/**
 * The digits among telephone-events that come in sequence (RFC 4733, RFC 2833). A tap reads them more leniently than a
 * receiver does: OPAL 3.19 lets a second event begin at the timestamp of the one before. Where more octets follow than an
 * event has, as a tag does even when nothing is encrypted, or nothing said that they are events, several packets have to agree.
 */
export class EventDigits {
  readonly #places: PacketPlace[] = [];
  #last: { readonly timestamp: number; readonly event: TelephoneEvent; readonly place: PacketPlace } | undefined;
  #agreeing = 0;
  #digits = '';

  /** `needed`: how many packets have to agree where nothing follows the event. Returns whether it belongs to a digit now. */
  handle(timestamp: number, payload: Uint8Array, place: PacketPlace, needed = 1): boolean {
    const trailer = payload.byteLength - TELEPHONE_EVENT_LENGTH;
    const event = trailer > MAXIMUM_TRAILER ? undefined : parseTelephoneEvent(payload);
    const digit = event && (dtmfDigitOf(event.event) ?? (event.event === FLASH ? '!' : undefined));
    if (event === undefined || digit === undefined || isReservedBitSet(payload)) return false;
    const continues = this.#continues(timestamp, event, trailer > 0 || needed > 1);
    this.#agreeing = continues ? this.#agreeing + 1 : 1;
    this.#last = { timestamp, event, place: (continues ? this.#last?.place : undefined) ?? place };
    const agreeing = trailer > 0 ? AGREEING_PACKETS : needed;
    if (this.#agreeing === agreeing && this.#digits.length < MOST_DIGITS) {
      this.#digits += digit;
      this.#places.push(this.#last.place);
    }
    return this.#agreeing >= agreeing;
  }

  get digits(): string {
    return this.#digits;
  }

  /** The packet with which each digit begins. */
  get places(): readonly PacketPlace[] {
    return this.#places;
  }

  #continues(timestamp: number, event: TelephoneEvent, strictly: boolean): boolean {
    const last = this.#last;
    if (last === undefined || last.event.event !== event.event) return false;
    // A long event goes on in a segment of its own when the duration is full (RFC 4733 §2.5.1.3).
    const isNextSegment = !last.event.end && (timestamp - last.timestamp) >>> 0 === 0xffff;
    if (isNextSegment) return true;
    // Within a segment the volume stays and the duration grows (RFC 4733 §2.5.1.2).
    const agrees = last.event.volume === event.volume && last.event.duration <= event.duration;
    return timestamp === last.timestamp && (!strictly || agrees);
  }
}

/** RFC 4733 §2.3.3: senders set it to zero. */
function isReservedBitSet(payload: Uint8Array): boolean {
  return ((payload[1] ?? 0) & 0x40) !== 0;
}

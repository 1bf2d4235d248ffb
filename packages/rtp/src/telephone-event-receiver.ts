import { Deadlines } from '@trustline/base';
import { type DtmfDigit, dtmfDigitOf } from './dtmf.ts';
import { MAXIMUM_SEGMENT_DURATION, parseTelephoneEvent, type TelephoneEvent } from './telephone-event.ts';

export type TelephoneEventReport =
  | {
      readonly kind: 'event-started';
      readonly event: number;
      readonly digit: DtmfDigit | undefined;
      readonly volume: number;
    }
  | {
      readonly kind: 'event-ended';
      readonly event: number;
      readonly digit: DtmfDigit | undefined;
      readonly durationMilliseconds: number;
      /** An end packet, or how it was concluded that all of them were lost. */
      readonly cause: 'end-packet' | 'next-event' | 'timeout';
    };

/** Updates come at most every 50 ms or so; three missing ones end the event (RFC 4733 §2.5.2.2). */
const SILENCE_MILLISECONDS = 200;
/** A packet this much older than the newest event is a late one; older still, the sender began anew. */
const LATE_MILLISECONDS = 2000;
/** Reports kept for a caller that does not poll; the oldest go first. */
const MAXIMUM_REPORTS = 64;

interface CurrentEvent {
  readonly event: number;
  /** Timestamp of the segment being received. */
  timestamp: number;
  /** Units of the segments before it. */
  earlier: number;
  duration: number;
  ended: boolean;
}

/**
 * Turns received telephone-event packets into one start and one end for each event, whichever of its packets were
 * lost, repeated or reordered (RFC 4733 §2.5.2).
 */
export class TelephoneEventReceiver {
  readonly #unitsPerMillisecond: number;
  readonly #deadlines = new Deadlines<'silence'>();
  readonly #reports: TelephoneEventReport[] = [];
  #current: CurrentEvent | undefined;
  /** The event that the current one followed at its own timestamp: packets of it that are late are no third event. */
  #before: { readonly event: number; readonly timestamp: number } | undefined;

  constructor(options: { readonly clockRate: number }) {
    this.#unitsPerMillisecond = options.clockRate / 1000;
  }

  /** Payloads that are no telephone-event are ignored. The marker bit is not needed and may be lost. */
  handlePacket(now: number, timestamp: number, payload: Uint8Array): void {
    const packet = parseTelephoneEvent(payload);
    if (packet === undefined) return;
    const current = this.#current;
    const distance = current === undefined ? 0 : (timestamp - current.timestamp) | 0; // signed: timestamps wrap
    if (current === undefined) {
      this.#begin(now, timestamp, packet);
    } else if (packet.event === current.event && distance === 0) {
      this.#update(now, current, packet);
    } else if (packet.event === current.event && distance === MAXIMUM_SEGMENT_DURATION && !current.ended) {
      // the next segment of a long event, whose first timestamp is where the full one before it ended
      current.earlier += MAXIMUM_SEGMENT_DURATION;
      current.timestamp = timestamp;
      current.duration = 0;
      this.#update(now, current, packet);
    } else if (distance === 0 && packet.event !== this.#eventBefore(timestamp)) {
      // Deviation: OPAL begins a digit at the timestamp of the one before, which RFC 4733 §2.2.1 leaves no room for.
      if (!current.ended) this.#end(current, 'next-event');
      this.#before = { event: current.event, timestamp };
      this.#begin(now, timestamp, packet);
    } else if (distance > 0 || distance < -LATE_MILLISECONDS * this.#unitsPerMillisecond) {
      if (!current.ended) this.#end(current, 'next-event');
      this.#begin(now, timestamp, packet);
    }
    // What is left is a late packet of an event that is over.
  }

  handleTimeout(now: number): void {
    if (this.#deadlines.takeDue(now) === undefined) return;
    if (this.#current !== undefined && !this.#current.ended) this.#end(this.#current, 'timeout');
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): TelephoneEventReport | undefined {
    return this.#reports.shift();
  }

  #eventBefore(timestamp: number): number | undefined {
    return this.#before?.timestamp === timestamp ? this.#before.event : undefined;
  }

  #begin(now: number, timestamp: number, packet: TelephoneEvent): void {
    const { event, volume } = packet;
    this.#current = { event, timestamp, earlier: 0, duration: 0, ended: false };
    this.#report({ kind: 'event-started', event, digit: dtmfDigitOf(event), volume });
    this.#update(now, this.#current, packet);
  }

  #update(now: number, current: CurrentEvent, packet: TelephoneEvent): void {
    if (current.ended) return; // a repeated end packet, or an update that came after it
    current.duration = Math.max(current.duration, packet.duration);
    if (packet.end) this.#end(current, 'end-packet');
    else this.#deadlines.set('silence', now + SILENCE_MILLISECONDS);
  }

  #end(current: CurrentEvent, cause: 'end-packet' | 'next-event' | 'timeout'): void {
    current.ended = true;
    this.#deadlines.clear('silence');
    this.#report({
      kind: 'event-ended',
      event: current.event,
      digit: dtmfDigitOf(current.event),
      durationMilliseconds: (current.earlier + current.duration) / this.#unitsPerMillisecond,
      cause,
    });
  }

  #report(report: TelephoneEventReport): void {
    if (this.#reports.length >= MAXIMUM_REPORTS) this.#reports.shift();
    this.#reports.push(report);
  }
}

import { TrustlineError } from '@trustline/base';
import { MAXIMUM_SEGMENT_DURATION, serializeTelephoneEvent } from './telephone-event.ts';

/** What to send in place of audio at this packet time. Same SSRC and sequence numbers as the audio. */
export interface TelephoneEventPacket {
  readonly marker: boolean;
  /** RTP timestamp: the start of the event, the same in every packet of it (of its segment, if it is long). */
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

export interface TelephoneEventRequest {
  /** 0 to 255; `dtmfEventOf` gives that of a digit. */
  readonly event: number;
  /** How long the event lasts, up to a minute; 100 by default. */
  readonly durationMilliseconds?: number;
  /** Silence before the next event begins, up to a minute; 100 by default. */
  readonly pauseMilliseconds?: number;
  /** 0 (loudest) to 63; 10 by default. */
  readonly volume?: number;
}

export interface TelephoneEventSenderOptions {
  readonly clockRate: number;
  /** Time between two calls of `next`, 20 by default. */
  readonly packetMilliseconds?: number;
}

/** Events that may wait. */
const MAXIMUM_QUEUED_EVENTS = 256;
const LONGEST_MILLISECONDS = 60_000;
/** "the final packet … SHOULD be sent a total of three times", RFC 4733 §2.5.1.4 */
const END_PACKETS = 3;

interface RunningEvent {
  readonly event: number;
  readonly volume: number;
  /** Timestamp units that the whole event lasts. */
  readonly total: number;
  readonly pausePackets: number;
  /** Units passed, and where the segment being sent began. */
  elapsed: number;
  segmentStart: number;
  readonly timestamp: number;
  endPacketsSent: number;
}

/** Sends queued events one after the other, a packet each packet time, as RFC 4733 §2.5.1 says. */
export class TelephoneEventSender {
  readonly #clockRate: number;
  readonly #packetMilliseconds: number;
  readonly #queue: Required<TelephoneEventRequest>[] = [];
  #running: RunningEvent | undefined;
  #pausePackets = 0;

  constructor(options: TelephoneEventSenderOptions) {
    this.#clockRate = options.clockRate;
    this.#packetMilliseconds = options.packetMilliseconds ?? 20;
  }

  /** Whether an event is being sent or waits. */
  get busy(): boolean {
    return this.#running !== undefined || this.#queue.length > 0;
  }

  /** @throws {TrustlineError} rtp.invalid-event, rtp.event-queue-full */
  enqueue(request: TelephoneEventRequest): void {
    const { event, durationMilliseconds = 100, pauseMilliseconds = 100, volume = 10 } = request;
    check('event', event, 0, 255);
    check('durationMilliseconds', durationMilliseconds, 1, LONGEST_MILLISECONDS);
    check('pauseMilliseconds', pauseMilliseconds, 0, LONGEST_MILLISECONDS);
    check('volume', volume, 0, 63);
    if (this.#queue.length >= MAXIMUM_QUEUED_EVENTS) {
      throw new TrustlineError('rtp.event-queue-full', `${MAXIMUM_QUEUED_EVENTS} events wait already`);
    }
    this.#queue.push({ event, durationMilliseconds, pauseMilliseconds, volume });
  }

  /** Call once per packet time with the RTP timestamp that audio would carry; undefined means: send audio. */
  next(timestamp: number): TelephoneEventPacket | undefined {
    if (this.#running === undefined) {
      if (this.#pausePackets > 0) {
        this.#pausePackets--;
        return undefined;
      }
      const request = this.#queue.shift();
      if (request === undefined) return undefined;
      this.#running = this.#start(request, timestamp);
    }
    return this.#nextPacketOf(this.#running);
  }

  #start(request: Required<TelephoneEventRequest>, timestamp: number): RunningEvent {
    return {
      event: request.event,
      volume: request.volume,
      total: Math.round((request.durationMilliseconds * this.#clockRate) / 1000),
      pausePackets: Math.ceil(request.pauseMilliseconds / this.#packetMilliseconds),
      elapsed: 0,
      segmentStart: 0,
      timestamp,
      endPacketsSent: 0,
    };
  }

  #nextPacketOf(running: RunningEvent): TelephoneEventPacket {
    // The marker stands on the first packet of an event, not of a later segment (RFC 4733 §2.5.1.3).
    const marker = running.elapsed === 0;
    if (running.elapsed - running.segmentStart >= MAXIMUM_SEGMENT_DURATION) {
      running.segmentStart += MAXIMUM_SEGMENT_DURATION;
    }
    const packetUnits = Math.round((this.#packetMilliseconds * this.#clockRate) / 1000);
    running.elapsed = Math.min(running.elapsed + packetUnits, running.total);
    const duration = Math.min(running.elapsed - running.segmentStart, MAXIMUM_SEGMENT_DURATION);
    const end = running.segmentStart + duration === running.total;
    if (end && ++running.endPacketsSent === END_PACKETS) {
      this.#running = undefined;
      this.#pausePackets = running.pausePackets;
    }
    return {
      marker,
      timestamp: (running.timestamp + running.segmentStart) % 0x1_0000_0000,
      payload: serializeTelephoneEvent({ event: running.event, end, volume: running.volume, duration }),
    };
  }
}

function check(name: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw new TrustlineError('rtp.invalid-event', `${name} is an integer from ${minimum} to ${maximum}, not ${value}`);
}

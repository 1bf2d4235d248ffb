import type { DtmfDigit } from './dtmf.ts';

/** The payload of RFC 4733 §2.3. */
export interface TelephoneEvent {
  /** 0 to 255; 0 to 15 are the DTMF digits. */
  readonly event: number;
  readonly end: boolean;
  /** Power below 0 dBm0 in dB, 0 (loudest) to 63. */
  readonly volume: number;
  /** Timestamp units since the event (or this segment of it) began, 0 to 65,535. */
  readonly duration: number;
}

/** Octets of one event in a payload. */
export const TELEPHONE_EVENT_LENGTH = 4;
export declare function parseTelephoneEvent(payload: Uint8Array): TelephoneEvent | undefined;
export declare function serializeTelephoneEvent(event: TelephoneEvent): Uint8Array;

/** What to send in place of audio at this packet time. Same SSRC and sequence numbers as the audio. */
export interface TelephoneEventPacket {
  readonly marker: boolean;
  /** RTP timestamp: the start of the event, the same in every packet of it. */
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

export interface TelephoneEventRequest {
  readonly event: number;
  /** How long the event lasts; 100 by default. */
  readonly durationMilliseconds?: number;
  /** Silence before the next event begins; 100 by default. */
  readonly pauseMilliseconds?: number;
  /** 0 to 63; 10 by default. */
  readonly volume?: number;
}

export interface TelephoneEventSenderOptions {
  readonly clockRate: number;
  /** Time between two calls of `next`, 20 by default. */
  readonly packetMilliseconds?: number;
}

export declare class TelephoneEventSender {
  constructor(options: TelephoneEventSenderOptions);
  /** Queues an event. @throws {TrustlineError} rtp.invalid-event, rtp.event-queue-full */
  enqueue(request: TelephoneEventRequest): void;
  /** Call once per packet time with the RTP timestamp that audio would carry; undefined means: send audio. */
  next(timestamp: number): TelephoneEventPacket | undefined;
  get busy(): boolean;
}

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
      /** `end-packet`, or how it was concluded that the end packets were lost. */
      readonly cause: 'end-packet' | 'next-event' | 'timeout';
    };

export declare class TelephoneEventReceiver {
  constructor(options: { readonly clockRate: number });
  handlePacket(now: number, marker: boolean, timestamp: number, payload: Uint8Array): void;
  handleTimeout(now: number): void;
  nextDeadline(): number | undefined;
  poll(): TelephoneEventReport | undefined;
}

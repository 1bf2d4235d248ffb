import { ByteReader, ByteWriter } from '@trustline/base';

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
/** Longest duration one segment can state (RFC 4733 §2.5.1.3). */
export const MAXIMUM_SEGMENT_DURATION = 0xffff;

/** The first event of a payload; undefined for one that is too short. Further octets are tolerated. */
export function parseTelephoneEvent(payload: Uint8Array): TelephoneEvent | undefined {
  if (payload.byteLength < TELEPHONE_EVENT_LENGTH) return undefined;
  const reader = new ByteReader(payload);
  const event = reader.u8();
  const flags = reader.u8(); // E, R (ignored by receivers), volume
  return { event, end: flags >= 0x80, volume: flags & 0x3f, duration: reader.u16() };
}

export function serializeTelephoneEvent(event: TelephoneEvent): Uint8Array {
  return new ByteWriter(TELEPHONE_EVENT_LENGTH)
    .u8(event.event)
    .u8((event.end ? 0x80 : 0) | (event.volume & 0x3f))
    .u16(event.duration)
    .finish();
}

import type { LocalCodec } from '@trustline/sip';

export const RTP_CLEAR = 'RTP/AVP';
export const RTP_SECURE = 'RTP/SAVP';

/** What this phone speaks, by preference, and the events beside it (RFC 3551 §6, RFC 4733 §2.4.1). */
export const audioCodecs: readonly LocalCodec[] = [
  { encoding: 'PCMA', clockRate: 8_000, payloadType: 8 },
  { encoding: 'PCMU', clockRate: 8_000, payloadType: 0 },
  { encoding: 'telephone-event', clockRate: 8_000, payloadType: 101, parameters: '0-15' },
];

/** RFC 3389: taken wherever it comes, for many send it unasked. */
export const COMFORT_NOISE_PAYLOAD_TYPE = 13;

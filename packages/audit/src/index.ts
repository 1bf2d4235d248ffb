export type { RtpStreamReport } from './media/rtp-stream.ts';
export { RtpStreams } from './media/rtp-streams.ts';
export { type Correlation, correlateAtBestLag } from './signal/correlate.ts';
export { detectDtmfTones, type ToneDigit } from './signal/dtmf-tones.ts';
export { MAXIMUM_TONE_LEVEL, toneLevel } from './signal/tone.ts';
export { type HeardFlow, Tap, type TapOptions } from './tap/tap.ts';
export type { TapKey } from './tap/unprotect.ts';
export type { ConnectionEnds, ConnectionObserver, ConnectionSide } from './traffic/connections.ts';
export type { PacketPlace } from './traffic/place.ts';
export {
  type DatagramObserver,
  Traffic,
  type TrafficCounts,
  type TrafficLimits,
  type TrafficObserver,
} from './traffic/traffic.ts';

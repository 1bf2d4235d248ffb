export {
  AudioPlayout,
  type AudioPlayoutOptions,
  type PlayoutPayload,
  type PlayoutSource,
  type PlayoutStatistics,
} from './audio-playout.ts';
export { type DtmfDigit, dtmfDigitOf, dtmfEventOf } from './dtmf.ts';
export { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.ts';
export {
  isRtcp,
  parseRtpPacket,
  RTP_HEADER_LENGTH,
  type RtpHeaderExtension,
  RtpHeaderView,
  type RtpPacket,
  serializeRtpPacket,
  writeRtpHeader,
} from './packet.ts';
export type { RtpRejection } from './rejection.ts';
export {
  type NtpTimestamp,
  parseRtcpCompound,
  type ReportBlock,
  type RtcpPacket,
  type SourceDescriptionItem,
  serializeRtcpCompound,
} from './rtcp.ts';
export { type MediaStatistics, RtcpSession, type RtcpSessionOptions, type RtcpSessionOutput } from './rtcp-session.ts';
export {
  parseTelephoneEvent,
  serializeTelephoneEvent,
  TELEPHONE_EVENT_LENGTH,
  type TelephoneEvent,
  type TelephoneEventPacket,
  TelephoneEventReceiver,
  type TelephoneEventReport,
  type TelephoneEventRequest,
  TelephoneEventSender,
  type TelephoneEventSenderOptions,
} from './telephone-event.ts';
export { estimateVoiceQuality, type VoiceQuality, type VoiceQualityInput } from './voice-quality.ts';

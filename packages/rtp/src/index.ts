export {
  AudioPlayout,
  type AudioPlayoutOptions,
  type PlayoutPayload,
  type PlayoutSource,
  type PlayoutStatistics,
} from './audio-playout.ts';
export {
  type AudioAgreement,
  type AudioStatistics,
  AudioStream,
  type AudioStreamOptions,
  type AudioStreamOutput,
  FRAME_MILLISECONDS,
  FRAME_SAMPLES,
  type PacketProtection,
} from './audio-stream.ts';
export { ComfortNoise } from './comfort-noise.ts';
export { Concealment } from './concealment.ts';
export { type DtmfDigit, dtmfDigitOf, dtmfEventOf } from './dtmf.ts';
export { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.ts';
export { G722Decoder, G722Encoder } from './g722.ts';
export {
  type BufferedPacket,
  JitterBuffer,
  type JitterBufferAcceptance,
  type JitterBufferOptions,
  type PlayoutStep,
} from './jitter-buffer.ts';
export { OpusLibrary } from './opus.ts';
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
export { RateDoubling, RateHalving } from './rate-conversion.ts';
export type { RtpRejection } from './rejection.ts';
export { resample } from './resample.ts';
export {
  type NtpTimestamp,
  parseRtcpCompound,
  type ReportBlock,
  type RtcpPacket,
  type SourceDescriptionChunk,
  type SourceDescriptionItem,
  serializeRtcpCompound,
} from './rtcp.ts';
export { type RtcpIntervalInput, rtcpInterval } from './rtcp-interval.ts';
export { type MediaStatistics, RtcpSession, type RtcpSessionOptions, type RtcpSessionOutput } from './rtcp-session.ts';
export { SourceStatistics } from './source-statistics.ts';
export {
  parseTelephoneEvent,
  serializeTelephoneEvent,
  TELEPHONE_EVENT_LENGTH,
  type TelephoneEvent,
} from './telephone-event.ts';
export { TelephoneEventReceiver, type TelephoneEventReport } from './telephone-event-receiver.ts';
export {
  type TelephoneEventPacket,
  type TelephoneEventRequest,
  TelephoneEventSender,
  type TelephoneEventSenderOptions,
} from './telephone-event-sender.ts';
export {
  clockRateOf,
  createVoiceDecoder,
  createVoiceEncoder,
  sampleRateFor,
  type VoiceCodec,
  type VoiceDecoder,
  type VoiceEncoder,
  type VoiceSampleRate,
} from './voice-codec.ts';
export {
  estimateVoiceQuality,
  type VoiceQuality,
  type VoiceQualityCodec,
  type VoiceQualityInput,
} from './voice-quality.ts';
export { parseWav, type Sound, serializeWav, WAV_HEADER_LENGTH, wavHeader } from './wav.ts';

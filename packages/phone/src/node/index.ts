export type { MediaDatagram } from './call-audio.ts';
export type { ProvenManager } from './connector.ts';
export { type PhoneConnection, type PhoneCredentials, readCredentials } from './credentials.ts';
export {
  type CallKeys,
  type CallOptions,
  Phone,
  type PhoneCallEvent,
  type PhoneEvent,
  type PhoneOptions,
} from './phone.ts';
export type { CallState, RunningCall, ShownMedia } from './running-call.ts';
export { type AudioSink, type AudioSource, play, readWavFile, silence, WavRecorder } from './wav-file.ts';

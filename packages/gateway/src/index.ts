export {
  type AccessSide,
  decodeFrame,
  encodeFrame,
  type FrameFault,
  type FrameResult,
  type LinkFrame,
} from './isdn/link/frame.ts';
export { DataLink, type LinkError, type LinkOutput, type LinkState, linkParameters } from './isdn/link/link.ts';
export {
  AUDIO_BLOCK_OCTETS,
  type CallingParty,
  type CompandingLaw,
  type OutgoingCall,
  type ReleaseCause,
  type VoicePort,
  type VoicePortEvent,
} from './voice-port.ts';

export { FxoPort, type FxoPortOptions, type FxoState } from './analogue/fxo-port.ts';
export { FxsPort, type FxsPortOptions, type FxsState } from './analogue/fxs-port.ts';
export { defaultHookTiming, type HookTiming } from './analogue/hook.ts';
export type { Battery, CallerIdMethod, OfficeSignal, StationSignal } from './analogue/loop-signals.ts';
export {
  type GatewayConfigurationReading,
  readGatewayConfiguration,
} from './configuration/document.ts';
export { gatewayConfigurationReference } from './configuration/reference.ts';
export type { GatewayConfiguration } from './configuration/schema.ts';
export { GatewayError, type GatewayErrorCode } from './error.ts';
export type { ChannelService, PrimaryRateLine } from './isdn/call-control/bearer-channels.ts';
export { type CallControlTimers, standardTimers } from './isdn/call-control/call-timers.ts';
export type { CallEvent, IsdnCall, ReleasedBy, SetupTerms } from './isdn/call-control/isdn-call.ts';
export type { NetworkLayer, NetworkLayerOptions } from './isdn/call-control/network-layer.ts';
export {
  type AccessSide,
  decodeFrame,
  encodeFrame,
  type FrameFault,
  type FrameResult,
  type LinkFrame,
} from './isdn/link/frame.ts';
export { DataLink, type LinkError, type LinkOutput, type LinkState, linkParameters } from './isdn/link/link.ts';
export { LoopbackEnd } from './isdn/loopback.ts';
export { type AccessCounters, type AccessOutput, PrimaryRateAccess } from './isdn/primary-rate-access.ts';
export { PrimaryRatePort, type PrimaryRatePortOptions } from './isdn/primary-rate-port.ts';
export {
  demonstrationPlan,
  type SimulatedBehaviour,
  type SimulatedNumberPlan,
  type SimulatedVoice,
} from './simulated-network/number-plan.ts';
export {
  type SimulatedNetworkEvent,
  type SimulatedNetworkOptions,
  SimulatedPublicNetwork,
} from './simulated-network/simulated-network.ts';
export { compress, expand } from './tones/audio-queue.ts';
export { CallProgressDetector } from './tones/call-progress-detector.ts';
export {
  type CallProgressTone,
  callProgressTone,
  callProgressTones,
  type ToneCountry,
  toneCountries,
} from './tones/call-progress-tones.ts';
export { DtmfDetector, dtmfTones } from './tones/dtmf.ts';
export { type Tone, ToneGenerator, type ToneSection } from './tones/tone-generator.ts';
export {
  AUDIO_BLOCK_OCTETS,
  type CallingParty,
  type CompandingLaw,
  type OutgoingCall,
  type ReleaseCause,
  type VoicePort,
  type VoicePortEvent,
} from './voice-port.ts';

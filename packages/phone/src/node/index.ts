export {
  bootFleet,
  bootTimeOf,
  type Fleet,
  type FleetOptions,
  type FleetPhone,
  type FleetResult,
} from './boot/fleet.ts';
export { readIdentityPem } from './boot/identity.ts';
export { type BootEvent, NetworkBoot, type NetworkBootOptions } from './boot/network-boot.ts';
export type { WantedOfPhone } from './boot/registration.ts';
export type { FileServer } from './boot/servers.ts';
export { PassingMemory, type PhoneMemory, type PhonePlace, StateFolder } from './boot/state-folder.ts';
export type { MediaDatagram } from './call-audio.ts';
export type { ProvenManager } from './connector.ts';
export { type ManagerJudgement, type PhoneConnection, type PhoneCredentials, readCredentials } from './credentials.ts';
export { Phone, type PhoneOptions } from './phone.ts';
export type { CallState, RunningCall, ShownMedia } from './running-call.ts';
export { SkinnyPhone, type SkinnyPhoneOptions } from './skinny/skinny-phone.ts';
export type {
  CallKeys,
  CallOptions,
  PhoneCallEvent,
  PhoneEvent,
  PlacingOptions,
  Softphone,
  SoftphoneOptions,
} from './softphone.ts';
export { type AudioSink, type AudioSource, play, readWavFile, silence, WavRecorder } from './wav-file.ts';

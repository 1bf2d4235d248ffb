export type { Location } from './admission.ts';
export { CallControl } from './callcontrol.ts';
export type { CallingSearchSpace } from './calling-rights.ts';
export { type Cause, causeOfQ850, causes, causeText, q850 } from './causes.ts';
export type { DialledSoFar } from './dialling.ts';
export type { DialPlanEntry, DialPlanTarget } from './dialplan.ts';
export type {
  Device,
  Directory,
  Forwarding,
  HuntGroup,
  HuntOrder,
  KeyReading,
  Line,
  LineLimits,
  Route,
} from './directory.ts';
export type { Diversion, DiversionReason } from './diversion.ts';
export { CallControlError, type CallControlErrorCode } from './error.ts';
export type { CallControlInput, CallerIdentity, LegId, TransferTarget } from './inputs.ts';
export { isSameKey, type MediaKey } from './keys.ts';
export type { LineCall } from './line-calls.ts';
export {
  isEncrypted,
  type MediaAttribute,
  type MediaDescription,
  type MediaDirection,
  type MediaFormat,
  type MediaStream,
  type MediaTransport,
} from './media.ts';
export { readNetwork } from './network.ts';
export { matchPattern, parsePattern, readPattern } from './number-pattern.ts';
export { createNumbering, type Numbering, type NumberingOptions, type PickUpGroup } from './numbering.ts';
export type { CallControlOutput } from './outputs.ts';
export { decide, type PolicyDecision, type PolicyEnd } from './policy.ts';
export { type DeviceSecurityMode, isConfidential, type LegProtection, mayUseKeys } from './protection.ts';
export type { ShownProtection } from './protection-loss.ts';
export type { KeptCall } from './recovery.ts';
export type { AllocatedRelaySide, RelayPort, RelayReason, RelaySideId } from './relay-state.ts';
export { type CallControlSettings, defaultSettings } from './settings.ts';
export type { CallSnapshot, LegSnapshot } from './snapshot.ts';
export { type TimePeriod, type TimeSchedule, type Weekday, weekdays } from './time-schedule.ts';
export type { TranscodedCodecs } from './transcoding.ts';
export type { CallControlPorts } from './world.ts';

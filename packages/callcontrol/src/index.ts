export { CallControl } from './callcontrol.ts';
export { type Cause, causeOfQ850, causes, causeText, q850 } from './causes.ts';
export { createDialPlan, type DialPlan, type DialPlanEntry, parsePattern } from './dialplan.ts';
export type { Device, Directory, Line, Route } from './directory.ts';
export { CallControlError, type CallControlErrorCode } from './error.ts';
export type { CallControlInput, CallerIdentity, LegId } from './inputs.ts';
export type { MediaKey } from './keys.ts';
export {
  isEncrypted,
  type MediaAttribute,
  type MediaDescription,
  type MediaDirection,
  type MediaFormat,
  type MediaStream,
  type MediaTransport,
} from './media.ts';
export type { CallControlOutput } from './outputs.ts';
export { decide, type PolicyDecision, type PolicyEnd } from './policy.ts';
export { type DeviceSecurityMode, isConfidential, type LegProtection, mayUseKeys } from './protection.ts';
export { type CallControlSettings, defaultSettings } from './settings.ts';
export type { CallSnapshot, LegSnapshot } from './snapshot.ts';
export type { CallControlPorts } from './world.ts';

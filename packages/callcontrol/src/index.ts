export { type Cause, causeOfQ850, causes, causeText, q850 } from './causes.ts';
export type { Device, Directory, Line, Route } from './directory.ts';
export type { CallControlInput, CallerIdentity, LegId } from './inputs.ts';
export type { MasterKey, MediaKey } from './keys.ts';
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

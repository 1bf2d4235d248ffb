export {
  EVENT_SCHEMA,
  type EventKind,
  eventKinds,
  type SecurityEvent,
  type Severity,
  securityEvent,
} from './event.ts';
export { eventLine, recordLine } from './line.ts';
export {
  CALL_RECORD_SCHEMA,
  type CallOutcome,
  type CallParty,
  type CallRecord,
  type CallRecordLeg,
  type LevelChange,
} from './record.ts';
export type { MediaKeying, Proof, SecurityLevel, SecurityPolicy, SignallingProtection } from './security.ts';

export {
  appendEntry,
  CHAIN_SCHEMA,
  type ChainEntry,
  type ChainState,
  callOfEntry,
  type EntryContent,
  ed25519Signer,
  emptyChain,
  entryContent,
  erasePersonalFields,
  SALT_LENGTH,
  type SequenceRange,
  type Signer,
  stateAfter,
  type WrittenEntry,
  writeEntry,
} from './chain/entry.ts';
export {
  type ExportHolds,
  type ExportTrust,
  type ExportVerdict,
  ExportVerifier,
  exportEntryLine,
  verifyExport,
} from './chain/export.ts';
export { exportHeaderLine, headerKey, headerNode } from './chain/export-header.ts';
export { type ChainHead, createHead, headText, isGenuineHead, parseHead } from './chain/head.ts';
export { ERASED } from './chain/personal.ts';
export {
  type ChainBreak,
  type ChainHolds,
  type ChainRule,
  type ChainVerdict,
  ChainVerifier,
  verifyEntries,
} from './chain/verify.ts';
export { demarcationsOf, demarcationWords } from './demarcation.ts';
export { EVENT_SCHEMA, type EventKind, eventKinds, type SecurityEvent, type Severity, securityEvent } from './event.ts';
export { eventLine, recordLine } from './line.ts';
export {
  CALL_RECORD_SCHEMA,
  type CallEnder,
  type CallOutcome,
  type CallParty,
  type CallRecord,
  type CallRecordLeg,
  type CallTransfer,
  type LevelChange,
  type ProtectionChange,
  type RouteStep,
} from './record.ts';
export type { MediaKeying, Proof, SecurityLevel, SecurityPolicy, SignallingProtection } from './security.ts';

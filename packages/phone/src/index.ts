export { speechLike } from './audio/speech-like.ts';
export type {
  CallManagerTrust,
  FileSigner,
  FileVerdict,
  HeldLists,
  JudgingContext,
  ListVerdict,
  PhoneService,
  Refusal,
  ServerVerdict,
  TrustJudge,
  TvsVoucher,
} from './boot/judge.ts';
export type {
  BootInput,
  BootLog,
  BootOutput,
  EnrolmentProof,
  EnrolmentReason,
  EnrolmentResult,
  FetchAnswer,
  RegisterOutput,
  TvsAnswer,
  TvsQuestion,
  WaitingCause,
} from './boot/messages.ts';
export { type BootTiming, PhoneBoot, type PhoneBootOptions } from './boot/phone-boot.ts';
export { heldLines } from './boot/plan.ts';
export {
  blankState,
  type HeldConfiguration,
  type PhoneIdentity,
  type PhoneState,
  parsePhoneState,
  serializePhoneState,
} from './boot/state.ts';
export { trustListJudge } from './boot/trust-judge.ts';
export type { AgreedMedia, MediaEndpoint } from './call/call-media.ts';
export { type CallEnding, type EndedCall, endingOfStatus } from './call/ending.ts';
export { clearKeys } from './call/own-keys.ts';
export type { CallEvent, PhoneCall } from './call/phone-call.ts';
export type { MediaSecurity } from './call/security.ts';
export type { PhoneOutput } from './core/outputs.ts';
export { PhoneCore, type PhoneCoreOptions } from './core/phone-core.ts';
export { PhoneError, type PhoneErrorCode } from './error.ts';
export { endingOfWords, isAboutProtection } from './skinny/end-words.ts';
export type { PhoneKey } from './skinny/phone-keys.ts';

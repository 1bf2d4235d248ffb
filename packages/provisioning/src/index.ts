// CAPF: enrolment of devices.

// Alarms: what phones report.
export { explainPhoneAlarm } from './alarms/explain-alarm.ts';
export type { AlarmConfidence, ExplainedAlarm } from './alarms/explanations.ts';
export { type PhoneAlarm, readPhoneAlarm } from './alarms/read-alarm.ts';
export type {
  CapfClientInput,
  CapfClientOptions,
  CapfClientOutput,
  CapfClientResult,
  CapfClientTimeouts,
  CapfCredential,
} from './capf/client-session.ts';
export { CapfClientSession } from './capf/client-session.ts';
export {
  type CapfCertificate,
  type CapfCurve,
  type CapfKeyRequest,
  type CapfSha2Signature,
  capfAuthentication,
  capfCertificateType,
  capfCurve,
  capfElement,
  capfHash,
  capfKeyType,
  capfReason,
  readCapfElements,
} from './capf/elements.ts';
export {
  defaultEnrolmentLimits,
  type EnrolmentLimits,
  type EnrolmentOptions,
  Enrolments,
  type PendingOperation,
} from './capf/enrolment.ts';
export type {
  EnrolmentAction,
  EnrolmentAuthentication,
  EnrolmentCertificate,
  EnrolmentCertificateJudgement,
  EnrolmentClaim,
  EnrolmentDecision,
  EnrolmentEvent,
  EnrolmentOperation,
  OperationEnd,
  OutsideIssue,
  RefusalRule,
} from './capf/enrolment-types.ts';
export type { FailureRate } from './capf/failure-counter.ts';
export {
  type CapfCommandName,
  type CapfMessage,
  capfCommand,
  capfCommandName,
  capfMessageStream,
  decodeCapfMessage,
  encodeCapfMessage,
  MAX_CAPF_MESSAGE,
} from './capf/message.ts';
export { describeKeyRequest } from './capf/operation.ts';
export { type CapfProof, type CapfProofResult, makeCapfProof, verifyCapfProof } from './capf/proof.ts';
export { CapfServerSession } from './capf/server-session.ts';
export type {
  CapfServerInput,
  CapfServerOutput,
  CapfServerSessionOptions,
  CapfSessionTimeouts,
} from './capf/server-session-types.ts';
export { type CapfSudi, decodeCapfSudi, encodeCapfSudi, makeCapfSudi, verifyCapfSudi } from './capf/sudi.ts';
// Configuration files of phones.
export { ConfigurationError } from './configuration/error.ts';
export { type PhoneFileNames, phoneFileNames } from './configuration/file-names.ts';
export {
  type CallManagerAddress,
  type CapfAuthentication,
  type CapfSettings,
  type ConfigurationFile,
  type DefaultConfiguration,
  type DefaultLoad,
  type DeviceSecurityMode,
  holdsSecret,
  type OtherElement,
  type PhoneConfiguration,
  type PhoneLine,
  type ServerAddress,
  type SipTransport,
  type StubConfiguration,
  sipProfileOfDeskPhones,
  stubOf,
} from './configuration/phone-configuration.ts';
export { type ConfigurationResult, parseConfiguration } from './configuration/read.ts';
export { serializeConfiguration } from './configuration/write.ts';
export {
  type ConfigurationReject,
  type ConfigurationRejectCode,
  MAXIMUM_CONFIGURATION_LENGTH,
} from './configuration/xml.ts';
// What CAPF and TVS share.
export {
  type ElementForm,
  type ElementValues,
  element,
  type ReadableForm,
  type ReadableForms,
  type WireElement,
  type WireReject,
  type WireResult,
} from './elements/elements.ts';
export { EnrolmentError, type EnrolmentErrorCode } from './elements/error.ts';
export type { MessageStream } from './elements/stream.ts';

// Files: names, sources, what may leave.
export { contentTypeOf } from './files/content-type.ts';
export { defaultFileCacheLimits, FileCache, type FileCacheLimits } from './files/file-cache.ts';
export {
  type ConfigurationForm,
  type FileNameResult,
  type FileTransport,
  formToServe,
  type PhoneFileName,
  parseFileName,
} from './files/file-name.ts';
export {
  type FileClient,
  type FileEvent,
  FileService,
  type FileServiceAnswer,
  type FileServiceOptions,
} from './files/file-service.ts';
export {
  CombinedFileSource,
  type FileAnswer,
  type FileRefusalCause,
  type FileRequest,
  type FileSensitivity,
  type FileSource,
  type FoundFile,
  type VersionedFileSource,
} from './files/file-source.ts';
export {
  parseServiceControl,
  SERVICE_CONTROL_EVENT,
  SERVICE_CONTROL_TYPE,
  type ServiceControl,
  type ServiceControlAction,
  serializeServiceControl,
} from './service-control/service-control.ts';
// TFTP: packets, and both ends of a transfer.
export {
  type TftpClientOutput,
  TftpClientTransfer,
  type TftpClientTransferOptions,
  type TftpClosed,
  type TftpReceived,
} from './tftp/client-transfer.ts';
export { defaultTftpLimits, type TftpLimits } from './tftp/limits.ts';
export type { TftpWishes } from './tftp/options.ts';
export {
  decodeTftpPacket,
  encodeTftpPacket,
  type TftpDecoded,
  type TftpOption,
  type TftpPacket,
  type TftpReject,
  tftpErrorCode,
} from './tftp/packet.ts';
export { type TftpFinished, type TftpServerOutput, TftpServerTransfer } from './tftp/server-transfer.ts';
export type { TftpFailure, TftpFailureCause, TftpPeer, TftpTransmit } from './tftp/transfer.ts';
// TVS: trust verification.
export {
  type TvsAnswer,
  type TvsClientInput,
  type TvsClientOptions,
  type TvsClientOutput,
  TvsClientSession,
  type TvsQuestion,
} from './tvs/client-session.ts';
export { type TvsDirectoryEntry, tvsDirectory } from './tvs/directory.ts';
export {
  decodeTvsMessage,
  encodeTvsMessage,
  MAX_TVS_MESSAGE,
  readTvsElements,
  type TvsMessage,
  tvsCommand,
  tvsElement,
  tvsMessageStream,
} from './tvs/message.ts';
export {
  type TvsEntry,
  type TvsEvent,
  type TvsLookup,
  type TvsQuery,
  type TvsServerInput,
  type TvsServerOutput,
  TvsServerSession,
  type TvsSessionOptions,
} from './tvs/server-session.ts';

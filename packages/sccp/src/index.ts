export {
  decodeBody,
  encodeMessage,
  type MalformedMessage,
  messageKindOf,
  type ReceivedMessage,
  type SccpDialect,
  type SccpMessage,
  type UnknownMessage,
} from './codec.ts';
export { SccpError, type SccpErrorCode, sccpErrors } from './error.ts';
export { DEFAULT_LONGEST_MESSAGE, type SccpFrame, SccpFrameReader } from './frame/frame-reader.ts';
export type { AnyField, FieldForm, Places } from './layout/field.ts';
export { KEY_PLACE, type MediaEncryptionKeyInfo, noMediaEncryption } from './layout/key-info.ts';
export type { MessageDefinition, Sender } from './layout/message.ts';
export { definitions, type KnownMessage, type MessageOfKind } from './messages/catalogue.ts';
export type {
  PhoneCall,
  PhoneConfiguration,
  PhoneEvent,
  PhoneSessionEnd,
  StreamRequest,
} from './phone/events.ts';
export { type PhoneOutput, PhoneSession, type PhoneSessionOptions } from './phone/session.ts';
export type {
  PhoneCodec,
  RegisteringDevice,
  ServerEvent,
  SessionEnd,
  SessionStatistics,
} from './server/events.ts';
export {
  type CallInformation,
  callInfo,
  displayNotify,
  displayPriorityNotify,
  displayPrompt,
  featureStatus,
  lineStatus,
  openReceiveChannel,
  type StreamForm,
  startMediaTransmission,
  takesBusyLamps,
} from './server/forms.ts';
export { defaultServerLimits, type ServerLimits } from './server/limits.ts';
export type {
  ButtonProfile,
  FeatureProfile,
  LineProfile,
  LocalTime,
  ManagerProfile,
  PhoneProfile,
  ServiceProfile,
  SessionDialect,
  SoftKeyProfile,
  SoftKeySetProfile,
  SpeedDialProfile,
} from './server/profile.ts';
export { type ServerOutput, ServerSession, type ServerSessionOptions } from './server/session.ts';
export {
  CallHistoryDisposition,
  CallPrivacy,
  CallSecurityStatus,
  CallState,
  CallType,
  PartyRestriction,
} from './values/calls.ts';
export { DeviceType } from './values/device-types.ts';
export { KeyPadButton } from './values/key-pad.ts';
export {
  BusyLampStatus,
  LampMode,
  MediaPathCapabilities,
  MediaPathEvent,
  MediaPathID,
  OnOrOff,
  RingDuration,
  RingMode,
} from './values/lamps-and-ringers.ts';
export {
  EchoCancellation,
  G723BitRate,
  IpAddrType,
  MediaPayloadType,
  MediaStatus,
  MediaTransportType,
  MediaType,
  MiscCommandType,
  PortHandling,
  SilenceSuppression,
} from './values/media.ts';
export { MediaEncryptionAlgorithm } from './values/media-encryption.ts';
export { keysOfModel, type ModelKeys } from './values/models.ts';
export {
  ButtonType,
  DeviceAlarmSeverity,
  DeviceResetType,
  DeviceUnregisterStatus,
  LineTypeBits,
  MwiNotificationResult,
  PhoneFeature,
  SequenceFlag,
  StatsProcessingType,
  SubscribeCause,
  SubscriptionFeatureID,
  UnRegReasonCode,
} from './values/registration.ts';
export { SoftKeyEvent, SoftKeySet } from './values/soft-keys.ts';
export { DeviceStimulus } from './values/stimulus.ts';
export { DeviceTone, ToneOutputDirection } from './values/tones.ts';
export { headerVersionOf, NEWEST_VERSION, negotiatedVersion, OLDEST_VERSION } from './versions.ts';

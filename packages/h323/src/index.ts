export {
  CallEndpoint,
  type EndpointEvent,
  type EndpointOptions,
  type EndpointOutput,
  type ReleaseReason as EndpointReleaseReason,
} from './endpoint/call-endpoint.ts';
export type { ControlConnection, ControlInstruction } from './endpoint/control-channel.ts';
export {
  type CallsEvent,
  type CallsLimits,
  type CallsOutput,
  type CallsPorts,
  type CallTerms,
  type ConnectFailure,
  type ConnectionFault,
  type ConnectionProof,
  defaultCallsLimits,
  EndpointCalls,
  type Placing,
} from './endpoint/endpoint-calls.ts';
export { type HostPort, octetsOfAddress, type TcpEnds, textOfAddress } from './endpoint/tcp-ends.ts';
export { H323Error, type H323ErrorCode, h323Errors } from './error.ts';
export type * as H225 from './generated/h225.types.ts';
export type * as H235 from './generated/h235.types.ts';
export type * as H235Srtp from './generated/h235-srtp.types.ts';
export type * as H245 from './generated/h245.types.ts';
export type * as H450Arguments from './generated/h450-arguments.types.ts';
export type * as H4501 from './generated/h4501.types.ts';
export type * as H4502 from './generated/h4502.types.ts';
export type * as H4503 from './generated/h4503.types.ts';
export type * as H4504 from './generated/h4504.types.ts';
export type * as H4506 from './generated/h4506.types.ts';
export type * as H4508 from './generated/h4508.types.ts';
export type * as X880 from './generated/x880.types.ts';
export {
  type CallSignallingMessage,
  type CallSignallingResult,
  decodeCallSignalling,
  encodeCallSignalling,
} from './h225/call-signalling.ts';
export {
  callControlCauseOf,
  causeOfReason,
  causeOfSipStatus,
  knownCauseValues,
  type ReleaseReason,
  reasonOfCause,
  sipStatusOfCause,
  wordsOfCause,
} from './h225/cause-table.ts';
export {
  type Brought,
  CallEntity,
  type CallEvent,
  type CallOptions,
  type CallOutput,
  type CallState,
  type CallTimers,
  callStates,
  defaultCallTimers,
} from './h225/machines/call.ts';
export {
  type Attachments,
  type Identity,
  type SetupTerms,
  statusEnquiryMessage,
} from './h225/machines/call-message.ts';
export type { ReceivedSetup } from './h225/machines/call-reading.ts';
export { CallConnection, type ConnectionOptions, type ConnectionOutput } from './h225/machines/connection.ts';
export {
  type RasCall,
  RasClient,
  type RasClientOptions,
  type RasDestination,
  type RasEvent,
  type RasOutput,
} from './h225/machines/ras-client.ts';
export { rasCodec } from './h225/ras.ts';
export { SRTP_CAPABILITY, type SrtpSuite, srtpSuiteOf, srtpSuites } from './h235/object-identifiers.ts';
export { srtpCapability, usableSrtpSuites } from './h235/srtp-capability.ts';
export {
  decodeSrtpKey,
  encodeSrtpKey,
  type SrtpKeyForm,
  type SrtpKeyResult,
  type SrtpMasterKey,
} from './h235/srtp-keys.ts';
export type { ChannelProtection } from './h245/audio-channel.ts';
export type { AudioFormat, MediaAddress } from './h245/audio-format.ts';
export type { ProtectionPolicy } from './h245/choose-channel.ts';
export {
  type Capabilities,
  type IncomingCapabilityEvent,
  IncomingCapabilityExchangeEntity,
  type OutgoingCapabilityEvent,
  OutgoingCapabilityExchangeEntity,
} from './h245/machines/cese.ts';
export {
  type IncomingCloseEvent,
  IncomingCloseLogicalChannelEntity,
  type OutgoingCloseEvent,
  OutgoingCloseLogicalChannelEntity,
} from './h245/machines/clcse.ts';
export {
  type IncomingChannelEvent,
  IncomingLogicalChannelEntity,
  type OutgoingChannelEvent,
  OutgoingLogicalChannelEntity,
} from './h245/machines/lcse.ts';
export {
  type IncomingModeEvent,
  IncomingModeRequestEntity,
  type OutgoingModeEvent,
  OutgoingModeRequestEntity,
} from './h245/machines/mrse.ts';
export {
  type DeterminationEvent,
  type DeterminationOptions,
  MasterSlaveDeterminationEntity,
  type Role,
} from './h245/machines/msdse.ts';
export { RoundTripDelayEntity, type RoundTripEvent } from './h245/machines/rtdse.ts';
export type { EntityOutput, SignallingEntity } from './h245/machines/signalling-entity.ts';
export { decodeH245, fastStartCodec, type H245Messages, h245Codec } from './h245/messages.ts';
export {
  ControlSession,
  type MediaTerms,
  type Refusal,
  type SessionEvent,
  type SessionOptions,
  type SessionOutput,
} from './h245/session.ts';
export type { DiversionInformation } from './h450/diversion.ts';
export { type OperationName, operationOf, operations } from './h450/operations.ts';
export { type TransferError, transferErrors } from './h450/services.ts';
export { supplementaryServiceCodec } from './h450/supplementary-service.ts';
export { defaultPerLimits, type PerLimits } from './per/bit-reader.ts';
export type { Bits } from './per/bit-string.ts';
export type { ExtensionRest, UnknownAddition, UnknownAlternative } from './per/extensions.ts';
export { type PerCodec, type PerResult, Schema } from './per/schema.ts';
export type { AdditionTable, FieldTable, ModuleTable, NamedTable, SizeTable, TypeTable } from './per/table.ts';
export {
  type BearerCapability,
  decodeBearerCapability,
  encodeBearerCapability,
  speech,
} from './q931/bearer-capability.ts';
export { type Cause, decodeCause, encodeCause } from './q931/cause.ts';
export {
  type ChannelIdentification,
  decodeChannelIdentification,
  encodeChannelIdentification,
} from './q931/channel-identification.ts';
export {
  type CallReference,
  decodeQ931,
  elementOf,
  encodeQ931,
  h225Dialect,
  type InformationElement,
  isdnDialect,
  type Q931Dialect,
  type Q931Message,
  type Q931Result,
} from './q931/message.ts';
export { ElementId, MessageType } from './q931/message-types.ts';
export {
  decodePartyNumber,
  encodePartyNumber,
  ia5Octets,
  ia5Text,
  type NumberPresentation,
  type PartyNumber,
} from './q931/party-number.ts';
export {
  decodeProgressIndicator,
  encodeProgressIndicator,
  IN_BAND_INFORMATION,
  type ProgressIndicator,
} from './q931/progress-indicator.ts';
export { moduleTables, schema } from './schema.ts';
export { encodeTpkt, LONGEST_TPKT, TpktReader } from './tpkt/frame-reader.ts';

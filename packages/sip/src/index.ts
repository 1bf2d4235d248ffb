// Errors and flows.

// Dialogs (RFC 3261 §12).
export { createCalleeDialog, createCallerDialog, type Dialog } from './dialog/dialog.ts';
export { type DialogKey, dialogKeyOfRequest } from './dialog/dialog-key.ts';
export { recordRouteHeaders } from './dialog/in-dialog-request.ts';
// Digest authentication (RFC 3261 §22, RFC 7616, RFC 8760).
export { type DigestAlgorithm, type DigestQop, digestHa1, digestUserhash } from './digest/algorithm.ts';
export { challengeAlgorithms, DigestClient, type DigestClientOptions } from './digest/client.ts';
export {
  type DigestAccount,
  type DigestClaim,
  DigestServer,
  type DigestServerOptions,
  type DigestVerdict,
} from './digest/server.ts';
// The transaction layer (RFC 3261 §17, RFC 6026).
export { SipEndpoint, type SipEndpointOptions } from './endpoint/endpoint.ts';
export { defaultSipEndpointLimits, type SipEndpointLimits } from './endpoint/limits.ts';
export type {
  AckOutput,
  CancelledOutput,
  ClientTransactionId,
  NoAckOutput,
  RequestOutput,
  ResponseOutput,
  ServerTransactionId,
  SipEndpointOutput,
  TimeoutOutput,
  TransmitOutput,
  TransportErrorOutput,
  TransportFailure,
} from './endpoint/outputs.ts';
export { SipError, type SipErrorCode } from './error.ts';
// Event packages (RFC 4235, 3856, 3863, 3842, 3680).
export {
  DIALOG_EVENT,
  DIALOG_INFO_TYPE,
  type DialogInfo,
  type DialogParty,
  type DialogStateName,
  formatDialogInfo,
  parseDialogInfo,
  type WatchedDialog,
} from './event-package/dialog-info.ts';
export {
  formatMessageSummary,
  MESSAGE_SUMMARY_EVENT,
  MESSAGE_SUMMARY_TYPE,
  type MessageClass,
  type MessageCounts,
  type MessageSummary,
  parseMessageSummary,
} from './event-package/message-summary.ts';
export {
  formatPresence,
  PIDF_TYPE,
  PRESENCE_EVENT,
  type Presence,
  type PresenceTuple,
  parsePresence,
} from './event-package/pidf.ts';
export {
  type ContactEvent,
  formatRegInfo,
  parseRegInfo,
  REG_EVENT,
  REG_INFO_TYPE,
  type RegInfo,
  type RegisteredAddress,
  type RegisteredContact,
} from './event-package/reg-info.ts';
export { isReliable, type SipFlow, type SipHostPort, uriTransport } from './flow.ts';
// Where servers are (RFC 3263).
export type { ServerTarget, ServerTransport } from './location/server-location.ts';
// Messages (RFC 3261 §7, §18.3, §20).
export { type CallInfo, formatCallInfo, parseCallInfo } from './message/call-info.ts';
export { MESSAGE_ERRORS, type MessageErrorCode } from './message/codes.ts';
export { type CSeq, cseq, formatCSeq, MAXIMUM_SEQUENCE, parseCSeq } from './message/cseq.ts';
export {
  formatParameters,
  isToken,
  parameterValue,
  quote,
  type SipParameter,
  unquote,
  withParameter,
} from './message/grammar.ts';
export { canonicalHeaderName } from './message/header-names.ts';
export {
  appendHeader,
  headerValue,
  headerValues,
  prependHeader,
  withBody,
  withHeader,
  withoutHeader,
} from './message/headers.ts';
export { formatHost } from './message/host.ts';
export { DEFAULT_SIP_LIMITS, type SipLimits } from './message/limits.ts';
export { contentType, hasSdp, type MediaType, parseMediaType } from './message/media-type.ts';
export {
  addresses,
  addressTag,
  contacts,
  formatNameAddr,
  fromAddress,
  fromTag,
  type NameAddr,
  parseNameAddr,
  parseNameAddrs,
  toAddress,
  toTag,
  withTag,
} from './message/name-addr.ts';
export {
  headerSeconds,
  MAXIMUM_SECONDS,
  maxBreadth,
  maxForwards,
  parseRetryAfter,
  type RetryAfter,
} from './message/numbers.ts';
export {
  type OverloadFeedback,
  overloadFeedback,
  withOverloadFeedback,
  withOverloadSupport,
} from './message/overload.ts';
export { type ParseFailure, type ParseResult, parseDatagram, type Respondable } from './message/parse.ts';
export { q850CauseOfReason } from './message/q850-reason.ts';
export { reasonPhrase } from './message/reason.ts';
export { redirectTargets } from './message/redirect.ts';
export { createResponse, type ResponseOptions } from './message/response.ts';
export { serializeMessage } from './message/serialize.ts';
export { type StreamEvent, type StreamOptions, StreamParser } from './message/stream.ts';
export { headerTokens } from './message/tokens.ts';
export type { SipHeader, SipMessage, SipRequest, SipResponse } from './message/types.ts';
export {
  escapeUser,
  formatUri,
  type OtherUri,
  parseSipUri,
  parseUri,
  type SipUri,
  type SipUriHeader,
  type TelUri,
  type Uri,
  unescapeUri,
} from './message/uri.ts';
export { bareNumber, equalUris } from './message/uri-compare.ts';
export { validateMessage } from './message/validate.ts';
export { formatVia, parseVia, topVia, type Via, viaBranch, vias } from './message/via.ts';
export { formatWarning, parseWarnings, type Warning } from './message/warning.ts';
export {
  REFER_EVENT,
  type ReferNotice,
  ReferNotifier,
  readReferNotice,
} from './refer/refer-subscription.ts';
// REFER and Replaces (RFC 3515, 3420, 3891).
export { formatReferTo, type ReferReading, type ReferTarget, readReferTo } from './refer/refer-to.ts';
export { formatReplaces, parseReplaces, type Replaces } from './refer/replaces.ts';
export { parseSipfrag, SIPFRAG_TYPE } from './refer/sipfrag.ts';
// Registrations (RFC 3261 §10, RFC 3327, RFC 5626).
export {
  type Binding,
  defaultRegistrarPolicy,
  expireBindings,
  nextExpiry,
  type RegisterResult,
  type RegistrarPolicy,
  register,
} from './registration/bindings.ts';
export {
  RegistrationClient,
  type RegistrationClientOptions,
  type RegistrationOutput,
} from './registration/client.ts';
export { GruuIssuer, type Gruus, type GruuTarget } from './registration/gruu.ts';
// Session descriptions (RFC 8866) and offer/answer (RFC 3264).
export {
  attributeValue,
  attributeValues,
  formatParametersOf,
  formatRtpMap,
  hasRtcpMux,
  type MediaDirection,
  mediaConnection,
  mediaDirection,
  packetTime,
  parseRtpMap,
  type RtpMap,
  rtcpAddress,
  rtpMaps,
  staticRtpMap,
  withDirection,
} from './sdp/attributes.ts';
export {
  answerDirection,
  checkAnswer,
  checkReoffer,
  commonCodecs,
  createAnswer,
  createOffer,
  hold,
  isHeld,
  type LocalCodec,
  type LocalMedia,
  type LocalSession,
  nextDescription,
  resume,
} from './sdp/offer-answer.ts';
export { MAXIMUM_SDP_LINES, MAXIMUM_SDP_MEDIA, parseSdp, type SdpResult } from './sdp/parse.ts';
export { formatSdp, serializeSdp } from './sdp/serialize.ts';
export type {
  MediaDescription,
  SdpAttribute,
  SdpBandwidth,
  SdpConnection,
  SdpOrigin,
  SdpTime,
  SessionDescription,
} from './sdp/types.ts';
// Sessions (RFC 3261 §13–15, RFC 3311, RFC 3264) and the user agent that holds them.
export { SDP_TYPE, sdpOf } from './session/body.ts';
export type {
  HangUpOptions,
  InfoContent,
  MessageExtras,
  PlaceOptions,
  RejectOptions,
  ReofferOptions,
  RequestContent,
  RingOptions,
} from './session/commands.ts';
export type { EndCause, SessionEvent, SessionSide } from './session/events.ts';
export type { InviteSession } from './session/invite-session.ts';
export type { KeptSession } from './session/kept-session.ts';
export { LEAST_SESSION_INTERVAL, type SessionTimerOptions } from './session/session-timer.ts';
// Subscriptions (RFC 6665).
export {
  type EventType,
  eventTypeOf,
  formatEventType,
  isSameEvent,
  parseEventType,
} from './subscription/event-type.ts';
export { type ExpiryGrant, type ExpiryRules, grantExpiry, type SubscribeAnswer } from './subscription/expiry.ts';
export {
  type NotifierOptions,
  type NotifierOutput,
  NotifierSubscription,
  type NotifyBody,
  type WriteState,
} from './subscription/notifier-subscription.ts';
export {
  Subscriber,
  type SubscriberOptions,
  type SubscriberOutput,
  type SubscriberToken,
} from './subscription/subscriber.ts';
export {
  formatSubscriptionState,
  parseSubscriptionState,
  type SubscriptionReason,
  type SubscriptionState,
  subscriptionStateOf,
} from './subscription/subscription-state.ts';
export { ackForRejection, cancelFor } from './transaction/derived-requests.ts';
export { defaultTransactionTimers, type TransactionTimers } from './transaction/timers.ts';
export type { Authorization, SipUserAgentOptions } from './user-agent/options.ts';
export type { SipUserAgentOutput } from './user-agent/outputs.ts';
export { SipUserAgent } from './user-agent/user-agent.ts';

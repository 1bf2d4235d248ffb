import type { MediaEncryptionKeyInfo } from '../layout/key-info.ts';
import type { KnownMessage, MessageOfKind } from '../messages/catalogue.ts';
import { EchoCancellation, IpAddrType, SilenceSuppression } from '../values/media.ts';
import type { SessionDialect } from './profile.ts';

/** From this protocol version on CallInfoV2 has its present layout. [C: CHSCCP] */
const DYNAMIC_CALL_INFO = 16;
/** From this protocol version on LineStatV2Res is sent. [I: 7960s of version 11 lack it] */
const DYNAMIC_STATUS = 17;
/** From this protocol version on keys have busy lamps, and their state is said by FeatureStatV2Res. [C: CHSCCP] */
const BUSY_LAMPS = 15;

/** From this protocol version on streams carry what a modem at them can do. [C: WS] */
const LATENT_CAPABILITIES = 21;

/** Who takes part in a call, as a phone shows it. */
export type CallInformation = Omit<MessageOfKind<'CallInfo'>, 'kind' | 'trailing'>;

/** Who takes part in a call, in the form that a phone takes. */
export function callInfo(dialect: SessionDialect, information: CallInformation): KnownMessage {
  if (!dialect.dynamicMessages || dialect.version < DYNAMIC_CALL_INFO) return { kind: 'CallInfo', ...information };
  return {
    ...information,
    kind: 'CallInfoV2',
    originalCdpnRedirectReason: information.originalCdpnRedirectReason ?? 0,
    lastRedirectingReason: information.lastRedirectingReason ?? 0,
    callInstance: information.callInstance ?? 0,
    partyPIRestrictionBits: information.partyPIRestrictionBits ?? 0,
  };
}

/** A text in the line of prompts, in the form that a phone takes. */
export function displayPrompt(
  dialect: SessionDialect,
  prompt: Omit<MessageOfKind<'DisplayPromptStatus'>, 'kind' | 'trailing'>,
): KnownMessage {
  return { kind: dialect.dynamicMessages ? 'DisplayPromptStatusV2' : 'DisplayPromptStatus', ...prompt };
}

/** A text for some seconds, in the form that a phone takes. */
export function displayNotify(dialect: SessionDialect, seconds: number, notify: string): KnownMessage {
  return { kind: dialect.dynamicMessages ? 'DisplayNotifyV2' : 'DisplayNotify', timeOutValue: seconds, notify };
}

/** A text before others, in the form that a phone takes. */
export function displayPriorityNotify(
  dialect: SessionDialect,
  seconds: number,
  priority: number,
  notify: string,
): KnownMessage {
  const kind = dialect.dynamicMessages ? 'DisplayPriNotifyV2' : 'DisplayPriNotify';
  return { kind, timeOutValue: seconds, priority, notify };
}

/** What a line is, in the form that a phone takes. */
export function lineStatus(
  dialect: SessionDialect,
  line: Omit<MessageOfKind<'LineStatRes'>, 'kind' | 'trailing' | 'lineDisplayOptions'>,
  displayOptions: number,
): KnownMessage {
  return dialect.dynamicMessages && dialect.version >= DYNAMIC_STATUS
    ? { kind: 'LineStatV2Res', ...line, lineType: displayOptions }
    : { kind: 'LineStatRes', ...line, lineDisplayOptions: displayOptions };
}

/** Whether speed dial keys of a phone show what the line behind them does. */
export function takesBusyLamps({ dynamicMessages, version }: SessionDialect): boolean {
  return dynamicMessages && version >= BUSY_LAMPS;
}

/** What is on a feature key and how it stands, in the form that a phone takes. */
export function featureStatus(
  dialect: SessionDialect,
  feature: Omit<MessageOfKind<'FeatureStatRes'>, 'kind' | 'trailing'>,
): KnownMessage {
  return { kind: takesBusyLamps(dialect) ? 'FeatureStatV2Res' : 'FeatureStatRes', ...feature };
}

/** A stream between a phone and somebody: what it carries, and with which key. */
export interface StreamForm {
  readonly conferenceId: number;
  readonly passThroughPartyId: number;
  readonly callReference: number;
  /** A `MediaPayloadType`. */
  readonly payloadType: number;
  readonly millisecondsPerPacket: number;
  /** The RTP payload type of telephone-events; 0 for none. */
  readonly telephoneEventPayloadType: number;
  readonly keyInfo: MediaEncryptionKeyInfo;
}

/** Both ways, as dumps of CUCM 7 have it. [R] */
const DTMF_TYPE = 10;
/** The port of a source that is not known yet. [R] */
const SOURCE_PORT = 4_000;
/** Expedited forwarding, as a TOS octet. [R: StartMediaTransmission of CUCM 7] */
const PRECEDENCE = 0xb8;

/** Receive this stream, and say where: every field that the version has. */
export function openReceiveChannel(
  dialect: SessionDialect,
  stream: StreamForm,
  /** Where it will come from, if that is known; for phones of version 17 and later, IPv6 too. */
  source: { readonly address: string; readonly port: number } = { address: '0.0.0.0', port: SOURCE_PORT },
): MessageOfKind<'OpenReceiveChannel'> {
  const message: MessageOfKind<'OpenReceiveChannel'> = {
    kind: 'OpenReceiveChannel',
    conferenceId: stream.conferenceId,
    passThroughPartyId: stream.passThroughPartyId,
    milliSecondPacketSize: stream.millisecondsPerPacket,
    compressionType: stream.payloadType,
    qualifierIn: { ecValue: EchoCancellation.Off },
    callReference: stream.callReference,
    mRxMediaEncryptionKeyInfo: stream.keyInfo,
    streamPassThroughId: 0,
    associatedStreamId: 0,
    RFC2833PayloadType: stream.telephoneEventPayloadType,
    dtmfType: DTMF_TYPE,
    mixingMode: 0,
    partyDirection: 0,
    sourceIpAddr: source.address,
    sourcePortNumber: source.port,
    requestedIpAddrType: source.address.includes(':') ? IpAddrType.Ipv6 : IpAddrType.Ipv4,
  };
  return dialect.version < LATENT_CAPABILITIES
    ? message
    : { ...message, audioLevelAdjustment: 0, latentCapsInfo: noLatentCapabilities };
}

/** Send this stream to an address: every field that the version has. */
export function startMediaTransmission(
  dialect: SessionDialect,
  stream: StreamForm & { readonly address: string; readonly port: number },
): MessageOfKind<'StartMediaTransmission'> {
  const message: MessageOfKind<'StartMediaTransmission'> = {
    kind: 'StartMediaTransmission',
    conferenceId: stream.conferenceId,
    passThroughPartyId: stream.passThroughPartyId,
    remoteIpAddr: stream.address,
    remotePortNumber: stream.port,
    milliSecondPacketSize: stream.millisecondsPerPacket,
    compressionType: stream.payloadType,
    qualifierOut: { precedenceValue: PRECEDENCE, ssValue: SilenceSuppression.Off, maxFramesPerPacket: 0 },
    callReference: stream.callReference,
    mTxMediaEncryptionKeyInfo: stream.keyInfo,
    streamPassThroughId: 0,
    associatedStreamId: 0,
    RFC2833PayloadType: stream.telephoneEventPayloadType,
    dtmfType: DTMF_TYPE,
    mixingMode: 0,
    partyDirection: 0,
  };
  return dialect.version < LATENT_CAPABILITIES ? message : { ...message, latentCapsInfo: noLatentCapabilities };
}

/** No modem, no fax. */
const noLatentCapabilities = {
  active: 0,
  modemRelay: { capAndVer: 0, modAnd2833: 0 },
  sprtPayload: { chan0MaxPayload: 0, chan2MaxPayload: 0, chan3MaxPayload: 0, chan2MaxWindow: 0 },
  sse: { standard: 0, vendor: 0 },
  payloadParam: {
    nse: 0,
    rfc2833: 0,
    sse: 0,
    v150sprt: 0,
    noaudio: 0,
    FutureUse1: 0,
    FutureUse2: 0,
    FutureUse3: 0,
  },
};

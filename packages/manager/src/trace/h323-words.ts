/** What a message of H.323 is, in few words and without keys. */
import {
  type CallSignallingMessage,
  decodeCallSignalling,
  decodeCause,
  decodeH245,
  decodePartyNumber,
  ElementId,
  elementOf,
  type H245,
  MessageType,
  usableSrtpSuites,
  wordsOfCause,
} from '@trustline/h323';

export interface H323Words {
  /** `Setup 9123`, `Facility: openLogicalChannel`, `H.245 terminalCapabilitySet`. */
  readonly words: string;
  /** `g711Ulaw64k, AES_CM_128_HMAC_SHA1_80, key hidden`; null where no channel is opened. */
  readonly media: string | null;
  /** Why a call is released; null in every other message. */
  readonly reason: string | null;
  /** Nothing of the call can be read in it: signs of life, and what is empty. */
  readonly isIdle: boolean;
}

/** The protocol discriminator of Q.931, with which no common message of H.245 begins. */
const Q931 = 0x08;
const idle = new Set(['roundTripDelayRequest', 'roundTripDelayResponse']);
const names = new Map<number, string>(Object.entries(MessageType).map(([name, type]) => [type, name]));

export function h323Words(payload: Uint8Array): H323Words {
  const read = payload[0] === Q931 ? decodeCallSignalling(payload) : undefined;
  return read?.ok ? ofCallSignalling(read.message) : ofControl(payload);
}

function ofCallSignalling(message: CallSignallingMessage): H323Words {
  const control = message.userInformation?.['h323-uu-pdu'].h245Control?.reveal() ?? [];
  const inner = control.flatMap((octets) => decodeH245(octets).messages);
  const name = names.get(message.type) ?? `message 0x${message.type.toString(16).padStart(2, '0')}`;
  const called = elementOf(message, ElementId.CalledPartyNumber);
  const digits = called && decodePartyNumber(called)?.digits;
  const number = digits === undefined || digits === '' ? '' : ` ${digits}`;
  const cause = elementOf(message, ElementId.Cause);
  const value = cause && decodeCause(cause)?.value;
  const kinds = inner.map(nameOf);
  return {
    words: `${name}${number}${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}`,
    media: mediaOf(inner),
    reason: value === undefined ? null : `${value}, ${wordsOfCause(value)}`,
    isIdle: message.type === MessageType.Facility && kinds.every((kind) => idle.has(kind)),
  };
}

function ofControl(payload: Uint8Array): H323Words {
  const { messages } = decodeH245(payload);
  const kinds = messages.map(nameOf);
  return {
    words: `H.245 ${kinds.join(', ') || 'that cannot be read'}`,
    media: mediaOf(messages),
    reason: null,
    isIdle: kinds.length > 0 && kinds.every((kind) => idle.has(kind)),
  };
}

function nameOf(message: H245.MultimediaSystemControlMessage): string {
  return 'value' in message && typeof message.value === 'object' && 'kind' in message.value
    ? message.value.kind
    : message.kind;
}

/** Of the channels that are opened. */
function mediaOf(messages: readonly H245.MultimediaSystemControlMessage[]): string | null {
  const channels = messages.flatMap((message) => {
    if (message.kind !== 'request' || message.value.kind !== 'openLogicalChannel') return [];
    const { forwardLogicalChannelParameters, encryptionSync } = message.value.value;
    const { dataType } = forwardLogicalChannelParameters;
    const isSecure = dataType.kind === 'h235Media';
    const media = isSecure ? dataType.value.mediaType : dataType;
    const generic = isSecure
      ? dataType.value.encryptionAuthenticationAndIntegrity.genericH235SecurityCapability
      : undefined;
    const [suite = 'a suite that is not known'] = generic === undefined ? [] : usableSrtpSuites(generic);
    const codec = media.kind === 'audioData' ? media.value.kind : media.kind;
    const how = isSecure ? `${suite}, key ${encryptionSync === undefined ? 'not told' : 'hidden'}` : 'no SRTP';
    return [`${codec}, ${how}`];
  });
  return channels.length === 0 ? null : channels.join('; ');
}

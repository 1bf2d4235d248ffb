/** What a Skinny message is, in few words and without keys. */
import {
  CallState,
  DeviceStimulus,
  MediaEncryptionAlgorithm,
  type MediaEncryptionKeyInfo,
  MediaPayloadType,
  MediaStatus,
  type SccpMessage,
  SoftKeyEvent,
} from '@trustline/sccp';

/** Messages in which a call can be read: what the user does, what the phone is told of it, and its streams. */
const ofCalls: ReadonlySet<SccpMessage['kind']> = new Set<SccpMessage['kind']>([
  'OffHook',
  'OffHookWithCallingPartyNumber',
  'OnHook',
  'HookFlash',
  'EnblocCall',
  'SoftKeyEvent',
  'Stimulus',
  'DialedNumber',
  'CallState',
  'OpenReceiveChannel',
  'OpenReceiveChannelAck',
  'CloseReceiveChannel',
  'StartMediaTransmission',
  'StartMediaTransmissionAck',
  'StopMediaTransmission',
  'MediaTransmissionFailure',
]);

/** Whether a message is one of those in which a call can be read; the rest is lamps, other prompts, tones and signs of life. */
export function isOfCall(message: SccpMessage): boolean {
  return ofCalls.has(message.kind) || protectionText(message) !== undefined;
}

/** What a phone shows of the protection of a gateway's signalling: that it is gone, back, or did not come back. */
export function protectionText(message: SccpMessage): string | undefined {
  switch (message.kind) {
    case 'DisplayPromptStatus':
    case 'DisplayPromptStatusV2':
      return message.promptStatus.startsWith('IPsec ') ? message.promptStatus : undefined;
    case 'DisplayNotify':
    case 'DisplayNotifyV2':
      return message.notify.startsWith('IPsec ') ? message.notify : undefined;
    default:
      return undefined;
  }
}

const ends: ReadonlySet<number> = new Set([
  CallState.OnHook,
  CallState.Busy,
  CallState.Congestion,
  CallState.InvalidNumber,
]);

/** Whether a phone is told by this that its call is over, or comes to nothing. */
export function saysEnd(message: SccpMessage): boolean {
  return message.kind === 'CallState' && ends.has(message.callState);
}

/** `OffHook`, `SoftKeyEvent Hold`, `CallState Connected`, `DialedNumber 1002`. Digits are not told one by one. */
export function skinnyWords(message: SccpMessage): string {
  switch (message.kind) {
    case 'Unknown':
      return `message 0x${message.messageId.toString(16).padStart(4, '0')}`;
    case 'CallState':
      return `CallState ${nameOf(CallState, message.callState)}`;
    case 'SoftKeyEvent':
      return `SoftKeyEvent ${nameOf(SoftKeyEvent, message.softKeyEvent)}`;
    case 'Stimulus':
      return `Stimulus ${nameOf(DeviceStimulus, message.stimulus)}`;
    case 'DialedNumber':
      return `DialedNumber ${message.dialedNumber}`;
    case 'EnblocCall':
      return `EnblocCall ${message.calledParty}`;
    case 'OpenReceiveChannelAck':
      return `${message.kind} ${nameOf(MediaStatus, message.mediaReceptionStatus)}`;
    case 'StartMediaTransmissionAck':
      return `${message.kind} ${nameOf(MediaStatus, message.mediaTransmissionStatus)}`;
    default:
      return message.kind;
  }
}

/** `G711Ulaw64k, AES_CM_128_HMAC_SHA1_32, key hidden`; undefined for a message that is of no stream. */
export function skinnyMediaWords(message: SccpMessage): string | undefined {
  switch (message.kind) {
    case 'OpenReceiveChannel':
      return streamWords(message.compressionType, message.mRxMediaEncryptionKeyInfo);
    case 'StartMediaTransmission':
      return streamWords(message.compressionType, message.mTxMediaEncryptionKeyInfo);
    default:
      return undefined;
  }
}

function streamWords(codec: number, { algorithmID }: MediaEncryptionKeyInfo): string {
  const suite = nameOf(MediaEncryptionAlgorithm, algorithmID).replace(/^CCM_/, '');
  const isClear = algorithmID === MediaEncryptionAlgorithm.NO_ENCRYPTION;
  return `${nameOf(MediaPayloadType, codec)}, ${isClear ? 'no SRTP' : `${suite}, key hidden`}`;
}

function nameOf(values: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(values).find(([, one]) => one === value)?.[0] ?? String(value);
}

import { DeviceTone, type KnownMessage, type MessageOfKind, noMediaEncryption, SoftKeyEvent } from '@trustline/sccp';
import type { LegEnd } from '../../model/leg.ts';
import type { SkinnyConnection, Where } from './connection.ts';
import { audioCodecs, codecName, type StreamProtection, videoCodecs } from './media.ts';

const softKeys = namesOf(SoftKeyEvent);
const padDigits = '0123456789ABCD*#+';
const toneDigits = new Map<number, string>([
  ...Array.from({ length: 10 }, (_, digit) => [digit === 0 ? DeviceTone.Dtmf0 : digit, String(digit)] as const),
  [DeviceTone.DtmfStar, '*'],
  [DeviceTone.DtmfPound, '#'],
  [DeviceTone.DtmfA, 'A'],
  [DeviceTone.DtmfB, 'B'],
  [DeviceTone.DtmfC, 'C'],
  [DeviceTone.DtmfD, 'D'],
]);

type Handlers = {
  readonly [Kind in KnownMessage['kind']]?: (
    reader: SkinnyConnection,
    message: MessageOfKind<Kind>,
    where: Where,
  ) => void;
};

/** What each message of a call tells. The others are of lamps, texts and time. */
export const skinnyHandlers: Handlers = {
  RegisterReq: (reader, message, where) => reader.registers(message, where),
  RegisterAck: (reader, { maxProtocolVer }) => reader.agreed(maxProtocolVer),
  LineStatRes: (reader, { lineNumber, lineDirNumber, lineFullyQualifiedDisplayName }, where) =>
    reader.line(lineNumber, lineDirNumber, lineFullyQualifiedDisplayName ?? '', where),
  LineStatV2Res: (reader, { lineNumber, lineDirNumber, lineFullyQualifiedDisplayName }, where) =>
    reader.line(lineNumber, lineDirNumber, lineFullyQualifiedDisplayName ?? '', where),
  OffHook: (reader, { callReference }, where) => told(reader, callReference, 'OffHook', where),
  OnHook: (reader, { callReference }, where) => told(reader, callReference, 'OnHook', where),
  SoftKeyEvent: (reader, { softKeyEvent, callReference }, where) =>
    told(reader, callReference, 'SoftKeyEvent', where, softKeys.get(softKeyEvent)),
  CallState: (reader, { callReference, callState }, where) => reader.state(callReference, callState, where),
  CallInfo: (reader, message, where) => reader.parties(message.callReference, message, 'CallInfo', where),
  CallInfoV2: (reader, message, where) => reader.parties(message.callReference, message, 'CallInfoV2', where),
  DialedNumber(reader, { dialedNumber, callReference }, where) {
    const call = reader.calls.find(callReference);
    if (call === undefined) return;
    call.direction ??= 'outbound';
    call.isDialling = false;
    call.learn('called', { number: dialedNumber });
    reader.tell(call, where, 'DialedNumber');
  },
  EnblocCall(reader, { calledParty }, where) {
    const call = reader.calls.find(undefined);
    if (call === undefined) return;
    call.learn('called', { number: calledParty });
    reader.tell(call, where, 'EnblocCall');
  },
  KeypadButton(reader, { kpButton, callReference }, where) {
    const digit = padDigits[kpButton];
    if (digit !== undefined) reader.digit(callReference, digit, 'KeypadButton', where);
  },
  NotifyDtmfTone: (reader, { tone, passthruPartyID }, where) =>
    toneDigit(reader, tone, passthruPartyID, 'NotifyDtmfTone', where),
  SendDtmfTone: (reader, { tone, passthruPartyID }, where) =>
    toneDigit(reader, tone, passthruPartyID, 'SendDtmfTone', where),
  OpenReceiveChannel(reader, message, where) {
    const call = reader.calls.begin(referenceOf(reader, message), where.place);
    if (call === undefined) return;
    const protection = reader.protection(message.mRxMediaEncryptionKeyInfo, where);
    const words = streamWords(message.compressionType, message.milliSecondPacketSize, protection);
    const codecs = audioCodecs(message.compressionType, message.RFC2833PayloadType);
    reader.tell(call, where, 'OpenReceiveChannel', words, protection.keys.length > 0);
    reader.asks(message.passThroughPartyId, { call, kind: 'audio', codecs, protection, words, place: where.place });
  },
  OpenReceiveChannelAck(reader, message, where) {
    const receives = { address: message.ipAddr, port: message.portNumber & 0xffff };
    if (message.mediaReceptionStatus !== 0) {
      reader.abandon(message.passThroughPartyId);
      told(reader, message.callReference, 'OpenReceiveChannelAck', where, `status ${message.mediaReceptionStatus}`);
      return;
    }
    const call = reader.opens(message.passThroughPartyId, message.callReference, 'audio', receives, where);
    if (call !== undefined) reader.tell(call, where, 'OpenReceiveChannelAck', `receives at ${textOf(receives)}`);
  },
  StartMediaTransmission(reader, message, where) {
    const call = reader.calls.begin(referenceOf(reader, message), where.place);
    if (call === undefined) return;
    const receives = { address: message.remoteIpAddr, port: message.remotePortNumber & 0xffff };
    const protection = reader.protection(message.mTxMediaEncryptionKeyInfo, where);
    const codecs = audioCodecs(message.compressionType, message.RFC2833PayloadType);
    reader.describe(call, { ...where, end: call.farEnd, kind: 'audio', receives, codecs, protection });
    const words = streamWords(message.compressionType, message.milliSecondPacketSize, protection);
    reader.tell(
      call,
      where,
      'StartMediaTransmission',
      `sends to ${textOf(receives)}, ${words}`,
      protection.keys.length > 0,
    );
  },
  StartMediaTransmissionAck: (reader, { callReference, transmitIpAddr, portNumber }, where) =>
    told(reader, callReference, 'StartMediaTransmissionAck', where, `from ${transmitIpAddr}:${portNumber}`),
  PortRes: (reader, { passThroughPartyId, RTCPPortNumber }) => {
    if (RTCPPortNumber > 0 && RTCPPortNumber <= 0xffff) reader.rtcp(passThroughPartyId, RTCPPortNumber);
  },
  StopMediaTransmission: (reader, message, where) =>
    told(reader, referenceOf(reader, message), 'StopMediaTransmission', where),
  CloseReceiveChannel(reader, message, where) {
    reader.abandon(message.passThroughPartyId);
    told(reader, referenceOf(reader, message), 'CloseReceiveChannel', where);
  },
  OpenMultiMediaReceiveChannel(reader, message, where) {
    const call = reader.calls.begin(referenceOf(reader, message), where.place);
    if (call === undefined) return;
    const protection = reader.protection(message.mRxMediaEncryptionKeyInfo ?? noMediaEncryption, where);
    const words = streamWords(message.compressionType, undefined, protection);
    const codecs = videoCodecs(message.compressionType, message.payloadType.payloadType);
    reader.tell(call, where, 'OpenMultiMediaReceiveChannel', words, protection.keys.length > 0);
    reader.asks(message.passThroughPartyId, { call, kind: 'video', codecs, protection, words, place: where.place });
  },
  OpenMultiMediaReceiveChannelAck(reader, message, where) {
    if (message.multimediaReceptionStatus !== 0) return reader.abandon(message.passThroughPartyId);
    const receives = { address: message.ipAddr, port: message.portNumber & 0xffff };
    const call = reader.opens(message.passThroughPartyId, message.callReference, 'video', receives, where);
    const words = `receives video at ${textOf(receives)}`;
    if (call !== undefined) reader.tell(call, where, 'OpenMultiMediaReceiveChannelAck', words);
  },
  StartMultiMediaTransmission(reader, message, where) {
    const call = reader.calls.begin(referenceOf(reader, message), where.place);
    if (call === undefined) return;
    const receives = { address: message.remoteIpAddr, port: message.remotePortNumber & 0xffff };
    const protection = reader.protection(message.mTxMediaEncryptionKeyInfo ?? noMediaEncryption, where);
    const codecs = videoCodecs(message.compressionType, message.payloadType.payloadType);
    reader.describe(call, { ...where, end: call.farEnd, kind: 'video', receives, codecs, protection });
    const words = `sends video to ${textOf(receives)}, ${streamWords(message.compressionType, undefined, protection)}`;
    reader.tell(call, where, 'StartMultiMediaTransmission', words, protection.keys.length > 0);
  },
  StopMultiMediaTransmission: (reader, message, where) =>
    told(reader, referenceOf(reader, message), 'StopMultiMediaTransmission', where),
  StartMulticastMediaTransmission: (reader, message, where) =>
    multicast(reader, message, 'StartMulticastMediaTransmission', where),
  StartMulticastMediaReception: (reader, message, where) =>
    multicast(reader, message, 'StartMulticastMediaReception', where),
  ConnectionStatisticsRes(reader, message, where) {
    const { numberPacketsSent, numberPacketsReceived, numberPacketsLost, jitter } = message;
    const words = `sent ${numberPacketsSent} packets, received ${numberPacketsReceived}, lost ${numberPacketsLost}, jitter ${jitter} ms`;
    told(reader, message.callReference, 'ConnectionStatisticsRes', where, words);
  },
};

/**
 * The call of a message about media. Some managers leave the call reference zero and give the conference its number; media
 * resources are told of conferences and of no calls: one of those stands for a call of its own.
 */
function referenceOf(
  { calls }: SkinnyConnection,
  { callReference, conferenceId }: { readonly callReference?: number | undefined; readonly conferenceId: number },
): number {
  if (callReference !== undefined && callReference !== 0) return callReference;
  if (conferenceId !== 0 && calls.find(conferenceId) !== undefined) return conferenceId;
  return 0x1_0000_0000 + conferenceId;
}

/** A message of a call of which only the ladder tells. */
function told(
  reader: SkinnyConnection,
  reference: number | undefined,
  name: string,
  where: Where,
  detail?: string,
): void {
  const call = reader.calls.find(reference);
  if (call !== undefined) reader.tell(call, where, name, detail);
}

function toneDigit(
  reader: SkinnyConnection,
  tone: number,
  passThroughPartyId: number,
  name: string,
  where: Where,
): void {
  const digit = toneDigits.get(tone);
  const call = reader.callOfChannel(passThroughPartyId) ?? reader.calls.find(undefined);
  if (digit !== undefined && call !== undefined) reader.digit(call.reference, digit, name, where);
}

/** A page or music on hold to a group: everybody hears it who joins. */
function multicast(
  reader: SkinnyConnection,
  message: MessageOfKind<'StartMulticastMediaTransmission'> | MessageOfKind<'StartMulticastMediaReception'>,
  name: string,
  where: Where,
): void {
  const call = reader.calls.begin(message.callReference ?? message.conferenceId, where.place);
  if (call === undefined) return;
  const receives = { address: message.multicastIpAddr, port: message.multicastPortNumber & 0xffff };
  const end: LegEnd = message.kind === 'StartMulticastMediaReception' ? call.phoneEnd : call.farEnd;
  const codecs = audioCodecs(message.compressionType, undefined);
  const protection: StreamProtection = { suite: undefined, keys: [] };
  reader.describe(call, { ...where, end, kind: 'audio', receives, codecs, protection });
  reader.tell(call, where, name, `${textOf(receives)}, ${streamWords(message.compressionType, undefined, protection)}`);
}

function streamWords(compressionType: number, milliseconds: number | undefined, { suite }: StreamProtection): string {
  const packets = milliseconds === undefined ? '' : `, ${milliseconds} ms`;
  return `${codecName(compressionType)}${packets}, ${suite ?? 'no encryption'}`;
}

function textOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function namesOf(values: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(values).map(([name, value]) => [value, name]));
}

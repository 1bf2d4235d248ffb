import { Redacted } from '@trustline/base';
import {
  CallState,
  encodeMessage,
  type KnownMessage,
  type MediaEncryptionKeyInfo,
  openReceiveChannel,
  startMediaTransmission,
} from '@trustline/sccp';
import type { Said } from '../conversation.fixture.ts';

export const phoneSends = { key: new Uint8Array(16).fill(0x5a), salt: new Uint8Array(14).fill(0x77) };
export const phoneReceives = { key: new Uint8Array(16).fill(0x3c), salt: new Uint8Array(14).fill(0x22) };

export function keyInfo({ key, salt }: typeof phoneSends, algorithmID = 2): MediaEncryptionKeyInfo {
  return { algorithmID, key: new Redacted(key), salt: new Redacted(salt), isMKIPresent: 0, keyDerivationRate: 0 };
}

const none = keyInfo({ key: new Uint8Array(0), salt: new Uint8Array(0) }, 0);

/** What the phone and its manager say, in a protocol version. */
export function speaker(version: number) {
  const encode = (message: KnownMessage) => encodeMessage(message, { version });
  return {
    phone: (message: KnownMessage): Said => ['client', encode(message)],
    manager: (message: KnownMessage): Said => ['server', encode(message)],
  };
}

export const callerMedia = { address: '192.0.2.11', port: 20_000 };
export const calledMedia = { address: '192.0.2.12', port: 30_000 };

interface CallWords {
  readonly secure?: boolean;
  readonly reference?: number;
  /** Which end of the call the phone is. */
  readonly role?: 'caller' | 'called';
  /** The call goes on when it is over. */
  readonly hangsUp?: boolean;
}

/** A phone registers, dials 2002 or is called, speaks, presses digits where it called, and hangs up. */
export function callOfPhone(
  version: number,
  { secure = true, reference = 17, role = 'caller', hangsUp = true }: CallWords = {},
): readonly Said[] {
  const { phone, manager } = speaker(version);
  const dialect = { version, dynamicMessages: version >= 17 };
  const isCaller = role === 'caller';
  const [own, far] = isCaller ? [callerMedia, calledMedia] : [calledMedia, callerMedia];
  const [sends, receives] = isCaller ? [phoneSends, phoneReceives] : [phoneReceives, phoneSends];
  const stream = {
    conferenceId: reference,
    passThroughPartyId: reference + 1_000,
    callReference: reference,
    payloadType: 4,
    millisecondsPerPacket: 20,
    telephoneEventPayloadType: 101,
  };
  const line = { lineInstance: 1, callReference: reference };
  const state = (callState: number): Said => manager({ kind: 'CallState', callState, ...line });
  const press = (kpButton: number): Said => phone({ kind: 'KeypadButton', kpButton, ...line });
  const dials = [
    phone({ kind: 'OffHook' }),
    state(CallState.OffHook),
    ...[2, 0, 0, 2].map(press),
    manager({ kind: 'DialedNumber', dialedNumber: '2002', ...line }),
    state(CallState.Proceed),
  ];
  const closing = { conferenceId: reference, passThroughPartyId: stream.passThroughPartyId, callReference: reference };
  const over = [
    manager({ kind: 'CloseReceiveChannel', ...closing }),
    manager({ kind: 'StopMediaTransmission', ...closing }),
    state(CallState.OnHook),
    phone({
      kind: 'ConnectionStatisticsRes',
      directoryNum: '2002',
      callReference: reference,
      statsProcessingMode: 0,
      numberPacketsSent: 250,
      numberOctetsSent: 43_000,
      numberPacketsReceived: 249,
      numberOctetsReceived: 42_828,
      numberPacketsLost: 1,
      jitter: 3,
      latency: 0,
    }),
  ];
  return [
    ...registration(version),
    ...(isCaller ? dials : [state(CallState.RingIn)]),
    manager({
      kind: 'CallInfo',
      callingPartyName: 'Alice',
      callingParty: '2001',
      calledPartyName: 'Bob',
      calledParty: '2002',
      callType: isCaller ? 2 : 1,
      callSecurityStatus: 1,
      ...line,
    }),
    ...(isCaller ? [state(CallState.RingOut)] : []),
    manager(openReceiveChannel(dialect, { ...stream, keyInfo: secure ? keyInfo(receives) : none })),
    phone({
      kind: 'OpenReceiveChannelAck',
      mediaReceptionStatus: 0,
      ipAddr: own.address,
      portNumber: own.port,
      passThroughPartyId: stream.passThroughPartyId,
      callReference: reference,
    }),
    manager(startMediaTransmission(dialect, { ...stream, ...far, keyInfo: secure ? keyInfo(sends) : none })),
    state(CallState.Connected),
    ...(isCaller ? [4, 15].map(press) : []),
    ...(hangsUp ? over : []),
  ];
}

function registration(version: number): readonly Said[] {
  const { phone, manager } = speaker(version);
  return [
    phone({
      kind: 'RegisterReq',
      sid: { DeviceName: 'SEP001122334455' },
      stationIpAddr: '192.0.2.11',
      deviceType: 7,
      maxStreams: 5,
      activeStreams: 0,
      protocolVer: version,
    }),
    manager({
      kind: 'RegisterAck',
      keepAliveInterval: 30,
      dateTemplate: 'D.M.Y',
      secondaryKeepAliveInterval: 60,
      maxProtocolVer: 22,
      unknown: 0,
      PhoneFeatures: 0,
    }),
    manager({
      kind: 'LineStatRes',
      lineNumber: 1,
      lineDirNumber: '2001',
      lineFullyQualifiedDisplayName: 'Alice',
      lineTextLabel: '2001',
      lineDisplayOptions: 0,
    }),
  ];
}

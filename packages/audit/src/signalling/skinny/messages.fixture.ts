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

/** A phone registers, dials 2002, speaks with it, presses digits, and hangs up. */
export function callOfPhone(version: number, { secure = true, reference = 17 } = {}): readonly Said[] {
  const { phone, manager } = speaker(version);
  const dialect = { version, dynamicMessages: version >= 17 };
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
  return [
    ...registration(version),
    phone({ kind: 'OffHook' }),
    state(CallState.OffHook),
    ...[2, 0, 0, 2].map(press),
    manager({ kind: 'DialedNumber', dialedNumber: '2002', ...line }),
    state(CallState.Proceed),
    manager({
      kind: 'CallInfo',
      callingPartyName: 'Alice',
      callingParty: '2001',
      calledPartyName: 'Bob',
      calledParty: '2002',
      callType: 2,
      callSecurityStatus: 1,
      ...line,
    }),
    state(CallState.RingOut),
    manager(openReceiveChannel(dialect, { ...stream, keyInfo: secure ? keyInfo(phoneReceives) : none })),
    phone({
      kind: 'OpenReceiveChannelAck',
      mediaReceptionStatus: 0,
      ipAddr: '192.0.2.11',
      portNumber: 20_000,
      passThroughPartyId: stream.passThroughPartyId,
      callReference: reference,
    }),
    manager(
      startMediaTransmission(dialect, {
        ...stream,
        address: '192.0.2.12',
        port: 30_000,
        keyInfo: secure ? keyInfo(phoneSends) : none,
      }),
    ),
    state(CallState.Connected),
    ...[4, 15].map(press),
    manager({
      kind: 'CloseReceiveChannel',
      conferenceId: reference,
      passThroughPartyId: stream.passThroughPartyId,
      callReference: reference,
    }),
    manager({
      kind: 'StopMediaTransmission',
      conferenceId: reference,
      passThroughPartyId: stream.passThroughPartyId,
      callReference: reference,
    }),
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

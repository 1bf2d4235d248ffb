import type { KnownMessage, MessageOfKind } from '../messages/catalogue.ts';
import { PhoneFeature } from '../values/registration.ts';
import type { PhoneCodec, RegisteringDevice, ServerEvent } from './events.ts';

/** By a `KeyPadButton`. */
const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', '*', '#', '+'];

/** What the user of a phone did, or the phone by itself; undefined for messages that are about something else. */
export function eventOf(message: KnownMessage): ServerEvent | undefined {
  switch (message.kind) {
    case 'OffHook':
      return { kind: 'off-hook', ...placeOf(message) };
    case 'OffHookWithCallingPartyNumber':
      return {
        kind: 'off-hook',
        line: message.lineInstance ?? 0,
        callReference: 0,
        callingNumber: message.callingPartyNumber,
      };
    case 'OnHook':
      return { kind: 'on-hook', ...placeOf(message) };
    case 'HookFlash':
      return { kind: 'hook-flash', ...placeOf(message) };
    case 'KeypadButton': {
      const digit = digits[message.kpButton];
      return digit === undefined ? undefined : { kind: 'digit', digit, ...placeOf(message) };
    }
    case 'EnblocCall':
      return { kind: 'enbloc', number: message.calledParty, line: message.lineInstance ?? 0 };
    case 'SoftKeyEvent':
      return { kind: 'soft-key', softKey: message.softKeyEvent, ...placeOf(message) };
    case 'Stimulus':
      return {
        kind: 'stimulus',
        stimulus: message.stimulus,
        instance: message.lineInstance,
        callReference: message.callReference ?? 0,
        status: message.stimulusStatus ?? 0,
      };
    case 'MediaTransmissionFailure': {
      const { passThroughPartyId, callReference } = message;
      return { kind: 'transmission-failed', passThroughPartyId, callReference };
    }
    case 'ConnectionStatisticsRes':
      return { kind: 'statistics', statistics: message };
    default:
      return told.has(message.kind) ? { kind: 'told', message } : undefined;
  }
}

const told: ReadonlySet<KnownMessage['kind']> = new Set<KnownMessage['kind']>([
  'IpPort',
  'HeadsetStatus',
  'MediaPathEvent',
  'MediaPathCapability',
  'MediaResourceNotification',
  'MulticastMediaReceptionAck',
  'OpenMultiMediaReceiveChannelAck',
  'StartMultiMediaTransmissionAck',
  'PortRes',
  'SubscriptionStatReq',
  'DeviceToUserData',
  'DeviceToUserDataResponse',
  'DeviceToUserDataVersion1',
  'DeviceToUserDataResponseVersion1',
  'LocationInfo',
  'AddOnDeviceCapabilities',
  'ClearConference',
  'NotifyDtmfTone',
  'SubscribeDtmfPayloadRes',
  'SubscribeDtmfPayloadErr',
  'UnSubscribeDtmfPayloadRes',
  'UnSubscribeDtmfPayloadErr',
]);

function placeOf(message: { readonly lineInstance?: number | undefined; readonly callReference?: number | undefined }) {
  return { line: message.lineInstance ?? 0, callReference: message.callReference ?? 0 };
}

/** Who a phone says that it is. */
export function deviceOf(message: MessageOfKind<'RegisterReq'>, spcp: boolean): RegisteringDevice {
  return {
    name: message.sid.DeviceName,
    instance: message.sid.instance ?? 0,
    type: message.deviceType,
    address: message.stationIpAddr,
    addressIpv6: message.stationIpV6Addr === '::' ? undefined : message.stationIpV6Addr,
    maxStreams: message.maxStreams,
    activeStreams: message.activeStreams ?? 0,
    maxLines: message.maxNumberOfLines,
    offeredVersion: message.protocolVer ?? 0,
    features: message.PhoneFeatures ?? 0,
    firmware: message.firmwareLoadName ?? '',
    configVersionStamp: message.configVersionStamp ?? '',
    spcp,
  };
}

/** Whether a phone says that it knows something. */
export function hasFeature({ features }: RegisteringDevice, feature: keyof typeof PhoneFeature): boolean {
  return (features & PhoneFeature[feature]) !== 0;
}

/** The codecs in a message about what a phone can; undefined for other messages. */
export function codecsIn(message: KnownMessage): readonly PhoneCodec[] | undefined {
  switch (message.kind) {
    case 'CapabilitiesRes':
      return message.caps.map(codecOf);
    case 'UpdateCapabilities':
    case 'CapabilitiesV2Res':
    case 'CapabilitiesV3Res':
      return message.audiocaps.map(codecOf);
    default:
      return undefined;
  }
}

function codecOf(capability: { readonly payloadCapability: number; readonly maxFramesPerPacket: number }): PhoneCodec {
  return { payloadType: capability.payloadCapability, maxFramesPerPacket: capability.maxFramesPerPacket };
}

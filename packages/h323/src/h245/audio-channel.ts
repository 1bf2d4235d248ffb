import type * as H245 from '../generated/h245.types.ts';
import type { SrtpSuite } from '../h235/object-identifiers.ts';
import { srtpCapability, usableSrtpSuites } from '../h235/srtp-capability.ts';
import { decodeSrtpKey, encodeSrtpKey, type SrtpKeyForm, type SrtpMasterKey } from '../h235/srtp-keys.ts';
import {
  type AudioFormat,
  audioCapabilityOf,
  audioFormatOf,
  type MediaAddress,
  mediaAddressOf,
  payloadTypeOf,
  unicastAddress,
} from './audio-format.ts';

/** Of audio; 2 is video, 3 data (H.245 §B.3.1). */
const AUDIO_SESSION = 1;
/** What OPAL calls a protected stream of a static payload type; the number also binds key and stream [R]. */
export const PROTECTED_PAYLOAD_TYPE = 125;

/** How a channel is protected. */
export interface ChannelProtection {
  readonly suite: SrtpSuite;
  readonly key: SrtpMasterKey;
}

export interface AudioChannel {
  readonly format: AudioFormat;
  readonly payloadType: number;
  readonly protection?: ChannelProtection;
}

/** A request to open a channel of audio, without its number; where RTCP is to go is not said while it is not known. */
export function openAudio(
  channel: AudioChannel,
  media: MediaAddress | undefined,
  form: SrtpKeyForm,
): Omit<H245.OpenLogicalChannel, 'forwardLogicalChannelNumber'> {
  const { format, payloadType, protection } = channel;
  const audio: H245.AudioCapability = audioCapabilityOf(format);
  const dataType: H245.DataType =
    protection === undefined
      ? { kind: 'audioData', value: audio }
      : {
          kind: 'h235Media',
          value: {
            encryptionAuthenticationAndIntegrity: { genericH235SecurityCapability: srtpCapability([protection.suite]) },
            mediaType: { kind: 'audioData', value: audio },
          },
        };
  return {
    forwardLogicalChannelParameters: {
      dataType,
      multiplexParameters: {
        kind: 'h2250LogicalChannelParameters',
        value: {
          sessionID: AUDIO_SESSION,
          mediaGuaranteedDelivery: false,
          ...(media === undefined ? {} : { mediaControlChannel: unicastAddress(media, 1) }),
          ...(protection === undefined || payloadType < 96 ? {} : { dynamicRTPPayloadType: payloadType }),
        },
      },
    },
    ...(protection === undefined ? {} : { encryptionSync: encryptionSync(protection.key, payloadType, form) }),
  };
}

export type ReadChannel =
  | { readonly ok: true; readonly channel: AudioChannel }
  | { readonly ok: false; readonly cause: 'dataTypeNotSupported' | 'securityDenied' | 'invalidSessionID' };

/** Reads what the peer wants to send. Protection that is not understood is refused, never taken for none. */
export function readAudio({
  forwardLogicalChannelParameters,
  encryptionSync: sync,
}: H245.OpenLogicalChannel): ReadChannel {
  const { dataType, multiplexParameters } = forwardLogicalChannelParameters;
  const secured = dataType.kind === 'h235Media';
  const media = secured ? dataType.value.mediaType : dataType;
  const format = media.kind === 'audioData' ? audioFormatOf(media.value) : undefined;
  if (format === undefined || multiplexParameters.kind !== 'h2250LogicalChannelParameters') {
    return { ok: false, cause: 'dataTypeNotSupported' };
  }
  const { sessionID, dynamicRTPPayloadType } = multiplexParameters.value;
  if (sessionID !== AUDIO_SESSION && sessionID !== 0) return { ok: false, cause: 'invalidSessionID' };
  const payloadType = dynamicRTPPayloadType ?? payloadTypeOf(format);
  if (!secured && sync === undefined) return { ok: true, channel: { format, payloadType } };
  const generic = secured
    ? dataType.value.encryptionAuthenticationAndIntegrity.genericH235SecurityCapability
    : undefined;
  const [suite, ...others] = generic === undefined ? [] : usableSrtpSuites(generic);
  const key = sync === undefined ? undefined : decodeSrtpKey(sync.h235Key);
  if (suite === undefined || others.length > 0 || !key?.ok) return { ok: false, cause: 'securityDenied' };
  return { ok: true, channel: { format, payloadType, protection: { suite, key: key.masterKey } } };
}

/** Our answer to a channel: where we receive, and the key that we put into it, if any. */
export function acknowledgeAudio(
  media: MediaAddress,
  payloadType: number,
  key: SrtpMasterKey | undefined,
  form: SrtpKeyForm,
): Omit<H245.OpenLogicalChannelAck, 'forwardLogicalChannelNumber'> {
  return {
    forwardMultiplexAckParameters: {
      kind: 'h2250LogicalChannelAckParameters',
      value: {
        sessionID: AUDIO_SESSION,
        mediaChannel: unicastAddress(media),
        mediaControlChannel: unicastAddress(media, 1),
        ...(payloadType >= 96 ? { dynamicRTPPayloadType: payloadType } : {}),
      },
    },
    ...(key === undefined ? {} : { encryptionSync: encryptionSync(key, payloadType, form) }),
  };
}

export interface ReadAck {
  readonly remote: MediaAddress;
  readonly payloadType: number | undefined;
  /** Undefined where there is none; false where it cannot be used. */
  readonly key: SrtpMasterKey | false | undefined;
}

/** Reads where to send; undefined where the peer says none. */
export function readAck(ack: H245.OpenLogicalChannelAck): ReadAck | undefined {
  const parameters = ack.forwardMultiplexAckParameters;
  if (parameters?.kind !== 'h2250LogicalChannelAckParameters') return undefined;
  const remote = mediaAddressOf(parameters.value.mediaChannel);
  if (remote === undefined) return undefined;
  const key = ack.encryptionSync === undefined ? undefined : decodeSrtpKey(ack.encryptionSync.h235Key);
  return {
    remote,
    payloadType: parameters.value.dynamicRTPPayloadType,
    key: key === undefined ? undefined : key.ok && key.masterKey,
  };
}

/** Whether a message holds a key, so that it may leave on a proven connection only. */
export function holdsKey(message: H245.MultimediaSystemControlMessage): boolean {
  if (message.kind === 'request' && message.value.kind === 'openLogicalChannel') {
    return message.value.value.encryptionSync !== undefined;
  }
  return (
    message.kind === 'response' &&
    message.value.kind === 'openLogicalChannelAck' &&
    message.value.value.encryptionSync !== undefined
  );
}

function encryptionSync(key: SrtpMasterKey, synchFlag: number, form: SrtpKeyForm): H245.EncryptionSync {
  return { synchFlag, h235Key: encodeSrtpKey(key, form) };
}

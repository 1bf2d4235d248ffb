import type { KnownMessage, MessageOfKind } from '../messages/catalogue.ts';
import type { SessionDialect } from './profile.ts';

/** Who wants to be served. Nothing of it is proved: only the certificate of the connection is. */
export interface RegisteringDevice {
  /** `SEP` and its MAC address, mostly. */
  readonly name: string;
  readonly instance: number;
  /** A `DeviceType`. */
  readonly type: number;
  /** Where it says that it is. */
  readonly address: string;
  readonly addressIpv6: string | undefined;
  readonly maxStreams: number;
  /** Streams that go on from before: a phone whose connection broke while somebody talked keeps them. */
  readonly activeStreams: number;
  readonly maxLines: number | undefined;
  /** Its newest protocol version, 0 where it says none. */
  readonly offeredVersion: number;
  /** Bits as `PhoneFeature` says. */
  readonly features: number;
  readonly firmware: string;
  readonly configVersionStamp: string;
  /** Whether it is of the SPA series, which asks for a token in a way of its own. */
  readonly spcp: boolean;
}

/** A codec that a phone has. */
export interface PhoneCodec {
  /** A `MediaPayloadType`. */
  readonly payloadType: number;
  /** In milliseconds for most codecs. */
  readonly maxFramesPerPacket: number;
}

/** Why a session ended. */
export type SessionEnd =
  /** The connection is gone. */
  | 'connection-lost'
  /** No sign of life for longer than the phone was told to be silent. */
  | 'keep-alive-timeout'
  /** It was connected for long and did not ask to be served. */
  | 'not-registered'
  /** Its octets are no Skinny. */
  | 'bad-frame'
  /** Too many of its messages were not what they claim to be, or out of place. */
  | 'bad-messages'
  /** It sent more than a phone does, and went on. */
  | 'flooding'
  /** Another device's name on the connection of a device that is served. */
  | 'another-device'
  /** It was refused. */
  | 'rejected'
  /** It left by itself. */
  | 'unregistered'
  /** Who drives the session closed it. */
  | 'closed';

/**
 * What a session tells who drives it. Line and call are 0 where the phone did not say them, as old phones do not:
 * then they are those in the foreground.
 */
export type ServerEvent =
  /** May this phone come back to this manager? Answer with `grantToken` or `refuseToken`. */
  | { readonly kind: 'token-requested'; readonly deviceName: string; readonly type: number; readonly spcp: boolean }
  /** Is this phone to be served? Answer with `accept` or `reject`. */
  | { readonly kind: 'registration-requested'; readonly device: RegisteringDevice }
  /** It is served, has said what it can and has asked what it needed: it can be called now. */
  | {
      readonly kind: 'registered';
      readonly device: RegisteringDevice;
      readonly dialect: SessionDialect;
      readonly codecs: readonly PhoneCodec[];
    }
  | { readonly kind: 'codecs-changed'; readonly codecs: readonly PhoneCodec[] }
  | {
      readonly kind: 'off-hook';
      readonly line: number;
      readonly callReference: number;
      readonly callingNumber?: string;
    }
  | { readonly kind: 'on-hook'; readonly line: number; readonly callReference: number }
  | { readonly kind: 'hook-flash'; readonly line: number; readonly callReference: number }
  /** `digit` is one of 0 to 9, A to D, * # +. */
  | { readonly kind: 'digit'; readonly digit: string; readonly line: number; readonly callReference: number }
  /** A number dialled before the receiver was taken up. */
  | { readonly kind: 'enbloc'; readonly number: string; readonly line: number }
  /** `softKey` is a `SoftKeyEvent`. */
  | { readonly kind: 'soft-key'; readonly softKey: number; readonly line: number; readonly callReference: number }
  /** `stimulus` is a `DeviceStimulus`; `instance` says which of its kind: line 2, speed dial 3. */
  | {
      readonly kind: 'stimulus';
      readonly stimulus: number;
      readonly instance: number;
      readonly callReference: number;
      readonly status: number;
    }
  /** The answer to OpenReceiveChannel: where the phone receives, if `status` is `MediaStatus.Ok`. */
  | {
      readonly kind: 'receive-channel-opened';
      readonly passThroughPartyId: number;
      readonly callReference: number;
      readonly status: number;
      readonly address: string;
      readonly port: number;
    }
  /** The answer to StartMediaTransmission: where it sends from, if `status` is `MediaStatus.Ok`. */
  | {
      readonly kind: 'transmission-started';
      readonly passThroughPartyId: number;
      readonly callReference: number;
      readonly status: number;
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: 'transmission-failed'; readonly passThroughPartyId: number; readonly callReference: number }
  | { readonly kind: 'statistics'; readonly statistics: MessageOfKind<'ConnectionStatisticsRes'> }
  /** `severity` is a `DeviceAlarmSeverity`; of an alarm as XML it is undefined. */
  | { readonly kind: 'alarm'; readonly severity: number | undefined; readonly text: string }
  /** More digits than a person presses: those beyond are dropped. Told once in ten seconds. */
  | { readonly kind: 'key-pad-flooded' }
  /** What a phone tells or asks beside, for those who want to know: headset, modules, subscriptions, XML. */
  | { readonly kind: 'told'; readonly message: KnownMessage }
  /** It left, or leaves this registration for another on the same connection. */
  | { readonly kind: 'unregistered'; readonly reason: 'asked' | 'registers-again' }
  /** The session is over. Nothing comes after this. */
  | { readonly kind: 'ended'; readonly reason: SessionEnd };

/** What has happened in a session, counted. */
export interface SessionStatistics {
  readonly received: number;
  readonly sent: number;
  /** Messages with an id that is not known. */
  readonly unknown: number;
  /** Messages that are not what they claim to be. */
  readonly malformed: number;
  /** Messages with octets after the last field that is known. */
  readonly withUnreadOctets: number;
  /** Messages that are of no use in the state in which they came. */
  readonly outOfPlace: number;
  /** Messages beyond what a phone may send in a second. */
  readonly dropped: number;
  readonly droppedDigits: number;
  /** Answers about channels that were not asked for. */
  readonly strayAnswers: number;
}

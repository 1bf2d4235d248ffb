import type { MediaEncryptionKeyInfo } from '../layout/key-info.ts';
import type { KnownMessage } from '../messages/catalogue.ts';
import type { SessionDialect } from '../server/profile.ts';

/** A call as the phone shows it. */
export interface PhoneCall {
  readonly callReference: number;
  readonly line: number;
  /** A `CallState`. */
  readonly state: number;
  /** A `CallSecurityStatus`: the lock beside the call. */
  readonly securityStatus: number;
  /** A `CallType`; 0 until it is told. */
  readonly type: number;
  readonly callingParty: string;
  readonly callingPartyName: string;
  readonly calledParty: string;
  readonly calledPartyName: string;
  readonly prompt: string;
  /** The `SoftKeyEvent`s that are shown, from left to right. */
  readonly softKeys: readonly number[];
}

/** What a phone has been told about itself when it registered. */
export interface PhoneConfiguration {
  readonly buttons: readonly { readonly type: number; readonly instance: number }[];
  readonly lines: ReadonlyMap<
    number,
    { readonly number: string; readonly displayName: string; readonly label: string }
  >;
  readonly speedDials: ReadonlyMap<number, { readonly number: string; readonly label: string }>;
  readonly features: ReadonlyMap<number, { readonly type: number; readonly label: string; readonly status: number }>;
  readonly services: ReadonlyMap<number, { readonly url: string; readonly label: string }>;
  readonly softKeys: readonly { readonly label: string; readonly event: number }[];
  /** Places in `softKeys`, counted from 1, by the number of the situation. */
  readonly softKeySets: readonly (readonly number[])[];
}

/** A stream that the phone is to receive or to send. */
export interface StreamRequest {
  readonly conferenceId: number;
  readonly passThroughPartyId: number;
  readonly callReference: number;
  /** A `MediaPayloadType`. */
  readonly payloadType: number;
  readonly millisecondsPerPacket: number;
  /** The payload type of telephone-events; 0 for none. */
  readonly telephoneEventPayloadType: number;
  readonly keyInfo: MediaEncryptionKeyInfo;
}

/** Why the phone's end of a session ended. */
export type PhoneSessionEnd =
  | 'connection-lost'
  /** The manager did not answer a question of the registration. */
  | 'no-answer'
  | 'keep-alive-timeout'
  | 'bad-frame'
  | 'rejected'
  | 'unregistered'
  | 'closed';

/** What the phone's end of a session tells who drives it. */
export type PhoneEvent =
  | { readonly kind: 'token-granted' }
  /** Ask again after so many seconds: `askAgain`. */
  | { readonly kind: 'token-refused'; readonly seconds: number }
  | { readonly kind: 'registered'; readonly dialect: SessionDialect; readonly configuration: PhoneConfiguration }
  /** What stands on its keys, or beside them, is told anew. */
  | { readonly kind: 'configured'; readonly configuration: PhoneConfiguration }
  | { readonly kind: 'rejected'; readonly text: string }
  /** A call began, changed or, with the state `OnHook`, ended. */
  | { readonly kind: 'call'; readonly call: PhoneCall }
  /** Answer with `receiveChannelOpened`. */
  | { readonly kind: 'open-receive-channel'; readonly stream: StreamRequest }
  | { readonly kind: 'close-receive-channel'; readonly passThroughPartyId: number; readonly callReference: number }
  /** Answer with `transmissionStarted`. */
  | {
      readonly kind: 'start-transmission';
      readonly stream: StreamRequest;
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: 'stop-transmission'; readonly passThroughPartyId: number; readonly callReference: number }
  /** A `RingMode` and a `RingDuration`. */
  | { readonly kind: 'ringer'; readonly mode: number; readonly duration: number; readonly callReference: number }
  /** A `DeviceTone`; undefined when it stops. */
  | { readonly kind: 'tone'; readonly tone: number | undefined; readonly callReference: number }
  /** A `DeviceStimulus`, which of its kind, and a `LampMode`. */
  | { readonly kind: 'lamp'; readonly stimulus: number; readonly instance: number; readonly mode: number }
  | { readonly kind: 'prompt'; readonly text: string; readonly line: number; readonly callReference: number }
  /** A text for so many seconds; empty when it is taken away. */
  | { readonly kind: 'notice'; readonly text: string; readonly seconds: number }
  | { readonly kind: 'speaker'; readonly on: boolean }
  | { readonly kind: 'microphone'; readonly on: boolean }
  /** A `DeviceResetType`. */
  | { readonly kind: 'reset'; readonly resetType: number }
  /** What the manager tells or asks beside. */
  | { readonly kind: 'told'; readonly message: KnownMessage }
  | { readonly kind: 'unregister-refused' }
  /** The session is over. Nothing comes after this. */
  | { readonly kind: 'ended'; readonly reason: PhoneSessionEnd };

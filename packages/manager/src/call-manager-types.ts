import type {
  CallControlOutput,
  CallControlSettings,
  Forwarding,
  NumberingOptions,
  RelayPort,
} from '@trustline/callcontrol';
import type { CallRecord, SecurityEvent } from '@trustline/evidence';
import type { DigestAlgorithm, RegistrarPolicy, SipFlow, SipMessage, TransactionTimers } from '@trustline/sip';
import type { CallBackOptions } from './call-back/call-backs.ts';
import type { Registration, TrunkSettings } from './device-directory.ts';
import type { GatewaySettings } from './legs/h323/gateway-settings.ts';
import type { H245Listening, H323Output } from './legs/h323/h323.ts';
import type { PhoneKeys, SkinnySettings } from './legs/sccp/phone-profile.ts';
import type { SkinnyDoorPorts, SkinnyOutput } from './legs/sccp/skinny-door.ts';
import type { PendingRegister } from './legs/sip/registrar.ts';
import type { TextMessageLimits } from './messages/text-messages.ts';
import type { KeeperOutput } from './recovery/kept-state.ts';
import type { SubscriptionLimits } from './subscriptions/subscriptions.ts';
import type { WatchingRight } from './subscriptions/watching-rights.ts';
import type { TrunkAccount } from './trunks/trunk-accounts.ts';

/** What a call manager is made of. */
export interface CallManagerCoreOptions {
  /** Name of this node, in every event and record. */
  readonly node: string;
  readonly random: (length: number) => Uint8Array;
  /** Epoch milliseconds at a monotonic moment; it may jump, and nothing but texts and certificates' dates uses it. */
  readonly wallTime: (now: number) => number;
  /** Digest realm and the host of our SIP identity. */
  readonly realm: string;
  readonly product: string;
  readonly registrar: RegistrarPolicy;
  readonly calls: Partial<CallControlSettings>;
  /** Ports of the media relay; absent where there is none. */
  readonly relay?: RelayPort | undefined;
  /** Where numbers lead. */
  readonly numbering: NumberingOptions;
  readonly registrationsPerSecond: number;
  readonly callsPerSecond: number;
  /** How long calls wait for a device whose connection was lost, in milliseconds. Their media go on meanwhile. */
  readonly lostDevicePatience: number;
  readonly subscriptions: SubscriptionLimits;
  readonly textMessages: TextMessageLimits;
  /** Call back on busy by numbers of ours; undefined for none. */
  readonly callBack: CallBackOptions | undefined;
  /** Who may watch the calls of whom. */
  readonly watchers: readonly WatchingRight[];
  /** Seconds after which a call without a sign of its phone is over (RFC 4028); such signs are asked for at half of it. */
  readonly sessionInterval: number;
  /** The digest algorithms that the listener of a flow takes, preferred first. */
  readonly digestAlgorithms: (flow: SipFlow) => readonly DigestAlgorithm[];
  /** What trunks know the manager by; none by default. */
  readonly trunkAccounts?: readonly TrunkAccount[];
  /** What holds for calls by each trunk or gateway; nothing by default. */
  readonly trunkSettings?: ReadonlyMap<string, TrunkSettings>;
  /** The trunk that is identified by the address of a flow without TLS, as its operator wants it; none by default. */
  readonly trunkAt?: (flow: SipFlow) => string | undefined;
  /** What Skinny phones are given. */
  readonly skinny: SkinnySettings;
  /** Keys of phones beside their lines, by device. */
  readonly phoneKeys?: ReadonlyMap<string, PhoneKeys>;
  /** The number of voice mail, behind the key for messages. */
  readonly voiceMail?: string | undefined;
  /** Is shown the messages of Skinny phones, for people who watch. */
  readonly skinnyPassed?: SkinnyDoorPorts['passed'];
  readonly timers?: TransactionTimers;
  /** Ports at which H.245 of gateways is waited for; without any it has to be tunnelled, or the gateway waits for it. */
  readonly h245Ports?: H245Listening;
}

/** What the call manager wants done. */
export type CallManagerOutput =
  | { readonly kind: 'transmit'; readonly flow: SipFlow; readonly message: SipMessage }
  | { readonly kind: 'close-flow'; readonly flow: SipFlow }
  /** The device on this flow has proved itself by password. */
  | { readonly kind: 'authenticated'; readonly flow: SipFlow }
  /** Store the change, then call `registrationStored` or `registrationFailed`. */
  | { readonly kind: 'store-registration'; readonly pending: PendingRegister }
  /** A device has begun to register, and proved who it is on a connection that was made then (monotonic). */
  | { readonly kind: 'device-seen'; readonly device: string; readonly flow: SipFlow; readonly since: number }
  /** These bindings are gone: they expired, or their device was removed. */
  | { readonly kind: 'registrations-gone'; readonly registrations: readonly Registration[] }
  | KeeperOutput
  /** What the media relay is to do. */
  | Extract<CallControlOutput, { readonly kind: 'relay-side' | 'relay-bridge' | 'relay-close' | 'relay-digit' }>
  | { readonly kind: 'event'; readonly event: SecurityEvent }
  | { readonly kind: 'record'; readonly record: CallRecord }
  /** A user has set on his phone where the calls of a line go: to be stored. */
  | { readonly kind: 'forward-line'; readonly line: string; readonly forwarding: Forwarding }
  /** It was found out how a gateway has to be set: to be stored. */
  | { readonly kind: 'gateway-found'; readonly settings: GatewaySettings }
  /** What is wanted of the connections of H.323. */
  | { readonly kind: 'h323'; readonly output: H323Output }
  /** What is wanted of the connections of Skinny phones. */
  | { readonly kind: 'skinny'; readonly output: SkinnyOutput }
  | { readonly kind: 'drained' };

/** How many entries each table of calls holds; `kept` are calls for the process after this one, `over` those of them that are over. */
export type TableSizes = Readonly<
  Record<'sessions' | 'dialogs' | 'transactions' | 'callers' | 'legs' | 'lost' | 'kept' | 'over', number>
>;

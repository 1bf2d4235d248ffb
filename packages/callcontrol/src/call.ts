import type {
  CallRecordLeg,
  LevelChange,
  ProtectionChange,
  RouteStep,
  SecurityLevel,
  SecurityPolicy,
} from '@trustline/evidence';
import type { Announcing } from './announcing.ts';
import type { Cause } from './causes.ts';
import type { Conference } from './conference-state.ts';
import type { ConferenceRoute, Device, Forwarding, HuntGroup, LeavingProtection } from './directory.ts';
import type { Diversion, Redirection } from './diversion.ts';
import type { CallerIdentity, LegId } from './inputs.ts';
import { lowestLevel, type MediaDescription } from './media.ts';
import type { Parked } from './park.ts';
import type { PolicyEnd } from './policy.ts';
import { type DeviceSecurityMode, type LegProtection, legLevel } from './protection.ts';
import type { ProtectionLoss } from './protection-loss.ts';
import type { Recovered, RecoveredLeg } from './recovered-media.ts';
import type { RelayedLeg } from './relay-state.ts';
import type { TranscodedCodecs } from './transcoding.ts';
import type { Home, Referral, Transfer } from './transfer-state.ts';
import type { Ending } from './world.ts';

/** One leg of a call, as call control holds it. */
export interface Leg {
  readonly id: LegId;
  /** In its present call. */
  role: 'calling' | 'called';
  readonly device: string;
  readonly kind: Device['kind'];
  /** The port of a gateway that it goes out by, as it has named it. */
  port: string | undefined;
  /** The device's line, or the number presented or dialled on a trunk. */
  readonly line: string;
  readonly mode: DeviceSecurityMode;
  protection: LegProtection;
  state: 'trying' | 'ringing' | 'connected' | 'ended';
  /** The first offer that this end made, as it was received. */
  offered: MediaDescription | undefined;
  /** What this end sends and receives with: its last offer or answer, reduced to the keys chosen. */
  media: MediaDescription | undefined;
  /** What this end was told last. */
  told: MediaDescription | undefined;
  /** The other end's `media` that `told` was made from; when that has changed, this end has to be offered again. */
  toldFrom: MediaDescription | undefined;
  /** What it said while keys of the relay stood in for those it has not: never taken for its own, also when the relay is left. */
  withStandIns?: MediaDescription | undefined;
  /** The answer given before the answer (early media). */
  early: MediaDescription | undefined;
  /** It takes digits beside its media. */
  takesDigits: boolean;
  /** A refusal of SRTP by this end may be followed by an offer of RTP. */
  retryInClear: boolean;
  /** Others learned this end's key: it is asked for a new one. */
  renewKey: boolean;
  /** What it sent with in calls before this one, whose other ends know those keys. */
  readonly exposed: MediaDescription[];
  /** The level that this end was told last. */
  shown: SecurityLevel | undefined;
  /** What protects its signalling is gone. */
  unprotected: ProtectionLoss | undefined;
  /** The same of the other end, as this one was told last. */
  shownLoss: ProtectionLoss | undefined;
  /** Its media go over the relay. */
  relay: RelayedLeg | undefined;
  /** Of a called leg: its share of the phones that may ring for the call at once. */
  breadth: number;
  /** What it had in a call that was taken up again: that holds until it agrees on something here. */
  readonly recovered?: RecoveredLeg;
}

/** An offer within the call that waits for its answer. There is one at a time, so glare has one place to be seen. */
export type Exchange =
  /** From one end to the other. */
  | {
      readonly kind: 'relayed';
      readonly from: Leg;
      readonly to: Leg;
      readonly offer: MediaDescription;
      readonly told: MediaDescription;
      /** It has the relay's formats as well, for without them it was refused. */
      readonly transcodes?: true;
    }
  /** The same from the caller before the answer, to the called whose early media it hears. */
  | {
      readonly kind: 'early';
      readonly from: Leg;
      readonly to: Leg;
      readonly offer: MediaDescription;
      readonly told: MediaDescription;
    }
  /** Asked to offer, on the way to somebody else; or for the other end of a call that was taken up again, which waits for it. */
  | { readonly kind: 'requested'; readonly to: Leg; readonly waits?: Leg }
  /** An offer that this end was made to be joined with somebody, which came to nothing before its answer. */
  | { readonly kind: 'void'; readonly to: Leg; readonly told: MediaDescription }
  /** The called offered in its answer; the caller has to answer. Who `calls` itself, to pick the call up, is accepted with that. */
  | {
      readonly kind: 'late';
      readonly from: Leg;
      readonly to: Leg;
      readonly told: MediaDescription;
      readonly calls?: true;
    }
  /** Written here, from what the other end said last. */
  | { readonly kind: 'own'; readonly to: Leg; readonly told: MediaDescription; readonly source: MediaDescription };

/** Where a call is tried, and what is left to try there. */
export type Attempt =
  | { readonly kind: 'line'; readonly line: string; readonly forwarding: Forwarding | undefined }
  | {
      readonly kind: 'trunk';
      readonly number: string;
      readonly left: readonly string[];
      /** The one that is tried now. */
      readonly tried?: string;
      readonly leavingProtection?: LeavingProtection;
      /** Why the ones before did not take it, the last of them. */
      readonly ending?: Ending;
      /** The called has answered at the one that is tried: none is left to be. */
      readonly isAnswered?: true;
    }
  | {
      readonly kind: 'hunt-group';
      readonly group: HuntGroup;
      /** The number that was dialled for it. */
      readonly number: string;
      readonly left: readonly string[];
    };

export interface Call {
  readonly id: string;
  readonly startedAt: string;
  readonly destination: string;
  identity: CallerIdentity;
  /** Of a call that somebody is being transferred to, until he is: a stand-in that has no signalling. */
  caller: Leg;
  /** Every leg that was placed, in order; the ended ones too, for the record. */
  readonly called: Leg[];
  policy: SecurityPolicy;
  connected: Leg | undefined;
  answeredAt: string | undefined;
  exchange: Exchange | undefined;
  /** Offers of our own since both ends agreed last. */
  ownOffers: number;
  level: SecurityLevel;
  /** The lowest level that held with both ends in agreement. */
  lowest: SecurityLevel | undefined;
  readonly levels: LevelChange[];
  /** What became of the protection of its signalling, oldest first. */
  readonly protection: ProtectionChange[];
  /** Where it was led, oldest first. */
  readonly route: RouteStep[];
  /** Legs that were told the caller's keys. */
  told: number;
  /** It is for help: no restriction holds for it. */
  isEmergency: boolean;
  /** Of a call for help that encryption is required for: whether it was said that it goes in the clear. */
  clearHelp: 'unsaid' | 'said' | undefined;
  /** More than one phone rings. */
  forks: boolean;
  /** The most telling refusal of the called so far. */
  refusal: Cause | undefined;
  /** Of the line that was dialled this device alone is meant. */
  readonly onlyOn: string | undefined;
  /** Where it is being tried. */
  attempt: Attempt | undefined;
  /** From number to number before it came here, oldest first. */
  readonly before: readonly Diversion[];
  /** Call managers that it may yet go through; undefined where nothing was said of it. */
  readonly hopsLeft: number | undefined;
  /** Phones that may ring for it at once, here and further on. */
  readonly breadth: number;
  /** From number to number, oldest first. */
  readonly diversions: Diversion[];
  /** Numbers that those who were called have named, the latest last. */
  readonly redirections: Redirection[];
  /** How many of them have been tried. */
  redirected: number;
  /** The early media that the caller was told, and whose: an answer of another phone comes as an offer after it. */
  early: { readonly leg: Leg; readonly told: MediaDescription; readonly takesOffers: boolean } | undefined;
  /** Its caller is being told that it leaves protection; absent before that and after. */
  announcing: Announcing | undefined;
  /** He has been told. */
  isAnnounced: boolean;
  /** The transfer that it takes part in, while that is not decided. */
  transfer: Transfer | undefined;
  /** The number that a line is called back about, until it has answered; absent for any other call. */
  readonly callBack: string | undefined;
  /** The transfer by which it came about. */
  referral: Referral | undefined;
  /** The calls that its legs come from, and go back to if they do not agree here. */
  homes: readonly Home[];
  /** Where it waits, with nobody at its other end. */
  parked: Parked | undefined;
  /** The conference that the one who is being transferred is to take part in, until it does. */
  enters: ConferenceRoute | undefined;
  /** Where it takes part: its other end is the manager. */
  conference: Conference | undefined;
  /** It was taken up again by a manager that started anew. */
  readonly recovered: Recovered | undefined;
  /** What its ends spoke when the relay had to transcode between them; the last such pair. */
  transcoded: TranscodedCodecs | undefined;
  /** How its legs were when one of them left for another call. */
  recorded: readonly CallRecordLeg[] | undefined;
}

/** Phones that may ring for one call at once where nothing was said of it (RFC 5393 §5.3.3.1). */
export const usualBreadth = 60;

/** A call as it begins. */
export function beginCall(
  start: Pick<Call, 'id' | 'startedAt' | 'destination' | 'identity' | 'caller'> & Partial<Call>,
): Call {
  return {
    called: [],
    policy: 'prefer',
    connected: undefined,
    answeredAt: undefined,
    exchange: undefined,
    ownOffers: 0,
    level: 'non-secure',
    lowest: undefined,
    levels: [],
    protection: [],
    route: [],
    told: 0,
    isEmergency: false,
    clearHelp: undefined,
    forks: false,
    refusal: undefined,
    onlyOn: undefined,
    attempt: undefined,
    before: [],
    hopsLeft: undefined,
    breadth: usualBreadth,
    diversions: [],
    redirections: [],
    redirected: 0,
    early: undefined,
    announcing: undefined,
    isAnnounced: false,
    transfer: undefined,
    callBack: undefined,
    referral: undefined,
    homes: [],
    parked: undefined,
    enters: undefined,
    conference: undefined,
    recovered: undefined,
    transcoded: undefined,
    recorded: undefined,
    ...start,
  };
}

export function otherLeg(call: Call, leg: Leg): Leg | undefined {
  return leg === call.caller ? call.connected : call.caller;
}

/** The called leg whose media the caller is told: the one that answered, or that of early media. */
export function heardLeg(call: Call): Leg | undefined {
  return call.connected ?? call.early?.leg;
}

export function isLive(leg: Leg): boolean {
  return leg.state !== 'ended';
}

/** What policy goes by. An end without SRTP that has the relay before it can have keys, for the relay can. */
export function policyEnd(leg: Leg): PolicyEnd {
  if (leg.relay?.isClear === true) return { mode: 'encrypted', signalling: 'tls-mutual' };
  return { mode: leg.mode, signalling: leg.protection.signalling, isGateway: leg.kind === 'gateway' };
}

/** The minimum over the legs: the two that talk, before the answer all that ring. */
export function callLevel(call: Call): SecurityLevel {
  const called = call.connected === undefined ? call.called.filter(isLive) : [call.connected];
  return lowestLevel([call.caller, ...called].map(levelOf));
}

export function levelOf(leg: Leg): SecurityLevel {
  if (leg.recovered !== undefined && leg.media === undefined) return leg.recovered.level;
  // What is agreed on in the name of an end without SRTP protects the other alone.
  if (leg.relay?.isClear === true) return legLevel(leg.mode, leg.protection, undefined, undefined);
  return legLevel(leg.mode, leg.protection, leg.media, leg.told);
}

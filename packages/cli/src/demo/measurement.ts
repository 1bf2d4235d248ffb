import type { TransportAddress } from '@trustline/capture';
import type { ChainVerdict, SecurityLevel } from '@trustline/evidence';
import type { AuditorsView } from './auditor.ts';
import type { PhoneTrust } from './boot-witness.ts';
import type { DemoProtocol, End, Sabotage } from './plan.ts';
import type { TappedDirection } from './tap.ts';

/** Packets that were sent to a phone's real RTP socket by somebody who is not the other phone. */
export interface Attack {
  readonly sent: number;
  /** Seen to come in at the phone's socket. */
  readonly arrived: number;
  /** Refused by the phone's SRTP, by its own count. */
  readonly refused: number;
  /** The same by reason: `authentication-failed`, `replayed`. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** How the leg of one phone is protected, as its two sides see it. */
export interface LegProof {
  readonly device: string;
  readonly line: string;
  /** The certificate that the phone showed. */
  readonly certificate: { readonly subject: string; readonly issuer: string };
  /** How it came to believe its cluster, and to that certificate. */
  readonly trust: PhoneTrust;
  /** The manager's certificate, as the phone judged it. */
  readonly manager: string | null;
  /** As the client side sees it; it alone knows the group. */
  readonly tls: { readonly protocol: string; readonly cipher: string; readonly group: string | null };
  /** As the manager judged it. */
  readonly signalling: string;
  readonly proof: string;
  readonly provenIdentity: string | null;
  readonly keying: string;
  readonly suite: string | null;
  /** Hash of the key that this phone made and sends with, so that keys can be compared; null without SRTP. */
  readonly keyMade: string | null;
  /** The same of the key that it was handed and receives with. */
  readonly keyReceived: string | null;
  /** The phone's RTP socket; RTCP has the next port. */
  readonly rtp: TransportAddress;
  /** The level that the phone shows. */
  readonly levelShown: SecurityLevel | null;
}

/** What was seen of a call beside the first one: phones of Skinny have several. */
export interface SceneProof {
  readonly name: 'to-sip' | 'from-sip' | 'held-and-transferred' | 'open-lock';
  /** Lines of who talk at its end: the first called, or was transferred. */
  readonly from: string;
  readonly to: string;
  /** By both, in that order. */
  readonly levelsShown: readonly (SecurityLevel | null)[];
  readonly suite: string | null;
  /** What each sends with, the other receives with; false without keys. */
  readonly keysAgree: boolean;
  /** Whether nobody who was in the call before it was transferred had these keys; null where it was not. */
  readonly keysAreNew: boolean | null;
  /** Null where it was not held. */
  readonly hold: {
    /** Sent by both ends on hold. */
    readonly packets: number;
    /** Whether they hear each other afterwards, and by keys that are new. */
    readonly goesOn: boolean;
    readonly keysAreNew: boolean;
  } | null;
  /** Likeness of what a tap heard to what was said, of both directions. */
  readonly tap: {
    readonly packets: number;
    /** Without keys. */
    readonly highest: number;
    readonly lowest: number;
    readonly lowestWithKeys: number;
  };
}

/** Everything that one run measured; judged by `verdict.ts`, shown by `page.ts`. */
export interface Measurement {
  readonly protocol: DemoProtocol;
  readonly mode: 'encrypted' | 'clear';
  readonly sabotage: Sabotage | null;
  readonly node: string;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  /** Of the running call, as the manager says. */
  readonly level: SecurityLevel;
  readonly codec: string;
  readonly legs: Readonly<Record<End, LegProof>>;
  readonly withoutKeys: Readonly<Record<End, TappedDirection>>;
  /** Absent in a clear call, which has no keys. */
  readonly withKeys: Readonly<Record<End, TappedDirection>> | undefined;
  /** Correlation of what an end said with what the other end's loudspeaker gave. */
  readonly heardByOther: Readonly<Record<End, number>>;
  /** Digits of an end that the other end received. */
  readonly digitsReceived: Readonly<Record<End, string>>;
  /** Calls beside the first; none by SIP. */
  readonly scenes: readonly SceneProof[];
  /** Against each phone. */
  readonly forged: Readonly<Record<End, Attack>>;
  readonly replayed: Readonly<Record<End, Attack>>;
  readonly packets: number;
  readonly packetsDropped: number;
  readonly records: {
    readonly verdict: ChainVerdict;
    /** What the signed record says of the call; null when there is none. */
    readonly level: SecurityLevel | null;
  };
  readonly auditor: AuditorsView;
  /** Absolute. */
  readonly folder: string;
  readonly capture: string;
}

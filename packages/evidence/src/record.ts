import type { MediaKeying, Proof, SecurityLevel, SecurityPolicy, SignallingProtection } from './security.ts';

/** The version of the record's shape, carried by every record and every JSON output of one. */
export const CALL_RECORD_SCHEMA = 1;

export type CallOutcome = 'answered' | 'refused' | 'busy' | 'no-answer' | 'cancelled' | 'failed';

/** Who is on a leg: all of it personal, all of it erased together. */
export interface CallParty {
  /** The device, by its name: `SEP001122334455`. */
  readonly device?: string;
  readonly line?: string;
  /** The number as dialled or presented, where it is not the line. */
  readonly number?: string;
  readonly displayName?: string;
  /** Address and port of the signalling peer. */
  readonly remoteAddress?: string;
  /** Address and port where it received media last: `192.0.2.7:49170`. */
  readonly mediaAddress?: string;
  /** What was proved: the certificate's subject, the digest user name. */
  readonly provenIdentity?: string;
}

/** One leg of a call as it was at the end, the strongest claim that held for the whole of its life. */
export interface CallRecordLeg {
  readonly leg: string;
  readonly role: 'calling' | 'called';
  readonly protocol: 'sip' | 'sccp' | 'h323';
  readonly signalling: SignallingProtection;
  /** How the far end proved who it is. */
  readonly proof: Proof;
  readonly keying: MediaKeying;
  /** The SRTP crypto suite, `AES_CM_128_HMAC_SHA1_80`; absent without SRTP. */
  readonly suite?: string;
  readonly level: SecurityLevel;
  /** It ends at a trunk or gateway: what is said here holds up to there, and nobody knows what is beyond. */
  readonly demarcation?: {
    readonly kind: 'trunk' | 'gateway';
    /** The port of it that the call goes out by, as it names it itself: `0/1:7`. */
    readonly port?: string;
  };
  readonly party: CallParty;
}

/** The level of the call from a moment on. */
export interface LevelChange {
  readonly at: string;
  readonly level: SecurityLevel;
  /** Why, in an operator's words. It may name lines and devices, and so counts as personal. */
  readonly cause: string;
}

/** What became of the protection of a leg's signalling while its media went on with the keys that they had. */
export interface ProtectionChange {
  readonly at: string;
  readonly leg: string;
  /** Gone, back, or away for so long that the call was ended for it. */
  readonly state: 'lost' | 'returned' | 'given-up';
  /** In an operator's words: `IPsec to gw1 is gone`. It names a device, and so counts as personal. */
  readonly cause: string;
}

/** A step of a call on its way to who answers. */
export interface RouteStep {
  readonly at: string;
  /** Where it was led and by what, in an operator's words. It names lines and devices, and so is personal. */
  readonly cause: string;
}

/** What is kept of a call. Times are ISO 8601 in UTC with milliseconds. */
export interface CallRecord {
  readonly schema: typeof CALL_RECORD_SCHEMA;
  readonly node: string;
  readonly call: string;
  readonly policy: SecurityPolicy;
  readonly startedAt: string;
  readonly answeredAt?: string;
  readonly endedAt: string;
  readonly outcome: CallOutcome;
  /** The outcome's cause as a stable word for programs; it survives erasure and names nobody. */
  readonly reason?: string;
  /** Who ended it: one of its ends, or the call manager. Absent where nobody is left to know. */
  readonly endedBy?: CallEnder;
  /** Why the call ended so, in an operator's words. It may name lines and devices, and so counts as personal. */
  readonly cause: string;
  /** The lowest level the call had once answered; for a call never answered, the level it was offered at. */
  readonly level: SecurityLevel;
  /** Every change, oldest first. */
  readonly levels: readonly LevelChange[];
  /**
   * What protects the signalling of a leg went, came back, or stayed away, oldest first; absent where it was there all the time.
   * Between `lost` and what follows the leg got no new keys and no signalling, so that its `signalling` and its level hold.
   */
  readonly protection?: readonly ProtectionChange[];
  /** The way it took, oldest first; absent where it took none. */
  readonly route?: readonly RouteStep[];
  readonly legs: readonly CallRecordLeg[];
  /**
   * When a manager that had started anew took it up again, the last time; absent where none has. What is said of keys is
   * then what held before, unless its ends have agreed on something since.
   */
  readonly recoveredAt?: string;
  /** How the call came about, where somebody had its caller sent to its called. */
  readonly transfer?: CallTransfer;
  /** What its ends spoke while the relay transcoded between them, for they had no codec in common. */
  readonly transcoded?: { readonly caller: string; readonly called: string };
  /** The conference that it was a part of; `level` is then the lowest of that while it was. */
  readonly conference?: { readonly number: string; readonly name: string };
}

/** Of a call that nobody answered, the called is whoever refused it last. */
export type CallEnder = 'caller' | 'called' | 'manager';

/** That a call was made by a transfer, and by whose. */
export interface CallTransfer {
  /** To a number, or to somebody whom the transferor had called himself; or taken by a third, while it rang or after. */
  readonly kind: 'blind' | 'attended' | 'picked-up' | 'replaced';
  /** The calls that it goes on from. */
  readonly calls: readonly string[];
  readonly by: CallParty;
}

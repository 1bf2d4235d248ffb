import type { CallRecord, SecurityEvent, SecurityLevel } from '@trustline/evidence';
import type { Cause } from './causes.ts';
import type { Diversion } from './diversion.ts';
import type { CallerIdentity, LegId } from './inputs.ts';
import type { MediaKey } from './keys.ts';
import type { MediaDescription } from './media.ts';
import type { ShownProtection } from './protection-loss.ts';
import type { RelaySideId } from './relay-state.ts';
import type { EventFormat, SpokenFormats, VoiceFormat } from './voice-formats.ts';

/** What call control tells the legs and the evidence. `level` is that of the call at this moment, for the far end to show. */
export type CallControlOutput =
  /** Open a leg to a device. Without an offer the called is asked for one. */
  | {
      readonly kind: 'place';
      readonly leg: LegId;
      readonly call: string;
      readonly device: string;
      /** The called line, or the number to dial on a trunk. */
      readonly line: string;
      readonly caller: CallerIdentity;
      readonly level: SecurityLevel;
      readonly offer?: MediaDescription;
      /** Who has sent the caller here: a transfer. */
      readonly referredBy?: CallerIdentity;
      /** How the call came here, oldest first; absent where it was for this number from the start. */
      readonly diversions?: readonly Diversion[];
      /** Call managers that it may yet go through, this one not counted; absent where nothing was said of it. */
      readonly hopsLeft?: number;
      /** A call for help: it goes out whatever the load. */
      readonly isEmergency?: true;
      /** Its share of the phones that may ring for the call at once. */
      readonly breadth: number;
      /**
       * Milliseconds in which the far end has to say something, be it that it works on it (SIP: 100, H.323: Call Proceeding);
       * else the leg tries another connection of the device, or ends with `timer-expired`. Of trunks and gateways alone.
       */
      readonly silence?: number;
      /** Nothing else is left to try: on the last connection the leg waits for as long as its protocol does. */
      readonly isLast?: true;
    }
  /** Ask a trunk or gateway whether it takes calls (SIP: OPTIONS): `probed` follows, within seconds. */
  | { readonly kind: 'probe'; readonly device: string }
  /** The called rings: tell the caller. */
  | {
      readonly kind: 'ring';
      readonly leg: LegId;
      readonly call: string;
      readonly level: SecurityLevel;
      /** All who may answer are in other calls already: whoever waits, waits for the end of one. */
      readonly callWaiting?: true;
    }
  /** The call is sent on to another number: tell the caller, with its way so far, oldest step first. */
  | {
      readonly kind: 'forwarded';
      readonly leg: LegId;
      readonly to: string;
      readonly diversions: readonly Diversion[];
      readonly level: SecurityLevel;
    }
  /** Early media for the caller; `accept` repeats the answer. */
  | {
      readonly kind: 'progress';
      readonly leg: LegId;
      readonly answer: MediaDescription;
      readonly level: SecurityLevel;
    }
  /** The call is answered: tell the caller, with the answer to its offer. */
  | {
      readonly kind: 'accept';
      readonly leg: LegId;
      readonly answer: MediaDescription;
      readonly level: SecurityLevel;
      /** The other end is a conference. */
      readonly isFocus?: true;
    }
  /** The call is answered and the caller had made no offer: give it this one, its answer comes as an input. */
  | {
      readonly kind: 'accept-with-offer';
      readonly leg: LegId;
      readonly offer: MediaDescription;
      readonly level: SecurityLevel;
    }
  /**
   * Refuse the caller; the leg is gone. `warning` is for a person; it names nobody but what is `isFound`: the trunk or gateway
   * that the call has ended for, and what was the matter there.
   */
  | {
      readonly kind: 'refuse';
      readonly leg: LegId;
      readonly cause: Cause;
      readonly warning: string;
      readonly isFound?: true;
      /** Where it was, for those who watch. */
      readonly was: { readonly call: string; readonly line: string; readonly level: SecurityLevel };
    }
  /** Stop a placed leg that has not answered; the leg is gone, and an answer that crosses this is released. */
  | { readonly kind: 'cancel'; readonly leg: LegId; readonly cause: Cause }
  /** Hang up; the leg is gone. `warning` and `isFound` as of `refuse`. */
  | {
      readonly kind: 'release';
      readonly leg: LegId;
      readonly cause: Cause;
      readonly warning: string;
      readonly isFound?: true;
    }
  /**
   * Offer to the far end, as the response to an `offer-requested` where one waits, else in a request of the leg's own
   * as soon as its protocol allows one (SIP: after the ACK).
   */
  | { readonly kind: 'offer'; readonly leg: LegId; readonly offer: MediaDescription; readonly level: SecurityLevel }
  /** Ask the far end for an offer that leaves nothing out (RFC 3725 §4): it comes as an input, `offer` or `offer-refused`. */
  | {
      readonly kind: 'request-offer';
      readonly leg: LegId;
      readonly level: SecurityLevel;
      /** The other end is to be a conference. */
      readonly isFocus?: true;
    }
  /** A transfer that this end asked for is refused at once; its call goes on as it was. */
  | { readonly kind: 'refuse-transfer'; readonly leg: LegId; readonly cause: Cause; readonly warning: string }
  /** A transfer that this end asked for is under way. `transferred` or `transfer-failed` follows, unless the leg goes first. */
  | { readonly kind: 'accept-transfer'; readonly leg: LegId }
  /** The one that the transfer is to rings. */
  | { readonly kind: 'transfer-rings'; readonly leg: LegId }
  /** The other end talks to somebody else now; `release` follows. */
  | { readonly kind: 'transferred'; readonly leg: LegId }
  /** The transfer came to nothing; the call goes on as it was. */
  | { readonly kind: 'transfer-failed'; readonly leg: LegId; readonly cause: Cause; readonly warning: string }
  /** The answer to an offer of the far end: to an `offer`, or to the late offer of its `answered`. */
  | { readonly kind: 'answer'; readonly leg: LegId; readonly answer: MediaDescription; readonly level: SecurityLevel }
  /** Refuse an offer within the call; the session stays as it was. */
  | { readonly kind: 'refuse-offer'; readonly leg: LegId; readonly cause: Cause; readonly warning: string }
  /** The level of the call changed, or what is to be said beside it: show it. */
  | {
      readonly kind: 'show';
      readonly leg: LegId;
      readonly level: SecurityLevel;
      /** Absent where nothing is to be said of the other end's signalling, or no more. */
      readonly protection?: ShownProtection;
    }
  /** A digit for the far end, beside its media. */
  | { readonly kind: 'digit'; readonly leg: LegId; readonly digit: string; readonly milliseconds: number }
  /** A digit for the far end of a side, in its media (RFC 4733). */
  | {
      readonly kind: 'relay-digit';
      readonly side: RelaySideId;
      readonly payloadType: number;
      readonly clockRate: number;
      readonly digit: string;
      readonly milliseconds: number;
    }
  /** A side of the relay, whole, as it is to be from now on. */
  | {
      readonly kind: 'relay-side';
      readonly side: RelaySideId;
      /** Where the leg receives. */
      readonly remote: { readonly address: string; readonly port: number };
      /**
       * SRTP: what the leg sends with, and what it is sent with; with `mayBeSwapped` perhaps the other way round, which the
       * first packet of it shows. Absent for RTP without protection.
       */
      readonly keys?: { readonly receive: MediaKey; readonly send: MediaKey; readonly mayBeSwapped?: true };
      /** Whether the leg sends, and whether it receives. */
      readonly takes: boolean;
      readonly gives: boolean;
      /** What the leg speaks, and milliseconds of a packet to it; where the other end's differs, the relay transcodes. */
      readonly speaks?: SpokenFormats & { readonly milliseconds: number };
      /** Digits in what the leg sends, which are to come as inputs and go no further in its media. */
      readonly digits?: EventFormat;
      /** The format in which the leg hears the sound for who is held, in place of the other end. */
      readonly plays?: VoiceFormat;
      /** The same of what is said to a caller whose call leaves protection, from its beginning. */
      readonly announces?: VoiceFormat;
      /** The conference that the leg is in, and the format in which it speaks and hears; those in one are beside each other. */
      readonly mixes?: { readonly conference: string; readonly format: VoiceFormat };
      /** In hertz. */
      readonly clockRate: number;
      /** RTP without protection is followed to wherever it comes from at this address: the leg is behind a NAT. */
      readonly clearSource?: string;
    }
  /** Two sides hear each other from now on, and nobody else. */
  | { readonly kind: 'relay-bridge'; readonly one: RelaySideId; readonly other: RelaySideId }
  | { readonly kind: 'relay-close'; readonly side: RelaySideId }
  | { readonly kind: 'event'; readonly event: SecurityEvent }
  /** A call ended; one record a call. */
  | { readonly kind: 'record'; readonly record: CallRecord }
  /** Draining is over: no call is left. */
  | { readonly kind: 'drained' };

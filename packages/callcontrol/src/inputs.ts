import type { Cause } from './causes.ts';
import type { Diversion } from './diversion.ts';
import type { MediaDescription } from './media.ts';
import type { LegProtection } from './protection.ts';
import type { RelaySideId } from './relay-state.ts';

/** A leg's identifier: of at least 64 random bits, unique in this process. Whoever opens the leg chooses it. */
export type LegId = string;

/** Who calls, as shown to the called. */
export interface CallerIdentity {
  /** The directory number, or what a trunk presents. */
  readonly number: string;
  readonly displayName?: string;
  /** The caller wants number and name withheld from the called (RFC 3323); the record keeps them. */
  readonly anonymous: boolean;
  /** What somebody else has signed about who calls whom; goes on as it came, and nothing is concluded from it here. */
  readonly signed?: SignedIdentity;
}

/** Signed statements about the caller (RFC 8224: the values of Identity headers, and of the Date that they cover). */
export interface SignedIdentity {
  readonly statements: readonly string[];
  readonly date?: string;
}

/** Whom a transferred party is to talk to: a number, or whoever another leg of the transferor talks to or calls. */
export type TransferTarget =
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'leg'; readonly leg: LegId };

/**
 * What legs tell call control. A leg says each thing once: retransmissions, forks below it and provisional
 * acknowledgements are its own affair. An input for a leg that has ended meanwhile is a race, not an error.
 */
export type CallControlInput =
  /** A device calls. Its leg has proved that this device may use this line. */
  | {
      readonly kind: 'incoming';
      readonly leg: LegId;
      readonly device: string;
      /** The calling line; for a trunk the number that it presents. */
      readonly line: string;
      /** What was dialled. */
      readonly destination: string;
      /** Of the line that was dialled this device alone is meant (a GRUU, RFC 5627); `''` where it is not there. */
      readonly onlyOn?: string;
      readonly protection: LegProtection;
      readonly caller: CallerIdentity;
      /** It means to take over the call at this leg, as its called side while it rings, or in its place. */
      readonly takes?: { readonly leg: LegId; readonly earlyOnly: boolean };
      /** It has said that it takes digits beside its media (SIP: INFO). */
      readonly takesDigits?: boolean;
      /** Absent for a late offer (RFC 3261 §13.2.1: an INVITE without one): the called offers then. */
      readonly offer?: MediaDescription;
      /** How the call came to the device that sends it here, oldest first; from a trunk or gateway alone. */
      readonly diversions?: readonly Diversion[];
      /** Call managers that it may yet go through; a call that goes round in circles ends when none is left. */
      readonly hopsLeft?: number;
      /** Phones that may ring for it at once, here and further on; absent where nothing was said of it. */
      readonly breadth?: number;
      /** The port of a gateway that the call came in by, as it names it itself. */
      readonly port?: string;
    }
  /** The called phone rings. */
  | {
      readonly kind: 'ringing';
      readonly leg: LegId;
      /** It says that its user is in another call already; of other calls of the line that is known without. */
      readonly callWaiting?: true;
    }
  /**
   * Media before the answer, from the called: an answer that its `answered` may repeat. With `takesOffers` the leg can be
   * given an `offer` before that.
   */
  | {
      readonly kind: 'progress';
      readonly leg: LegId;
      readonly answer: MediaDescription;
      readonly takesOffers?: boolean;
      /** As of `answered`. */
      readonly takesDigits?: boolean;
      readonly port?: string;
    }
  /**
   * The called answered. `media` is the answer to the offer it was placed with, or the offer when it was placed
   * without one; absent only when a `progress` gave the answer before.
   */
  | {
      readonly kind: 'answered';
      readonly leg: LegId;
      readonly media?: MediaDescription;
      /** It has said that it takes digits beside its media (SIP: INFO). */
      readonly takesDigits?: boolean;
      /** The port of a gateway that the call goes out by, as it names it itself: `0/1:7`. */
      readonly port?: string;
    }
  /**
   * The called has answered, while its media are still agreed on: `answered` follows with them, or the leg ends. Nobody else is
   * rung for the call from now on. Only of what may answer so (H.323: H.245 goes on after the Connect).
   */
  | { readonly kind: 'answering'; readonly leg: LegId }
  /** The called refused, or could not be reached. `not-acceptable-here` is SIP's 488 and 606, `security-required` those that say so. */
  | {
      readonly kind: 'refused';
      readonly leg: LegId;
      readonly cause: Cause;
      readonly said?: string;
      readonly found?: string;
      /** It was the way and not the called: it cannot have media as they have to be. Another of a route list may. */
      readonly ofWay?: true;
    }
  /** The called names other numbers for the call (SIP's 3xx), the one that it wants most first; its leg is gone. */
  | { readonly kind: 'redirected'; readonly leg: LegId; readonly numbers: readonly string[] }
  /** The caller gave up before the answer. */
  | { readonly kind: 'cancelled'; readonly leg: LegId; readonly said?: string; readonly found?: string }
  /** Either end hung up, or its leg failed; the leg is gone. */
  | {
      readonly kind: 'released';
      readonly leg: LegId;
      readonly cause?: Cause;
      /** What it says of that itself, for a person. */
      readonly said?: string;
      /** Why, where its door has found that and not the far end said it: told to the other end, in the place of the cause's words. */
      readonly found?: string;
    }
  /**
   * What protects the signalling of this leg is gone, or is back, while its media go on; or it has stayed away for so long
   * that the leg is over. Said of its connection, and so in whatever state it is.
   */
  | {
      readonly kind: 'protection';
      readonly leg: LegId;
      readonly state: 'lost' | 'returned' | 'given-up';
      /** For people, at the other end and in the record: `IPsec to gw1 is gone`. */
      readonly words: string;
    }
  /** What its signalling was to be protected by is proven of its connection ({@link LegProtection.awaitsProof}). */
  | { readonly kind: 'proven'; readonly leg: LegId; readonly words: string }
  /** An offer within the call: re-INVITE, UPDATE, new channels. Hold is an offer that is `sendonly` or `inactive`. */
  | { readonly kind: 'offer'; readonly leg: LegId; readonly offer: MediaDescription }
  /**
   * An offer is wanted that repeats what holds: the far end asks for one (a re-INVITE without one), or the leg's protocol
   * wants one sent to keep the session (RFC 4028). Answered by an `offer` output.
   */
  | { readonly kind: 'offer-requested'; readonly leg: LegId }
  /** The answer to an offer that this leg was given: in an `offer`, or in an `accept` after a late offer. */
  | { readonly kind: 'answer'; readonly leg: LegId; readonly answer: MediaDescription }
  /** An `offer` was refused; the session stays as it was. `glare` (SIP's 491) means: again, a little later. */
  | { readonly kind: 'offer-refused'; readonly leg: LegId; readonly cause: Cause }
  /** This end wants the other to talk to somebody else in its place: with its rights, and it hears how that goes. */
  | { readonly kind: 'transfer'; readonly leg: LegId; readonly to: TransferTarget }
  /**
   * The number that this line of this device found busy is free: the device is rung, and once it has answered the number is
   * called for it, with its rights.
   */
  | { readonly kind: 'call-back'; readonly device: string; readonly line: string; readonly destination: string }
  /** A digit that the far end has signalled beside its media (SIP: INFO). */
  | { readonly kind: 'digit'; readonly leg: LegId; readonly digit: string; readonly milliseconds: number }
  /** A device is no longer there: its connection closed, its registration ended, it was removed. */
  | { readonly kind: 'device-lost'; readonly device: string }
  /** What came of a `probe`: the trunk or gateway has answered that it takes calls, or not. */
  | { readonly kind: 'probed'; readonly device: string; readonly isThere: boolean }
  /** The relay has lost these sides: their calls cannot go on. */
  | { readonly kind: 'relay-lost'; readonly sides: readonly RelaySideId[] }
  /** A digit in what comes to this side, of a leg whose other end hears digits by its signalling. */
  | {
      readonly kind: 'relay-digit-heard';
      readonly side: RelaySideId;
      readonly digit: string;
      readonly milliseconds: number;
    }
  /** More than one in a hundred of the packets that come to this side do not authenticate. */
  | {
      readonly kind: 'relay-failures';
      readonly side: RelaySideId;
      /** Names the key that the leg should send with. */
      readonly fingerprint: string;
      /** What share fails, and the likely cause, for a person. */
      readonly sentence: string;
      /** The cause in one word. */
      readonly reason: string;
    }
  /** Take no new calls; running ones end by themselves or after the time-out, in milliseconds. */
  | { readonly kind: 'drain'; readonly timeout: number };

import type { CallerIdentity, LegId, MediaDescription } from '@trustline/callcontrol';
import type { SecurityLevel } from '@trustline/evidence';
import type { LegMedia } from './leg-media.ts';
import type { CallPlace, ShownParties, ShownParty } from './phone-screen.ts';

/**
 * | state | |
 * |---|---|
 * | `dialling` | the phone is off hook, and sends digits |
 * | `proceeding` | a number was dialled |
 * | `ringing-out` | it rings there |
 * | `ringing-in` | it rings here |
 * | `connected` | this is the call that the user talks in |
 * | `held` | the user talks in another, or in none |
 * | `failed` | the call is over, and the phone plays why until it goes on hook |
 */
export type PhoneCallState = 'dialling' | 'proceeding' | 'ringing-out' | 'ringing-in' | 'connected' | 'held' | 'failed';

/** What the digits of a call are for, where not for a call of its own. */
export type DialPurpose =
  /** Somebody to whom the other call is transferred. */
  | { readonly kind: 'transfer' | 'conference'; readonly of: PhoneCall }
  /** Where all calls of the line go from now on. */
  | { readonly kind: 'forward-all' };

/** One call as its phone has it. */
export interface PhoneCall extends CallPlace {
  readonly direction: 'in' | 'out';
  readonly purpose: DialPurpose | undefined;
  state: PhoneCallState;
  /** Absent before a number is dialled. */
  leg: LegId | undefined;
  media: LegMedia | undefined;
  /** What a call that rings here was offered with. */
  offer: MediaDescription | undefined;
  /** What has been dialled. */
  digits: string;
  level: SecurityLevel;
  /** What it reads while it talks; undefined while something else stands there. */
  words: string | undefined;
  /** The trunk or gateway at its other end, while what protects the signalling there is gone. */
  unprotected: string | undefined;
  /** Who is at the other end. */
  party: ShownParty;
  /** Whom the caller had dialled, where that was somebody else. */
  originalCalled: ShownParty | undefined;
  /** What is shown once the other end has gone where it was sent. */
  sent: string | undefined;
  /** When the digits end, or the tone of a call that failed (monotonic milliseconds). */
  deadline: number | undefined;
}

/** What the phone shows of who takes part. */
export function partiesOf(call: PhoneCall, own: ShownParty): ShownParties {
  if (call.direction === 'out') return { callType: 'OutBoundCall', calling: own, called: call.party };
  const { party, originalCalled } = call;
  return { callType: 'InBoundCall', calling: party, called: own, ...(originalCalled && { originalCalled }) };
}

/** A caller as the phone shows it; one who wants to be nobody is called so. */
export function shownCaller({ number, displayName, anonymous }: CallerIdentity, unknown: string): ShownParty {
  return anonymous ? { number: '', name: unknown } : { number, name: displayName ?? '' };
}

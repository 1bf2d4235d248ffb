import type { CallControlOutput, LegId } from '@trustline/callcontrol';
import type { SecurityLevel } from '@trustline/evidence';
import type { InviteSession, KeptSession } from '@trustline/sip';
import type { StreamPlaces } from './stream-places.ts';

/** One leg: a session of the user agent on this side, a leg of call control on the other. */
export interface SipLeg {
  readonly id: LegId;
  readonly session: InviteSession;
  readonly device: string;
  readonly role: 'calling' | 'called';
  /** RFC 8866 §5.2: one number for the session, a version that goes up with each description that differs. */
  readonly sessionId: string;
  sessionVersion: number;
  /** Fingerprint of the description written last. */
  lastDescription: string;
  /** The far end has asked for an offer by a re-INVITE without one. */
  offerRequested: boolean;
  /** How it was placed, and the connections on which that failed; undefined for a leg that called. */
  placed: { readonly as: Extract<CallControlOutput, { kind: 'place' }>; readonly failed: Set<string> } | undefined;
  /** The level shown to it last. */
  level: SecurityLevel;
  /** What it is told beside the level for as long as that holds: that what protects the signalling of the other end is gone. */
  notice: string | undefined;
  readonly places: StreamPlaces;
  /** Its session as it was kept last, for the manager after this one, and when. */
  kept: { readonly session: KeptSession; readonly at: number } | undefined;
  /** It is being asked whether it still has a call of before this process. */
  isAsked: boolean;
}

import { headerSeconds } from '../message/numbers.ts';
import { expireIncoming } from './callee-invite.ts';
import { cancelInvite } from './caller-invite.ts';
import type { SessionState } from './session-state.ts';

/** An INVITE that is still unanswered then is refused: on UDP a caller that has vanished says nothing more. */
const LONGEST_UNANSWERED = 3_600_000;

/** Takes note of how long the first INVITE is good for. */
export function startExpiry(session: SessionState, now: number): void {
  const said = headerSeconds(session.invite, 'Expires');
  const expires = typeof said === 'number' ? 1_000 * said : undefined;
  if (session.direction === 'incoming') {
    session.deadlines.set('expiry', now + Math.min(expires ?? LONGEST_UNANSWERED, LONGEST_UNANSWERED));
  } else if (expires !== undefined) session.deadlines.set('expiry', now + expires);
}

/** The first INVITE has run out before its final response. */
export function expireInvite(session: SessionState, now: number): void {
  // "If this time indicated in the Expires header field is reached and no final answer for the INVITE has
  // been received, the UAC core SHOULD generate a CANCEL request for the INVITE" (RFC 3261 §13.2.1).
  if (session.direction === 'outgoing') cancelInvite(session, now, {});
  else expireIncoming(session, now);
}

import { firstReliableNumber, RELIABLE, requires } from '../message/reliable.ts';
import { supports } from '../message/session-expires.ts';
import type { SipResponse } from '../message/types.ts';
import type { RingOptions } from './commands.ts';
import { ReliableProvisionals } from './reliable-provisionals.ts';
import type { ServerInvite } from './server-invite.ts';
import type { SessionState } from './session-state.ts';

/**
 * How a provisional response of ours goes. Reliably where the caller requires it, and where it can and early media go
 * with it, which would be cut off if the response were lost. The first reliable one to an INVITE without an offer has to
 * make the offer (§5): where nobody has one, none goes.
 */
export function wayOfRing(
  session: SessionState,
  invite: ServerInvite,
  { earlyAnswer, offer }: RingOptions,
): 'reliable' | 'plain' | 'none' {
  if (!session.host.reliableProvisionals) return 'plain';
  if (requires(invite.request, RELIABLE)) {
    return invite.offer === undefined && offer === undefined ? 'none' : 'reliable';
  }
  return earlyAnswer !== undefined && invite.offer !== undefined && supports(invite.request, RELIABLE)
    ? 'reliable'
    : 'plain';
}

/** Sends a provisional response reliably, as soon as the one before has its PRACK. */
export function ringReliably(session: SessionState, now: number, invite: ServerInvite, response: SipResponse): void {
  const { random, timers, endpoint } = session.host;
  session.reliable ??= new ReliableProvisionals(invite.sequence, firstReliableNumber(random), timers);
  const due = session.reliable.send(now, response);
  if (due !== undefined) endpoint.respond(now, invite.transaction, due);
}

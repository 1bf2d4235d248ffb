import type { ClientTransactionId, ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipRequest } from '../message/types.ts';
import type { RejectOptions } from './commands.ts';
import type { ServerInvite } from './server-invite.ts';
import type { SessionLink } from './session-link.ts';

/** What the peer has offered, or asked for, and we have not answered. */
export type RemoteOffer =
  | { readonly kind: 'reinvite'; readonly invite: ServerInvite }
  | { readonly kind: 'update'; readonly transaction: ServerTransactionId; readonly request: SipRequest }
  /** In the 2xx to our INVITE without an offer: the ACK carries the answer. */
  | { readonly kind: 'accepted'; readonly transaction: ClientTransactionId; readonly invite: SipRequest };

/** Refuses an offer that came in a request; one in a 2xx cannot be refused. */
export function refuseOffer(
  now: number,
  link: SessionLink,
  offer: Exclude<RemoteOffer, { readonly kind: 'accepted' }>,
  status: number,
  options: RejectOptions = {},
): void {
  if (offer.kind === 'update') link.refuse(now, offer.transaction, offer.request, status, options);
  else {
    link.refuse(now, offer.invite.transaction, offer.invite.request, status, options);
    offer.invite.finish();
  }
}

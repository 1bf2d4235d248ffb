import type { ClientTransactionId, ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipRequest } from '../message/types.ts';
import type { RejectOptions } from './commands.ts';
import type { ServerInvite } from './server-invite.ts';
import type { SessionState } from './session-state.ts';

/** What the peer has offered, or asked for, and we have not answered. */
export type RemoteOffer =
  | { readonly kind: 'reinvite'; readonly invite: ServerInvite }
  /** In an UPDATE, or in a PRACK. */
  | { readonly kind: 'update'; readonly transaction: ServerTransactionId; readonly request: SipRequest }
  /** In the 2xx to our INVITE without an offer: the ACK carries the answer. */
  | { readonly kind: 'accepted'; readonly transaction: ClientTransactionId; readonly invite: SipRequest };

/** Refuses an offer that came in a request; one in a 2xx cannot be refused. */
export function refuseRemoteOffer(
  session: SessionState,
  now: number,
  offer: RemoteOffer,
  status: number,
  options: RejectOptions = {},
): void {
  if (offer.kind === 'accepted') return;
  forgetRemoteOffer(session);
  if (offer.kind === 'update') {
    // A 491 asks for the same again, which a PRACK cannot be: what it acknowledged is acknowledged (RFC 3262 §4).
    const isRepeatable = offer.request.method !== 'PRACK' || status !== 491;
    session.link.refuse(now, offer.transaction, offer.request, isRepeatable ? status : 488, options);
  } else {
    session.link.refuse(now, offer.invite.transaction, offer.invite.request, status, options);
    offer.invite.finish();
  }
}

/** The offer is void by an act of the peer or of the network. */
export function withdrawRemoteOffer(session: SessionState, message: SipRequest): void {
  forgetRemoteOffer(session);
  if (session.phase === 'established') session.emit({ kind: 'offer-withdrawn', message });
}

function forgetRemoteOffer(session: SessionState): void {
  session.remoteOffer = undefined;
  session.deadlines.clear('update-patience');
}

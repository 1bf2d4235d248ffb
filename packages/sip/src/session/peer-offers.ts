import { refreshTarget } from '../dialog/dialog.ts';
import type { ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipRequest } from '../message/types.ts';
import { descriptionOf, SDP_TYPE } from './body.ts';
import { acceptInvite, acknowledged } from './callee-invite.ts';
import { type MessageExtras, type RejectOptions, wrongCommand } from './commands.ts';
import { hangUp } from './ending.ts';
import { timerAnswerHeaders } from './refreshing.ts';
import { type RemoteOffer, refuseRemoteOffer } from './remote-offer.ts';
import { ServerInvite } from './server-invite.ts';
import type { SessionState } from './session-state.ts';

/** An UPDATE has to be answered while its transaction lives (RFC 3311 §5.2); 504 says that we could not. */
const UPDATE_PATIENCE = 20_000;

// Offers of the peer within the session, and what our user makes of them.

/** A later INVITE of the peer (RFC 3261 §14.2). */
export function handleReinvite(
  session: SessionState,
  now: number,
  transaction: ServerTransactionId,
  request: SipRequest,
): void {
  const before = session.serverInvite;
  if (before?.awaitsAck === true && before.offer !== undefined) acknowledged(session, now, before, request);
  const body = descriptionOf(request);
  const conflict = conflictOf(session);
  if (conflict !== undefined) session.link.refuseBusy(now, transaction, request, conflict);
  else if (body.kind === 'unsupported') session.link.refuseBody(now, transaction, request, SDP_TYPE);
  else {
    const invite = new ServerInvite(transaction, request);
    session.serverInvite = invite;
    session.host.own(transaction, session.owner);
    session.remoteOffer = { kind: 'reinvite', invite };
    if (invite.offer === undefined) session.emit({ kind: 'offer-requested', message: request });
    else session.emit({ kind: 'offer', offer: invite.offer, message: request });
  }
}

/** An UPDATE, with an offer or without (RFC 3311 §5.2). */
export function handleUpdate(
  session: SessionState,
  now: number,
  transaction: ServerTransactionId,
  request: SipRequest,
): void {
  const body = descriptionOf(request);
  if (body.kind === 'unsupported') session.link.refuseBody(now, transaction, request, SDP_TYPE);
  else if (session.remoteOffer?.kind === 'update') {
    // "If an UPDATE is received before the UAS has generated a final response to a previous UPDATE on the
    // same dialog, the UAS MUST return a 500 response [with] Retry-After" (RFC 3311 §5.2).
    session.link.refuseBusy(now, transaction, request, 500);
  } else if (body.kind === 'none') {
    const dialog = session.dialogOf(request);
    if (dialog !== undefined) session.keep(refreshTarget(dialog, request));
    const timed = timerAnswerHeaders(session, now, request);
    session.link.respond(now, transaction, session.link.answerTo(request, 200, timed));
    session.emit({ kind: 'updated', message: request });
  } else offerInRequest(session, now, transaction, request, body.sdp);
}

/** An offer in a request that its own 2xx answers: an UPDATE, or a PRACK (RFC 3262 §5). */
export function offerInRequest(
  session: SessionState,
  now: number,
  transaction: ServerTransactionId,
  request: SipRequest,
  offer: Uint8Array,
): void {
  const conflict = conflictOf(session);
  if (conflict !== undefined) {
    session.link.refuseBusy(now, transaction, request, conflict);
    return;
  }
  session.remoteOffer = { kind: 'update', transaction, request };
  session.host.own(transaction, session.owner);
  session.deadlines.set('update-patience', now + UPDATE_PATIENCE);
  session.emit({ kind: 'offer', offer, message: request });
}

/**
 * Why an offer of the peer cannot be taken now: 491 if one of ours is pending, 500 if we owe the peer
 * an answer (RFC 3261 §14.2, RFC 3311 §5.2, RFC 6337 §2.3).
 */
function conflictOf(session: SessionState): 491 | 500 | undefined {
  if (session.phase === 'calling' || session.waiting.isOfferSent) return 491;
  if (session.serverInvite?.awaitsAck === true && session.serverInvite.offer === undefined) return 491;
  // Before our 2xx the caller may offer anew once a reliable provisional response has brought it the answer (RFC 3262 §5).
  const owesAnswer = session.phase === 'incoming' && session.reliable?.descriptionAcknowledged !== true;
  return owesAnswer || session.remoteOffer !== undefined ? 500 : undefined;
}

export function answerOffer(session: SessionState, now: number, sdp: Uint8Array, options: MessageExtras): boolean {
  const pending = session.remoteOffer;
  if (pending === undefined || session.dialog === undefined) return false;
  session.remoteOffer = undefined;
  switch (pending.kind) {
    case 'reinvite':
      // The target moves with the 2xx, for a refused re-INVITE changes nothing (RFC 6141 §3.4).
      session.dialog = refreshTarget(session.dialog, pending.invite.request);
      acceptInvite(session, now, pending.invite, sdp, options.headers);
      break;
    case 'update':
      session.deadlines.clear('update-patience');
      session.dialog = refreshTarget(session.dialog, pending.request);
      respondToUpdate(session, now, pending, sdp, options);
      break;
    case 'accepted':
      session.link.acknowledge(now, pending.transaction, pending.invite, session.dialog, sdp, options.headers);
      break;
  }
  return true;
}

function respondToUpdate(
  session: SessionState,
  now: number,
  { transaction, request }: Extract<RemoteOffer, { kind: 'update' }>,
  sdp: Uint8Array,
  { headers = [] }: MessageExtras,
): void {
  // A PRACK refreshes no session (RFC 4028 §7.1).
  const timed = request.method === 'PRACK' ? [] : timerAnswerHeaders(session, now, request);
  session.link.respond(now, transaction, session.link.answerTo(request, 200, [...timed, ...headers], sdp));
}

export function rejectOffer(session: SessionState, now: number, status: number, options: RejectOptions): boolean {
  if (status < 300) throw wrongCommand(`rejectOffer takes a status from 300 to 699, not ${status}`);
  const pending = session.remoteOffer;
  if (pending === undefined) return false;
  if (pending.kind === 'accepted') {
    // Such an offer can only be answered or ended (RFC 3261 §13.2.2.4).
    hangUp(session, now, 'bye', 'local', undefined, options.headers === undefined ? {} : { headers: options.headers });
  } else {
    refuseRemoteOffer(session, now, pending, status, options);
  }
  return true;
}

/** The user has let an UPDATE wait too long. */
export function expireUpdate(session: SessionState, now: number): void {
  if (session.remoteOffer?.kind !== 'update') return;
  const { request } = session.remoteOffer;
  refuseRemoteOffer(session, now, session.remoteOffer, 504);
  session.emit({ kind: 'offer-withdrawn', message: request });
}

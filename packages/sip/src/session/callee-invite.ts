import { confirmCalleeDialog } from '../dialog/dialog.ts';
import type { ServerTransactionId } from '../endpoint/outputs.ts';
import { cseq } from '../message/cseq.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { sdpOf } from './body.ts';
import { type MessageExtras, type RejectOptions, type RingOptions, wrongCommand } from './commands.ts';
import { endSession, hangUp, sendBye } from './ending.ts';
import { timerAnswerHeaders } from './refreshing.ts';
import { withdrawRemoteOffer } from './remote-offer.ts';
import { ringReliably, wayOfRing } from './ringing.ts';
import type { ServerInvite } from './server-invite.ts';
import type { SessionState } from './session-state.ts';

/** A ringing call is shown alive every minute, for proxies give up after three (RFC 3261 §13.3.1.1). */
const RING_REPEAT = 60_000;

// The first INVITE at the callee (RFC 3261 §13.3).

export function ringInvite(session: SessionState, now: number, status: number, options: RingOptions): boolean {
  if (status < 101 || status > 199) throw wrongCommand(`ring takes a status from 101 to 199, not ${status}`);
  const invite = unanswered(session);
  if (invite === undefined) return false;
  const way = wayOfRing(session, invite, options);
  if (way === 'none') return true;
  // What has been answered reliably is not described again (RFC 3262 §5).
  const isDescribed = session.reliable?.descriptionSent === true;
  const described = way === 'reliable' && invite.offer === undefined ? options.offer : () => options.earlyAnswer;
  const sdp = isDescribed ? undefined : described?.();
  const response = session.link.answerTo(invite.request, status, options.headers, sdp);
  session.ring = way === 'reliable' ? session.link.answerTo(invite.request, status, options.headers) : response;
  session.deadlines.set('ring', now + RING_REPEAT);
  if (way === 'reliable') {
    ringReliably(session, now, invite, response);
    return true;
  }
  return session.host.endpoint.respond(now, invite.transaction, response);
}

export function acceptFirstInvite(
  session: SessionState,
  now: number,
  sdp: Uint8Array,
  options: MessageExtras,
): boolean {
  if (unanswered(session) === undefined || session.dialog === undefined || session.acceptance !== undefined)
    return false;
  session.acceptance = { sdp, options };
  acceptAsWanted(session, now);
  return true;
}

/** Sends the 2xx that our user wants, unless a reliable provisional response with the answer still lacks its PRACK. */
export function acceptAsWanted(session: SessionState, now: number): void {
  const { acceptance, dialog, reliable } = session;
  const invite = unanswered(session);
  if (acceptance === undefined || invite === undefined || dialog === undefined || reliable?.holdsAcceptance) return;
  session.acceptance = undefined;
  session.phase = 'established';
  session.deadlines.clear('ring');
  session.deadlines.clear('expiry');
  reliable?.stop();
  session.dialog = confirmCalleeDialog(dialog);
  const { sdp, options } = acceptance;
  const isSettled = reliable?.descriptionAcknowledged === true;
  acceptInvite(session, now, invite, isSettled ? undefined : sdp, options.headers);
  // The offer before it was ours, and has its answer: the true one follows.
  if (isSettled && invite.offer === undefined) {
    session.waiting.wantOffer({ method: 'INVITE', sdp, headers: options.headers ?? [] });
  }
}

export function rejectInvite(session: SessionState, now: number, status: number, options: RejectOptions): boolean {
  if (status < 300) throw wrongCommand(`reject takes a status from 300 to 699, not ${status}`);
  const invite = unanswered(session);
  if (invite === undefined) return false;
  session.link.refuse(now, invite.transaction, invite.request, status, options);
  invite.finish();
  endSession(session, now, 'rejected', 'local', undefined);
  return true;
}

/** Shows that it still rings. */
export function repeatRing(session: SessionState, now: number): void {
  const invite = unanswered(session);
  if (invite === undefined || session.ring === undefined) return;
  if (session.reliable !== undefined) ringReliably(session, now, invite, session.ring);
  else session.host.endpoint.respond(now, invite.transaction, session.ring);
  session.deadlines.set('ring', now + RING_REPEAT);
}

function unanswered(session: SessionState): ServerInvite | undefined {
  return session.phase === 'incoming' ? session.serverInvite : undefined;
}

/** The INVITE is good no longer. */
export function expireIncoming(session: SessionState, now: number): void {
  const invite = unanswered(session);
  if (invite === undefined) return;
  // "If the invitation expires before the UAS has generated a final response, a 487 (Request Terminated)
  // response SHOULD be generated" (RFC 3261 §13.3.1).
  session.link.refuse(now, invite.transaction, invite.request, 487);
  invite.finish();
  endSession(session, now, 'cancelled', 'remote', undefined);
}

/** No PRACK came for a reliable provisional response. */
export function refuseUnacknowledged(session: SessionState, now: number): void {
  const invite = unanswered(session);
  if (invite === undefined) return;
  // "the UAS SHOULD reject the original request with a 5xx response" (RFC 3262 §3).
  session.link.refuse(now, invite.transaction, invite.request, 504);
  invite.finish();
  endSession(session, now, 'no-ack', 'remote', undefined);
}

// Any INVITE of the peer, the first or a later one.

/** The peer has given up an INVITE of its own. */
export function handleCancelled(
  session: SessionState,
  now: number,
  transaction: ServerTransactionId,
  cancel: SipRequest,
): void {
  const invite = session.serverInvite;
  if (invite?.transaction !== transaction || !invite.isUnanswered) return;
  // "[The UAS] SHOULD immediately respond to the original request with a 487" (RFC 3261 §9.2).
  session.link.refuse(now, transaction, invite.request, 487);
  invite.finish();
  if (session.phase === 'incoming') endSession(session, now, 'cancelled', 'remote', cancel);
  else withdrawRemoteOffer(session, invite.request);
}

/** Sends the 2xx, which is repeated until its ACK comes (RFC 3261 §13.3.1.4). */
export function acceptInvite(
  session: SessionState,
  now: number,
  invite: ServerInvite,
  sdp: Uint8Array | undefined,
  headers: readonly SipHeader[] | undefined,
): void {
  const timed = timerAnswerHeaders(session, now, invite.request);
  const response = session.link.answerTo(invite.request, 200, [...timed, ...(headers ?? [])], sdp);
  invite.accept(now, response, session.host.timers);
  session.host.endpoint.respond(now, invite.transaction, response);
}

/** Sends the 2xx again when its time has come, or ends the session for want of an ACK. */
export function repeatAcceptance(session: SessionState, now: number): void {
  const invite = session.serverInvite;
  const due = invite?.handleTime(now, session.host.timers);
  if (invite === undefined || due === undefined) return;
  if (due === 'no-ack') {
    session.host.disown(invite.transaction);
    if (session.hangUpAfterAck !== undefined) sendBye(session, now, session.hangUpAfterAck);
    else hangUp(session, now, 'no-ack', 'remote', undefined);
  } else session.host.endpoint.respond(now, invite.transaction, due);
}

export function handleAck(session: SessionState, now: number, ack: SipRequest): void {
  const invite = session.serverInvite;
  if (invite?.awaitsAck === true && cseq(ack)?.sequence === invite.sequence) acknowledged(session, now, invite, ack);
}

/** The 2xx has arrived: its ACK says so, or a later re-INVITE, which the peer may not send before (RFC 3261 §14.1). */
export function acknowledged(session: SessionState, now: number, invite: ServerInvite, message: SipRequest): void {
  invite.finish();
  session.host.disown(invite.transaction);
  if (session.hangUpAfterAck !== undefined) {
    sendBye(session, now, session.hangUpAfterAck);
    return;
  }
  const isFirst = invite.request === session.invite;
  const answer = invite.offer === undefined ? sdpOf(message) : undefined;
  const isAnswered = answer !== undefined || (isFirst && session.reliable?.descriptionAcknowledged === true);
  if (invite.offer === undefined && !isAnswered) hangUp(session, now, 'protocol', 'remote', message);
  else if (isFirst) session.emit({ kind: 'acknowledged', answer, message });
  else if (answer !== undefined) session.emit({ kind: 'reoffer-answered', answer, message });
}

/** The transaction, or the flow below it, is gone. */
export function loseServerInvite(session: SessionState, now: number, invite: ServerInvite): void {
  const { isUnanswered, awaitsAck } = invite;
  invite.finish();
  session.host.disown(invite.transaction);
  if (session.phase === 'incoming') endSession(session, now, 'transport', 'remote', undefined);
  else if (isUnanswered) withdrawRemoteOffer(session, invite.request);
  else if (awaitsAck && session.phase === 'established') hangUp(session, now, 'transport', 'remote', undefined);
}

import { createInDialogRequest } from '../dialog/in-dialog-request.ts';
import type { ServerTransactionId } from '../endpoint/outputs.ts';
import { acknowledging, responseAcknowledged } from '../message/reliable.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { descriptionOf, SDP_TYPE } from './body.ts';
import { acceptAsWanted, refuseUnacknowledged } from './callee-invite.ts';
import { offerInRequest } from './peer-offers.ts';
import type { SessionState } from './session-state.ts';

// Reliable provisional responses and PRACK (RFC 3262), at the callee and at the caller.

/** A PRACK of the caller. */
export function handlePrack(
  session: SessionState,
  now: number,
  transaction: ServerTransactionId,
  request: SipRequest,
): void {
  const acknowledged = responseAcknowledged(request);
  const taken = acknowledged && session.reliable?.acknowledge(now, acknowledged);
  if (taken?.matches !== true) {
    // "If the PRACK does not match any unacknowledged reliable provisional response, the UAS MUST respond to the PRACK
    // with a 481 response" (RFC 3262 §3).
    session.link.refuse(now, transaction, request, 481);
    return;
  }
  const body = descriptionOf(request);
  // What acknowledges our offer has the answer (§5). That is of no consequence: the true offer follows.
  const isAnswer = taken.described === true && session.serverInvite?.offer === undefined;
  if (isAnswer) session.link.respond(now, transaction, session.link.answerTo(request, 200));
  else if (body.kind === 'unsupported') session.link.refuseBody(now, transaction, request, SDP_TYPE);
  else if (body.kind === 'none') session.link.respond(now, transaction, session.link.answerTo(request, 200));
  else offerInRequest(session, now, transaction, request, body.sdp);
  const invite = session.serverInvite;
  if (session.phase !== 'incoming' || invite === undefined) return;
  if (taken.next !== undefined) session.host.endpoint.respond(now, invite.transaction, taken.next);
  acceptAsWanted(session, now);
}

/** Sends the reliable provisional response again, or gives the INVITE up that got no PRACK. */
export function repeatReliably(session: SessionState, now: number): void {
  const due = session.reliable?.handleTime(now);
  const invite = session.serverInvite;
  if (due === undefined || invite === undefined) return;
  if (due === 'unacknowledged') refuseUnacknowledged(session, now);
  else session.host.endpoint.respond(now, invite.transaction, due);
}

/**
 * Acknowledges a reliable provisional response to our INVITE. False for one that means nothing: it came again, or out of
 * order ("the client MUST NOT [...] process [it] further", RFC 3262 §4), or makes no dialog a PRACK could go in.
 */
export function acknowledgeProgress(session: SessionState, now: number, tag: string, response: SipResponse): boolean {
  const rack = acknowledging(response);
  const fork = session.forks.get(tag);
  if (rack === undefined || fork === undefined || !session.host.reliableProvisionals) return false;
  const { dialog, request } = createInDialogRequest(fork.dialog, 'PRACK', { headers: [{ name: 'RAck', value: rack }] });
  session.forks.keep(dialog);
  session.link.send(now, 'prack', request);
  return true;
}

import { acceptSequence, type Dialog } from '../dialog/dialog.ts';
import type { ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipFlow } from '../flow.ts';
import { createResponse } from '../message/response.ts';
import type { SipRequest } from '../message/types.ts';
import { endSession } from './ending.ts';
import { answerInfo } from './info.ts';
import { handleReinvite, handleUpdate } from './peer-offers.ts';
import { handlePrack } from './prack.ts';
import type { SessionState } from './session-state.ts';

/** A request of the peer within the dialog, an ACK apart (RFC 3261 §12.2.2). */
export function handlePeerRequest(
  session: SessionState,
  now: number,
  flow: SipFlow,
  transaction: ServerTransactionId,
  request: SipRequest,
): void {
  const dialog = session.dialogOf(request);
  if (dialog === undefined || (session.phase === 'ended' && request.method !== 'BYE')) {
    session.link.respond(now, transaction, createResponse(request, 481));
    return;
  }
  const taken = acceptSequence(dialog, request);
  if (taken === undefined) {
    session.link.respond(now, transaction, createResponse(request, 500, { reason: 'Request Out Of Order' }));
    return;
  }
  session.keep(taken);
  if (session.phase === 'established') session.owner.moveTo(now, flow);
  session.notePeer(request);
  switch (request.method) {
    case 'BYE':
      handleBye(session, now, transaction, request, taken);
      return;
    case 'INVITE':
      if (isTooBrief(session, now, transaction, request)) return;
      handleReinvite(session, now, transaction, request);
      return;
    case 'UPDATE':
      if (isTooBrief(session, now, transaction, request)) return;
      handleUpdate(session, now, transaction, request);
      return;
    case 'PRACK':
      handlePrack(session, now, transaction, request);
      return;
    case 'INFO':
      if (answerInfo(now, session.link, session.host.infoTypes, transaction, request)) {
        session.emit({ kind: 'info', message: request });
      }
      return;
    case 'OPTIONS':
      session.link.respond(now, transaction, session.link.answerTo(request, 200));
      return;
    default:
      // The user agent lets no other method through.
      session.emit({ kind: 'request', transaction, message: request });
      return;
  }
}

/** Refuses a refresh whose interval is shorter than ours may be (RFC 4028 §9). */
function isTooBrief(
  session: SessionState,
  now: number,
  transaction: ServerTransactionId,
  request: SipRequest,
): boolean {
  const minimum = session.timer?.refusal(request);
  if (minimum === undefined) return false;
  session.link.refuse(now, transaction, request, 422, { headers: [{ name: 'Min-SE', value: String(minimum) }] });
  return true;
}

function handleBye(
  session: SessionState,
  now: number,
  transaction: ServerTransactionId,
  request: SipRequest,
  dialog: Dialog,
): void {
  session.link.respond(now, transaction, session.link.answerTo(request, 200));
  const invite = session.serverInvite;
  if (invite?.awaitsAck === true) {
    // The caller had our 2xx, or it does not care any more.
    invite.finish();
    session.host.disown(invite.transaction);
  }
  session.hangUpAfterAck = undefined;
  switch (session.phase) {
    case 'incoming':
      if (invite !== undefined) session.link.refuse(now, invite.transaction, invite.request, 487);
      invite?.finish();
      endSession(session, now, 'bye', 'remote', request);
      return;
    case 'calling':
      // A callee MUST NOT end an early dialog so (RFC 3261 §15); one that does has left the fork.
      session.forks.leave(dialog);
      return;
    case 'established':
      endSession(session, now, 'bye', 'remote', request);
      return;
    case 'ended':
  }
}

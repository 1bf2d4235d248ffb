import { confirmCallerDialog, createCallerDialog, type Dialog } from '../dialog/dialog.ts';
import { dialogKey } from '../dialog/dialog-key.ts';
import { createInDialogRequest } from '../dialog/in-dialog-request.ts';
import type { ClientTransactionId } from '../endpoint/outputs.ts';
import { cseq, formatCSeq } from '../message/cseq.ts';
import { withHeader } from '../message/headers.ts';
import { toTag } from '../message/name-addr.ts';
import { reliableNumber } from '../message/reliable.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { sdpOf } from './body.ts';
import type { HangUpOptions } from './commands.ts';
import { answeredElsewhere, endSession, hangUp } from './ending.ts';
import { acknowledgeProgress } from './prack.ts';
import { refreshed } from './refreshing.ts';
import type { SentRequest } from './session-link.ts';
import type { SessionState } from './session-state.ts';

// The first INVITE at the caller (RFC 3261 §13.2): its way from being sent to the one dialog that it makes.

/** A 2xx that crosses the CANCEL is acknowledged and ended with a BYE (RFC 3261 §9.1). */
export function cancelInvite(session: SessionState, now: number, options: HangUpOptions): boolean {
  if (session.phase !== 'calling' || session.cancelled) return false;
  session.cancelled = true;
  session.deadlines.clear('silence');
  for (const [transaction, { purpose }] of session.link.sent) {
    if (purpose === 'invite') session.host.endpoint.cancel(now, transaction, options.reason);
  }
  return true;
}

// The responses (RFC 3261 §13.2.2).

export function handleInviteResponse(
  session: SessionState,
  now: number,
  transaction: ClientTransactionId,
  sent: SentRequest,
  response: SipResponse,
): void {
  session.deadlines.clear('silence');
  if (response.status < 200) handleProgress(session, now, sent.request, response);
  else if (response.status < 300) handleAcceptance(session, now, transaction, sent, response);
  else {
    session.link.forget(transaction);
    if (session.phase !== 'calling' || session.answerChallenge(now, sent, response)) return;
    if (inviteLonger(session, now, sent, response)) return;
    if (!session.cancelled) session.emit({ kind: 'rejected', status: response.status, response });
    endSession(
      session,
      now,
      session.cancelled ? 'cancelled' : 'rejected',
      session.cancelled ? 'local' : 'remote',
      response,
    );
  }
}

/** Sends the INVITE again with the longer interval that a 422 asks for (RFC 4028 §7.3). */
function inviteLonger(session: SessionState, now: number, { request }: SentRequest, response: SipResponse): boolean {
  if (response.status !== 422 || session.cancelled || session.timer?.raise(response) !== true) return false;
  const sequence = (cseq(request)?.sequence ?? 0) + 1;
  let again = withHeader(request, 'CSeq', formatCSeq({ sequence, method: 'INVITE' }));
  for (const { name, value } of session.timer.requestHeaders()) again = withHeader(again, name, value);
  session.link.send(now, 'invite', again);
  return true;
}

function handleProgress(session: SessionState, now: number, request: SipRequest, response: SipResponse): void {
  if (session.phase !== 'calling' || response.status === 100 || !session.forks.note(request, response)) return;
  const tag = toTag(response);
  if (reliableNumber(response) !== undefined && !acknowledgeProgress(session, now, tag ?? '', response)) return;
  if (session.cancelled) return;
  const fork = session.forks.get(tag ?? '');
  const said = sdpOf(response);
  // A description that comes after the answer is none (RFC 3261 §13.2.1).
  const earlyAnswer = said === undefined || fork?.isAnswered !== true ? said : fork.earlyAnswer;
  const takesOffers = session.forks.offerable !== undefined;
  session.emit({ kind: 'progress', status: response.status, toTag: tag, earlyAnswer, takesOffers, response });
}

function handleAcceptance(
  session: SessionState,
  now: number,
  transaction: ClientTransactionId,
  sent: SentRequest,
  response: SipResponse,
): void {
  const tag = toTag(response) ?? '';
  if (session.link.acknowledgeAgain(now, transaction, tag)) return;
  if (session.remoteOffer?.kind === 'accepted' && tag === session.dialog?.remoteTag) return;
  const fork = session.forks.get(tag);
  const dialog = fork === undefined ? callerDialog(sent.request, response) : confirmCallerDialog(fork.dialog, response);
  if (dialog === undefined) return;
  session.link.sent.set(transaction, { ...sent, accepted: true });
  if (session.phase !== 'calling') {
    // "If [...] more than one 2xx response arrives [...], the UAC [...] terminates the dialogs it does not
    // want with an ACK and a BYE" (RFC 3261 §13.2.2.4).
    session.link.acknowledge(now, transaction, sent.request, dialog);
    const headers = [{ name: 'Reason', value: answeredElsewhere }];
    session.link.send(now, 'bye', createInDialogRequest(dialog, 'BYE', { headers }).request);
    session.emit({ kind: 'fork-accepted', toTag: toTag(response), response });
    return;
  }
  // What it has allowed before its 2xx holds where nothing has said it since (RFC 3311 §4).
  if (session.peerAllow === undefined) session.noteAllow(fork?.allow ?? []);
  session.forks.clear();
  session.dialog = dialog;
  session.host.bind(dialogKey(dialog), session.owner);
  session.phase = 'established';
  session.deadlines.clear('expiry');
  refreshed(session, now, response);
  const sdp = sdpOf(response);
  if (session.cancelled) {
    session.link.acknowledge(now, transaction, sent.request, dialog);
    hangUp(session, now, 'cancelled', 'local', response);
  } else if (sdpOf(session.invite) !== undefined) {
    session.link.acknowledgeInTurn(now, transaction, sent.request, dialog);
    // The answer belongs into the 2xx too; some peers send it in the provisional response alone.
    const answer = fork?.isAnswered === true ? fork.earlyAnswer : (sdp ?? fork?.earlyAnswer);
    if (answer === undefined) hangUp(session, now, 'protocol', 'remote', response);
    else session.emit({ kind: 'accepted', answer, response });
  } else if (sdp === undefined) {
    session.link.acknowledge(now, transaction, sent.request, dialog);
    hangUp(session, now, 'protocol', 'remote', response);
  } else {
    session.remoteOffer = { kind: 'accepted', transaction, invite: sent.request };
    session.emit({ kind: 'accepted-with-offer', offer: sdp, response });
  }
}

/** No final response came (408), or the flow is gone (503). */
export function failInvite(session: SessionState, now: number, status: 408 | 503): void {
  const cause = session.cancelled ? 'cancelled' : status === 408 ? 'timeout' : 'transport';
  endSession(session, now, cause, session.cancelled ? 'local' : 'remote', undefined);
}

/** The dialog of a 2xx; a peer that forgot its Contact is asked for where we called it. */
function callerDialog(request: SipRequest, response: SipResponse): Dialog | undefined {
  return (
    createCallerDialog(request, response) ??
    createCallerDialog(request, withHeader(response, 'Contact', `<${request.uri}>`))
  );
}

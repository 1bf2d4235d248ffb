import { refreshTarget } from '../dialog/dialog.ts';
import { createInDialogRequest } from '../dialog/in-dialog-request.ts';
import type { ClientTransactionId } from '../endpoint/outputs.ts';
import { toTag } from '../message/name-addr.ts';
import type { SipResponse } from '../message/types.ts';
import { sdpHeaders, sdpOf } from './body.ts';
import { endSession, hangUp } from './ending.ts';
import { type LocalOffer, retryDelay } from './local-offer.ts';
import { refreshed, timerRequestHeaders } from './refreshing.ts';
import type { SentRequest } from './session-link.ts';
import type { SessionState } from './session-state.ts';

/** A re-INVITE that the peer has neither accepted nor refused by then is cancelled. */
const REOFFER_PATIENCE = 60_000;

// Our requests within the dialog: offers, UPDATE, INFO, and what becomes of them.

/** Sends what waits for its turn, if that has come. */
export function sendWaiting(session: SessionState, now: number): void {
  if (session.phase === 'calling') {
    sendEarlyOffer(session, now);
    return;
  }
  // "a UAC MUST NOT initiate a new INVITE transaction within a dialog while another INVITE transaction is
  // in progress in either direction" (RFC 3261 §14.1).
  if (session.phase !== 'established' || session.link.hasOpenRequest) return;
  if (session.serverInvite?.awaitsAck === true || session.remoteOffer?.kind === 'accepted') return;
  const next = session.waiting.next(session.remoteOffer === undefined);
  switch (next?.purpose) {
    case 'reoffer':
      sendOffer(session, now, next.offer);
      break;
    case 'update':
      session.sendInDialog(now, 'update', 'UPDATE', [
        ...session.link.targetHeaders(),
        ...timerRequestHeaders(session),
        ...next.headers,
      ]);
      break;
    case 'info': {
      const { contentType, body, headers = [] } = next.content;
      session.sendInDialog(now, 'info', 'INFO', [...headers, { name: 'Content-Type', value: contentType }], body);
      break;
    }
    case 'request': {
      const { method, body, headers = [] } = next.content;
      session.sendInDialog(now, 'request', method, [...session.link.targetHeaders(), ...headers], body);
      break;
    }
    case 'probe': // its answer says what a peer would take, "and does not have any impact on the dialog" (RFC 3261 §11.2)
      session.sendInDialog(now, 'probe', 'OPTIONS', [
        ...session.link.targetHeaders(),
        { name: 'Accept', value: 'application/sdp' },
      ]);
      break;
    case undefined:
  }
}

function sendOffer(session: SessionState, now: number, { method, sdp, headers }: LocalOffer): void {
  const all = [...session.link.targetHeaders(), ...timerRequestHeaders(session), ...headers, ...sdpHeaders(sdp)];
  session.waiting.offerSent(session.sendInDialog(now, 'reoffer', method, all, sdp));
  if (method === 'INVITE') session.deadlines.set('reoffer-patience', now + REOFFER_PATIENCE);
}

/** Offers anew before the final response to our INVITE, to a branch that has answered and takes UPDATE (RFC 3311 §5.1). */
function sendEarlyOffer(session: SessionState, now: number): void {
  const { forks, waiting, link } = session;
  const [fork, offer] = [forks.offerable, waiting.dueUpdateOffer];
  if (fork === undefined || offer?.sdp === undefined || session.cancelled) return;
  const headers = [...link.targetHeaders(), ...offer.headers, ...sdpHeaders(offer.sdp)];
  const { dialog, request } = createInDialogRequest(fork.dialog, 'UPDATE', { headers, body: offer.sdp });
  forks.keep(dialog);
  waiting.offerSent(link.send(now, 'reoffer', request));
}

/** The answer to such an offer, while our INVITE has none still. */
function earlyOfferAccepted(session: SessionState, response: SipResponse): void {
  const fork = session.forks.get(toTag(response) ?? '');
  const sdp = sdpOf(response);
  if (fork === undefined || sdp === undefined) {
    session.emit({ kind: 'reoffer-rejected', status: response.status, response });
    return;
  }
  session.forks.answered(refreshTarget(fork.dialog, response), sdp);
  session.emit({ kind: 'reoffer-answered', answer: sdp, message: response });
}

/** A response to any request of ours but the first INVITE. */
export function handleInDialogResponse(
  session: SessionState,
  now: number,
  transaction: ClientTransactionId,
  sent: SentRequest,
  response: SipResponse,
): void {
  const { status } = response;
  if (status < 200) return;
  const isInvite = sent.request.method === 'INVITE';
  if (isInvite && status < 300) {
    if (session.link.acknowledgeAgain(now, transaction, toTag(response) ?? '')) return;
    if (session.dialog === undefined || sent.accepted) return;
    session.link.sent.set(transaction, { ...sent, accepted: true });
  } else session.link.forget(transaction);
  if (session.answerChallenge(now, sent, response)) return;
  if (status >= 300) failRequest(session, now, sent, status, response);
  else if (session.phase === 'ended') {
    if (isInvite && session.dialog !== undefined)
      session.link.acknowledge(now, transaction, sent.request, session.dialog);
  } else succeed(session, now, transaction, sent, response);
}

function succeed(
  session: SessionState,
  now: number,
  transaction: ClientTransactionId,
  sent: SentRequest,
  response: SipResponse,
): void {
  const { status } = response;
  switch (sent.purpose) {
    case 'info':
      session.emit({ kind: 'info-answered', status, response });
      return;
    case 'request':
    case 'probe':
      session.emit({ kind: 'request-answered', method: sent.request.method, status, response });
      return;
    case 'update':
      refreshed(session, now, response);
      session.waiting.updateDone();
      session.emit({ kind: 'update-answered', status, response });
      return;
    case 'reoffer':
      offerAccepted(session, now, transaction, sent, response);
      return;
    case 'invite':
    case 'prack':
    case 'bye':
  }
}

function offerAccepted(
  session: SessionState,
  now: number,
  transaction: ClientTransactionId,
  sent: SentRequest,
  response: SipResponse,
): void {
  const offer = session.waiting.takeOffer();
  session.deadlines.clear('reoffer-patience');
  if (offer === undefined) return;
  if (session.dialog === undefined) {
    earlyOfferAccepted(session, response);
    return;
  }
  session.dialog = refreshTarget(session.dialog, response);
  refreshed(session, now, response);
  const sdp = sdpOf(response);
  if (offer.sdp === undefined && sdp !== undefined) {
    session.remoteOffer = { kind: 'accepted', transaction, invite: sent.request };
    session.emit({ kind: 'offer', offer: sdp, message: response });
    return;
  }
  if (offer.method === 'INVITE') session.link.acknowledgeInTurn(now, transaction, sent.request, session.dialog);
  if (sdp === undefined) hangUp(session, now, 'protocol', 'remote', response);
  else session.emit({ kind: 'reoffer-answered', answer: sdp, message: response });
}

/** A request of ours was refused, or failed without a response. */
export function failRequest(
  session: SessionState,
  now: number,
  sent: SentRequest,
  status: number,
  response: SipResponse | undefined,
): void {
  // What becomes of a PRACK, the INVITE's own final response tells.
  if (session.phase === 'ended' || sent.purpose === 'bye' || sent.purpose === 'prack') return;
  // Of another usage of the dialog: its failure, a 481 to a NOTIFY for instance, ends no session (RFC 5057 §5.1).
  if (sent.purpose === 'request') {
    session.emit({ kind: 'request-answered', method: sent.request.method, status, response });
    return;
  }
  // An early dialog ends with the INVITE that made it.
  if (session.phase === 'calling' && sent.purpose === 'reoffer') {
    offerRefused(session, now, status, response);
    return;
  }
  // "If the response for a request within a dialog is a 481 or a 408, the UAC SHOULD terminate the dialog.
  // A UAC SHOULD also terminate a dialog if no response at all is received" (RFC 3261 §12.2.1.2).
  if (status === 481) endSession(session, now, 'gone', 'remote', response);
  else if (status === 408) hangUp(session, now, 'timeout', 'remote', response);
  else if (sent.purpose === 'reoffer') offerRefused(session, now, status, response);
  else if (sent.purpose === 'info') session.emit({ kind: 'info-answered', status, response });
  else if (sent.purpose === 'probe') {
    session.emit({ kind: 'request-answered', method: sent.request.method, status, response });
  } else updateRefused(session, now, status, response);
}

function offerRefused(session: SessionState, now: number, status: number, response: SipResponse | undefined): void {
  session.deadlines.clear('reoffer-patience');
  const delay = retryDelayOf(session, response);
  if (delay !== undefined && session.waiting.retryOffer(now + delay)) return;
  session.waiting.takeOffer();
  session.emit({ kind: 'reoffer-rejected', status, response });
}

function updateRefused(session: SessionState, now: number, status: number, response: SipResponse | undefined): void {
  if (status === 405 || status === 501) session.noteRefused('UPDATE');
  const delay = retryDelayOf(session, response);
  if (delay !== undefined && session.waiting.retryUpdate(now + delay)) return;
  session.waiting.updateDone();
  session.emit({ kind: 'update-answered', status, response });
}

function retryDelayOf(session: SessionState, response: SipResponse | undefined): number | undefined {
  // A 422 is no refusal of what was asked: at once again, with the interval that it names (RFC 4028 §7.3).
  if (response?.status === 422 && session.timer?.raise(response) === true) return 0;
  return response && retryDelay(response, session.direction === 'outgoing', session.host.random);
}

/** The peer has neither accepted nor refused our re-INVITE. */
export function cancelOffer(session: SessionState, now: number): void {
  const transaction = session.waiting.offerTransaction;
  if (transaction !== undefined) session.host.endpoint.cancel(now, transaction);
}

import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { hangUp } from './ending.ts';
import type { SessionState } from './session-state.ts';

/** A refresh that did not come about is tried again after this share of the time that is left. */
const AGAIN = 1 / 4;
/** The shortest time between two tries, in milliseconds. */
const SHORTEST_WAIT = 5_000;

// RFC 4028 within a session: what its messages say of the timer, and what is done when one of its times has come.

/** For an INVITE or UPDATE of ours within the dialog. */
export function timerRequestHeaders(session: SessionState): readonly SipHeader[] {
  return session.timer?.requestHeaders() ?? [];
}

/** For our 2xx to an INVITE or UPDATE of the peer, which refreshes the session. */
export function timerAnswerHeaders(session: SessionState, now: number, request: SipRequest): readonly SipHeader[] {
  const headers = session.timer?.answer(request) ?? [];
  startTimer(session, now);
  return headers;
}

/** The peer has accepted an INVITE or UPDATE of ours, which refreshes the session. */
export function refreshed(session: SessionState, now: number, response: SipResponse): void {
  session.timer?.took(response);
  startTimer(session, now);
}

function startTimer({ timer, deadlines }: SessionState, now: number): void {
  if (timer === undefined) return;
  const { refresh, end } = timer.due();
  deadlines.set('session-end', now + end);
  if (refresh === undefined) deadlines.clear('session-refresh');
  else deadlines.set('session-refresh', now + refresh);
}

/** It is our turn to refresh: by an UPDATE where the peer takes one, else our user offers again what is there. */
export function refresh(session: SessionState, now: number): void {
  if (session.phase !== 'established') return;
  const left = (session.deadlines.at('session-end') ?? now) - now;
  session.deadlines.set('session-refresh', now + Math.max(left * AGAIN, SHORTEST_WAIT));
  if (session.peerNames('UPDATE')) session.waiting.wantRefresh();
  else session.emit({ kind: 'refresh-wanted' });
}

/** Nobody has refreshed the session: its peer is gone, or cannot be heard (RFC 4028 §10). */
export function endUnrefreshed(session: SessionState, now: number): void {
  hangUp(session, now, 'not-refreshed', 'remote', undefined);
}

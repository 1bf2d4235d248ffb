import type { SipMessage } from '../message/types.ts';
import type { HangUpOptions } from './commands.ts';
import type { EndCause, SessionSide } from './events.ts';
import { refuseRemoteOffer } from './remote-offer.ts';
import type { SessionState } from './session-state.ts';

/** Ends the session with a BYE, now or after the ACK that must come first. */
export function hangUp(
  session: SessionState,
  now: number,
  cause: EndCause,
  by: SessionSide,
  message: SipMessage | undefined,
  options: HangUpOptions = {},
): void {
  if (session.phase !== 'established') return;
  if (session.serverInvite?.awaitsAck === true && cause !== 'transport') session.hangUpAfterAck = options;
  else {
    acknowledgeUnanswered(session, now);
    sendBye(session, now, options);
  }
  endSession(session, now, cause, by, message);
}

export function sendBye(session: SessionState, now: number, options: HangUpOptions): void {
  session.hangUpAfterAck = undefined;
  const reason = options.reason === undefined ? [] : [{ name: 'Reason', value: options.reason }];
  session.sendInDialog(now, 'bye', 'BYE', [...reason, ...(options.headers ?? [])]);
}

/** A 2xx whose ACK is held, or whose offer was never answered, still gets its ACK. */
function acknowledgeUnanswered(session: SessionState, now: number): void {
  session.link.releaseAck(now);
  const pending = session.remoteOffer;
  if (pending?.kind !== 'accepted' || session.dialog === undefined) return;
  session.remoteOffer = undefined;
  session.link.acknowledge(now, pending.transaction, pending.invite, session.dialog);
}

/** The session is over for its user. Its open INVITE is given up, and the peer gets the answers that we owe it. */
export function endSession(
  session: SessionState,
  now: number,
  cause: EndCause,
  by: SessionSide,
  message: SipMessage | undefined,
): void {
  if (session.phase === 'ended') return;
  acknowledgeUnanswered(session, now);
  // "The UAS MUST still respond to any pending requests received for that dialog. It is RECOMMENDED that a
  // 487 (Request Terminated) response be generated" (RFC 3261 §15.1.2).
  if (session.remoteOffer !== undefined) refuseRemoteOffer(session, now, session.remoteOffer, 487);
  for (const [transaction, { request, accepted }] of session.link.sent) {
    if (request.method === 'INVITE' && !accepted) session.host.endpoint.cancel(now, transaction);
  }
  session.phase = 'ended';
  session.reliable?.stop();
  session.deadlines.clearAll();
  session.forks.clear();
  session.waiting.clear();
  session.emit({ kind: 'ended', cause, by, message });
}

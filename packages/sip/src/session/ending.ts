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
  const isSaid = options.reason !== undefined || options.headers?.some(({ name }) => name === 'Reason') === true;
  const said = isSaid ? options : { ...options, reason: reasonOf[cause] };
  if (session.serverInvite?.awaitsAck === true && cause !== 'transport') session.hangUpAfterAck = said;
  else {
    acknowledgeUnanswered(session, now);
    sendBye(session, now, said);
  }
  endSession(session, now, cause, by, message);
}

/** Why we hang up where nobody here has said it (RFC 3326; the causes of ITU-T Q.850 §2.2.7). */
const reasonOf: Readonly<Record<EndCause, string>> = {
  bye: 'Q.850;cause=16;text="normal-clearing"',
  rejected: 'Q.850;cause=21;text="call-rejected"',
  cancelled: 'Q.850;cause=16;text="cancelled"',
  'no-ack': 'Q.850;cause=102;text="no ACK came"',
  timeout: 'Q.850;cause=102;text="a request was not answered"',
  transport: 'Q.850;cause=27;text="the connection was lost"',
  gone: 'Q.850;cause=41;text="the far end knows no such call"',
  protocol: 'Q.850;cause=111;text="offer and answer do not fit"',
  'not-refreshed': 'Q.850;cause=102;text="the session was not refreshed"',
};

/** A further branch of a forked INVITE is not wanted any more: a phone shows no missed call then (RFC 3326 §3.1). */
export const answeredElsewhere = 'SIP;cause=200;text="Call completed elsewhere"';

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

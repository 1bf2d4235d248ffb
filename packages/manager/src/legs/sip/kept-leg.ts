import type { LegId, MediaStream } from '@trustline/callcontrol';
import type { KeptSession, SessionEvent, SipFlow } from '@trustline/sip';
import type { SipLeg } from './sip-leg.ts';

/** What is kept is not written anew for a refresh that moves its times by less, in milliseconds: no session is that short. */
const stillFresh = 10_000;

/** What is kept of a leg's session descriptions: how many streams there are, and of which kind; no address and no key. */
export interface KeptPlaces {
  readonly streams: readonly Pick<MediaStream, 'type' | 'transport' | 'formats'>[];
  readonly known: number;
}

/** What is kept of an established leg, for the manager after this one. */
export interface KeptSipLeg {
  readonly leg: LegId;
  readonly device: string;
  readonly role: 'calling' | 'called';
  /** The way to its device: by UDP the same, by a connection one that the device has to make. */
  readonly flow: Omit<SipFlow, 'id'>;
  readonly session: KeptSession;
  /** RFC 8866 §5.2. */
  readonly sessionId: string;
  readonly sessionVersion: number;
  readonly places: KeptPlaces;
}

/**
 * Whether something that was agreed with a leg leaves it as it was kept a moment ago, so that it need not be kept again: the
 * ACK of an answer, and the answer to the UPDATE that showed the level to it, in each call.
 */
export function leavesAsKept(now: number, { kept, session }: SipLeg, event: SessionEvent): boolean {
  if (kept === undefined || now - kept.at >= stillFresh) return false;
  if (event.kind === 'acknowledged') return event.answer === undefined;
  if (event.kind !== 'update-answered') return false;
  const is = session.keep(now);
  return is !== undefined && isAlike(is, kept.session);
}

/** But for the times, and the number of our last request, which is skipped ahead when the session is taken up. */
function isAlike(one: KeptSession, other: KeptSession): boolean {
  return (
    one.dialog.remoteTarget === other.dialog.remoteTarget &&
    one.dialog.remoteSequence === other.dialog.remoteSequence &&
    one.timer?.interval === other.timer?.interval &&
    one.timer?.refreshesHere === other.timer?.refreshesHere &&
    String(one.peerAllows) === String(other.peerAllows)
  );
}

import type { LegId, MediaStream } from '@trustline/callcontrol';
import type { KeptSession, SipFlow } from '@trustline/sip';

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

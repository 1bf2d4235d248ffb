import type { LegId } from '@trustline/callcontrol';
import {
  headerValue,
  type InviteSession,
  maxBreadth,
  parseReplaces,
  type SipRequest,
  type SipUserAgent,
} from '@trustline/sip';
import type { ProvenSender } from './gate.ts';
import { privacyOf } from './identity.ts';
import { refusalHeaders } from './leg-headers.ts';
import type { LegTable } from './leg-table.ts';
import type { Destination } from './outside-requests.ts';
import type { SipLeg } from './sip-leg.ts';

/** What taking an INVITE needs of the manager. */
export interface InvitePorts {
  readonly userAgent: Pick<SipUserAgent, 'placedSession' | 'sessionOf'>;
  /** What an INVITE asks for. */
  destinationOf(request: SipRequest): Destination;
  /** What is asked for in the call of a leg, and by which device. */
  askedFor(leg: LegId): { readonly destination: string; readonly device: string } | undefined;
}

/** What an INVITE that the gate has let through may be without becoming a call of its own: refused, or one that takes another. */
export class IncomingInvites {
  readonly #ports: InvitePorts;
  readonly #legs: LegTable;

  constructor(ports: InvitePorts, legs: LegTable) {
    this.#ports = ports;
    this.#legs = legs;
  }

  /** Refuses what wants more privacy than there is, and what goes round; true where it did. */
  refuses(now: number, session: InviteSession, request: SipRequest, sender: ProvenSender): boolean {
    const wanted = privacyOf(request);
    if (wanted.has('session') && wanted.has('critical')) {
      // Media go straight to the called, who learns the caller's address (RFC 3323 §5.2, §4.2).
      const words = 'The address of your media cannot be hidden, as your phone asks';
      const headers = refusalHeaders(session.flow, 'interworking', words);
      session.reject(now, 500, { reason: 'Privacy Not Available', headers });
      return true;
    }
    if (maxBreadth(request) === 0 || this.#isLoop(sender, request)) {
      const isLoop = maxBreadth(request) !== 0;
      const words = isLoop ? 'The call has come back here' : 'The call may ring nowhere else at once (Max-Breadth)';
      const headers = refusalHeaders(session.flow, 'exchange-routing-error', words);
      session.reject(now, isLoop ? 482 : 440, { headers });
      return true;
    }
    return false;
  }

  /** The leg whose dialog an INVITE means to replace (RFC 3891 §3), if it brings a Replaces header; refuses one that names none. */
  replaced(
    now: number,
    session: InviteSession,
    request: SipRequest,
  ): { readonly leg: SipLeg; readonly earlyOnly: boolean } | undefined | 'refused' {
    const value = headerValue(request, 'Replaces');
    if (value === undefined) return undefined;
    const replaces = parseReplaces(value);
    if (replaces === undefined) {
      const headers = refusalHeaders(session.flow, 'protocol-error', 'The Replaces header cannot be read');
      session.reject(now, 400, { reason: 'Bad Request - Replaces', headers });
      return 'refused';
    }
    // Whoever has it from a dialog event names it as the watched phone has it (RFC 4235 §4.1.2): with the tags the other way round.
    const { toTag, fromTag } = replaces;
    const { userAgent } = this.#ports;
    const found = userAgent.sessionOf(replaces) ?? userAgent.sessionOf({ ...replaces, toTag: fromTag, fromTag: toTag });
    const leg = this.#legs.ofSession(found);
    if (leg !== undefined) return { leg, earlyOnly: replaces.earlyOnly };
    session.reject(now, 481, {
      headers: refusalHeaders(session.flow, 'unknown-call', 'The call to take is not there'),
    });
    return 'refused';
  }

  /**
   * Whether an INVITE of ours has come back from where it went, by proxies that know no better, and asks what it came of: the
   * same number by the same device. What asks for another number is a spiral, which may lead somewhere (RFC 5393 §4.2).
   */
  #isLoop({ device }: ProvenSender, request: SipRequest): boolean {
    const leg = this.#legs.ofSession(this.#ports.userAgent.placedSession(request));
    const asked = leg && this.#ports.askedFor(leg.id);
    return asked?.device === device && asked.destination === this.#ports.destinationOf(request).destination;
  }
}

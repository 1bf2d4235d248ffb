import {
  formatSessionExpires,
  minimumSessionExpires,
  type SessionRefresher,
  sessionExpires,
  supports,
} from '../message/session-expires.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';

/** How a user agent watches its sessions (RFC 4028), in seconds. */
export interface SessionTimerOptions {
  /** After so long without a refresh a session is over. */
  readonly interval: number;
  /** The shortest interval that it agrees to; RFC 4028 §4 allows none below 90 s. */
  readonly minimum: number;
}

/** "The absolute minimum for the Session-Expires header field [is] 90 seconds" (RFC 4028 §4). */
export const LEAST_SESSION_INTERVAL = 90;
/** Times that a 422 may raise the interval of one session. */
const MOST_RAISES = 4;

/** When the timers of a session that has just been refreshed are due, in milliseconds from then. */
export interface SessionTimerDue {
  /** We refresh it then; absent where the peer does. */
  readonly refresh: number | undefined;
  /** Not refreshed by then it is over, and a BYE says so. */
  readonly end: number;
}

/**
 * Why a request of the peer cannot be taken as it is: its interval is shorter than ours may be (RFC 4028 §9). A peer
 * that does not know session timers is never refused so.
 *
 * @returns the Min-SE of the 422
 */
export function tooBriefSession(request: SipRequest, { minimum }: SessionTimerOptions): number | undefined {
  const asked = sessionExpires(request)?.seconds;
  return asked !== undefined && asked < minimum && supports(request, 'timer') ? minimum : undefined;
}

/** What {@link SessionTimer.keep} gives, in seconds. */
export interface KeptSessionTimer {
  readonly interval: number;
  readonly minimum: number;
  readonly refreshesHere: boolean;
}

/** What two ends have agreed about refreshing one session (RFC 4028), and what our messages say of it. */
export class SessionTimer {
  readonly #options: SessionTimerOptions;
  #interval: number;
  #minimum: number;
  #refreshesHere = true;
  #isRunning = false;
  #raises = 0;

  constructor(options: SessionTimerOptions) {
    this.#options = options;
    this.#interval = Math.max(options.interval, options.minimum, LEAST_SESSION_INTERVAL);
    this.#minimum = Math.max(options.minimum, LEAST_SESSION_INTERVAL);
  }

  /** What has been agreed, for another process to go on with; undefined before anything has. */
  keep(): KeptSessionTimer | undefined {
    if (!this.#isRunning) return undefined;
    return { interval: this.#interval, minimum: this.#minimum, refreshesHere: this.#refreshesHere };
  }

  /** Goes on with what another process had agreed. */
  resume({ interval, minimum, refreshesHere }: KeptSessionTimer): void {
    this.#interval = interval;
    this.#minimum = minimum;
    this.#refreshesHere = refreshesHere;
    this.#isRunning = true;
  }

  /** The Min-SE with which a request of the peer is to be refused, if it is. */
  refusal(request: SipRequest): number | undefined {
    return tooBriefSession(request, this.#options);
  }

  /** For an INVITE or UPDATE of ours (§7.1, §7.4): who refreshes is left to the peer at first, and kept from then on. */
  requestHeaders(): readonly SipHeader[] {
    const refresher = !this.#isRunning ? undefined : this.#refreshesHere ? 'uac' : 'uas';
    return [
      { name: 'Session-Expires', value: formatSessionExpires({ seconds: this.#interval, refresher }) },
      { name: 'Min-SE', value: String(this.#minimum) },
    ];
  }

  /** For our 2xx to an INVITE or UPDATE of the peer (§9); the agreement holds from then on. */
  answer(request: SipRequest): readonly SipHeader[] {
    const asked = sessionExpires(request);
    const isSupported = supports(request, 'timer');
    const least = Math.max(minimumSessionExpires(request) ?? 0, this.#minimum);
    // "The UAS MUST NOT set the value of Session-Expires to a value larger than that in the request".
    const agreed =
      asked === undefined
        ? Math.max(this.#interval, least)
        : Math.max(Math.min(asked.seconds, this.#interval), Math.min(least, asked.seconds));
    // Nobody has us send a request every second.
    this.#interval = Math.max(agreed, LEAST_SESSION_INTERVAL);
    // A peer that does not know the timer cannot refresh (§9, table 2); one that does is the usual refresher.
    const refresher: SessionRefresher = isSupported ? (asked?.refresher ?? 'uac') : 'uas';
    this.#isRunning = true;
    this.#refreshesHere = refresher === 'uas';
    const header = { name: 'Session-Expires', value: formatSessionExpires({ seconds: this.#interval, refresher }) };
    return refresher === 'uac' ? [header, { name: 'Require', value: 'timer' }] : [header];
  }

  /** Takes the peer's 2xx to an INVITE or UPDATE of ours (§7.2). */
  took(response: SipResponse): void {
    const said = sessionExpires(response);
    this.#isRunning = true;
    // One that does not know the timer says nothing; then we refresh alone, and so learn whether it is still there.
    this.#refreshesHere = said === undefined || said.refresher !== 'uas';
    if (said !== undefined) this.#interval = Math.max(said.seconds, LEAST_SESSION_INTERVAL);
  }

  /** Takes a 422: asks for a longer interval from now on (§7.3); false where that would lead nowhere. */
  raise(response: SipResponse): boolean {
    const least = minimumSessionExpires(response);
    if (least === undefined || least <= this.#minimum || this.#raises >= MOST_RAISES) return false;
    this.#raises += 1;
    this.#minimum = least;
    this.#interval = Math.max(this.#interval, least);
    return true;
  }

  /** When what is due from the refresh that has just succeeded on (§10). */
  due(): SessionTimerDue {
    const interval = 1_000 * this.#interval;
    // "A BYE [...] SHOULD be sent before the session expires. The minimum of 32 seconds and one third of the session
    // interval is RECOMMENDED."
    return {
      refresh: this.#refreshesHere ? interval / 2 : undefined,
      end: interval - Math.min(32_000, interval / 3),
    };
  }
}

import type { SipEndpointLimits } from '../endpoint/limits.ts';
import type { SipFlow, SipHostPort } from '../flow.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { SessionTimerOptions } from '../session/session-timer.ts';
import type { TransactionTimers } from '../transaction/timers.ts';

/** Whether a request may be served. */
export type Authorization =
  | { readonly kind: 'allow' }
  /** Answered so, for instance 403, or 401 with a WWW-Authenticate header. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly SipHeader[];
    };

export interface SipUserAgentOptions {
  /** Cryptographically strong randomness. */
  readonly random: (length: number) => Uint8Array;
  /** The Contact value we give on a flow, for instance `<sip:1001@192.0.2.1:5061;transport=tls>`. */
  readonly contact: (flow: SipFlow) => string;
  /** Text of User-Agent in requests and Server in responses; none by default. */
  readonly product?: string;
  /**
   * Judges every request before anything else is done with it, in a session or outside: certificates,
   * devices and lines are bound here. All are allowed by default. A refused ACK is dropped; it repeats the
   * credentials of its INVITE, which digest would take for a replay, so judge an ACK by its flow alone. A
   * CANCEL does not come here: it has to know the branch of an INVITE that was judged, and on TCP and TLS
   * to come on that INVITE's connection.
   */
  readonly authorize?: (
    now: number,
    flow: SipFlow,
    request: SipRequest,
    session: InviteSession | undefined,
  ) => Authorization;
  /**
   * Credentials for a request of a session that was challenged; undefined where there are none, or just these were refused.
   * A request is sent again three times at most: after a stale nonce, and where a proxy challenges besides the far end.
   */
  readonly answerChallenge?: (
    request: SipRequest,
    response: SipResponse,
    session: InviteSession,
  ) => SipHeader | undefined;
  /** Hears of each session that is over and has finished its transactions: its peer knows, or cannot be told. */
  readonly settled?: (session: InviteSession) => void;
  /**
   * Methods besides INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE and INFO that the user answers: REGISTER, MESSAGE…
   * SUBSCRIBE and NOTIFY come with any To tag that is no session's: the user knows the dialogs of its subscriptions.
   */
  readonly methods?: readonly string[];
  /** Option tags listed in Supported and taken in Require (RFC 3261 §19.2). */
  readonly supported?: readonly string[];
  /**
   * The user sends the ACK of each 2xx that brings an answer, by `InviteSession.acknowledge` as soon as it has taken
   * the event, so that the ACK can carry headers which depend on the answer. By default the session sends it at once.
   */
  readonly holdAcks?: boolean;
  /** Watches sessions (RFC 4028): each is refreshed, and one whose peer has vanished ends. Off by default. */
  readonly sessionTimer?: SessionTimerOptions;
  /**
   * Provisional responses may ask for a PRACK (RFC 3262): ours where the caller requires it or gets early media, those of
   * the called wherever they do. Off by default.
   */
  readonly reliableProvisionals?: boolean;
  /** Content types an INFO may have. */
  readonly infoTypes?: readonly string[];
  /** Sessions in being, those that linger included; beyond it an INVITE is answered 503. */
  readonly maximumSessions?: number;
  /** As in the endpoint's options. */
  readonly sentBy?: (flow: SipFlow) => SipHostPort;
  readonly timers?: TransactionTimers;
  readonly limits?: Partial<SipEndpointLimits>;
}

export const DEFAULT_MAXIMUM_SESSIONS = 20_000;

/** What phones send digits in. */
export const DEFAULT_INFO_TYPES: readonly string[] = ['application/dtmf-relay', 'application/dtmf'];

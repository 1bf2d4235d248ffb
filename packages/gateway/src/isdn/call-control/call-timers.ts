import type { AccessSide } from '../link/frame.ts';

/**
 * Timers of a call and of a restart, in milliseconds (Q.931 tables 9-1 and 9-2). Those that are missing belong to what a
 * point-to-point primary rate access has not: T307, T318, T319 (suspension), T312 (broadcast), T314 (segments), T320
 * (packets), T321 (a second D channel). T317 guards what is done here at once.
 */
export interface CallControlTimers {
  /** Alerting: waits for the answer. */
  readonly T301: number;
  /** Overlap receiving: waits for the next digit. */
  readonly T302: number;
  /** SETUP was sent: waits for any answer, twice. */
  readonly T303: number;
  /** Overlap sending: waits for what follows the last digit. */
  readonly T304: number;
  /** DISCONNECT was sent: waits for RELEASE. */
  readonly T305: number;
  /** DISCONNECT with tones was sent: how long they are heard. */
  readonly T306: number;
  /** RELEASE was sent: waits for RELEASE COMPLETE, twice. */
  readonly T308: number;
  /** The data link is gone: how long active calls outlive it. */
  readonly T309: number;
  /** CALL PROCEEDING was received: waits for what follows. */
  readonly T310: number;
  /** CONNECT was sent by the user: waits for CONNECT ACKNOWLEDGE. */
  readonly T313: number;
  /** RESTART was sent: waits for RESTART ACKNOWLEDGE, twice. */
  readonly T316: number;
  /** STATUS ENQUIRY was sent: waits for STATUS, twice. */
  readonly T322: number;
}

/**
 * The values of the Recommendation. It leaves some to the implementation: T302 10 to 15 s, T309 6 to 90 s, T310 of the
 * user 30 to 120 s, T301 at least three minutes.
 */
export function standardTimers(side: AccessSide): CallControlTimers {
  return {
    T301: 180_000,
    T302: 15_000,
    T303: 4_000,
    T304: side === 'user' ? 30_000 : 20_000,
    T305: 30_000,
    T306: 30_000,
    T308: 4_000,
    T309: 90_000,
    T310: side === 'user' ? 30_000 : 10_000,
    T313: 4_000,
    T316: 120_000,
    T322: 4_000,
  };
}

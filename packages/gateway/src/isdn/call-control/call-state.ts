import type { AccessSide } from '../link/frame.ts';

/**
 * How far a call is, the same for both sides of the access: who sent the SETUP goes through the phases by what it hears,
 * who received it by what it says. `callStateNumber` gives the state of Q.931 §2.1 that it is.
 */
export type CallPhase =
  | 'null'
  | 'setup'
  | 'overlap'
  | 'proceeding'
  | 'alerting'
  /** Answered, and the CONNECT is not acknowledged yet: a user that answers waits for that, no other does. */
  | 'connect-request'
  | 'active'
  | 'disconnect-sent'
  | 'disconnect-received'
  | 'release';

const ofUserThatSent = { setup: 1, overlap: 2, proceeding: 3, alerting: 4 };
const ofUserThatReceived = { setup: 6, overlap: 25, proceeding: 9, alerting: 7 };

/**
 * The value of a call state (Q.931 §4.5.7): U0 to U25 of the user side, N0 to N25 of the network side. The number says where
 * the call comes from as the user sees it: N1 is a call that the user sends.
 */
export function callStateNumber(phase: CallPhase, side: AccessSide, sentSetup: boolean): number {
  const userSent = (side === 'user') === sentSetup;
  const userDisconnects = side === 'user' ? 'disconnect-sent' : 'disconnect-received';
  switch (phase) {
    case 'null':
      return 0;
    case 'setup':
    case 'overlap':
    case 'proceeding':
    case 'alerting':
      return (userSent ? ofUserThatSent : ofUserThatReceived)[phase];
    case 'connect-request':
      return 8;
    case 'active':
      return 10;
    case 'disconnect-sent':
    case 'disconnect-received':
      return phase === userDisconnects ? 11 : 12;
    case 'release':
      return 19;
  }
}

/** Phases in which there is no answer yet. */
export const beforeAnswer: readonly CallPhase[] = ['setup', 'overlap', 'proceeding', 'alerting'];

/** Phases in which the call is being cleared. */
export const clearing: readonly CallPhase[] = ['disconnect-sent', 'disconnect-received', 'release'];

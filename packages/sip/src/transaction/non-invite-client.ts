import { assertNever } from '@trustline/base';
import type { SipRequest, SipResponse } from '../message/types.ts';
import {
  type CommonInput,
  type Step,
  step,
  type Terminated,
  type TransactionEffect,
  type TransactionSettings,
  terminated,
  unexpectedTimer,
} from './step.ts';

/**
 * The non-INVITE client transaction: RFC 3261 §17.1.2.
 *
 *     trying ──1xx──> proceeding ──200-699──> completed ──K──> terminated
 *        └──200-699──────────────────────────────┘
 *     trying, proceeding ── F, transport error ──────────────> terminated
 */
export type NonInviteClientState =
  | (Retransmitting & { readonly name: 'trying' })
  | (Retransmitting & { readonly name: 'proceeding' })
  | { readonly name: 'completed' }
  | Terminated;

/** Timers E and F run on from "Trying" to "Proceeding", so their times are part of the state. */
interface Retransmitting {
  readonly request: SipRequest;
  /** How long timer E was armed for, in milliseconds. */
  readonly interval: number;
  /** When timer E is due; undefined on a reliable transport. */
  readonly retransmitAt: number | undefined;
  /** When timer F is due. */
  readonly giveUpAt: number;
}

/** E retransmits, F gives up, K absorbs what comes late. */
export type NonInviteClientTimer = 'E' | 'F' | 'K';

export type NonInviteClientInput =
  | CommonInput<NonInviteClientTimer>
  | { readonly kind: 'response'; readonly response: SipResponse };

type NonInviteClientStep = Step<NonInviteClientState, NonInviteClientTimer>;
type Effect = TransactionEffect<NonInviteClientTimer>;
type State<Name extends NonInviteClientState['name']> = Extract<NonInviteClientState, { readonly name: Name }>;

export function startNonInviteClient(
  now: number,
  request: SipRequest,
  { reliable, timers }: TransactionSettings,
): NonInviteClientStep {
  const state: State<'trying'> = {
    name: 'trying',
    request,
    interval: timers.t1,
    // "If an unreliable transport is in use, the client transaction MUST set timer E to fire in T1
    // seconds" (RFC 3261 §17.1.2.2).
    retransmitAt: reliable ? undefined : now + timers.t1,
    // "When entering this state, the client transaction SHOULD set timer F to fire in 64*T1 seconds."
    giveUpAt: now + 64 * timers.t1,
  };
  return step(state, { kind: 'send', message: request }, ...runningTimers(state));
}

export function handleNonInviteClient(
  now: number,
  state: NonInviteClientState,
  input: NonInviteClientInput,
  settings: TransactionSettings,
): NonInviteClientStep {
  switch (state.name) {
    case 'trying':
      return trying(now, state, input, settings);
    case 'proceeding':
      return proceeding(now, state, input, settings);
    case 'completed':
      return completed(state, input);
    case 'terminated':
      return step(state);
    default:
      return assertNever(state);
  }
}

function trying(
  now: number,
  state: State<'trying'>,
  input: NonInviteClientInput,
  settings: TransactionSettings,
): NonInviteClientStep {
  switch (input.kind) {
    case 'timer':
      // "When timer E fires again, it is reset to MIN(4*T1, T2)", and so on: it doubles up to T2.
      return retransmitOrGiveUp(now, state, input.timer, Math.min(2 * state.interval, settings.timers.t2));
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    case 'response': {
      // "If a provisional response is received while in the "Trying" state, the response MUST be passed
      // to the TU, and then the client transaction SHOULD move to the "Proceeding" state."
      if (input.response.status >= 200) return finalResponse(now, input.response, settings);
      const next: State<'proceeding'> = { ...state, name: 'proceeding' };
      return step(next, { kind: 'deliver', message: input.response }, ...runningTimers(next));
    }
    default:
      return assertNever(input);
  }
}

function proceeding(
  now: number,
  state: State<'proceeding'>,
  input: NonInviteClientInput,
  settings: TransactionSettings,
): NonInviteClientStep {
  switch (input.kind) {
    case 'timer':
      // "If timer E fires while in the "Proceeding" state, the request MUST be passed to the transport
      // layer for retransmission, and timer E MUST be reset with a value of T2 seconds."
      return retransmitOrGiveUp(now, state, input.timer, settings.timers.t2);
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    case 'response':
      if (input.response.status >= 200) return finalResponse(now, input.response, settings);
      return step(state, { kind: 'deliver', message: input.response });
    default:
      return assertNever(input);
  }
}

function completed(state: State<'completed'>, input: NonInviteClientInput): NonInviteClientStep {
  switch (input.kind) {
    case 'timer':
      // "If timer K fires while in this state, the client transaction MUST transition to the
      // "Terminated" state."
      return input.timer === 'K' ? step(terminated) : unexpectedTimer(state.name, input.timer);
    case 'transport-error':
      return step(terminated);
    case 'response':
      // "The "Completed" state exists to buffer any additional response retransmissions."
      return step(state);
    default:
      return assertNever(input);
  }
}

function finalResponse(
  now: number,
  response: SipResponse,
  { reliable, timers }: TransactionSettings,
): NonInviteClientStep {
  // "If a final response (status codes 200-699) is received, the response MUST be passed to the TU, and
  // the client transaction MUST transition to the "Completed" state [with] timer K to fire in T4 seconds
  // for unreliable transports, and zero seconds for reliable transports."
  const deliver = { kind: 'deliver', message: response } as const;
  if (reliable) return step(terminated, deliver);
  return step({ name: 'completed' }, deliver, { kind: 'arm', timer: 'K', at: now + timers.t4 });
}

function retransmitOrGiveUp(
  now: number,
  state: State<'trying'> | State<'proceeding'>,
  timer: NonInviteClientTimer,
  interval: number,
): NonInviteClientStep {
  switch (timer) {
    case 'E': {
      const retransmitAt = now + interval;
      const next = { ...state, interval, retransmitAt };
      return step(next, { kind: 'send', message: state.request }, { kind: 'arm', timer: 'E', at: retransmitAt });
    }
    case 'F':
      // "If timer F fires [...] the client transaction SHOULD inform the TU about the timeout, and then
      // it SHOULD enter the "Terminated" state."
      return step(terminated, { kind: 'timeout' });
    default:
      return unexpectedTimer(state.name, timer);
  }
}

function runningTimers(state: Retransmitting): readonly Effect[] {
  const giveUp: Effect = { kind: 'arm', timer: 'F', at: state.giveUpAt };
  return state.retransmitAt === undefined ? [giveUp] : [{ kind: 'arm', timer: 'E', at: state.retransmitAt }, giveUp];
}

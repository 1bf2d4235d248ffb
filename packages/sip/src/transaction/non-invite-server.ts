import { assertNever } from '@trustline/base';
import type { SipResponse } from '../message/types.ts';
import {
  type CommonInput,
  type Step,
  step,
  type Terminated,
  type TransactionSettings,
  terminated,
  unexpectedTimer,
} from './step.ts';

/**
 * The non-INVITE server transaction: RFC 3261 §17.2.2.
 *
 *     trying ──1xx──> proceeding ──200-699──> completed ──J──> terminated
 *        └──200-699──────────────────────────────┘
 */
export type NonInviteServerState =
  | { readonly name: 'trying' }
  | { readonly name: 'proceeding'; readonly provisional: SipResponse }
  | { readonly name: 'completed'; readonly response: SipResponse }
  | Terminated;

/** J absorbs late retransmissions. */
export type NonInviteServerTimer = 'J';

export type NonInviteServerInput =
  | CommonInput<NonInviteServerTimer>
  /** The request came again. */
  | { readonly kind: 'retransmission' }
  /** The user answers. */
  | { readonly kind: 'respond'; readonly response: SipResponse };

type NonInviteServerStep = Step<NonInviteServerState, NonInviteServerTimer>;
type State<Name extends NonInviteServerState['name']> = Extract<NonInviteServerState, { readonly name: Name }>;

export function startNonInviteServer(): NonInviteServerStep {
  return step({ name: 'trying' });
}

export function handleNonInviteServer(
  now: number,
  state: NonInviteServerState,
  input: NonInviteServerInput,
  settings: TransactionSettings,
): NonInviteServerStep {
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
  input: NonInviteServerInput,
  settings: TransactionSettings,
): NonInviteServerStep {
  switch (input.kind) {
    case 'timer':
      return unexpectedTimer(state.name, input.timer);
    case 'retransmission':
      // "Once in the "Trying" state, any further request retransmissions are discarded" (RFC 3261 §17.2.2).
      return step(state);
    case 'respond':
      return respond(now, input.response, settings);
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    default:
      return assertNever(input);
  }
}

function proceeding(
  now: number,
  state: State<'proceeding'>,
  input: NonInviteServerInput,
  settings: TransactionSettings,
): NonInviteServerStep {
  switch (input.kind) {
    case 'timer':
      return unexpectedTimer(state.name, input.timer);
    case 'retransmission':
      // "If a retransmission of the request is received while in the "Proceeding" state, the most
      // recently sent provisional response MUST be passed to the transport layer for retransmission."
      return step(state, { kind: 'send', message: state.provisional });
    case 'respond':
      return respond(now, input.response, settings);
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    default:
      return assertNever(input);
  }
}

function completed(state: State<'completed'>, input: NonInviteServerInput): NonInviteServerStep {
  switch (input.kind) {
    case 'timer':
      return step(terminated);
    case 'retransmission':
      // "While in the "Completed" state, the server transaction MUST pass the final response to the
      // transport layer for retransmission whenever a retransmission of the request is received."
      return step(state, { kind: 'send', message: state.response });
    case 'respond':
      // "Any other final responses passed by the TU to the server transaction MUST be discarded."
      return step(state);
    case 'transport-error':
      // The answer has been sent; that the flow closed after it tells the user nothing.
      return step(terminated);
    default:
      return assertNever(input);
  }
}

/** The user's response in "Trying" and "Proceeding", where the RFC says the same for both. */
function respond(now: number, response: SipResponse, { reliable, timers }: TransactionSettings): NonInviteServerStep {
  const send = { kind: 'send', message: response } as const;
  // "If the TU passes a provisional response [...] the server transaction MUST enter the "Proceeding"
  // state. The response MUST be passed to the transport layer for transmission."
  if (response.status < 200) return step({ name: 'proceeding', provisional: response }, send);
  // "When the server transaction enters the "Completed" state, it MUST set timer J to fire in 64*T1
  // seconds for unreliable transports, and zero seconds for reliable transports."
  if (reliable) return step(terminated, send);
  return step({ name: 'completed', response }, send, { kind: 'arm', timer: 'J', at: now + 64 * timers.t1 });
}

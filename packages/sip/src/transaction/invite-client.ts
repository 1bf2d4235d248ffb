import { assertNever } from '@trustline/base';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { ackForRejection } from './derived-requests.ts';
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
 * The INVITE client transaction: RFC 3261 §17.1.1 with the Accepted state and timer M of
 * RFC 6026 §8.4.
 *
 *     calling ──1xx──> proceeding ──2xx──> accepted ──M──> terminated
 *        │                  └────300-699─> completed ─D──> terminated
 *        └─ B, transport error ──────────────────────────> terminated
 */
export type InviteClientState =
  | {
      readonly name: 'calling';
      readonly invite: SipRequest;
      /** How long timer A was armed for, in milliseconds. */
      readonly interval: number;
    }
  | { readonly name: 'proceeding'; readonly invite: SipRequest }
  | { readonly name: 'completed'; readonly ack: SipRequest }
  | { readonly name: 'accepted' }
  | Terminated;

/** A retransmits, B gives up, D and M absorb what comes late. */
export type InviteClientTimer = 'A' | 'B' | 'D' | 'M';

export type InviteClientInput =
  | CommonInput<InviteClientTimer>
  | { readonly kind: 'response'; readonly response: SipResponse };

type InviteClientStep = Step<InviteClientState, InviteClientTimer>;
type State<Name extends InviteClientState['name']> = Extract<InviteClientState, { readonly name: Name }>;

/** Timer D: at least 32 s on unreliable transports (RFC 3261 §17.1.1.2), whatever T1 is. */
const minimumTimerD = 32_000;

export function startInviteClient(
  now: number,
  invite: SipRequest,
  { reliable, timers }: TransactionSettings,
): InviteClientStep {
  const effects: TransactionEffect<InviteClientTimer>[] = [
    // "The client transaction MUST pass the request to the transport layer for transmission" (RFC 3261 §17.1.1.2).
    { kind: 'send', message: invite },
    // "For any transport, the client transaction MUST start timer B with a value of 64*T1 seconds."
    { kind: 'arm', timer: 'B', at: now + 64 * timers.t1 },
  ];
  // "If an unreliable transport is being used, the client transaction MUST start timer A with a value of T1."
  if (!reliable) effects.push({ kind: 'arm', timer: 'A', at: now + timers.t1 });
  return step({ name: 'calling', invite, interval: timers.t1 }, ...effects);
}

export function handleInviteClient(
  now: number,
  state: InviteClientState,
  input: InviteClientInput,
  settings: TransactionSettings,
): InviteClientStep {
  switch (state.name) {
    case 'calling':
      return calling(now, state, input, settings);
    case 'proceeding':
      return proceeding(now, state, input, settings);
    case 'completed':
      return completed(state, input);
    case 'accepted':
      return accepted(state, input);
    case 'terminated':
      return step(state);
    default:
      return assertNever(state);
  }
}

function calling(
  now: number,
  state: State<'calling'>,
  input: InviteClientInput,
  settings: TransactionSettings,
): InviteClientStep {
  switch (input.kind) {
    case 'timer':
      switch (input.timer) {
        case 'A': {
          // "When timer A fires, the client transaction MUST retransmit the request by passing it to the
          // transport layer, and MUST reset the timer with a value of 2*T1" and so on, without T2's bound.
          const interval = 2 * state.interval;
          return step(
            { ...state, interval },
            { kind: 'send', message: state.invite },
            { kind: 'arm', timer: 'A', at: now + interval },
          );
        }
        case 'B':
          // "If the client transaction is still in the "Calling" state when timer B fires, the client
          // transaction SHOULD inform the TU that a timeout has occurred. [It] MUST NOT generate an ACK."
          return step(terminated, { kind: 'timeout' });
        default:
          return unexpectedTimer(state.name, input.timer);
      }
    case 'transport-error':
      // "Inform the TU, and the client transaction SHOULD transition directly to the "Terminated" state"
      // (RFC 3261 §17.1.4).
      return step(terminated, { kind: 'transport-error' });
    case 'response':
      return firstResponses(now, state.invite, input.response, settings);
    default:
      return assertNever(input);
  }
}

function proceeding(
  now: number,
  state: State<'proceeding'>,
  input: InviteClientInput,
  settings: TransactionSettings,
): InviteClientStep {
  switch (input.kind) {
    case 'timer':
      return unexpectedTimer(state.name, input.timer);
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    case 'response':
      return firstResponses(now, state.invite, input.response, settings);
    default:
      return assertNever(input);
  }
}

/** Responses in "Calling" and "Proceeding", where the RFC says the same for both. */
function firstResponses(
  now: number,
  invite: SipRequest,
  response: SipResponse,
  { reliable, timers }: TransactionSettings,
): InviteClientStep {
  const deliver = { kind: 'deliver', message: response } as const;
  if (response.status < 200) {
    // "If the client transaction receives a provisional response while in the "Calling" state, it
    // transitions to the "Proceeding" state [and] SHOULD NOT retransmit the request any longer.
    // Furthermore, the provisional response MUST be passed to the TU."
    return step({ name: 'proceeding', invite }, deliver);
  }
  if (response.status < 300) {
    // A 2xx leads to the "Accepted" state: "Timer M MUST be started with a value of 64*T1. The 2xx response
    // MUST be passed up to the TU. The client transaction MUST NOT generate an ACK" (RFC 6026 §8.4).
    return step({ name: 'accepted' }, deliver, { kind: 'arm', timer: 'M', at: now + 64 * timers.t1 });
  }
  // "Reception of a response with status code from 300-699 MUST cause the client transaction to
  // transition to "Completed" [...] and the client transaction MUST generate an ACK request, even if
  // the transport is reliable."
  const ack = ackForRejection(invite, response);
  const send = { kind: 'send', message: ack } as const;
  // "The client transaction MUST start timer D [...] of at least 32 seconds for unreliable transports,
  // and a value of zero seconds for reliable transports."
  if (reliable) return step(terminated, send, deliver);
  const at = now + Math.max(minimumTimerD, 64 * timers.t1);
  return step({ name: 'completed', ack }, send, deliver, { kind: 'arm', timer: 'D', at });
}

function completed(state: State<'completed'>, input: InviteClientInput): InviteClientStep {
  switch (input.kind) {
    case 'timer':
      // "If timer D fires while the client transaction is in the "Completed" state, the client
      // transaction MUST move to the terminated state."
      return input.timer === 'D' ? step(terminated) : unexpectedTimer(state.name, input.timer);
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    case 'response':
      // "Any retransmissions of the final response that are received while in the "Completed" state MUST
      // cause the ACK to be re-passed to the transport layer for retransmission, but the newly received
      // response MUST NOT be passed up to the TU."
      return input.response.status >= 300 ? step(state, { kind: 'send', message: state.ack }) : step(state);
    default:
      return assertNever(input);
  }
}

function accepted(state: State<'accepted'>, input: InviteClientInput): InviteClientStep {
  switch (input.kind) {
    case 'timer':
      // "When Timer M fires and the state machine is in the "Accepted" state, the machine MUST transition
      // to the "Terminated" state" (RFC 6026 §7.2).
      return input.timer === 'M' ? step(terminated) : unexpectedTimer(state.name, input.timer);
    case 'transport-error':
      // The user has its answer; the ACK is sent outside this transaction and meets the closed flow itself.
      return step(terminated);
    case 'response':
      // "Any 2xx responses that match this client transaction and that are received while in the
      // "Accepted" state MUST be passed up to the TU" (RFC 6026 §8.4). Nothing else means anything now.
      return isSuccess(input.response) ? step(state, { kind: 'deliver', message: input.response }) : step(state);
    default:
      return assertNever(input);
  }
}

function isSuccess(response: SipResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

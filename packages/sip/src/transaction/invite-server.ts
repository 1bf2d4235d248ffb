import { assertNever } from '@trustline/base';
import type { SipRequest, SipResponse } from '../message/types.ts';
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
 * The INVITE server transaction: RFC 3261 §17.2.1 with the Accepted state and timer L of
 * RFC 6026 §8.3.
 *
 *     proceeding ──2xx──> accepted ──L──────────────────────> terminated
 *          └──300-699──> completed ──ACK──> confirmed ──I──> terminated
 *                             └──H─────────────────────────> terminated
 */
export type InviteServerState =
  | {
      readonly name: 'proceeding';
      /** What a retransmitted INVITE is answered with; undefined until the first provisional response. */
      readonly provisional: SipResponse | undefined;
    }
  | { readonly name: 'accepted' }
  | {
      readonly name: 'completed';
      readonly response: SipResponse;
      /** How long timer G was armed for, in milliseconds. */
      readonly interval: number;
    }
  | { readonly name: 'confirmed' }
  | Terminated;

/**
 * "100" sends the 100 (Trying) the user has not sent itself, G retransmits the response, H gives
 * up waiting for the ACK, I absorbs late ACKs, L late INVITEs.
 */
export type InviteServerTimer = '100' | 'G' | 'H' | 'I' | 'L';

export type InviteServerInput =
  | CommonInput<InviteServerTimer>
  /** The INVITE came again. */
  | { readonly kind: 'retransmission' }
  | { readonly kind: 'ack'; readonly ack: SipRequest }
  /** The user answers. */
  | { readonly kind: 'respond'; readonly response: SipResponse };

type InviteServerStep = Step<InviteServerState, InviteServerTimer>;
type State<Name extends InviteServerState['name']> = Extract<InviteServerState, { readonly name: Name }>;

/** How long the user may take for its first response before a 100 is sent for it (RFC 3261 §17.2.1). */
const tryingDelay = 200;

/** `trying` is the 100 to send when the user takes longer than 200 ms. */
export function startInviteServer(now: number): InviteServerStep {
  // "The server transaction MUST generate a 100 (Trying) response unless it knows that the TU will
  // generate a provisional or final response within 200 ms" (RFC 3261 §17.2.1).
  return step({ name: 'proceeding', provisional: undefined }, { kind: 'arm', timer: '100', at: now + tryingDelay });
}

export function handleInviteServer(
  now: number,
  state: InviteServerState,
  input: InviteServerInput,
  settings: TransactionSettings,
  trying: () => SipResponse,
): InviteServerStep {
  switch (state.name) {
    case 'proceeding':
      return proceeding(now, state, input, settings, trying);
    case 'accepted':
      return accepted(state, input);
    case 'completed':
      return completed(now, state, input, settings);
    case 'confirmed':
      return confirmed(state, input);
    case 'terminated':
      return step(state);
    default:
      return assertNever(state);
  }
}

function proceeding(
  now: number,
  state: State<'proceeding'>,
  input: InviteServerInput,
  { reliable, timers }: TransactionSettings,
  trying: () => SipResponse,
): InviteServerStep {
  switch (input.kind) {
    case 'timer': {
      if (input.timer !== '100') return unexpectedTimer(state.name, input.timer);
      if (state.provisional !== undefined) return step(state);
      const provisional = trying();
      return step({ name: 'proceeding', provisional }, { kind: 'send', message: provisional });
    }
    case 'retransmission':
      // "If a request retransmission is received while in the "Proceeding" state, the most recent
      // provisional response that was received from the TU MUST be passed to the transport layer."
      return state.provisional === undefined ? step(state) : step(state, { kind: 'send', message: state.provisional });
    case 'ack':
      // Nothing has been answered that could be acknowledged.
      return step(state);
    case 'respond': {
      const { response } = input;
      const send = { kind: 'send', message: response } as const;
      // "The TU passes any number of provisional responses to the server transaction. So long as the
      // server transaction is in the "Proceeding" state, each of these MUST be passed to the transport layer."
      if (response.status < 200) return step({ name: 'proceeding', provisional: response }, send);
      if (response.status < 300) {
        // A 2xx is sent and leads to the "Accepted" state, which timer L ends after 64*T1 (RFC 6026 §7.1).
        return step({ name: 'accepted' }, send, { kind: 'arm', timer: 'L', at: now + 64 * timers.t1 });
      }
      // "If the TU passes a response with status code from 300 to 699 [...] the state machine MUST enter
      // the "Completed" state. For unreliable transports, timer G is set to fire in T1 seconds"; "when
      // the "Completed" state is entered, timer H MUST be set to fire in 64*T1 seconds for all transports."
      const next: State<'completed'> = { name: 'completed', response, interval: timers.t1 };
      const giveUp = { kind: 'arm', timer: 'H', at: now + 64 * timers.t1 } as const;
      if (reliable) return step(next, send, giveUp);
      return step(next, send, giveUp, { kind: 'arm', timer: 'G', at: now + timers.t1 });
    }
    case 'transport-error':
      // Deviation: RFC 6026 §7.1 keeps the state so that a retransmitted INVITE is absorbed; a closed
      // flow is never used again, so nothing can come in or go out for this transaction any more.
      return step(terminated, { kind: 'transport-error' });
    default:
      return assertNever(input);
  }
}

function accepted(state: State<'accepted'>, input: InviteServerInput): InviteServerStep {
  switch (input.kind) {
    case 'timer':
      // Timer L leads from "Accepted" to "Terminated" (RFC 6026 §7.1).
      return input.timer === 'L' ? step(terminated) : unexpectedTimer(state.name, input.timer);
    case 'retransmission':
      // A retransmitted INVITE is absorbed: it must not reach the user as a new one, which is what the
      // "Accepted" state was made for (RFC 6026 §3).
      return step(state);
    case 'ack':
      // "Any ACKs received from the network while in the "Accepted" state MUST be passed directly to the
      // TU and not absorbed" (RFC 6026 §7.1): those of RFC 2543 clients match this transaction.
      return step(state, { kind: 'deliver', message: input.ack });
    case 'respond':
      // The user repeats its 2xx, and each goes to the transport; the machine repeats nothing by itself
      // (RFC 6026 §7.1).
      return isSuccess(input.response) ? step(state, { kind: 'send', message: input.response }) : step(state);
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    default:
      return assertNever(input);
  }
}

function completed(
  now: number,
  state: State<'completed'>,
  input: InviteServerInput,
  { reliable, timers }: TransactionSettings,
): InviteServerStep {
  switch (input.kind) {
    case 'timer':
      switch (input.timer) {
        case 'G': {
          // "If timer G fires, the response is passed to the transport layer once more for
          // retransmission, and timer G is set to fire in MIN(2*T1, T2) seconds", and so on.
          const interval = Math.min(2 * state.interval, timers.t2);
          return step(
            { ...state, interval },
            { kind: 'send', message: state.response },
            { kind: 'arm', timer: 'G', at: now + interval },
          );
        }
        case 'H':
          // "If timer H fires while in the "Completed" state, it implies that the ACK was never received.
          // In this case, the server transaction MUST transition to the "Terminated" state, and MUST
          // indicate to the TU that a transaction failure has occurred."
          return step(terminated, { kind: 'no-ack' });
        default:
          return unexpectedTimer(state.name, input.timer);
      }
    case 'retransmission':
      // "While in the "Completed" state, if a request retransmission is received, the server SHOULD
      // pass the response to the transport for retransmission."
      return step(state, { kind: 'send', message: state.response });
    case 'ack':
      // "If an ACK is received while the server transaction is in the "Completed" state, the server
      // transaction MUST transition to the "Confirmed" state"; timer I is T4, or zero when reliable.
      if (reliable) return step(terminated, { kind: 'ack' });
      return step({ name: 'confirmed' }, { kind: 'ack' }, { kind: 'arm', timer: 'I', at: now + timers.t4 });
    case 'respond':
      // There is one final response.
      return step(state);
    case 'transport-error':
      return step(terminated, { kind: 'transport-error' });
    default:
      return assertNever(input);
  }
}

function confirmed(state: State<'confirmed'>, input: InviteServerInput): InviteServerStep {
  switch (input.kind) {
    case 'timer':
      // "Once timer I fires, the server MUST transition to the "Terminated" state."
      return input.timer === 'I' ? step(terminated) : unexpectedTimer(state.name, input.timer);
    case 'retransmission':
    case 'ack':
    case 'respond':
      // "The purpose of the "Confirmed" state is to absorb any additional ACK messages that arrive."
      return step(state);
    case 'transport-error':
      return step(terminated);
    default:
      return assertNever(input);
  }
}

function isSuccess(response: SipResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

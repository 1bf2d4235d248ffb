import { TrustlineError } from '@trustline/base';
import type { SipMessage } from '../message/types.ts';
import type { TransactionTimers } from './timers.ts';

/** What a transaction needs to know of the world around it. */
export interface TransactionSettings {
  /** The transport retransmits by itself: timers A, E and G never run, D, I, J and K are zero. */
  readonly reliable: boolean;
  readonly timers: TransactionTimers;
}

/**
 * What a transaction asks for in one step. There is no effect that stops a timer: a step into
 * another state stops every timer of the state it leaves, so that no state meets a stale one.
 */
export type TransactionEffect<Timer extends string> =
  /** Hand the message to the transport. */
  | { readonly kind: 'send'; readonly message: SipMessage }
  /** Hand the message to the transaction user. */
  | { readonly kind: 'deliver'; readonly message: SipMessage }
  /** Arm a timer for the moment `at`, in the milliseconds of `now`. */
  | { readonly kind: 'arm'; readonly timer: Timer; readonly at: number }
  /** Tell the user that no final response came (client). */
  | { readonly kind: 'timeout' }
  /** Tell the user that the flow is gone. */
  | { readonly kind: 'transport-error' }
  /** Tell the user that the final response was acknowledged (INVITE server). */
  | { readonly kind: 'ack' }
  /** Tell the user that the final response was never acknowledged (INVITE server). */
  | { readonly kind: 'no-ack' };

/** The state after an input, and what has to be done about it. */
export interface Step<State, Timer extends string> {
  readonly state: State;
  readonly effects: readonly TransactionEffect<Timer>[];
}

/** Inputs that every transaction knows. */
export type CommonInput<Timer extends string> =
  | { readonly kind: 'timer'; readonly timer: Timer }
  | { readonly kind: 'transport-error' };

/** A step into (or within) a state. */
export function step<State, Timer extends string>(
  state: State,
  ...effects: readonly TransactionEffect<Timer>[]
): Step<State, Timer> {
  return { state, effects };
}

/** The state that every transaction ends in; the endpoint then forgets it. */
export interface Terminated {
  readonly name: 'terminated';
}

export const terminated: Terminated = { name: 'terminated' };

/** A timer fired in a state that never arms it: a defect of ours, never caused by a peer. */
export function unexpectedTimer(state: string, timer: string): never {
  throw new TrustlineError('sip.unexpected-timer', `Timer ${timer} fired in state ${state}, which never arms it`);
}

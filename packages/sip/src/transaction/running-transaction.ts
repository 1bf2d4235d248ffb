import { Deadlines } from '@trustline/base';
import type { CommonInput, Step, TransactionEffect } from './step.ts';

/** An effect that leaves the transaction: all but the timers, which {@link RunningTransaction} keeps. */
export type OutwardEffect = Exclude<TransactionEffect<string>, { readonly kind: 'arm' }>;

/** A running transaction to those who need not know which of the four it is. */
export interface Transaction<Input> {
  readonly stateName: string;
  readonly nextDeadline: number | undefined;
  handle(
    now: number,
    input: Input | { readonly kind: 'transport-error' },
    perform: (effect: OutwardEffect) => void,
  ): void;
  handleTime(now: number, perform: (effect: OutwardEffect) => void): void;
}

/** One of the four machines with its current state and its timers. */
export class RunningTransaction<State extends { readonly name: string }, Timer extends string, Input>
  implements Transaction<Input>
{
  readonly #handle: (now: number, state: State, input: Input | CommonInput<Timer>) => Step<State, Timer>;
  readonly #deadlines = new Deadlines<Timer>();
  #state: State;

  constructor(
    first: Step<State, Timer>,
    handle: (now: number, state: State, input: Input | CommonInput<Timer>) => Step<State, Timer>,
    perform: (effect: OutwardEffect) => void,
  ) {
    this.#handle = handle;
    this.#state = first.state;
    this.#perform(first, perform);
  }

  get stateName(): State['name'] {
    return this.#state.name;
  }

  get nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  /** Feeds one input and performs what the machine asks for. */
  handle(now: number, input: Input | CommonInput<Timer>, perform: (effect: OutwardEffect) => void): void {
    const step = this.#handle(now, this.#state, input);
    // Leaving a state stops its timers, so that no state ever meets a stale one.
    if (step.state.name !== this.#state.name) this.#deadlines.clearAll();
    this.#state = step.state;
    this.#perform(step, perform);
  }

  /** Fires every timer that is due. */
  handleTime(now: number, perform: (effect: OutwardEffect) => void): void {
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now)) {
      this.handle(now, { kind: 'timer', timer }, perform);
    }
  }

  #perform(step: Step<State, Timer>, perform: (effect: OutwardEffect) => void): void {
    for (const effect of step.effects) {
      if (effect.kind === 'arm') this.#deadlines.set(effect.timer, effect.at);
      else perform(effect);
    }
  }
}

import { Deadlines } from '@trustline/base';

/** Limits in milliseconds between what a hook does (E.180 has none: those of common exchanges). */
export interface HookTiming {
  /** Shorter is a bounce of the contacts. */
  readonly shortestPulse: number;
  /** Dial pulses are not longer; a pulse of 10 a second is 60 ms open. */
  readonly longestPulse: number;
  /** Between two digits the loop is closed for so long. */
  readonly betweenDigits: number;
  /** A hook flash is open at least and at most so long; whatever is longer hangs up. */
  readonly shortestFlash: number;
  readonly longestFlash: number;
}

export const defaultHookTiming: HookTiming = {
  shortestPulse: 20,
  longestPulse: 120,
  betweenDigits: 200,
  shortestFlash: 150,
  longestFlash: 800,
};

export type HookEvent =
  | { readonly kind: 'off-hook' | 'on-hook' | 'flash' }
  /** Dialled by pulses: 1 to 9, and 10 as 0. */
  | { readonly kind: 'digit'; readonly digit: string };

/** What the opening and closing of a subscriber's loop means: off-hook, dial pulses, a flash, on-hook. */
export class HookReader {
  readonly #timing: HookTiming;
  readonly #deadlines = new Deadlines<'digit' | 'on-hook'>();
  readonly #events: HookEvent[] = [];
  #closed = false;
  #offHook = false;
  #openedAt = 0;
  #pulses = 0;

  constructor(timing: HookTiming = defaultHookTiming) {
    this.#timing = timing;
  }

  /** The subscriber holds the loop, but for pulses and flashes. */
  get offHook(): boolean {
    return this.#offHook;
  }

  /** The loop was closed (current flows) or opened. */
  loop(now: number, closed: boolean): void {
    this.handleTime(now);
    if (closed === this.#closed) return;
    this.#closed = closed;
    if (closed) this.#close(now);
    else if (this.#offHook) {
      this.#openedAt = now;
      this.#deadlines.clear('digit');
      this.#deadlines.set('on-hook', now + this.#timing.longestFlash);
    }
  }

  poll(): HookEvent | undefined {
    return this.#events.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      if (due === 'digit') this.#endDigit();
      else this.#hangUp();
    }
  }

  #close(now: number): void {
    this.#deadlines.clear('on-hook');
    if (!this.#offHook) {
      this.#offHook = true;
      this.#events.push({ kind: 'off-hook' });
      return;
    }
    const open = now - this.#openedAt;
    if (open >= this.#timing.shortestFlash) {
      this.#pulses = 0;
      this.#events.push({ kind: 'flash' });
      return;
    }
    if (open >= this.#timing.shortestPulse && open <= this.#timing.longestPulse) this.#pulses += 1;
    if (this.#pulses > 0) this.#deadlines.set('digit', now + this.#timing.betweenDigits);
  }

  #endDigit(): void {
    // More than ten are a fault of the dial, and no digit.
    if (this.#pulses <= 10) this.#events.push({ kind: 'digit', digit: String(this.#pulses % 10) });
    this.#pulses = 0;
  }

  #hangUp(): void {
    this.#offHook = false;
    this.#pulses = 0;
    this.#deadlines.clearAll();
    this.#events.push({ kind: 'on-hook' });
  }
}

/** The openings and closings of the loop that dial digits by pulses: 10 a second, 60 ms open, 800 ms between digits. */
export function pulsesOf(digits: string): readonly { readonly afterMilliseconds: number; readonly closed: boolean }[] {
  const steps: { afterMilliseconds: number; closed: boolean }[] = [];
  for (const digit of digits) {
    const count = digit === '0' ? 10 : Number.parseInt(digit, 10);
    for (let pulse = 0; pulse < (Number.isNaN(count) ? 0 : count); pulse += 1) {
      steps.push({ afterMilliseconds: pulse === 0 ? PAUSE : CLOSED, closed: false });
      steps.push({ afterMilliseconds: OPEN, closed: true });
    }
  }
  return steps;
}

const OPEN = 60;
const CLOSED = 40;
const PAUSE = 800;

import { Deadlines } from '@trustline/base';

/** In milliseconds. */
export interface FailoverTiming {
  /** Between two tries to come back to a manager of a higher priority. */
  readonly comeBack: number;
}

/** What a desk phone calls its connection monitor waits that long before it goes back to its first manager. */
const defaultTiming: FailoverTiming = { comeBack: 120_000 };

export type FailoverOutput =
  /** Register with this manager, beside what there is; `tried` answers. */
  | { readonly kind: 'try'; readonly manager: number }
  /** Nobody waits for the try that is under way any more. */
  | { readonly kind: 'give-up' }
  /** The phone that was just registered takes the place of the one before. */
  | { readonly kind: 'move'; readonly manager: number; readonly reason: 'first' | 'lost' | 'came-back' }
  /** The phone that was just registered is not needed: the one before stays. */
  | { readonly kind: 'stay' }
  /** No manager takes the phone, and it is registered with none. */
  | { readonly kind: 'none' };

interface Search {
  /** The one that is being tried comes first. */
  readonly managers: readonly [number, ...number[]];
  readonly reason: 'first' | 'lost' | 'came-back';
}

/**
 * Which of its managers a phone registers with, without I/O. They are numbered by priority, 0 the first.
 *
 * It takes the first that will have it. When the connection to that one is lost and cannot be made again, it goes to the
 * others in their order; from then on it looks now and then whether a better one is there again, and goes back. A
 * call is never dropped for it: while somebody talks nothing is tried, for the voice goes on without the manager.
 *
 * The documents say that there are up to five managers, by priority, and no more; the rest is our choice.
 */
export class ManagerFailover {
  readonly #managers: readonly number[];
  readonly #timing: FailoverTiming;
  readonly #deadlines = new Deadlines<'come-back'>();
  readonly #outputs: FailoverOutput[] = [];
  /** The one that the phone is registered with, or was before it lost it. */
  #current: number | undefined;
  #isLost = false;
  #isBusy = false;
  #search: Search | undefined;

  /** @param count how many managers there are */
  constructor(count: number, timing: Partial<FailoverTiming> = {}) {
    this.#managers = Array.from({ length: count }, (_, index) => index);
    this.#timing = { ...defaultTiming, ...timing };
  }

  /** The phone has booted and is registered with none. */
  start(): void {
    this.#look(this.#managers, 'first');
  }

  /** What became of the last `try`. */
  tried(now: number, isTaken: boolean): void {
    const search = this.#search;
    if (search === undefined) return;
    const [manager, next, ...others] = search.managers;
    if (!isTaken) {
      if (next !== undefined) this.#try({ ...search, managers: [next, ...others] });
      else this.#nobodyLeft(now);
      return;
    }
    this.#search = undefined;
    if (this.#isBusy) {
      this.#outputs.push({ kind: 'stay' });
      this.#watch(now);
      return;
    }
    this.#current = manager;
    this.#isLost = false;
    this.#outputs.push({ kind: 'move', manager, reason: search.reason });
    this.#watch(now);
  }

  /** The connection to the present manager is lost and could not be made again, or that one takes the phone no more. */
  lost(): void {
    if (this.#current === undefined || this.#isLost) return;
    this.#isLost = true;
    this.#deadlines.clearAll();
    if (!this.#isBusy) this.#lookForAnother();
  }

  /** The phone is registered again with the manager that it had lost. */
  back(now: number): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    if (this.#search !== undefined) {
      this.#search = undefined;
      this.#outputs.push({ kind: 'give-up' });
    }
    this.#watch(now);
  }

  /** Whether somebody talks. */
  setBusy(isBusy: boolean): void {
    if (this.#isBusy === isBusy) return;
    this.#isBusy = isBusy;
    if (!isBusy && this.#isLost && this.#search === undefined) this.#lookForAnother();
  }

  poll(): FailoverOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    if (this.#deadlines.takeDue(now) === undefined) return;
    if (this.#isBusy) this.#watch(now);
    else this.#look(this.#managers.slice(0, this.#current), 'came-back');
  }

  #lookForAnother(): void {
    const others = this.#managers.filter((one) => one !== this.#current);
    // One that is being tried already, to come back to it, goes on.
    const [trying] = this.#search?.managers ?? [];
    if (trying === undefined) this.#look(others, 'lost');
    else this.#search = { managers: [trying, ...others.filter((one) => one !== trying)], reason: 'lost' };
  }

  #look([first, ...others]: readonly number[], reason: Search['reason']): void {
    if (first !== undefined) this.#try({ managers: [first, ...others], reason });
    else if (this.#current === undefined || this.#isLost) this.#outputs.push({ kind: 'none' });
  }

  #try(search: Search): void {
    this.#search = search;
    this.#outputs.push({ kind: 'try', manager: search.managers[0] });
  }

  #nobodyLeft(now: number): void {
    this.#search = undefined;
    if (this.#current === undefined || this.#isLost) this.#outputs.push({ kind: 'none' });
    else this.#watch(now);
  }

  /** A better one may be there again. */
  #watch(now: number): void {
    if (this.#current === undefined || this.#current === 0 || this.#isLost) return;
    this.#deadlines.set('come-back', now + this.#timing.comeBack);
  }
}

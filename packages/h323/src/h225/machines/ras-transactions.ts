import type { RasMessage } from '../../generated/h225.types.ts';

/** H.225.0 table 19 gives 3 to 5 s and two retries for the requests of an endpoint. */
const TIMEOUT = 3_000;
const TRIES = 3;
const LARGEST_NUMBER = 65_535;
/** `delay` of RequestInProgress is at most 65,536 ms. */
const LONGEST_DELAY = 65_536;

export interface Transaction<To, Purpose> {
  readonly message: RasMessage;
  readonly to: To;
  readonly purpose: Purpose;
  readonly tries: number;
  readonly due: number;
}

/** Requests that wait for their answers, by number; what is not answered is sent again as it was. */
export class RasTransactions<To, Purpose> {
  readonly #pending = new Map<number, Transaction<To, Purpose>>();
  #number: number;

  /** `first` is the number of the first request, 1 to 65,535. */
  constructor(first: number) {
    this.#number = first;
  }

  /** Starts a request; `make` is given its number. */
  begin(now: number, to: To, purpose: Purpose, make: (requestSeqNum: number) => RasMessage): Transaction<To, Purpose> {
    while (this.#pending.has(this.#number)) this.#number = (this.#number % LARGEST_NUMBER) + 1;
    const message = make(this.#number);
    const transaction = { message, to, purpose, tries: 1, due: now + TIMEOUT };
    this.#pending.set(this.#number, transaction);
    this.#number = (this.#number % LARGEST_NUMBER) + 1;
    return transaction;
  }

  get(requestSeqNum: number): Transaction<To, Purpose> | undefined {
    return this.#pending.get(requestSeqNum);
  }

  /** The answer came, or is not waited for any more. */
  end(requestSeqNum: number): void {
    this.#pending.delete(requestSeqNum);
  }

  /** The gatekeeper needs longer (RIP). */
  extend(now: number, requestSeqNum: number, delay: number): void {
    const transaction = this.#pending.get(requestSeqNum);
    if (transaction === undefined) return;
    this.#pending.set(requestSeqNum, { ...transaction, due: now + Math.min(delay, LONGEST_DELAY) });
  }

  nextDeadline(): number | undefined {
    let next: number | undefined;
    for (const { due } of this.#pending.values()) if (next === undefined || due < next) next = due;
    return next;
  }

  /** What is due: to be sent again, or given up. */
  takeDue(now: number): { readonly again: Transaction<To, Purpose>[]; readonly lost: Transaction<To, Purpose>[] } {
    const again: Transaction<To, Purpose>[] = [];
    const lost: Transaction<To, Purpose>[] = [];
    for (const [number, transaction] of this.#pending) {
      if (transaction.due > now) continue;
      if (transaction.tries >= TRIES) {
        this.#pending.delete(number);
        lost.push(transaction);
      } else {
        const next = { ...transaction, tries: transaction.tries + 1, due: now + TIMEOUT };
        this.#pending.set(number, next);
        again.push(next);
      }
    }
    return { again, lost };
  }
}

import { Deadlines } from '@trustline/base';

export type HoldOutput =
  /** From now on no key may go or be taken; media that are keyed already go on until `mediaUntil`. */
  | { readonly kind: 'lost'; readonly cause: string; readonly mediaUntil: number }
  /** It is there again; every connection has to be proven anew before a key goes. */
  | { readonly kind: 'returned' }
  /** It stayed away for too long: calls whose signalling it protects end. Comes once for each time it went. */
  | { readonly kind: 'given-up'; readonly cause: string };

/**
 * What the calls of one gateway may do while its protection comes and goes. SRTP needs no IPsec once it has its keys, so
 * media go on for a while; what needs signalling waits.
 */
export class ProtectionHold {
  /** Milliseconds for which media go on. */
  readonly #patience: number;
  readonly #deadlines = new Deadlines<'give-up'>();
  readonly #outputs: HoldOutput[] = [];
  #isProtected = false;
  #cause = '';

  constructor(patience: number) {
    this.#patience = patience;
  }

  get isProtected(): boolean {
    return this.#isProtected;
  }

  /** How it is now; `cause` says why where it is not. */
  observe(now: number, isProtected: boolean, cause: string): void {
    if (isProtected === this.#isProtected) return;
    this.#isProtected = isProtected;
    if (isProtected) {
      this.#deadlines.clearAll();
      this.#outputs.push({ kind: 'returned' });
      return;
    }
    this.#cause = cause;
    const mediaUntil = now + this.#patience;
    this.#deadlines.set('give-up', mediaUntil);
    this.#outputs.push({ kind: 'lost', cause, mediaUntil });
  }

  timeout(now: number): void {
    if (this.#deadlines.takeDue(now) === undefined) return;
    this.#outputs.push({ kind: 'given-up', cause: this.#cause });
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): HoldOutput | undefined {
    return this.#outputs.shift();
  }
}

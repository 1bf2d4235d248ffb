import { type AuditReport, cardsOf, type ReportCall } from '@trustline/audit';
import { printable, printFailure, type Terminal } from '../terminal.ts';

/** What is told while listening goes on. */
export class LiveWords {
  readonly #terminal: Terminal;
  readonly #isQuiet: boolean;
  /** The verdict that was told of each call, and how many card numbers. */
  readonly #told = new Map<string, { readonly verdict: string; readonly cards: number }>();
  readonly #limits = new Set<string>();
  #hasFailed = false;

  constructor(terminal: Terminal, isQuiet: boolean) {
    this.#terminal = terminal;
    this.#isQuiet = isQuiet;
  }

  line(text: string): void {
    if (!this.#isQuiet) this.#terminal.error(`${text}\n`);
  }

  look({ calls, limits }: AuditReport): void {
    if (this.#isQuiet) return;
    for (const call of calls) this.#call(call);
    for (const limit of limits) {
      const words = limit.replace(/^\d+ /, '');
      if (this.#limits.has(words)) continue;
      this.#limits.add(words);
      this.line(`Note: ${limit}`);
    }
  }

  failure(error: unknown): void {
    if (!this.#hasFailed) printFailure(this.#terminal, error);
    this.#hasFailed = true;
  }

  /** A call is said once, and again when its verdict is another, or a card number was keyed in. */
  #call(call: ReportCall): void {
    const { caller, called, start, verdict, because, streams } = call;
    const cards = cardsOf(call);
    const who = `${caller.number ?? caller.addresses[0] ?? '?'} → ${called.number ?? called.addresses[0] ?? '?'}`;
    const key = `${who} ${start ?? streams[0]?.ssrc ?? ''}`;
    const told = this.#told.get(key);
    if (told?.verdict === verdict && told.cards >= cards.length) return;
    this.#told.set(key, { verdict, cards: cards.length });
    const numbers = cards.length === 0 ? '' : ` Card: ${cards.map(({ digits }) => digits).join(', ')}`;
    this.#terminal.out(
      `${(start ?? '').slice(11, 19)}  ${verdict.padEnd(13)}  ${printable(who)}  ${printable(because + numbers)}\n`,
    );
  }
}

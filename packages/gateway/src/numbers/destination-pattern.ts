/** How a number stands to a pattern: it is one, it may become one with more digits, or it never will. */
export type PatternMatch = 'whole' | 'beginning' | 'none';

type Step = { readonly kind: 'digit'; readonly of: ReadonlySet<string>; readonly explicit: boolean };

/**
 * The numbers that a dial peer is for, as voice gateways write them: digits, `*` and `#` stand for themselves, `+` for the
 * plus of an international number, `.` for any digit, `[2-57]` for one of several, `(…)` round a part does nothing, and `T`
 * at the end for any further digits, none included, until the caller says that there are no more or a time has passed.
 */
export class DestinationPattern {
  readonly text: string;
  readonly #steps: readonly Step[];
  readonly #isOpen: boolean;

  private constructor(text: string, steps: readonly Step[], isOpen: boolean) {
    this.text = text;
    this.#steps = steps;
    this.#isOpen = isOpen;
  }

  /** Undefined for text that is no pattern. */
  static read(text: string): DestinationPattern | undefined {
    const isOpen = text.endsWith('T');
    const body = (isOpen ? text.slice(0, -1) : text).replaceAll(/[()]/g, '');
    const steps: Step[] = [];
    const tokens = /\+|[0-9*#]|\.|\[([0-9*#-]+)\]/y;
    for (let at = 0; at < body.length; at = tokens.lastIndex) {
      tokens.lastIndex = at;
      const token = tokens.exec(body);
      if (token === null || (token[0] === '+' && at > 0)) return undefined;
      const digits = token[1] === undefined ? charactersOf(token[0]) : rangeOf(token[1]);
      if (digits === undefined) return undefined;
      steps.push({ kind: 'digit', of: digits, explicit: token[1] === undefined && token[0] !== '.' });
    }
    return steps.length === 0 && !isOpen ? undefined : new DestinationPattern(text, steps, isOpen);
  }

  match(number: string): PatternMatch {
    for (let at = 0; at < Math.min(number.length, this.#steps.length); at++) {
      if (this.#steps[at]?.of.has(number[at] ?? '') !== true) return 'none';
    }
    if (number.length < this.#steps.length) return 'beginning';
    return this.#isOpen || number.length === this.#steps.length ? 'whole' : 'none';
  }

  /** Whether further digits would be part of a number that matches already. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many digits the pattern names itself: of two that match, the one that names more is the longer match. */
  get explicitDigits(): number {
    return this.#steps.filter(({ explicit }) => explicit).length;
  }

  /** The digits that the pattern names itself before the first that it leaves open. */
  get leadingDigits(): number {
    const first = this.#steps.findIndex(({ explicit }) => !explicit);
    return first === -1 ? this.#steps.length : first;
  }

  /** How many digits a number has at least. */
  get length(): number {
    return this.#steps.length;
  }
}

const dialable = '0123456789*#';

function charactersOf(token: string): ReadonlySet<string> {
  return new Set(token === '.' ? dialable : token);
}

function rangeOf(text: string): ReadonlySet<string> | undefined {
  const found = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    const first = text[at] ?? '';
    const last = text[at + 1] === '-' ? text[at + 2] : first;
    if (first === '-' || last === undefined || last < first) return undefined;
    for (const digit of dialable) if (digit >= first && digit <= last) found.add(digit);
    if (text[at + 1] === '-') at += 2;
  }
  return found;
}

/** A number within dialled digits that looks like that of a payment card. */
export interface CardNumber {
  readonly digits: string;
  /** Where in the digits it begins. */
  readonly at: number;
}

interface Issuer {
  /** The first digits, from and to, both of the same length. */
  readonly prefixes: readonly (readonly [number, number])[];
  readonly lengths: readonly number[];
  /** Of a length and prefix that few other numbers have: it is looked for within longer strings of digits, too. */
  readonly isDistinct: boolean;
}

const from16To19 = [16, 17, 18, 19];

/** Issuer identification numbers (ISO/IEC 7812) of the networks whose cards are in use, those of the usual lengths first. */
const issuers: readonly Issuer[] = [
  { prefixes: [[4, 4]], lengths: [16], isDistinct: true },
  {
    prefixes: [
      [51, 55],
      [2221, 2720],
    ],
    lengths: [16],
    isDistinct: true,
  },
  {
    prefixes: [
      [34, 34],
      [37, 37],
    ],
    lengths: [15],
    isDistinct: true,
  },
  {
    prefixes: [
      [6011, 6011],
      [644, 649],
      [65, 65],
    ],
    lengths: from16To19,
    isDistinct: true,
  },
  { prefixes: [[3528, 3589]], lengths: from16To19, isDistinct: true },
  {
    prefixes: [
      [62, 62],
      [81, 82],
      [60, 60],
      [508, 508],
    ],
    lengths: from16To19,
    isDistinct: true,
  },
  { prefixes: [[2200, 2204]], lengths: from16To19, isDistinct: true },
  {
    prefixes: [
      [9792, 9792],
      [5060, 5061],
    ],
    lengths: [16, 18, 19],
    isDistinct: true,
  },
  {
    prefixes: [
      [300, 305],
      [3095, 3095],
      [36, 36],
      [38, 39],
    ],
    lengths: [14, 15, 16, 17, 18, 19],
    isDistinct: false,
  },
  { prefixes: [[4, 4]], lengths: [19, 13], isDistinct: false },
  {
    prefixes: [
      [50, 50],
      [56, 59],
      [61, 61],
      [63, 64],
      [66, 69],
    ],
    lengths: [16, 19, 18, 17, 15, 14, 13, 12],
    isDistinct: false,
  },
];

/** What callers type behind the number without a sign between: nothing, a security code, an expiry date, both, a postal code. */
const usualRemainders: ReadonlySet<number> = new Set([0, 3, 4, 5, 7, 8]);

/** Longest string that is searched; beyond it nobody typed it as one. */
const LONGEST_SEARCHED = 10_000;

/**
 * The numbers among digits that pass Luhn's check (ISO/IEC 7812-1 annex B) and have the length and first digits of a card.
 * Of any number of such a length and prefix one in ten passes: it looks like a card, which is all that is said.
 */
export function cardNumbers(digits: string): readonly CardNumber[] {
  const found: CardNumber[] = [];
  for (const run of digits.slice(0, LONGEST_SEARCHED).matchAll(/[0-9]{12,}/g)) {
    for (let at = 0; at + 12 <= run[0].length; ) {
      const length = cardLength(run[0], at);
      if (length === undefined) {
        at++;
        continue;
      }
      found.push({ digits: run[0].slice(at, at + length), at: run.index + at });
      at += length;
    }
  }
  return found;
}

/** Digits of which all but the last two of each entry are hidden; `#`, `*` and the like part entries, and are shown. */
export function mask(digits: string): string {
  return digits.replaceAll(/[0-9]+/g, (entry) =>
    entry.length <= 2 ? '•'.repeat(entry.length) : '•'.repeat(entry.length - 2) + entry.slice(-2),
  );
}

/** How long the card's number is that begins here, if one does. */
function cardLength(run: string, at: number): number | undefined {
  for (const { prefixes, lengths, isDistinct } of issuers) {
    if (at > 0 && !isDistinct) continue;
    if (!prefixes.some(([low, high]) => isWithin(run, at, low, high))) continue;
    for (const length of lengths) {
      const remainder = run.length - at - length;
      if (remainder < 0 || (!isDistinct && !usualRemainders.has(remainder))) continue;
      if (passesLuhn(run, at, length)) return length;
    }
  }
  return undefined;
}

function isWithin(run: string, at: number, low: number, high: number): boolean {
  const prefix = Number(run.slice(at, at + String(low).length));
  return prefix >= low && prefix <= high;
}

function passesLuhn(run: string, at: number, length: number): boolean {
  let sum = 0;
  for (let place = 0; place < length; place++) {
    const digit = Number(run[at + length - 1 - place]);
    const doubled = place % 2 === 0 ? digit : 2 * digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  // Zeros alone pass, and are no card.
  return sum > 0 && sum % 10 === 0;
}

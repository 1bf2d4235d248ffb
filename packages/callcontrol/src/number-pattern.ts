import { CallControlError } from './error.ts';

/**
 * Number patterns, written as in Cisco's route patterns:
 *
 * | in a pattern | matches |
 * |---|---|
 * | `0`–`9` `*` `#` `A`–`D` `+` | itself (`\+` too, as Cisco writes it) |
 * | `X` | one digit 0–9 |
 * | `[2-9]` `[135]` `[^0-1]` | one character of (or outside) the set |
 * | `!` | one or more digits |
 * | `.` | nothing: it ends the access code, which a route may discard |
 *
 * Anything else in a pattern is an error, told when the pattern is read and not when somebody dials.
 */
export type NumberPattern = {
  readonly source: string;
  /** Position of each element; `many` is `!`. */
  readonly elements: readonly PatternElement[];
  /** How many elements stand before the `.`; 0 without one. */
  readonly accessCodeElements: number;
};

type PatternElement = {
  /** The characters that match, sorted. */
  readonly characters: string;
  readonly many: boolean;
};

/** What a pattern that cannot be read answers: the reason and where it is. */
export type PatternFault = { readonly reason: string; readonly offset: number };

/** How a number matched. `rest` is what stands behind the access code. */
export type PatternMatch = { readonly rest: string };

const digits = '0123456789';
const dialable = '0123456789*#ABCD+';
/** The longest number that is looked at; E.164 has 15 digits, access codes and feature codes make it longer. */
export const longestNumber = 48;
/** The longest pattern that is read. */
export const longestPattern = 96;

/** True when every character can be dialled and the length is within {@link longestNumber}. */
export function isDialable(number: string): boolean {
  if (number.length === 0 || number.length > longestNumber) return false;
  for (const character of number) if (!dialable.includes(character)) return false;
  return true;
}

/** Reads a pattern. Never throws: a pattern comes from a configuration file, and the caller names the key. */
export function parsePattern(source: string): NumberPattern | { readonly fault: PatternFault } {
  if (source.length === 0) return { fault: { reason: 'a pattern is empty', offset: 0 } };
  if (source.length > longestPattern) return { fault: { reason: 'a pattern is too long', offset: longestPattern } };
  const elements: PatternElement[] = [];
  let accessCodeElements: number | undefined;
  let at = 0;
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === '.') {
      if (accessCodeElements !== undefined) return { fault: { reason: 'a pattern has two dots', offset: at } };
      accessCodeElements = elements.length;
      at += 1;
    } else if (character === '[') {
      const end = source.indexOf(']', at);
      if (end === -1) return { fault: { reason: 'a set has no closing bracket', offset: at } };
      const characters = readSet(source.slice(at + 1, end));
      if (characters === undefined) return { fault: { reason: 'a set is empty or not of digits', offset: at } };
      elements.push({ characters, many: false });
      at = end + 1;
    } else if (character === 'X' || character === '!') {
      elements.push({ characters: digits, many: character === '!' });
      at += 1;
    } else if (character === '\\' && source.charAt(at + 1) === '+') {
      elements.push({ characters: '+', many: false });
      at += 2;
    } else if (dialable.includes(character)) {
      elements.push({ characters: character, many: false });
      at += 1;
    } else {
      return { fault: { reason: `'${character}' means nothing in a pattern`, offset: at } };
    }
  }
  if (elements.length === 0) return { fault: { reason: 'a pattern has no digits', offset: 0 } };
  return { source, elements, accessCodeElements: accessCodeElements ?? 0 };
}

function readSet(body: string): string | undefined {
  const negated = body.startsWith('^');
  const text = negated ? body.slice(1) : body;
  const members = new Set<string>();
  for (let at = 0; at < text.length; ) {
    const first = digits.indexOf(text.charAt(at));
    if (first === -1) return undefined;
    if (text.charAt(at + 1) !== '-') {
      members.add(text.charAt(at));
      at += 1;
      continue;
    }
    const last = at + 2 < text.length ? digits.indexOf(text.charAt(at + 2)) : -1;
    if (last < first) return undefined;
    for (const digit of digits.slice(first, last + 1)) members.add(digit);
    at += 3;
  }
  const characters = [...digits].filter((digit) => members.has(digit) !== negated).join('');
  return characters === '' ? undefined : characters;
}

/**
 * Matches a dialled number, whole. Linear in number × pattern whatever the pattern (a `!` is matched by sets of
 * positions, not by trying again), so no configuration makes dialling slow.
 */
export function matchPattern(pattern: NumberPattern, number: string): PatternMatch | undefined {
  if (!isDialable(number)) return undefined;
  // Element position → where the access code ended in the number, for every way to stand there.
  let standing = new Map<number, number | undefined>([[0, pattern.accessCodeElements === 0 ? 0 : undefined]]);
  for (let at = 0; at < number.length; at += 1) {
    const character = number.charAt(at);
    const next = new Map<number, number | undefined>();
    const step = (to: number, accessCode: number | undefined): void => {
      if (!next.has(to)) next.set(to, to === pattern.accessCodeElements && to !== 0 ? at + 1 : accessCode);
    };
    for (const [position, accessCode] of standing) {
      const element = pattern.elements[position];
      if (element?.characters.includes(character)) step(position + 1, accessCode);
      const before = pattern.elements[position - 1];
      if (before?.many && before.characters.includes(character)) step(position, accessCode);
    }
    if (next.size === 0) return undefined;
    standing = next;
  }
  if (!standing.has(pattern.elements.length)) return undefined;
  return { rest: number.slice(standing.get(pattern.elements.length) ?? 0) };
}

/** The numbers that match a pattern, in order; those of a pattern without end, or with more than `most`, are none. */
export function numbersOf({ elements }: NumberPattern, most: number): readonly string[] {
  if (elements.some(({ many }) => many)) return [];
  if (elements.reduce((count, { characters }) => count * characters.length, 1) > most) return [];
  return elements.reduce<readonly string[]>(
    (numbers, { characters }) => numbers.flatMap((number) => [...characters].map((next) => number + next)),
    [''],
  );
}

/** True where some number that begins with these digits, and has more of them, matches. Nothing dialled begins every number. */
export function continuesPattern(pattern: NumberPattern, digits: string): boolean {
  const { elements } = pattern;
  if (digits.length >= longestNumber) return false;
  let standing = new Set([0]);
  for (const character of digits) {
    const next = new Set<number>();
    for (const position of standing) {
      if (elements[position]?.characters.includes(character)) next.add(position + 1);
      const before = elements[position - 1];
      if (before?.many && before.characters.includes(character)) next.add(position);
    }
    if (next.size === 0) return false;
    standing = next;
  }
  return [...standing].some((position) => position < elements.length || elements[position - 1]?.many === true);
}

/**
 * Orders patterns as a dial plan tries them: the one that leaves fewest numbers open goes first, as in Cisco's
 * closest match. `!` is the most open; a shorter set is closer than a longer one; at the same place the left counts.
 */
export function comparePatterns(a: NumberPattern, b: NumberPattern): number {
  const openA = a.elements.filter((element) => element.many).length;
  const openB = b.elements.filter((element) => element.many).length;
  if (openA !== openB) return openA - openB;
  const length = Math.max(a.elements.length, b.elements.length);
  for (let at = 0; at < length; at += 1) {
    // An element more is a digit more to agree on, so the longer pattern is the closer.
    const difference =
      (a.elements[at]?.characters.length ?? dialable.length) - (b.elements[at]?.characters.length ?? dialable.length);
    if (difference !== 0) return difference;
  }
  return a.source < b.source ? -1 : a.source > b.source ? 1 : 0;
}

/**
 * Reads a pattern that has to be in order.
 *
 * @throws {CallControlError} callcontrol.pattern-malformed, naming the pattern and the place
 */
export function readPattern(source: string): NumberPattern {
  const pattern = parsePattern(source);
  if (!('fault' in pattern)) return pattern;
  const { reason, offset } = pattern.fault;
  throw new CallControlError('callcontrol.pattern-malformed', `The pattern '${source}' cannot be read: ${reason}`, {
    offset,
    nextStep: 'Use digits, * # +, X, [2-9], ! and at most one dot',
  });
}

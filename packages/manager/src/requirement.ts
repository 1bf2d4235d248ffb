import type { z } from 'zod';

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
};

/**
 * What a value that a schema refused has to be, in plain words: the validator's own speak of types, brackets and
 * unions. Without a full stop, so that more may follow.
 *
 * @param given the value that was refused; undefined where there was none
 */
export function requirement(issue: z.core.$ZodIssue, given: unknown): string {
  const wanted = wantedBy(issue, given);
  return given === undefined && issue.code.startsWith('invalid_') ? `It is missing. ${wanted}` : wanted;
}

function wantedBy(issue: z.core.$ZodIssue, given: unknown): string {
  switch (issue.code) {
    case 'invalid_value':
      return allowed(issue.values);
    case 'invalid_union': // of kinds that one key tells apart
      return 'options' in issue ? allowed(issue.options) : issue.message;
    case 'invalid_type': {
      // YAML and JSON read 1001 as a number, and a number written so loses its zeros and plus.
      const quotes = issue.expected === 'string' && typeof given === 'number' ? ': put it in quotes' : '';
      return `Allowed is ${kinds[issue.expected] ?? issue.expected}${quotes}`;
    }
    case 'too_small':
      if (issue.origin === 'array') return `At least ${counted(issue.minimum, 'item')} must be given`;
      if (issue.origin !== 'string') return `The least is ${issue.minimum}`;
      return issue.minimum === 1 ? 'It may not be empty' : `It has at least ${counted(issue.minimum, 'character')}`;
    case 'too_big':
      if (issue.origin === 'array') return `At most ${counted(issue.maximum, 'item')} may be given`;
      if (issue.origin !== 'string') return `The most is ${issue.maximum}`;
      return `It has at most ${counted(issue.maximum, 'character')}`;
    default:
      return issue.message;
  }
}

function allowed(values: readonly unknown[]): string {
  const words = values.map(String);
  const last = words.at(-1) ?? '';
  return words.length < 2 ? `Allowed is ${last}` : `Allowed are ${words.slice(0, -1).join(', ')} and ${last}`;
}

function counted(count: number | bigint, what: string): string {
  return `${count} ${what}${Number(count) === 1 ? '' : 's'}`;
}

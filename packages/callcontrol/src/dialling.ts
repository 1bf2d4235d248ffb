import { continuesPattern, matchPattern, type NumberPattern } from './number-pattern.ts';

/**
 * What a phone that sends digit by digit has dialled so far, as overlap sending needs to know it (Q.931 §5.1.3 calls the
 * same sending complete or not):
 *
 * | | a number | with more digits |
 * |---|---|---|
 * | `incomplete` | leads nowhere | may lead somewhere |
 * | `extendable` | leads somewhere | may lead elsewhere: the inter-digit timer decides, or `#` |
 * | `complete` | leads somewhere | leads nowhere, or is a number for help, which waits for nothing |
 * | `impossible` | leads nowhere | leads nowhere |
 */
export type DialledSoFar = 'incomplete' | 'extendable' | 'complete' | 'impossible';

export interface DialledNumbers {
  /** Rows that are there now. */
  readonly patterns: readonly NumberPattern[];
  /** Directory numbers and codes, whole. */
  readonly numbers: Iterable<string>;
  readonly isEmergency: (number: string) => boolean;
}

/** Says how far the digits have come. Who may dial what is asked when the number is whole. */
export function dialledSoFar(digits: string, { patterns, numbers, isEmergency }: DialledNumbers): DialledSoFar {
  if (isEmergency(digits)) return 'complete';
  let leads = patterns.some((pattern) => matchPattern(pattern, digits) !== undefined);
  let continues = patterns.some((pattern) => continuesPattern(pattern, digits));
  for (const number of numbers) {
    if (!number.startsWith(digits)) continue;
    if (number.length === digits.length) leads = true;
    else continues = true;
    if (leads && continues) break;
  }
  if (leads) return continues ? 'extendable' : 'complete';
  return continues ? 'incomplete' : 'impossible';
}

import { HeaderReader, parseDecimal, type SipParameter } from './grammar.ts';
import { headerValue } from './headers.ts';
import type { SipMessage } from './types.ts';

/** The largest number of seconds that is meant: RFC 3261 §20.19 gives Expires 2^32 - 1, and larger ones become it. */
export const MAXIMUM_SECONDS = 2 ** 32 - 1;

/**
 * Hops that are left, 0 to 255 (RFC 3261 §20.22); undefined if the header is absent.
 * A malformed value is 0: it must not let a request loop for ever.
 */
export function maxForwards(message: SipMessage): number | undefined {
  const value = headerValue(message, 'Max-Forwards');
  return value === undefined ? undefined : (parseDecimal(value, 255) ?? 0);
}

/**
 * Branches that a request may be forked to at once, here and further on, 0 to 255 (RFC 5393 §5.3.1); undefined if the header
 * is absent. A malformed value is 1.
 */
export function maxBreadth(message: SipMessage): number | undefined {
  const value = headerValue(message, 'Max-Breadth');
  return value === undefined ? undefined : (parseDecimal(value, 255) ?? 1);
}

/**
 * Seconds of `Expires` (or another header of that form). 'malformed' is told from absent (undefined): RFC 3261
 * §20.19 and §10.3 have a registrar treat it as 3600, and others refuse it.
 */
export function headerSeconds(message: SipMessage, name: string = 'Expires'): number | 'malformed' | undefined {
  const value = headerValue(message, name);
  return value === undefined ? undefined : (parseDecimal(value, MAXIMUM_SECONDS) ?? 'malformed');
}

/** RFC 3261 §20.33: `18000;duration=3600` or `120 (I'm in a meeting)`. */
export interface RetryAfter {
  readonly seconds: number;
  /** The text between parentheses, as written; undefined if there is none. */
  readonly comment: string | undefined;
  readonly parameters: readonly SipParameter[];
}

export function parseRetryAfter(value: string): RetryAfter | undefined {
  const reader = new HeaderReader(value);
  reader.skipSpace();
  const count = parseDecimal(reader.digits() ?? '', MAXIMUM_SECONDS);
  if (count === undefined) return undefined;
  reader.skipSpace();
  const comment = reader.comment();
  const parameters = reader.parameters();
  return parameters === undefined || !reader.done ? undefined : { seconds: count, comment, parameters };
}

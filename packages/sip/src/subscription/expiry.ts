import { parseDecimal } from '../message/grammar.ts';
import { headerValue } from '../message/headers.ts';
import { headerSeconds } from '../message/numbers.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';

/** How a SUBSCRIBE is answered. */
export interface SubscribeAnswer {
  readonly status: number;
  readonly headers: readonly SipHeader[];
}

/** How long subscriptions last, in seconds. */
export interface ExpiryRules {
  /** Shorter ones are answered 423 (RFC 6665 §4.2.1.1); it is an hour at most. */
  readonly minimum: number;
  /** Longer ones are shortened. */
  readonly maximum: number;
  /** Of a SUBSCRIBE that names none. */
  readonly default: number;
}

/** The seconds that a SUBSCRIBE is granted, or how it is refused. */
export type ExpiryGrant =
  | { readonly granted: true; readonly expires: number }
  | { readonly granted: false; readonly answer: SubscribeAnswer };

/** "[the notifier] MAY return a 423 (Interval Too Brief) [...] only when the expiration is smaller than the minimum, and not zero" (RFC 6665 §4.2.1.1). */
export function grantExpiry(request: SipRequest, rules: ExpiryRules): ExpiryGrant {
  const asked = headerSeconds(request, 'Expires');
  if (asked === 'malformed') return { granted: false, answer: { status: 400, headers: [] } };
  const wanted = asked ?? rules.default;
  if (wanted > 0 && wanted < rules.minimum) {
    const headers = [{ name: 'Min-Expires', value: String(rules.minimum) }];
    return { granted: false, answer: { status: 423, headers } };
  }
  return { granted: true, expires: Math.min(wanted, rules.maximum) };
}

/** What a 423 asks for at least. A minimum is an hour at most (RFC 6665 §4.2.1.1): more is no reason to ask for it. */
export function minimumExpires(response: SipResponse): number | undefined {
  const minimum = parseDecimal(headerValue(response, 'Min-Expires') ?? '');
  return minimum === undefined || minimum > 3_600 ? undefined : minimum;
}

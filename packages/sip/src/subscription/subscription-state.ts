import { formatParameters, HeaderReader, parameterValue, parseDecimal, type SipParameter } from '../message/grammar.ts';
import { headerValue } from '../message/headers.ts';
import { MAXIMUM_SECONDS } from '../message/numbers.ts';
import type { SipMessage } from '../message/types.ts';

/** Why a subscription is over (RFC 6665 §4.1.3). */
export const subscriptionReasons = [
  'deactivated',
  'probation',
  'rejected',
  'timeout',
  'giveup',
  'noresource',
  'invariant',
] as const;
export type SubscriptionReason = (typeof subscriptionReasons)[number];

/** What a NOTIFY says of its subscription (RFC 6665 §8.2.3). */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated`, or an extension. */
  readonly state: string;
  /** Only of a terminated one: a {@link SubscriptionReason} or an extension. */
  readonly reason: string | undefined;
  /** Seconds that are left. */
  readonly expires: number | undefined;
  /** Seconds before which the subscriber should not come again. */
  readonly retryAfter: number | undefined;
  /** All others. */
  readonly parameters: readonly SipParameter[];
}

const own = new Set(['reason', 'expires', 'retry-after']);

export function parseSubscriptionState(value: string): SubscriptionState | undefined {
  const reader = new HeaderReader(value);
  reader.skipSpace();
  const state = reader.token();
  const parameters = reader.parameters();
  if (state === undefined || parameters === undefined || !reader.done) return undefined;
  return {
    state: state.toLowerCase(),
    reason: parameterValue(parameters, 'reason')?.toLowerCase(),
    expires: seconds(parameters, 'expires'),
    retryAfter: seconds(parameters, 'retry-after'),
    parameters: parameters.filter(({ name }) => !own.has(name.toLowerCase())),
  };
}

export function formatSubscriptionState({ state, reason, expires, retryAfter, parameters }: SubscriptionState): string {
  return (
    state +
    formatParameters([
      ...(reason === undefined ? [] : [{ name: 'reason', value: reason }]),
      ...(expires === undefined ? [] : [{ name: 'expires', value: String(expires) }]),
      ...(retryAfter === undefined ? [] : [{ name: 'retry-after', value: String(retryAfter) }]),
      ...parameters,
    ])
  );
}

/** The Subscription-State of a NOTIFY; undefined where it is absent or cannot be read: that is answered 400. */
export function subscriptionStateOf(message: SipMessage): SubscriptionState | undefined {
  return parseSubscriptionState(headerValue(message, 'Subscription-State') ?? '');
}

function seconds(parameters: readonly SipParameter[], name: string): number | undefined {
  return parseDecimal(parameterValue(parameters, name) ?? '', MAXIMUM_SECONDS);
}

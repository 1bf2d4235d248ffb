import type { SecurityPolicy } from '@trustline/evidence';
import type { Cause } from './causes.ts';
import type { Forwarding } from './directory.ts';

/** Why a call was sent on, as RFC 5806 §4.1 names it. */
export type DiversionReason = 'unconditional' | 'user-busy' | 'no-answer' | 'unavailable' | 'deflection' | 'unknown';

/** One step of a call from the number it was for to another. */
export interface Diversion {
  readonly from: string;
  readonly to: string;
  readonly reason: DiversionReason;
}

/** Steps of one call at most: further ones lead in a circle, or to nobody. */
export const mostDiversions = 6;

/** Numbers that the called of one call may send it to, all in all: each may name several, which may do the same. */
export const mostRedirections = 10;

/** Numbers that a called has named in place of taking the call, and that are still to be tried. */
export interface Redirection {
  /** The number that it was called by. */
  readonly from: string;
  /** With whose rights the numbers are dialled. */
  readonly rights: { readonly device: string; readonly line: string };
  /** Still to be tried, the one wanted most first. */
  readonly left: string[];
  /** How many steps had led there. */
  readonly diversions: number;
}

const forwardedBy: Readonly<
  Partial<Record<Cause, { readonly reason: DiversionReason; readonly key: keyof Forwarding }>>
> = {
  'user-busy': { reason: 'user-busy', key: 'busy' },
  // Whoever declines sends the call where it goes while he talks.
  'call-rejected': { reason: 'user-busy', key: 'busy' },
  'no-answer': { reason: 'no-answer', key: 'noAnswer' },
  'no-user-responding': { reason: 'no-answer', key: 'noAnswer' },
  'subscriber-absent': { reason: 'unavailable', key: 'unregistered' },
  'destination-out-of-order': { reason: 'unavailable', key: 'unregistered' },
};

/** Where a line sends a call that it does not take for this cause. */
export function forwardedTo(
  forwarding: Forwarding | undefined,
  cause: Cause,
): { readonly to: string; readonly reason: DiversionReason } | undefined {
  const by = forwardedBy[cause];
  const to = by === undefined ? undefined : forwarding?.[by.key];
  return by === undefined || typeof to !== 'string' ? undefined : { to, reason: by.reason };
}

const strictness: Readonly<Record<SecurityPolicy, number>> = { prefer: 0, forbid: 1, require: 2 };

/** A call that is sent on keeps the strictest policy of its way: encryption that was required once stays so. */
export function strictest(one: SecurityPolicy, other: SecurityPolicy): SecurityPolicy {
  return strictness[one] >= strictness[other] ? one : other;
}

import type { SecurityPolicy } from '@trustline/evidence';
import type { Cause } from './causes.ts';
import type { OfferedSecurity } from './media.ts';
import { type DeviceSecurityMode, isConfidential, type LegProtection } from './protection.ts';

/** One end as policy sees it. */
export interface PolicyEnd {
  readonly mode: DeviceSecurityMode;
  readonly signalling: LegProtection['signalling'];
  /** A gateway is told its keys in signalling that is proven to be inside IPsec, and otherwise none. */
  readonly isGateway?: boolean;
}

/** A refusal, in the words of a leg and of the operator. */
export interface Refusal {
  readonly kind: 'refuse';
  readonly cause: Cause;
  /** For the far end: one sentence, naming nobody. */
  readonly warning: string;
  readonly event: 'call-refused' | 'unprotected-keys-refused';
  /** What keeps the two from having keys; absent where none were offered. */
  readonly obstacle?: DowngradeReason;
}

/** A reason why a call that asked for keys goes on without them. */
export type DowngradeReason =
  /** The keys came over signalling that anyone could have read. */
  | 'keys-unprotected'
  /** The offering device's security mode allows no SRTP. */
  | 'mode-forbids-keys'
  /** The route's policy is `forbid`. */
  | 'policy-forbids-keys'
  /** The other end can have no keys: its mode or its signalling forbids them. */
  | 'other-end-incapable'
  /** The other end is a gateway, and nothing proves that its signalling is protected. */
  | 'gateway-not-proven';

/** What becomes of an offer from one end towards another. */
export type PolicyDecision =
  | Refusal
  /** Offer SRTP onward; `retryInClear` says whether a 488 from the other end may be followed by an offer of RTP. */
  | { readonly kind: 'secure'; readonly retryInClear: boolean }
  /** Offer RTP onward and answer without keys; `downgrade` says why when keys were offered. */
  | { readonly kind: 'clear'; readonly downgrade: DowngradeReason | undefined };

/**
 * Decides about an offer: the whole of security policy, one pure function.
 *
 * A device's mode bounds what it may use; keys count only over protected signalling. `require` refuses whatever would
 * be clear; `forbid` allows no keys; `prefer` takes keys where both ends can have them. An SAVP offer is answered with
 * keys or refused (a relay may stand between: `media-path.ts`); an AVP offer that carries keys may be answered with or without.
 */
export function decide(
  policy: SecurityPolicy,
  offered: OfferedSecurity,
  offerer: PolicyEnd,
  answerer: PolicyEnd,
): PolicyDecision {
  const obstacle = offered === 'clear' ? undefined : obstacleToKeys(policy, offerer, answerer);
  if (offered !== 'clear' && obstacle === undefined) {
    return { kind: 'secure', retryInClear: policy === 'prefer' && offered === 'clear-with-keys' };
  }
  // Under `require` nothing ever becomes clear.
  if (policy === 'require') return refuseRequired(obstacle);
  if (offered === 'secure' && obstacle !== undefined) return refuseSecure(obstacle);
  return { kind: 'clear', downgrade: obstacle };
}

/**
 * Decides before a late offer: whether the answerer-to-be may be asked at all. The offer that it then makes goes
 * through {@link decide} with the ends exchanged.
 */
export function decideLateOffer(policy: SecurityPolicy, caller: PolicyEnd, called: PolicyEnd): Refusal | undefined {
  const obstacle = obstacleToKeys(policy, called, caller);
  if (policy !== 'require' || obstacle === undefined) return undefined;
  // Seen from the one who will offer, the other end is the caller.
  if (obstacle === 'other-end-incapable') return refuseRequired(obstacle, 'the caller cannot use SRTP');
  // It has offered nothing yet: no key of it has come over signalling without protection.
  const incapable = called.isGateway === true ? 'gateway-not-proven' : 'other-end-incapable';
  return refuseRequired(obstacle === 'keys-unprotected' ? incapable : obstacle);
}

/** Whether it is the other end alone that keeps the two from having keys. */
export function isOtherEnds(obstacle: DowngradeReason | undefined): boolean {
  return obstacle === 'other-end-incapable' || obstacle === 'gateway-not-proven';
}

/** Why the two can have no keys between them; undefined where they can. */
export function obstacleToKeys(
  policy: SecurityPolicy,
  offerer: PolicyEnd,
  answerer: PolicyEnd,
): DowngradeReason | undefined {
  if (!isConfidential(offerer.signalling)) return 'keys-unprotected';
  if (offerer.mode !== 'encrypted') return 'mode-forbids-keys';
  if (policy === 'forbid') return 'policy-forbids-keys';
  if (answerer.isGateway === true && !isConfidential(answerer.signalling)) return 'gateway-not-proven';
  if (answerer.mode !== 'encrypted' || !isConfidential(answerer.signalling)) return 'other-end-incapable';
  return undefined;
}

const toTheGateway = 'IPsec to the gateway';

const obstacleWords: Readonly<Record<DowngradeReason, string>> = {
  'keys-unprotected': 'media keys came over signalling that is not protected and are not used',
  'mode-forbids-keys': 'the security mode of the offering device allows no SRTP',
  'policy-forbids-keys': 'the route forbids SRTP',
  'other-end-incapable': 'the other end cannot use SRTP',
  'gateway-not-proven': `${toTheGateway} is not proven, so it is given no keys`,
};

/** A reason in words; names nobody. */
export function downgradeWords(reason: DowngradeReason): string {
  return obstacleWords[reason];
}

/** The words of a refusal for those who may read which gateway it is. */
export function namingGateway(words: string, gateway: string): string {
  return words.replace(toTheGateway, `IPsec to ${gateway}`);
}

function refuseRequired(
  obstacle: DowngradeReason | undefined,
  why = obstacle === undefined ? 'none was offered' : obstacleWords[obstacle],
): Refusal {
  return {
    kind: 'refuse',
    cause: 'security-required',
    warning: `Encryption is required and ${why}`,
    event: obstacle === 'keys-unprotected' ? 'unprotected-keys-refused' : 'call-refused',
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

function refuseSecure(obstacle: DowngradeReason): Refusal {
  return {
    kind: 'refuse',
    cause: 'not-acceptable-here',
    warning: `RTP/SAVP is not possible: ${obstacleWords[obstacle]}; RTP/AVP may be offered`,
    event: obstacle === 'keys-unprotected' ? 'unprotected-keys-refused' : 'call-refused',
    obstacle,
  };
}

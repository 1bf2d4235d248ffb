import type { CallRecordLeg, Proof, SecurityLevel, SignallingProtection } from '@trustline/evidence';
import { isEncrypted, type MediaDescription } from './media.ts';

/** What a device may use at most: non-secure neither TLS nor SRTP, authenticated TLS without SRTP, encrypted both. */
export type DeviceSecurityMode = 'non-secure' | 'authenticated' | 'encrypted';

/** How the signalling of a leg is carried and protected, and who its far end proved to be. */
export interface LegProtection {
  readonly protocol: CallRecordLeg['protocol'];
  readonly signalling: SignallingProtection;
  readonly proof: Proof;
  /** The certificate's subject, the digest user name, the peer's IPsec identity; absent when nothing was proved. */
  readonly provenIdentity?: string;
  /** Address and port of the signalling peer. */
  readonly remoteAddress?: string;
  /** It is how the leg is to be protected, which its connection has yet to prove: until then nothing is said to be so. */
  readonly awaitsProof?: true;
}

/** What is known of the protection of a leg, for records and people: nothing of it while its connection has not proven it. */
export function knownProtection({ awaitsProof, ...protection }: LegProtection): LegProtection {
  if (awaitsProof !== true) return protection;
  const { protocol, remoteAddress } = protection;
  return { protocol, signalling: 'none', proof: 'none', ...(remoteAddress === undefined ? {} : { remoteAddress }) };
}

/** True when what is signalled on the leg, keys among it, cannot be read on the way. */
export function isConfidential(signalling: SignallingProtection): boolean {
  return signalling !== 'none';
}

/** True when keys may be given to, and taken from, this device on this leg. */
export function mayUseKeys(mode: DeviceSecurityMode, protection: LegProtection): boolean {
  return mode === 'encrypted' && isConfidential(protection.signalling);
}

/**
 * The level of one leg: non-secure unless the signalling is protected and the far end proved who it is; encrypted when
 * moreover everything it receives and everything it sends is SRTP. `media` is what the leg said last and `told` what
 * it was told last; before both are known the leg is at most authenticated.
 */
export function legLevel(
  mode: DeviceSecurityMode,
  protection: LegProtection,
  media: MediaDescription | undefined,
  told: MediaDescription | undefined,
): SecurityLevel {
  const { signalling, proof } = knownProtection(protection);
  if (mode === 'non-secure' || !isConfidential(signalling) || proof === 'none') return 'non-secure';
  if (mode === 'authenticated' || media === undefined || told === undefined) return 'authenticated';
  return isEncrypted(media) && isEncrypted(told) ? 'encrypted' : 'authenticated';
}

/** The host of an address with its port: `192.0.2.1:5061`, `[2001:db8::1]:5061`. */
export function hostOf(authority: string | undefined): string | undefined {
  return authority === undefined ? undefined : /^\[?([^\]]*?)\]?(?::\d+)?$/.exec(authority)?.[1];
}

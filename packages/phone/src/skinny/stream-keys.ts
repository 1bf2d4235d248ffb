import { createHash } from 'node:crypto';
import { MediaEncryptionAlgorithm, type MediaEncryptionKeyInfo } from '@trustline/sccp';
import type { DirectionKeys } from '@trustline/srtp';
import { type SrtpProfileName, srtpProfiles } from '@trustline/srtp';
import type { MediaSecurity } from '../call/security.ts';

/** What a stream is to be protected with: keys, `clear` said, or why this phone does not take it so. */
export type StreamProtection = DirectionKeys | 'clear' | { readonly refused: string };

export interface StreamPolicy {
  readonly security: MediaSecurity;
  /** Suites that may be used; all that Skinny can carry without. */
  readonly suites: readonly SrtpProfileName[] | undefined;
  /** Whether the connection to the manager is TLS: a key that came over another one is everybody's. */
  readonly signallingIsProtected: boolean;
}

const profiles: ReadonlyMap<number, SrtpProfileName> = new Map<number, SrtpProfileName>([
  [MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_32, 'AES_CM_128_HMAC_SHA1_32'],
  [MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_80, 'AES_CM_128_HMAC_SHA1_80'],
  [MediaEncryptionAlgorithm.CCM_AEAD_AES_128_GCM, 'AEAD_AES_128_GCM'],
]);

/** The suites that Skinny can carry: its place for a key has 16 octets, and its list of algorithms these. */
export const skinnySuites: readonly SrtpProfileName[] = [...profiles.values()];

/** RFC 4568 §6.3.1: a power of two up to 2^24, or never. */
const LONGEST_DERIVATION = 2 ** 24;

/** Reads how the manager wants a stream protected. The keys are a copy: the caller clears them after use. */
export function streamProtection(info: MediaEncryptionKeyInfo, policy: StreamPolicy): StreamProtection {
  const { algorithmID, isMKIPresent, keyDerivationRate } = info;
  if (algorithmID === MediaEncryptionAlgorithm.NO_ENCRYPTION) {
    if (policy.security !== 'require') return 'clear';
    return refused('The manager wants this call without SRTP, which this phone demands');
  }
  if (!policy.signallingIsProtected) return refused('Keys came over a connection that is not TLS');
  const profile = profiles.get(algorithmID);
  if (profile === undefined || policy.suites?.includes(profile) === false) {
    return refused('The manager wants a crypto suite that this phone does not take');
  }
  // Nothing in the protocol says which identifier the packets carry.
  if (isMKIPresent !== 0) return refused('The manager wants a master key identifier and does not say which');
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  const [key, salt] = [info.key.reveal(), info.salt.reveal()];
  const isWhole = key.byteLength === masterKeyLength && salt.byteLength === masterSaltLength;
  if (!isWhole) return refused('A key from the manager has not the length of its suite');
  if (key.every((octet) => octet === 0)) return refused('A key from the manager is nothing but zeros');
  if (!isDerivationRate(keyDerivationRate)) return refused('The manager wants a key derivation rate that there is not');
  const hash = createHash('sha256').update(key).update(salt).digest('hex');
  return {
    profile,
    masterKeys: [{ key: key.slice(), salt: salt.slice() }],
    keyDerivationRate,
    fingerprint: `${profile} ${keyDerivationRate} ${hash}`,
  };
}

/** Overwrites the keys that a message brought. */
export function forgetKeys({ key, salt }: MediaEncryptionKeyInfo): void {
  key.reveal().fill(0);
  salt.reveal().fill(0);
}

function isDerivationRate(rate: number): boolean {
  return rate === 0 || (rate <= LONGEST_DERIVATION && Number.isInteger(Math.log2(rate)));
}

function refused(reason: string): StreamProtection {
  return { refused: reason };
}

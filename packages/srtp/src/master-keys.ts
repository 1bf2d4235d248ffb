import type { SrtpCryptoProvider } from './crypto-provider.ts';
import { SrtpError } from './error.ts';
import { SessionKeyDerivation } from './key-derivation.ts';
import { SRTCP_INDEX_LIMIT, SRTP_INDEX_LIMIT } from './packet-index.ts';
import { createRtcpTransform, createRtpTransform, type PacketTransform } from './packet-transform.ts';
import { type SrtpProfile, srtpProfiles } from './profiles.ts';

/** A master key as the key exchange delivered it. It is read once; clear your copy when the context is made. */
export interface SrtpMasterKey {
  /** As long as the profile says: 16, 24 or 32 octets. */
  readonly key: Uint8Array;
  /** As long as the profile says: 14 octets. */
  readonly salt: Uint8Array;
  /** Master key identifier, 1 to 128 octets, appended to every packet; absent when none was agreed. */
  readonly mki?: Uint8Array;
  /** How many SRTP packets, and how many SRTCP packets, this key may protect; 2^48 and 2^31 at most and by default. */
  readonly lifetime?: number;
}

/** Longest MKI (RFC 4568 §6.1). */
export const MAXIMUM_MKI_LENGTH = 128;
/** Master keys one context holds at a time. */
export const MAXIMUM_MASTER_KEYS = 16;

/** One master key in use: its session keys and what it has protected so far. */
export class ActiveKey {
  readonly mki: Uint8Array;
  readonly rtp: PacketTransform;
  readonly rtcp: PacketTransform;
  readonly rtpLifetime: number;
  readonly rtcpLifetime: number;
  rtpPackets = 0;
  rtcpPackets = 0;

  constructor(provider: SrtpCryptoProvider, profile: SrtpProfile, master: SrtpMasterKey) {
    this.mki = Uint8Array.from(master.mki ?? []);
    this.rtpLifetime = Math.min(master.lifetime ?? SRTP_INDEX_LIMIT, SRTP_INDEX_LIMIT);
    this.rtcpLifetime = Math.min(master.lifetime ?? SRTCP_INDEX_LIMIT, SRTCP_INDEX_LIMIT);
    const derivation = new SessionKeyDerivation(provider, master.key, master.salt);
    this.rtp = createRtpTransform(provider, profile, derivation);
    this.rtcp = createRtcpTransform(provider, profile, derivation);
    derivation.close();
  }

  close(): void {
    this.rtp.close();
    this.rtcp.close();
  }
}

/** Checks the options that senders and receivers share and derives the session keys. */
export function activateKeys(
  provider: SrtpCryptoProvider,
  profile: SrtpProfile,
  masterKeys: readonly SrtpMasterKey[],
): readonly [ActiveKey, ...ActiveKey[]] {
  if (masterKeys.length > MAXIMUM_MASTER_KEYS) {
    throw invalid(`masterKeys: at most ${MAXIMUM_MASTER_KEYS} keys, not ${masterKeys.length}`);
  }
  const [first, ...others] = masterKeys;
  if (first === undefined) throw invalid('masterKeys: at least one key is needed, none came');
  for (const [position, master] of masterKeys.entries()) checkMasterKey(profile, master, position, first);
  const identifiers = new Set(masterKeys.map((master) => (master.mki ?? []).join('.')));
  if (identifiers.size !== masterKeys.length) {
    throw invalid('masterKeys: every key has an mki of its own where there are several', 'RFC 3711 §8.1');
  }
  return [new ActiveKey(provider, profile, first), ...others.map((master) => new ActiveKey(provider, profile, master))];
}

export function profileNamed(name: string): SrtpProfile {
  const profile = Object.hasOwn(srtpProfiles, name) ? srtpProfiles[name as keyof typeof srtpProfiles] : undefined;
  if (profile === undefined) {
    throw invalid(`profile: one of ${Object.keys(srtpProfiles).join(', ')}, not ${JSON.stringify(name)}`);
  }
  return profile;
}

/** An integer option within its range, or the error that names it. */
export function integerOption(name: string, value: number, minimum: number, maximum: number, section?: string): number {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw invalid(`${name}: an integer from ${minimum} to ${maximum}, not ${value}`, section);
  }
  return value;
}

function checkMasterKey(profile: SrtpProfile, master: SrtpMasterKey, position: number, first: SrtpMasterKey): void {
  const name = `masterKeys[${position}]`;
  checkLength(`${name}.key`, master.key, profile.masterKeyLength, profile);
  checkLength(`${name}.salt`, master.salt, profile.masterSaltLength, profile);
  if (master.mki !== undefined) {
    integerOption(`${name}.mki length`, master.mki.byteLength, 1, MAXIMUM_MKI_LENGTH, 'RFC 4568 §6.1');
  }
  if (master.mki?.byteLength !== first.mki?.byteLength) {
    throw invalid(`${name}.mki: as long as that of every other key`, 'RFC 3711 §3.1');
  }
  if (master.lifetime !== undefined) {
    integerOption(`${name}.lifetime`, master.lifetime, 1, SRTP_INDEX_LIMIT, 'RFC 3711 §9.2');
  }
}

function checkLength(name: string, value: Uint8Array, expected: number, profile: SrtpProfile): void {
  if (value.byteLength !== expected) {
    throw invalid(`${name}: ${expected} octets for ${profile.name}, not ${value.byteLength}`, 'RFC 3711 §8.2');
  }
}

function invalid(message: string, section?: string): SrtpError {
  return new SrtpError('srtp.invalid-option', message, section);
}

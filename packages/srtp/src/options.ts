import type { CryptexMode } from './cryptex.ts';
import type { SrtpCryptoProvider } from './crypto-provider.ts';
import {
  arrayOption,
  booleanOption,
  choiceOption,
  functionOption,
  integerOption,
  invalid,
  knownNames,
  optionsObject,
  providerOption,
} from './option-checks.ts';
import { type SrtpProfile, type SrtpProfileName, srtpProfiles } from './profiles.ts';
import { CARRIED_LENGTH, type RolloverCounterCarriage } from './rollover-carriage.ts';

/** A master key as the key exchange delivered it. It is read once; clear your copy when the context is made. */
export interface SrtpMasterKey {
  /** As long as the profile says: 16, 24 or 32 octets. */
  readonly key: Uint8Array;
  /** As long as the profile says: 14 octets, 12 for AES-GCM. */
  readonly salt: Uint8Array;
  /** Master key identifier, 1 to 128 octets, appended to every packet; absent when none was agreed. */
  readonly mki?: Uint8Array;
  /** How many SRTP packets, and how many SRTCP packets, this key may protect; 2^48 and 2^31 at most and by default. */
  readonly lifetime?: number;
}

/** What both ends of a stream have to agree on, and what crypto performs it. */
export interface SrtpContextOptions {
  readonly profile: SrtpProfileName;
  /** `hybridCrypto()` or `nodeCrypto` of `@trustline/srtp/node`, or what `loadWasmCrypto()` gives. */
  readonly crypto: SrtpCryptoProvider;
  /** One key, or several that differ in their MKI. */
  readonly masterKeys: readonly SrtpMasterKey[];
  /** Session keys are derived anew after that many packets: 0 for never (default), or a power of two up to 2^24. */
  readonly keyDerivationRate?: number;
  /**
   * How SRTCP's place in the key derivation is read where the rate is not 0: with 48 bits by erratum 3712 (default), or
   * with 32 as RFC 3711 §4.3.2 is printed.
   */
  readonly srtcpKeyDerivation?: 'erratum-3712' | 'as-printed';
  /** SRTP leaves the payload clear (UNENCRYPTED_SRTP, RFC 4568 §6.3.2). Default false. */
  readonly unencryptedRtp?: boolean;
  /** SRTCP leaves reports clear (UNENCRYPTED_SRTCP); a receiver takes both then. Default false. */
  readonly unencryptedRtcp?: boolean;
  /** SRTP has no tag (UNAUTHENTICATED_SRTP, RFC 4568 §6.3.3): anybody can change packets unnoticed. Default false. */
  readonly unauthenticatedRtp?: boolean;
  /** Identifiers of header extension elements to encrypt (RFC 6904). Default none. */
  readonly encryptedHeaderExtensions?: readonly number[];
  /** Whether header extensions and CSRC lists are encrypted whole (RFC 9335). Default `off`. */
  readonly cryptex?: CryptexMode;
  /** Carries the rollover counter in tags (RFC 4771). Default not. */
  readonly rolloverCounterCarriage?: RolloverCounterCarriage;
  /** Is told once for each key and protocol when few packets are left to it. */
  readonly onKeyWarning?: (warning: SrtpKeyWarning) => void;
  /** How many packets are few. Default 2^16. */
  readonly keyWarningAt?: number;
}

/** The end of a master key's life is near: agree on a new one. */
export interface SrtpKeyWarning {
  readonly protocol: 'rtp' | 'rtcp';
  /** Empty where there is no MKI. */
  readonly mki: Uint8Array;
  /** Packets that the key may still protect. */
  readonly remaining: number;
}

export const DEFAULT_KEY_WARNING_AT = 65_536;

/** Options that can be written down: all but functions and secrets. */
const portableNames = [
  'profile',
  'keyDerivationRate',
  'srtcpKeyDerivation',
  'unencryptedRtp',
  'unencryptedRtcp',
  'unauthenticatedRtp',
  'encryptedHeaderExtensions',
  'cryptex',
  'rolloverCounterCarriage',
  'keyWarningAt',
  'maximumStreams',
  'replayWindow',
  'reorderWindow',
  'atMaximumStreams',
  'rolloverCounterSearch',
] as const;

export type PortableOptions = Omit<SrtpContextOptions, 'crypto' | 'masterKeys' | 'onKeyWarning'>;

/** Those of the options given that can be written down. */
export function portableOptions(options: SrtpContextOptions): PortableOptions {
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const entries = portableNames.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]));
  return Object.fromEntries(entries) as PortableOptions;
}

/** The options with defaults in place, checked. */
export interface CheckedOptions {
  readonly profile: SrtpProfile;
  readonly crypto: SrtpCryptoProvider;
  readonly keyDerivationRate: number;
  readonly quotientBits: 32 | 48;
  readonly clearRtp: boolean;
  readonly clearRtcp: boolean;
  readonly unauthenticatedRtp: boolean;
  readonly encryptedHeaderExtensions: ReadonlySet<number> | undefined;
  readonly cryptex: CryptexMode;
  readonly carriage: RolloverCounterCarriage | undefined;
  readonly onKeyWarning: ((warning: SrtpKeyWarning) => void) | undefined;
  readonly keyWarningAt: number;
}

/** @throws {SrtpError} srtp.invalid-option, naming the option */
export function checkOptions(options: SrtpContextOptions): CheckedOptions {
  optionsObject('options', options);
  knownNames('options', options, [...portableNames, 'crypto', 'masterKeys', 'onKeyWarning']);
  providerOption(options.crypto);
  functionOption('onKeyWarning', options.onKeyWarning);
  const profile = profileNamed(options.profile);
  const { keyDerivationRate = 0, rolloverCounterCarriage, keyWarningAt } = options;
  integerOption('keyDerivationRate', keyDerivationRate, 0, 2 ** 24, 'RFC 3711 §4.3.1');
  if (keyDerivationRate > 0 && !Number.isInteger(Math.log2(keyDerivationRate))) {
    throw invalid(`keyDerivationRate: 0 or a power of two, not ${keyDerivationRate}`, 'RFC 3711 §4.3.1');
  }
  const derivation = choiceOption('srtcpKeyDerivation', options.srtcpKeyDerivation, ['erratum-3712', 'as-printed']);
  const cryptex = choiceOption('cryptex', options.cryptex, ['off', 'enabled', 'required'], 'RFC 9335 §4');
  const unauthenticatedRtp = booleanOption('unauthenticatedRtp', options.unauthenticatedRtp);
  const encryptedHeaderExtensions = checkIdentifiers(options.encryptedHeaderExtensions);
  if (profile.encryption === 'galois' && unauthenticatedRtp) {
    throw invalid(`unauthenticatedRtp: ${profile.name} always authenticates`, 'RFC 7714 §14.2');
  }
  if (encryptedHeaderExtensions !== undefined && cryptex !== 'off') {
    throw invalid('encryptedHeaderExtensions: not together with cryptex', 'RFC 9335 §4');
  }
  const clearRtp = booleanOption('unencryptedRtp', options.unencryptedRtp) || profile.encryption === 'none';
  const clearRtcp = booleanOption('unencryptedRtcp', options.unencryptedRtcp) || profile.encryption === 'none';
  if (cryptex !== 'off' && clearRtp) {
    throw invalid('cryptex: not where SRTP leaves packets unencrypted', 'RFC 9335 §6');
  }
  checkCarriage(rolloverCounterCarriage, profile, unauthenticatedRtp);
  return {
    profile,
    crypto: options.crypto,
    keyDerivationRate,
    quotientBits: derivation === 'as-printed' ? 32 : 48,
    clearRtp,
    clearRtcp,
    unauthenticatedRtp,
    encryptedHeaderExtensions,
    cryptex,
    carriage: rolloverCounterCarriage,
    onKeyWarning: options.onKeyWarning,
    keyWarningAt: integerOption('keyWarningAt', keyWarningAt ?? DEFAULT_KEY_WARNING_AT, 0, 2 ** 48),
  };
}

function checkIdentifiers(identifiers: readonly number[] | undefined): ReadonlySet<number> | undefined {
  if (identifiers === undefined) return undefined;
  arrayOption('encryptedHeaderExtensions', identifiers);
  if (identifiers.length === 0) return undefined;
  for (const identifier of identifiers) {
    integerOption('encryptedHeaderExtensions', identifier, 1, 255, 'RFC 8285 §4.3');
  }
  return new Set(identifiers);
}

function checkCarriage(
  carriage: RolloverCounterCarriage | undefined,
  profile: SrtpProfile,
  unauthenticated: boolean,
): void {
  if (carriage === undefined) return;
  optionsObject('rolloverCounterCarriage', carriage);
  knownNames('rolloverCounterCarriage', carriage, ['mode', 'rate']);
  integerOption('rolloverCounterCarriage.mode', carriage.mode, 1, 3, 'RFC 4771 §2');
  integerOption('rolloverCounterCarriage.rate', carriage.rate, 1, 65_535, 'RFC 4771 §2');
  if (profile.encryption === 'galois') {
    throw invalid(`rolloverCounterCarriage: not with ${profile.name}, whose tag cannot be shortened`, 'RFC 4771 §2');
  }
  if (carriage.mode !== 3 && profile.rtpTagLength <= CARRIED_LENGTH) {
    throw invalid(
      `rolloverCounterCarriage: mode ${carriage.mode} leaves no authentication in the tag of ${profile.name}`,
      'RFC 4771 §4',
    );
  }
  if (carriage.mode !== 3 && unauthenticated) {
    throw invalid('unauthenticatedRtp: use mode 3 of rolloverCounterCarriage', 'RFC 4771 §2');
  }
}

export function profileNamed(name: string): SrtpProfile {
  const profile = Object.hasOwn(srtpProfiles, name) ? srtpProfiles[name as SrtpProfileName] : undefined;
  if (profile === undefined) {
    throw invalid(`profile: one of ${Object.keys(srtpProfiles).join(', ')}, not ${JSON.stringify(name)}`);
  }
  return profile;
}

import { type H235, type H235Srtp, type H245, SRTP_CAPABILITY, schema, srtpSuiteOf } from '@trustline/h323';
import { type SrtpProfileName, srtpProfiles } from '@trustline/srtp';
import type { MediaKeying } from '../../model/leg.ts';
import type { KeySource, MediaKey } from '../../model/media-key.ts';

/** How a channel is protected, by its type of data. */
export interface ChannelProtection {
  readonly keying: readonly MediaKeying[];
  readonly suites: readonly string[];
  /** Of each suite of H.235.8 that is named, what it leaves out. */
  readonly offered: readonly OfferedSuite[];
}

interface OfferedSuite {
  /** Undefined for a suite whose identifier means nothing here, or more than one thing. */
  readonly profile: SrtpProfileName | undefined;
  readonly unencryptedSrtp: boolean;
  readonly unencryptedSrtcp: boolean;
  readonly unauthenticatedSrtp: boolean;
}

/** A channel nothing of which is known but its number. */
export const unknownProtection: ChannelProtection = { keying: [], suites: [], offered: [] };

const noProtection: ChannelProtection = { keying: ['none'], suites: [], offered: [] };

const suitesCodec = schema.codec<H235Srtp.SrtpCryptoCapability>('H235-SRTP', 'SrtpCryptoCapability');
const keysCodec = schema.codec<H235Srtp.SrtpKeys>('H235-SRTP', 'SrtpKeys');
const h235KeyCodec = schema.codec<H235.H235Key>('H235-SECURITY-MESSAGES', 'H235Key');

/** Algorithms of H.235.6, which encrypts the payload of RTP. */
const algorithms: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.1.2': 'AES-128',
  '2.16.840.1.101.3.4.1.22': 'AES-192',
  '2.16.840.1.101.3.4.1.42': 'AES-256',
  '1.3.14.3.2.7': 'DES',
  '1.2.840.113549.3.7': 'Triple DES',
};

/** What a type of data says of its protection. */
export function protectionOf(dataType: H245.DataType): ChannelProtection {
  if (dataType.kind === 'encryptionData') return { keying: [], suites: ['H.233'], offered: [] };
  if (dataType.kind !== 'h235Media') return noProtection;
  return securityOf(dataType.value.encryptionAuthenticationAndIntegrity);
}

/** What a security capability names, of a channel or of a set of capabilities. */
export function securityOf(security: H245.EncryptionAuthenticationAndIntegrity): ChannelProtection {
  const { encryptionCapability, genericH235SecurityCapability: generic, dtlsSecurityCapability } = security;
  const offered = generic === undefined ? [] : srtpSuitesOf(generic);
  const ciphers = (encryptionCapability ?? []).map((one) =>
    one.kind === 'algorithm' ? (algorithms[one.value] ?? one.value) : 'another algorithm',
  );
  return {
    keying: [
      ...(offered.length > 0 ? (['h235.8'] as const) : []),
      ...(ciphers.length > 0 ? (['h235.6'] as const) : []),
      ...(dtlsSecurityCapability === undefined ? [] : (['dtls-srtp'] as const)),
    ],
    suites: [...offered.map(({ name }) => name), ...ciphers.map((cipher) => `H.235.6 ${cipher}`)],
    offered,
  };
}

function srtpSuitesOf({
  capabilityIdentifier,
  nonCollapsingRaw,
}: H245.GenericCapability): readonly (OfferedSuite & { readonly name: string })[] {
  if (capabilityIdentifier.kind !== 'standard' || capabilityIdentifier.value !== SRTP_CAPABILITY) return [];
  const decoded = nonCollapsingRaw === undefined ? undefined : suitesCodec.decode(nonCollapsingRaw);
  if (decoded?.ok !== true) return [{ name: 'H.235.8', ...whole, profile: undefined }];
  return decoded.value.map(({ cryptoSuite, sessionParams = {} }) => {
    const profile = cryptoSuite === undefined ? undefined : srtpSuiteOf(cryptoSuite);
    return {
      name: profile ?? `H.235.8 ${cryptoSuite ?? 'without a suite'}`,
      profile,
      unencryptedSrtp: sessionParams.unencryptedSrtp === true,
      unencryptedSrtcp: sessionParams.unencryptedSrtcp === true,
      unauthenticatedSrtp: sessionParams.unauthenticatedSrtp === true,
    };
  });
}

const whole = { unencryptedSrtp: false, unencryptedSrtcp: false, unauthenticatedSrtp: false };

/** Suites that a key may be of where none that is known is named, by the lengths of key and salt. */
const likelyProfiles: readonly SrtpProfileName[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'F8_128_HMAC_SHA1_80',
];

/**
 * The keys that stand in a channel, in either form of H.235.8 §8.2: each of them for every suite that it may be of. None
 * where they are under a key that was agreed on elsewhere, as those of H.235.6.
 */
export function keysOf(
  sync: H245.EncryptionSync | undefined,
  { offered }: ChannelProtection,
  source: KeySource,
): readonly MediaKey[] {
  const octets = sync?.h235Key.reveal();
  if (octets === undefined) return [];
  const material = genericKeyMaterial(octets) ?? octets;
  const decoded = keysCodec.decode(material);
  if (!decoded.ok || decoded.end !== material.byteLength) return [];
  const known = offered.filter(({ profile }) => profile !== undefined);
  const suites = known.length > 0 ? known : likelyProfiles.map((profile) => ({ ...whole, ...offered[0], profile }));
  return decoded.value.flatMap((one) => {
    const [masterKey, masterSalt] = [one.masterKey.reveal().slice(), one.masterSalt.reveal().slice()];
    const mki = one.mki === undefined ? {} : { mki: one.mki.value.slice() };
    return suites.flatMap(({ profile, unencryptedSrtp, unencryptedSrtcp, unauthenticatedSrtp }): MediaKey[] => {
      if (profile === undefined) return [];
      const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
      if (masterKey.byteLength !== masterKeyLength || masterSalt.byteLength !== masterSaltLength) return [];
      const left = {
        ...(unencryptedSrtp ? { unencryptedSrtp } : {}),
        ...(unencryptedSrtcp ? { unencryptedSrtcp } : {}),
        ...(unauthenticatedSrtp ? { unauthenticatedSrtp } : {}),
      };
      return [{ profile, masterKey, masterSalt, ...mki, ...left, source }];
    });
  });
}

/** A direct form begins with how many keys there are, so its first octet is below 0x80, where this CHOICE has its bit. */
function genericKeyMaterial(octets: Uint8Array): Uint8Array | undefined {
  if ((octets[0] ?? 0) < 0x80) return undefined;
  const decoded = h235KeyCodec.decode(octets);
  if (!decoded.ok || decoded.value.kind !== 'secureSharedSecret') return undefined;
  return decoded.value.value.genericKeyMaterial?.reveal();
}

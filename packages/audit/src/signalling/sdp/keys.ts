import { type CryptoAttribute, parseCryptoAttribute, type SdesKey, sdesSuiteNamed } from '@trustline/keying';
import { type SrtpProfileName, srtpProfiles } from '@trustline/srtp';
import type { KeySource, MediaKey } from '../../model/media-key.ts';

/** What one `a=crypto` line gives. */
export interface HeardCrypto {
  /** As it was written. */
  readonly suite: string;
  readonly keys: readonly MediaKey[];
}

/** Lines of one description that are read. */
export const MOST_CRYPTO_LINES = 32;
const MOST_KEYS_OF_A_LINE = 16;
const LONGEST_MKI = 128;

/** Suites that RFC 4568 does not name and that encrypt nothing, or leave out the tag, as some stacks write them. */
const otherProfiles: Readonly<Record<string, { readonly profile: SrtpProfileName; readonly unauthenticated?: true }>> =
  {
    NULL_HMAC_SHA1_80: { profile: 'NULL_HMAC_SHA1_80' },
    NULL_HMAC_SHA1_32: { profile: 'NULL_HMAC_SHA1_32' },
    NULL_CIPHER_HMAC_SHA1_80: { profile: 'NULL_HMAC_SHA1_80' },
    NULL_CIPHER_HMAC_SHA1_32: { profile: 'NULL_HMAC_SHA1_32' },
    AES_CM_128_NULL_AUTH: { profile: 'AES_CM_128_HMAC_SHA1_80', unauthenticated: true },
    AES_256_CM_NULL_AUTH: { profile: 'AES_256_CM_HMAC_SHA1_80', unauthenticated: true },
  };

/**
 * The keys of one `a=crypto` value (RFC 4568 §9.1). What a careful end refuses (keys of zeros, lifetimes out of range,
 * base64 with loose ends) is read all the same: whoever listens tries it.
 */
export function readCrypto(value: string, source: KeySource): HeardCrypto | undefined {
  const parsed = parseCryptoAttribute(value);
  if (parsed.kind === 'crypto' && parsed.suite !== undefined) return fromAttribute(parsed, parsed.suite.name, source);
  return readLoosely(value, source);
}

/** The keys of an attribute that was parsed. */
export function fromAttribute(attribute: CryptoAttribute, profile: SrtpProfileName, source: KeySource): HeardCrypto {
  const has = (kind: string) => attribute.sessionParameters.some((parameter) => parameter.kind === kind);
  const rate = attribute.sessionParameters.find((parameter) => parameter.kind === 'key-derivation-rate');
  const { masterKeyLength } = srtpProfiles[profile];
  const terms = {
    ...(has('unencrypted-srtp') ? { unencryptedSrtp: true } : {}),
    ...(has('unencrypted-srtcp') ? { unencryptedSrtcp: true } : {}),
    ...(has('unauthenticated-srtp') ? { unauthenticatedSrtp: true } : {}),
    ...(rate?.kind === 'key-derivation-rate' ? { keyDerivationRate: 2 ** rate.exponent } : {}),
  };
  const keys = attribute.keys.map(({ material, mki }: SdesKey): MediaKey => {
    const octets = material.reveal();
    return {
      profile,
      masterKey: octets.slice(0, masterKeyLength),
      masterSalt: octets.slice(masterKeyLength),
      ...(mki === undefined ? {} : { mki }),
      ...terms,
      source,
    };
  });
  return { suite: attribute.suiteName, keys };
}

/** `[tag] suite inline:key|…;inline:key|… PARAMETERS`; Cisco's X-crypto of MGCP has no tag. */
function readLoosely(value: string, source: KeySource): HeardCrypto | undefined {
  const found = /^(?:\d+\s+)?([A-Za-z][\w-]*)(?:\s+(\S+))?(.*)$/s.exec(value);
  if (found === null) return undefined;
  const [, suite = '', keyText = '', parameters = ''] = found;
  const other = otherProfiles[suite.toUpperCase()];
  const profile = sdesSuiteNamed(suite)?.name ?? other?.profile;
  if (profile === undefined) return { suite, keys: [] };
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  const terms = {
    ...(/UNENCRYPTED_SRTP\b/i.test(parameters) ? { unencryptedSrtp: true } : {}),
    ...(/UNENCRYPTED_SRTCP\b/i.test(parameters) ? { unencryptedSrtcp: true } : {}),
    ...(/UNAUTHENTICATED_SRTP\b/i.test(parameters) || other?.unauthenticated ? { unauthenticatedSrtp: true } : {}),
  };
  const keys: MediaKey[] = [];
  for (const part of keyText.split(';', MOST_KEYS_OF_A_LINE)) {
    const inline = /^(?:inline:)?([A-Za-z0-9+/_-]+)={0,2}(.*)$/i.exec(part);
    const octets = inline === null ? undefined : looseBase64(inline[1] ?? '');
    if (octets === undefined || octets.length < masterKeyLength + masterSaltLength) continue;
    const mki = mkiOf(inline?.[2] ?? '');
    keys.push({
      profile,
      masterKey: octets.slice(0, masterKeyLength),
      masterSalt: octets.slice(masterKeyLength, masterKeyLength + masterSaltLength),
      ...(mki === undefined ? {} : { mki }),
      ...terms,
      source,
    });
  }
  return { suite, keys };
}

/** `k=base64:…` or `k=clear:…` (RFC 4566 §5.12): a master key with its salt, as who had no a=crypto yet wrote them for SRTP. */
export function readKeyLine(value: string, source: KeySource): HeardCrypto | undefined {
  const [, method = '', text = ''] = /^(base64|clear):(\S+)/i.exec(value) ?? [];
  if (method === '') return undefined;
  const profile = 'AES_CM_128_HMAC_SHA1_80';
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  const octets =
    method.toLowerCase() === 'clear' ? new TextEncoder().encode(text) : looseBase64(text.replace(/=+$/, ''));
  const suite = `k=${method.toLowerCase()}`;
  if (octets === undefined || octets.length < masterKeyLength + masterSaltLength) return { suite, keys: [] };
  const masterKey = octets.slice(0, masterKeyLength);
  const masterSalt = octets.slice(masterKeyLength, masterKeyLength + masterSaltLength);
  const key = { masterKey, masterSalt, source };
  return {
    suite,
    keys: [
      { profile, ...key },
      { profile: 'AES_CM_128_HMAC_SHA1_32', ...key },
    ],
  };
}

function looseBase64(text: string): Uint8Array | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  const usable = plain.length % 4 === 1 ? plain.slice(0, -1) : plain;
  try {
    return Uint8Array.from(atob(usable), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** `|1:4` at the end, or Lync's `|2^31|1:1`. */
function mkiOf(text: string): Uint8Array | undefined {
  const found = /\|(\d{1,309}):(\d{1,3})\s*$/.exec(text);
  const length = Number(found?.[2] ?? 0);
  if (found === null || length < 1 || length > LONGEST_MKI) return undefined;
  let rest = BigInt(found[1] ?? '0');
  const mki = new Uint8Array(length);
  for (let at = length - 1; at >= 0; at--) {
    mki[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return mki;
}

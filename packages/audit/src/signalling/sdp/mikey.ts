import { ByteReader } from '@trustline/base';
import { type SrtpProfileName, srtpProfiles } from '@trustline/srtp';
import type { KeySource, MediaKey } from '../../model/media-key.ts';
import type { HeardCrypto } from './keys.ts';

/** Payloads of MIKEY (RFC 3830 §6.1). */
const payloadTypes = { last: 0, kemac: 1, timestamp: 5, identity: 6, certificate: 7, policy: 10, random: 11 } as const;
/** What stands in place of a suite. */
export const MIKEY = 'MIKEY';
const MOST_PAYLOADS = 32;
const MOST_KEYS = 16;
const NULL_ENCRYPTION = 0;
/** Of the map of crypto sessions to SRTP (RFC 3830 §6.1.1): policy, SSRC and rollover counter of each. */
const MAP_ENTRY = 9;
const DIGEST = 20;

/** What the policy says of SRTP (RFC 3830 §6.10.1), by the numbers of its parameters. */
type Policy = ReadonlyMap<number, number>;
const parameters = { encryption: 0, keyLength: 1, isEncrypted: 7, tagLength: 11 } as const;

/**
 * The keys of SRTP in a MIKEY message that encrypts nothing (the NULL algorithm, as streamers have it): `mikey ` and base64, as
 * `a=key-mgmt` has it (RFC 4567 §3). Undefined for what is none; without keys where they are encrypted, or are to be derived.
 */
export function readMikey(value: string, source: KeySource): HeardCrypto | undefined {
  const text = /^\s*mikey\s+([A-Za-z0-9+/]+)={0,2}\s*$/i.exec(value)?.[1];
  if (text === undefined) return undefined;
  try {
    const octets = Uint8Array.from(atob(text.length % 4 === 1 ? text.slice(0, -1) : text), (one) => one.charCodeAt(0));
    return { suite: MIKEY, keys: keysIn(octets, source) };
  } catch {
    return { suite: MIKEY, keys: [] };
  }
}

/** @throws where the message ends before what it announces. */
function keysIn(octets: Uint8Array, source: KeySource): readonly MediaKey[] {
  const reader = new ByteReader(octets);
  if (reader.u8() !== 1) return [];
  reader.skip(1);
  let next = reader.u8();
  reader.skip(1 + 4);
  const sessions = reader.u8();
  const map = reader.u8();
  if (map === 0) reader.skip(sessions * MAP_ENTRY);
  let policy: Policy = new Map();
  const found: KeyData[] = [];
  for (let payloads = 0; next !== payloadTypes.last && payloads < MOST_PAYLOADS; payloads++) {
    const type = next;
    next = reader.u8();
    switch (type) {
      case payloadTypes.kemac: {
        const encryption = reader.u8();
        const data = reader.take(reader.u16());
        if (encryption === NULL_ENCRYPTION) found.push(...keyData(new ByteReader(data)));
        if (reader.u8() !== 0) reader.skip(DIGEST);
        break;
      }
      case payloadTypes.timestamp:
        reader.skip(reader.u8() === 2 ? 4 : 8);
        break;
      case payloadTypes.random:
        reader.skip(reader.u8());
        break;
      case payloadTypes.policy: {
        reader.skip(1);
        const isOfSrtp = reader.u8() === 0;
        const read = policyIn(new ByteReader(reader.take(reader.u16())));
        if (isOfSrtp) policy = read;
        break;
      }
      case payloadTypes.identity:
      case payloadTypes.certificate:
        reader.skip(1);
        reader.skip(reader.u16());
        break;
      default:
        next = payloadTypes.last;
    }
  }
  return found.slice(0, MOST_KEYS).flatMap((data) => mediaKey(data, policy, source));
}

interface KeyData {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly mki: Uint8Array | undefined;
}

/** Keys of the traffic itself (RFC 3830 §6.13); of those that others are derived from nothing is told. */
function* keyData(reader: ByteReader): Generator<KeyData> {
  for (let count = 0; reader.remaining > 0 && count < MOST_KEYS; count++) {
    const next = reader.u8();
    const kinds = reader.u8();
    const [type, validity] = [kinds >> 4, kinds & 0x0f];
    const key = reader.take(reader.u16());
    const hasSalt = (type & 1) === 1;
    const salt = hasSalt ? reader.take(reader.u16()) : new Uint8Array(0);
    const mki = validity === 1 ? reader.take(reader.u8()) : undefined;
    if (validity === 2) for (let bound = 0; bound < 2; bound++) reader.skip(reader.u8());
    if (type >= 2) yield { key, salt, mki };
    if (next === payloadTypes.last) return;
  }
}

function policyIn(reader: ByteReader): Policy {
  const policy = new Map<number, number>();
  while (reader.remaining >= 2) {
    const type = reader.u8();
    const value = reader.take(reader.u8());
    policy.set(
      type,
      value.reduce((sum, octet) => 256 * sum + octet, 0),
    );
  }
  return policy;
}

function mediaKey({ key, salt, mki }: KeyData, policy: Policy, source: KeySource): readonly MediaKey[] {
  const profile = profileOf(policy);
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  const material = Uint8Array.of(...key, ...salt);
  if (material.byteLength < masterKeyLength + masterSaltLength) return [];
  return [
    {
      profile,
      masterKey: material.slice(0, masterKeyLength),
      masterSalt: material.slice(masterKeyLength, masterKeyLength + masterSaltLength),
      ...(mki === undefined || mki.byteLength === 0 ? {} : { mki }),
      ...(policy.get(parameters.isEncrypted) === 0 ? { unencryptedSrtp: true } : {}),
      source,
    },
  ];
}

function profileOf(policy: Policy): SrtpProfileName {
  const isShort = policy.get(parameters.tagLength) === 4;
  if (policy.get(parameters.encryption) === 0) return isShort ? 'NULL_HMAC_SHA1_32' : 'NULL_HMAC_SHA1_80';
  if (policy.get(parameters.keyLength) === 32) return isShort ? 'AES_256_CM_HMAC_SHA1_32' : 'AES_256_CM_HMAC_SHA1_80';
  return isShort ? 'AES_CM_128_HMAC_SHA1_32' : 'AES_CM_128_HMAC_SHA1_80';
}

import type { Redacted } from '@trustline/base';
import { MediaEncryptionAlgorithm, type MediaEncryptionKeyInfo, MediaPayloadType } from '@trustline/sccp';
import { type SrtpProfileName, srtpProfiles } from '@trustline/srtp';
import type { MediaCodec } from '../../model/leg.ts';
import type { KeySource, MediaKey } from '../../model/media-key.ts';

const codecNames = new Map<number, string>(Object.entries(MediaPayloadType).map(([name, value]) => [value, name]));
const suiteNames = new Map<number, string>(
  Object.entries(MediaEncryptionAlgorithm).map(([name, value]) => [value, name.replace(/^CCM_/, '')]),
);

/** Codecs with an RTP payload type of their own (RFC 3551 table 4). Those without one say it nowhere in Skinny. */
const staticCodecs = new Map<number, MediaCodec>([
  [MediaPayloadType.G711Alaw64k, { payloadType: 8, name: 'PCMA', clockRate: 8_000 }],
  [MediaPayloadType.G711Alaw56k, { payloadType: 8, name: 'PCMA', clockRate: 8_000 }],
  [MediaPayloadType.G711Ulaw64k, { payloadType: 0, name: 'PCMU', clockRate: 8_000 }],
  [MediaPayloadType.G711Ulaw56k, { payloadType: 0, name: 'PCMU', clockRate: 8_000 }],
  [MediaPayloadType.G722_64k, { payloadType: 9, name: 'G722', clockRate: 8_000 }],
  [MediaPayloadType.G722_56k, { payloadType: 9, name: 'G722', clockRate: 8_000 }],
  [MediaPayloadType.G722_48k, { payloadType: 9, name: 'G722', clockRate: 8_000 }],
  [MediaPayloadType.G7231, { payloadType: 4, name: 'G723', clockRate: 8_000 }],
  [MediaPayloadType.G728, { payloadType: 15, name: 'G728', clockRate: 8_000 }],
  [MediaPayloadType.G729, { payloadType: 18, name: 'G729', clockRate: 8_000 }],
  [MediaPayloadType.G729AnnexA, { payloadType: 18, name: 'G729', clockRate: 8_000 }],
  [MediaPayloadType.G729AnnexB, { payloadType: 18, name: 'G729', clockRate: 8_000 }],
  [MediaPayloadType.G729AnnexAwAnnexB, { payloadType: 18, name: 'G729', clockRate: 8_000 }],
  [MediaPayloadType.GSM, { payloadType: 3, name: 'GSM', clockRate: 8_000 }],
  [MediaPayloadType.GSM_Full_Rate, { payloadType: 3, name: 'GSM', clockRate: 8_000 }],
  [MediaPayloadType.H261, { payloadType: 31, name: 'H261', clockRate: 90_000 }],
  [MediaPayloadType.H263, { payloadType: 34, name: 'H263', clockRate: 90_000 }],
]);
const VIDEO_CLOCK_RATE = 90_000;

/** `G711Ulaw64k`, or `codec 77` for one that has no name. */
export function codecName(compressionType: number): string {
  return codecNames.get(compressionType) ?? `codec ${compressionType}`;
}

/** What a stream of audio carries, as far as its payload types are known. */
export function audioCodecs(compressionType: number, telephoneEventPayloadType: number | undefined): MediaCodec[] {
  const found = staticCodecs.get(compressionType);
  const events = telephoneEventPayloadType ?? 0;
  return [
    ...(found === undefined ? [] : [found]),
    ...(events < 96 || events > 127 ? [] : [{ payloadType: events, name: 'telephone-event', clockRate: 8_000 }]),
  ];
}

/** What a stream of video carries; its payload type is said. */
export function videoCodecs(compressionType: number, payloadType: number): MediaCodec[] {
  const found = staticCodecs.get(compressionType);
  if (payloadType < 96 || payloadType > 127) return found === undefined ? [] : [found];
  return [{ payloadType, name: codecName(compressionType), clockRate: VIDEO_CLOCK_RATE }];
}

/** How a stream is protected by what a message says: suite, and key where both are those of a profile that is known. */
export interface StreamProtection {
  /** Undefined for a stream in the clear. */
  readonly suite: string | undefined;
  readonly keys: readonly MediaKey[];
}

const profiles = new Map<number, SrtpProfileName>([
  [MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_32, 'AES_CM_128_HMAC_SHA1_32'],
  [MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_80, 'AES_CM_128_HMAC_SHA1_80'],
  [MediaEncryptionAlgorithm.CCM_F8_128_HMAC_SHA1_80, 'F8_128_HMAC_SHA1_80'],
  [MediaEncryptionAlgorithm.CCM_AEAD_AES_128_GCM, 'AEAD_AES_128_GCM'],
]);

export function protectionOf(info: MediaEncryptionKeyInfo, source: KeySource): StreamProtection {
  const { algorithmID, key, salt } = info;
  if (algorithmID === MediaEncryptionAlgorithm.NO_ENCRYPTION) return { suite: undefined, keys: [] };
  const suite = suiteNames.get(algorithmID) ?? `algorithm ${algorithmID}`;
  const profile = profiles.get(algorithmID);
  if (profile === undefined) return { suite, keys: [] };
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  const masterKey = octetsOf(key, masterKeyLength);
  const masterSalt = octetsOf(salt, masterSaltLength);
  if (masterKey === undefined || masterSalt === undefined) return { suite, keys: [] };
  return { suite, keys: [{ profile, masterKey, masterSalt, source }] };
}

/** A key as long as its suite has it. Some managers give a salt the whole of its place, with zeros at the end. */
function octetsOf(secret: Redacted<Uint8Array>, length: number): Uint8Array | undefined {
  const octets = secret.reveal();
  if (octets.byteLength < length || octets.subarray(length).some((octet) => octet !== 0)) return undefined;
  return octets.slice(0, length);
}

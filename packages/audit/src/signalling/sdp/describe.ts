import { attributeValue, attributeValues, parseRtpMap, type SdpAttribute, staticRtpMap } from '@trustline/sip';
import type { LegEnd, MediaCodec, MediaDescription, MediaKeying } from '../../model/leg.ts';
import type { KeySource, MediaKey } from '../../model/media-key.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import { candidateAddresses, comparableAddress, rtcpOf } from './addresses.ts';
import { MOST_CRYPTO_LINES, readCrypto, readKeyLine } from './keys.ts';
import { MIKEY, readMikey } from './mikey.ts';
import type { HeardMedia, HeardSession } from './session.ts';

/** Who described media, and where. */
export interface DescribedBy {
  readonly place: PacketPlace;
  readonly end: LegEnd;
  /** Of the keys that stand in it. */
  readonly source: KeySource;
}

/** Codecs that one description keeps. */
const MOST_CODECS = 64;
const MOST_FINGERPRINTS = 16;
const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
/** Attributes that say the same as `a=crypto`: of Cisco's MGCP, and within capabilities (RFC 3407). */
const cryptoNames = new Set(['crypto', 'x-crypto']);

/** What a session description says of each of its media. */
export function describeMedia(session: HeardSession, by: DescribedBy): readonly MediaDescription[] {
  return session.media.map((media) => describe(session, media, by));
}

function describe(session: HeardSession, media: HeardMedia, { place, end, source }: DescribedBy): MediaDescription {
  const leader = bundleLeader(session, media);
  const address = comparableAddress(media.connection ?? session.connection ?? session.origin ?? '');
  const receives =
    leader === undefined ? { address, port: media.port } : { address: leader.connection ?? address, port: leader.port };
  const rtcp = rtcpOf(media.attributes, receives);
  const own = candidateAddresses(media.attributes);
  const candidates = own.length > 0 || leader === undefined ? own : candidateAddresses(leader.attributes);
  const { keys, suites } = keysOf(session, media, source);
  const fingerprints = fingerprintsOf(session, media, leader);
  return {
    place,
    end,
    kind: kindOf(media.type),
    receives,
    ...(rtcp === undefined ? {} : { rtcp }),
    ...(candidates.length === 0 ? {} : { candidates }),
    profile: boundedText(media.protocol) ?? '',
    direction: directionOf(media.attributes) ?? directionOf(session.attributes) ?? 'sendrecv',
    codecs: codecsOf(media),
    keying: keyingOf(
      session,
      media,
      suites.some((suite) => suite !== MIKEY),
      fingerprints.length > 0,
    ),
    keys,
    suites,
    ...(fingerprints.length === 0 ? {} : { fingerprints }),
  };
}

function kindOf(type: string): MediaDescription['kind'] {
  return type === 'audio' || type === 'video' || type === 'image' ? type : 'other';
}

function directionOf(attributes: readonly SdpAttribute[]): MediaDescription['direction'] | undefined {
  return directions.find((direction) => attributes.some(({ name }) => name.toLowerCase() === direction));
}

/** The media whose transport another one uses (RFC 9143), where that one says no port of its own. */
function bundleLeader(session: HeardSession, media: HeardMedia): HeardMedia | undefined {
  const isOnlyBundled = attributeValue(media.attributes, 'bundle-only') !== undefined;
  if (media.port !== 9 && !(media.port === 0 && isOnlyBundled)) return undefined;
  const mid = attributeValue(media.attributes, 'mid');
  for (const group of attributeValues(session.attributes, 'group')) {
    const [semantics, first, ...others] = group.split(/\s+/);
    if (semantics !== 'BUNDLE' || mid === undefined || !others.includes(mid)) continue;
    return session.media.find(({ attributes }) => attributeValue(attributes, 'mid') === first);
  }
  return undefined;
}

function codecsOf({ protocol, formats, attributes }: HeardMedia): readonly MediaCodec[] {
  if (!/RTP/i.test(protocol)) return [];
  const named = new Map<number, MediaCodec>();
  for (const value of attributeValues(attributes, 'rtpmap')) {
    // A rate that cannot be read is taken for the usual one rather than the codec for none.
    const map = parseRtpMap(value) ?? parseRtpMap(`${value.replace(/\/.*$/s, '')}/8000`);
    if (map === undefined || named.has(map.payloadType)) continue;
    const { payloadType, encoding, clockRate } = map;
    named.set(payloadType, { payloadType, name: boundedText(encoding) ?? '', clockRate });
  }
  const found: MediaCodec[] = [];
  for (const format of formats) {
    if (found.length === MOST_CODECS || !/^\d{1,3}$/.test(format)) continue;
    const map = staticRtpMap(Number(format));
    const codec =
      named.get(Number(format)) ??
      (map === undefined ? undefined : { payloadType: map.payloadType, name: map.encoding, clockRate: map.clockRate });
    if (codec !== undefined) found.push(codec);
  }
  return found;
}

/** `a=crypto` as it stands, and where it is only a capability (RFC 5939 §3.4.1 `acap`, RFC 3407 `cpar`, Cisco's `X-cpar`). */
function cryptoLines(attributes: readonly SdpAttribute[]): readonly string[] {
  return attributes.flatMap(({ name, value = '' }) => {
    const lower = name.toLowerCase();
    if (cryptoNames.has(lower)) return [value];
    if (lower === 'acap') return /^\d+\s+crypto:\s*(.*)$/is.exec(value)?.slice(1, 2) ?? [];
    if (lower === 'cpar' || lower === 'x-cpar') return /^\s*a=(?:X-)?crypto:\s*(.*)$/is.exec(value)?.slice(1, 2) ?? [];
    return [];
  });
}

function keysOf(
  session: HeardSession,
  media: HeardMedia,
  source: KeySource,
): { readonly keys: readonly MediaKey[]; readonly suites: readonly string[] } {
  const attributes = [...session.attributes, ...media.attributes];
  const keys: MediaKey[] = [];
  const suites: string[] = [];
  const lines = cryptoLines(attributes).slice(0, MOST_CRYPTO_LINES);
  const messages = managementOf(attributes).slice(0, MOST_CRYPTO_LINES);
  for (const crypto of [
    ...lines.map((line) => readCrypto(line, source)),
    ...messages.map((message) => readMikey(message, source)),
    readKeyLine(media.key ?? session.key ?? '', source),
  ]) {
    if (crypto === undefined) continue;
    suites.push(boundedText(crypto.suite) ?? '');
    keys.push(...crypto.keys);
  }
  return { keys, suites };
}

function fingerprintsOf(session: HeardSession, media: HeardMedia, leader: HeardMedia | undefined): readonly string[] {
  const of = (attributes: readonly SdpAttribute[]) => [
    ...attributeValues(attributes, 'fingerprint'),
    ...capabilities(attributes, 'fingerprint'),
  ];
  const own = of(media.attributes);
  const found = own.length > 0 ? own : [...of(leader?.attributes ?? []), ...of(session.attributes)];
  return found.slice(0, MOST_FINGERPRINTS).map((fingerprint) => boundedText(fingerprint) ?? '');
}

function capabilities(attributes: readonly SdpAttribute[], name: string): readonly string[] {
  const prefix = new RegExp(`^\\d+\\s+${name}:`, 'i');
  return attributeValues(attributes, 'acap')
    .filter((value) => prefix.test(value))
    .map((value) => value.replace(prefix, ''));
}

function managementOf(attributes: readonly SdpAttribute[]): readonly string[] {
  return [...attributeValues(attributes, 'key-mgmt'), ...capabilities(attributes, 'key-mgmt')];
}

/** All that it offers, best first; `none` where its profile lets media be clear. */
function keyingOf(
  session: HeardSession,
  media: HeardMedia,
  hasCrypto: boolean,
  hasFingerprint: boolean,
): readonly MediaKeying[] {
  const attributes = [...session.attributes, ...media.attributes];
  const isRtp = /RTP/i.test(media.protocol);
  const isSecure = /RTP\/SAVP|TLS/i.test(media.protocol);
  const keying: MediaKeying[] = [];
  if (hasFingerprint && (isRtp || isSecure)) keying.push('dtls-srtp');
  if (attributeValue(attributes, 'zrtp-hash') !== undefined) keying.push('zrtp');
  if (managementOf(attributes).some((value) => /^\s*mikey/i.test(value))) keying.push('mikey');
  if (hasCrypto) keying.push('sdes');
  if (!isSecure) keying.push('none');
  return keying;
}

/** What it says of media in a few words, for a line of a ladder: no keys. */
export function wordsOf({ kind, receives, profile, direction, codecs, keying }: MediaDescription): string {
  if (receives.port === 0) return `${kind} refused`;
  const { address, port } = receives;
  const host = address.includes(':') ? `[${address}]` : address;
  const parts = [`${kind} ${host}:${port} ${profile}`];
  const [codec] = codecs;
  if (codec !== undefined) parts.push(codec.name);
  const protections = keying.filter((one) => one !== 'none');
  if (protections.length > 0) parts.push(protections.join('/'));
  if (direction !== 'sendrecv') parts.push(direction);
  return parts.join(' ');
}

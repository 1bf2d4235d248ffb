import { parsePort } from '../message/host.ts';
import type { MediaDescription, SdpAttribute, SdpConnection, SessionDescription } from './types.ts';

/** Which way media flows, seen from whoever wrote the description (RFC 8866 §6.7). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const DIRECTIONS: ReadonlySet<string> = new Set(['sendrecv', 'sendonly', 'recvonly', 'inactive']);

/** A codec as `a=rtpmap` names it (RFC 8866 §6.6). */
export interface RtpMap {
  /** 0 to 127. */
  readonly payloadType: number;
  readonly encoding: string;
  /** In hertz. */
  readonly clockRate: number;
  readonly channels: number;
}

/** RFC 3551 §6, the audio and video types that need no rtpmap. */
const STATIC_PAYLOAD_TYPES: ReadonlyMap<number, readonly [string, number, number]> = new Map([
  [0, ['PCMU', 8_000, 1]],
  [3, ['GSM', 8_000, 1]],
  [4, ['G723', 8_000, 1]],
  [5, ['DVI4', 8_000, 1]],
  [6, ['DVI4', 16_000, 1]],
  [7, ['LPC', 8_000, 1]],
  [8, ['PCMA', 8_000, 1]],
  [9, ['G722', 8_000, 1]],
  [10, ['L16', 44_100, 2]],
  [11, ['L16', 44_100, 1]],
  [12, ['QCELP', 8_000, 1]],
  [13, ['CN', 8_000, 1]],
  [14, ['MPA', 90_000, 1]],
  [15, ['G728', 8_000, 1]],
  [16, ['DVI4', 11_025, 1]],
  [17, ['DVI4', 22_050, 1]],
  [18, ['G729', 8_000, 1]],
  [25, ['CelB', 90_000, 1]],
  [26, ['JPEG', 90_000, 1]],
  [28, ['nv', 90_000, 1]],
  [31, ['H261', 90_000, 1]],
  [32, ['MPV', 90_000, 1]],
  [33, ['MP2T', 90_000, 1]],
  [34, ['H263', 90_000, 1]],
]);

/** The first value of an attribute: '' for one without a value, undefined if it is absent. Names differ by case. */
export function attributeValue(attributes: readonly SdpAttribute[], name: string): string | undefined {
  for (const attribute of attributes) if (attribute.name === name) return attribute.value ?? '';
  return undefined;
}

/** Every value of an attribute, in order; several `a=crypto` lines stand by preference. */
export function attributeValues(attributes: readonly SdpAttribute[], name: string): readonly string[] {
  return attributes.filter((attribute) => attribute.name === name).map((attribute) => attribute.value ?? '');
}

/** The direction of one stream: its own, else the session's, else sendrecv (RFC 8866 §6.7). */
export function mediaDirection(session: SessionDescription, media: MediaDescription): MediaDirection {
  return direction(media.attributes) ?? direction(session.attributes) ?? 'sendrecv';
}

function direction(attributes: readonly SdpAttribute[]): MediaDirection | undefined {
  const found = attributes.find(({ name }) => DIRECTIONS.has(name));
  return found?.name as MediaDirection | undefined;
}

/** The stream with that direction said once, in the place of the old one or last. */
export function withDirection(media: MediaDescription, wanted: MediaDirection): MediaDescription {
  const attributes: SdpAttribute[] = [];
  let placed = false;
  for (const attribute of media.attributes) {
    if (!DIRECTIONS.has(attribute.name)) attributes.push(attribute);
    else if (!placed) {
      attributes.push({ name: wanted, value: undefined });
      placed = true;
    }
  }
  if (!placed) attributes.push({ name: wanted, value: undefined });
  return { ...media, attributes };
}

/** Where one stream is to be sent: its own `c=`, else the session's (RFC 8866 §5.7). */
export function mediaConnection(session: SessionDescription, media: MediaDescription): SdpConnection | undefined {
  return media.connections[0] ?? session.connection;
}

/** The codecs of an RTP stream in the order of its formats; formats that are no payload type or have no name are left out. */
export function rtpMaps(media: MediaDescription): readonly RtpMap[] {
  const named = new Map<number, RtpMap>();
  for (const value of attributeValues(media.attributes, 'rtpmap')) {
    const map = parseRtpMap(value);
    if (map !== undefined && !named.has(map.payloadType)) named.set(map.payloadType, map);
  }
  const out: RtpMap[] = [];
  for (const format of media.formats) {
    const payloadType = parsePayloadType(format);
    if (payloadType === undefined) continue;
    const map = named.get(payloadType) ?? staticRtpMap(payloadType);
    if (map !== undefined) out.push(map);
  }
  return out;
}

/** The codec that a payload type means without an rtpmap (RFC 3551 §6). */
export function staticRtpMap(payloadType: number): RtpMap | undefined {
  const entry = STATIC_PAYLOAD_TYPES.get(payloadType);
  if (entry === undefined) return undefined;
  const [encoding, clockRate, channels] = entry;
  return { payloadType, encoding, clockRate, channels };
}

/** `0 PCMU/8000` or `96 L16/44100/2`; undefined if malformed. */
export function parseRtpMap(value: string): RtpMap | undefined {
  const space = value.indexOf(' ');
  const payloadType = parsePayloadType(value.slice(0, Math.max(space, 0)));
  const [encoding = '', rate = '', channels = '1', ...rest] = value
    .slice(space + 1)
    .trim()
    .split('/');
  const clockRate = whole(rate);
  const channelCount = whole(channels);
  if (payloadType === undefined || encoding === '' || !clockRate || !channelCount || rest.length > 0) return undefined;
  return { payloadType, encoding, clockRate, channels: channelCount };
}

export function formatRtpMap({ payloadType, encoding, clockRate, channels }: RtpMap): string {
  return `${payloadType} ${encoding}/${clockRate}${channels === 1 ? '' : `/${channels}`}`;
}

/** What `a=fmtp` says about a payload type, undefined if nothing. */
export function formatParametersOf(media: MediaDescription, payloadType: number): string | undefined {
  const prefix = `${payloadType} `;
  const found = attributeValues(media.attributes, 'fmtp').find((value) => value.startsWith(prefix));
  return found?.slice(prefix.length).trim();
}

/** Milliseconds of media in one packet (RFC 8866 §6.4); undefined if not said. */
export function packetTime(media: MediaDescription): number | undefined {
  const value = Number(attributeValue(media.attributes, 'ptime') ?? '');
  return value > 0 && Number.isFinite(value) ? value : undefined;
}

/** RTP and RTCP on one port (RFC 5761 §5.1.1). */
export function hasRtcpMux(media: MediaDescription): boolean {
  return attributeValue(media.attributes, 'rtcp-mux') !== undefined;
}

/** Where RTCP goes: `a=rtcp` (RFC 3605), the RTP port with rtcp-mux offered and taken, else the port after it. */
export function rtcpAddress(
  session: SessionDescription,
  media: MediaDescription,
): { readonly port: number; readonly connection: SdpConnection | undefined } {
  const connection = mediaConnection(session, media);
  const [portText = '', networkType, addressType, address] = (attributeValue(media.attributes, 'rtcp') ?? '').split(
    ' ',
  );
  const port = parsePort(portText) ?? media.port + 1;
  if (!networkType || !addressType || !address) return { port, connection };
  return { port, connection: { networkType, addressType, address } };
}

/** 0 to 127 without leading zeros: formats are matched as text, and `00` is not `0` there. */
function parsePayloadType(text: string): number | undefined {
  const value = whole(text);
  return value === undefined || value > 127 || text !== `${value}` ? undefined : value;
}

/** A decimal number of at most nine digits. */
function whole(text: string): number | undefined {
  if (text === '' || text.length > 9) return undefined;
  for (const character of text) if (character < '0' || character > '9') return undefined;
  return Number(text);
}

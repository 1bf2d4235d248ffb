import type { MediaAttribute, MediaDescription, MediaFormat, MediaKey, MediaStream } from '@trustline/callcontrol';
import { parseCryptoAttribute, type SdesRejection, serializeCryptoAttribute } from '@trustline/keying';
import {
  attributeValues,
  formatParametersOf,
  formatRtpMap,
  mediaConnection,
  mediaDirection,
  rtpMaps,
  type MediaDescription as SdpMediaDescription,
  type SessionDescription,
} from '@trustline/sip';

/** Attributes that have fields of their own in the neutral description; all others travel raw, in order. */
const translated: ReadonlySet<string> = new Set([
  'rtpmap',
  'fmtp',
  'crypto',
  'sendrecv',
  'sendonly',
  'recvonly',
  'inactive',
]);

/** SDP in the neutral vocabulary, and every `a=crypto` line that could not be read, for the evidence. */
export interface TranslatedDescription {
  readonly description: MediaDescription;
  readonly rejections: readonly SdesRejection[];
}

/** Translates what a phone said at the door (RFC 8866, RFC 4568). */
export function toMediaDescription(session: SessionDescription): TranslatedDescription {
  const rejections: SdesRejection[] = [];
  const streams = session.media.map((media) => toStream(session, media, rejections));
  const attributes = session.attributes.filter(({ name }) => !translated.has(name)).map(toAttribute);
  return { description: { streams, attributes }, rejections };
}

function toStream(session: SessionDescription, media: SdpMediaDescription, rejections: SdesRejection[]): MediaStream {
  const [address = ''] = (mediaConnection(session, media)?.address ?? '').split('/');
  return {
    type: media.type,
    address,
    port: media.port,
    transport: media.protocol,
    // RFC 3264 §8.4: a connection address of zeros is the hold of RFC 2543.
    direction: address === '0.0.0.0' ? 'inactive' : mediaDirection(session, media),
    formats: toFormats(media),
    keys: toKeys(media, rejections),
    attributes: media.attributes.filter(({ name }) => !translated.has(name)).map(toAttribute),
  };
}

function toFormats(media: SdpMediaDescription): readonly MediaFormat[] {
  const maps = new Map(rtpMaps(media).map((map) => [String(map.payloadType), map]));
  return media.formats.map((written): MediaFormat => {
    const map = maps.get(written);
    const payloadType = /^\d{1,3}$/.test(written) ? Number(written) : 0;
    if (map === undefined)
      return { payloadType, encoding: /^\d+$/.test(written) ? '' : written, clockRate: 0, channels: 1 };
    const parameters = formatParametersOf(media, payloadType);
    return { ...map, ...(parameters === undefined ? {} : { parameters }) };
  });
}

function toKeys(media: SdpMediaDescription, rejections: SdesRejection[]): readonly MediaKey[] {
  const keys: MediaKey[] = [];
  for (const value of attributeValues(media.attributes, 'crypto')) {
    const parsed = parseCryptoAttribute(value);
    if (parsed.kind === 'rejected') rejections.push(parsed);
    else keys.push(parsed);
  }
  return keys;
}

function toAttribute({ name, value }: { name: string; value: string | undefined }): MediaAttribute {
  return value === undefined ? { name } : { name, value };
}

/** Who an SDP of ours is from: RFC 8866 §5.2. The version goes up with every description that differs (RFC 3264 §8). */
export interface DescriptionOrigin {
  readonly sessionId: string;
  readonly sessionVersion: number;
  /** The address of the signalling; the media address stands in `c=`. */
  readonly address: string;
}

/** Writes a neutral description as SDP. */
export function fromMediaDescription(description: MediaDescription, origin: DescriptionOrigin): SessionDescription {
  const addresses = new Set(description.streams.map((stream) => stream.address).filter((address) => address !== ''));
  const [shared = origin.address] = addresses;
  return {
    origin: {
      username: '-',
      sessionId: origin.sessionId,
      sessionVersion: String(origin.sessionVersion),
      ...network(origin.address),
    },
    name: '-',
    information: undefined,
    uri: undefined,
    emails: [],
    phones: [],
    connection: network(shared),
    bandwidths: [],
    times: [{ start: '0', stop: '0', repeats: [], zone: undefined }],
    key: undefined,
    attributes: description.attributes.map(fromAttribute),
    media: description.streams.map((stream) => fromStream(stream, shared)),
  };
}

function fromStream(stream: MediaStream, shared: string): SdpMediaDescription {
  const attributes = [
    ...stream.formats.flatMap(formatAttributes),
    ...stream.keys.map((key) => ({ name: 'crypto', value: serializeCryptoAttribute(key) })),
    { name: stream.direction, value: undefined },
    ...stream.attributes.map(fromAttribute),
  ];
  return {
    type: stream.type,
    port: stream.port,
    portCount: undefined,
    protocol: stream.transport,
    formats: stream.formats.length === 0 ? ['0'] : stream.formats.map(formatName),
    information: undefined,
    connections: stream.address === '' || stream.address === shared ? [] : [network(stream.address)],
    bandwidths: [],
    key: undefined,
    // RFC 3264 §6: what is said about a refused stream has no meaning, and a key must not be told for nothing.
    attributes: stream.port === 0 ? [] : attributes,
  };
}

/** A payload type is written as its number, the format of a transport that is not RTP as its text. */
function formatName(format: MediaFormat): string {
  return format.clockRate === 0 && format.encoding !== '' ? format.encoding : String(format.payloadType);
}

function formatAttributes(format: MediaFormat): { name: string; value: string | undefined }[] {
  if (format.clockRate === 0) return [];
  // RFC 8866 §6.6 leaves static types to be understood; old phones read the line all the same, and none minds it.
  const map = { name: 'rtpmap', value: formatRtpMap(format) };
  if (format.parameters === undefined) return [map];
  return [map, { name: 'fmtp', value: `${format.payloadType} ${format.parameters}` }];
}

function fromAttribute({ name, value }: MediaAttribute): { name: string; value: string | undefined } {
  return { name, value };
}

function network(address: string): { networkType: string; addressType: string; address: string } {
  return { networkType: 'IN', addressType: address.includes(':') ? 'IP6' : 'IP4', address };
}

/** What is offered where an offer is due before anybody has one: a stream in which nothing flows. */
export function nothingYet(address: string): MediaDescription {
  const formats = ['PCMU', 'PCMA'].map((encoding, at) => ({
    payloadType: at === 0 ? 0 : 8,
    encoding,
    clockRate: 8_000,
    channels: 1,
  }));
  const stream = { type: 'audio', address, port: 9, transport: 'RTP/AVP', direction: 'inactive', formats } as const;
  return { streams: [{ ...stream, keys: [], attributes: [] }], attributes: [] };
}

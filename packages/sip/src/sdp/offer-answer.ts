import { SipError } from '../error.ts';
import {
  formatRtpMap,
  type MediaDirection,
  mediaConnection,
  mediaDirection,
  type RtpMap,
  rtpMaps,
  withDirection,
} from './attributes.ts';
import { formatSdp } from './serialize.ts';
import type { MediaDescription, SdpAttribute, SdpConnection, SdpOrigin, SessionDescription } from './types.ts';

/** A codec we can send and receive; `parameters` is what our `a=fmtp` says of it. */
export interface LocalCodec {
  readonly encoding: string;
  readonly clockRate: number;
  /** Default 1. */
  readonly channels?: number;
  readonly parameters?: string;
  /** The number it has in our own offers; an answer takes the offerer's (RFC 3264 §6.1). */
  readonly payloadType: number;
}

/** One stream as we can take it. */
export interface LocalMedia {
  readonly type: string;
  readonly port: number;
  readonly protocol: string;
  /** By preference. `telephone-event` and `CN` alone make no stream. */
  readonly codecs: readonly LocalCodec[];
  readonly direction: MediaDirection;
  /** Milliseconds. */
  readonly packetTime?: number;
  /** Raw attributes, set after the codecs: `a=crypto`, `a=rtcp-mux` and their like. */
  readonly attributes?: readonly SdpAttribute[];
}

/** What stands in a description of ours apart from its streams. */
export interface LocalSession {
  readonly origin: SdpOrigin;
  readonly connection: SdpConnection;
  /** Default `-`. */
  readonly name?: string;
}

/** Formats that go along with a codec and carry no speech of their own. */
const COMPANIONS: ReadonlySet<string> = new Set(['telephone-event', 'cn', 'red']);

/** An offer of these streams (RFC 3264 §5). */
export function createOffer(local: LocalSession, media: readonly LocalMedia[]): SessionDescription {
  return describe(
    local,
    [{ start: '0', stop: '0', repeats: [], zone: undefined }],
    media.map((stream) => {
      const codecs = stream.codecs.map((codec) => ({ codec, payloadType: codec.payloadType }));
      return describeMedia(stream, codecs, stream.direction);
    }),
  );
}

/**
 * The answer to an offer (RFC 3264 §6): as many streams in the same order, each with the codecs both
 * sides have, in the offerer's order and numbers. `choose` says how we take a stream; one it does not want,
 * or with which we share protocol or codec not, is refused with port 0.
 */
export function createAnswer(
  offer: SessionDescription,
  local: LocalSession,
  choose: (offered: MediaDescription, index: number) => LocalMedia | undefined,
): SessionDescription {
  const media = offer.media.map((offered, index) => {
    const stream = offered.port === 0 ? undefined : choose(offered, index);
    if (stream === undefined || stream.type !== offered.type || stream.protocol !== offered.protocol)
      return refuse(offered);
    const codecs = commonCodecs(offered, stream.codecs);
    if (codecs.length === 0) return refuse(offered);
    return describeMedia(stream, codecs, answerDirection(mediaDirection(offer, offered), stream.direction));
  });
  // RFC 3264 §6: the t= line of the answer MUST equal that of the offer.
  return describe(local, offer.times, media);
}

interface ChosenCodec {
  readonly codec: LocalCodec;
  readonly payloadType: number;
}

/** The codecs both sides have, in the offerer's order and numbers; none if only companions are left. */
export function commonCodecs(offered: MediaDescription, local: readonly LocalCodec[]): readonly ChosenCodec[] {
  const chosen: ChosenCodec[] = [];
  const rates = new Set<number>();
  for (const map of rtpMaps(offered)) {
    const codec = local.find((candidate) => isSameCodec(map, candidate));
    if (codec === undefined) continue;
    chosen.push({ codec, payloadType: map.payloadType });
    if (!COMPANIONS.has(map.encoding.toLowerCase())) rates.add(map.clockRate);
  }
  // RFC 4733 §2.1: events share the clock of the speech they interrupt.
  return chosen.filter(({ codec }) => rates.has(codec.clockRate));
}

function isSameCodec(map: RtpMap, codec: LocalCodec): boolean {
  return (
    map.encoding.toLowerCase() === codec.encoding.toLowerCase() &&
    map.clockRate === codec.clockRate &&
    map.channels === (codec.channels ?? 1)
  );
}

/** RFC 3264 §6.1: what the offerer only sends we may only receive, and so on; `inactive` stays `inactive`. */
export function answerDirection(offered: MediaDirection, wanted: MediaDirection): MediaDirection {
  const send = sends(wanted) && receives(offered);
  const receive = receives(wanted) && sends(offered);
  return send ? (receive ? 'sendrecv' : 'sendonly') : receive ? 'recvonly' : 'inactive';
}

function sends(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

function receives(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

/** RFC 3264 §6: a refused stream keeps its place, and at least one format, which means nothing. */
function refuse(offered: MediaDescription): MediaDescription {
  const { type, protocol, formats } = offered;
  return { ...BARE_MEDIA, type, port: 0, protocol, formats };
}

const BARE_MEDIA = {
  portCount: undefined,
  information: undefined,
  connections: [],
  bandwidths: [],
  key: undefined,
  attributes: [],
} as const;

function describe(
  local: LocalSession,
  times: SessionDescription['times'],
  media: readonly MediaDescription[],
): SessionDescription {
  return {
    origin: local.origin,
    name: local.name ?? '-',
    information: undefined,
    uri: undefined,
    emails: [],
    phones: [],
    connection: local.connection,
    bandwidths: [],
    times,
    key: undefined,
    attributes: [],
    media,
  };
}

function describeMedia(
  stream: LocalMedia,
  codecs: readonly ChosenCodec[],
  direction: MediaDirection,
): MediaDescription {
  const attributes: SdpAttribute[] = [];
  for (const { codec, payloadType } of codecs) {
    const { encoding, clockRate, channels = 1, parameters } = codec;
    attributes.push({ name: 'rtpmap', value: formatRtpMap({ payloadType, encoding, clockRate, channels }) });
    if (parameters !== undefined) attributes.push({ name: 'fmtp', value: `${payloadType} ${parameters}` });
  }
  if (stream.packetTime !== undefined) attributes.push({ name: 'ptime', value: `${stream.packetTime}` });
  attributes.push(...(stream.attributes ?? []));
  const { type, port, protocol } = stream;
  const formats = codecs.map(({ payloadType }) => `${payloadType}`);
  return withDirection({ ...BARE_MEDIA, type, port, protocol, formats, attributes }, direction);
}

/**
 * Whether an answer fits its offer (RFC 3264 §6): as many streams, of the same type and protocol, none
 * revived, with a format of the offer, in a direction the offer allows. Undefined if it fits.
 */
export function checkAnswer(offer: SessionDescription, answer: SessionDescription): SipError | undefined {
  if (answer.media.length !== offer.media.length) {
    return mismatch(`The offer has ${offer.media.length} streams, the answer ${answer.media.length}`);
  }
  for (const [index, answered] of answer.media.entries()) {
    const offered = offer.media[index];
    if (offered === undefined) return mismatch('The answer has a stream of its own');
    const problem = checkStream(offer, offered, answer, answered);
    if (problem !== undefined) return mismatch(`Stream ${index + 1}: ${problem}`);
  }
  return undefined;
}

function checkStream(
  offer: SessionDescription,
  offered: MediaDescription,
  answer: SessionDescription,
  answered: MediaDescription,
): string | undefined {
  if (answered.type !== offered.type) return `${offered.type} was offered, ${answered.type} answered`;
  if (answered.port === 0) return undefined;
  if (offered.port === 0) return 'it was refused in the offer and stands in the answer';
  if (answered.protocol !== offered.protocol) return `${offered.protocol} was offered, ${answered.protocol} answered`;
  if (!answered.formats.some((format) => offered.formats.includes(format))) return 'no offered format was taken';
  if (mediaConnection(answer, answered) === undefined) return 'it has no address';
  const said = mediaDirection(answer, answered);
  if (answerDirection(mediaDirection(offer, offered), said) !== said) return `${said} does not answer the offer`;
  return undefined;
}

/**
 * Whether a description may follow an earlier one of the same sender in one session (RFC 3264 §8): no stream
 * is taken out or changes its type, and the version grows by one exactly if anything changed. Undefined if it may.
 */
export function checkReoffer(previous: SessionDescription, next: SessionDescription): SipError | undefined {
  if (next.media.length < previous.media.length) return mismatch('A stream of the session is missing');
  for (const [index, before] of previous.media.entries()) {
    // §8.2: the place of a stream that has ended (port 0) may be used again, for any type.
    if (before.port !== 0 && next.media[index]?.type !== before.type)
      return mismatch(`Stream ${index + 1} changed its type`);
  }
  const { sessionVersion } = next.origin;
  const sameOrigin =
    next.origin.username === previous.origin.username && next.origin.sessionId === previous.origin.sessionId;
  if (!sameOrigin) return mismatch('The session is another one');
  if (sessionVersion === previous.origin.sessionVersion) {
    return formatSdp(next) === formatSdp(previous) ? undefined : mismatch('It changed, and its version did not');
  }
  if (sessionVersion !== nextVersion(previous.origin.sessionVersion))
    return mismatch('Its version did not grow by one');
  return undefined;
}

/**
 * The next description of a session of ours: the origin of `previous` with its version one higher, or
 * `previous` itself where nothing else differs (RFC 3264 §8).
 *
 * @throws {SipError} `sip.answer-mismatch` if `next` leaves a stream out or changes its type.
 */
export function nextDescription(previous: SessionDescription, next: SessionDescription): SessionDescription {
  const same = { ...next, origin: previous.origin };
  if (formatSdp(same) === formatSdp(previous)) return previous;
  const origin = { ...previous.origin, sessionVersion: nextVersion(previous.origin.sessionVersion) };
  const successor = { ...next, origin };
  const problem = checkReoffer(previous, successor);
  if (problem !== undefined) throw problem;
  return successor;
}

/** One more, in decimal text: versions are often 64-bit NTP times, beyond what a number holds. */
function nextVersion(version: string): string {
  const digits = [...version];
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits[i] !== '9') {
      digits[i] = `${Number(digits[i]) + 1}`;
      return digits.join('');
    }
    digits[i] = '0';
  }
  return `1${digits.join('')}`;
}

/** Puts the far end on hold (RFC 3264 §8.4): we go on sending at most, and receive nothing. */
export function hold(session: SessionDescription): SessionDescription {
  return redirect(session, (direction) => (sends(direction) ? 'sendonly' : 'inactive'));
}

/** Takes the far end off hold: we receive again. */
export function resume(session: SessionDescription): SessionDescription {
  return redirect(session, (direction) => (sends(direction) ? 'sendrecv' : 'recvonly'));
}

function redirect(
  session: SessionDescription,
  change: (direction: MediaDirection) => MediaDirection,
): SessionDescription {
  const media = session.media.map((stream) =>
    stream.port === 0 ? stream : withDirection(stream, change(mediaDirection(session, stream))),
  );
  return { ...session, media };
}

/**
 * Whether the sender of this description has put us on hold with a stream: it does not receive, or says so
 * in the old way with the address 0.0.0.0 (RFC 3264 §8.4).
 */
export function isHeld(session: SessionDescription, media: MediaDescription): boolean {
  return !receives(mediaDirection(session, media)) || mediaConnection(session, media)?.address === '0.0.0.0';
}

function mismatch(text: string): SipError {
  return new SipError('sip.answer-mismatch', `The session description does not fit: ${text}`);
}

import { SipError } from '../error.ts';
import type {
  MediaDescription,
  SdpAttribute,
  SdpBandwidth,
  SdpConnection,
  SdpOrigin,
  SdpTime,
  SessionDescription,
} from './types.ts';

export type SdpResult =
  | { readonly ok: true; readonly session: SessionDescription }
  | { readonly ok: false; readonly error: SipError };

/** More lines or streams than any phone or video room sends, few enough to read in no time. */
export const MAXIMUM_SDP_LINES = 2_048;
export const MAXIMUM_SDP_MEDIA = 64;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LATIN1 = new TextDecoder('latin1');

/**
 * Reads a session description (RFC 8866 §5). Never throws.
 *
 * Lenient where two readers cannot come to different streams: bare LF ends a line (§5 asks for that),
 * and inside the session or one media section lines may stand in any order. Strict elsewhere: a line
 * type we do not know makes the whole description unreadable (§5), as does a second `o=` or `c=`.
 */
export function parseSdp(input: Uint8Array | string): SdpResult {
  const text = typeof input === 'string' ? input : decode(input);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > MAXIMUM_SDP_LINES) return bad(`It has more than ${MAXIMUM_SDP_LINES} lines`, 0);
  const reader = new SessionReader();
  let offset = 0;
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const problem = line.includes('\r') || line.includes('\0') ? 'A line holds CR or NUL' : reader.line(index, line);
    if (problem !== undefined) return bad(`${problem} (line ${index + 1})`, offset);
    offset += raw.length + 1;
  }
  return reader.finish();
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return LATIN1.decode(bytes); // a session name in Latin-1 is no reason to lose a call
  }
}

function bad(text: string, offset: number): SdpResult {
  return { ok: false, error: new SipError('sip.bad-sdp', `The session description is malformed: ${text}`, { offset }) };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
type MediaDraft = Mutable<MediaDescription>;
type TimeDraft = Mutable<SdpTime>;

/** Collects lines; each method answers what is wrong with the line, or undefined. */
class SessionReader {
  #origin: SdpOrigin | undefined;
  #name: string | undefined;
  #information: string | undefined;
  #uri: string | undefined;
  #key: string | undefined;
  #connection: SdpConnection | undefined;
  readonly #emails: string[] = [];
  readonly #phones: string[] = [];
  readonly #bandwidths: SdpBandwidth[] = [];
  readonly #times: TimeDraft[] = [];
  readonly #attributes: SdpAttribute[] = [];
  readonly #media: MediaDraft[] = [];

  line(index: number, line: string): string | undefined {
    if (line.charAt(1) !== '=') return 'A line is not of the form x=…';
    const type = line.charAt(0);
    const value = line.slice(2);
    if (index === 0) return type === 'v' && value.trimEnd() === '0' ? undefined : 'It does not begin with v=0';
    if (type === 'm') return this.#openMedia(value);
    const media = this.#media.at(-1);
    return media === undefined ? this.#sessionLine(type, value) : mediaLine(media, type, value);
  }

  finish(): SdpResult {
    if (this.#origin === undefined) return bad('o= is missing', 0);
    if (this.#name === undefined) return bad('s= is missing', 0);
    if (this.#times.length === 0) return bad('t= is missing', 0);
    return {
      ok: true,
      session: {
        origin: this.#origin,
        name: this.#name,
        information: this.#information,
        uri: this.#uri,
        emails: this.#emails,
        phones: this.#phones,
        connection: this.#connection,
        bandwidths: this.#bandwidths,
        times: this.#times,
        key: this.#key,
        attributes: this.#attributes,
        media: this.#media,
      },
    };
  }

  #sessionLine(type: string, value: string): string | undefined {
    switch (type) {
      case 'o': {
        if (this.#origin !== undefined) return 'o= stands twice';
        this.#origin = readOrigin(value);
        return this.#origin === undefined ? 'o= is malformed' : undefined;
      }
      case 's':
        if (this.#name !== undefined) return 's= stands twice';
        this.#name = value;
        return undefined;
      case 'i':
        if (this.#information !== undefined) return 'i= stands twice';
        this.#information = value;
        return undefined;
      case 'u':
        if (this.#uri !== undefined) return 'u= stands twice';
        this.#uri = value;
        return undefined;
      case 'e':
        this.#emails.push(value);
        return undefined;
      case 'p':
        this.#phones.push(value);
        return undefined;
      case 'c': {
        if (this.#connection !== undefined) return 'c= stands twice';
        this.#connection = readConnection(value);
        return this.#connection === undefined ? 'c= is malformed' : undefined;
      }
      case 'b':
        return pushBandwidth(this.#bandwidths, value);
      case 't':
        return this.#openTime(value);
      case 'r':
      case 'z':
        return this.#extendTime(type, value);
      case 'k':
        if (this.#key !== undefined) return 'k= stands twice';
        this.#key = value;
        return undefined;
      case 'a':
        return pushAttribute(this.#attributes, value);
      default:
        return unknownLine(type);
    }
  }

  #openTime(value: string): string | undefined {
    const [start = '', stop = '', ...rest] = value.trimEnd().split(' ');
    if (!isNumber(start) || !isNumber(stop) || rest.length > 0) return 't= is malformed';
    this.#times.push({ start, stop, repeats: [], zone: undefined });
    return undefined;
  }

  #extendTime(type: 'r' | 'z', value: string): string | undefined {
    const time = this.#times.at(-1);
    if (time === undefined) return `${type}= stands before t=`;
    if (type === 'r') time.repeats.push(value);
    else if (time.zone === undefined) time.zone = value;
    else return 'z= stands twice';
    return undefined;
  }

  #openMedia(value: string): string | undefined {
    if (this.#media.length === MAXIMUM_SDP_MEDIA) return `It has more than ${MAXIMUM_SDP_MEDIA} media`;
    const media = readMedia(value);
    if (media === undefined) return 'm= is malformed';
    this.#media.push(media);
    return undefined;
  }
}

function mediaLine(media: MediaDraft, type: string, value: string): string | undefined {
  switch (type) {
    case 'i':
      if (media.information !== undefined) return 'i= stands twice in one media description';
      media.information = value;
      return undefined;
    case 'c': {
      const connection = readConnection(value);
      if (connection === undefined) return 'c= is malformed';
      media.connections.push(connection);
      return undefined;
    }
    case 'b':
      return pushBandwidth(media.bandwidths, value);
    case 'k':
      if (media.key !== undefined) return 'k= stands twice in one media description';
      media.key = value;
      return undefined;
    case 'a':
      return pushAttribute(media.attributes, value);
    default:
      return unknownLine(type);
  }
}

/** RFC 8866 §5: a parser MUST completely ignore any description with a type letter it does not understand. */
function unknownLine(type: string): string {
  return `A line of type ${JSON.stringify(type)} may not stand there`;
}

function readOrigin(value: string): SdpOrigin | undefined {
  const [username, sessionId = '', sessionVersion = '', networkType, addressType, address, ...rest] = words(value);
  if (!username || !networkType || !addressType || !address || rest.length > 0) return undefined;
  if (!isNumber(sessionId) || !isNumber(sessionVersion)) return undefined;
  return { username, sessionId, sessionVersion, networkType, addressType, address };
}

function readConnection(value: string): SdpConnection | undefined {
  const [networkType, addressType, address, ...rest] = words(value);
  if (!networkType || !addressType || !address || rest.length > 0) return undefined;
  return { networkType, addressType, address };
}

function readMedia(value: string): MediaDraft | undefined {
  const [type, portText = '', protocol, ...formats] = words(value);
  if (!type || !protocol || formats.length === 0) return undefined;
  const [port, count] = portText.split('/', 2);
  if (!isNumber(port ?? '') || (count !== undefined && !isNumber(count)) || portText.split('/').length > 2)
    return undefined;
  if (Number(port) > 65_535 || Number(count ?? 1) < 1 || Number(count ?? 1) > 65_535) return undefined;
  return {
    type,
    port: Number(port),
    portCount: count === undefined ? undefined : Number(count),
    protocol,
    formats,
    information: undefined,
    connections: [],
    bandwidths: [],
    key: undefined,
    attributes: [],
  };
}

function pushBandwidth(into: SdpBandwidth[], value: string): string | undefined {
  const colon = value.indexOf(':');
  const amount = value.slice(colon + 1).trimEnd();
  if (colon < 1 || !isNumber(amount) || amount.length > 15) return 'b= is malformed';
  into.push({ type: value.slice(0, colon), value: Number(amount) });
  return undefined;
}

function pushAttribute(into: SdpAttribute[], value: string): string | undefined {
  const colon = value.indexOf(':');
  const name = colon < 0 ? value.trimEnd() : value.slice(0, colon);
  if (name === '' || name.includes(' ')) return 'a= is malformed';
  into.push({ name, value: colon < 0 ? undefined : value.slice(colon + 1) });
  return undefined;
}

/** Fields of a line; phones in the field leave spaces at its end. */
function words(value: string): readonly string[] {
  return value.split(' ').filter((word) => word !== '');
}

function isNumber(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return text.length > 0;
}

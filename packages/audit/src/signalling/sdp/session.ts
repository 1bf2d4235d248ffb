import type { SdpAttribute } from '@trustline/sip';

/** What of a session description tells where media go and how they are protected, read as far as it can be. */
export interface HeardSession {
  /** Of `c=`, without TTL. */
  readonly connection: string | undefined;
  /** Of `o=`. */
  readonly origin: string | undefined;
  /** Of `k=` (RFC 4566 §5.12, which RFC 8866 forbids). */
  readonly key: string | undefined;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly HeardMedia[];
}

export interface HeardMedia {
  readonly type: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly connection: string | undefined;
  readonly key: string | undefined;
  readonly attributes: readonly SdpAttribute[];
}

const MOST_LINES = 2_048;
const MOST_MEDIA = 64;
const LONGEST_LINE = 8_192;

interface Draft {
  type: string;
  port: number;
  protocol: string;
  formats: readonly string[];
  connection: string | undefined;
  key: string | undefined;
  attributes: SdpAttribute[];
}

/**
 * Reads a session description (RFC 8866 §5) as a listener must: lines that make no sense are passed over, those that
 * are missing are missing, and order does not matter but for what belongs to which media. Undefined where it has neither
 * `v=` nor `m=`.
 */
export function readSession(text: string): HeardSession | undefined {
  const session: Draft = emptyDraft();
  const media: Draft[] = [];
  let origin: string | undefined;
  let hasVersion = false;
  for (const raw of text.split(/\r\n|\n|\r/, MOST_LINES)) {
    const line = raw.length > LONGEST_LINE ? raw.slice(0, LONGEST_LINE) : raw;
    const found = /^\s?([a-z])\s?=\s?/i.exec(line);
    if (found === null) continue;
    const value = line.slice(found[0].length).trim();
    const into = media.at(-1) ?? session;
    switch (found[1]?.toLowerCase()) {
      case 'v':
        hasVersion = true;
        break;
      case 'o':
        origin ??= value.split(/\s+/)[5];
        break;
      case 'c':
        into.connection ??= connectionOf(value);
        break;
      case 'k':
        into.key ??= value;
        break;
      case 'a':
        into.attributes.push(attributeOf(value));
        break;
      case 'm': {
        const begun = mediaOf(value);
        if (begun !== undefined && media.length < MOST_MEDIA) media.push(begun);
        break;
      }
    }
  }
  if (!hasVersion && media.length === 0) return undefined;
  return { connection: session.connection, origin, key: session.key, attributes: session.attributes, media };
}

function emptyDraft(): Draft {
  return { type: '', port: 0, protocol: '', formats: [], connection: undefined, key: undefined, attributes: [] };
}

/** `IN IP4 192.0.2.1/127`; an address that stands alone is taken, too. */
function connectionOf(value: string): string | undefined {
  return value.split(/\s+/).at(-1)?.split('/', 1)[0];
}

function attributeOf(value: string): SdpAttribute {
  const colon = value.indexOf(':');
  return colon < 0
    ? { name: value, value: undefined }
    : { name: value.slice(0, colon).trim(), value: value.slice(colon + 1).trim() };
}

/** `audio 49170/2 RTP/AVP 0 8`; media whose port cannot be read take none. */
function mediaOf(value: string): Draft | undefined {
  const [type, port = '', protocol, ...formats] = value.split(/\s+/);
  if (type === undefined || protocol === undefined) return undefined;
  const number = /^(\d{1,5})(?:\/\d*)?$/.exec(port)?.[1];
  return {
    ...emptyDraft(),
    type: type.toLowerCase(),
    port: number === undefined || Number(number) > 65_535 ? 0 : Number(number),
    protocol,
    formats,
  };
}

import { gunzipSync, inflateSync } from 'node:zlib';
import { type HeardMessage, headerOf, MOST_BODY } from './message.ts';

/** One body that a message carries, by its type. */
export interface BodyPart {
  /** `application/sdp`, in lower case without parameters; '' where it is not said. */
  readonly type: string;
  readonly octets: Uint8Array;
}

const MOST_PARTS = 32;
/** Multiparts within multiparts that are opened. */
const DEEPEST = 4;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

/** The bodies of a message: those of a multipart (RFC 2046 §5.1, RFC 5621) one by one. */
export function bodyParts(message: HeardMessage): readonly BodyPart[] {
  if (message.body.length === 0) return [];
  const parts: BodyPart[] = [];
  const octets = decoded(message.body, headerOf(message, 'content-encoding'));
  open(headerOf(message, 'content-type') ?? '', octets, 0, parts);
  return parts;
}

export function partText({ octets }: BodyPart): string {
  return utf8.decode(octets);
}

function open(contentType: string, octets: Uint8Array, depth: number, into: BodyPart[]): void {
  if (into.length >= MOST_PARTS) return;
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType);
  const said = boundary?.[1] ?? boundary?.[2] ?? '';
  if (type.startsWith('multipart/') && said !== '' && depth < DEEPEST) {
    for (const part of split(octets, said)) open(part.contentType, part.octets, depth + 1, into);
    return;
  }
  into.push({ type, octets });
}

/** What stands between the delimiters; each octet is a character, so that binary parts survive. */
function split(octets: Uint8Array, boundary: string): { contentType: string; octets: Uint8Array }[] {
  const text = latin1.decode(octets);
  const sections = `\n${text}`.split(`\n--${boundary}`).slice(1, MOST_PARTS + 1);
  const found: { contentType: string; octets: Uint8Array }[] = [];
  for (const section of sections) {
    if (section.startsWith('--')) break;
    const lineEnd = section.indexOf('\n');
    if (lineEnd < 0) continue;
    // A part without headers begins with the empty line.
    const blank = /\n\r?\n/.exec(section.slice(lineEnd));
    if (blank === null) continue;
    const head = section.slice(lineEnd, lineEnd + blank.index).replace(/\r?\n[ \t]+/g, ' ');
    const body = section.slice(lineEnd + blank.index + blank[0].length).replace(/\r$/, '');
    const contentType = /^(?:content-type|c)[ \t]*:[ \t]*(.*?)\r?$/im.exec(head)?.[1] ?? '';
    found.push({ contentType, octets: Uint8Array.from(body, (character) => character.charCodeAt(0)) });
  }
  return found;
}

/** RFC 3261 §20.12; what cannot be inflated, or only to more than a body may have, stays as it is. */
function decoded(octets: Uint8Array, encoding: string | undefined): Uint8Array {
  const name = encoding?.toLowerCase();
  if (name === undefined || name === 'identity') return octets;
  try {
    if (name === 'gzip') return gunzipSync(octets, { maxOutputLength: MOST_BODY });
    if (name === 'deflate') return inflateSync(octets, { maxOutputLength: MOST_BODY });
  } catch {
    return octets;
  }
  return octets;
}

import { canonicalHeaderName } from '@trustline/sip';
import { readStartLine, type StartLine } from './start-line.ts';

/** What one message may cost, in octets; the head is cut there, and a body beyond is not looked at. */
export const MOST_HEAD = 65_536;
export const MOST_BODY = 262_144;
/** Header fields of one message; those beyond are left out. */
const MOST_HEADERS = 512;

const LF = 10;
const CR = 13;
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** A message as a listener reads it: whatever is wrong with it, what can be read of it is there. */
export interface HeardMessage {
  readonly start: StartLine;
  /** Names in lower case, compact forms expanded (RFC 3261 §7.3.3); values unfolded and trimmed, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** It was all there. */
  readonly isWhole: boolean;
}

export interface HeardHead {
  readonly start: StartLine;
  readonly headers: HeardMessage['headers'];
  /** What it says of its body; undefined where it says nothing that is a number. */
  readonly contentLength: number | undefined;
}

/** Where the head that begins at `at` ends, behind its empty line; undefined where it does not end. Bare LF ends lines, too. */
export function endOfHead(octets: Uint8Array, at: number, end: number): number | undefined {
  for (let next = endOfLine(octets, at, end); next !== undefined; next = endOfLine(octets, next, end)) {
    if (next < end && octets[next] === LF) return next + 1;
    if (next + 1 < end && octets[next] === CR && octets[next + 1] === LF) return next + 2;
  }
  return undefined;
}

/** Where the next line begins; undefined where this one does not end. */
export function endOfLine(octets: Uint8Array, at: number, end: number): number | undefined {
  for (let index = at; index < end; index++) if (octets[index] === LF) return index + 1;
  return undefined;
}

/** Reads the start line and header fields between two places, also where the last line is cut. */
export function readHead(octets: Uint8Array, at: number, end: number): HeardHead | undefined {
  const lines = text.decode(octets.subarray(at, Math.min(end, at + MOST_HEAD))).split('\n');
  const start = readStartLine(withoutReturn(lines[0] ?? ''));
  if (start === undefined) return undefined;
  const headers: [string, string][] = [];
  for (let index = 1; index < lines.length; index++) {
    const line = withoutReturn(lines[index] ?? '');
    if (line === '') continue;
    const last = headers.at(-1);
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (last !== undefined) last[1] = `${last[1]} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    if (headers.length === MOST_HEADERS) break;
    headers.push([canonicalHeaderName(line.slice(0, colon).trim()).toLowerCase(), line.slice(colon + 1).trim()]);
  }
  const length = /^\d{1,9}$/.exec(headers.find(([name]) => name === 'content-length')?.[1] ?? '')?.[0];
  return { start, headers, contentLength: length === undefined ? undefined : Number(length) };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** The first value of a header, undefined where it is absent. `name` in lower case. */
export function headerOf({ headers }: Pick<HeardMessage, 'headers'>, name: string): string | undefined {
  for (const [one, value] of headers) if (one === name) return value;
  return undefined;
}

/** All values of a header, one per line of the message. */
export function headersOf({ headers }: Pick<HeardMessage, 'headers'>, name: string): readonly string[] {
  return headers.filter(([one]) => one === name).map(([, value]) => value);
}

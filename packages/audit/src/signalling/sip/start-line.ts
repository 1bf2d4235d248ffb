import type { Recognition } from '../reader.ts';

/** Longest first line that is looked at, in octets. */
export const LONGEST_START_LINE = 8_192;
/** Longer names of methods are not known, also not to come. */
const LONGEST_METHOD = 64;
const LF = 10;
const SPACE = 32;
const VERSION = new TextEncoder().encode('SIP/');

/** Which octets may stand in a method: those of a token (RFC 3261 §25.1). */
const isTokenOctet = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") {
  isTokenOctet[character.charCodeAt(0)] = 1;
}

/**
 * Whether the first line of a request or response (RFC 3261 §7.1, §7.2) begins there; `more` where the octets end before
 * that is known. Allocates nothing: every unknown datagram is asked about.
 */
export function startLineAt(octets: Uint8Array, at: number, end: number = octets.length): Recognition {
  const status = versionAt(octets, at, end);
  if (status === 'more') return 'more';
  if (status === 'yes') return statusAt(octets, at, end);
  let index = at;
  while (index < end && isTokenOctet[octets[index] ?? 0] === 1) index++;
  const length = index - at;
  if (length > LONGEST_METHOD) return 'no';
  if (index === end) return length === 0 ? 'no' : 'more';
  if (length === 0 || octets[index] !== SPACE) return 'no';
  // What stands before the version is a URI, or what a broken sender took for one.
  const limit = Math.min(end, at + LONGEST_START_LINE);
  for (index++; index < limit; index++) {
    const octet = octets[index] ?? 0;
    if (octet === LF || octet === 0) return 'no';
    if (octet !== SPACE) continue;
    const version = versionAt(octets, index + 1, end);
    if (version !== 'no') return version;
  }
  return limit < end || end - at >= LONGEST_START_LINE ? 'no' : 'more';
}

/** `SIP/2.0 200`, of any version. */
function statusAt(octets: Uint8Array, at: number, end: number): Recognition {
  for (let index = at + VERSION.length; index < at + 16; index++) {
    if (index >= end) return 'more';
    const octet = octets[index] ?? 0;
    if (octet === SPACE) {
      if (index + 3 >= end) return 'more';
      const isStatus = isDigit(octets[index + 1]) && isDigit(octets[index + 2]) && isDigit(octets[index + 3]);
      return isStatus && !(index + 4 < end && isDigit(octets[index + 4])) ? 'yes' : 'no';
    }
    if (!isDigit(octet) && octet !== 46) return 'no';
  }
  return 'no';
}

function versionAt(octets: Uint8Array, at: number, end: number): Recognition {
  for (let index = 0; index < VERSION.length; index++) {
    if (at + index >= end) return 'more';
    const octet = octets[at + index] ?? 0;
    const isSame = octet === VERSION[index] || (octet >= 97 && octet - 32 === VERSION[index]);
    if (!isSame) return 'no';
  }
  return 'yes';
}

function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && octet >= 48 && octet <= 57;
}

/** Past line ends and NUL octets, which keep bindings alive (RFC 5626 §3.5.1) and stand before messages. */
export function afterKeepAlives(octets: Uint8Array, at: number, end: number = octets.length): number {
  let index = at;
  for (; index < end; index++) {
    const octet = octets[index];
    if (octet !== 13 && octet !== LF && octet !== 0) break;
  }
  return index;
}

export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

/** Reads it as far as it can be read; undefined where it is none. */
export function readStartLine(text: string): StartLine | undefined {
  const response = /^SIP\/[\d.]* +(\d{3})(?!\d) ?(.*)$/i.exec(text);
  if (response !== null) return { kind: 'response', status: Number(response[1]), reason: (response[2] ?? '').trim() };
  const space = text.indexOf(' ');
  if (space < 1 || space > LONGEST_METHOD) return undefined;
  const target = text.slice(space).trim();
  const version = /^SIP\/[\d.]*$/i.test(target.slice(target.lastIndexOf(' ') + 1));
  const uri = version ? target.slice(0, Math.max(target.lastIndexOf(' '), 0)).trim() : target;
  return { kind: 'request', method: text.slice(0, space), uri };
}

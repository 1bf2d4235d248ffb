/**
 * Texts on the wire are ASCII, UTF-8 where the phone says that it knows it, ISO 8859-1 where not; and an octet 0x80
 * (octal 200) stands before the number of a word in the phone's own dictionary, so that `\u0080` is that octet here.
 */
const DICTIONARY = 0x80;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

/**
 * Reads a text, which ends at its first zero octet. What is not UTF-8 is taken for ISO 8859-1, octet by octet: no octets
 * are refused.
 */
export function readText(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length && octets[at] !== 0; ) {
    const length = lengthOfCharacter(octets[at] ?? 0);
    const character = length === 1 ? undefined : decoded(octets.subarray(at, at + length));
    text += character ?? String.fromCharCode(octets[at] ?? 0);
    at += character === undefined ? 1 : length;
  }
  return text;
}

/** By its first octet (RFC 3629 §3); 1 where no character of several octets begins with it. */
function lengthOfCharacter(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 1;
}

function decoded(octets: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(octets);
  } catch {
    return undefined;
  }
}

/** Writes a text of at most `most` octets; a longer one is cut between two characters. */
export function textOctets(text: string, most: number, latin1: boolean): Uint8Array {
  const short = text.length <= most ? text : text.slice(0, most);
  const octets = new Uint8Array(most);
  let length = 0;
  for (const character of short) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0) break; // a text ends there on the wire
    if (code <= DICTIONARY || (latin1 && code <= 0xff)) {
      if (length === most) break;
      octets[length] = code;
      length += 1;
      continue;
    }
    const encoded = latin1 ? Uint8Array.of(0x3f) : utf8.encode(character);
    if (length + encoded.length > most) break;
    octets.set(encoded, length);
    length += encoded.length;
  }
  return octets.subarray(0, length);
}

const NONE = 64;
/** What each character stands for, by its code. */
const VALUES = new Uint8Array(128).fill(NONE);
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  VALUES[character.charCodeAt(0)] = value;
}

/**
 * Strict base64 (RFC 4648 §4), except that the padding may be missing, since some peers leave it out.
 * Undefined for anything else, also for bits set past the last octet, which would give one key two spellings.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  let length = text.length;
  if (text.endsWith('=')) {
    if (length % 4 !== 0) return undefined;
    length -= text.endsWith('==') ? 2 : 1;
  }
  if (length === 0 || length % 4 === 1) return undefined;
  const octets = new Uint8Array(Math.floor((length * 3) / 4));
  let [held, bits, written] = [0, 0, 0];
  for (let at = 0; at < length; at += 1) {
    const value = VALUES[text.charCodeAt(at)] ?? NONE;
    if (value === NONE) return undefined;
    held = (held << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    octets[written] = held >> bits;
    written += 1;
    held &= (1 << bits) - 1;
  }
  return held === 0 ? octets : undefined;
}

export function encodeBase64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets));
}

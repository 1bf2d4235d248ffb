/**
 * Strict base64 (RFC 4648 §4), except that the padding may be missing, since some peers leave it out.
 * Undefined for anything else, also for bits set past the last octet, which would give one key two spellings.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/={1,2}$/, '');
  if (bare !== text && text.length % 4 !== 0) return undefined;
  if (!/^[A-Za-z0-9+/]+$/.test(bare) || bare.length % 4 === 1) return undefined;
  const octets = Uint8Array.from(atob(bare), (character) => character.charCodeAt(0));
  return encodeBase64(octets).replace(/=+$/, '') === bare ? octets : undefined;
}

export function encodeBase64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets));
}

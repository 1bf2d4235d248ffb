/**
 * What of a message opens media or passwords, in its text: SDES keys (RFC 4568 §9.1), MIKEY messages (RFC 4567 §3.1), the
 * obsolete `k=` (RFC 8866 §5.12), and what a digest answer lets somebody guess the password by (RFC 7616 §3.4).
 */
const secrets: readonly RegExp[] = [
  /(?<=^a=crypto:.*\binline:)[^\s|;]+/gim,
  /(?<=^a=key-mgmt:\S+[ \t]+)\S+/gim,
  /(?<=^k=).+/gim,
  /(?<=^(?:Proxy-)?Authorization[ \t]*:.*\bresponse[ \t]*=[ \t]*")[^"]*/gim,
];

/** The message without its secrets, and without what people write to each other: as long as it was, so that every length in it still holds. */
export function hideKeys(text: string): string {
  const hidden = secrets.reduce((said, secret) => said.replace(secret, (found) => 'x'.repeat(found.length)), text);
  // What people write to each other (MESSAGE, RFC 3428) is nobody else's.
  if (!hidden.startsWith('MESSAGE ')) return hidden;
  const end = hidden.indexOf('\r\n\r\n');
  if (end < 0) return hidden;
  return hidden.slice(0, end + 4) + 'x'.repeat(new TextEncoder().encode(hidden.slice(end + 4)).length);
}

import { HeaderReader, quote, unquote } from '../message/grammar.ts';

/** Directives in order; names in lower case, values without quotes. */
export type DigestDirectives = ReadonlyMap<string, string>;

/**
 * Reads a value of WWW-Authenticate, Authorization and their proxy twins. Undefined for another scheme,
 * a malformed value, or a directive that stands twice, for two readings of it are one too many.
 */
export function parseDigest(value: string): DigestDirectives | undefined {
  const reader = new HeaderReader(value);
  reader.skipSpace();
  if (reader.token()?.toLowerCase() !== 'digest') return undefined;
  const directives = new Map<string, string>();
  do {
    reader.skipSpace();
    const name = reader.token()?.toLowerCase();
    if (name === undefined || directives.has(name) || !reader.separator('=')) return undefined;
    const directive = reader.value();
    if (directive === undefined) return undefined;
    directives.set(name, unquote(directive));
  } while (reader.separator(','));
  return reader.done ? directives : undefined;
}

/** What stands in quotes; the others are tokens, and some peers refuse them quoted (RFC 7616 §3.4). */
const QUOTED = new Set(['realm', 'domain', 'nonce', 'opaque', 'username', 'uri', 'response', 'cnonce', 'rspauth']);

/** In a challenge the list of qop values is quoted, in credentials the one chosen is not. */
export function formatDigest(
  kind: 'challenge' | 'credentials',
  directives: readonly (readonly [name: string, value: string])[],
): string {
  const parts = directives.map(([name, value]) => {
    const quoted = QUOTED.has(name) || (name === 'qop' && kind === 'challenge');
    return `${name}=${quoted ? quote(value) : value}`;
  });
  return `Digest ${parts.join(', ')}`;
}

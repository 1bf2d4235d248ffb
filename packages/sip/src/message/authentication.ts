import { HeaderReader, quote, unquote } from './grammar.ts';

/**
 * A challenge (WWW-Authenticate, Proxy-Authenticate) or credentials (Authorization,
 * Proxy-Authorization): a scheme and its parameters (RFC 3261 §25.1, RFC 7616 §3.3).
 */
export interface Authentication {
  /** As written; compare without case. */
  readonly scheme: string;
  /** In order, values unquoted. Names are in lower case, and each stands once. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads one header value, which holds one challenge: SIP has no lists of them (RFC 3261 §20.44).
 * Undefined if malformed, or if a parameter stands twice, for then two servers could read two users.
 */
export function parseAuthentication(value: string): Authentication | undefined {
  const reader = new HeaderReader(value);
  reader.skipSpace();
  const scheme = reader.token();
  if (scheme === undefined) return undefined;
  const parameters = new Map<string, string>();
  if (reader.done) return { scheme, parameters };
  do {
    const name = reader.token()?.toLowerCase();
    if (name === undefined || parameters.has(name) || !reader.separator('=')) return undefined;
    const text = reader.peek() === '"' ? reader.quoted() : reader.until(',');
    if (text === undefined) return undefined;
    parameters.set(name, unquote(text));
  } while (reader.separator(','));
  return reader.done ? { scheme, parameters } : undefined;
}

/** RFC 3261 §25.1 and RFC 7616 §3.4: these stand without quotes, all others with them. */
const UNQUOTED: ReadonlySet<string> = new Set(['algorithm', 'stale', 'nc', 'userhash']);

/** The value of a challenge or of credentials. `qop` is quoted in a challenge and bare in credentials, which name a `response`. */
export function formatAuthentication({ scheme, parameters }: Authentication): string {
  const isCredentials = parameters.has('response');
  const parts: string[] = [];
  for (const [name, value] of parameters) {
    const bare = UNQUOTED.has(name) || (name === 'qop' && isCredentials);
    parts.push(`${name}=${bare ? value : quote(value)}`);
  }
  return parts.length === 0 ? scheme : `${scheme} ${parts.join(', ')}`;
}

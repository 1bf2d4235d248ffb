import { type HeardMessage, headersOf } from './message.ts';

/** Credentials that a request carries (RFC 7616, RFC 7617). */
export type HeardCredentials =
  | {
      readonly scheme: 'digest';
      readonly method: string;
      readonly user: string;
      readonly realm: string;
      readonly nonce: string;
      readonly uri: string;
      readonly response: string;
      /** As it was written; `MD5` where nothing is said. */
      readonly algorithm: string;
      readonly qop: string;
      readonly clientNonce: string;
      readonly nonceCount: string;
    }
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string };

const LONGEST_VALUE = 2_048;

/** All credentials of a request. An ACK and a CANCEL repeat those of the INVITE, and are passed over. */
export function credentialsOf(message: HeardMessage): readonly HeardCredentials[] {
  const { start } = message;
  if (start.kind !== 'request' || start.method === 'ACK' || start.method === 'CANCEL') return [];
  const found: HeardCredentials[] = [];
  for (const name of ['authorization', 'proxy-authorization']) {
    for (const value of headersOf(message, name)) {
      const one = /^basic\s/i.test(value) ? basic(value) : digest(value, start.method);
      if (one !== undefined) found.push(one);
    }
  }
  return found;
}

/** The nonces with which a response challenges, by which credentials are told to answer it. */
export function challengesOf(message: HeardMessage): readonly string[] {
  const values = [...headersOf(message, 'www-authenticate'), ...headersOf(message, 'proxy-authenticate')];
  return values.flatMap((value) => directives(value)?.get('nonce') ?? []);
}

function digest(value: string, method: string): HeardCredentials | undefined {
  const found = directives(value);
  const [user, nonce, response] = [found?.get('username'), found?.get('nonce'), found?.get('response')];
  // A request that only asks for a challenge has an empty response (RFC 3310 does so).
  if (found === undefined || user === undefined || nonce === undefined || !response) return undefined;
  return {
    scheme: 'digest',
    method,
    user,
    realm: found.get('realm') ?? '',
    nonce,
    uri: found.get('uri') ?? '',
    response,
    algorithm: found.get('algorithm') ?? 'MD5',
    qop: found.get('qop') ?? '',
    clientNonce: found.get('cnonce') ?? '',
    nonceCount: found.get('nc') ?? '',
  };
}

/** Names in lower case. */
function directives(value: string): ReadonlyMap<string, string> | undefined {
  if (value.length > 4 * LONGEST_VALUE || !/^digest\s/i.test(value)) return undefined;
  const found = new Map<string, string>();
  for (const [, name = '', quoted, token] of value
    .slice(6)
    .matchAll(/([\w-]{1,64})\s{0,4}=\s{0,4}(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)) {
    const lower = name.toLowerCase();
    if (!found.has(lower)) found.set(lower, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return found;
}

function basic(value: string): HeardCredentials | undefined {
  try {
    const text = atob(value.slice(5).trim());
    const colon = text.indexOf(':');
    return { scheme: 'basic', user: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}

/**
 * Digest credentials as hashcat's mode 11400 reads them; undefined for what it does not know (another algorithm than MD5,
 * a body covered), and where a value holds the character that parts its fields.
 */
export function hashcatLine(
  {
    algorithm,
    user,
    realm,
    method,
    uri,
    nonce,
    clientNonce,
    nonceCount,
    qop,
    response,
  }: HeardCredentials & {
    readonly scheme: 'digest';
  },
  server: string,
  client: string,
): string | undefined {
  // With auth-int the answer covers a body that the line has no field for.
  if (!/^md5$/i.test(algorithm) || /^auth-int$/i.test(qop) || !/^[0-9a-f]{32}$/i.test(response)) return undefined;
  // It puts the URI together again from three fields with colons between those that are not empty.
  const [prefix = '', resource = '', ...rest] = uri.split(':');
  const parts = resource === '' ? ['', prefix, ''] : [prefix, resource, rest.join(':')];
  const fields = [
    server,
    client,
    user,
    realm,
    method,
    ...parts,
    nonce,
    clientNonce,
    nonceCount,
    qop,
    'MD5',
    response.toLowerCase(),
  ];
  return fields.some((field) => field.includes('*')) ? undefined : `$sip$*${fields.join('*')}`;
}

import { headerValues } from '../message/headers.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { type DigestAlgorithm, type DigestQop, digestAlgorithm, digestResponse, sameSecret } from './algorithm.ts';
import { type DigestDirectives, formatDigest, parseDigest } from './header.ts';
import { Nonces } from './nonce.ts';

/** How long a nonce may be used, in milliseconds. */
const DEFAULT_NONCE_LIFETIME = 300_000;

export interface DigestServerOptions {
  readonly realm: string;
  /** 32 random octets that seal the nonces; a new one makes every nonce out there stale. */
  readonly secret: Uint8Array;
  readonly random: (length: number) => Uint8Array;
  /** Offered in this order (RFC 8760 §2.3); MD5 only where it is named here. Default: SHA-256. */
  readonly algorithms?: readonly DigestAlgorithm[];
  readonly qop?: readonly DigestQop[];
  /** Offers userhash (RFC 7616 §3.4.4): clients may then send a hash for their name. */
  readonly userhash?: boolean;
  readonly nonceLifetime?: number;
  readonly maximumNonces?: number;
}

/** Whose password a client claims to know. */
export interface DigestClaim {
  readonly realm: string;
  readonly algorithm: DigestAlgorithm;
  /** A user's name, or with `hashed` the `digestUserhash` of it. */
  readonly username: string;
  readonly hashed: boolean;
}

/** The account behind a claim: its plain name and the HA1 of the claim's algorithm. */
export interface DigestAccount {
  readonly username: string;
  readonly ha1: string;
}

export type DigestVerdict =
  | { readonly kind: 'verified'; readonly username: string; readonly algorithm: DigestAlgorithm }
  /** No credentials for this realm: a challenge is due, and nothing is wrong. */
  | { readonly kind: 'missing' }
  /** Right, but for a nonce of the past: a challenge with `stale` is due (RFC 7616 §3.3). */
  | { readonly kind: 'stale' }
  | {
      readonly kind: 'refused';
      readonly reason:
        | 'malformed'
        | 'algorithm'
        | 'uri'
        | 'unknown-user'
        | 'wrong-password'
        | 'replayed'
        | 'foreign-nonce';
      readonly username: string | undefined;
    };

/** The server's half of digest authentication: RFC 3261 §22, RFC 7616, RFC 8760. */
export class DigestServer {
  readonly #options: DigestServerOptions;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #qop: readonly DigestQop[];
  readonly #nonces: Nonces;

  constructor(options: DigestServerOptions) {
    this.#options = options;
    this.#algorithms = options.algorithms ?? ['SHA-256'];
    this.#qop = options.qop ?? ['auth'];
    this.#nonces = new Nonces({
      secret: options.secret,
      random: options.random,
      lifetime: options.nonceLifetime ?? DEFAULT_NONCE_LIFETIME,
      ...(options.maximumNonces === undefined ? {} : { maximum: options.maximumNonces }),
    });
  }

  /** The headers of a 401, or of a 407: one for each algorithm, the preferred first (RFC 8760 §2.3). */
  challenge(
    now: number,
    options: { readonly stale?: boolean; readonly name?: 'WWW-Authenticate' | 'Proxy-Authenticate' } = {},
  ): readonly SipHeader[] {
    const { realm, userhash = false } = this.#options;
    return this.#algorithms.map((algorithm) => ({
      name: options.name ?? 'WWW-Authenticate',
      value: formatDigest('challenge', [
        ['realm', realm],
        ['nonce', this.#nonces.issue(now, realm)],
        ['qop', this.#qop.join(',')],
        ['algorithm', algorithm],
        ...(options.stale === true ? ([['stale', 'true']] as const) : []),
        ...(userhash ? ([['userhash', 'true']] as const) : []),
      ]),
    }));
  }

  /** Judges a request's credentials for our realm. `lookup` knows the accounts. */
  verify(now: number, request: SipRequest, lookup: (claim: DigestClaim) => DigestAccount | undefined): DigestVerdict {
    const own = this.#credentials(request);
    if (own === 'malformed') return refused('malformed', undefined);
    if (own === undefined) return { kind: 'missing' };
    const read = readCredentials(own);
    if (read === undefined) return refused('malformed', own.get('username'));
    const { username, algorithm, qop, count } = read;
    if (algorithm === undefined || !this.#algorithms.includes(algorithm)) return refused('algorithm', username);
    if (!this.#qop.includes(qop) || (read.hashed && this.#options.userhash !== true))
      return refused('malformed', username);
    // RFC 3261 §22.4: the uri directive names the Request-URI; another one was meant for another request.
    if (read.uri !== request.uri) return refused('uri', username);
    const { realm } = this.#options;
    const verdict = this.#nonces.judge(now, realm, read.nonce, count);
    const account = lookup({ realm, algorithm, username, hashed: read.hashed });
    const expected = digestResponse(algorithm, {
      // An unknown user costs the same time as a wrong password.
      ha1: account?.ha1 ?? '',
      method: request.method,
      uri: read.uri,
      nonce: read.nonce,
      nonceCount: read.nonceCount,
      clientNonce: read.clientNonce,
      qop,
      body: request.body,
    });
    const right = sameSecret(expected, read.response.toLowerCase());
    // After a restart every phone still has a nonce of before: "stale [...] indicating that the previous request from the
    // client was rejected because the nonce value was stale" (RFC 7616 §3.3) has it try again and not give up.
    if (verdict === 'foreign')
      return right && account !== undefined ? { kind: 'stale' } : refused('foreign-nonce', username);
    if (account === undefined) return refused('unknown-user', username);
    if (!right) return refused('wrong-password', username);
    if (verdict === 'stale') return { kind: 'stale' };
    if (verdict === 'replayed') return refused('replayed', username);
    this.#nonces.use(now, read.nonce, count);
    return { kind: 'verified', username: account.username, algorithm };
  }

  #credentials(request: SipRequest): DigestDirectives | 'malformed' | undefined {
    const values = [...headerValues(request, 'Authorization'), ...headerValues(request, 'Proxy-Authorization')];
    const digests = values.filter((value) => value.slice(0, 6).toLowerCase() === 'digest').map(parseDigest);
    const own = digests.filter((directives) => directives?.get('realm') === this.#options.realm);
    if (own.length > 1) return 'malformed';
    if (own[0] !== undefined) return own[0];
    return digests.includes(undefined) ? 'malformed' : undefined;
  }
}

function readCredentials(directives: DigestDirectives) {
  const username = directives.get('username');
  const uri = directives.get('uri');
  const nonce = directives.get('nonce');
  const response = directives.get('response');
  const clientNonce = directives.get('cnonce');
  const nonceCount = directives.get('nc');
  const qop = directives.get('qop');
  if (username === undefined || uri === undefined || nonce === undefined || response === undefined) return undefined;
  // RFC 2069 without qop has no count and cannot be kept from replays: we always offer qop, so it is due.
  if (clientNonce === undefined || nonceCount === undefined || !/^[0-9a-f]{8}$/i.test(nonceCount)) return undefined;
  if (qop !== 'auth' && qop !== 'auth-int') return undefined;
  const parts: { readonly username: string; readonly hashed: boolean; readonly qop: DigestQop } = {
    username,
    hashed: directives.get('userhash')?.toLowerCase() === 'true',
    qop,
  };
  const count = Number.parseInt(nonceCount, 16);
  const algorithm = digestAlgorithm(directives.get('algorithm'));
  return { ...parts, uri, nonce, response, clientNonce, nonceCount, count, algorithm };
}

type RefusalReason = Extract<DigestVerdict, { readonly kind: 'refused' }>['reason'];

function refused(reason: RefusalReason, username: string | undefined): DigestVerdict {
  return { kind: 'refused', reason, username };
}

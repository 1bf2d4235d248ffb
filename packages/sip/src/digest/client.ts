import { hexadecimal, type Redacted } from '@trustline/base';
import { headerValues } from '../message/headers.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import {
  type DigestAlgorithm,
  type DigestQop,
  digestAlgorithm,
  digestHa1,
  digestResponse,
  digestUserhash,
} from './algorithm.ts';
import { type DigestDirectives, formatDigest, parseDigest } from './header.ts';

export interface DigestClientOptions {
  readonly username: string;
  readonly password: Redacted<string>;
  /** MD5 is answered only where this says so. */
  readonly allowMd5?: boolean;
  readonly random: (length: number) => Uint8Array;
}

interface Challenge {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** Absent from the challenge: MD5 is meant, and old servers want it left away from the answer too. */
  readonly algorithmSaid: boolean;
  readonly qop: DigestQop;
  readonly stale: boolean;
  readonly userhash: boolean;
}

const RESPONSE_HEADERS = { 401: 'WWW-Authenticate', 407: 'Proxy-Authenticate' } as const;

/** The client's half of digest authentication for one account: RFC 3261 §22, RFC 7616, RFC 8760. */
export class DigestClient {
  readonly #options: DigestClientOptions;
  #challenge: Challenge | undefined;
  #count = 0;

  constructor(options: DigestClientOptions) {
    this.#options = options;
  }

  /**
   * The header with which a challenged request is sent again; undefined where that is of no use: no
   * challenge we can answer, or these very credentials were just refused.
   */
  answer(request: SipRequest, response: SipResponse): SipHeader | undefined {
    const { status } = response;
    if (status !== 401 && status !== 407) return undefined;
    const name = RESPONSE_HEADERS[status];
    const challenges = headerValues(response, name).map((value) => readChallenge(value, status));
    // "the client SHOULD use the first challenge it supports" (RFC 7616 §3.7, RFC 8760 §2.4).
    const chosen = challenges.find((challenge) => challenge !== undefined && this.#supports(challenge));
    if (chosen === undefined) return undefined;
    const tried = headerValues(request, chosen.header).some(
      (value) => parseDigest(value)?.get('realm') === chosen.realm,
    );
    if (tried && !chosen.stale) return undefined;
    // A nonce that is given out again, to two calls at once for instance, is counted on (RFC 7616 §3.4).
    if (chosen.nonce !== this.#challenge?.nonce) this.#count = 0;
    this.#challenge = chosen;
    return this.credentials(request);
  }

  /** Credentials for the last challenge with the next nonce count, to send without being asked; undefined before one. */
  credentials(request: SipRequest): SipHeader | undefined {
    const challenge = this.#challenge;
    if (challenge === undefined) return undefined;
    this.#count += 1;
    const { username, password, random } = this.#options;
    const { realm, nonce, opaque, algorithm, qop } = challenge;
    const nonceCount = this.#count.toString(16).padStart(8, '0');
    const clientNonce = hexadecimal(random(12));
    const ha1 = digestHa1(algorithm, username, realm, password.reveal());
    const { method, uri, body } = request;
    const response = digestResponse(algorithm, { ha1, method, uri, nonce, nonceCount, clientNonce, qop, body });
    return {
      name: challenge.header,
      value: formatDigest('credentials', [
        ['username', challenge.userhash ? digestUserhash(algorithm, username, realm) : username],
        ['realm', realm],
        ['nonce', nonce],
        ['uri', uri],
        ['response', response],
        ...(challenge.algorithmSaid ? ([['algorithm', algorithm]] as const) : []),
        ['cnonce', clientNonce],
        ...(opaque === undefined ? [] : ([['opaque', opaque]] as const)),
        ['qop', qop],
        ['nc', nonceCount],
        ...(challenge.userhash ? ([['userhash', 'true']] as const) : []),
      ]),
    };
  }

  #supports({ algorithm }: Challenge): boolean {
    return algorithm !== 'MD5' || this.#options.allowMd5 === true;
  }
}

/** The algorithms of the challenges in a response, as they stand there; none where it challenges nobody. */
export function challengeAlgorithms(response: SipResponse): readonly string[] {
  const { status } = response;
  if (status !== 401 && status !== 407) return [];
  return headerValues(response, RESPONSE_HEADERS[status]).flatMap((value) => {
    const directives = parseDigest(value);
    return directives === undefined ? [] : [directives.get('algorithm') ?? 'MD5'];
  });
}

function readChallenge(value: string, status: 401 | 407): Challenge | undefined {
  const directives: DigestDirectives | undefined = parseDigest(value);
  const realm = directives?.get('realm');
  const nonce = directives?.get('nonce');
  const algorithm = digestAlgorithm(directives?.get('algorithm'));
  const offered = directives
    ?.get('qop')
    ?.split(',')
    .map((qop) => qop.trim().toLowerCase());
  const qop = offered?.includes('auth') ? 'auth' : offered?.includes('auth-int') ? 'auth-int' : undefined;
  if (directives === undefined || realm === undefined || nonce === undefined) return undefined;
  if (algorithm === undefined || qop === undefined) return undefined;
  return {
    header: status === 401 ? 'Authorization' : 'Proxy-Authorization',
    realm,
    nonce,
    opaque: directives.get('opaque'),
    algorithm,
    algorithmSaid: directives.has('algorithm'),
    qop,
    stale: directives.get('stale')?.toLowerCase() === 'true',
    userhash: directives.get('userhash')?.toLowerCase() === 'true',
  };
}

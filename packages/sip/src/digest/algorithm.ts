import { hash as nodeHash, timingSafeEqual } from 'node:crypto';

/** Digest algorithms we compute, in the spelling of the headers (RFC 7616 §6.1, RFC 8760 §2.1). */
export type DigestAlgorithm = 'SHA-256' | 'SHA-512-256' | 'MD5';

/** The protection a response covers: the request line, or its body too. */
export type DigestQop = 'auth' | 'auth-int';

const HASHES = { 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256', MD5: 'md5' } as const satisfies Record<
  DigestAlgorithm,
  string
>;

/** The algorithm of a header; undefined for one we do not know. Absent means MD5 (RFC 7616 §3.3). */
export function digestAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  const upper = (name ?? 'MD5').toUpperCase();
  return upper === 'SHA-256' || upper === 'SHA-512-256' || upper === 'MD5' ? upper : undefined;
}

/** In lower-case hexadecimal, as every value of RFC 7616 is. */
function hash(algorithm: DigestAlgorithm, data: string | Uint8Array): string {
  return nodeHash(HASHES[algorithm], data, 'hex');
}

/**
 * H(username:realm:password), what a server keeps in place of the password (RFC 7616 §3.4.2). It opens
 * this realm as the password does: store it as a secret.
 */
export function digestHa1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return hash(algorithm, `${username}:${realm}:${password}`);
}

/** H(username:realm), the name a client sends where the server offers userhash (RFC 7616 §3.4.4). */
export function digestUserhash(algorithm: DigestAlgorithm, username: string, realm: string): string {
  return hash(algorithm, `${username}:${realm}`);
}

/** The `response` value (RFC 7616 §3.4.1), with `qop` as RFC 3261 §22.4 requires of us. */
export function digestResponse(
  algorithm: DigestAlgorithm,
  input: {
    readonly ha1: string;
    readonly method: string;
    readonly uri: string;
    readonly nonce: string;
    /** Eight hexadecimal digits. */
    readonly nonceCount: string;
    readonly clientNonce: string;
    readonly qop: DigestQop;
    /** Covered by auth-int. */
    readonly body: Uint8Array;
  },
): string {
  const { ha1, method, uri, nonce, nonceCount, clientNonce, qop, body } = input;
  const a2 = qop === 'auth' ? `${method}:${uri}` : `${method}:${uri}:${hash(algorithm, body)}`;
  return hash(algorithm, `${ha1}:${nonce}:${nonceCount}:${clientNonce}:${qop}:${hash(algorithm, a2)}`);
}

/** Whether two texts are equal, in a time that says nothing about where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

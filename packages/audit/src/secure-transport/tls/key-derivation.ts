import { createHash, createHmac } from 'node:crypto';
import type { CipherSuite } from './cipher-suites.ts';
import { versionNumbers } from './names.ts';

const text = (label: string) => new TextEncoder().encode(label);

/** Names of the hashes as `node:crypto` has them. */
const hashNames = { MD5: 'md5', SHA: 'sha1', SHA256: 'sha256', SHA384: 'sha384', SM3: 'sm3' } as const;

export function hashName(hash: keyof typeof hashNames): string {
  return hashNames[hash];
}

/** Whether keys of this version are derived as TLS 1.2 does it; the same for its DTLS. */
function isFrom12(version: number): boolean {
  return version === versionNumbers['TLS 1.2'] || version === versionNumbers['DTLS 1.2'];
}

/** The pseudorandom function of TLS 1.0 to 1.2 and DTLS 1.0 and 1.2 (RFC 5246 §5, RFC 2246 §5). */
export function prf(
  { version, suite }: { readonly version: number; readonly suite: CipherSuite },
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = concatenated(text(label), seed);
  if (isFrom12(version)) return expanded(hashName(suite.hash), secret, labelled, length);
  // Two halves, which share an octet where their number is odd.
  const half = Math.ceil(secret.byteLength / 2);
  const one = expanded('md5', secret.subarray(0, half), labelled, length);
  const other = expanded('sha1', secret.subarray(secret.byteLength - half), labelled, length);
  return one.map((octet, at) => octet ^ (other[at] ?? 0));
}

/** P_hash (RFC 5246 §5). */
function expanded(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let a: Uint8Array = seed;
  for (let at = 0; at < length; ) {
    a = createHmac(hash, secret).update(a).digest();
    const block = createHmac(hash, secret).update(a).update(seed).digest();
    out.set(block.subarray(0, length - at), at);
    at += block.byteLength;
  }
  return out;
}

/** The hash of a handshake that the extended master secret takes in (RFC 7627 §3). */
export function sessionHash(
  { version, suite }: { readonly version: number; readonly suite: CipherSuite },
  messages: readonly Uint8Array[],
): Uint8Array {
  const digest = (hash: string) => {
    const state = createHash(hash);
    for (const message of messages) state.update(message);
    return state.digest();
  };
  if (isFrom12(version)) return digest(hashName(suite.hash));
  return concatenated(digest('md5'), digest('sha1'));
}

/** HKDF-Expand-Label (RFC 8446 §7.1). */
export function expandLabel(
  hash: string,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = text(`tls13 ${label}`);
  const info = Uint8Array.of(
    length >> 8,
    length & 0xff,
    labelled.byteLength,
    ...labelled,
    context.byteLength,
    ...context,
  );
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, count = 1; at < length; count++) {
    block = createHmac(hash, secret).update(block).update(info).update(Uint8Array.of(count)).digest();
    out.set(block.subarray(0, length - at), at);
    at += block.byteLength;
  }
  return out;
}

/** The secret after a KeyUpdate (RFC 8446 §7.2). */
export function nextTrafficSecret(hash: string, secret: Uint8Array): Uint8Array {
  return expandLabel(hash, secret, 'traffic upd', new Uint8Array(0), secret.byteLength);
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

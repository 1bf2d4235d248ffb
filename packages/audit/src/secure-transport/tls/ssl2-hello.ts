import { ByteReader } from '@trustline/base';
import { type ClientHello, readExtensions, type ServerHello } from './hello.ts';
import { versionNumbers } from './names.ts';

const messageTypes = { clientHello: 1, serverHello: 4 } as const;

/** The code of a suite that has none since SSL 3. */
export const NO_SUITE = -1;

/**
 * A hello in the form of SSL 2, without the two octets of length before it: of a client, which may offer later versions by it
 * (RFC 5246 appendix E.2), or of a server that speaks SSL 2. Undefined for anything else.
 *
 * @throws {TrustlineError} base.short-input
 */
export function readSsl2Hello(message: Uint8Array): ClientHello | ServerHello | undefined {
  const reader = new ByteReader(message);
  const extensions = readExtensions(new ByteReader(new Uint8Array(0)), 'client');
  const type = reader.u8();
  if (type === messageTypes.serverHello) {
    const none = new Uint8Array(0);
    const answer = { version: versionNumbers['SSL 2'], random: none, sessionId: none, suite: NO_SUITE, compression: 0 };
    return { kind: 'server-hello', ...answer, isRetryRequest: false, extensions };
  }
  if (type !== messageTypes.clientHello) return undefined;
  const legacyVersion = reader.u16();
  const lengths = [reader.u16(), reader.u16(), reader.u16()] as const;
  const specifications = new ByteReader(reader.take(lengths[0]));
  const sessionId = reader.take(lengths[1]).slice();
  const challenge = reader.take(lengths[2]);
  const suites: number[] = [];
  while (specifications.remaining >= 3) {
    // Those of SSL 2 begin with another octet than zero, and have no other name.
    if (specifications.u8() === 0) suites.push(specifications.u16());
    else specifications.skip(2);
  }
  const random = new Uint8Array(32);
  const kept = challenge.subarray(0, 32);
  random.set(kept, 32 - kept.byteLength);
  return { kind: 'client-hello', legacyVersion, random, sessionId, suites, compressions: [0], extensions };
}

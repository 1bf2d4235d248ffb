import type { SrtpCryptoProvider } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';

/** SRTP whose cipher does nothing: packets look protected, are signalled as encrypted, and hold what was said. */
export const brokenCrypto: SrtpCryptoProvider = {
  createCounterModeCipher: () => ({
    apply: (_, source, from, to, target, targetFrom) => target.set(source.subarray(from, to), targetFrom),
    close: () => undefined,
  }),
  createHmacSha1: (key) => nodeCrypto.createHmacSha1(key),
};

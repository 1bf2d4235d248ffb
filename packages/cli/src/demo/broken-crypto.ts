import type { PacketCipher, SrtpCryptoProvider } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';

/** SRTP that encrypts nothing: packets look protected, are signalled as encrypted, and hold what was said. */
export const brokenCrypto: SrtpCryptoProvider = {
  ...nodeCrypto,
  name: 'broken',
  createCounterModePacketCipher: (keys) => withoutEncryption(nodeCrypto.createCounterModePacketCipher(keys)),
  createGaloisPacketCipher: (keys) => withoutEncryption(nodeCrypto.createGaloisPacketCipher(keys)),
};

/** The whole packet stays clear, and is authenticated. */
function withoutEncryption(cipher: PacketCipher): PacketCipher {
  return {
    digestLength: cipher.digestLength,
    protect: (source, _clear, end, ...rest) => cipher.protect(source, end, end, ...rest),
    digest: (source, _clear, end, ...rest) => cipher.digest(source, end, end, ...rest),
    open: (source, _clear, end, ...rest) => cipher.open(source, end, end, ...rest),
    crypt: (source, _clear, end, ...rest) => cipher.crypt(source, end, end, ...rest),
    createKeystream: (ssrc) => cipher.createKeystream(ssrc),
    close: () => cipher.close(),
  };
}

import { describe, expect, test } from 'vitest';
import kdr from '../vectors/kdr-derived.json' with { type: 'json' };
import nist from '../vectors/nist-srtp-kdf.json' with { type: 'json' };
import reFfmpeg from '../vectors/re-ffmpeg.json' with { type: 'json' };
import rfc3711 from '../vectors/rfc3711-b.json' with { type: 'json' };
import rfc6188 from '../vectors/rfc6188-7.json' with { type: 'json' };
import { type KeyDerivationPosition, keyDerivationLabels, SessionKeyDerivation } from './key-derivation.ts';
import { nodeCrypto } from './node/index.ts';
import { hexadecimal, octets } from './testing/octets.ts';

function derivation(key: string, salt: string): SessionKeyDerivation {
  return new SessionKeyDerivation(nodeCrypto, octets(key), octets(salt));
}

const rtp = [
  keyDerivationLabels.rtpEncryption,
  keyDerivationLabels.rtpAuthentication,
  keyDerivationLabels.rtpSalt,
] as const;
const rtcp = [
  keyDerivationLabels.rtcpEncryption,
  keyDerivationLabels.rtcpAuthentication,
  keyDerivationLabels.rtcpSalt,
] as const;

function sessionKeys(keys: SessionKeyDerivation, labels: typeof rtp | typeof rtcp, at?: KeyDerivationPosition) {
  const [ke, ka, ks] = labels;
  return {
    ke: hexadecimal(keys.derive(ke, 16, at)),
    ka: hexadecimal(keys.derive(ka, 20, at)),
    ks: hexadecimal(keys.derive(ks, 14, at)),
  };
}

describe('key derivation', () => {
  test('gives the session keys of RFC 3711 appendix B.3', () => {
    const { masterKey, masterSalt, cipherKey, cipherSalt, authKey94 } = rfc3711.kdf;
    const keys = derivation(masterKey, masterSalt);
    expect(hexadecimal(keys.derive(keyDerivationLabels.rtpEncryption, 16))).toBe(cipherKey);
    expect(hexadecimal(keys.derive(keyDerivationLabels.rtpSalt, 14))).toBe(cipherSalt);
    expect(hexadecimal(keys.derive(keyDerivationLabels.rtpAuthentication, 94))).toBe(authKey94);
  });

  test('gives the SRTCP session keys that libre knows for the same master key', () => {
    const { masterKey, masterSalt, srtcpKey, srtcpAuth, srtcpSalt } = reFfmpeg.sessionKeysOfB3;
    expect(sessionKeys(derivation(masterKey, masterSalt), rtcp)).toEqual({
      ke: srtcpKey,
      ka: srtcpAuth,
      ks: srtcpSalt,
    });
  });

  test.each([rfc6188.kdf192, rfc6188.kdf256])('gives the session keys of RFC 6188 $section', (vector) => {
    const keys = derivation(vector.masterKey, vector.masterSalt);
    const length = vector.cipherKey.length / 2;
    expect(hexadecimal(keys.derive(keyDerivationLabels.rtpEncryption, length))).toBe(vector.cipherKey);
    expect(hexadecimal(keys.derive(keyDerivationLabels.rtpSalt, 14))).toBe(vector.cipherSalt);
  });

  test.each(nist.srtp)('SRTP with rate $kdr (NIST case $tcId)', ({ key, salt, kdr: rate, index, ke, ka, ks }) => {
    const at = { index: Number.parseInt(index, 16), keyDerivationRate: rate };
    expect(sessionKeys(derivation(key, salt), rtp, at)).toEqual({ ke, ka, ks });
  });

  test.each(nist.srtcp48)('SRTCP with rate $kdr, 48-bit quotient by erratum 3712 (NIST case $tcId)', (vector) => {
    const { key, salt, kdr: rate, index, ke, ka, ks } = vector;
    const at = { index: Number.parseInt(index, 16), keyDerivationRate: rate };
    expect(sessionKeys(derivation(key, salt), rtcp, at)).toEqual({ ke, ka, ks });
  });

  test.each(nist.srtcp32)('SRTCP with rate $kdr, 32-bit quotient as printed (NIST case $tcId)', (vector) => {
    const { key, salt, kdr: rate, index, ke, ka, ks } = vector;
    const at = { index: Number.parseInt(index, 16), keyDerivationRate: rate, quotientBits: 32 } as const;
    expect(sessionKeys(derivation(key, salt), rtcp, at)).toEqual({ ke, ka, ks });
  });

  test.each(kdr.vectors)('rate $kdr at index $index', ({ kdr: rate, index, ke, ka, ks }) => {
    const at = { index: Number.parseInt(index, 16), keyDerivationRate: rate };
    expect(sessionKeys(derivation(kdr.masterKey, kdr.masterSalt), rtp, at)).toEqual({ ke, ka, ks });
  });

  test.each([3, -1, 2 ** 25])('refuses a rate of %d (RFC 3711 §4.3.1)', (keyDerivationRate) => {
    const keys = derivation(kdr.masterKey, kdr.masterSalt);
    expect(() => keys.derive(0, 16, { index: 0, keyDerivationRate })).toThrow(
      expect.objectContaining({ code: 'srtp.invalid-option' }),
    );
  });
});

describe('AES in counter mode', () => {
  function keystream(key: string, salt: string, block: number): string {
    const iv = new Uint8Array(16);
    iv.set(octets(salt));
    const blocks = new Uint8Array((block + 1) * 16);
    nodeCrypto.createCounterModeCipher(octets(key)).apply(iv, blocks, 0, blocks.length, blocks, 0);
    return hexadecimal(blocks.subarray(block * 16));
  }

  test.each([rfc6188.aes192Cm, rfc6188.aes256Cm])('every block of RFC 6188 $section', (vector) => {
    for (const [block, expected] of Object.entries(vector.keystream)) {
      expect(keystream(vector.sessionKey, vector.sessionSalt, Number.parseInt(block, 16))).toBe(expected);
    }
  });

  test.each(Object.entries(rfc3711.aesCm.keystream))('block %s of RFC 3711 appendix B.2', (block, expected) => {
    const { sessionKey, sessionSalt } = rfc3711.aesCm;
    expect(keystream(sessionKey, sessionSalt, Number.parseInt(block, 16))).toBe(expected);
  });
});

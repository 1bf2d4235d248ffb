import { describe, expect, test } from 'vitest';
import libsrtp from '../vectors/libsrtp-reference.json' with { type: 'json' };
import reFfmpeg from '../vectors/re-ffmpeg.json' with { type: 'json' };
import type { SrtpCryptoProvider } from './crypto-provider.ts';
import type { SrtpProfileName } from './profiles.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, octets } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';

const profiles: Readonly<Record<string, SrtpProfileName>> = {
  AES_CM_128_HMAC_SHA1_80: 'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_80 + MKI': 'AES_CM_128_HMAC_SHA1_80',
  NULL_HMAC_SHA1_80: 'NULL_HMAC_SHA1_80',
  AES_CM_192_HMAC_SHA1_80: 'AES_192_CM_HMAC_SHA1_80',
  AES_CM_256_HMAC_SHA1_80: 'AES_256_CM_HMAC_SHA1_80',
  AEAD_AES_128_GCM: 'AEAD_AES_128_GCM',
};

function options(crypto: SrtpCryptoProvider, profile: SrtpProfileName, key: string, salt: string, mki?: string) {
  const master = { key: octets(key), salt: octets(salt) };
  return { profile, crypto, masterKeys: [mki === undefined ? master : { ...master, mki: octets(mki) }] };
}

test('every reference packet of libsrtp is used', () => {
  expect(libsrtp.vectors.filter(({ name }) => profiles[name] === undefined)).toEqual([]);
});

describe.each(providers)('packets of others, with %s', (_provider, crypto) => {
  test.each(libsrtp.vectors)('libsrtp, $name: RTP both ways', ({ name, key, salt, mki, rtp, srtp }) => {
    const shared = options(crypto, profiles[name] as SrtpProfileName, key, salt, mki);
    const out = new Uint8Array(128);
    const sent = createSrtpSender(shared).protect(octets(rtp), out);
    expect(hexadecimal(out.subarray(0, sent))).toBe(srtp);
    const received = createSrtpReceiver(shared).unprotect(octets(srtp), out);
    expect(hexadecimal(out.subarray(0, Number(received)))).toBe(rtp);
  });

  test.each(libsrtp.vectors.filter(({ rtcp }) => rtcp !== undefined))('libsrtp, $name: RTCP both ways', (vector) => {
    const { name, key, salt, mki, rtcp = '', srtcp = '' } = vector;
    const shared = options(crypto, profiles[name] as SrtpProfileName, key, salt, mki);
    const out = new Uint8Array(128);
    const sender = createSrtpSender(shared);
    const first = name === 'NULL_HMAC_SHA1_80' ? 0 : 1; // libsrtp's test begins at 1 where it encrypts
    sender.setRtcpIndex(0xcafebabe, Number.parseInt(srtcp.slice(rtcp.length, rtcp.length + 8), 16) & 1 || first);
    expect(hexadecimal(out.subarray(0, sender.protectRtcp(octets(rtcp), out)))).toBe(srtcp);
    const received = createSrtpReceiver(shared).unprotectRtcp(octets(srtcp), out);
    expect(hexadecimal(out.subarray(0, Number(received)))).toBe(rtcp);
  });

  const { re, ffmpeg } = reFfmpeg;

  test("libre's SRTP packet", () => {
    const out = new Uint8Array(128);
    const sender = createSrtpSender(options(crypto, 'AES_CM_128_HMAC_SHA1_80', re.masterKey, re.masterSalt));
    expect(hexadecimal(out.subarray(0, sender.protect(octets(re.rtp), out)))).toBe(re.srtp80);
  });

  test("libre's SRTCP packet, up to where our tag goes on: the suite keeps 80 bits there (RFC 4568 §6.2.2)", () => {
    const out = new Uint8Array(128);
    const sender = createSrtpSender(options(crypto, 'AES_CM_128_HMAC_SHA1_32', re.masterKey, re.masterSalt));
    sender.setRtcpIndex(0x01020304, re.srtcpIndex);
    const sent = sender.protectRtcp(octets(re.rtcp), out);
    expect(hexadecimal(out.subarray(0, sent - 6))).toBe(re.srtcp32);
  });

  const material = Uint8Array.from(atob(ffmpeg.b64key), (character) => character.charCodeAt(0));
  const masterKeys = [{ key: material.subarray(0, 16), salt: material.subarray(16) }];
  test.each([
    ['AES_CM_128_HMAC_SHA1_80', ffmpeg.srtp80],
    ['AES_CM_128_HMAC_SHA1_32', ffmpeg.srtp32],
  ] as const)("FFmpeg's %s packet is authentic", (profile, srtp) => {
    const receiver = createSrtpReceiver({ profile, crypto, masterKeys });
    expect(receiver.unprotect(octets(srtp), new Uint8Array(64))).toBe(octets(srtp).length - receiver.rtpOverhead);
  });

  test("FFmpeg's SRTCP packet is authentic", () => {
    const receiver = createSrtpReceiver({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto, masterKeys });
    const srtcp = octets(ffmpeg.srtcp80);
    expect(receiver.unprotectRtcp(srtcp, new Uint8Array(64))).toBe(srtcp.length - receiver.rtcpOverhead);
  });
});

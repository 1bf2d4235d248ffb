import { describe, expect, test } from 'vitest';
import libsrtp from '../vectors/libsrtp-reference.json' with { type: 'json' };
import reFfmpeg from '../vectors/re-ffmpeg.json' with { type: 'json' };
import { nodeCrypto } from './node/index.ts';
import type { SrtpProfileName } from './profiles.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, octets } from './testing/octets.ts';

const profiles: Readonly<Record<string, SrtpProfileName>> = {
  AES_CM_128_HMAC_SHA1_80: 'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_80 + MKI': 'AES_CM_128_HMAC_SHA1_80',
  AES_CM_192_HMAC_SHA1_80: 'AES_192_CM_HMAC_SHA1_80',
  AES_CM_256_HMAC_SHA1_80: 'AES_256_CM_HMAC_SHA1_80',
};
const counterMode = libsrtp.vectors.filter((vector) => vector.name in profiles);

function options(profile: SrtpProfileName, key: string, salt: string, mki?: string) {
  const master = { key: octets(key), salt: octets(salt) };
  return {
    profile,
    crypto: nodeCrypto,
    masterKeys: [mki === undefined ? master : { ...master, mki: octets(mki) }],
  };
}

describe("libsrtp's reference packets", () => {
  test('cover every profile with an 80-bit tag', () => expect(counterMode).toHaveLength(4));

  test.each(counterMode)('$name: RTP both ways', ({ name, key, salt, mki, rtp, srtp }) => {
    const shared = options(profiles[name] ?? 'AES_CM_128_HMAC_SHA1_80', key, salt, mki);
    const out = new Uint8Array(128);
    const sent = createSrtpSender(shared).protect(octets(rtp), out);
    expect(hexadecimal(out.subarray(0, sent))).toBe(srtp);
    const received = createSrtpReceiver(shared).unprotect(octets(srtp), out);
    expect(hexadecimal(out.subarray(0, Number(received)))).toBe(rtp);
  });

  test.each(counterMode.filter(({ rtcp }) => rtcp !== undefined))('$name: RTCP both ways', (vector) => {
    const { name, key, salt, mki, rtcp = '', srtcp = '' } = vector;
    const shared = options(profiles[name] ?? 'AES_CM_128_HMAC_SHA1_80', key, salt, mki);
    const out = new Uint8Array(128);
    const sender = createSrtpSender(shared);
    sender.setRtcpIndex(0xcafebabe, 1); // libsrtp begins at 1
    expect(hexadecimal(out.subarray(0, sender.protectRtcp(octets(rtcp), out)))).toBe(srtcp);
    const received = createSrtpReceiver(shared).unprotectRtcp(octets(srtcp), out);
    expect(hexadecimal(out.subarray(0, Number(received)))).toBe(rtcp);
  });
});

describe('packets of libre and FFmpeg', () => {
  const { re, ffmpeg } = reFfmpeg;

  test("libre's SRTP packet", () => {
    const out = new Uint8Array(128);
    const sender = createSrtpSender(options('AES_CM_128_HMAC_SHA1_80', re.masterKey, re.masterSalt));
    expect(hexadecimal(out.subarray(0, sender.protect(octets(re.rtp), out)))).toBe(re.srtp80);
  });

  test("libre's SRTCP packet, up to where our tag goes on: the suite keeps 80 bits there (RFC 4568 §6.2.2)", () => {
    const out = new Uint8Array(128);
    const sender = createSrtpSender(options('AES_CM_128_HMAC_SHA1_32', re.masterKey, re.masterSalt));
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
    const receiver = createSrtpReceiver({ profile, crypto: nodeCrypto, masterKeys });
    expect(receiver.unprotect(octets(srtp), new Uint8Array(64))).toBe(octets(srtp).length - receiver.rtpOverhead);
  });

  test("FFmpeg's SRTCP packet is authentic", () => {
    const receiver = createSrtpReceiver({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto: nodeCrypto, masterKeys });
    const srtcp = octets(ffmpeg.srtcp80);
    expect(receiver.unprotectRtcp(srtcp, new Uint8Array(64))).toBe(srtcp.length - receiver.rtcpOverhead);
  });
});

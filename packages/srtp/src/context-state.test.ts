import { describe, expect, test } from 'vitest';
import {
  exportSrtpReceiver,
  exportSrtpSender,
  importSrtpReceiver,
  importSrtpSender,
  receiverContent,
} from './context-state.ts';
import { srtpProfiles } from './profiles.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, octets, rtcpPacket, rtpPacket } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';

const sealing = { key: new Uint8Array(32).fill(5), nonce: new Uint8Array(12).fill(9) };
const out = new Uint8Array(256);

describe.each(providers)('a running context, sealed and taken over, with %s', (_name, crypto) => {
  const imported = { crypto, sealingKey: sealing.key };

  test.each(['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const)('goes on where it was: %s', (profile) => {
    const salt = masterKey.salt.subarray(0, srtpProfiles[profile].masterSaltLength);
    const options = { profile, crypto, masterKeys: [{ key: masterKey.key, salt, lifetime: 100_000 }] };
    const [sender, receiver] = [createSrtpSender(options), createSrtpReceiver({ ...options, replayWindow: 256 })];
    const late = out.slice(0, sender.protect(rtpPacket(3, 65_000), out));
    const replayed = out.slice(0, sender.protect(rtpPacket(3, 65_100), out));
    for (const packet of [replayed, out.slice(0, sender.protect(rtpPacket(3, 65_200), out))]) {
      expect(typeof receiver.unprotect(packet, out)).toBe('number');
    }
    sender.protectRtcp(rtcpPacket(3), out);

    const nextSender = importSrtpSender(exportSrtpSender(sender, sealing), { ...imported, skippedRtcpIndices: 10 });
    const nextReceiver = importSrtpReceiver(exportSrtpReceiver(receiver, sealing), imported);
    expect(hexadecimal(receiverContent(nextReceiver))).toBe(hexadecimal(receiverContent(receiver)));
    sender.close();
    receiver.close();
    expect(nextReceiver.unprotect(replayed, out)).toBe('replayed');
    expect(nextReceiver.unprotect(late, out)).toBe(32);
    // Across the wrap, and not behind what was sent before.
    expect(() => nextSender.protect(rtpPacket(3, 65_200), out)).toThrow(
      expect.objectContaining({ code: 'srtp.index-reused' }),
    );
    for (const at of [65_400, 65_536 + 50]) {
      expect(nextReceiver.unprotect(out.slice(0, nextSender.protect(rtpPacket(3, at), out)), out)).toBe(32);
    }
    expect(nextSender.rtcpIndex(3)).toBe(11);
    expect(nextSender.rolloverCounter(3)).toBe(1);
  });

  test('with everything that can be agreed, and many SSRC', () => {
    const options = {
      profile: 'AES_256_CM_HMAC_SHA1_80' as const,
      crypto,
      masterKeys: [1, 2].map((mki) => ({
        key: new Uint8Array(32).fill(mki),
        salt: new Uint8Array(14).fill(mki),
        mki: Uint8Array.of(mki),
      })),
      keyDerivationRate: 16,
      encryptedHeaderExtensions: [1, 2],
      maximumStreams: 2_000,
      replayWindow: 4_096,
    };
    const [sender, receiver] = [createSrtpSender(options), createSrtpReceiver(options)];
    sender.useMasterKey(Uint8Array.of(2));
    for (let ssrc = 0; ssrc < 1_000; ssrc++) {
      receiver.unprotect(out.slice(0, sender.protect(rtpPacket(ssrc, ssrc), out)), out);
    }
    const nextSender = importSrtpSender(exportSrtpSender(sender, sealing), imported);
    const nextReceiver = importSrtpReceiver(exportSrtpReceiver(receiver, sealing), imported);
    expect(nextReceiver.streamCount).toBe(1_000);
    for (const ssrc of [0, 500, 999]) {
      const made = out.slice(0, nextSender.protect(rtpPacket(ssrc, ssrc + 1), out));
      expect(hexadecimal(made)).toBe(hexadecimal(out.subarray(0, sender.protect(rtpPacket(ssrc, ssrc + 1), out))));
      expect(nextReceiver.unprotect(made, out)).toBe(32);
    }
  });
});

describe('a sealed state', () => {
  const [, crypto] = providers[0] as (typeof providers)[number];
  const options = {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    crypto,
    masterKeys: [masterKey],
    maximumStreams: 5_000,
  } as const;
  const sender = createSrtpSender(options);
  for (let at = 0; at < 4_000; at++) sender.protect(rtpPacket((at * 1_000_003) >>> 0, 1), out);
  const sealed = exportSrtpSender(sender, sealing);
  const imported = { crypto, sealingKey: sealing.key };
  const bad = expect.objectContaining({ code: 'srtp.bad-sealed-state' });

  test('is longer than one piece, and holds no key to be seen', () => {
    expect(sealed.length).toBeGreaterThan(2 * 32_768);
    expect(hexadecimal(sealed)).not.toContain(hexadecimal(masterKey.key.subarray(0, 6)));
  });

  test.each([0, 7, 8, 19, 20, 40_000, -1, -17])('is refused when octet %d is altered', (at) => {
    const altered = sealed.slice();
    const place = at < 0 ? altered.length + at : at;
    altered[place] = (altered[place] as number) ^ 1;
    expect(() => importSrtpSender(altered, imported)).toThrow(bad);
  });

  test.each([0, 10, 35, 36, 50, 32_768 + 36, -16, -1])('is refused when it is cut to %d octets', (length) => {
    expect(() => importSrtpSender(sealed.slice(0, length), imported)).toThrow(bad);
  });

  test('is refused under another key, or as another kind of context', () => {
    expect(() => importSrtpSender(sealed, { ...imported, sealingKey: new Uint8Array(32) })).toThrow(bad);
    expect(() => importSrtpReceiver(sealed, imported)).toThrow(bad);
  });

  test('a key or nonce of the wrong length is named', () => {
    expect(() => exportSrtpSender(sender, { ...sealing, nonce: new Uint8Array(8) })).toThrow(
      /sealing.nonce: 12 octets/,
    );
    expect(() => exportSrtpSender(sender, { ...sealing, key: octets('00') })).toThrow(/sealing.key: 32 octets/);
  });

  test.each([-1, 1.5, Number.NaN, 'x', Number.NEGATIVE_INFINITY])('skipping %s SRTCP indices is refused', (given) => {
    const skippedRtcpIndices = given as number;
    expect(() => importSrtpSender(sealed, { ...imported, skippedRtcpIndices })).toThrow(
      /skippedRtcpIndices: an integer/,
    );
  });
});

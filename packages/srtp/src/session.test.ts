import { describe, expect, test } from 'vitest';
import { nodeCrypto } from './node/index.ts';
import { createSrtpSession } from './session.ts';
import { masterKey, octets, rtcpPacket, rtpPacket } from './testing/octets.ts';

const other = { key: octets('000102030405060708090a0b0c0d0e0f'), salt: masterKey.salt };
const direction = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: nodeCrypto, masterKeys: [masterKey] } as const;
const shared = { send: direction, receive: direction, sharedMasterKey: 'keep-ssrc-apart' } as const;
const out = new Uint8Array(128);

describe('both directions of a conversation (RFC 3711 §9.1)', () => {
  test('with a key each they know nothing of each other', () => {
    const far = createSrtpSession({ send: direction, receive: { ...direction, masterKeys: [other] } });
    const near = createSrtpSession({ send: { ...direction, masterKeys: [other] }, receive: direction });
    expect(near.receiver.unprotect(out.slice(0, far.sender.protect(rtpPacket(1, 1), out)), out)).toBe(32);
    expect(far.receiver.unprotect(out.slice(0, near.sender.protect(rtpPacket(1, 1), out)), out)).toBe(32);
    near.close();
    expect(near.receiver.unprotect(out, out)).toBe('closed');
  });

  test('the same key in both is refused, and the error says which clause', () => {
    expect(() => createSrtpSession({ send: direction, receive: direction })).toThrow(
      expect.objectContaining({ code: 'srtp.invalid-option', section: 'RFC 3711 §9.1' }),
    );
  });

  test('also among several keys, where one is in common', () => {
    const keys = (...masters: (typeof masterKey)[]) =>
      masters.map((master, at) => ({ ...master, mki: Uint8Array.of(at + 1) }));
    const send = { ...direction, masterKeys: keys(other, masterKey) };
    expect(() => createSrtpSession({ send, receive: { ...direction, masterKeys: keys(masterKey) } })).toThrow(/§9.1/);
  });

  test('where the key management wants one key, an SSRC that is received cannot be sent', () => {
    const [near, far] = [createSrtpSession(shared), createSrtpSession(shared)];
    expect(near.receiver.unprotect(out.slice(0, far.sender.protect(rtpPacket(7, 1), out)), out)).toBe(32);
    const collision = expect.objectContaining({ code: 'srtp.ssrc-collision', section: 'RFC 3711 §9.1' });
    expect(() => near.sender.protect(rtpPacket(7, 1), out)).toThrow(collision);
    expect(() => near.sender.protectRtcp(rtcpPacket(7), out)).toThrow(collision);
    expect(near.sender.protect(rtpPacket(8, 1), out)).toBe(42);
  });

  test('and our own packets sent back to us are refused', () => {
    const { sender, receiver } = createSrtpSession(shared);
    const reflected = out.slice(0, sender.protect(rtpPacket(7, 1), out));
    expect(receiver.unprotect(reflected, out)).toBe('ssrc-collision');
    const report = out.slice(0, sender.protectRtcp(rtcpPacket(7), out));
    expect(receiver.unprotectRtcp(report, out)).toBe('ssrc-collision');
    expect(receiver.rejections['ssrc-collision']).toBe(2);
    expect(receiver.streamCount).toBe(0);
  });

  test('an SSRC is not forgotten, for it could be sent then: one more is refused instead', () => {
    const [near, far] = [
      createSrtpSession({ ...shared, receive: { ...direction, maximumStreams: 1 } }),
      createSrtpSession(shared),
    ];
    expect(near.receiver.unprotect(out.slice(0, far.sender.protect(rtpPacket(7, 1), out)), out)).toBe(32);
    expect(near.receiver.unprotect(out.slice(0, far.sender.protect(rtpPacket(8, 1), out)), out)).toBe('ssrc-limit');
    expect(() => near.sender.protect(rtpPacket(7, 1), out)).toThrow(
      expect.objectContaining({ code: 'srtp.ssrc-collision' }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { exportSrtpSender, importSrtpSender } from './context-state.ts';
import { nodeCrypto } from './node/index.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender, type SrtpSenderOptions } from './sender.ts';
import { masterKey, octets, rtcpPacket, rtpPacket } from './testing/octets.ts';

const SSRC = 0xcafebabe;
const options: SrtpSenderOptions = {
  profile: 'AES_CM_128_HMAC_SHA1_80',
  crypto: nodeCrypto,
  masterKeys: [masterKey],
};
const out = new Uint8Array(256);

function code(expected: string) {
  return expect.objectContaining({ name: 'SrtpError', code: expected });
}

describe('sender', () => {
  test('refuses the same index twice and any step back, so no keystream is used twice (RFC 3711 §9.1)', () => {
    const sender = createSrtpSender(options);
    sender.protect(rtpPacket(SSRC, 100), out);
    expect(() => sender.protect(rtpPacket(SSRC, 100), out)).toThrow(code('srtp.index-reused'));
    expect(() => sender.protect(rtpPacket(SSRC, 99), out)).toThrow(code('srtp.index-reused'));
    expect(sender.protect(rtpPacket(SSRC, 101), out)).toBe(42);
  });

  test('with a window takes each late index once, and none behind the window (RFC 3711 §9.1)', () => {
    const sender = createSrtpSender({ ...options, reorderWindow: 64 });
    for (const late of [200, 198, 199, 201, 138]) expect(sender.protect(rtpPacket(SSRC, late), out)).toBe(42);
    for (const used of [198, 199, 200, 138]) {
      expect(() => sender.protect(rtpPacket(SSRC, used), out)).toThrow(code('srtp.index-reused'));
    }
    sender.protect(rtpPacket(SSRC, 300), out);
    expect(() => sender.protect(rtpPacket(SSRC, 236), out)).toThrow(code('srtp.index-reused'));
    expect(sender.protect(rtpPacket(SSRC, 237), out)).toBe(42);
  });

  test('what was used before a counter was set, or before it was sealed, is not protected late', () => {
    const sender = createSrtpSender({ ...options, reorderWindow: 64 });
    sender.protect(rtpPacket(SSRC, 100), out);
    const sealed = exportSrtpSender(sender, { key: new Uint8Array(32), nonce: new Uint8Array(12) });
    const other = importSrtpSender(sealed, { sealingKey: new Uint8Array(32), crypto: nodeCrypto });
    expect(() => other.protect(rtpPacket(SSRC, 99), out)).toThrow(code('srtp.index-reused'));
    expect(other.protect(rtpPacket(SSRC, 102), out)).toBe(42);
    expect(other.protect(rtpPacket(SSRC, 101), out)).toBe(42);
    sender.setRolloverCounter(SSRC, 1);
    expect(() => sender.protect(rtpPacket(SSRC, 99), out)).toThrow(code('srtp.index-reused'));
  });

  test('counts rollovers per SSRC and never lets the counter go back (RFC 3711 §3.3.1)', () => {
    const sender = createSrtpSender(options);
    sender.protect(rtpPacket(SSRC, 65_535), out);
    sender.protect(rtpPacket(1, 1), out);
    sender.protect(rtpPacket(SSRC, 0), out);
    expect(sender.rolloverCounter(SSRC)).toBe(1);
    expect(sender.rolloverCounter(1)).toBe(0);
    expect(sender.rolloverCounter(2)).toBeUndefined();
    sender.setRolloverCounter(SSRC, 7);
    expect(sender.rolloverCounter(SSRC)).toBe(7);
    expect(() => sender.setRolloverCounter(SSRC, 6)).toThrow(code('srtp.index-reused'));
  });

  test('stops at index 2^48 and quotes the clause (RFC 3711 §9.2)', () => {
    const sender = createSrtpSender(options);
    sender.setRolloverCounter(SSRC, 2 ** 32 - 1);
    sender.protect(rtpPacket(SSRC, 65_535), out);
    expect(() => sender.protect(rtpPacket(SSRC, 0), out)).toThrow(
      expect.objectContaining({ code: 'srtp.key-lifetime-exhausted', section: 'RFC 3711 §9.2' }),
    );
  });

  test('stops at SRTCP index 2^31 instead of wrapping (RFC 3711 §9.2)', () => {
    const sender = createSrtpSender(options);
    sender.setRtcpIndex(SSRC, 2 ** 31 - 1);
    sender.protectRtcp(rtcpPacket(SSRC), out);
    expect(() => sender.protectRtcp(rtcpPacket(SSRC), out)).toThrow(code('srtp.key-lifetime-exhausted'));
    expect(() => sender.setRtcpIndex(SSRC, 5)).toThrow(code('srtp.index-reused'));
  });

  test('stops when the lifetime that was agreed for the key is over', () => {
    const sender = createSrtpSender({ ...options, masterKeys: [{ ...masterKey, lifetime: 2 }] });
    sender.protect(rtpPacket(SSRC, 1), out);
    sender.protect(rtpPacket(SSRC, 2), out);
    expect(() => sender.protect(rtpPacket(SSRC, 3), out)).toThrow(code('srtp.key-lifetime-exhausted'));
  });

  test('starts SRTCP at index 0 with the E bit set (RFC 3711 §3.4)', () => {
    const sender = createSrtpSender(options);
    const length = sender.protectRtcp(rtcpPacket(SSRC), out);
    expect([...out.subarray(length - 14, length - 10)]).toEqual([0x80, 0, 0, 0]);
    expect(sender.rtcpIndex(SSRC)).toBe(1);
  });

  test('refuses one SSRC too many instead of forgetting one and using its indices again', () => {
    const sender = createSrtpSender({ ...options, maximumStreams: 2 });
    sender.protect(rtpPacket(1, 1), out);
    sender.protect(rtpPacket(2, 1), out);
    expect(() => sender.protect(rtpPacket(3, 1), out)).toThrow(code('srtp.ssrc-limit'));
    expect(() => sender.protectRtcp(rtcpPacket(3), out)).toThrow(code('srtp.ssrc-limit'));
  });

  test('refuses a short out, and spends no index on it', () => {
    const sender = createSrtpSender(options);
    expect(() => sender.protect(rtpPacket(SSRC, 1), new Uint8Array(41))).toThrow(code('srtp.buffer-too-small'));
    expect(sender.rolloverCounter(SSRC)).toBeUndefined();
    expect(sender.protect(rtpPacket(SSRC, 1), new Uint8Array(42))).toBe(42);
  });

  test('protects in place, and refuses buffers that overlap otherwise', () => {
    const packet = rtpPacket(SSRC, 1);
    const expected = new Uint8Array(42);
    createSrtpSender(options).protect(packet, expected);
    const shared = new Uint8Array(64);
    shared.set(packet);
    createSrtpSender(options).protect(shared.subarray(0, 32), shared);
    expect(shared.subarray(0, 42)).toEqual(expected);
    shared.set(packet, 4);
    expect(() => createSrtpSender(options).protect(shared.subarray(4, 36), shared)).toThrow(
      code('srtp.overlapping-buffers'),
    );
  });

  test.each([
    ['', 'too-short'],
    ['400f1234decafbadcafebabe', 'bad-version'],
    ['8f0f1234decafbadcafebabe', 'malformed-header'],
    ['900f1234decafbadcafebabebede0009', 'malformed-header'],
  ])('refuses to protect what is no RTP packet: %s', (packet, reason) => {
    expect(() => createSrtpSender(options).protect(octets(packet), out)).toThrow(
      expect.objectContaining({ code: 'srtp.malformed-packet', message: expect.stringContaining(reason) }),
    );
  });

  test('leaves CSRC list and header extension in the clear and authenticates them (RFC 3711 §3.1)', () => {
    const packet = octets('920f1234decafbadcafebabe0000000100000002bede0001aabbccdd0102030405');
    const length = createSrtpSender(options).protect(packet, out);
    expect(out.subarray(0, 28)).toEqual(packet.subarray(0, 28));
    expect(out.subarray(28, 33)).not.toEqual(packet.subarray(28));
    const receiver = createSrtpReceiver(options);
    const forged = out.slice(0, length);
    forged[27] = 0;
    expect(receiver.unprotect(forged, new Uint8Array(64))).toBe('authentication-failed');
    expect(receiver.unprotect(out.slice(0, length), new Uint8Array(64))).toBe(packet.length);
  });

  test('an empty payload is authenticated all the same', () => {
    const packet = rtpPacket(SSRC, 1, 0);
    const length = createSrtpSender(options).protect(packet, out);
    expect(length).toBe(22);
    expect(createSrtpReceiver(options).unprotect(out.slice(0, length), new Uint8Array(64))).toBe(12);
  });

  test('throws once closed', () => {
    const sender = createSrtpSender(options);
    sender.close();
    expect(() => sender.protect(rtpPacket(SSRC, 1), out)).toThrow(code('srtp.closed'));
  });

  test('switches to another master key by its MKI and goes on counting', () => {
    const masterKeys = [
      { ...masterKey, mki: octets('01') },
      { key: octets('000102030405060708090a0b0c0d0e0f'), salt: masterKey.salt, mki: octets('02') },
    ];
    const sender = createSrtpSender({ ...options, masterKeys });
    const receiver = createSrtpReceiver({ ...options, masterKeys });
    for (const [sequenceNumber, mki] of [
      [1, '01'],
      [2, '02'],
      [3, '01'],
    ] as const) {
      sender.useMasterKey(octets(mki));
      const length = sender.protect(rtpPacket(SSRC, sequenceNumber), out);
      expect(out[length - 11]).toBe(octets(mki)[0]);
      expect(receiver.unprotect(out.slice(0, length), new Uint8Array(64))).toBe(32);
    }
    expect(() => sender.useMasterKey(octets('03'))).toThrow(code('srtp.invalid-option'));
  });

  test.each([
    [{ profile: 'AES_CM_128' }, 'profile'],
    [{ masterKeys: [] }, 'masterKeys'],
    [{ masterKeys: [{ ...masterKey, key: new Uint8Array(15) }] }, 'masterKeys[0].key: 16 octets'],
    [{ masterKeys: [{ ...masterKey, salt: new Uint8Array(12) }] }, 'masterKeys[0].salt: 14 octets'],
    [{ masterKeys: [masterKey, masterKey] }, 'mki of its own'],
    [{ masterKeys: [{ ...masterKey, mki: new Uint8Array(0) }] }, 'masterKeys[0].mki length'],
    [{ masterKeys: [{ ...masterKey, lifetime: 2 ** 48 + 1 }] }, 'masterKeys[0].lifetime'],
    [{ maximumStreams: 0 }, 'maximumStreams'],
  ])('names the option that is wrong: %#', (wrong, message) => {
    expect(() => createSrtpSender({ ...options, ...wrong } as SrtpSenderOptions)).toThrow(
      expect.objectContaining({ code: 'srtp.invalid-option', message: expect.stringContaining(message) }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { receiverContent } from './context-state.ts';
import { nodeCrypto } from './node/index.ts';
import { createSrtpReceiver, type SrtpReceiver, type SrtpReceiverOptions } from './receiver.ts';
import { createSrtpSender, type SrtpSender } from './sender.ts';
import { hexadecimal, masterKey, octets, rtcpPacket, rtpPacket } from './testing/octets.ts';

const SSRC = 0xcafebabe;
const options: SrtpReceiverOptions = {
  profile: 'AES_CM_128_HMAC_SHA1_80',
  crypto: nodeCrypto,
  masterKeys: [masterKey],
};
const out = new Uint8Array(256);

function protectedPacket(sender: SrtpSender, sequenceNumber: number, ssrc = SSRC): Uint8Array {
  const protectedOctets = new Uint8Array(64);
  return protectedOctets.slice(0, sender.protect(rtpPacket(ssrc, sequenceNumber), protectedOctets));
}

function protectedReport(sender: SrtpSender, ssrc = SSRC): Uint8Array {
  const protectedOctets = new Uint8Array(64);
  return protectedOctets.slice(0, sender.protectRtcp(rtcpPacket(ssrc), protectedOctets));
}

/** Everything a receiver remembers but its count of rejections. */
function stateOf(receiver: SrtpReceiver): string {
  return hexadecimal(receiverContent(receiver));
}

describe('receiver', () => {
  test('refuses a replayed index (RFC 3711 §3.3.2)', () => {
    const packet = protectedPacket(createSrtpSender(options), 5);
    const receiver = createSrtpReceiver(options);
    expect(receiver.unprotect(packet, out)).toBe(32);
    expect(out.subarray(0, 32)).toEqual(rtpPacket(SSRC, 5));
    expect(receiver.unprotect(packet, out)).toBe('replayed');
    expect(receiver.rejections.replayed).toBe(1);
  });

  test.each([64, 128, 100, 32_768])('a replay window of %d holds exactly that many packets', (replayWindow) => {
    const sender = createSrtpSender(options);
    const packets = Array.from({ length: replayWindow + 1 }, (_, i) => protectedPacket(sender, i));
    const receiver = createSrtpReceiver({ ...options, replayWindow });
    expect(receiver.unprotect(packets[replayWindow] as Uint8Array, out)).toBe(32);
    expect(receiver.unprotect(packets[0] as Uint8Array, out)).toBe('too-old');
    expect(receiver.unprotect(packets[1] as Uint8Array, out)).toBe(32);
    expect(receiver.unprotect(packets[1] as Uint8Array, out)).toBe('replayed');
  });

  test('every rejection leaves the context as it was, also for an SSRC never seen', () => {
    const sender = createSrtpSender(options);
    const receiver = createSrtpReceiver({ ...options, atMaximumStreams: 'refuse', maximumStreams: 1 });
    const first = protectedPacket(sender, 1);
    const report = protectedReport(sender);
    const next = protectedPacket(sender, 200);
    const other = protectedPacket(sender, 1, 0x1234);
    const old = protectedPacket(createSrtpSender(options), 2);
    expect(receiver.unprotect(first, out)).toBe(32);
    expect(receiver.unprotectRtcp(report, out)).toBe(8);
    expect(receiver.unprotect(next, out)).toBe(32);
    const flipped = (packet: Uint8Array, at: number) => packet.with(at, (packet[at] as number) ^ 1);
    const before = stateOf(receiver);
    const refused = [
      receiver.unprotect(octets('80'), out),
      receiver.unprotect(next, out),
      receiver.unprotect(old, out),
      receiver.unprotect(other, out),
      receiver.unprotect(flipped(next, 3), out), // another sequence number
      receiver.unprotect(flipped(next, 9), out), // another SSRC
      receiver.unprotect(flipped(next, 0x0c), new Uint8Array(8)),
      receiver.unprotect(Uint8Array.of(0, ...next.subarray(1)), out),
      receiver.unprotect(Uint8Array.of(0x8f, ...next.subarray(1, 30)), out),
      receiver.unprotectRtcp(report, out),
      receiver.unprotectRtcp(flipped(report, report.length - 1), out),
      receiver.unprotectRtcp(flipped(report, report.length - 11), out), // another index
      receiver.unprotectRtcp(report.with(8, 0), out), // E bit cleared
      receiver.unprotectRtcp(report.subarray(0, 10), out),
    ];
    expect(refused).toEqual([
      'too-short',
      'replayed',
      'too-old',
      'ssrc-limit',
      'authentication-failed',
      'authentication-failed',
      'output-too-small',
      'bad-version',
      'malformed-header',
      'replayed',
      'replayed',
      'authentication-failed',
      'not-encrypted',
      'too-short',
    ]);
    expect(stateOf(receiver)).toEqual(before);
    expect(Object.values(receiver.rejections).reduce((sum, count) => sum + count)).toBe(refused.length);
  });

  test('every single flipped bit and every truncation is refused without a trace', () => {
    const sender = createSrtpSender(options);
    const receiver = createSrtpReceiver(options);
    const first = protectedPacket(sender, 1);
    const packet = protectedPacket(sender, 2);
    receiver.unprotect(first, out);
    const before = stateOf(receiver);
    for (let bit = 0; bit < packet.length * 8; bit++) {
      const at = bit >> 3;
      const forged = packet.with(at, (packet[at] as number) ^ (1 << (bit & 7)));
      expect(typeof receiver.unprotect(forged, out)).toBe('string');
      expect(typeof receiver.unprotectRtcp(forged, out)).toBe('string');
    }
    for (let length = 0; length < packet.length; length++) {
      expect(typeof receiver.unprotect(packet.subarray(0, length), out)).toBe('string');
    }
    expect(stateOf(receiver)).toEqual(before);
    expect(receiver.unprotect(packet, out)).toBe(32);
  });

  test('follows rollovers through loss and reordering around the wrap (RFC 3711 appendix A)', () => {
    const sender = createSrtpSender(options);
    const packets = new Map<number, Uint8Array>();
    for (let index = 65_400; index < 65_700; index++) packets.set(index, protectedPacket(sender, index));
    const receiver = createSrtpReceiver({ ...options, replayWindow: 512 });
    const arrival = [65_400, 65_530, 65_540, 65_535, 65_536, 65_534, 65_541, 65_401, 65_699, 65_533, 65_650];
    for (const index of arrival) {
      expect(receiver.unprotect(packets.get(index) as Uint8Array, out), `index ${index}`).toBe(32);
      expect(out.subarray(0, 32)).toEqual(rtpPacket(SSRC, index));
    }
    expect(receiver.rolloverCounter(SSRC)).toBe(1);
  });

  test('survives the loss of almost half the sequence space across the wrap', () => {
    const sender = createSrtpSender(options);
    const before = protectedPacket(sender, 40_000);
    const after = protectedPacket(sender, 40_000 + 32_000);
    const receiver = createSrtpReceiver(options);
    expect(receiver.unprotect(before, out)).toBe(32);
    expect(receiver.unprotect(after, out)).toBe(32);
    expect(receiver.rolloverCounter(SSRC)).toBe(1);
  });

  test('joins a stream late once it is told the rollover counter', () => {
    const sender = createSrtpSender(options);
    sender.setRolloverCounter(SSRC, 3);
    const packet = protectedPacket(sender, 77);
    const receiver = createSrtpReceiver(options);
    expect(receiver.unprotect(packet, out)).toBe('authentication-failed');
    expect(receiver.streamCount).toBe(0);
    receiver.setRolloverCounter(SSRC, 3);
    expect(receiver.unprotect(packet, out)).toBe(32);
    expect(() => receiver.setRolloverCounter(SSRC, 2)).toThrow(expect.objectContaining({ code: 'srtp.index-reused' }));
  });

  test('forgets the SSRC authenticated least recently when one too many comes', () => {
    const sender = createSrtpSender(options);
    const receiver = createSrtpReceiver({ ...options, maximumStreams: 2 });
    receiver.unprotect(protectedPacket(sender, 1, 1), out);
    receiver.unprotect(protectedPacket(sender, 1, 2), out);
    receiver.unprotect(protectedPacket(sender, 2, 1), out);
    receiver.unprotect(protectedPacket(sender, 1, 3), out);
    expect([1, 2, 3].map((ssrc) => receiver.rolloverCounter(ssrc))).toEqual([0, undefined, 0]);
  });

  test('refuses a key past the lifetime agreed for it (RFC 3711 §9.2)', () => {
    const sender = createSrtpSender(options);
    const receiver = createSrtpReceiver({ ...options, masterKeys: [{ ...masterKey, lifetime: 1 }] });
    expect(receiver.unprotect(protectedPacket(sender, 1), out)).toBe(32);
    expect(receiver.unprotect(protectedPacket(sender, 2), out)).toBe('key-exhausted');
  });

  test('refuses what lies past index 2^48 instead of wrapping to 0 (RFC 3711 §9.2)', () => {
    const sender = createSrtpSender(options);
    const receiver = createSrtpReceiver(options);
    sender.setRolloverCounter(SSRC, 2 ** 32 - 1);
    receiver.setRolloverCounter(SSRC, 2 ** 32 - 1);
    expect(receiver.unprotect(protectedPacket(sender, 65_535), out)).toBe(32);
    expect(receiver.unprotect(protectedPacket(createSrtpSender(options), 0), out)).toBe('key-exhausted');
  });

  test('an MKI that names no key is refused (RFC 3711 §3.1)', () => {
    const sender = createSrtpSender({ ...options, masterKeys: [{ ...masterKey, mki: octets('0002') }] });
    const receiver = createSrtpReceiver({ ...options, masterKeys: [{ ...masterKey, mki: octets('0001') }] });
    expect(receiver.unprotect(protectedPacket(sender, 1), out)).toBe('unknown-mki');
  });

  test('opens in place, refuses buffers that overlap otherwise', () => {
    const packet = protectedPacket(createSrtpSender(options), 9);
    const receiver = createSrtpReceiver(options);
    expect(() => receiver.unprotect(packet.subarray(1), packet)).toThrow(
      expect.objectContaining({ code: 'srtp.overlapping-buffers' }),
    );
    expect(receiver.unprotect(packet, packet)).toBe(32);
    expect(packet.subarray(0, 32)).toEqual(rtpPacket(SSRC, 9));
  });

  test('the 32-bit suite shortens the tag of SRTP only (RFC 4568 §6.2.2)', () => {
    const shorter = { ...options, profile: 'AES_CM_128_HMAC_SHA1_32' } as const;
    const sender = createSrtpSender(shorter);
    const receiver = createSrtpReceiver(shorter);
    expect([sender.rtpOverhead, sender.rtcpOverhead]).toEqual([4, 14]);
    expect(receiver.unprotect(protectedPacket(sender, 1), out)).toBe(32);
    expect(receiver.unprotectRtcp(protectedReport(sender), out)).toBe(8);
  });

  test('refuses late datagrams once closed, without throwing', () => {
    const packet = protectedPacket(createSrtpSender(options), 1);
    const receiver = createSrtpReceiver(options);
    receiver.close();
    expect(receiver.unprotect(packet, out)).toBe('closed');
    expect(receiver.unprotectRtcp(packet, out)).toBe('closed');
  });

  test.each([63, 32_769, 1.5])('refuses a replay window of %d', (replayWindow) => {
    expect(() => createSrtpReceiver({ ...options, replayWindow })).toThrow('replayWindow');
  });
});

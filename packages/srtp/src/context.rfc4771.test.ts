import { describe, expect, test } from 'vitest';
import { nodeCrypto } from './node/index.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, rtpPacket } from './testing/octets.ts';

const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: nodeCrypto, masterKeys: [masterKey] } as const;
const out = new Uint8Array(128);

/** A stream that has been running: from rollover counter 7 on. */
function running(mode: 1 | 2 | 3, rate: number) {
  const shared = { ...options, rolloverCounterCarriage: { mode, rate } };
  const sender = createSrtpSender(shared);
  sender.setRolloverCounter(1, 7);
  const send = (sequenceNumber: number) => out.slice(0, sender.protect(rtpPacket(1, sequenceNumber), out));
  return { send, receiver: createSrtpReceiver(shared) };
}

describe('rollover counter in the tag (RFC 4771)', () => {
  test.each([
    [1, 10, 0],
    [2, 10, 10],
    [3, 4, 0],
  ] as const)('mode %d: %d octets behind a packet that carries it, %d behind others', (mode, carrying, others) => {
    const { send } = running(mode, 4);
    const lengths = [8, 9, 10, 11, 12].map((at) => send(at).length - 32);
    expect(lengths).toEqual([carrying, others, others, others, carrying]);
    const packet = send(16);
    expect(hexadecimal(packet.subarray(32, 36))).toBe('00000007');
  });

  test('mode 2: who joins late is in step with the first packet that carries it (§3)', () => {
    const { send, receiver } = running(2, 4);
    expect(receiver.unprotect(send(9), out)).toBe('authentication-failed');
    expect(receiver.unprotect(send(12), out)).toBe(32);
    expect(out.subarray(0, 32)).toEqual(rtpPacket(1, 12));
    expect(receiver.rolloverCounter(1)).toBe(7);
    expect(receiver.unprotect(send(13), out)).toBe(32);
  });

  test.each([1, 3] as const)(
    'mode %d: nothing without authentication is believed before a counter was seen',
    (mode) => {
      const { send, receiver } = running(mode, 4);
      expect(receiver.unprotect(send(9), out)).toBe('unknown-rollover-counter');
      expect(receiver.streamCount).toBe(0);
      expect(receiver.unprotect(send(12), out)).toBe(32);
      expect(receiver.unprotect(send(13), out)).toBe(32);
      expect(out.subarray(0, 32)).toEqual(rtpPacket(1, 13));
    },
  );

  test.each([1, 2] as const)('mode %d: a changed counter does not authenticate, and moves nothing', (mode) => {
    const { send, receiver } = running(mode, 1);
    const packet = send(12);
    packet[35] = 8;
    expect(receiver.unprotect(packet, out)).toBe('authentication-failed');
    expect(receiver.streamCount).toBe(0);
  });

  test('mode 2: a loss of 2^17 packets is survived', () => {
    const { send, receiver } = running(2, 1);
    expect(receiver.unprotect(send(12), out)).toBe(32);
    for (let turn = 0; turn < 4; turn++) for (const at of [30_000, 60_000, 20]) send(at + turn);
    expect(receiver.unprotect(send(50), out)).toBe(32);
    expect(receiver.rolloverCounter(1)).toBe(11);
  });

  test.each([
    [{ profile: 'AES_CM_128_HMAC_SHA1_32', rolloverCounterCarriage: { mode: 2, rate: 1 } }, /leaves no authentication/],
    [{ rolloverCounterCarriage: { mode: 4, rate: 1 } }, /mode/],
    [{ rolloverCounterCarriage: { mode: 2, rate: 0 } }, /rate/],
    [{ unauthenticatedRtp: true, rolloverCounterCarriage: { mode: 2, rate: 1 } }, /mode 3/],
  ])('%j is refused', (more, message) => {
    expect(() => createSrtpSender({ ...options, ...(more as object) })).toThrow(message);
  });
});

describe('searching the rollover counter of a stream that has been running', () => {
  const sender = createSrtpSender(options);
  sender.setRolloverCounter(1, 5);
  const packets = Array.from({ length: 200 }, (_, at) => out.slice(0, sender.protect(rtpPacket(1, at), out)));

  test('is not done unless it was asked for', () => {
    expect(createSrtpReceiver(options).unprotect(packets[0] as Uint8Array, out)).toBe('authentication-failed');
  });

  test('finds it, and the stream goes on from there', () => {
    const receiver = createSrtpReceiver({ ...options, rolloverCounterSearch: 8 });
    expect(receiver.unprotect(packets[0] as Uint8Array, out)).toBe(32);
    expect(out.subarray(0, 32)).toEqual(rtpPacket(1, 0));
    expect(receiver.rolloverCounter(1)).toBe(5);
    expect(receiver.unprotect(packets[1] as Uint8Array, out)).toBe(32);
    expect(receiver.unprotect(packets[0] as Uint8Array, out)).toBe('replayed');
  });

  test('finds it for a stream known before, after a loss that hid rollovers', () => {
    const receiver = createSrtpReceiver({ ...options, rolloverCounterSearch: 8 });
    const early = createSrtpSender(options);
    expect(receiver.unprotect(out.slice(0, early.protect(rtpPacket(1, 3), out)), out)).toBe(32);
    expect(receiver.unprotect(packets[7] as Uint8Array, out)).toBe(32);
    expect(receiver.rolloverCounter(1)).toBe(5);
  });

  test('in vain it leaves no state, and is tried ever more rarely', () => {
    let digests = 0;
    const counting = {
      ...nodeCrypto,
      createCounterModePacketCipher: (keys: Parameters<typeof nodeCrypto.createCounterModePacketCipher>[0]) => {
        const cipher = nodeCrypto.createCounterModePacketCipher(keys);
        const digest = cipher.digest.bind(cipher);
        cipher.digest = (...given) => {
          digests++;
          digest(...given);
        };
        return cipher;
      },
    };
    const receiver = createSrtpReceiver({ ...options, crypto: counting, rolloverCounterSearch: 4 });
    for (let at = 0; at < 2_000; at++) {
      expect(receiver.unprotect(packets[at % 200] as Uint8Array, out)).toBe('authentication-failed');
    }
    expect(receiver.streamCount).toBe(0);
    expect(digests).toBeLessThan(2_000 + 4 * 13);
    expect(digests).toBeGreaterThan(2_000);
  });
});

import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeCrypto } from './node/index.ts';
import { estimateIndex } from './packet-index.ts';
import { createSrtpReceiver } from './receiver.ts';
import { ReplayWindow } from './replay-window.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, rtpPacket } from './testing/octets.ts';

const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: nodeCrypto, masterKeys: [masterKey] } as const;

/** SRTP written straight from RFC 3711, with big integers and no thought of speed. */
function slowProtect(packet: Uint8Array, index: bigint): string {
  const salt = BigInt(`0x${hexadecimal(masterKey.salt)}`);
  const block = (value: bigint) => Buffer.from(value.toString(16).padStart(32, '0'), 'hex');
  const keystream = (key: Uint8Array, iv: bigint, length: number) =>
    createCipheriv('aes-128-ctr', key, block(iv)).update(Buffer.alloc(length));
  const derive = (label: bigint, length: number) => keystream(masterKey.key, (salt ^ (label << 48n)) << 16n, length);
  const ssrc = BigInt(new DataView(packet.buffer).getUint32(8));
  const sessionSalt = BigInt(`0x${derive(2n, 14).toString('hex')}`);
  const iv = (sessionSalt << 16n) ^ (ssrc << 64n) ^ (index << 16n);
  const stream = keystream(derive(0n, 16), iv, packet.length - 12);
  const encrypted = Buffer.concat([
    packet.subarray(0, 12),
    packet.subarray(12).map((octet, i) => octet ^ (stream[i] as number)),
  ]);
  const rolloverCounter = Buffer.alloc(4);
  rolloverCounter.writeUInt32BE(Number(index >> 16n));
  const tag = createHmac('sha1', derive(1n, 20)).update(encrypted).update(rolloverCounter).digest();
  return Buffer.concat([encrypted, tag.subarray(0, 10)]).toString('hex');
}

describe('SRTP against a slow reading of the RFC', () => {
  const index = fc.oneof(
    fc.nat({ max: 70_000 }),
    fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }).map(Number),
    fc.constantFrom(65_535, 65_536, 2 ** 31, 2 ** 32 + 5, 2 ** 47, 2 ** 48 - 1),
  );

  test('every packet is protected as the reference does, at any index up to 2^48', () => {
    fc.assert(
      fc.property(index, fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 400 }), (at, ssrc, payloadLength) => {
        const packet = rtpPacket(ssrc, at % 65_536, payloadLength);
        const sender = createSrtpSender(options);
        sender.setRolloverCounter(ssrc, Math.floor(at / 65_536));
        const out = new Uint8Array(packet.length + sender.rtpOverhead);
        sender.protect(packet, out);
        expect(hexadecimal(out)).toBe(slowProtect(packet, BigInt(at)));
      }),
    );
  });

  test('any order with any loss: nothing wrong, nothing twice, and at most the window is lost', () => {
    const sent = Array.from({ length: 400 }, (_, i) => 65_336 + i); // across the wrap
    const sender = createSrtpSender(options);
    const packets = sent.map((sequenceNumber) => {
      const out = new Uint8Array(42);
      sender.protect(rtpPacket(7, sequenceNumber), out);
      return out;
    });
    const arrival = fc.array(fc.nat({ max: packets.length - 1 }), { maxLength: 300 });
    fc.assert(
      fc.property(arrival, (order) => {
        const receiver = createSrtpReceiver({ ...options, replayWindow: 64 });
        const out = new Uint8Array(42);
        const seen = new Set<number>();
        let highest = -1;
        if (order.length > 0 && (sent[order[0] as number] as number) > 65_535) return; // it cannot know of the wrap yet
        for (const position of order) {
          const outcome = receiver.unprotect(packets[position] as Uint8Array, out);
          if (highest - position >= 64) expect(outcome).toBe('too-old');
          else if (seen.has(position)) expect(outcome).toBe('replayed');
          else {
            expect(outcome).toBe(32);
            expect(out.subarray(0, 32)).toEqual(rtpPacket(7, sent[position] as number));
            seen.add(position);
            highest = Math.max(highest, position);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('random octets are refused, by a returned constant', () => {
    const receiver = createSrtpReceiver(options);
    const out = new Uint8Array(2048);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof receiver.unprotect(bytes, out)).toBe('string');
        expect(typeof receiver.unprotectRtcp(bytes, out)).toBe('string');
        expect(receiver.streamCount).toBe(0);
      }),
    );
  });
});

describe('the parts against plain models', () => {
  test('the estimated index is the nearest of the three candidates (RFC 3711 §3.3.1)', () => {
    const highest = fc.bigInt({ min: 2n ** 17n, max: 2n ** 48n - 2n ** 17n }).map(Number);
    fc.assert(
      fc.property(highest, fc.nat({ max: 65_535 }), (last, sequenceNumber) => {
        const rolloverCounter = Math.floor(last / 65_536);
        const candidates = [-1, 0, 1].map((step) => (rolloverCounter + step) * 65_536 + sequenceNumber);
        const nearest = Math.min(...candidates.map((candidate) => Math.abs(candidate - last)));
        expect(Math.abs(estimateIndex(last, sequenceNumber) - last)).toBe(nearest);
      }),
    );
  });

  test('the replay window knows what a set of all indices would know', () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: -150, max: 40 }), fc.constantFrom(31, 32, 63, 64, 65, 500)));
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 200 }), fc.nat({ max: 2 ** 40 }), steps, (size, start, moves) => {
        const window = new ReplayWindow(size);
        const seen = new Set<number>();
        let highest = -1;
        let at = start;
        for (const move of moves) {
          at = Math.max(0, Math.max(highest, start) + move);
          const expected =
            at > highest ? undefined : highest - at >= size ? 'too-old' : seen.has(at) ? 'replayed' : undefined;
          expect(window.check(at)).toBe(expected);
          if (expected !== undefined) continue;
          window.commit(at);
          seen.add(at);
          highest = Math.max(highest, at);
        }
      }),
    );
  });
});

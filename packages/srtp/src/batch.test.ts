import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSrtpBatch } from './batch.ts';
import { receiverContent } from './context-state.ts';
import { type SrtpProfileName, srtpProfiles } from './profiles.ts';
import { createSrtpReceiver, type SrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, rtpPacket } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';

const profiles: readonly SrtpProfileName[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AEAD_AES_128_GCM',
  'NULL_HMAC_SHA1_80',
  'F8_128_HMAC_SHA1_80',
];

describe.each(providers)('batches, with %s', (_name, crypto) => {
  /** Contexts of different kinds, each twice: one for the batch, one to go one by one. */
  const contexts = profiles.map((profile, at) => {
    const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
    const master = {
      key: new Uint8Array(masterKeyLength).fill(at + 1),
      salt: new Uint8Array(masterSaltLength).fill(at),
    };
    const mki = at === 1 ? { mki: Uint8Array.of(7, 7) } : {};
    return {
      profile,
      crypto,
      masterKeys: [{ ...master, ...mki }],
      ...(at === 2 ? { cryptex: 'enabled' as const } : {}),
    };
  });
  const step = fc.record({
    context: fc.nat({ max: profiles.length - 1 }),
    ssrc: fc.integer({ min: 1, max: 3 }),
    length: fc.constantFrom(0, 20, 160, 160, 160, 300, 1_400, 3_000),
    skip: fc.constantFrom(1, 1, 1, 2, 40_000),
    deliver: fc.constantFrom('once' as const, 'once' as const, 'twice' as const, 'damaged' as const, 'not' as const),
  });

  test('do what packets one by one do: the same octets, outcomes and states, in the same order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 64 }), (steps, capacity) => {
        const make = () =>
          contexts.map((options) => ({ sender: createSrtpSender(options), receiver: createSrtpReceiver(options) }));
        const [together, apart] = [make(), make()];
        const batch = createSrtpBatch({ crypto, capacity });
        const next = new Map<string, number>();
        const arriving: { context: number; packet: Uint8Array }[] = [];
        const pending: { out: Uint8Array; expected: string }[] = [];
        const flush = () => {
          expect(batch.flush()).toBe(pending.length);
          for (const [at, { out, expected }] of pending.entries()) {
            expect(hexadecimal(out.subarray(0, Number(batch.outcome(at))))).toBe(expected);
          }
          pending.length = 0;
        };
        for (const { context, ssrc, length, skip, deliver } of steps) {
          const key = `${context} ${ssrc}`;
          const at = (next.get(key) ?? 65_500) + (skip === 40_000 && !next.has(key) ? 1 : Math.min(skip, 30_000));
          next.set(key, at);
          const packet = rtpPacket(ssrc, at, length);
          const out = new Uint8Array(length + 200);
          const made = out.slice(0, (apart[context] as (typeof apart)[number]).sender.protect(packet, out));
          batch.protect((together[context] as (typeof together)[number]).sender, packet, out);
          pending.push({ out, expected: hexadecimal(made) });
          if (pending.length === capacity) flush();
          if (deliver === 'damaged') made[made.length - 1] = (made[made.length - 1] as number) ^ 1;
          if (deliver !== 'not') arriving.push({ context, packet: made });
          if (deliver === 'twice') arriving.push({ context, packet: made });
        }
        flush();

        const outcomes: (number | string)[] = [];
        const opened: string[] = [];
        const outs = arriving.map(({ packet }) => new Uint8Array(packet.length));
        for (const [at, { context, packet }] of arriving.entries()) {
          const { receiver } = apart[context] as (typeof apart)[number];
          const outcome = receiver.unprotect(packet, outs[at] as Uint8Array);
          outcomes.push(outcome);
          opened.push(typeof outcome === 'number' ? hexadecimal((outs[at] as Uint8Array).subarray(0, outcome)) : '');
        }
        for (let from = 0; from < arriving.length; from += capacity) {
          const some = arriving.slice(from, from + capacity);
          for (const [at, { context, packet }] of some.entries()) {
            batch.unprotect(
              (together[context] as (typeof together)[number]).receiver,
              packet,
              outs[from + at] as Uint8Array,
            );
          }
          batch.flush();
          for (const at of some.keys()) {
            const outcome = batch.outcome(at);
            expect(outcome).toBe(outcomes[from + at]);
            const out = outs[from + at] as Uint8Array;
            if (typeof outcome === 'number') expect(hexadecimal(out.subarray(0, outcome))).toBe(opened[from + at]);
          }
        }
        const stateOf = (receiver: SrtpReceiver) => [hexadecimal(receiverContent(receiver)), receiver.rejections];
        for (const [at, { receiver }] of together.entries()) {
          expect(stateOf(receiver)).toEqual(stateOf((apart[at] as (typeof apart)[number]).receiver));
        }
        batch.close();
        for (const { sender, receiver } of [...together, ...apart]) {
          sender.close();
          receiver.close();
        }
      }),
      { numRuns: process.env['TRUSTLINE_FULL'] === '1' ? 300 : 25 },
    );
  });

  test('a full batch says so, and an outcome is there only after flush', () => {
    const batch = createSrtpBatch({ crypto, capacity: 2 });
    const sender = createSrtpSender({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto, masterKeys: [masterKey] });
    const out = new Uint8Array(64);
    batch.protect(sender, rtpPacket(1, 1), out);
    batch.protect(sender, rtpPacket(1, 2), new Uint8Array(64));
    expect(() => batch.protect(sender, rtpPacket(1, 3), out)).toThrow(/full with 2 packets: call flush/);
    expect(() => batch.outcome(0)).toThrow(/call flush first/);
    expect(batch.flush()).toBe(2);
    expect(batch.outcome(1)).toBe(42);
    expect(() => batch.outcome(2)).toThrow(RangeError);
  });

  test('a packet that a sender refuses is not in the batch', () => {
    const batch = createSrtpBatch({ crypto });
    const sender = createSrtpSender({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto, masterKeys: [masterKey] });
    batch.protect(sender, rtpPacket(1, 5), new Uint8Array(64));
    expect(() => batch.protect(sender, rtpPacket(1, 5), new Uint8Array(64))).toThrow(
      expect.objectContaining({ code: 'srtp.index-reused' }),
    );
    expect(batch.flush()).toBe(1);
  });

  /** Contexts that are alike, one for a batch and one to go one by one. */
  const pair = (more: object = {}) => {
    const masterKeys = [1, 2].map((mki) => ({
      ...masterKey,
      key: new Uint8Array(16).fill(mki),
      mki: Uint8Array.of(mki),
    }));
    const options = { profile: 'AES_CM_128_HMAC_SHA1_80' as const, crypto, masterKeys, maximumStreams: 200, ...more };
    return [createSrtpSender(options), createSrtpSender(options), createSrtpReceiver(options)] as const;
  };

  test.each([2, 9, 64, 200])('%d packets of one stream in each flush', (capacity) => {
    const [inBatch, apart, receiver] = pair();
    const [protecting, opening] = [createSrtpBatch({ crypto, capacity }), createSrtpBatch({ crypto, capacity })];
    for (let turn = 0; turn < 6; turn++) {
      const packets = Array.from({ length: capacity }, (_, at) => rtpPacket(1, 65_000 + turn * capacity + at, 160));
      const outs = packets.map((packet) => {
        const out = new Uint8Array(200);
        protecting.protect(inBatch, packet, out);
        return out;
      });
      protecting.flush();
      for (const [at, packet] of packets.entries()) {
        const expected = new Uint8Array(200);
        const length = apart.protect(packet, expected);
        const out = outs[at] as Uint8Array;
        expect(hexadecimal(out.subarray(0, Number(protecting.outcome(at))))).toBe(
          hexadecimal(expected.subarray(0, length)),
        );
        opening.unprotect(receiver, out.subarray(0, length), out);
      }
      opening.flush();
      for (const [at, packet] of packets.entries()) {
        expect(opening.outcome(at)).toBe(packet.length);
        expect(hexadecimal((outs[at] as Uint8Array).subarray(0, packet.length))).toBe(hexadecimal(packet));
      }
    }
  });

  test.each(['another key', 'a closed sender'])('%s while packets wait changes nothing of them', (what) => {
    const [inBatch, apart] = pair();
    const batch = createSrtpBatch({ crypto });
    const outs = Array.from({ length: 40 }, (_, at) => {
      const out = new Uint8Array(200);
      batch.protect(inBatch, rtpPacket(1, at, 160), out);
      if (what === 'another key' && at % 10 === 9) inBatch.useMasterKey(Uint8Array.of(1 + (((at + 1) / 10) % 2)));
      return out;
    });
    if (what === 'a closed sender') {
      inBatch.close();
      pair()[0].protect(rtpPacket(9, 9, 160), new Uint8Array(200)); // who takes the memory that was given back
    }
    batch.flush();
    for (const [at, out] of outs.entries()) {
      const expected = new Uint8Array(200);
      const length = apart.protect(rtpPacket(1, at, 160), expected);
      if (what === 'another key' && at % 10 === 9) apart.useMasterKey(Uint8Array.of(1 + (((at + 1) / 10) % 2)));
      expect(hexadecimal(out.subarray(0, Number(batch.outcome(at))))).toBe(hexadecimal(expected.subarray(0, length)));
    }
  });

  test.each([1, 4, 16])('a key derivation rate of %d, with forged packets in between', (keyDerivationRate) => {
    const [inBatch, apart, receiver] = pair({ keyDerivationRate });
    const batch = createSrtpBatch({ crypto, capacity: 64 });
    const sent = Array.from({ length: 64 }, (_, at) => {
      const out = new Uint8Array(200);
      batch.protect(inBatch, rtpPacket(1, at, 100), out);
      return out;
    });
    batch.flush();
    const arriving = sent.flatMap((out, at) => {
      const packet = out.slice(0, Number(batch.outcome(at)));
      const expected = new Uint8Array(200);
      expect(hexadecimal(packet)).toBe(
        hexadecimal(expected.subarray(0, apart.protect(rtpPacket(1, at, 100), expected))),
      );
      const forged = packet.slice();
      forged[2] = 0x40; // far ahead: other session keys
      return at === 0 ? [packet] : [forged, packet];
    });
    for (let from = 0; from < arriving.length; from += 64) {
      const some = arriving.slice(from, from + 64);
      for (const packet of some) batch.unprotect(receiver, packet, packet);
      batch.flush();
      for (const at of some.keys()) {
        const number = from + at;
        expect(batch.outcome(at)).toBe(number % 2 === 1 ? 'authentication-failed' : 112);
        if (number % 2 === 0) {
          expect(hexadecimal((some[at] as Uint8Array).subarray(0, 112))).toBe(
            hexadecimal(rtpPacket(1, number / 2, 100)),
          );
        }
      }
    }
  });

  test('who is warned is told when all is done, and what that throws is thrown then', () => {
    const batch = createSrtpBatch({ crypto });
    const sender = createSrtpSender({
      profile: 'AES_CM_128_HMAC_SHA1_80',
      crypto,
      masterKeys: [{ ...masterKey, lifetime: 20 }],
      keyWarningAt: 18,
      onKeyWarning: () => {
        throw new Error('told');
      },
    });
    for (let at = 0; at < 5; at++) batch.protect(sender, rtpPacket(1, at), new Uint8Array(64));
    expect(() => batch.flush()).toThrow('told');
    expect([0, 1, 2, 3, 4].map((at) => batch.outcome(at))).toEqual([42, 42, 42, 42, 42]);
  });

  test('a closed batch takes nothing, and closing again is nothing', () => {
    const batch = createSrtpBatch({ crypto });
    batch.close();
    batch.close();
    const [sender] = pair();
    const closed = expect.objectContaining({ code: 'srtp.closed' });
    expect(() => batch.protect(sender, rtpPacket(1, 1), new Uint8Array(64))).toThrow(closed);
  });
});

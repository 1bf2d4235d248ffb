import { describe, expect, test } from 'vitest';
import { receiverContent } from './context-state.ts';
import { createHybridCrypto } from './node/index.ts';
import { type SrtpProfileName, srtpProfiles } from './profiles.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, rtcpPacket, rtpPacket } from './testing/octets.ts';

/** Ten million over both profiles in full, each in a kernel of its own. */
const FORGERIES = process.env['TRUSTLINE_FULL'] === '1' ? 5_000_000 : 50_000;

/** xorshift32: reproducible, and fast enough for millions. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe.each(['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const satisfies readonly SrtpProfileName[])(
  'who has no key, under %s',
  (profile) => {
    const salt = masterKey.salt.subarray(0, srtpProfiles[profile].masterSaltLength);
    const options = { profile, crypto: createHybridCrypto(), masterKeys: [{ key: masterKey.key, salt }] };
    const receiver = createSrtpReceiver({ ...options, rolloverCounterSearch: 2 });
    const out = new Uint8Array(2048);
    const random = seeded(0x5eed);

    // A conversation of three SSRC that somebody recorded, all of it received before.
    const sender = createSrtpSender(options);
    const recorded: Uint8Array[] = [];
    for (let at = 0; at < 300; at++) {
      for (const ssrc of [1, 2, 3]) {
        const packet = out.slice(0, sender.protect(rtpPacket(ssrc, 65_400 + at, 20 + (at % 160)), out));
        recorded.push(packet);
        if (typeof receiver.unprotect(packet, out) !== 'number') throw new Error('an authentic packet was refused');
      }
    }
    const reports = [1, 2, 3].map((ssrc) => out.slice(0, sender.protectRtcp(rtcpPacket(ssrc), out)));
    for (const report of reports) receiver.unprotectRtcp(report, out);
    // The same packets as they would be under another rollover counter.
    const elsewhere = createSrtpSender(options);
    for (const ssrc of [1, 2, 3]) elsewhere.setRolloverCounter(ssrc, 100);
    const otherCounter = recorded
      .slice(0, 90)
      .map((_, at) => out.slice(0, elsewhere.protect(rtpPacket(1 + (at % 3), at, 40), out)));

    const forged = new Uint8Array(512);
    function forge(): Uint8Array {
      const from = recorded[random(recorded.length)] as Uint8Array;
      forged.set(from);
      let length = from.length;
      switch (random(7)) {
        case 0: // bits flipped anywhere
          for (let flips = 1 + random(3); flips > 0; flips--) {
            const at = random(length);
            forged[at] = (forged[at] as number) ^ (1 << random(8));
          }
          break;
        case 1: // cut
          length = random(length);
          break;
        case 2: // another SSRC, known or new
          forged[11] = (forged[11] as number) ^ (1 + random(255));
          break;
        case 3: // the right packet for another rollover counter
          forged.set(otherCounter[random(otherCounter.length)] as Uint8Array);
          length = (otherCounter[0] as Uint8Array).length;
          break;
        case 4: // an old index: as recorded
          break;
        case 5: // a number that is still to come
          forged[2] = random(256);
          forged[3] = random(256);
          break;
        default: // longer
          length = Math.min(forged.length, length + 1 + random(40));
      }
      return forged.subarray(0, length);
    }

    test(`gets none of ${FORGERIES.toLocaleString('en')} forged packets accepted, and leaves no trace`, () => {
      const before = hexadecimal(receiverContent(receiver));
      let accepted = 0;
      for (let at = 0; at < FORGERIES; at++) {
        const packet = forge();
        const outcome = at % 8 === 0 ? receiver.unprotectRtcp(packet, out) : receiver.unprotect(packet, out);
        // A flipped bit may be flipped back: what is the recorded packet again is a replay, and refused as such.
        if (typeof outcome === 'number') accepted++;
      }
      expect(accepted).toBe(0);
      expect(hexadecimal(receiverContent(receiver))).toBe(before);
      expect(receiver.rejections['authentication-failed']).toBeGreaterThan(FORGERIES / 4);
      expect(receiver.rejections.replayed + receiver.rejections['too-old']).toBeGreaterThan(FORGERIES / 20);
    });
  },
);

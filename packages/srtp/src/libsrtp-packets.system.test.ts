import { afterAll, describe, expect, test } from 'vitest';
import libsrtpPackets from '../vectors/libsrtp-packets.json' with { type: 'json' };
import type { SrtpProfileName } from './profiles.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, octets } from './testing/octets.ts';
import { libsrtpPeer, PeerProgram } from './testing/peer-program.fixture.ts';
import { providers } from './testing/providers.fixture.ts';

// Packets that libsrtp's own test does not print, made by libsrtp and kept, so that they are there without it.
const libsrtp = new PeerProgram(libsrtpPeer);
afterAll(() => libsrtp.close());

describe.each(libsrtpPackets.vectors)(
  'kept packets of libsrtp, $name',
  ({ name, key, salt, rtp, srtp, rtcp, srtcp }) => {
    const masterKeys = [{ key: octets(key), salt: octets(salt) }];

    test('libsrtp makes them', (context) => {
      libsrtp.require(context);
      const made = libsrtp.run({ direction: 'protect', profile: name, masterKeys, replayWindow: 128 }, [
        { kind: 'rtp', octets: octets(rtp) },
        { kind: 'rtcp', octets: octets(rtcp) },
      ]);
      expect(made.map((packet) => (typeof packet === 'number' ? packet : hexadecimal(packet)))).toEqual([srtp, srtcp]);
    });

    test.each(providers)('we make and open them, with %s', (_provider, crypto) => {
      const shared = { profile: name as SrtpProfileName, crypto, masterKeys };
      const out = new Uint8Array(128);
      const sender = createSrtpSender(shared);
      sender.setRtcpIndex(0xcafebabe, 1); // libsrtp begins there
      expect(hexadecimal(out.subarray(0, sender.protect(octets(rtp), out)))).toBe(srtp);
      expect(hexadecimal(out.subarray(0, sender.protectRtcp(octets(rtcp), out)))).toBe(srtcp);
      const receiver = createSrtpReceiver(shared);
      expect(hexadecimal(out.subarray(0, Number(receiver.unprotect(octets(srtp), out))))).toBe(rtp);
      expect(hexadecimal(out.subarray(0, Number(receiver.unprotectRtcp(octets(srtcp), out))))).toBe(rtcp);
    });
  },
);

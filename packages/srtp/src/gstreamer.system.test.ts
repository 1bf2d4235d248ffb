import { afterAll, describe, test } from 'vitest';
import {
  expectUnderstanding,
  foreign,
  interopKey,
  interopKeys,
  interopProfiles,
  ourselves,
} from './testing/interop.fixture.ts';
import { gstreamerPeer, libsrtpPeer, PeerProgram } from './testing/peer-program.fixture.ts';
import { disturbed, TRAFFIC_PACKETS, traffic } from './testing/traffic.fixture.ts';

// GStreamer's srtpenc and srtpdec do their cryptography with libsrtp; what they add is theirs: which key and MKI, when
// streams begin, what is dropped. So this proves less about octets than libsrtp.system.test.ts, and more about use.
const gstreamer = new PeerProgram(gstreamerPeer);
const libsrtp = new PeerProgram(libsrtpPeer);
afterAll(() => {
  gstreamer.close();
  libsrtp.close();
});

const packets = traffic(TRAFFIC_PACKETS);
const deliveries = disturbed(packets.length);
const badNetwork = 'byte for byte, through loss, reordering, repetition, damage and rollovers';

/** srtpenc has no key of 192 bits, and no null cipher with a key to sign with. */
const profiles = interopProfiles.filter((profile) => !/^AES_192|^NULL/.test(profile));

describe.each(profiles)('against GStreamer, %s', (profile) => {
  const ours = ourselves(profile, [interopKey(profile, 1)]);
  const theirs = foreign(gstreamer, profile, [interopKey(profile, 1)]);

  test(`srtpdec opens what we protect, ${badNetwork}`, (context) => {
    gstreamer.require(context);
    expectUnderstanding(ours, theirs, packets, deliveries);
  });

  test(`we open what srtpenc protects, ${badNetwork}`, (context) => {
    gstreamer.require(context);
    expectUnderstanding(theirs, ours, packets, deliveries);
  });

  test('srtpdec finds the key of each packet by our MKI (RFC 3711 §3.1)', (context) => {
    gstreamer.require(context);
    const keys = interopKeys(profile, 3);
    // With the two tag lengths of the 32-bit suites libsrtp, and so srtpdec, refuses every SRTCP packet with an MKI.
    const readable = profile.endsWith('_32') ? packets.filter(({ kind }) => kind === 'rtp') : packets;
    expectUnderstanding(
      ourselves(profile, keys),
      foreign(gstreamer, profile, keys),
      readable,
      disturbed(readable.length),
      (position) => Math.floor(position / 100) % keys.length,
    );
  });

  test('we open what srtpenc protects with an MKI; it has one key at a time', (context) => {
    gstreamer.require(context);
    const keys = interopKeys(profile, 3);
    const third = packets.slice(0, packets.length / keys.length);
    for (const key of keys) {
      expectUnderstanding(foreign(gstreamer, profile, [key]), ourselves(profile, keys), third, disturbed(third.length));
    }
  });
});

// The strangers with each other, also in suites that we do not perform: should we and one of them disagree one day,
// this says whether the test itself is at fault.
describe.each(profiles)('GStreamer and libsrtp, %s', (profile) => {
  test('understand each other, both ways', (context) => {
    gstreamer.require(context);
    libsrtp.require(context);
    const one = foreign(gstreamer, profile, [interopKey(profile, 1)]);
    const other = foreign(libsrtp, profile, [interopKey(profile, 1)]);
    expectUnderstanding(one, other, packets, deliveries);
    expectUnderstanding(other, one, packets, deliveries);
  });
});

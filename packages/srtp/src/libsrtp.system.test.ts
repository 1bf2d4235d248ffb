import { afterAll, describe, expect, test } from 'vitest';
import {
  expectUnderstanding,
  foreign,
  interopKey,
  interopKeys,
  interopProfiles,
  ourselves,
} from './testing/interop.fixture.ts';
import { hexadecimal, octets } from './testing/octets.ts';
import { libsrtpPeer, PeerProgram } from './testing/peer-program.fixture.ts';
import { disturbed, type Packet, TRAFFIC_PACKETS, TRAFFIC_WINDOW, traffic } from './testing/traffic.fixture.ts';

// The peer is libsrtp itself, in a small C program compiled here.
const libsrtp = new PeerProgram(libsrtpPeer);
afterAll(() => libsrtp.close());

const packets = traffic(TRAFFIC_PACKETS);
const deliveries = disturbed(packets.length);
const badNetwork = 'byte for byte, through loss, reordering, repetition, damage and rollovers';

/** Not those with 192 bits, whose keys libsrtp derives wrongly: libsrtp-192-bits.system.test.ts proves it. */
const profiles = interopProfiles.filter((profile) => !profile.startsWith('AES_192'));

test('the suites of libsrtp that we perform are tried with it', () => {
  expect(profiles).toEqual([
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
    'AES_256_CM_HMAC_SHA1_80',
    'AES_256_CM_HMAC_SHA1_32',
    'AEAD_AES_128_GCM',
    'AEAD_AES_256_GCM',
    'NULL_HMAC_SHA1_80',
    'NULL_HMAC_SHA1_32',
  ]);
});

describe.each(profiles)('against libsrtp, %s', (profile) => {
  const ours = ourselves(profile, [interopKey(profile, 1)]);
  const theirs = foreign(libsrtp, profile, [interopKey(profile, 1)]);

  test(`libsrtp opens what we protect, ${badNetwork}`, (context) => {
    libsrtp.require(context);
    expectUnderstanding(ours, theirs, packets, deliveries);
  });

  test(`we open what libsrtp protects, ${badNetwork}`, (context) => {
    libsrtp.require(context);
    expectUnderstanding(theirs, ours, packets, deliveries);
  });
});

describe.each(profiles)('against libsrtp with three master keys in turn, %s', (profile) => {
  const keys = interopKeys(profile, 3);
  const ours = ourselves(profile, keys);
  const theirs = foreign(libsrtp, profile, keys);
  const keyOf = (position: number) => Math.floor(position / 100) % keys.length;

  test('libsrtp finds the key of each packet by our MKI (RFC 3711 §3.1)', (context) => {
    libsrtp.require(context);
    // libsrtp 2.5 looks for the MKI of an SRTCP packet in front of a tag as long as that of SRTP: where a suite has two
    // lengths, it refuses every SRTCP packet with an MKI, its own too. So there SRTP alone is tried.
    const readable = profile.endsWith('_32') ? packets.filter(({ kind }) => kind === 'rtp') : packets;
    expectUnderstanding(ours, theirs, readable, disturbed(readable.length), keyOf);
  });

  test("we find the key of each packet by libsrtp's MKI (RFC 3711 §3.1)", (context) => {
    libsrtp.require(context);
    expectUnderstanding(theirs, ours, packets, deliveries, keyOf);
  });
});

describe.each(['AES_CM_128_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'] as const)(
  'encrypted header extensions with libsrtp (RFC 6904), %s',
  (profile) => {
    const keys = [interopKey(profile, 1)];
    const identifiers = [1, 3];
    const ours = ourselves(profile, keys, { encryptedHeaderExtensions: identifiers });
    const theirs = foreign(libsrtp, profile, keys, identifiers);
    // One-byte and two-byte elements in turn, some of them encrypted (RFC 8285 §4.2, §4.3).
    const extended = packets.slice(0, 600).flatMap(({ kind, octets: plain }, at): Packet[] => {
      if (kind === 'rtcp') return [];
      const extension = at % 2 === 0 ? octets('bede000212aabbcc20dd30ee') : octets('100000030103aabbcc02010903025566');
      const packet = Uint8Array.from([...plain.subarray(0, 12), ...extension, ...plain.subarray(12)]);
      packet[0] = 0x90;
      return [{ kind, octets: packet }];
    });

    test('libsrtp opens what we protect', (context) => {
      libsrtp.require(context);
      expectUnderstanding(ours, theirs, extended, disturbed(extended.length));
    });

    test('we open what libsrtp protects', (context) => {
      libsrtp.require(context);
      expectUnderstanding(theirs, ours, extended, disturbed(extended.length));
    });
  },
);

test('the peer encrypts header extensions as RFC 6904 appendix A does', (context) => {
  libsrtp.require(context);
  const masterKeys = [
    { key: octets('e1f97a0d3e018be0d64fa32c06de4139'), salt: octets('0ec675ad498afeebb6960b3aabe6') },
  ];
  const head = '900f1234decafbadcafebabe' + 'bede0006';
  const plain = `${head}17414273a475262748220000c8308e4655996386b395fb00${'ab'.repeat(16)}`;
  const outcome = libsrtp.run(
    {
      direction: 'protect',
      profile: 'AES_CM_128_HMAC_SHA1_80',
      masterKeys,
      replayWindow: TRAFFIC_WINDOW,
      encryptedExtensions: [1, 3, 4],
    },
    [{ kind: 'rtp', octets: octets(plain) }],
  );
  const [sealed] = outcome;
  expect(typeof sealed === 'object' ? hexadecimal(sealed).slice(0, 80) : sealed).toBe(
    `${head}17588a9270f4e15e1c220000c8309546a994f0bc54789700`,
  );
});

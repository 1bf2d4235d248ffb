import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { correlateAtBestLag } from '../signal/correlate.ts';
import { noise } from '../signal/signals.fixture.ts';
import {
  called,
  caller,
  datagramsOf,
  encodings,
  flowOf,
  keyOf,
  Line,
  type SentStream,
  senderOf,
  speech,
  srtcp,
} from './streams.fixture.ts';

const lags = { maximumLagSamples: 2_000 };
const pcmu = encodings.pcmu(speech);

describe('a stream in the clear', () => {
  test.each([
    ['PCMU', 0, encodings.pcmu],
    ['PCMA', 8, encodings.pcma],
  ] as const)('of %s is heard, word for word', (codec, payloadType, encode) => {
    const line = new Line({ includeAudio: true });
    line.send(datagramsOf({ payloads: encode(speech), payloadType }));
    const stream = line.only();
    expect(stream).toMatchObject({
      state: 'clear',
      because: `its ${codec} was decoded as it was captured`,
      codec,
      packets: 250,
      clearPackets: 250,
      openedPackets: 0,
      closedPackets: 0,
      key: undefined,
      noisePeaks: undefined,
    });
    const { audio } = stream;
    expect(audio?.seconds).toBe(5);
    expect(audio?.audibleSeconds).toBeGreaterThan(3);
    expect(audio?.peaks.length).toBe(250);
    expect(correlateAtBestLag(speech, audio?.samples?.() ?? [], lags)).toMatchObject({ lagSamples: 0 });
    expect(correlateAtBestLag(speech, audio?.samples?.() ?? [], lags).correlation).toBeGreaterThan(0.99);
  });

  test('that is noise is not taken for encrypted', () => {
    for (let seed = 0; seed < 20; seed++) {
      const line = new Line();
      line.send(datagramsOf({ payloads: encodings.pcmu(noise(seed, 16_000)) }));
      expect(line.only().state).toBe('clear');
    }
  });
});

describe('SRTP without a key', () => {
  test.each([
    ['AES_CM_128_HMAC_SHA1_80', 10],
    ['AES_CM_128_HMAC_SHA1_32', 4],
    ['AEAD_AES_128_GCM', 16],
    ['AES_256_CM_HMAC_SHA1_80', 10],
    ['F8_128_HMAC_SHA1_80', 10],
  ] as const)('of %s is known by its tag', (profile, tagOctets) => {
    const line = new Line();
    line.send(datagramsOf({ payloads: pcmu, sender: senderOf(keyOf(profile)) }));
    expect(line.only()).toMatchObject({
      state: 'encrypted',
      tagOctets,
      closedPackets: 250,
      clearPackets: 0,
      audio: undefined,
    });
  });
});

const srtp = () => senderOf(keyOf('AES_CM_128_HMAC_SHA1_80'));
const silenceOf = (octet: number) => Array.from({ length: 250 }, () => new Uint8Array(160).fill(octet));
const toneOf = (hertz: number) =>
  encodings.pcmu(Int16Array.from({ length: 40_000 }, (_, at) => 8_000 * Math.sin((2 * Math.PI * hertz * at) / 8_000)));
/** Octets as even as a cipher's. */
const evenOf = (seed: number, length: number, packets = 250) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: packets }, () => random.bytes(length));
};
/** As G.729 packs it, with the same first bits in each frame, as a voice has them. */
const g729Of = (packets: number) =>
  evenOf(3, 20, packets).map((octets) => octets.map((octet, at) => (at % 10 === 0 ? 0x40 | (octet & 0x0f) : octet)));
/** Like Opus at one bit rate: the first octet says how it was made (RFC 6716 §3.1). */
const opusLike = (packets: number) => {
  const random = new SeededRandom(9);
  return Array.from({ length: packets }, () => {
    const payload = random.bytes(60 + random.below(60));
    payload[0] = 0x78;
    return payload;
  });
};
const opus = [{ payloadType: 111, name: 'opus', clockRate: 48_000 }];
const g729 = [{ payloadType: 18, name: 'G729', clockRate: 8_000 }];

interface Case {
  readonly what: string;
  readonly sent: SentStream;
  /** What signalling said, if any. */
  readonly profile?: string;
  readonly codecs?: typeof opus;
  readonly before?: (line: Line) => void;
  readonly state: 'clear' | 'encrypted' | 'unknown';
  readonly because: RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'G.722',
    sent: { payloads: encodings.g722(speech), payloadType: 9 },
    state: 'clear',
    because: /G722 was decoded/,
  },
  {
    what: 'G.722 under SRTP',
    sent: { payloads: encodings.g722(speech), payloadType: 9, sender: srtp() },
    state: 'encrypted',
    because: /10 octets more than G722/,
  },
  { what: 'silence of mu-law', sent: { payloads: silenceOf(0xff) }, state: 'clear', because: /PCMU/ },
  { what: 'silence of A-law', sent: { payloads: silenceOf(0xd5), payloadType: 8 }, state: 'clear', because: /PCMA/ },
  {
    what: 'silence under SRTP',
    sent: { payloads: silenceOf(0xff), sender: srtp() },
    state: 'encrypted',
    because: /tag/,
  },
  { what: 'a tone', sent: { payloads: toneOf(440) }, state: 'clear', because: /PCMU/ },
  { what: 'five packets', sent: { payloads: pcmu.slice(0, 5) }, state: 'clear', because: /PCMU/ },
  {
    what: 'five packets of SRTP',
    sent: { payloads: pcmu.slice(0, 5), sender: srtp() },
    state: 'encrypted',
    because: /10 octets more/,
  },
  {
    what: 'packets of 30 ms under SRTP',
    sent: { payloads: evenOf(1, 240), step: 240, sender: srtp() },
    state: 'encrypted',
    because: /10 octets more/,
  },
  {
    what: 'the null cipher',
    sent: { payloads: pcmu, sender: senderOf(keyOf('NULL_HMAC_SHA1_80')) },
    state: 'clear',
    because: /10 octets of a tag follow it, so it is authenticated but not encrypted/,
  },
  {
    what: 'UNENCRYPTED_SRTP in spite of what signalling says',
    sent: { payloads: pcmu, sender: senderOf(keyOf('AES_CM_128_HMAC_SHA1_32', 1, { unencryptedSrtp: true })) },
    profile: 'RTP/SAVP',
    state: 'clear',
    because: /4 octets of a tag follow it/,
  },
  {
    what: 'silence under the null cipher',
    sent: { payloads: silenceOf(0xff), sender: senderOf(keyOf('NULL_HMAC_SHA1_80')) },
    state: 'clear',
    because: /authenticated but not encrypted/,
  },
  {
    what: 'noise under the null cipher',
    sent: { payloads: encodings.pcmu(noise(8, 40_000)), sender: senderOf(keyOf('NULL_HMAC_SHA1_80')) },
    state: 'clear',
    because: /authenticated but not encrypted/,
  },
  {
    what: 'UNAUTHENTICATED_SRTP, for entropy alone is no encryption',
    sent: { payloads: pcmu, sender: senderOf(keyOf('AES_CM_128_HMAC_SHA1_80', 1, { unauthenticatedSrtp: true })) },
    state: 'unknown',
    because: /no tag follows them: noise, or SRTP without authentication/,
  },
  {
    what: 'UNAUTHENTICATED_SRTP beside SRTCP',
    sent: { payloads: pcmu, sender: senderOf(keyOf('AES_CM_128_HMAC_SHA1_80', 1, { unauthenticatedSrtp: true })) },
    before: (line) => line.send(srtcp(3, senderOf(keyOf('AES_CM_128_HMAC_SHA1_80')))),
    state: 'encrypted',
    because: /SRTCP/,
  },
  { what: 'even octets', sent: { payloads: evenOf(5, 160) }, state: 'unknown', because: /no tag follows them/ },
  {
    what: 'even octets where signalling says that nothing is encrypted',
    sent: { payloads: evenOf(5, 160) },
    profile: 'RTP/AVP',
    state: 'clear',
    because: /PCMU was decoded/,
  },
  {
    what: 'G.729 as signalled',
    sent: { payloads: g729Of(250), payloadType: 18 },
    profile: 'RTP/AVP',
    codecs: g729,
    state: 'clear',
    because: /signalling says RTP\/AVP.*G729 is not decoded here/,
  },
  {
    what: 'G.729 of which signalling was not seen',
    sent: { payloads: g729Of(250), payloadType: 18 },
    state: 'unknown',
    because: /G729 is not decoded here/,
  },
  {
    what: 'G.729 under SRTP',
    sent: { payloads: g729Of(250), payloadType: 18, sender: srtp() },
    state: 'encrypted',
    because: /10 octets more than G729/,
  },
  {
    what: 'G.729 under SRTP for half a second, as signalled',
    sent: { payloads: g729Of(25), payloadType: 18, sender: srtp() },
    profile: 'RTP/SAVP',
    codecs: g729,
    state: 'encrypted',
    because: /signalling says RTP\/SAVP, and each payload has 10 octets more/,
  },
  {
    what: 'G.729 under the null cipher',
    sent: { payloads: g729Of(250), payloadType: 18, sender: senderOf(keyOf('NULL_HMAC_SHA1_80')) },
    profile: 'RTP/SAVP',
    codecs: g729,
    state: 'unknown',
    because: /a pattern that no cipher leaves/,
  },
  {
    what: 'a payload type that nothing explains',
    sent: { payloads: opusLike(250), payloadType: 111, step: 900 },
    state: 'unknown',
    because: /payload type 111 is was not seen in signalling; its octets have a pattern/,
  },
  {
    what: 'such a payload type under SRTP',
    sent: { payloads: opusLike(250), payloadType: 111, step: 960, sender: srtp() },
    state: 'unknown',
    because: /which alone shows no encryption/,
  },
  {
    what: 'Opus under SRTP, where only a clear profile was signalled',
    sent: { payloads: opusLike(250), payloadType: 111, step: 960, sender: srtp() },
    profile: 'RTP/AVP',
    codecs: opus,
    state: 'unknown',
    because: /packets of opus may have any length/,
  },
  {
    what: 'Opus under SRTP, as signalled',
    sent: { payloads: opusLike(250), payloadType: 111, step: 960, sender: srtp() },
    profile: 'UDP/TLS/RTP/SAVPF',
    codecs: opus,
    state: 'encrypted',
    because: /signalling says UDP\/TLS\/RTP\/SAVPF/,
  },
  {
    what: 'Opus in the clear in spite of what signalling says',
    sent: { payloads: opusLike(250), payloadType: 111, step: 960 },
    profile: 'RTP/SAVPF',
    codecs: opus,
    state: 'clear',
    because: /frames of opus in their form, which no cipher leaves/,
  },
  {
    what: 'Opus under SRTP beside DTLS',
    sent: { payloads: opusLike(250), payloadType: 111, step: 960, sender: srtp() },
    before: (line) => line.media.dtlsAgreed(flowOf(called, caller), true),
    state: 'encrypted',
    because: /DTLS/,
  },
  {
    what: 'Opus under SRTP beside SRTCP at the next port',
    sent: { payloads: opusLike(250), payloadType: 111, step: 960, sender: srtp() },
    before: (line) =>
      line.send(srtcp(3, srtp()), flowOf({ ...caller, port: caller.port + 1 }, { ...called, port: called.port + 1 })),
    state: 'encrypted',
    because: /SRTCP/,
  },
  {
    what: 'Opus under SRTP beside reports in the clear',
    sent: { payloads: opusLike(250), payloadType: 111, step: 960, sender: srtp() },
    before: (line) => line.send(srtcp(3, undefined)),
    state: 'unknown',
    because: /which alone shows no encryption/,
  },
];

test.each(cases)('$what is $state', ({ sent, profile, codecs = [], before, state, because }) => {
  const line = new Line();
  if (profile !== undefined) line.describe({ profile, codecs });
  before?.(line);
  line.send(datagramsOf(sent));
  const stream = line.only();
  expect(stream.because).toMatch(because);
  expect(stream.state).toBe(state);
  const { clearPackets, openedPackets, closedPackets, packets } = stream;
  expect([clearPackets + closedPackets, openedPackets]).toEqual([packets, 0]);
});

describe('early media in the clear before SRTP', () => {
  test('of the same SSRC are told from what follows, packet for packet', () => {
    const line = new Line({ includeAudio: true });
    line.send(datagramsOf({ payloads: pcmu.slice(0, 60) }));
    line.send(
      datagramsOf({ payloads: pcmu.slice(60), sequenceNumber: 1_060, timestamp: 5_000 + 60 * 160, sender: srtp() }),
    );
    const stream = line.only();
    expect(stream).toMatchObject({ state: 'clear', clearPackets: 60, closedPackets: 190, tagOctets: undefined });
    expect(stream.because).toBe('its PCMU was decoded as it was captured; 190 other packets are encrypted');
    expect(stream.parts).toMatchObject([
      { state: 'clear', packets: 60, first: { number: 1 }, last: { number: 60 } },
      { state: 'encrypted', packets: 190, first: { number: 61 }, last: { number: 250 } },
    ]);
    expect(stream.audio?.seconds).toBeCloseTo(1.2);
    expect(stream.noisePeaks?.some((peak) => peak > 200)).toBe(true);
  });

  test('a second in the clear in the midst of SRTP is found, with a tag or without', () => {
    for (const sender of [undefined, senderOf(keyOf('NULL_HMAC_SHA1_80'))]) {
      const line = new Line();
      const closed = datagramsOf({ payloads: pcmu, sender: srtp() });
      const clear = datagramsOf(sender === undefined ? { payloads: pcmu } : { payloads: pcmu, sender });
      line.send(closed.map((datagram, at) => (at >= 100 && at < 150 ? (clear[at] ?? datagram) : datagram)));
      const { state, clearPackets } = line.only();
      expect(state).toBe('clear');
      expect(clearPackets).toBeGreaterThan(42);
      expect(clearPackets).toBeLessThan(65);
    }
  });
});

test('pauses, comfort noise and a change of the packet time leave a stream what it is', () => {
  for (const sender of [undefined, srtp()]) {
    const line = new Line();
    const of = (payloads: readonly Uint8Array[], nth: number, at: number, payloadType = 0) =>
      datagramsOf({
        payloads,
        payloadType,
        sequenceNumber: 1_000 + nth,
        timestamp: 160 * at,
        step: payloads[0]?.byteLength === 240 ? 240 : 160,
        ...(sender === undefined ? {} : { sender }),
      });
    line.send(of(pcmu.slice(0, 50), 0, 0));
    line.send(of([Uint8Array.of(60)], 50, 51, 13));
    line.send(of(pcmu.slice(50, 60), 51, 150));
    line.send(of([Uint8Array.of(60, 30)], 61, 161, 13));
    const thirty = Array.from({ length: 30 }, (_, at) =>
      Uint8Array.from(
        { length: 240 },
        (_, octet) => pcmu[Math.floor((240 * at + octet) / 160)]?.[(240 * at + octet) % 160] ?? 0,
      ),
    );
    line.send(of(thirty, 62, 300));
    const stream = line.only();
    expect(stream.state).toBe(sender === undefined ? 'clear' : 'encrypted');
    expect(stream.payloadTypes).toEqual([0, 13]);
  }
});

describe('ZRTP between the ports of a stream (RFC 6189 §5)', () => {
  /** A message with its type block, in words of four octets. */
  const zrtp = (type: string) => {
    const packet = new Uint8Array(28);
    packet[0] = 0x10;
    packet.set(new TextEncoder().encode('ZRTP'), 4);
    packet.set([0x50, 0x5a, 0, 3], 12);
    packet.set(new TextEncoder().encode(type), 16);
    return packet;
  };

  test.each([
    ['Hello   ', 'unknown'],
    ['Conf2ACK', 'encrypted'],
  ] as const)('is seen by its cookie: after %s well compressed media that are even are %s', (type, state) => {
    const line = new Line();
    line.send([zrtp('Hello   ')], flowOf(called, caller));
    line.send([zrtp(type)]);
    line.send(datagramsOf({ payloads: opusLike(250), payloadType: 111, step: 960, sender: srtp() }));
    expect(line.only()).toMatchObject({ state, zrtp: { number: 1 }, zrtpCompleted: type === 'Conf2ACK' });
  });

  test('keeps media that signalling calls clear from being called so without proof', () => {
    const line = new Line();
    line.describe({ profile: 'RTP/AVP' });
    line.send([zrtp('Hello   ')]);
    line.send(datagramsOf({ payloads: evenOf(5, 160) }));
    expect(line.only().state).toBe('unknown');
  });
});

test('streams beyond the limit are not heard, and that is said', () => {
  const line = new Line({ limits: { streams: 2 } });
  for (let ssrc = 1; ssrc <= 4; ssrc++) line.send(datagramsOf({ payloads: pcmu.slice(0, 5), ssrc }));
  expect(line.media.streams()).toHaveLength(2);
  expect(line.media.limitsReached()).toEqual(['10 packets of RTP streams beyond 2 were not heard']);
});

describe('ports that are used again', () => {
  const closed = { payloads: opusLike(250), payloadType: 111, step: 960 };

  test('are explained by what is said of the call that goes on, not by a later one', () => {
    const line = new Line();
    line.send(datagramsOf({ ...closed, sender: srtp() }));
    line.wait(120);
    line.describe({ profile: 'RTP/SAVPF', codecs: opus });
    line.send(datagramsOf({ ...closed, ssrc: 2, sender: srtp() }));
    expect(line.media.streams().map(({ state }) => state)).toEqual(['unknown', 'encrypted']);
  });

  test('are not explained by a call that was over before', () => {
    const line = new Line();
    line.describe({ profile: 'RTP/SAVPF', codecs: opus });
    line.send(datagramsOf({ ...closed, sender: srtp() }));
    line.hangUp();
    line.wait(20);
    line.send(datagramsOf({ ...closed, ssrc: 2, sender: srtp() }));
    expect(line.media.streams().map(({ state }) => state)).toEqual(['encrypted', 'unknown']);
  });
});

test('a sender that fills a packet and sends the rest in a short one is judged as any other', () => {
  for (const sender of [undefined, srtp()]) {
    const line = new Line();
    const octets = Uint8Array.from(pcmu.flatMap((payload) => [...payload]));
    const datagrams: Uint8Array[] = [];
    for (let at = 0, nth = 0; at < octets.byteLength; nth++) {
      const payload = octets.subarray(at, at + (nth % 2 === 0 ? 1_388 : 660));
      const more = sender === undefined ? {} : { sender };
      datagrams.push(...datagramsOf({ payloads: [payload], sequenceNumber: nth, timestamp: at, ...more }));
      at += payload.byteLength;
    }
    line.send(datagrams);
    expect(line.only()).toMatchObject(
      sender === undefined ? { state: 'clear', closedPackets: 0 } : { state: 'encrypted', tagOctets: 10 },
    );
  }
});

test('padding and a header extension are no part of the voice', () => {
  const datagrams = datagramsOf({ payloads: pcmu }).map((datagram) =>
    Uint8Array.of(
      0xb0,
      ...datagram.subarray(1, 12),
      ...[0xbe, 0xde, 0, 1, 0x10, 7, 0, 0],
      ...datagram.subarray(12),
      ...[0, 0, 0, 4],
    ),
  );
  const line = new Line({ includeAudio: true });
  line.send(datagrams);
  const { state, audio } = line.only();
  expect(state).toBe('clear');
  expect(correlateAtBestLag(speech, audio?.samples?.() ?? [], lags).correlation).toBeGreaterThan(0.99);
});

test('packets that are cut short are heard as far as they go, and said not to be authenticated', () => {
  const clear = new Line();
  clear.send(
    datagramsOf({ payloads: pcmu }).map((datagram) => datagram.subarray(0, 92)),
    flowOf(),
    true,
  );
  expect(clear.only()).toMatchObject({ state: 'clear', cutPackets: 250 });
  const key = keyOf('AES_CM_128_HMAC_SHA1_80');
  const closed = new Line();
  closed.describe({ profile: 'RTP/SAVP', keys: [key] });
  closed.send(
    datagramsOf({ payloads: pcmu, sender: senderOf(key) }).map((datagram) => datagram.subarray(0, 92)),
    flowOf(),
    true,
  );
  expect(closed.only()).toMatchObject({ state: 'encrypted', openedPackets: 0 });
  expect(closed.only().because).toMatch(/250 packets are cut short in the capture, and could not be authenticated/);
});

test('who asks after each packet is told the same in the end as who asks once', () => {
  for (const sender of [undefined, srtp()]) {
    const datagrams = datagramsOf({ payloads: pcmu.slice(0, 60), ...(sender === undefined ? {} : { sender }) });
    const [once, often] = [new Line(), new Line()];
    once.send(datagrams);
    for (const datagram of datagrams) {
      often.send([datagram]);
      expect(['unknown', sender === undefined ? 'clear' : 'encrypted']).toContain(
        often.media.streams()[0]?.state ?? 'unknown',
      );
    }
    // The picture of noise may begin a packet earlier.
    expect({ ...often.only(), noisePeaks: [] }).toEqual({ ...once.only(), noisePeaks: [] });
  }
});

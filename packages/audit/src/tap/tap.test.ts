import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type CapturedPacket, CaptureReader, encapsulateUdp, linkTypes } from '@trustline/capture';
import { encodeALaw, encodeMuLaw, serializeRtpPacket, TelephoneEventSender } from '@trustline/rtp';
import { createSrtpSender, type SrtpProfileName } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzz } from '../../fuzz/tap.ts';
import { correlateAtBestLag } from '../signal/correlate.ts';
import { noise, speechLike } from '../signal/signals.fixture.ts';
import { Tap, type TapOptions } from './tap.ts';

const SECONDS = 5;
const speech = speechLike(11, SECONDS * 8000);
const lags = { maximumLagSamples: 16_000 };
const profiles: readonly SrtpProfileName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];
const masterKey = Uint8Array.from({ length: 16 }, (_, index) => index);
const masterSalt = Uint8Array.from({ length: 14 }, (_, index) => 100 + index);
const from = { address: '192.0.2.1', port: 40_000 };
const to = { address: '192.0.2.2', port: 40_002 };

interface CallOptions {
  readonly profile?: SrtpProfileName;
  readonly alaw?: boolean;
  readonly digits?: readonly number[];
  readonly ssrc?: number;
  readonly firstSequenceNumber?: number;
}

/** The datagrams of one direction of a call; sequence number and timestamp wrap on the way. */
function call({ profile, alaw = false, digits = [], ssrc = 0xcafe, firstSequenceNumber = 65_500 }: CallOptions = {}) {
  const sender =
    profile && createSrtpSender({ profile, crypto: nodeCrypto, masterKeys: [{ key: masterKey, salt: masterSalt }] });
  const events = new TelephoneEventSender({ clockRate: 8000 });
  const datagrams: Uint8Array[] = [];
  for (let index = 0; index < (SECONDS * 8000) / 160; index++) {
    if (index === 100) for (const event of digits) events.enqueue({ event });
    const timestamp = (0xffff_f000 + index * 160) % 2 ** 32;
    const event = events.next(timestamp);
    const payload = event?.payload ?? new Uint8Array(160);
    if (event === undefined)
      (alaw ? encodeALaw : encodeMuLaw)(speech.subarray(index * 160, index * 160 + 160), payload);
    const clear = serializeRtpPacket({
      marker: event?.marker ?? index === 0,
      payloadType: event ? 101 : alaw ? 8 : 0,
      sequenceNumber: (firstSequenceNumber + index) % 65_536,
      timestamp: event?.timestamp ?? timestamp,
      ssrc,
      csrcs: [],
      extension: undefined,
      payload,
      paddingLength: 0,
    });
    const out = new Uint8Array(clear.length + 32);
    datagrams.push(sender ? out.slice(0, sender.protect(clear, out) as number) : clear);
  }
  return datagrams;
}

function packetsOf(datagrams: readonly Uint8Array[], name = 'eth0'): CapturedPacket[] {
  return datagrams.map((payload, index) => {
    const data = encapsulateUdp({ source: from, destination: to, payload });
    return {
      kind: 'packet',
      number: index + 1,
      interface: { linkType: linkTypes.ethernet, snapLength: 0, name },
      time: { microseconds: 1_000_000 + index * 20_000, nanoseconds: 0 },
      data,
      originalLength: data.length,
      direction: undefined,
      comment: undefined,
    };
  });
}

function hear(packets: readonly CapturedPacket[], options: TapOptions = {}) {
  const tap = new Tap(options);
  for (const packet of packets) tap.handle(packet);
  return [...tap.heard()];
}

describe('a call in the clear', () => {
  test.each([false, true])('is heard, word for word and digit for digit (A-law: %s)', (alaw) => {
    const [flow, ...others] = hear(packetsOf(call({ alaw, digits: [5, 5, 10, 11] })));
    expect(others).toEqual([]);
    expect(flow).toMatchObject({
      source: from,
      destination: to,
      ssrc: 0xcafe,
      payloadTypes: [alaw ? 8 : 0, 101],
      packets: 250,
      durationSeconds: 4.98,
      opened: { kind: 'as-captured' },
      codec: alaw ? 'PCMA' : 'PCMU',
      eventDigits: '55*#',
    });
    expect(correlateAtBestLag(speech, flow?.samples ?? [], lags).lagSamples).toBe(0);
    expect(hear(packetsOf(call({ alaw })))[0]?.samples).toHaveLength(speech.length);
    expect(
      correlateAtBestLag(speech, hear(packetsOf(call({ alaw })))[0]?.samples ?? [], lags).correlation,
    ).toBeGreaterThan(0.99);
  });

  test('is heard though packets came twice, late, or never', () => {
    const packets = packetsOf(call({ digits: [7] }));
    const disturbed = packets.flatMap((packet, index) =>
      index % 10 === 3 ? [] : index % 7 === 0 ? [packet, packet] : [packet],
    );
    for (let index = 20; index + 1 < disturbed.length; index += 20) {
      [disturbed[index], disturbed[index + 1]] = [
        disturbed[index + 1] as CapturedPacket,
        disturbed[index] as CapturedPacket,
      ];
    }
    const [flow] = hear(disturbed);
    expect(flow?.eventDigits).toBe('7');
    expect(correlateAtBestLag(speech, flow?.samples ?? [], lags).correlation).toBeGreaterThan(0.85);
  });
});

describe('digits behind which more octets stand', () => {
  /** The events of a call with octets behind each, as a tag stands there; `scramble` is what the cipher did to it. */
  function withTrailer(length: number, scramble: (event: Uint8Array, index: number) => Uint8Array) {
    return call({ digits: [4, 7, 11] }).map((datagram, index) => {
      if (datagram[1] !== 101 && datagram[1] !== 0x80 + 101) return datagram;
      const event = scramble(datagram.slice(12), index);
      return Uint8Array.of(
        ...datagram.slice(0, 12),
        ...event,
        ...new Uint8Array(length).map((_, at) => index * 7 + at),
      );
    });
  }

  test.each([4, 10])('are seen where nothing is encrypted, whatever %i octets of tag say', (length) => {
    const [flow] = hear(packetsOf(withTrailer(length, (event) => event)));
    expect(flow?.eventDigits).toBe('47#');
  });

  test('are never seen in noise, for two hundred calls', () => {
    for (let seed = 0; seed < 200; seed++) {
      const noise = (_: Uint8Array, index: number) =>
        createHash('sha256').update(`${seed} ${index}`).digest().subarray(0, 4);
      const [flow] = hear(packetsOf(withTrailer(10, noise)));
      expect(flow?.eventDigits, `seed ${seed}`).toBe('');
    }
  });
});

describe.each(profiles)('a call under %s', (profile) => {
  const protectedCall = packetsOf(call({ profile, digits: [1, 2, 3] }));

  test('is noise to a tap without keys, and shows no digit', () => {
    const [flow] = hear(protectedCall);
    expect(flow).toMatchObject({
      packets: 250,
      codec: 'PCMU',
      opened: { kind: 'as-captured' },
      eventDigits: '',
      toneDigits: '',
    });
    expect(Math.abs(correlateAtBestLag(speech, flow?.samples ?? [], lags).correlation)).toBeLessThan(0.05);
  });

  test('is open to a tap with the key, for the address and SSRC the key is for', () => {
    for (const scope of [{}, { ssrc: 0xcafe }, { address: from }, { address: to, ssrc: 0xcafe }]) {
      const [flow] = hear(protectedCall, { crypto: nodeCrypto, keys: [{ profile, masterKey, masterSalt, ...scope }] });
      expect(flow).toMatchObject({
        opened: { kind: 'with-key', profile, accepted: 250, refused: 0 },
        eventDigits: '123',
      });
      expect(correlateAtBestLag(speech, flow?.samples ?? [], lags).correlation).toBeGreaterThan(0.85);
    }
    for (const scope of [{ ssrc: 1 }, { address: { ...from, port: 1 } }, { masterSalt: new Uint8Array(14) }]) {
      const [flow] = hear(protectedCall, { crypto: nodeCrypto, keys: [{ profile, masterKey, masterSalt, ...scope }] });
      expect(flow?.opened).toEqual({ kind: 'as-captured' });
    }
  });

  test('with no digits over it is heard with the key as it was said', () => {
    const [flow] = hear(packetsOf(call({ profile })), {
      crypto: nodeCrypto,
      keys: [{ profile, masterKey, masterSalt }],
    });
    expect(correlateAtBestLag(speech, flow?.samples ?? [], lags).correlation).toBeGreaterThan(0.99);
  });

  test('of which one second in the clear slipped out is not passed for protected', () => {
    const clear = packetsOf(call());
    const leaky = protectedCall.map((packet, index) => (index < 50 ? (clear[index] as CapturedPacket) : packet));
    const [flow] = hear(leaky);
    expect(correlateAtBestLag(speech, flow?.samples ?? [], lags).correlation).toBeGreaterThan(0.1);
  });

  test('counts the forged and the replayed packet as refused', () => {
    const forged = protectedCall[10] as CapturedPacket;
    const packets = [
      ...protectedCall,
      protectedCall[249] as CapturedPacket,
      { ...forged, data: forged.data.with(100, 0) },
    ];
    const [flow] = hear(packets, { crypto: nodeCrypto, keys: [{ profile, masterKey, masterSalt }] });
    expect(flow?.opened).toMatchObject({ kind: 'with-key', accepted: 250, refused: 2 });
  });
});

describe('what is RTP and what is not', () => {
  test('the same call at two interfaces, and two SSRC on one path, are flows of their own', () => {
    const packets = [...packetsOf(call(), 'a'), ...packetsOf(call(), 'b'), ...packetsOf(call({ ssrc: 9 }), 'a')];
    expect(hear(packets).map((flow) => [flow.interface, flow.ssrc])).toEqual([
      ['a', 0xcafe],
      ['b', 0xcafe],
      ['a', 9],
    ]);
  });

  test('datagrams of random octets, RTCP, text and too few packets are none', () => {
    const random = noise(4, 60_000);
    const octets = new Uint8Array(random.buffer);
    const garbage = Array.from({ length: 600 }, (_, index) => octets.slice(index * 172, index * 172 + 172));
    const constant = garbage.map((datagram) =>
      Uint8Array.of(0x80, 0, ...datagram.subarray(2, 4), 1, 2, 3, 4, 5, 6, 7, 8, 9),
    );
    const rtcp = Array.from({ length: 50 }, (_, index) => Uint8Array.of(0x80, 200, 0, index, 0, 0, 0, 0, 0, 0, 0, 1));
    const text = Array.from({ length: 50 }, () => new TextEncoder().encode('OPTIONS sip:1001@192.0.2.1 SIP/2.0'));
    for (const datagrams of [garbage, constant, rtcp, text, call().slice(0, 4)]) {
      expect(hear(packetsOf(datagrams))).toEqual([]);
    }
  });

  test('a call between programs we did not write: both directions, the digits 5, 9 and #', () => {
    const reader = new CaptureReader();
    reader.push(new Uint8Array(readFileSync(new URL('../../vectors/opal-dtmf-rfc2833.pcap', import.meta.url))));
    const packets: CapturedPacket[] = [];
    for (let item = reader.next(); item !== undefined; item = reader.next())
      if (item.kind === 'packet') packets.push(item);
    // As tshark 4.0.17 counts them. OPAL gave 9 and # the same timestamp.
    expect(hear(packets)).toMatchObject([
      { ssrc: 0x86330609, packets: 21, codec: 'PCMU', eventDigits: '', source: { port: 5680 } },
      { ssrc: 0xb93e0fbc, packets: 17, codec: undefined, eventDigits: '59#', source: { port: 5202 } },
    ]);
  });
});

test('the fuzz target holds for any datagrams', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => fuzz(bytes)));
});

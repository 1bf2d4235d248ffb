import {
  createVoiceDecoder,
  OpusLibrary,
  parseRtcpCompound,
  parseRtpPacket,
  serializeRtcpCompound,
  serializeTelephoneEvent,
  TelephoneEventReceiver,
  writeRtpHeader,
} from '@trustline/rtp';
import { toneShare } from '@trustline/testing/node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcementTone, HoldAudio, holdTone } from './hold-audio.ts';
import { alice, bob, Party, RelayLab, srtp } from './party.fixture.ts';
import { RateConversion } from './rate-conversion.ts';

const elsewhere = { address: '203.0.113.9', port: 9_000 };

describe('the relay', () => {
  test('brings SRTP of one party to another that has none, and back', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const [secure, plain] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob)];
    const [out] = lab.receive(1, secure.rtp(7));
    expect(out?.to).toEqual(bob);
    expect(plain.hears(out?.datagram as Uint8Array).payload).toBe('voice 7');
    const [back] = lab.receive(2, plain.rtp(9));
    expect(back?.to).toEqual(alice);
    expect(secure.hears(back?.datagram as Uint8Array).payload).toBe('voice 9');
  });

  test('brings SRTP under the keys of one side into that of the other, each with an SSRC of ours', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) }, { protection: srtp(3, 4) });
    const [one, other] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob, 3, 4)];
    const heard = other.hears(lab.receive(1, one.rtp(7))[0]?.datagram as Uint8Array);
    expect(heard.payload).toBe('voice 7');
    expect(heard.ssrc).not.toBe(0xa);
    expect(one.hears(lab.receive(2, other.rtp(9))[0]?.datagram as Uint8Array).payload).toBe('voice 9');
  });

  test('whatever the network loses and reorders, the other hears in the same distances (property)', () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 60 }, (_, at) => at),
      { minLength: 2 },
    );
    fc.assert(
      fc.property(order, fc.integer({ min: 0, max: 0xffff }), (order, first) => {
        const lab = new RelayLab({ protection: srtp(1, 2) }, { protection: srtp(3, 4) });
        const [one, other] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob, 3, 4)];
        const packets = Array.from({ length: 60 }, (_, at) => one.rtp((first + at) & 0xffff, `voice ${at}`, at * 160));
        const heard = order
          .flatMap((at) => lab.receive(1, packets[at] as Uint8Array))
          .map((sent) => other.hears(sent.datagram));
        // Around a rollover that its receiver could not know of (RFC 3711 §3.3.1), packets of before it are lost.
        const wraps = first + 59 > 0xffff;
        if (!wraps) expect(heard).toHaveLength(order.length);
        const [start] = heard;
        for (const { payload, sequenceNumber, timestamp } of heard) {
          const distance = Number(payload.slice(6)) - Number(start?.payload.slice(6));
          expect((sequenceNumber - (start?.sequenceNumber ?? 0)) << 16).toBe(distance << 16);
          expect((timestamp - (start?.timestamp ?? 0)) | 0).toBe(distance * 160);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('gives nothing to a party that holds, and takes nothing from one that does not send (RFC 3264 §8.4)', () => {
    const lab = new RelayLab({}, { gives: false });
    const [one, other] = [new Party(0xa, alice), new Party(0xb, bob)];
    expect(lab.receive(1, one.rtp(1))).toEqual([]);
    lab.set(2, { takes: false });
    expect(lab.receive(2, other.rtp(1))).toEqual([]);
    expect(lab.receive(1, one.rtp(2))).toHaveLength(1);
  });

  test('closed sides pass nothing on and their keys are gone', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    expect(lab.relay.close(0, 1)?.received).toBe(0);
    expect(lab.receive(1, new Party(0xa, alice, 1, 2).rtp(1))).toEqual([]);
    expect(lab.receive(2, new Party(0xb, bob).rtp(1))).toEqual([]);
    expect(lab.relay.size).toBe(1);
  });
});

describe('where a party is', () => {
  test('it is followed to where SRTP authenticates from, and nowhere else', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const [secure, plain] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob)];
    const forged = secure.rtp(1);
    forged[20] = (forged[20] as number) ^ 1;
    expect(lab.receive(1, forged, elsewhere)).toEqual([]);
    expect(lab.receive(2, plain.rtp(1))[0]?.to).toEqual(alice);
    lab.receive(1, secure.rtp(2), elsewhere);
    expect(lab.receive(2, plain.rtp(2))[0]?.to).toEqual(elsewhere);
    expect(lab.notices()).toEqual([{ kind: 'moved', side: 1, to: elsewhere }]);
    expect(lab.relay.counts(1)).toMatchObject({ received: 2, taken: 1, authenticationFailed: 1, moved: 1 });
  });

  test('a packet that was recorded and sent again moves nobody', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const packet = new Party(0xa, alice, 1, 2).rtp(1);
    lab.receive(1, packet);
    lab.receive(1, packet, elsewhere);
    expect(lab.relay.counts(1)).toMatchObject({ replayed: 1, moved: 0 });
  });

  test('clear RTP goes to the address signalled, and is taken from its host alone', () => {
    const lab = new RelayLab();
    const [one, other] = [new Party(0xa, alice), new Party(0xb, bob)];
    expect(lab.receive(1, one.rtp(1), elsewhere)).toEqual([]);
    expect(lab.receive(1, one.rtp(2), { ...alice, port: 4_444 })).toHaveLength(1);
    expect(lab.receive(2, other.rtp(1))[0]?.to).toEqual(alice);
  });

  test('by the policy for NAT, clear RTP is followed to the address of its signalling alone', () => {
    const lab = new RelayLab({ clearSource: elsewhere.address });
    const [one, other] = [new Party(0xa, alice), new Party(0xb, bob)];
    expect(lab.receive(1, one.rtp(1), { address: '203.0.113.66', port: 1 })).toEqual([]);
    lab.receive(1, one.rtp(2), elsewhere);
    expect(lab.receive(2, other.rtp(1))[0]?.to).toEqual(elsewhere);
  });

  test('a new address that is signalled counts from then on', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    lab.receive(1, new Party(0xa, alice, 1, 2).rtp(1), elsewhere);
    lab.set(1, { protection: srtp(1, 2), remote: { address: '192.0.2.77', port: 6_000 } });
    expect(lab.receive(2, new Party(0xb, bob).rtp(1))[0]?.to).toEqual({ address: '192.0.2.77', port: 6_000 });
  });
});

describe('RTCP', () => {
  test('a report speaks of the SSRC, the sequence numbers and the timestamps that each party knows', () => {
    const lab = new RelayLab();
    const [one, other] = [new Party(0xa, alice), new Party(0xb, bob)];
    const heardByOther = other.hears(lab.receive(1, one.rtp(100))[0]?.datagram as Uint8Array);
    const heardByOne = one.hears(lab.receive(2, other.rtp(200))[0]?.datagram as Uint8Array);
    const report = {
      ssrc: heardByOne.ssrc,
      fractionLost: 3,
      cumulativeLost: 1,
      highestSequenceNumber: heardByOne.sequenceNumber,
      jitter: 4,
      lastSenderReport: 5,
      delaySinceLastSenderReport: 6,
    };
    const compound = serializeRtcpCompound([
      {
        kind: 'sender-report',
        ssrc: one.ssrc,
        ntp: { seconds: 1, fraction: 2 },
        rtpTimestamp: 100 * 160,
        packetCount: 1,
        octetCount: 9,
        reports: [report],
        extension: new Uint8Array(0),
      },
      { kind: 'source-description', chunks: [{ ssrc: one.ssrc, items: [] }] },
      { kind: 'goodbye', sources: [one.ssrc], reason: undefined },
    ]);
    const [sent] = lab.receive(1, compound, { ...alice, port: 4_001 }, 'rtcp');
    expect(sent).toMatchObject({ component: 'rtcp', to: { address: bob.address, port: 5_001 } });
    const parsed = parseRtcpCompound(sent?.datagram as Uint8Array);
    expect(parsed).toMatchObject([
      {
        kind: 'sender-report',
        ssrc: heardByOther.ssrc,
        rtpTimestamp: heardByOther.timestamp,
        reports: [{ ssrc: other.ssrc, highestSequenceNumber: 200, jitter: 4 }],
      },
      { kind: 'source-description', chunks: [{ ssrc: heardByOther.ssrc }] },
    ]);
    expect(parsed).toHaveLength(2);
  });

  test('any octets are refused or passed on, and harm nothing (property)', () => {
    const lab = new RelayLab();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        if (octets.byteLength > 1)
          octets.set([0x80 | ((octets[0] as number) & 0x3f), 192 + ((octets[1] as number) & 31)]);
        for (const { datagram } of lab.receive(1, octets)) expect(datagram.byteLength % 4).toBe(0);
      }),
    );
  });
});

describe('what a held party hears', () => {
  const held = { plays: { codec: 'PCMU', payloadType: 0 }, protection: srtp(1, 2) } as const;
  const withSound = () => new RelayLab(held, {}, new HoldAudio(holdTone()));
  const heardIn = (lab: RelayLab, party: Party, milliseconds: number) => {
    const sent = [];
    for (let until = lab.now + milliseconds; lab.now < until; lab.now += 20) {
      lab.relay.tick(lab.now);
      sent.push(...lab.flush());
    }
    return sent.filter(({ side }) => side === 1).map(({ datagram }) => party.hears(datagram));
  };

  test('is the sound, a packet every 20 ms, under the keys towards it; and nothing of its partner', () => {
    const lab = withSound();
    const [party, partner] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob)];
    const heard = heardIn(lab, party, 1_000);
    expect(heard).toHaveLength(50);
    for (const [at, { sequenceNumber, timestamp }] of heard.entries()) {
      expect((sequenceNumber - (heard[0]?.sequenceNumber ?? 0)) & 0xffff).toBe(at);
      expect((timestamp - (heard[0]?.timestamp ?? 0)) >>> 0).toBe(at * 160);
    }
    expect(lab.receive(2, partner.rtp(1))).toEqual([]);
  });

  test('a caller whose call leaves protection hears the announcement under his keys, and none of the other sounds', () => {
    const format = { codec: 'PCMU', payloadType: 0 } as const;
    const announced = { announces: format, protection: srtp(1, 2) };
    const heardWith = (hold: HoldAudio, announcement: HoldAudio | undefined) => {
      const lab = new RelayLab(announced, {}, hold, undefined, announcement);
      return heardIn(lab, new Party(0xa, alice, 1, 2), 200).map(({ payload }) => payload);
    };
    const [tone, silence] = [
      new HoldAudio(announcementTone()),
      new HoldAudio({ rate: 8_000, samples: new Int16Array(8_000) }),
    ];
    expect(new Set(heardWith(silence, tone)).size).toBeGreaterThan(5);
    expect(new Set(heardWith(tone, silence)).size).toBe(1);
    expect(heardWith(tone, undefined)).toEqual([]);
  });

  test('ends when it is held no longer, and its partner goes on in the same stream', () => {
    const lab = withSound();
    const [party, partner] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob)];
    const last = heardIn(lab, party, 100).at(-1);
    lab.set(1, { protection: srtp(1, 2) });
    expect(lab.relay.nextDeadline()).toBeUndefined();
    const [sent] = lab.receive(2, partner.rtp(40_000));
    const next = party.hears(sent?.datagram as Uint8Array);
    expect(next).toMatchObject({ ssrc: last?.ssrc, marker: true });
    expect((next.sequenceNumber - (last?.sequenceNumber ?? 0)) & 0xffff).toBe(1);
  });

  test('is the same in every codec that a phone may have, and a tone is heard in it', async () => {
    const opus = await OpusLibrary.load();
    const audio = new HoldAudio({ rate: 16_000, samples: tone(16_000) }, opus);
    for (const [codec, payloadType, ticks] of [
      ['PCMU', 0, 160],
      ['PCMA', 8, 160],
      ['G722', 9, 160],
      ['opus', 96, 960],
    ] as const) {
      audio.packet(0, { codec, payloadType }, 1);
      const decoder = createVoiceDecoder(codec, 8_000, opus);
      await new Promise(setImmediate);
      const narrow = new RateConversion(decoder.sampleRate, 8_000);
      const samples: number[] = [];
      for (let number = 0; number < 50; number++) {
        const packet = audio.packet(number, { codec, payloadType }, 1) as Uint8Array;
        expect(parseRtpPacket(packet)).toMatchObject({ payloadType, timestamp: number * ticks });
        samples.push(...narrow.process(decoder.decode(packet.subarray(12)) ?? new Int16Array(0)));
      }
      expect(toneShare(Int16Array.from(samples), 440), codec).toBeGreaterThanOrEqual(0.9);
    }
  });

  /** A second of 440 Hz. */
  function tone(rate: number): Int16Array {
    return Int16Array.from({ length: rate }, (_, at) => Math.round(8_000 * Math.sin((2 * Math.PI * 440 * at) / rate)));
  }
});

describe('digits for a party, in its voice (RFC 4733)', () => {
  test('each comes once and as long as it was signalled, in our stream towards it; meanwhile its partner is not heard', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const [party, partner] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob)];
    const before = party.hears(lab.receive(2, partner.rtp(7))[0]?.datagram as Uint8Array);
    const receiver = new TelephoneEventReceiver({ clockRate: 8_000 });
    const heard: string[] = [];
    for (const event of [5, 11]) {
      lab.relay.dial(lab.now, 1, { event, payloadType: 101, clockRate: 8_000, milliseconds: 160 });
    }
    let last = before;
    let packets = 0;
    for (; lab.relay.nextDeadline() !== undefined; lab.now += 20) {
      lab.relay.tick(lab.now);
      for (const { datagram } of lab.flush()) {
        const packet = party.hears(datagram);
        expect([packet.ssrc, (packet.sequenceNumber - last.sequenceNumber) & 0xffff]).toEqual([before.ssrc, 1]);
        last = packet;
        packets += 1;
        receiver.handlePacket(lab.now, packet.timestamp, packet.octets);
        for (let report = receiver.poll(); report !== undefined; report = receiver.poll()) {
          if (report.kind === 'event-ended') heard.push(`${report.digit} for ${report.durationMilliseconds} ms`);
        }
      }
      if (lab.relay.nextDeadline() !== undefined) expect(lab.receive(2, partner.rtp(8 + packets))).toEqual([]);
    }
    expect(heard).toEqual(['5 for 160 ms', '# for 160 ms']);
    const [after] = lab.receive(2, partner.rtp(1_000));
    expect(party.hears(after?.datagram as Uint8Array).payload).toBe('voice 1000');
  });
});

describe('digits in the voice of a party, for signalling', () => {
  const digits = { payloadType: 101, clockRate: 8_000 };

  function event(number: number, timestamp: number, duration: number, end: boolean): Uint8Array {
    const packet = new Uint8Array(16);
    writeRtpHeader(packet, false, 101, number, timestamp, 0xb);
    packet.set(serializeTelephoneEvent({ event: 5, end, volume: 10, duration }), 12);
    return packet;
  }

  test('each is noticed once, with its length, and does not go on; the voice does', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) }, { digits });
    const partner = new Party(0xb, bob);
    expect(lab.receive(2, partner.rtp(1))).toHaveLength(1);
    for (const [number, end] of [false, false, true, true, true].entries()) {
      expect(lab.receive(2, event(2 + number, 480, 160 * (number + 1), end))).toEqual([]);
    }
    expect(lab.notices()).toEqual([{ kind: 'digit', side: 2, digit: '5', milliseconds: 60 }]);
    expect(lab.receive(2, partner.rtp(7))).toHaveLength(1);
    expect(lab.notices()).toEqual([]);
  });

  test('one whose end was lost has ended when the party has spoken for a while', () => {
    const lab = new RelayLab({}, { digits });
    const partner = new Party(0xb, bob);
    lab.receive(2, event(1, 480, 800, false));
    lab.receive(2, partner.rtp(5));
    expect(lab.notices()).toEqual([]);
    lab.now += 300;
    lab.receive(2, partner.rtp(20));
    expect(lab.notices()).toMatchObject([{ kind: 'digit', digit: '5' }]);
  });
});

import {
  clockRateOf,
  createVoiceDecoder,
  createVoiceEncoder,
  decodeALaw,
  decodeMuLaw,
  encodeALaw,
  encodeMuLaw,
  OpusLibrary,
  sampleRateFor,
  writeRtpHeader,
} from '@trustline/rtp';
import { toneAmplitude, toneShare } from '@trustline/testing/node';
import { describe, expect, test } from 'vitest';
import { ConferenceMember, ConferenceMixer } from './conference-mixer.ts';
import { alice, Party, RelayLab, srtp } from './party.fixture.ts';
import { RateConversion } from './rate-conversion.ts';

const [PCMU, PCMA] = [0, 8];
/** Of a frame of 20 ms of G.711. */
const FRAME_SAMPLES = 160;
const RATE = 8_000;

/** A frame of a tone in G.711, as an RTP packet. */
function toneFrame(hertz: number, amplitude: number, frame: number, payloadType = PCMU, length = FRAME_SAMPLES) {
  const samples = new Int16Array(length);
  for (let at = 0; at < length; at++) {
    samples[at] = Math.round(amplitude * Math.sin((2 * Math.PI * hertz * (frame * length + at)) / RATE));
  }
  const packet = new Uint8Array(12 + length);
  writeRtpHeader(packet, false, payloadType, frame, frame * length, 0xa);
  if (payloadType === PCMU) encodeMuLaw(samples, packet.subarray(12));
  else encodeALaw(samples, packet.subarray(12));
  return packet;
}

function decoded(packet: Uint8Array): Int16Array {
  const samples = new Int16Array(packet.byteLength - 12);
  if (packet[1] === PCMA) decodeALaw(packet.subarray(12), samples);
  else decodeMuLaw(packet.subarray(12), samples);
  return samples;
}

function energy(samples: Int16Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
}

/** A conference of members that hear in these payload types, and what each has heard. */
class Room {
  readonly members: readonly ConferenceMember[];
  readonly #mixer = new ConferenceMixer();
  readonly #heard = new Map<ConferenceMember, number[]>();

  constructor(...payloadTypes: number[]) {
    this.members = payloadTypes.map(
      (payloadType, at) =>
        new ConferenceMember({ codec: payloadType === PCMU ? 'PCMU' : 'PCMA', payloadType }, at, undefined),
    );
    for (const member of this.members) this.#mixer.add(member);
  }

  tick(): void {
    this.#mixer.mix((member, packet) => {
      const before = this.#heard.get(member) ?? [];
      this.#heard.set(member, [...before, ...decoded(packet)]);
    });
  }

  /** What a member has heard, without the frames of the beginning. */
  heard(member: ConferenceMember | undefined, from = 4): Int16Array {
    const samples = (member && this.#heard.get(member)) ?? [];
    return Int16Array.from(samples.slice(from * FRAME_SAMPLES));
  }
}

describe('a conference', () => {
  test('each hears the sum of the others and not himself: the energies add up', () => {
    const room = new Room(PCMU, PCMA, PCMU);
    const [a, b, c] = room.members;
    for (let frame = 0; frame < 54; frame++) {
      a?.take(toneFrame(400, 4_000, frame));
      b?.take(toneFrame(700, 4_000, frame, PCMA));
      c?.take(toneFrame(1_100, 4_000, frame));
      room.tick();
    }
    const oneTone = 4_000 ** 2 / 2;
    for (const [member, own, others] of [
      [a, 400, [700, 1_100]],
      [b, 700, [400, 1_100]],
      [c, 1_100, [400, 700]],
    ] as const) {
      const heard = room.heard(member);
      expect(energy(heard) / (2 * oneTone)).toBeCloseTo(1, 1);
      for (const other of others) expect(toneAmplitude(heard, other) / 4_000).toBeCloseTo(1, 1);
      expect(toneAmplitude(heard, own)).toBeLessThan(40);
    }
  });

  test('two who shout at once are as loud as samples can be, and no louder', () => {
    const room = new Room(PCMU, PCMU, PCMU);
    const [a, b, c] = room.members;
    for (let frame = 0; frame < 20; frame++) {
      for (const member of [a, b]) member?.take(toneFrame(400, 30_000, frame));
      room.tick();
    }
    const heard = room.heard(c);
    expect(Math.max(...heard)).toBeGreaterThan(32_000);
    // Each sample has the sign of both: nothing has wrapped round.
    const alone = room.heard(a);
    expect(heard.every((sample, at) => sample === 0 || Math.sign(sample) === Math.sign(alone[at] ?? 0))).toBe(true);
  });

  test('nobody speaks, or one alone is left: silence, in both laws', () => {
    const room = new Room(PCMU, PCMA);
    for (let frame = 0; frame < 8; frame++) room.tick();
    expect(energy(room.heard(room.members[0], 0))).toBe(0);
    expect(energy(room.heard(room.members[1], 0))).toBeLessThan(100); // A-law has no zero
    const alone = new Room(PCMU);
    for (let frame = 0; frame < 8; frame++) {
      alone.members[0]?.take(toneFrame(400, 4_000, frame));
      alone.tick();
    }
    expect(energy(alone.heard(alone.members[0], 0))).toBe(0);
  });

  test.each([80, 160, 240])('packets of %i samples, reordered by one and of a clock that begins anywhere', (length) => {
    const room = new Room(PCMU, PCMU);
    const [a, b] = room.members;
    const packets = Array.from({ length: Math.floor(9_600 / length) }, (_, at) =>
      toneFrame(400, 4_000, at, PCMU, length),
    );
    let sent = 0;
    for (let frame = 0; frame < 54; frame++) {
      while (sent + 1 < packets.length && sent * length < (frame + 1) * FRAME_SAMPLES) {
        for (const at of length === 240 ? [sent, sent + 1] : [sent + 1, sent]) a?.take(packets[at] as Uint8Array);
        sent += 2;
      }
      room.tick();
    }
    const heard = room.heard(b, 6);
    expect(toneShare(heard, 400)).toBeGreaterThan(0.98);
    expect(energy(heard) / (4_000 ** 2 / 2)).toBeCloseTo(1, 1);
  });

  test('what is too late is left out, what is no G.711 is nothing, and a clock that runs ahead is set back', () => {
    const room = new Room(PCMU, PCMU);
    const [a, b] = room.members;
    for (let frame = 0; frame < 40; frame++) {
      a?.take(toneFrame(400, 4_000, frame));
      if (frame > 10) a?.take(toneFrame(700, 4_000, frame - 8));
      a?.take(toneFrame(900, 4_000, frame, 101));
      a?.take(new Uint8Array([0x80, 0]));
      room.tick();
    }
    expect(toneShare(room.heard(b), 400)).toBeGreaterThan(0.98);
    for (let frame = 1_000; frame < 1_040; frame++) {
      for (const at of [2 * frame, 2 * frame + 1]) a?.take(toneFrame(400, 4_000, at));
      room.tick();
    }
    expect(energy(room.heard(b, 50))).toBeGreaterThan(4_000 ** 2 / 4);
  });
});

describe('a conference of several codecs', () => {
  const codecs = [
    { codec: 'PCMU', payloadType: 0, hertz: 500 },
    { codec: 'G722', payloadType: 9, hertz: 800 },
    { codec: 'opus', payloadType: 96, hertz: 1_200 },
    { codec: 'PCMA', payloadType: 8, hertz: 1_700 },
  ] as const;

  test('each hears the tones of all others and not his own, whatever each speaks', async () => {
    const opus = await OpusLibrary.load();
    const mixer = new ConferenceMixer();
    const parties = codecs.map((one, at) => {
      const member = new ConferenceMember(one, at, opus);
      mixer.add(member);
      const rate = sampleRateFor(one.codec, 16_000);
      const [encoder, decoder] = [createVoiceEncoder(one.codec, rate, opus), createVoiceDecoder(one.codec, rate, opus)];
      return { ...one, member, rate, encoder, decoder, narrow: new RateConversion(rate, 8_000), heard: [] as number[] };
    });
    await new Promise(setImmediate);
    for (let frame = 0; frame < 104; frame++) {
      for (const { member, rate, encoder, hertz, payloadType, codec } of parties) {
        const count = rate / 50;
        const samples = Int16Array.from({ length: count }, (_, at) =>
          Math.round(4_000 * Math.sin((2 * Math.PI * hertz * (frame * count + at)) / rate)),
        );
        const payload = encoder.encode(samples);
        const packet = new Uint8Array(12 + payload.length);
        writeRtpHeader(packet, false, payloadType, frame, (frame * clockRateOf[codec]) / 50, 0xa);
        packet.set(payload, 12);
        member.take(packet);
      }
      mixer.mix((member, packet) => {
        const party = parties.find((one) => one.member === member);
        expect(packet[1]).toBe(party?.payloadType);
        const samples = party?.decoder.decode(packet.subarray(12));
        if (samples !== undefined) party?.heard.push(...party.narrow.process(samples));
      });
    }
    for (const { heard, hertz, codec } of parties) {
      const settled = Int16Array.from(heard.slice(-8_000));
      for (const other of codecs) {
        const amplitude = toneAmplitude(settled, other.hertz);
        const what = `${codec} hears ${other.codec}`;
        if (other.hertz === hertz) expect(amplitude, what).toBeLessThan(400);
        else expect(Math.abs(amplitude - 4_000), what).toBeLessThan(1_000);
      }
    }
  });

  test('with the last who has wideband it is mixed as a telephone has it again, and nobody is cut off', async () => {
    const opus = await OpusLibrary.load();
    const mixer = new ConferenceMixer();
    const [narrow, other, wide] = [
      new ConferenceMember({ codec: 'PCMU', payloadType: 0 }, 1, undefined),
      new ConferenceMember({ codec: 'PCMU', payloadType: 0 }, 2, undefined),
      new ConferenceMember({ codec: 'G722', payloadType: 9 }, 3, opus),
    ];
    for (const member of [narrow, other, wide]) mixer.add(member);
    const heard: number[] = [];
    for (let frame = 0; frame < 100; frame++) {
      if (frame === 50) mixer.remove(wide);
      narrow.take(toneFrame(400, 4_000, frame));
      mixer.mix((member, packet) => {
        if (member === other) heard.push(...decoded(packet));
      });
    }
    expect(heard).toHaveLength(16_000);
    expect(toneShare(Int16Array.from(heard.slice(800)), 400)).toBeGreaterThan(0.9);
  });
});

describe('a conference over the relay', () => {
  const mixes = { conference: 'one', format: { codec: 'PCMU', payloadType: PCMU } } as const;

  /** Two parties with keys of their own and the relay's, in a conference. */
  function lab() {
    const lab = new RelayLab({ protection: srtp(1, 2), mixes }, { protection: srtp(3, 4), mixes });
    const parties = [new Party(0xa, alice, 1, 2), new Party(0xb, alice, 3, 4)] as const;
    return { lab, parties };
  }

  /** Lets one frame pass. */
  function tick(of: RelayLab) {
    of.now = of.relay.nextDeadline() ?? of.now;
    of.relay.tick(of.now);
    return of.flush();
  }

  test('each is sent a packet every 20 ms under the keys of its own side, whoever speaks', () => {
    const { lab: one, parties } = lab();
    const [a, b] = parties;
    for (let at = 0; at < 5; at++) {
      expect(one.receive(1, a.rtp(at, '!'.repeat(160)))).toEqual([]);
      const sent = tick(one);
      expect(sent.map(({ side }) => side)).toEqual([1, 2]);
      const heard = [a, b].map((party, of) => party.hears(sent[of]?.datagram as Uint8Array).octets);
      expect(heard[0]?.every((octet) => octet === 0xff)).toBe(true);
      expect(heard[1]?.every((octet) => octet === (at < 2 ? 0xff : 0x21))).toBe(true);
    }
  });

  test('who leaves is not heard any more, and with the last the clock stops', () => {
    const { lab: one, parties } = lab();
    one.receive(1, parties[0].rtp(1, '!'.repeat(160)));
    one.relay.close(one.now, 1);
    for (let at = 0; at < 4; at++) {
      const sent = tick(one);
      expect(sent.map(({ side }) => side)).toEqual([2]);
      expect(parties[1].hears(sent[0]?.datagram as Uint8Array).octets.every((octet) => octet === 0xff)).toBe(true);
    }
    one.relay.close(one.now, 2);
    expect(one.relay.nextDeadline()).toBeUndefined();
  });

  test('who holds hears nothing and is not heard', () => {
    const { lab: one, parties } = lab();
    one.set(1, { protection: srtp(1, 2), mixes, takes: false, gives: false });
    one.receive(1, parties[0].rtp(1, '!'.repeat(160)));
    for (let at = 0; at < 4; at++) expect(tick(one).map(({ side }) => side)).toEqual([2]);
  });
});

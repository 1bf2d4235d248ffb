import { describe, expect, test } from 'vitest';
import { AudioPlayout, type AudioPlayoutOptions, type PlayoutSource } from './audio-playout.ts';
import { encodeALaw } from './g711.ts';

const PCMA = 8;
const COMFORT_NOISE = 13;

interface Sent {
  readonly at: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker?: boolean;
  readonly payloadType?: number;
  readonly payload: Uint8Array;
}

/** A vowel-like sound: a pitch of 125 Hz with harmonics. */
function tone(sample: number): number {
  const phase = (2 * Math.PI * 125 * sample) / 8000;
  return 6000 * Math.sin(phase) + 3000 * Math.sin(2 * phase + 1) + 1500 * Math.sin(5 * phase);
}

/** Packets as sent, one every `milliseconds`, arriving after `transit(i)`. */
function stream(count: number, transit: (i: number) => number, milliseconds = 20, start = 0): Sent[] {
  const samples = milliseconds * 8;
  return Array.from({ length: count }, (_, i) => {
    const pcm = Int16Array.from({ length: samples }, (_, j) => tone(i * samples + j));
    const payload = new Uint8Array(samples);
    encodeALaw(pcm, payload);
    return {
      at: i * milliseconds + transit(i),
      sequenceNumber: (60_000 + i) & 0xffff,
      timestamp: (start + i * samples) % 2 ** 32,
      payload,
    };
  });
}

/** Small reproducible noise from 0 to 1. */
function noise(i: number): number {
  const x = Math.sin(i * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/** Plays for so long on a clock of 20 ms; returns what was heard and what it was made of. */
function listen(packets: readonly Sent[], milliseconds: number, options: Partial<AudioPlayoutOptions> = {}) {
  const playout = new AudioPlayout({
    payloadTypes: new Map([
      [PCMA, 'PCMA'],
      [COMFORT_NOISE, 'comfort-noise'],
    ]),
    random: (length) => new Uint8Array(length).fill(5),
    ...options,
  });
  const order = [...packets].sort((a, b) => a.at - b.at);
  const heard: number[] = [];
  const sources: PlayoutSource[] = [];
  const delays: number[] = [];
  const frame = new Int16Array(160);
  let next = 0;
  for (let now = 0; now < milliseconds; now += 20) {
    for (let packet = order[next]; packet !== undefined && packet.at <= now; packet = order[++next]) {
      const { payloadType = PCMA, sequenceNumber, timestamp, marker = false, payload } = packet;
      playout.handlePacket(packet.at, payloadType, sequenceNumber, timestamp, marker, payload);
    }
    sources.push(playout.play(now, frame));
    heard.push(...frame);
    delays.push(playout.statistics(now).delayMilliseconds);
  }
  return {
    heard,
    sources,
    delays,
    playout,
    count: (source: PlayoutSource) => sources.filter((s) => s === source).length,
  };
}

/** The best match of a stretch of what was heard with the sound that was sent, over all shifts of one pitch. */
function similarity(heard: readonly number[], from: number, length: number): number {
  let best = 0;
  for (let shift = 0; shift < 64; shift++) {
    let product = 0;
    let left = 1;
    let right = 1;
    for (let i = 0; i < length; i++) {
      const a = heard[from + i] ?? 0;
      const b = tone(i + shift);
      product += a * b;
      left += a * a;
      right += b * b;
    }
    best = Math.max(best, product / Math.sqrt(left * right));
  }
  return best;
}

describe('play-out of a call', () => {
  test('even arrival is played as it was sent, after the smallest delay', () => {
    const { heard, sources, playout } = listen(
      stream(500, () => 5),
      10_020,
    );
    const start = sources.indexOf('received');
    expect(start).toBeLessThanOrEqual(3);
    expect(new Set(sources.slice(start, 499))).toEqual(new Set(['received']));
    const expected = Int16Array.from({ length: 8000 }, (_, i) => tone(i));
    for (let i = 0; i < 8000; i++) {
      const wanted = expected[i] as number;
      expect(Math.abs((heard[start * 160 + i] as number) - wanted)).toBeLessThanOrEqual(
        Math.max(16, Math.abs(wanted) / 16),
      );
    }
    expect(playout.statistics(10_000)).toMatchObject({ received: 500, late: 0, concealedFrames: 0 });
  });

  test('timestamps and sequence numbers may wrap', () => {
    const { count } = listen(
      stream(6000, () => 5, 20, 2 ** 32 - 80_000),
      120_000,
    );
    expect(count('concealed')).toBe(0);
    expect(count('received')).toBeGreaterThan(5990);
  });

  test('adapts to 60 ms of jitter: hardly a gap once it has measured it, and no more delay than it needs', () => {
    const { sources, delays } = listen(
      stream(1500, (i) => 10 + 60 * noise(i)),
      30_000,
    );
    const settled = sources.slice(300, 1490);
    expect(settled.filter((source) => source !== 'received').length).toBeLessThan(24); // 2 %
    const mean = delays.slice(300).reduce((sum, delay) => sum + delay) / delays.slice(300).length;
    expect(mean).toBeGreaterThan(45);
    expect(mean).toBeLessThan(110);
  });

  test('after a burst of jitter the delay comes down again', () => {
    const { delays } = listen(
      stream(3000, (i) => (i > 200 && i < 400 ? 10 + 150 * noise(i) : 10)),
      60_000,
    );
    expect(Math.max(...delays.slice(250, 500))).toBeGreaterThan(110);
    expect(delays[2900]).toBeLessThan(70);
  });

  test('the delay never passes its bound by more than a few packets', () => {
    const { delays } = listen(
      stream(1000, (i) => 400 * noise(i)),
      20_000,
      { maximumDelayMilliseconds: 120 },
    );
    expect(Math.max(...delays.slice(100))).toBeLessThan(120 + 100);
  });

  test('packets in the wrong order are put right', () => {
    const swapped = stream(500, (i) => (i % 10 === 3 ? 50 : 5));
    const { sources } = listen(swapped, 10_000);
    expect(sources.slice(100, 490).filter((source) => source === 'concealed').length).toBeLessThan(5);
  });

  test('lost packets are concealed by sound like the sound around them, doubled ones do no harm', () => {
    const packets = stream(500, () => 5).filter((_, i) => i % 20 !== 7);
    const { heard, sources, playout } = listen([...packets, ...packets.filter((_, i) => i % 9 === 0)], 10_000);
    const concealed = sources.slice(0, 490).flatMap((source, i) => (source === 'concealed' ? [i] : []));
    expect(concealed.length).toBeGreaterThan(22);
    expect(concealed.length).toBeLessThan(28);
    for (const frame of concealed) expect(similarity(heard, frame * 160, 160)).toBeGreaterThan(0.95);
    expect(playout.statistics(10_000).duplicate + playout.statistics(10_000).late).toBeGreaterThan(50);
  });

  test('a long gap fades into silence within 60 ms and ends without a click', () => {
    const packets = stream(200, () => 5).filter((_, i) => i < 100 || i >= 120);
    const { heard, sources } = listen(packets, 3900);
    const gap = sources.indexOf('concealed');
    const energy = (from: number) => Math.max(...heard.slice(from, from + 160).map(Math.abs));
    expect(energy(gap * 160)).toBeGreaterThan(3000);
    expect(energy((gap + 4) * 160)).toBe(0);
    const back = sources.indexOf('received', gap);
    expect(Math.abs(heard[back * 160] as number)).toBeLessThan(1500); // blended in from silence
    expect(sources.slice(back + 5, 190).every((source) => source === 'received')).toBe(true);
  });

  test.each([100, -100, 500])('follows a sender whose clock is %d ppm off, for ten minutes', (ppm) => {
    const packets = stream(30_000, (i) => 10 + i * 20 * ppm * 1e-6);
    const { sources, delays } = listen(packets, 600_000);
    expect(Math.max(...delays.slice(100))).toBeLessThan(100);
    expect(sources.slice(10, 29_900).filter((source) => source !== 'received').length).toBeLessThan(60);
  });

  test('a pause of the sender is comfort noise at its level, not concealment (RFC 3389)', () => {
    const speech = stream(100, () => 5);
    const silence: Sent = {
      at: 2005,
      sequenceNumber: 60_100,
      timestamp: 16_000,
      payloadType: COMFORT_NOISE,
      payload: Uint8Array.of(40, 0x80),
    };
    const again = stream(100, () => 5).map((packet, i) => ({
      ...packet,
      at: packet.at + 4000,
      sequenceNumber: 60_101 + i,
      timestamp: packet.timestamp + 32_000,
      marker: i === 0,
    }));
    const { heard, sources, count } = listen([...speech, silence, ...again], 5900);
    expect(count('comfort-noise')).toBeGreaterThan(95);
    expect(count('concealed')).toBeLessThanOrEqual(2);
    const quiet = heard.slice(3000 * 8, 3800 * 8);
    const level =
      20 * Math.log10(Math.sqrt(quiet.reduce((sum, sample) => sum + sample ** 2, 0) / quiet.length) / 32_767);
    expect(level).toBeCloseTo(-40, 0);
    expect(sources.slice(210, 290).every((source) => source === 'received')).toBe(true);
  });

  test('a stream that stops becomes silence, and one that starts anew elsewhere is heard', () => {
    const first = stream(100, () => 5);
    const second = stream(100, () => 5, 20, 3_000_000_000).map((packet) => ({ ...packet, at: packet.at + 4000 }));
    const { sources } = listen([...first, ...second], 5900);
    expect(sources.slice(130, 200).every((source) => source === 'silence')).toBe(true);
    expect(sources.slice(210, 290).every((source) => source === 'received')).toBe(true);
  });

  test.each([10, 30, 60])('packets of %d ms are cut into frames', (milliseconds) => {
    const { sources, heard } = listen(
      stream(6000 / milliseconds, () => 5, milliseconds),
      5900,
    );
    expect(sources.slice(20).every((source) => source === 'received')).toBe(true);
    expect(similarity(heard, 8000, 8000)).toBeGreaterThan(0.99);
  });

  test('jitter a little above the smallest delay makes no gap at the start', () => {
    const { sources } = listen(
      stream(100, (i) => [0, 25, 10, 18][i % 4] ?? 0),
      1900,
    );
    expect(new Set(sources.slice(sources.indexOf('received')))).toEqual(new Set(['received']));
  });

  test('a reader that stalls again and again loses nothing and takes none of it for jitter', () => {
    const playout = new AudioPlayout({ payloadTypes: new Map([[PCMA, 'PCMA']]), random: (n) => new Uint8Array(n) });
    const packets = stream(500, (i) => 5 + 3 * noise(i));
    const frame = new Int16Array(160);
    const sources: PlayoutSource[] = [];
    let [next, due, readAt] = [0, 20, 0];
    while (due < 9900) {
      // Every 600 ms a stall of up to 250 ms; then all is read, and after it what is due is played.
      const now = due + (due % 600 === 0 ? 250 * noise(due) : 1);
      for (let packet = packets[next]; packet !== undefined && packet.at <= now; packet = packets[++next]) {
        const at = now > due + 1 ? now : packet.at;
        const { sequenceNumber, timestamp, payload } = packet;
        playout.handlePacket(at, PCMA, sequenceNumber, timestamp, false, payload, now > due + 1 ? readAt : at);
      }
      for (; due <= now; due += 20) sources.push(playout.play(due, frame));
      readAt = now;
    }
    expect(new Set(sources.slice(sources.indexOf('received')))).toEqual(new Set(['received']));
    expect(playout.statistics(due)).toMatchObject({ late: 0, concealedFrames: 0, targetDelayMilliseconds: 20 });
  });

  test.each([
    ['stretched', (i: number) => (i < 50 ? 5 : 45)],
    ['shortened', (i: number) => (i < 50 && i % 7 === 0 ? 125 : 5)],
  ])('sound is %s by whole periods: a steady tone goes on in phase', (_, transit) => {
    const { heard, delays } = listen(stream(600, transit), 11_900);
    const start = heard.findIndex((sample) => sample !== 0) + 160;
    expect(Math.abs((delays.at(-1) ?? 0) - (delays[60] ?? 0))).toBeGreaterThan(15);
    // The sound repeats every 64 samples.
    const difference = (from: number) =>
      Math.max(
        ...heard
          .slice(from, from + 160)
          .map((sample, i) => Math.abs(sample - (heard[start + ((from - start + i) % 64)] as number))),
      );
    expect(difference(90_000)).toBeLessThan(1000);
  });

  test('payload types that are not audio are left out', () => {
    const { sources } = listen(
      stream(50, () => 5).map((packet) => ({ ...packet, payloadType: 101 })),
      1000,
    );
    expect(new Set(sources)).toEqual(new Set(['silence']));
  });
});

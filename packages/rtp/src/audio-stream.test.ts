import { speechLike } from '@trustline/phone';
import { type AgreedKeys, type DirectionKeys, MediaProtection } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import {
  type AudioAgreement as Agreement,
  FRAME_MILLISECONDS,
  FRAME_SAMPLES,
  AudioStream as Stream,
} from './audio-stream.ts';

type AudioAgreement = Agreement<AgreedKeys>;
type AudioStream = Stream<AgreedKeys>;

function keys(seed: number): DirectionKeys {
  const octets = (length: number) => Uint8Array.from({ length }, (_, at) => (seed * 31 + at * 7 + 1) & 0xff);
  return {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    masterKeys: [{ key: octets(16), salt: octets(14) }],
    keyDerivationRate: 0,
    fingerprint: `test ${seed}`,
  };
}

function agreement(protection: AudioAgreement['protection'], more: Partial<AudioAgreement> = {}): AudioAgreement {
  return {
    codec: 'PCMA',
    payloadType: 8,
    telephoneEvents: { send: 101, receive: 101 },
    payloadTypes: new Map([[8, 'PCMA']]),
    sends: true,
    receives: true,
    protection,
    ...more,
  };
}

interface Wire {
  readonly from: 'left' | 'right';
  readonly to: 'rtp' | 'rtcp';
  readonly bytes: Uint8Array;
}

/** Two streams joined by a wire on a clock of their own. */
class Pair {
  now = 0;
  readonly wire: Wire[] = [];
  readonly digits: Record<'left' | 'right', string[]> = { left: [], right: [] };
  readonly heard: Record<'left' | 'right', number[]> = { left: [], right: [] };
  readonly left: AudioStream;
  readonly right: AudioStream;
  /** Says of each datagram whether it is lost. */
  loses: (datagram: Wire, index: number) => boolean = () => false;

  constructor() {
    this.left = this.#stream('left', 1);
    this.right = this.#stream('right', 2);
  }

  agree(left: AudioAgreement, right: AudioAgreement): void {
    this.left.agree(this.now, left);
    this.right.agree(this.now, right);
  }

  run(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end; this.now += FRAME_MILLISECONDS) {
      for (const side of ['left', 'right'] as const) {
        this[side].frame(this.now);
        this.carry(side);
      }
    }
  }

  carry(from: 'left' | 'right'): void {
    const other = from === 'left' ? 'right' : 'left';
    for (let output = this[from].poll(); output !== undefined; output = this[from].poll()) {
      if (output.kind === 'digit') {
        this.digits[from].push(output.digit);
        continue;
      }
      const datagram = { from, to: output.to, bytes: output.bytes };
      this.wire.push(datagram);
      if (this.loses(datagram, this.wire.length)) continue;
      this[other].datagram(this.now, output.to, output.bytes);
      for (let said = this[other].poll(); said !== undefined; said = this[other].poll()) {
        if (said.kind === 'digit') this.digits[other].push(said.digit);
      }
    }
  }

  #stream(side: 'left' | 'right', seed: number): AudioStream {
    const random = new SeededRandom(seed);
    const { samples } = speechLike(20, seed);
    let at = 0;
    return new Stream({
      protection: new MediaProtection(nodeCrypto),
      random: (length) => Uint8Array.from({ length }, () => Math.floor(random.next() * 256)),
      startedAt: 0,
      unixTimeAtZero: 1_700_000_000_000,
      source: (frame) => {
        for (let index = 0; index < frame.length; index += 1) frame[index] = samples[at + index] ?? 0;
        at += FRAME_SAMPLES;
      },
      sink: (frame) => this.heard[side].push(...frame),
    });
  }
}

function likeness(heard: readonly number[], seed: number): number {
  const said = speechLike(20, seed).samples;
  const [from, length] = [8_000, 8_000];
  let highest = 0;
  for (let lag = -4_000; lag <= 0; lag += FRAME_SAMPLES / 2) {
    let [sum, one, other] = [0, 0, 0];
    for (let at = from; at < from + length; at += 1) {
      const [a, b] = [heard[at] ?? 0, said[at + lag] ?? 0];
      sum += a * b;
      one += a * a;
      other += b * b;
    }
    highest = Math.max(highest, sum / Math.sqrt(one * other));
  }
  return highest;
}

function secured(): [AudioAgreement, AudioAgreement] {
  return [agreement({ send: keys(1), receive: keys(2) }), agreement({ send: keys(2), receive: keys(1) })];
}

describe('a stream of audio', () => {
  test('is heard at the other end, and on the wire nothing of it is', () => {
    const pair = new Pair();
    pair.agree(...secured());
    pair.run(4_000);
    expect(likeness(pair.heard.right, 1)).toBeGreaterThan(0.95);
    expect(likeness(pair.heard.left, 2)).toBeGreaterThan(0.95);
    expect(pair.left.isProtected).toBe(true);
    expect(pair.left.statistics(pair.now)).toMatchObject({ packetsSent: 200, packetsLost: 0, rejections: {} });
    // One frame apart at most: both run on one clock.
    expect(pair.left.statistics(pair.now).packetsReceived).toBeGreaterThanOrEqual(199);
    const rtp = pair.wire.filter(({ to }) => to === 'rtp');
    expect(rtp.every(({ bytes }) => bytes.length === 12 + 160 + 10)).toBe(true);
    // Silence would be one octet repeated, speech keeps few values: encrypted, all values are as frequent.
    const counts = new Array<number>(256).fill(0);
    for (const { bytes } of rtp) for (const octet of bytes.subarray(12, 172)) counts[octet] = (counts[octet] ?? 0) + 1;
    expect(Math.max(...counts) / (rtp.length * 160)).toBeLessThan(0.008);
  });

  test('sends nothing and takes nothing before it is agreed on', () => {
    const pair = new Pair();
    pair.run(200);
    expect(pair.wire).toEqual([]);
    pair.right.agree(0, secured()[1]);
    pair.run(200);
    expect(pair.left.statistics(pair.now).packetsReceived).toBe(0);
  });

  test('is clear only where the agreement says so', () => {
    const pair = new Pair();
    pair.agree(agreement('clear'), agreement('clear'));
    pair.run(400);
    expect(pair.left.isProtected).toBe(false);
    expect(pair.wire.every(({ to, bytes }) => to === 'rtcp' || bytes.length === 172)).toBe(true);
    const strict = new Pair();
    strict.agree(agreement('clear'), secured()[1]);
    strict.run(400);
    expect(strict.right.statistics(strict.now).packetsReceived).toBe(0);
    expect(strict.right.statistics(strict.now).rejections['authentication-failed']).toBeGreaterThan(10);
  });

  test('refuses a forged and a replayed packet, and goes on', () => {
    const pair = new Pair();
    pair.agree(...secured());
    pair.run(400);
    const last = pair.wire.findLast(({ from, to }) => from === 'left' && to === 'rtp');
    if (last === undefined) throw new Error('nothing was sent');
    const forged = last.bytes.slice();
    forged[3] = ((forged[3] ?? 0) + 50) & 0xff; // the index of a packet to come
    pair.right.datagram(pair.now, 'rtp', forged);
    pair.right.datagram(pair.now, 'rtp', last.bytes);
    const { rejections, packetsReceived } = pair.right.statistics(pair.now);
    expect(rejections).toEqual({ 'authentication-failed': 1, replayed: 1 });
    pair.run(400);
    expect(pair.right.statistics(pair.now).packetsReceived).toBe(packetsReceived + 20);
  });

  test('tells of loss, and speech goes on through it', () => {
    const pair = new Pair();
    pair.agree(...secured());
    pair.loses = ({ from, to }, index) => from === 'left' && to === 'rtp' && index % 20 === 0;
    pair.run(10_000);
    const { lossRatio, packetsLost, playout, meanOpinionScore } = pair.right.statistics(pair.now);
    expect(packetsLost).toBeGreaterThan(10);
    expect(lossRatio).toBeGreaterThan(0.01);
    expect(playout.concealedFrames).toBeGreaterThan(10);
    expect(meanOpinionScore).toBeLessThan(pair.left.statistics(pair.now).meanOpinionScore ?? 0);
    expect(likeness(pair.heard.right, 1)).toBeGreaterThan(0.8);
  });

  test('carries digits both ways, protected, each once, though packets are lost', () => {
    const pair = new Pair();
    pair.agree(...secured());
    pair.loses = (_, index) => index % 7 === 0;
    expect(pair.left.sendDigits('12#')).toBe(true);
    expect(pair.right.sendDigits('0*D')).toBe(true);
    expect(pair.left.sendDigits('1x')).toBe(false);
    pair.run(3_000);
    expect(pair.digits).toEqual({ left: ['0', '*', 'D'], right: ['1', '2', '#'] });
    expect(pair.left.sendsDigits).toBe(false);
  });

  test('numbers of digits are those that each end named', () => {
    const pair = new Pair();
    const [left, right] = secured();
    pair.agree(
      { ...left, telephoneEvents: { send: 96, receive: 101 } },
      { ...right, telephoneEvents: { send: 101, receive: 96 } },
    );
    pair.left.sendDigits('5');
    pair.right.sendDigits('6');
    pair.run(1_000);
    expect(pair.digits).toEqual({ left: ['6'], right: ['5'] });
    pair.agree({ ...left, telephoneEvents: { send: undefined, receive: undefined } }, right);
    expect(pair.left.sendDigits('5')).toBe(false);
  });

  test('on hold it sends nothing, and afterwards goes on under the same keys', () => {
    const pair = new Pair();
    const [left, right] = secured();
    pair.agree(left, right);
    pair.run(1_000);
    pair.agree({ ...left, receives: false }, { ...right, sends: false });
    const before = pair.left.statistics(pair.now).packetsReceived;
    pair.run(1_000);
    expect(pair.left.statistics(pair.now).packetsReceived).toBe(before);
    pair.agree(left, right);
    pair.run(1_000);
    expect(pair.left.statistics(pair.now).packetsReceived).toBeGreaterThan(before + 45);
    expect(pair.left.statistics(pair.now).rejections).toEqual({});
  });

  test('changes keys without losing a packet that was on its way', () => {
    const pair = new Pair();
    pair.agree(...secured());
    pair.run(1_000);
    // The right end has the new keys already, and the left sends under the old ones for a while.
    pair.right.agree(pair.now, agreement({ send: keys(4), receive: keys(3) }));
    pair.run(200);
    pair.left.agree(pair.now, agreement({ send: keys(3), receive: keys(4) }));
    pair.run(1_000);
    expect(pair.right.statistics(pair.now)).toMatchObject({ packetsLost: 0, rejections: {} });
  });

  test('after its end it says goodbye under protection, and takes and sends nothing more', () => {
    const pair = new Pair();
    pair.agree(...secured());
    pair.run(1_000);
    const count = pair.wire.length;
    pair.left.close(pair.now);
    pair.carry('left');
    const goodbye = pair.wire.slice(count);
    expect(goodbye.map(({ to }) => to)).toEqual(['rtcp']);
    pair.left.frame(pair.now);
    expect(pair.left.poll()).toBeUndefined();
    expect(pair.left.isProtected).toBe(false);
  });
});

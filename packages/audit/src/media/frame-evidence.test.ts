import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import * as frames from './even-frames.fixture.ts';
import { FRAMES, FrameEvidence } from './frame-evidence.ts';
import { namedCodec, type PayloadCodec } from './payload-codec.ts';

const codec = (name: string, rate = 8_000) => namedCodec(name, rate);

/** What is known after each of the payloads, which are so many timestamp units apart. */
function weighed(evidence: FrameEvidence, payloads: readonly Uint8Array[], units: number) {
  return payloads.map((octets, at) => {
    evidence.next(octets, 0, octets.byteLength, at * units, at);
    return { bits: evidence.bits, codec: evidence.codec, packets: evidence.packets, doubtful: evidence.doubtful };
  });
}

const even = (seed: number, packets: number, length: number) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: packets }, () => random.bytes(length));
};

describe('frames in the clear whose octets are as even as those of a cipher', () => {
  test.each<[string, PayloadCodec | undefined, readonly Uint8Array[], number, number]>([
    ['G729', codec('G729'), frames.g729(60), 160, 40],
    ['G729', undefined, frames.g729(60), 160, 40],
    ['GSM', codec('GSM'), frames.gsm(60), 160, 10],
    ['GSM', undefined, frames.gsm(60), 160, 10],
    ['opus', codec('opus', 48_000), frames.opus(60), 960, 5],
    ['opus', undefined, frames.opus(60), 960, 5],
  ])('of %s are known by their form', (name, named, payloads, units, most) => {
    const found = weighed(new FrameEvidence(named), payloads, units).findIndex((one) => one.codec === name);
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(most);
  });

  test('are not seen in what a cipher makes', () => {
    for (const named of [undefined, codec('opus', 48_000), codec('G729'), codec('GSM'), codec('iLBC')]) {
      const found = weighed(new FrameEvidence(named), even(9, 20_000, 50), 960);
      expect(found.filter(({ bits }) => bits >= FRAMES)).toEqual([]);
      expect(found.filter(({ doubtful }) => doubtful !== undefined)).toEqual([]);
    }
  });
});

test('packets of other lengths that begin as frames do are none', () => {
  const begun = even(11, 100, 45).map((octets, at) => {
    octets.set([0xd0 | (at & 0x0f), at, 0x01, 0x00]);
    return octets;
  });
  const found = weighed(new FrameEvidence(undefined), begun, 3_000);
  expect(found.filter(({ codec }) => codec !== undefined)).toEqual([]);
});

describe('a few packets of Opus among those of a cipher', () => {
  const among = (from: number, packets: number) => [...even(5, from, 50), ...frames.opus(packets), ...even(6, 20, 50)];

  test('are counted where they are enough', () => {
    const found = weighed(new FrameEvidence(codec('opus', 48_000)), among(30, 6), 960);
    const sure = found.find(({ bits }) => bits >= FRAMES);
    expect(sure).toMatchObject({ codec: 'opus', packets: 5 });
  });

  test.each([
    [30, 4, 4],
    [0, 3, 3],
    [0, 4, 4],
  ])('are doubted after %i others where they are %i', (from, packets, doubted) => {
    const found = weighed(new FrameEvidence(undefined), among(from, packets), 960);
    expect(found.filter(({ bits }) => bits >= FRAMES)).toEqual([]);
    expect(found.flatMap(({ doubtful }) => doubtful ?? [])).toMatchObject([{ packets: doubted }]);
  });

  test('whose time is not that of their beginnings are none', () => {
    const found = weighed(new FrameEvidence(codec('opus', 48_000)), among(30, 4), 480);
    expect(found.flatMap(({ doubtful }) => doubtful ?? [])).toEqual([]);
  });
});

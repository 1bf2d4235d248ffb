import { decodeMuLaw, parseWav } from '@trustline/rtp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wavOf } from './report.fixture.ts';
import { readSound, writeSound } from './sound.ts';
import { spectrogramOf } from './spectrogram.ts';

describe('sound in a report', () => {
  test('in mu-law is read as ITU-T G.711 decodes it, each of its 256 octets', () => {
    const every = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    const decoded = new Int16Array(256);
    decodeMuLaw(every, decoded);
    const read = readSound(new Uint8Array(Buffer.from(wavOf(decoded), 'base64')));
    // Encoded again, -0 becomes +0: both are silence.
    expect(read).toEqual({ rate: 8000, samples: decoded });
  });

  test('is written as PCM that others read, and reads as what was written', () => {
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 200 }), fc.integer({ min: 8000, max: 192_000 }), (samples, rate) => {
        const octets = writeSound({ rate, samples });
        expect(readSound(octets)).toEqual({ rate, samples });
        expect(parseWav(octets)).toEqual({ rate, samples });
      }),
    );
  });

  test('that is cut off or is none gives no sound or a shorter one, never an exception', () => {
    const whole = writeSound({ rate: 8000, samples: Int16Array.from({ length: 50 }, (_, at) => at) });
    for (let length = 0; length < whole.length; length++) {
      expect(readSound(whole.subarray(0, length))?.samples.length ?? 0).toBeLessThan(50);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => void readSound(octets)));
  });
});

test('a tone stands in the spectrogram at its frequency, and nowhere else', () => {
  const samples = Int16Array.from({ length: 16_000 }, (_, at) => 8000 * Math.sin((2 * Math.PI * 1000 * at) / 8000));
  const { columns, bands, strengths } = spectrogramOf({ rate: 8000, samples }, 100);
  expect([columns, bands]).toEqual([100, 128]);
  for (const column of [0, 50, 99]) {
    const heard = strengths.subarray(column * bands, (column + 1) * bands);
    expect(heard.indexOf(Math.max(...heard))).toBe(32);
    expect(heard[100]).toBeLessThan(0.1);
  }
  const silence = spectrogramOf({ rate: 8000, samples: new Int16Array(8000) }, 100);
  expect(Math.max(...silence.strengths)).toBe(0);
  expect(spectrogramOf({ rate: 8000, samples: new Int16Array(0) }, 100).columns).toBe(1);
});

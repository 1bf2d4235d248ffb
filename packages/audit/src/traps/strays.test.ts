import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { encodings } from '../media/streams.fixture.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { CaptureScript, keyNumber, type Voice } from './capture-script.fixture.ts';

const speech = encodings.pcmu(speechLike(3, 8_000)).slice(10, 13);
const random = new SeededRandom(8);
const noise = (packets: number, length = 160) => Array.from({ length: packets }, () => random.bytes(length));

/** SRTP both ways, and beside one of them packets of other sources. */
function verdictBeside(...others: readonly Voice[]) {
  const script = new CaptureScript();
  script.talk(3, keyNumber(1), keyNumber(2));
  for (const [at, other] of others.entries()) script.voices({ ssrc: 0x9999 + at, sequenceNumber: 7, ...other });
  const { calls } = script.audited();
  expect(calls).toHaveLength(1);
  return calls[0]?.verdict;
}

describe('a few packets of another source beside SRTP', () => {
  test.each<[string, Voice, string]>([
    ['one of speech in the clear is heard', { payloads: speech.slice(0, 1) }, 'heard'],
    ['two of speech in the clear are heard', { payloads: speech.slice(0, 2) }, 'heard'],
    ['one that nobody can read is no source', { payloads: noise(1) }, 'protected'],
    ['two in sequence are one, and what they are is not known', { payloads: noise(2) }, 'cannot-tell'],
    ['two of a payload type that nothing explains, too', { payloads: noise(2, 33), payloadType: 99 }, 'cannot-tell'],
    [
      'two that are framed as the SRTP beside them are SRTP',
      { payloads: speech.slice(0, 2), key: keyNumber(9) },
      'protected',
    ],
    ['those that carry nothing keep a way open', { payloads: noise(5, 0), payloadType: 20 }, 'protected'],
  ])('%s', (_, other, verdict) => {
    expect(verdictBeside(other)).toBe(verdict);
  });

  test('many sources of one packet each are no accident', () => {
    const others = Array.from({ length: 12 }, () => ({ payloads: noise(1, 20), payloadType: 18 }));
    expect(verdictBeside(...others)).toBe('cannot-tell');
  });
});

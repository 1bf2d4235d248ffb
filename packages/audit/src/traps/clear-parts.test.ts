import { expect, test } from 'vitest';
import { encodings } from '../media/streams.fixture.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { alice, bob, CaptureScript, keyNumber, sender } from './capture-script.fixture.ts';

const [a, b] = [keyNumber(1), keyNumber(2)];
const payloads = encodings.pcmu(speechLike(1, 24_000));

test.each([
  [0, 30, /^Before SRTP began/, 'clear-early-media'],
  [60, 90, /^Amid its SRTP/, 'clear-within-srtp'],
  [120, 150, /^After its SRTP/, 'clear-within-srtp'],
])('that packets %i to %i of SRTP went in the clear is said of the place where they did', (from, to, words, code) => {
  const script = new CaptureScript();
  const [one, other] = [sender(a), sender(b)];
  for (const [start, end] of [
    [0, from],
    [from, to],
    [to, 150],
  ] as const) {
    if (start === end) continue;
    script.voices(
      {
        payloads: payloads.slice(start, end),
        ssrc: 0xa11ce,
        sequenceNumber: 1_000 + start,
        ...(start === from ? {} : { sender: one }),
      },
      {
        payloads: payloads.slice(start, end),
        ssrc: 0xb0b,
        sequenceNumber: 1_000 + start,
        sender: other,
        from: bob.media,
        to: alice.media,
      },
    );
  }
  const [call] = script.audited().calls;
  expect(call?.verdict).toBe('heard');
  expect(call?.because).toMatch(words);
  expect(call?.because).toMatch(/0\.6 s were played back/);
  expect(call?.findings.map((finding) => finding.code)).toEqual([code]);
});

import { describe, expect, test } from 'vitest';
import * as frames from '../media/even-frames.fixture.ts';
import { srtcp } from '../media/streams.fixture.ts';
import type { ReportCall } from '../model/report.ts';
import { alice, bob, CaptureScript, type Key, keyNumber, sender, type Voice } from './capture-script.fixture.ts';

const [a, b] = [keyNumber(1), keyNumber(2)];
const codes = ({ findings }: ReportCall) => findings.map(({ code }) => code);

function only(script: CaptureScript): ReportCall {
  const { calls } = script.audited();
  expect(calls).toHaveLength(1);
  return calls[0] as ReportCall;
}

/** Both ways of a call of which no signalling was captured, as a tap sees them with what protects them. */
function bothWays(
  payloads: (packets: number, seed: number) => readonly Uint8Array[],
  voice: Voice,
  keys: readonly Key[] = [a, b],
): CaptureScript {
  const [one, other] = keys.map((key) => sender({ ...key, parameters: key.parameters ?? [] }));
  const script = new CaptureScript();
  script.voices(
    { ...voice, payloads: payloads(250, 3), ssrc: 0xa11ce, ...(one && { sender: one }) },
    {
      ...voice,
      payloads: payloads(250, 4),
      ssrc: 0xb0b,
      from: bob.media,
      to: alice.media,
      ...(other && { sender: other }),
    },
  );
  return script;
}

const unencrypted = [a, b].map((key) => ({ ...key, parameters: ['UNENCRYPTED_SRTP'] }));
const g729 = (packets: number, seed: number) => frames.g729(packets, 2, seed);
const gsm = (packets: number, seed: number) => frames.gsm(packets, seed);
const opus = (packets: number, seed: number) => frames.opus(packets, seed);

describe('SRTP that encrypts nothing is no SRTP, however even the octets of its codec', () => {
  test.each([
    ['G.729', g729, { payloadType: 18 }],
    ['GSM', gsm, { payloadType: 3 }],
  ])('%s with a tag: its frames have their form', (_, payloads, voice) => {
    const call = only(bothWays(payloads, voice, unencrypted));
    expect(call.verdict).toBe('heard');
    expect(codes(call)).toContain('null-cipher-media');
    expect(call.because).toMatch(/NULL cipher/);
    expect(call.because).not.toMatch(/0\.0 s/);
    expect(only(bothWays(payloads, voice)).verdict).toBe('protected');
  });

  test.each([
    ['G.729', g729, { payloadType: 97 }],
    ['GSM', gsm, { payloadType: 97 }],
    ['Opus', opus, { payloadType: 111, step: 960 }],
  ])('%s of a payload type that nothing names, beside SRTCP', (_, payloads, voice) => {
    const verdictOf = (keys: readonly Key[]) => {
      const script = bothWays(payloads, voice, keys);
      for (const [key, ssrc, from, to] of [
        [a, 0xa11ce, alice.media, bob.media],
        [b, 0xb0b, bob.media, alice.media],
      ] as const) {
        for (const report of srtcp(3, sender(key), ssrc)) script.datagram(from, to, report);
      }
      return only(script).verdict;
    };
    expect(verdictOf(unencrypted)).toBe('heard');
    expect(verdictOf([a, b])).toBe('protected');
  });

  test('G.729 of 30 ms whose timestamps say 20: the third frame is no tag', () => {
    const script = new CaptureScript();
    for (const [from, to, ssrc] of [
      [alice.media, bob.media, 1],
      [bob.media, alice.media, 2],
    ] as const) {
      script.voices({ payloads: frames.g729(250, 3, ssrc), payloadType: 18, step: 160, ssrc, from, to });
    }
    expect(only(script).verdict).toBe('heard');
  });
});

describe('a few packets of Opus in the clear within SRTP', () => {
  /** So many of the packets of one way, from one on, go as they are. */
  const verdictOf = (from: number, packets: number) => {
    const script = new CaptureScript();
    const [one, other] = [sender(a), sender(b)];
    const voice = { payloadType: 111, step: 960 };
    const payloads = frames.opus(250);
    const part = (start: number, end: number, protecting?: typeof one): Voice => ({
      ...voice,
      payloads: payloads.slice(start, end),
      ssrc: 0xa11ce,
      sequenceNumber: 1_000 + start,
      timestamp: 960 * start,
      ...(protecting && { sender: protecting }),
    });
    if (from > 0) script.voices(part(0, from, one));
    script.voices(part(from, from + packets));
    script.voices(part(from + packets, 250, one));
    script.voices({ ...voice, payloads, ssrc: 0xb0b, sender: other, from: bob.media, to: alice.media });
    for (const [sends, ssrc, source, target] of [
      [one, 0xa11ce, alice.media, bob.media],
      [other, 0xb0b, bob.media, alice.media],
    ] as const) {
      for (const report of srtcp(3, sends, ssrc)) script.datagram(source, target, report);
    }
    return only(script).verdict;
  };

  test.each([
    [0, 5, 'heard'],
    [100, 5, 'heard'],
    [0, 3, 'cannot-tell'],
    [100, 4, 'cannot-tell'],
    [100, 0, 'protected'],
  ])('from packet %i on, %i of them: %s', (from, packets, verdict) => {
    expect(verdictOf(from, packets)).toBe(verdict);
  });
});

import type { CapturedPacket } from '@trustline/capture';
import { expect, describe as group, test } from 'vitest';
import type { ReportCall } from '../model/report.ts';
import { alice, auditOf, bob, CaptureScript, describe, type Key, keyNumber } from './capture-script.fixture.ts';

const [a, b] = [keyNumber(1), keyNumber(2)];
const dtls = {
  profile: 'UDP/TLS/RTP/SAVP',
  lines: ['a=fingerprint:sha-256 AB:CD', 'a=setup:actpass'],
};
type Damage = (packets: readonly CapturedPacket[]) => Iterable<CapturedPacket>;

/** A capture of one call, and what is to be said of it. */
function capture(kind: 'clear' | 'sdes' | 'dtls'): readonly CapturedPacket[] {
  const script = new CaptureScript();
  const [fromAlice, fromBob]: (Key | undefined)[] = kind === 'clear' ? [] : [a, b];
  const of = (key?: Key) => (kind === 'dtls' ? dtls : key === undefined ? {} : { key });
  script.answered(
    describe(alice, of(a && kind === 'sdes' ? a : undefined)),
    describe(bob, of(kind === 'sdes' ? b : undefined)),
  );
  script.talk(4, fromAlice, fromBob);
  script.over();
  return script.packets();
}
const expected = { clear: 'heard', sdes: 'heard', dtls: 'metadata-only' } as const;

/** Every so manieth packet of media. */
const isMedia = ({ data }: CapturedPacket) => data.byteLength > 150 && data.byteLength < 240;
const renumbered = (packets: readonly CapturedPacket[]) => packets.map((packet, at) => ({ ...packet, number: at + 1 }));

const damages: Readonly<Record<string, Damage>> = {
  'a tenth of the media is lost': (packets) => packets.filter((packet, at) => !isMedia(packet) || at % 10 !== 3),
  'media overtake each other': (packets) =>
    packets.flatMap((packet, at) => {
      const next = packets[at + 1];
      if (at % 6 === 3 && next !== undefined) return [next, packet];
      return at % 6 === 4 ? [] : [packet];
    }),
  'each packet was captured twice': (packets) => packets.flatMap((packet) => [packet, packet]),
  'checksums are wrong': (packets) =>
    packets.map((packet) => {
      const data = Uint8Array.from(packet.data);
      data[24] = (data[24] ?? 0) ^ 0xff;
      data[40] = (data[40] ?? 0) ^ 0xff;
      return { ...packet, data };
    }),
  'the clock jumps back by an hour in the middle': (packets) =>
    packets.map((packet, at) => ({
      ...packet,
      time: { microseconds: (packet.time?.microseconds ?? 0) - (at > packets.length / 2 ? 3.6e9 : 0), nanoseconds: 0 },
    })),
  'there is no time at all': (packets) => packets.map((packet) => ({ ...packet, time: undefined })),
  'the capture ends in the middle of the call': (packets) => packets.slice(0, (packets.length * 2) / 3),
};

group.each(Object.entries(expected))('a damaged capture of a call, %s', (kind, verdict) => {
  const packets = capture(kind as keyof typeof expected);
  test.each(Object.entries(damages))('%s', (_, damage) => {
    const { calls } = auditOf(renumbered([...damage(packets)]));
    expect(calls.map((call) => call.verdict)).toEqual([verdict]);
    if (verdict === 'heard') expect(calls[0]?.heardSeconds).toBeGreaterThan(2);
  });
});

group('what a capture lacks', () => {
  test.each(Object.entries(expected))('cut to 100 octets a packet, %s: nothing is called protected', (kind) => {
    const packets = capture(kind as keyof typeof expected).map((packet) => ({
      ...packet,
      data: packet.data.subarray(0, 100),
    }));
    const { calls, findings } = auditOf(packets);
    expect(calls.map(({ verdict }) => verdict)).not.toContain('protected');
    expect(findings.map(({ code }) => code).join()).toMatch(/cut|snap|short/);
  });

  test('the signalling alone is missing: clear voice is heard, SRTP is protected', () => {
    const media = (kind: 'clear' | 'sdes') => capture(kind).filter(isMedia);
    expect(auditOf(media('clear')).calls.map(({ verdict }) => verdict)).toEqual(['heard']);
    expect(auditOf(media('sdes')).calls.map(({ verdict }) => verdict)).toEqual(['protected']);
  });

  test('the beginning is missing, and with it the keys', () => {
    const packets = capture('sdes').slice(4);
    // That it was there is read of its BYE; whose media these are cannot be.
    expect(auditOf(packets).calls.map(({ verdict }) => verdict)).toEqual(['metadata-only', 'protected']);
  });
});

group('whose media is it', () => {
  const both = (calls: readonly ReportCall[]) =>
    calls.map(({ verdict, streams, called }) => [called.uri, verdict, streams.length]).toSorted();

  test('two calls one after the other at the same ports', () => {
    const script = new CaptureScript();
    script.answered(describe(alice), describe(bob));
    script.talk(2);
    script.over();
    script.now += 5e6;
    script.callId = 'second-call@192.0.2.10';
    script.answered(describe(alice, dtls), describe(bob, dtls));
    script.voices(
      { seconds: 2, key: a, ssrc: 1, sequenceNumber: 30_000 },
      { seconds: 2, key: b, ssrc: 2, sequenceNumber: 40_000, from: bob.media, to: alice.media },
    );
    script.over();
    expect(both(auditOf(script.packets()).calls)).toEqual([
      ['sip:bob@example.com', 'heard', 2],
      ['sip:bob@example.com', 'metadata-only', 2],
    ]);
  });

  test('a NAT in the middle: media come from another address than the one that was told', () => {
    const outside = { address: '198.51.100.7', port: 61_234 };
    const script = new CaptureScript();
    const inside = { at: { address: '10.0.0.5', port: 40_000 } };
    script.answered(describe(alice, { key: a, ...inside }), describe(bob, { key: b }));
    script.voices(
      { seconds: 3, key: a, ssrc: 1, from: outside },
      { seconds: 3, key: b, ssrc: 2, from: bob.media, to: outside, speech: 2 },
    );
    script.over();
    expect(both(auditOf(script.packets()).calls)).toEqual([['sip:bob@example.com', 'heard', 2]]);
  });
});

test('signalling that is cut before its description is neither without media nor away from the media beside it', () => {
  const script = new CaptureScript();
  script.answered(describe(alice, { key: keyNumber(1) }), describe(bob, { key: keyNumber(2) }));
  const last = script.sent.length;
  script.talk(3, keyNumber(1), keyNumber(2));
  const packets = script
    .packets()
    .map((packet, at) => (at < last ? { ...packet, data: packet.data.subarray(0, 380) } : packet));
  const { calls } = auditOf(packets);
  expect(calls.map(({ verdict }) => verdict)).toEqual(['metadata-only', 'cannot-tell']);
  for (const { because } of calls) {
    expect(because).toMatch(/not wholly read \(packet 1\)/);
    expect(because).not.toMatch(/not in this capture/);
  }
});

import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { encodings } from '../media/streams.fixture.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { alice, bob, CaptureScript, keyNumber, type Voice } from './capture-script.fixture.ts';

const said = (speech: number, seconds: number) => encodings.pcmu(speechLike(speech, seconds * 8_000));
const random = new SeededRandom(12);
/** Packets of a picture: longer than those of voice, and each begins as the one before. */
const pictures = Array.from({ length: 150 }, () => Uint8Array.of(0x7c, 0x05, ...random.bytes(900)));

/** SRTP both ways without signalling, and besides it what is given. */
function callsWith(...others: readonly Voice[]) {
  const script = new CaptureScript();
  const voice = (from: typeof alice, to: typeof alice, ssrc: number, key: number) => ({
    from: from.media,
    to: to.media,
    ssrc,
    key: keyNumber(key),
    payloads: said(key, 3),
  });
  script.voices(voice(alice, bob, 0xa11ce001, 1), voice(bob, alice, 0xb0b0b0b1, 2), ...others);
  return script.audited().calls;
}

describe('what goes on beside SRTP, of which no signalling was captured, is of the same call', () => {
  const third = { address: '192.0.2.70', port: 45_000 };
  const beside = ({ media }: typeof alice) => ({ ...media, port: media.port + 2 });

  test.each<[string, Voice, string]>([
    ['early media of another branch', { from: third, to: alice.media, ssrc: 7, payloads: said(3, 1) }, 'heard'],
    [
      'the same source from another port',
      { from: { ...alice.media, port: 52_000 }, to: bob.media, ssrc: 0xa11ce001, payloads: said(4, 1) },
      'heard',
    ],
    [
      'video at the ports beside, whose codec is not known',
      { from: beside(alice), to: beside(bob), ssrc: 9, payloads: pictures, payloadType: 97, step: 3_000 },
      'cannot-tell',
    ],
  ])('%s', (_, other, verdict) => {
    const calls = callsWith(other);
    expect(calls.map((call) => call.verdict)).toEqual([verdict]);
    expect(calls[0]?.because).not.toMatch(/two legs/);
  });

  test('but a call between the same hosts at ports beside is another', () => {
    const calls = callsWith(
      { from: beside(alice), to: beside(bob), ssrc: 0xa11ce002, payloads: said(5, 3) },
      { from: beside(bob), to: beside(alice), ssrc: 0xb0b0b0b2, payloads: said(6, 3) },
    );
    expect(calls.map(({ verdict }) => verdict)).toEqual(['heard', 'protected']);
  });
});

test('events alone in the clear amid SRTP are told by their digits, not as voice in the clear', () => {
  const script = new CaptureScript();
  script.talk(2, keyNumber(1), keyNumber(2));
  const event = (at: number) => Uint8Array.of(5, at > 3 ? 0x8a : 0x0a, 0, 40 * (at + 1));
  const events = Array.from({ length: 6 }, (_, at) => event(at));
  script.voices({ payloads: events, payloadType: 101, step: 0, ssrc: 0xa11ce, sequenceNumber: 1_101 });
  const [call] = script.audited().calls;
  expect(call?.findings.map(({ code }) => code)).toEqual(['digits-in-clear-media']);
});

test('one key and one SSRC for two destinations: neither call is protected, and both packets are named', () => {
  const third = { address: '192.0.2.70', port: 45_000 };
  const calls = callsWith({
    from: { ...alice.media, port: 40_002 },
    to: third,
    ssrc: 0xa11ce001,
    key: keyNumber(1),
    payloads: said(9, 3),
  });
  expect(calls.map(({ verdict }) => verdict)).toEqual(['keys-exposed', 'keys-exposed']);
  for (const { findings } of calls) {
    const packets = findings.find(({ code }) => code === 'keystream-reused')?.evidence[0]?.packets ?? [];
    expect(new Set(packets).size).toBe(2);
  }
});

describe('what else goes between the ports of SRTP', () => {
  const twoWays = () => {
    const script = new CaptureScript();
    script.talk(2, keyNumber(1), keyNumber(2));
    return script;
  };
  const codes = (call: ReturnType<typeof callsWith>[number] | undefined) => call?.findings.map(({ code }) => code);

  test('reports in the clear name its ends', () => {
    const script = twoWays();
    // A report of no source, and its CNAME (RFC 3550 §6.4.2, §6.5.1).
    const report = [
      0x80, 201, 0, 1, 0, 0x0a, 0x11, 0xce, 0x81, 202, 0, 3, 0, 0x0a, 0x11, 0xce, 1, 4, 97, 64, 98, 99, 0, 0,
    ];
    const beside = ({ address, port }: typeof alice.media) => ({ address, port: port + 1 });
    script.datagram(beside(alice.media), beside(bob.media), Uint8Array.from(report));
    const [call] = script.audited().calls;
    expect(call?.verdict).toBe('metadata-only');
    expect(codes(call)).toContain('reports-in-clear');
  });

  test('a farewell in the clear after SRTCP is told, and leaves the call protected; what keeps a port open says nothing', () => {
    const script = twoWays();
    const beside = ({ address, port }: typeof alice.media) => ({ address, port: port + 1 });
    const ping = [0x80, 204, 0, 3, 0, 0x0a, 0x11, 0xce, ...new TextEncoder().encode('PINGPONG')];
    script.datagram(beside(alice.media), beside(bob.media), Uint8Array.from(ping));
    expect(codes(script.audited().calls[0])).toEqual([]);
    const farewell = [
      0x81, 203, 0, 1, 0, 0x0a, 0x11, 0xce, 0x81, 202, 0, 3, 0, 0x0a, 0x11, 0xce, 1, 4, 97, 64, 98, 99, 0, 0,
    ];
    script.datagram(beside(alice.media), beside(bob.media), Uint8Array.from(farewell));
    const [call] = script.audited().calls;
    expect(call?.verdict).toBe('protected');
    expect(codes(call)).toEqual(['reports-in-clear']);
  });

  test('text of no protocol is no part of what is protected, what keeps a NAT open is', () => {
    const script = twoWays();
    script.datagram(alice.media, bob.media, new Uint8Array(20));
    script.datagram(alice.media, bob.media, Uint8Array.of(13, 10, 13, 10));
    expect(script.audited().calls.map(({ verdict }) => verdict)).toEqual(['protected']);
    script.datagram(bob.media, alice.media, new TextEncoder().encode('HELLO my card is in here'));
    const [call] = script.audited().calls;
    expect(call?.verdict).toBe('cannot-tell');
    expect(codes(call)).toContain('unexplained-beside-media');
  });
});

test('two one-way streams within one host are two calls: that they begin together tells nothing', () => {
  const script = new CaptureScript();
  const at = (port: number) => ({ ...alice.media, port });
  script.voices(
    { from: at(4_000), to: at(6_000), ssrc: 0xa11ce001, key: keyNumber(1), payloads: said(1, 3) },
    { from: at(4_100), to: at(6_100), ssrc: 0xb0b0b0b1, payloads: said(2, 3) },
  );
  expect(script.audited().calls.map(({ verdict }) => verdict)).toEqual(['heard', 'protected']);
});

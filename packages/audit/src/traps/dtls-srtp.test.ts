import { serializeRtcpCompound } from '@trustline/rtp';
import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../model/report.ts';
import { alice, bob, CaptureScript } from './capture-script.fixture.ts';

/** Profiles of DTLS-SRTP (RFC 5764 §4.1.2). */
const [aes, nullCipher] = [1, 5];
const [clientHello, serverHello] = [1, 2];

const u16 = (value: number) => [value >> 8, value & 0xff];
const u24 = (value: number) => [value >> 16, ...u16(value & 0xffff)];

/** A record of DTLS 1.2 (RFC 6347 §4.1). */
function record(type: number, epoch: number, content: readonly number[]): Uint8Array {
  return Uint8Array.of(type, 0xfe, 0xfd, ...u16(epoch), 0, 0, 0, 0, 0, 0, ...u16(content.length), ...content);
}

/** A hello that offers or takes a profile of SRTP. */
function hello(type: number, profile: number): Uint8Array {
  const random = Array.from({ length: 32 }, (_, at) => at + type);
  const suite = [0xc0, 0x2b];
  const useSrtp = [0, 14, 0, 5, 0, 2, ...u16(profile), 0];
  const choices = type === clientHello ? [0, 0, 2, ...suite, 1, 0] : [...suite, 0];
  const body = [0xfe, 0xfd, ...random, 0, ...choices, ...u16(useSrtp.length), ...useSrtp];
  return record(22, 0, [type, ...u24(body.length), 0, 0, 0, 0, 0, ...u24(body.length), ...body]);
}

const sealed = record(
  22,
  1,
  Array.from({ length: 48 }, (_, at) => at),
);

/** Opus-like packets as even as a cipher's, beside DTLS. */
function verdictOf(
  datagrams: readonly (readonly ['client' | 'server', Uint8Array])[],
  reports: readonly Uint8Array[] = [],
): Verdict {
  const script = new CaptureScript();
  for (const [from, octets] of datagrams) {
    const [source, target] = from === 'client' ? [alice.media, bob.media] : [bob.media, alice.media];
    script.datagram(source, target, octets);
  }
  const random = new SeededRandom(4);
  const payloads = Array.from({ length: 250 }, (_, at) => random.bytes(50 + (at % 30)));
  const voice = { payloads, payloadType: 111, step: 960 };
  script.voices({ ...voice, ssrc: 0xa11ce }, { ...voice, ssrc: 0xb0b, from: bob.media, to: alice.media });
  for (const report of reports) {
    for (const [source, target, ssrc] of [
      [alice.media, bob.media, 0xa11ce],
      [bob.media, alice.media, 0xb0b],
    ] as const) {
      const own = report.slice();
      new DataView(own.buffer).setUint32(4, ssrc);
      script.datagram(source, target, own);
    }
  }
  const { calls } = script.audited();
  expect(calls).toHaveLength(1);
  return calls[0]?.verdict ?? 'cannot-tell';
}

describe('what a DTLS handshake among the media shows', () => {
  test.each([
    ['that came to its end', aes, ['client', 'server'], 'protected'],
    ['of which the client has not agreed', aes, ['server'], 'cannot-tell'],
    ['that nobody has finished', aes, [], 'cannot-tell'],
    ['that chose a profile with a NULL cipher', nullCipher, ['client', 'server'], 'heard'],
  ] as const)('one %s', (_, profile, finished, verdict) => {
    const datagrams = [
      ['client', hello(clientHello, profile)] as const,
      ['server', hello(serverHello, profile)] as const,
      ...finished.map((side) => [side, sealed] as const),
    ];
    expect(verdictOf(datagrams)).toBe(verdict);
  });
});

describe('reports beside media that look like SRTCP', () => {
  const description = {
    kind: 'source-description',
    chunks: [{ ssrc: 1, items: [{ type: 1, value: new TextEncoder().encode('p7@x') }] }],
  } as const;
  const report = (seconds: number) =>
    ({
      kind: 'sender-report',
      ssrc: 1,
      ntp: { seconds, fraction: 0 },
      rtpTimestamp: seconds,
      packetCount: seconds,
      octetCount: seconds,
      reports: [],
      extension: new Uint8Array(0),
    }) as const;
  const withTail = (octets: Uint8Array, index: number) =>
    Uint8Array.of(...octets, 0x80, 0, 0, index, ...Array.from({ length: 10 }, (_, at) => (at * 21 + index) & 0xff));
  const random = new SeededRandom(6);
  const encrypted = (octets: Uint8Array) =>
    Uint8Array.of(...octets.subarray(0, 8), ...random.bytes(octets.byteLength - 8));
  const three = (make: (at: number) => Uint8Array) => [1, 2, 3].map(make);
  const whole = (at: number) => serializeRtcpCompound([report(at), description]);
  const alone = (at: number) => serializeRtcpCompound([report(at)]);

  test.each([
    ['whose packets stand there as they are, before a flag and an index', whole],
    ['that is one packet, whose time goes on', alone],
  ])('are none of a NULL cipher: one %s', (_, make) => {
    expect(
      verdictOf(
        [],
        three((at) => withTail(make(at), at)),
      ),
    ).toBe('cannot-tell');
    expect(
      verdictOf(
        [],
        three((at) => withTail(encrypted(make(at)), at)),
      ),
    ).toBe('protected');
  });

  test('are none where they are whole packets of RTCP that say what nobody understands', () => {
    const strange = (at: number) => Uint8Array.of(0x9f, 200, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0x80, 0, 0, at, 9, 9, 9, 9);
    expect(verdictOf([], three(strange))).toBe('cannot-tell');
  });
});

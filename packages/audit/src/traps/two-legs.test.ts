import { describe, expect, test } from 'vitest';
import { encodings } from '../media/streams.fixture.ts';
import type { AuditReport } from '../model/report.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { alice, auditOf, bob, CaptureScript, type Key, keyNumber, type Voice } from './capture-script.fixture.ts';

/** The host between alice and bob, which is another end towards each. */
const relay = {
  towardsAlice: { address: '192.0.2.99', port: 30_000 },
  towardsBob: { address: '192.0.2.99', port: 30_002 },
};
const said = (speech: number) => encodings.pcmu(speechLike(speech, 4 * 8_000));

/** Both ways of one leg: from its end to the relay, and back. */
function leg(
  end: { readonly address: string; readonly port: number },
  at: { readonly address: string; readonly port: number },
  ssrcs: readonly [number, number],
  speeches: readonly [number, number],
  keys?: readonly [Key, Key],
): readonly Voice[] {
  return [
    { from: end, to: at, ssrc: ssrcs[0], payloads: said(speeches[0]), ...(keys && { key: keys[0] }) },
    { from: at, to: end, ssrc: ssrcs[1], payloads: said(speeches[1]), ...(keys && { key: keys[1] }) },
  ];
}

const [near, far] = [0xa11ce001, 0xb0b0b0b1];
const keys = [keyNumber(1), keyNumber(2)] as const;
const verdicts = ({ calls }: AuditReport) => calls.map(({ verdict }) => verdict);

describe('a call that a host passes on, in the clear on one side and as SRTP on the other', () => {
  test('is one where the source stays', () => {
    const script = new CaptureScript();
    script.voices(
      ...leg(alice.media, relay.towardsAlice, [near, far], [1, 2]),
      ...leg(bob.media, relay.towardsBob, [far, near], [2, 1], keys),
    );
    const report = script.audited();
    expect(verdicts(report)).toEqual(['heard']);
    expect(report.calls[0]?.because).toMatch(
      /seems to be one call over two legs, which is a guess: that between 192\.0\.2\.20 and 192\.0\.2\.99 is SRTP, that between 192\.0\.2\.99 and 192\.0\.2\.10 is heard/,
    );
  });

  test('is one where all of it begins and ends together, though the host is a sender of its own', () => {
    const script = new CaptureScript();
    script.voices(
      ...leg(alice.media, relay.towardsAlice, [near, 0xc0c0c0c1], [1, 2]),
      ...leg(bob.media, relay.towardsBob, [far, 0xc0c0c0c2], [2, 1], keys),
    );
    expect(verdicts(script.audited())).toEqual(['heard']);
  });

  test('is not told from another that runs at the same time through the same host', () => {
    const script = new CaptureScript();
    const carol = { address: '192.0.2.30', port: 42_000 };
    script.voices(
      ...leg(alice.media, relay.towardsAlice, [near, 0xc0c0c0c1], [1, 2]),
      ...leg(bob.media, relay.towardsBob, [far, 0xc0c0c0c2], [2, 1], keys),
      ...leg(carol, { ...relay.towardsBob, port: 30_004 }, [0xca01ca01, 0xc0c0c0c3], [3, 1], keys),
    );
    expect(verdicts(script.audited()).toSorted()).toEqual(['heard', 'protected', 'protected']);
  });

  test('music that one source sends into two calls does not make them one', () => {
    const script = new CaptureScript();
    const source = { address: '192.0.2.50', port: 20_000 };
    const music = (to: typeof source, key?: Key): Voice => ({
      from: source,
      to,
      ssrc: near,
      payloads: said(5),
      ...(key && { key }),
    });
    script.voices(music(alice.media), music(bob.media, keys[0]));
    expect(verdicts(script.audited())).toEqual(['heard', 'protected']);
  });
});

test('TLS whose capture begins within a record is told by the records that follow', () => {
  const record = (seed: number) => {
    const octets = Uint8Array.from({ length: 300 }, (_, at) => (at * 73 + seed * 31) & 0xff);
    return [23, 3, 3, octets.byteLength >> 8, octets.byteLength & 0xff, ...octets];
  };
  const script = new CaptureScript();
  const octets = Uint8Array.from([1, 2, 3, 4].flatMap(record)).subarray(50);
  script.connection(alice.signalling, bob.signalling, [{ from: 'client', octets }]);
  // Without its SYNs.
  const { secureConnections } = auditOf(script.packets().slice(2));
  expect(secureConnections).toMatchObject([{ protocol: 'tls', opened: 'no' }]);
});

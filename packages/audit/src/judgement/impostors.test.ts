import { describe, expect, test } from 'vitest';
import type { MediaDescription } from '../model/leg.ts';
import type { DtlsAssociation } from '../secure-transport/dtls-datagrams.ts';
import { at, end, leg, stream } from './draft.fixture.ts';
import { HandshakesByPort, impostors } from './impostors.ts';
import { judgeCalls } from './judge-calls.ts';

const [alice, bob, elsewhere] = ['10.0.0.1:4000', '10.0.0.2:4002', '10.0.0.66:6666'];

/** A leg in which each end announces certificates by these fingerprints. */
function legOf(caller: readonly string[], called: readonly string[], more: Partial<MediaDescription> = {}) {
  const made = leg();
  for (const [who, receives, fingerprints] of [
    ['caller', alice, caller],
    ['called', bob, called],
  ] as const) {
    made.describe({
      place: at(who === 'caller' ? 0 : 1),
      end: who,
      kind: 'audio',
      receives: end(receives),
      profile: 'UDP/TLS/RTP/SAVP',
      direction: 'sendrecv',
      codecs: [{ payloadType: 0, name: 'PCMU', clockRate: 8_000 }],
      keying: ['dtls-srtp'],
      keys: [],
      suites: [],
      fingerprints,
      ...more,
    });
  }
  return made;
}

/** A handshake in which each end shows a certificate, whose fingerprints by several hashes are these. */
function handshake(one: string, other: string, ends = [alice, bob]): DtlsAssociation {
  const [first, second] = [end(ends[0] ?? ''), end(ends[1] ?? '')];
  return {
    ends: [first, second],
    certificates: [
      { end: first, fingerprints: [`sha-1 00:${one}`, `sha-256 ${one}`], place: at(1.5) },
      { end: second, fingerprints: [`sha-1 00:${other}`, `sha-256 ${other}`], place: at(1.6) },
    ],
  };
}

const found = (made: ReturnType<typeof legOf>, associations: readonly DtlsAssociation[], streams = [stream()]) => [
  ...impostors({ legs: [made], streams }, new HandshakesByPort(associations)),
];

describe('a handshake of DTLS-SRTP whose certificate nobody announced (RFC 5763 §5)', () => {
  test('is a finding that names the end and the packet', () => {
    expect(found(legOf(['sha-256 AA'], ['sha-256 BB']), [handshake('AA', 'EE')])).toMatchObject([
      {
        code: 'dtls-fingerprint-mismatch',
        detail: `${bob} showed a certificate whose fingerprint no description of this call has.`,
        evidence: [{ packets: [at(1.6).number] }],
      },
    ]);
  });

  test('at both ends is one finding, with both packets', () => {
    const findings = found(legOf(['sha-256 AA'], ['sha-256 BB']), [handshake('DD', 'EE')]);
    expect(findings.map(({ evidence }) => evidence.map(({ packets }) => packets))).toEqual([
      [[at(1.5).number, at(1.6).number]],
    ]);
  });

  test('is found at the candidates of a description too, where media went (RFC 8839)', () => {
    const made = legOf(['sha-256 AA'], ['sha-256 BB'], { candidates: [end(elsewhere)] });
    const associations = [handshake('AA', 'EE', [elsewhere, '10.0.0.77:7'])];
    expect(found(made, associations, [])).toHaveLength(1);
    expect(found(legOf(['sha-256 AA'], ['sha-256 BB']), associations, [])).toEqual([]);
  });

  test('stands among the findings of the call', () => {
    const made = legOf(['sha-256 AA'], ['sha-256 BB']);
    const judged = (associations: readonly DtlsAssociation[]) =>
      judgeCalls([made], [stream({ state: 'encrypted' })], { isRevealed: false, claims: [], dtls: associations });
    const codes = (associations: readonly DtlsAssociation[]) =>
      judged(associations).flatMap(({ findings }) => findings.map(({ code }) => code));
    expect(codes([handshake('AA', 'EE')])).toContain('dtls-fingerprint-mismatch');
    expect(codes([handshake('AA', 'BB')])).not.toContain('dtls-fingerprint-mismatch');
  });
});

describe('no impostor is', () => {
  test.each([
    ['who shows what was announced', legOf(['sha-256 AA'], ['sha-256 BB'])],
    ['who announced it in small letters', legOf(['SHA-256 aa'], ['sha-256  bb'])],
    ['who announced it by another hash of the same certificate', legOf(['sha-1 00:AA'], ['sha-1 00:BB'])],
    ['who announced several', legOf(['sha-256 CC', 'sha-256 AA'], ['sha-256 BB'])],
  ])('%s', (_, made) => {
    expect(found(made, [handshake('AA', 'BB')])).toEqual([]);
  });

  test('told of where the description of an end was not captured: it may have announced it', () => {
    expect(found(legOf(['sha-256 AA'], []), [handshake('AA', 'EE')])).toEqual([]);
  });

  test('who shakes hands elsewhere, with others', () => {
    expect(found(legOf(['sha-256 AA'], ['sha-256 BB']), [handshake('DD', 'EE', [elsewhere, '10.0.0.77:7'])])).toEqual(
      [],
    );
  });
});

import { describe, expect, test } from 'vitest';
import { alice, bob, Party, RelayLab, srtp } from './party.fixture.ts';

const moved = { address: '192.0.2.50', port: 4_500 };
const elsewhere = { address: '203.0.113.9', port: 9_000 };

/** A relay and a party whose sequence numbers have rolled over once. */
function afterRollover(): { lab: RelayLab; party: Party } {
  const lab = new RelayLab({ protection: srtp(1, 2) });
  const party = new Party(0xa, alice, 1, 2);
  for (const number of [65_534, 65_535, 0, 1]) expect(lab.receive(1, party.rtp(number))).toHaveLength(1);
  expect(party.sender?.rolloverCounter(party.ssrc)).toBe(1);
  return { lab, party };
}

describe('rollover counters over changes', () => {
  test('the same key keeps its counter, whatever the address (RFC 3711 §3.3.1)', () => {
    const { lab, party } = afterRollover();
    lab.set(1, { protection: srtp(1, 2), remote: moved });
    expect(lab.receive(1, party.rtp(2), moved)).toHaveLength(1);
  });

  test('a new key at a new address begins at zero (RFC 4568 §7.1.4)', () => {
    const { lab, party } = afterRollover();
    lab.set(1, { protection: srtp(5, 2), remote: moved });
    party.useKeys(5, 2);
    expect(lab.receive(1, party.rtp(2), moved)).toHaveLength(1);
  });

  test.each([
    ['goes on with its counter', 1],
    ['begins at zero', 0],
  ])('a new key at the same address: a party that %s is understood, and nothing is committed before', (_, counter) => {
    const { lab, party } = afterRollover();
    lab.set(1, { protection: srtp(5, 2) });
    party.useKeys(5, 2);
    if (counter > 0) party.sender?.setRolloverCounter(party.ssrc, counter);
    const forged = party.rtp(2);
    const whole = forged.slice();
    forged[14] = (forged[14] as number) ^ 1;
    expect(lab.receive(1, forged)).toEqual([]);
    expect(lab.receive(1, whole)).toHaveLength(1);
    for (const number of [3, 4, 5]) expect(lab.receive(1, party.rtp(number))).toHaveLength(1);
    expect(lab.relay.counts(1)).toMatchObject({ authenticationFailed: 1 });
  });

  test('packets under the key before are taken for two seconds: a change of keys leaves no gap', () => {
    const { lab, party } = afterRollover();
    const late = party.rtp(2);
    const tooLate = party.rtp(3);
    lab.set(1, { protection: srtp(5, 2) });
    expect(lab.receive(1, late)).toHaveLength(1);
    lab.now += 2_001;
    expect(lab.receive(1, tooLate)).toEqual([]);
  });

  test('a key of ours that changes brings a new SSRC; one that stays keeps SSRC and counter, whoever is heard', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const [one, other] = [new Party(0xa, alice, 1, 2), new Party(0xb, bob)];
    const first = one.hears(lab.receive(2, other.rtp(10))[0]?.datagram as Uint8Array);
    lab.now += 1_000;
    lab.set(3, { protection: srtp(7, 8), remote: moved });
    lab.relay.bridge(lab.now, 1, 3);
    const third = new Party(0xc, moved, 7, 8);
    expect(lab.receive(2, other.rtp(11))).toEqual([]);
    const second = one.hears(lab.receive(3, third.rtp(40_000), moved)[0]?.datagram as Uint8Array);
    expect(second).toMatchObject({ ssrc: first.ssrc, sequenceNumber: first.sequenceNumber + 1, marker: true });
    expect(second.timestamp).toBe((first.timestamp + 8_000) >>> 0);
    lab.set(1, { protection: srtp(1, 6) });
    one.useKeys(1, 6);
    const fresh = one.hears(lab.receive(3, third.rtp(40_001), moved)[0]?.datagram as Uint8Array);
    expect(fresh.ssrc).not.toBe(first.ssrc);
  });
});

describe('a party that may use its two keys the other way round', () => {
  const open = { ...srtp(1, 2), mayBeSwapped: true } as const;
  const said = (lab: RelayLab) => lab.notices().filter(({ kind }) => kind === 'keys-verified');

  test.each([
    ['so', 1, 2, false],
    ['the other way round', 2, 1, true],
  ])(
    'uses them %s: its first packet shows it, and it is sent the other key from then on',
    (_, sends, receives, isSwapped) => {
      const lab = new RelayLab({ protection: open });
      const party = new Party(0xa, alice, sends, receives);
      const other = new Party(0xb, bob);
      expect(other.hears(lab.receive(1, party.rtp(1))[0]?.datagram as Uint8Array).payload).toBe('voice 1');
      expect(party.hears(lab.receive(2, other.rtp(1))[0]?.datagram as Uint8Array).payload).toBe('voice 1');
      // What it is told again changes nothing, and other keys are read as it reads these.
      lab.set(1, { protection: open });
      other.hears(lab.receive(1, party.rtp(2))[0]?.datagram as Uint8Array);
      lab.set(1, { protection: { ...srtp(5, 6), mayBeSwapped: true } });
      party.useKeys(isSwapped ? 6 : 5, isSwapped ? 5 : 6);
      expect(other.hears(lab.receive(1, party.rtp(3))[0]?.datagram as Uint8Array).payload).toBe('voice 3');
      expect(party.hears(lab.receive(2, other.rtp(2))[0]?.datagram as Uint8Array).payload).toBe('voice 2');
      expect(said(lab)).toEqual([{ kind: 'keys-verified', side: 1, fingerprint: 'key 1', isSwapped }]);
    },
  );

  test('a packet under neither key decides nothing', () => {
    const lab = new RelayLab({ protection: open });
    expect(lab.receive(1, new Party(0xa, alice, 9, 2).rtp(1))).toEqual([]);
    expect(said(lab)).toEqual([]);
    expect(lab.receive(1, new Party(0xc, alice, 2, 1).rtp(1))).toHaveLength(1);
  });

  test('where the keys are known the other one opens nothing', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    expect(lab.receive(1, new Party(0xa, alice, 2, 1).rtp(1))).toEqual([]);
  });
});

describe('authentication failures above one in a hundred are said, with the likely cause', () => {
  const said = (lab: RelayLab) => lab.notices().filter(({ kind }) => kind === 'authentication-failures');

  test('another key than the one signalled', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const stranger = new Party(0xa, alice, 9, 2);
    for (let number = 1; number <= 250; number++) lab.receive(1, stranger.rtp(number));
    expect(said(lab)).toEqual([
      {
        kind: 'authentication-failures',
        side: 1,
        fingerprint: 'key 1',
        received: 100,
        failed: 100,
        source: alice,
        cause: 'another-key',
      },
    ]);
  });

  test('still the key before', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const party = new Party(0xa, alice, 1, 2);
    lab.receive(1, party.rtp(1));
    lab.set(1, { protection: srtp(5, 2) });
    lab.now += 3_000;
    for (let number = 2; number <= 102; number++) lab.receive(1, party.rtp(number));
    expect(said(lab)).toMatchObject([{ cause: 'key-before', fingerprint: 'key 5' }]);
  });

  test('a rollover counter that the party has set back under the same key', () => {
    const { lab, party } = afterRollover();
    party.useKeys(1, 2);
    for (let number = 2; number <= 101; number++) expect(lab.receive(1, party.rtp(number))).toEqual([]);
    expect(said(lab)).toMatchObject([{ cause: 'rollover-counter-reset' }]);
  });

  test('somebody else who sends to this port; two bad packets in a hundred are enough, one is not', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const [party, stranger] = [new Party(0xa, alice, 1, 2), new Party(0xd, elsewhere, 9, 9)];
    for (let number = 1; number < 100; number++) lab.receive(1, party.rtp(number));
    lab.receive(1, stranger.rtp(1), elsewhere);
    expect(said(lab)).toEqual([]);
    for (let number = 100; number < 198; number++) lab.receive(1, party.rtp(number));
    for (const number of [2, 3]) lab.receive(1, stranger.rtp(number), elsewhere);
    expect(said(lab)).toMatchObject([{ cause: 'another-source', source: elsewhere, failed: 2 }]);
  });

  test('wherever in a hundred the bad ones are: also when the hundredth is a good one', () => {
    const lab = new RelayLab({ protection: srtp(1, 2) });
    const [party, stranger] = [new Party(0xa, alice, 1, 2), new Party(0xd, elsewhere, 9, 9)];
    for (const number of [1, 2]) lab.receive(1, stranger.rtp(number), elsewhere);
    for (let number = 1; number <= 97; number++) lab.receive(1, party.rtp(number));
    expect(said(lab)).toEqual([]);
    lab.receive(1, party.rtp(98));
    expect(said(lab)).toMatchObject([{ cause: 'another-source', source: elsewhere, failed: 2, received: 100 }]);
    for (let number = 99; number < 400; number++) lab.receive(1, party.rtp(number));
    expect(said(lab)).toEqual([]);
  });
});

test('a party at the last port there is: its RTCP goes to no port beyond it', () => {
  const last = { address: '192.0.2.10', port: 65_535 };
  const lab = new RelayLab({ remote: last }, {});
  lab.receive(2, Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 1), undefined, 'rtcp');
  lab.now += 6_000;
  for (const { to } of lab.flush()) expect(to.port).toBeLessThanOrEqual(65_535);
  expect(lab.receive(2, new Party(0xb, elsewhere, 1, 1).rtp(1)).every(({ to }) => to.port <= 65_535)).toBe(true);
});

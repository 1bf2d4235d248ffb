import { describe, expect, test } from 'vitest';
import { clear } from '../model/exposure.ts';
import { bestFix } from '../report/words.ts';
import { at, leg, sdesKey, stream } from './draft.fixture.ts';
import { judgeCalls } from './judge-calls.ts';
import { networkFindings } from './network-findings.ts';
import { covers } from './remedy-words.ts';
import type { CallDraft } from './stream-facts.ts';

const options = { isRevealed: false, claims: [], dtls: [] };
const judged = ({ legs = [], streams = [] }: Partial<CallDraft>) => judgeCalls(legs, streams, options);
const [a, b] = ['10.0.0.1:4000', '10.0.0.2:4002'];
const both = [a, b] as const;
const [forth, back] = [stream({ from: a, to: b }), stream({ from: b, to: a, ssrc: 2 })];
const ownKey = sdesKey(1, 0);
const opened = { suite: 'AES_CM_128_HMAC_SHA1_80', source: 'sdes', packet: 1, exposed: true } as const;
const digits = (how: 'rfc4733' | 'in-band-tones') =>
  [{ digits: '••11', count: 16, how, looksLikeCard: true, packets: [300] }] as const;
const byTls = 'Carry the signalling by TLS on every hop.';
const bySrtpAndTls =
  'Require SRTP on both ends, with TLS for the signalling on every hop: keys in open signalling protect nothing.';

describe('the change that silences a card number', () => {
  const events = stream({ isAudible: false, digits: digits('rfc4733') });

  test.each([
    ['events in the clear, with open signalling', { legs: [leg({ media: both })], streams: [events] }, bySrtpAndTls],
    ['events in the clear, without signalling', { streams: [events] }, bySrtpAndTls],
    [
      'events in a stream of which the rest is not decoded',
      { streams: [stream({ state: 'unknown', digits: digits('rfc4733') })] },
      bySrtpAndTls,
    ],
    [
      'tones in SRTP whose key lay open',
      {
        legs: [leg({ media: both, keys: [ownKey, sdesKey(2, 1)] })],
        streams: [stream({ state: 'opened', key: opened, digits: digits('in-band-tones') })],
      },
      byTls,
    ],
    [
      'INFO beside SRTP',
      {
        legs: [
          leg({
            media: both,
            digits: [{ place: at(5), how: 'sip-info', digits: '4111111111111111' }],
            description: { keying: ['dtls-srtp'] },
          }),
        ],
        streams: [stream({ state: 'encrypted' })],
      },
      byTls,
    ],
    [
      'events outside the SRTP of the voice',
      { streams: [stream({ state: 'encrypted', digits: digits('rfc4733') })] },
      'Send key presses within the SRTP of the voice: an end sends its events (RFC 4733) outside it.',
    ],
  ])('%s', (_what, draft, fix) => {
    const [call] = judged(draft);
    expect(call?.fix).toBe(fix);
    for (const finding of call?.findings ?? []) {
      if (['card-number-heard', 'digits-in-clear-media'].includes(finding.code)) expect(finding.fix).toBe(fix);
    }
  });
});

describe('clear media in spite of keys', () => {
  const codesOf = (draft: Partial<CallDraft>) => judged(draft)[0]?.findings.map(({ code }) => code);
  const agreed = leg({ media: both, keys: [ownKey, sdesKey(2, 1)] });

  test('that both ends agreed on: they did not encrypt, and their keys opened nothing', () => {
    const draft = { legs: [agreed], streams: [forth, back] };
    expect(codesOf(draft)).toEqual(['srtp-agreed-media-clear', 'signalling-in-clear']);
    expect(judged(draft)[0]?.because).toMatch(/^SRTP was agreed, and its ends sent in the clear/);
  });

  test('that one end did not use: it is named, and the key of the other counts', () => {
    const draft = { legs: [agreed], streams: [stream({ state: 'opened', key: opened }), back] };
    expect(codesOf(draft)).toEqual(['srtp-agreed-media-clear', 'sdes-key-in-clear', 'signalling-in-clear']);
    const [call] = judged(draft);
    expect(call?.because).toMatch(/^SRTP was agreed, and the called sent in the clear/);
    expect(call?.findings[0]?.detail).toMatch(/^The called, 10\.0\.0\.2:4002 sent PCMU in the clear/);
  });

  test('that were offered, and not taken: the key of the offer opened nothing, and TLS belongs to the change', () => {
    const draft = { legs: [leg({ media: both, keys: [ownKey] })], streams: [forth, back] };
    expect(codesOf(draft)).toEqual(['voice-in-the-clear', 'best-effort-answered-in-clear', 'signalling-in-clear']);
    const [call] = judged(draft);
    expect(call?.fix).toBe(bySrtpAndTls);
    for (const { harm, fix } of call?.findings ?? []) if (harm === 'critical') expect(fix).toBe(bySrtpAndTls);
  });

  test('while media in one direction is missing, a key that both took may have opened it', () => {
    expect(codesOf({ legs: [agreed], streams: [forth] })).toContain('sdes-key-in-clear');
  });
});

test('a call whose media the key of another call opened says so, and so does the reuse', () => {
  const clearSide = leg({ identity: 'other', from: '10.0.1.1', media: ['10.0.1.1:5000', '10.0.1.2:5002'] });
  const keyed = leg({ identity: 'keyed', media: both, keys: [ownKey, sdesKey(2, 1)] });
  const streams = [
    stream({ state: 'opened', key: opened }),
    { ...stream({ from: '10.0.1.1:5000', to: '10.0.1.2:5002', ssrc: 9, state: 'opened', key: opened }), key: ownKey },
  ];
  const calls = judged({ legs: [keyed, clearSide], streams });
  expect(calls).toHaveLength(2);
  for (const { findings } of calls) {
    expect(findings.map(({ code }) => code)).toEqual(['sdes-key-in-clear', 'key-reused', 'signalling-in-clear']);
  }
  const other = calls.find(({ streams: [one] }) => one?.ssrc === '0x00000009');
  expect(other?.findings[0]?.detail).toContain('of another call, in packet 1');
});

describe('the one change of several calls', () => {
  const far = ['10.0.1.1:5000', '10.0.1.2:5002'] as const;
  const keyOpen = {
    legs: [leg({ identity: 'key', from: '10.0.1.1', media: far, keys: [sdesKey(3, 0), sdesKey(4, 1)] })],
    streams: [stream({ from: far[0], to: far[1], ssrc: 3, state: 'opened', key: opened })],
  };

  test('counts every call that it silences, however that call’s own change is worded', () => {
    const calls = judged({ legs: [leg({ media: both }), ...keyOpen.legs], streams: [forth, ...keyOpen.streams] });
    expect(calls.map(({ fix }) => fix)).toEqual(expect.arrayContaining([byTls, bySrtpAndTls]));
    expect(bestFix({ calls } as never)).toEqual({ fix: bySrtpAndTls, calls: 2 });
  });

  test('asks for no more than those calls need', () => {
    expect(bestFix({ calls: judged(keyOpen) } as never)).toEqual({ fix: byTls, calls: 1 });
  });

  test('of one protocol does nothing for another', () => {
    const h323 = judged({ legs: [leg({ protocol: 'h323', media: both })], streams: [forth] })[0]?.fix ?? '';
    expect(covers(bySrtpAndTls, h323)).toBe(false);
    expect(covers(bySrtpAndTls, byTls)).toBe(true);
    expect(covers(byTls, bySrtpAndTls)).toBe(false);
  });
});

test.each([
  ['h323', /^Require SRTP \(H\.235\.8\).* IPsec/],
  ['skinny', /^Give the phones an encrypted security profile/],
  ['mgcp', /MGCP in IPsec/],
] as const)('clear voice with %s is mended with what that protocol has', (protocol, words) => {
  const [call] = judged({ legs: [leg({ protocol, media: both })], streams: [forth, back] });
  expect(call?.fix).toMatch(words);
  expect(call?.findings.find(({ code }) => code === 'voice-in-the-clear')?.fix).toMatch(words);
  const open = call?.findings.find(({ code }) => code === 'signalling-in-clear');
  expect(open?.rules.join()).not.toContain('RFC 3261');
  expect(open?.fix).not.toBe(byTls);
});

test('H.323 whose capabilities had encryption, and whose media went without: that was a downgrade', () => {
  const made = leg({ protocol: 'h323', media: both });
  made.canEncrypt.add('caller');
  const findings = judged({ legs: [made], streams: [forth, back] })[0]?.findings ?? [];
  expect(findings.map(({ code }) => code)).toContain('best-effort-answered-in-clear');
  expect(findings.flatMap(({ rules }) => rules).join()).not.toMatch(/RFC (4568|3261)/);
});

test('digits of H.245 and registrations by RAS are mended by IPsec', () => {
  const digit = [{ place: at(5), how: 'h245-user-input', digits: '5' }] as const;
  const [call] = judged({ legs: [leg({ protocol: 'h323', media: both, digits: digit })] });
  expect(call?.findings.find(({ code }) => code === 'digits-in-clear-signalling')?.fix).toContain('IPsec');
  const [from, to] = [forth.source, forth.destination];
  const registration = { kind: 'registration', place: at(1), protocol: 'h323', from, to, exposure: clear } as const;
  const disclosures = [{ ...registration, subject: '1000', detail: 'registers' }];
  const nothing = { connections: [], lostPackets: 0, cutPackets: 0, recordsBroken: [] };
  expect(networkFindings({ ...nothing, disclosures })[0]).toMatchObject({
    fix: expect.stringContaining('IPsec'),
    rules: ['ITU-T H.235.0'],
  });
});

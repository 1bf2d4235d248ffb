import { describe, expect, test } from 'vitest';
import { clear } from '../model/exposure.ts';
import type { CallLeg } from '../model/leg.ts';
import type { Verdict } from '../model/report.ts';
import type { ClaimedCall } from './claims.ts';
import { at, end, leg, sdesKey, stream, withinTls } from './draft.fixture.ts';
import { draftCalls, judgeCalls } from './judge-calls.ts';
import type { StreamFacts } from './stream-facts.ts';

const options = { isRevealed: false, claims: [], dtls: [] };
const [a, b] = ['10.0.0.1:4000', '10.0.0.2:4002'];
const both = [a, b] as const;
const forth = stream({ from: a, to: b });
const back = stream({ from: b, to: a, ssrc: 2 });
const closed = (words: Parameters<typeof stream>[0] = {}) => stream({ state: 'encrypted', ...words });
const bothClosed = [closed({ from: a, to: b }), closed({ from: b, to: a, ssrc: 2 })];
const exposedKey = { suite: 'AES_CM_128_HMAC_SHA1_80', source: 'sdes', packet: 1, exposed: true } as const;
const givenKey = { ...exposedKey, packet: null, source: 'given', exposed: false } as const;
const info = [{ place: at(5), how: 'sip-info', digits: '4711' }] as const;
const card = [
  {
    digits: '••••••••••••••11',
    count: 16,
    how: 'rfc4733',
    looksLikeCard: true,
    packets: [300],
  },
] as const;

interface Case {
  readonly what: string;
  readonly legs?: readonly CallLeg[];
  readonly streams?: readonly StreamFacts[];
  readonly verdict: Verdict;
  readonly findings: readonly string[];
  readonly because?: RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'clear voice with clear SIP',
    legs: [leg({ media: both })],
    streams: [forth, back],
    verdict: 'heard',
    findings: ['voice-in-the-clear', 'signalling-in-clear'],
    because: /in the clear \(PCMU\): 8\.0 s/,
  },
  {
    what: 'clear voice without signalling',
    streams: [forth, back],
    verdict: 'heard',
    findings: ['voice-in-the-clear'],
  },
  {
    what: 'SRTP whose key stood in clear SDP',
    legs: [leg({ media: both, keys: [sdesKey(1, 0), sdesKey(2, 1)] })],
    streams: [stream({ state: 'opened', key: exposedKey })],
    verdict: 'heard',
    findings: ['sdes-key-in-clear', 'signalling-in-clear'],
    because: /key lay open in SIP \(packet 1\)/,
  },
  {
    what: 'SRTP that a given key opened',
    streams: [stream({ state: 'opened', key: givenKey })],
    verdict: 'heard',
    findings: ['opened-by-given-key'],
    because: /without that key nothing was heard/,
  },
  {
    what: 'a key in the clear whose media is elsewhere',
    legs: [leg({ media: both, keys: [sdesKey(1, 0), sdesKey(2, 1)] })],
    verdict: 'keys-exposed',
    findings: ['sdes-key-in-clear', 'signalling-in-clear'],
  },
  {
    what: 'a key within TLS that encrypts nothing',
    legs: [
      leg({
        media: both,
        exposure: withinTls('null-cipher'),
        keys: [sdesKey(1, 0, withinTls('null-cipher')), sdesKey(2, 1, withinTls('null-cipher'))],
      }),
    ],
    streams: bothClosed,
    verdict: 'keys-exposed',
    findings: ['key-in-null-cipher-tls', 'signalling-in-clear'],
  },
  {
    what: 'the same keystream twice',
    streams: [closed({ weaknesses: ['keystream-reused'] })],
    verdict: 'keys-exposed',
    findings: ['keystream-reused'],
  },
  {
    what: 'INFO digits in the clear beside SRTP',
    legs: [leg({ media: both, digits: info, description: { keying: ['dtls-srtp'], profile: 'UDP/TLS/RTP/SAVP' } })],
    streams: bothClosed,
    verdict: 'digits-heard',
    findings: ['digits-in-clear-signalling', 'signalling-in-clear'],
    because: /4 digits .* SIP INFO \(packet 501\)/,
  },
  {
    what: 'keys pressed to dial are no digits of a conversation',
    legs: [
      leg({
        protocol: 'skinny',
        media: both,
        digits: [{ place: at(0.5), how: 'skinny-keypad', digits: '1002' }],
        description: { keying: ['none'] },
      }),
    ],
    streams: bothClosed,
    verdict: 'metadata-only',
    findings: ['signalling-in-clear'],
  },
  {
    what: 'events alone in the clear',
    streams: [stream({ isAudible: false, digits: card })],
    verdict: 'digits-heard',
    findings: ['card-number-heard', 'digits-in-clear-media'],
  },
  {
    what: 'a card number in clear voice',
    streams: [stream({ digits: card })],
    verdict: 'heard',
    findings: ['card-number-heard', 'voice-in-the-clear', 'digits-in-clear-media'],
    because: /^A card number was heard\. Its voice/,
  },
  {
    what: 'SRTP with a NULL cipher',
    streams: [stream({ weaknesses: ['null-cipher'] })],
    verdict: 'heard',
    findings: ['null-cipher-media'],
    because: /NULL cipher/,
  },
  {
    what: 'UNENCRYPTED_SRTP',
    streams: [stream({ weaknesses: ['unencrypted-srtp'] })],
    verdict: 'heard',
    findings: ['unencrypted-srtp'],
  },
  {
    what: 'early media in the clear before SRTP',
    streams: [stream({ weaknesses: ['clear-before-srtp'], report: { closedPackets: 300, clearPackets: 100 } })],
    verdict: 'heard',
    findings: ['clear-early-media'],
    because: /Before SRTP began/,
  },
  {
    what: 'an offer of SRTP that was answered in the clear',
    legs: [leg({ media: both, description: { keying: ['sdes', 'none'], suites: ['AES_CM_128_HMAC_SHA1_80'] } })],
    streams: [forth],
    verdict: 'heard',
    findings: ['voice-in-the-clear', 'best-effort-answered-in-clear', 'signalling-in-clear'],
  },
  {
    what: 'SRTP beside clear signalling without its keys',
    legs: [leg({ media: both, description: { keying: ['dtls-srtp'], fingerprints: ['sha-256 AA'] } })],
    streams: bothClosed,
    verdict: 'metadata-only',
    findings: ['dtls-fingerprint-in-clear', 'signalling-in-clear'],
  },
  {
    what: 'a call that nobody answered, with its key in the clear',
    legs: [leg({ media: [a], keys: [sdesKey(1, 0)], answered: undefined })],
    verdict: 'metadata-only',
    findings: ['sdes-key-in-clear', 'signalling-in-clear'],
    because: /Nobody answered/,
  },
  {
    what: 'clear signalling whose media is elsewhere',
    legs: [leg({ media: both })],
    verdict: 'metadata-only',
    findings: ['signalling-in-clear'],
    because: /not in this capture/,
  },
  {
    what: 'media of which nothing was shown, with clear signalling',
    legs: [leg({ media: both })],
    streams: [stream({ state: 'unknown' })],
    verdict: 'cannot-tell',
    findings: ['signalling-in-clear', 'media-not-decoded'],
  },
  {
    what: 'media of which nothing was shown beside SRTP',
    streams: [...bothClosed, stream({ from: '10.0.0.1:4000', state: 'unknown', ssrc: 3 })],
    verdict: 'cannot-tell',
    findings: ['media-not-decoded'],
  },
  {
    what: 'signalling that only a given key opened, without media',
    legs: [leg({ media: both, exposure: withinTls('given-key') })],
    verdict: 'cannot-tell',
    findings: [],
  },
  { what: 'SRTP without signalling', streams: bothClosed, verdict: 'protected', findings: [] },
  {
    what: 'SRTP with signalling that only a given key opened',
    legs: [leg({ media: both, exposure: withinTls('given-key'), description: { keying: ['dtls-srtp'] } })],
    streams: bothClosed,
    verdict: 'protected',
    findings: [],
  },
  {
    what: 'one direction of two in the clear',
    streams: [closed({ from: a, to: b }), back],
    verdict: 'heard',
    findings: ['voice-in-the-clear'],
    because: /in part, went in the clear/,
  },
  {
    what: 'a key that a later re-INVITE leaked',
    legs: [
      (() => {
        const key = sdesKey(1, 0, withinTls('given-key'));
        const made = leg({ media: both, exposure: withinTls('given-key'), keys: [key, key] });
        const [first] = made.descriptions;
        if (first !== undefined) made.describe({ ...first, place: at(6), keys: [sdesKey(1, 6)] });
        return made;
      })(),
    ],
    streams: [stream({ state: 'opened', key: { ...exposedKey, packet: 601 } })],
    verdict: 'heard',
    findings: ['key-leaked-later', 'key-reused'],
  },
];

describe('the verdict of a call', () => {
  test.each(cases)('$what: $verdict', ({ legs = [], streams = [], verdict, findings, because }) => {
    const calls = judgeCalls(legs, streams, options);
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect({ verdict: call?.verdict, findings: call?.findings.map(({ code }) => code) }).toEqual({ verdict, findings });
    if (because !== undefined) expect(call?.because).toMatch(because);
    expect(call?.fix === null).toBe(verdict === 'protected' || findings.length === 0);
  });
});

/** Each call as the identities of its legs and the SSRCs of its streams. */
function drafted(legs: readonly CallLeg[], streams: readonly StreamFacts[]): readonly (readonly (string | number)[])[] {
  return draftCalls(legs, streams).map((draft) => [
    ...draft.legs.map(({ identity }) => identity),
    ...draft.streams.map(({ ssrc }) => ssrc),
  ]);
}

test('recovered silence counts as heard seconds, and both ends at once count once', () => {
  const audio = { sampleRate: 8_000, seconds: 8, audibleSeconds: 0, levelDecibels: null, peaks: [], wav: null };
  const silent = [forth, back].map((one) => ({ ...one, report: { ...one.report, audio } }));
  expect(judgeCalls([leg({ media: both })], silent, options)).toMatchObject([{ verdict: 'heard', heardSeconds: 8 }]);
});

describe('legs and streams are joined into calls', () => {
  test('the legs of a B2BUA that hands the description on', () => {
    const legs = [
      leg({ identity: 'in', from: '10.0.0.1', to: '10.0.0.9', media: both }),
      leg({ identity: 'out', from: '10.0.0.9', to: '10.0.0.2', media: both, begins: 0.1 }),
    ];
    expect(drafted(legs, [forth])).toEqual([['in', 'out', 1]]);
  });

  test('the legs of a B2BUA that relays media, by who calls whom and when', () => {
    const legs = [
      leg({
        identity: 'in',
        from: '10.0.0.1',
        to: '10.0.0.9',
        caller: '1001',
        called: '1002',
        media: [a, '10.0.0.9:6000'],
      }),
      leg({
        identity: 'out',
        from: '10.0.0.9',
        to: '10.0.0.2',
        caller: '1001',
        called: '1002',
        begins: 0.2,
        media: ['10.0.0.9:6002', b],
      }),
      leg({ identity: 'other', from: '10.0.0.3', to: '10.0.0.9', caller: '1003', called: '1004', begins: 0.3 }),
    ];
    const relayed = [
      stream({ from: a, to: '10.0.0.9:6000', ssrc: 1 }),
      stream({ from: '10.0.0.9:6002', to: b, ssrc: 2 }),
    ];
    expect(drafted(legs, relayed)).toEqual([['in', 'out', 1, 2], ['other']]);
  });

  test('two calls of the same two people at once by one server stay two', () => {
    const hop = (identity: string, from: string, to: string, begins: number) =>
      leg({ identity, from, to, caller: '1001', called: '1002', begins });
    const legs = [
      hop('in 1', '10.0.0.1', '10.0.0.9', 0),
      hop('out 1', '10.0.0.9', '10.0.0.2', 0.1),
      hop('in 2', '10.0.0.1', '10.0.0.9', 5),
      hop('out 2', '10.0.0.9', '10.0.0.2', 5.1),
    ];
    expect(drafted(legs, [])).toEqual([
      ['in 1', 'out 1'],
      ['in 2', 'out 2'],
    ]);
  });

  describe('a port that several legs share', () => {
    const server = '10.0.0.9:6000';
    const arriving = (identity: string, from: string, media: string, words: Parameters<typeof leg>[0] = {}) =>
      leg({ identity, from, to: '10.0.0.9', caller: identity, called: '500', media: [media, server], ...words });
    const alice = arriving('alice', '10.0.0.1', a);
    const carol = arriving('carol', '10.0.0.3', '10.0.0.3:4200', { begins: 0.5 });

    test('of a conference, by two callers: two calls, and to each its own streams', () => {
      const streams = [
        stream({ from: a, to: server, ssrc: 1 }),
        stream({ from: server, to: a, ssrc: 2 }),
        stream({ from: '10.0.0.3:4200', to: server, ssrc: 3 }),
        stream({ from: server, to: '10.0.0.3:4200', ssrc: 4 }),
      ];
      expect(drafted([alice, carol], streams)).toEqual([
        ['alice', 1, 2],
        ['carol', 3, 4],
      ]);
      const other = arriving('carol', '10.0.0.3', '10.0.0.3:4200', { begins: 0.5, called: '600' });
      expect(drafted([alice, other], [])).toEqual([['alice'], ['carol']]);
    });

    test('by two callers behind NATs, with one private address: each stream is of who signalled from there', () => {
      const legs = [arriving('one', '203.0.113.5', a), arriving('two', '203.0.113.6', a, { begins: 0.5 })];
      const streams = [
        stream({ from: '203.0.113.5:31000', to: server, ssrc: 1 }),
        stream({ from: server, to: '203.0.113.6:31000', ssrc: 2 }),
        stream({ from: server, to: '203.0.113.5:31000', ssrc: 3 }),
        stream({ from: '203.0.113.6:31000', to: server, ssrc: 4 }),
      ];
      expect(drafted(legs, streams)).toEqual([
        ['one', 1, 3],
        ['two', 2, 4],
      ]);
    });

    test('of who calls two at once', () => {
      const dialled = (identity: string, to: string, media: string) =>
        leg({ identity, from: '10.0.0.9', to, caller: '500', called: identity, media: [server, media] });
      expect(drafted([dialled('bob', '10.0.0.2', b), dialled('dave', '10.0.0.4', '10.0.0.4:4400')], [])).toEqual([
        ['bob'],
        ['dave'],
      ]);
      expect(drafted([alice, dialled('dave', '10.0.0.4', '10.0.0.4:4400')], [])).toEqual([['alice'], ['dave']]);
    });

    test.each(['10.0.0.1', '10.0.0.9'])(
      'at both ends, between the same two at %s: as many calls, in their order',
      (to) => {
        const between = (identity: string, begins: number) =>
          leg({
            identity,
            from: '10.0.0.9:5260',
            to: `${to}:5250`,
            caller: '1',
            called: '2',
            begins,
            media: [server, a],
          });
        const streams = [
          stream({ from: server, to: a, begins: 2, ssrc: 1 }),
          stream({ from: server, to: a, begins: 5, ssrc: 2 }),
        ];
        expect(drafted([between('first', 0), between('second', 3)], streams)).toEqual([
          ['first', 1],
          ['second', 2],
        ]);
      },
    );

    test('by two callers of one proxy', () => {
      const hop = (one: CallLeg) => {
        const path = { transport: 'udp', from: end('10.0.0.8'), to: end('10.0.0.9'), exposure: clear } as const;
        one.messages.splice(1, 0, { place: one.first, path, name: 'INVITE', carriesKey: false });
        return one;
      };
      const by = { to: '10.0.0.8', called: '500' };
      const legs = [
        hop(arriving('one', '10.0.0.1', a, by)),
        hop(arriving('two', '10.0.0.3', '10.0.0.3:4200', { ...by, begins: 0.5 })),
      ];
      expect(drafted(legs, [])).toEqual([['one'], ['two']]);
    });
  });

  describe('a port that who stands between passes on', () => {
    const named = { caller: '1001', called: '1002' };

    test('at the caller alone, while nobody has answered', () => {
      const legs = [
        leg({ identity: 'in', from: '10.0.0.1', to: '10.0.0.9', media: [a], answered: undefined }),
        leg({ identity: 'out', from: '10.0.0.9', to: '10.0.0.2', media: [a], begins: 0.1, answered: undefined }),
      ];
      expect(drafted(legs, [])).toEqual([['in', 'out']]);
    });

    test('on one host, by UDP and its ports', () => {
      const legs = [
        leg({ identity: 'in', from: '127.0.0.1:5061', to: '127.0.0.1:5060', media: both }),
        leg({ identity: 'out', from: '127.0.0.1:5060', to: '127.0.0.1:5062', media: both, begins: 0.1 }),
      ];
      expect(drafted(legs, [])).toEqual([['in', 'out']]);
    });

    test('by a border with two addresses', () => {
      const legs = [
        leg({ identity: 'in', ...named, from: '10.0.0.1', to: '10.0.0.9', media: both }),
        leg({ identity: 'out', from: '203.0.113.9', to: '203.0.113.2', media: both, begins: 0.1 }),
      ];
      expect(drafted(legs, [])).toEqual([['in', 'out']]);
    });

    test('by a controller that calls both (RFC 3725)', () => {
      const legs = [
        leg({ identity: 'one', from: '10.0.0.9', to: '10.0.0.1', media: [b, a] }),
        leg({ identity: 'other', from: '10.0.0.9', to: '10.0.0.2', media: [a, b], begins: 1 }),
      ];
      expect(drafted(legs, [])).toEqual([['one', 'other']]);
    });

    test('in two calls one after the other while both live: each its own two legs', () => {
      const hop = (identity: string, from: string, to: string, begins: number) =>
        leg({ identity, ...named, from, to, begins, media: both });
      const legs = [
        hop('in 1', '10.0.0.1', '10.0.0.9', 0),
        hop('out 1', '10.0.0.9', '10.0.0.2', 0.1),
        hop('in 2', '10.0.0.1', '10.0.0.9', 5),
        hop('out 2', '10.0.0.9', '10.0.0.2', 5.1),
      ];
      expect(drafted(legs, [])).toEqual([
        ['in 1', 'out 1'],
        ['in 2', 'out 2'],
      ]);
    });

    test('by a manager of phones, of which the beginning is not in the capture', () => {
      const legs = [
        leg({ protocol: 'skinny', identity: 'one', from: '10.0.0.9', to: '10.0.0.1', media: both }),
        leg({ protocol: 'skinny', identity: 'other', from: '10.0.0.2', to: '10.0.0.9', media: [b, a] }),
      ];
      expect(drafted(legs, [])).toEqual([['one', 'other']]);
    });
  });

  test('identities that name each other', () => {
    const legs = [
      leg({ identity: 'one', related: ['two'] }),
      leg({ identity: 'two', begins: 20 }),
      leg({ identity: 'three' }),
    ];
    expect(drafted(legs, [])).toEqual([['one', 'two'], ['three']]);
  });

  test('two calls one after the other on the same ports, the first without an end', () => {
    const legs = [
      leg({ identity: 'first', media: both, ended: undefined }),
      leg({ identity: 'second', media: both, begins: 20 }),
    ];
    const streams = [stream({ ssrc: 1 }), stream({ begins: 22, ends: 30, ssrc: 2 })];
    expect(drafted(legs, streams)).toEqual([
      ['first', 1],
      ['second', 2],
    ]);
  });

  test('early media, which comes before the answer describes it', () => {
    const legs = [leg({ identity: 'call', media: both, answered: 8, ended: 12 })];
    expect(drafted(legs, [stream({ from: b, to: a, begins: 2, ends: 8 }), stream({ begins: 3, ssrc: 2 })])).toEqual([
      ['call', 1, 2],
    ]);
  });

  test('a phone behind a NAT: one end is as described, or only the ports are', () => {
    const legs = [leg({ identity: 'call', from: '203.0.113.5', to: '10.0.0.2', media: ['192.168.1.7:4000', b] })];
    const streams = [
      stream({ from: '203.0.113.5:31000', to: b, ssrc: 1 }),
      stream({ from: b, to: '203.0.113.5:31000', ssrc: 2 }),
      stream({ from: '203.0.113.5:4000', to: '198.51.100.1:4002', ssrc: 3 }),
      stream({ from: '203.0.113.8:4000', to: '198.51.100.1:4002', ssrc: 4 }),
    ];
    expect(drafted(legs, streams)).toEqual([['call', 1, 2, 3], [4]]);
  });

  test('candidates of ICE are places of a description', () => {
    const description = { candidates: [{ address: '192.0.2.7', port: 50_000 }] };
    const legs = [leg({ identity: 'call', media: [a, b], description })];
    expect(drafted(legs, [stream({ from: '192.0.2.9:1', to: '192.0.2.7:50000' })])).toEqual([['call', 1]]);
  });

  test('streams without signalling: mirrored ports, two hosts at the same time, and a later one by itself', () => {
    const streams = [
      stream({ from: '10.0.0.5:1000', to: '10.0.0.6:2000', ssrc: 1 }),
      stream({ from: '10.0.0.6:2000', to: '10.0.0.5:1000', ssrc: 2 }),
      stream({ from: '10.0.0.5:1002', to: '10.0.0.6:2002', ssrc: 3 }),
      stream({ from: '10.0.0.6:2004', to: '10.0.0.5:1006', ssrc: 4 }),
      stream({ from: '10.0.0.5:1000', to: '10.0.0.6:2000', begins: 100, ends: 110, ssrc: 5 }),
    ];
    expect(drafted([], streams)).toEqual([[1, 2], [3, 4], [5]]);
  });
});

describe('what is claimed is compared with what the wire shows', () => {
  const claim = {
    call: 'call-1',
    level: 'encrypted',
    startedAt: new Date(at(0).microseconds / 1_000).toISOString(),
    endedAt: new Date(at(11).microseconds / 1_000).toISOString(),
    parties: [{ line: '1001' }, { line: '1002' }],
  } as const;
  const named = { caller: '1001', called: '1002', media: both };
  const claimed = (
    legs: readonly CallLeg[],
    streams: readonly StreamFacts[],
    claims: readonly ClaimedCall[] = [claim],
  ) => judgeCalls(legs, streams, { ...options, claims })[0];

  test('a claim above the truth is the worst finding', () => {
    const call = claimed([leg(named)], [forth]);
    expect(call?.claimed).toEqual({ call: 'call-1', level: 'encrypted', holds: false, protection: null });
    expect(call?.findings[0]?.harm).toBe('critical');
    expect(call?.findings.map(({ code }) => code)).toContain('claim-above-truth');
  });

  test('a claim that holds, and a record of another time', () => {
    const secure = { ...named, exposure: withinTls('given-key'), description: { keying: ['sdes'] as const } };
    expect(claimed([leg(secure)], bothClosed)?.claimed).toEqual({
      call: 'call-1',
      level: 'encrypted',
      holds: true,
      protection: null,
    });
    expect(claimed([leg({ ...named, begins: 1_000 })], [])?.claimed).toBeNull();
  });

  const moment = (second: number) => new Date(at(second).microseconds / 1_000).toISOString();
  const change = (second: number, state: 'lost' | 'returned' | 'given-up', cause: string) =>
    ({ at: moment(second), leg: 'b', state, cause }) as const;

  test('what became of the protection of its signalling stands beside what was captured meanwhile', () => {
    const protection = [
      change(4, 'lost', 'IPsec to gw1 is gone'),
      change(8, 'given-up', 'IPsec to gw1 did not come back'),
    ];
    const secure = { ...named, exposure: withinTls('given-key'), description: { keying: ['sdes'] as const } };
    const told = claimed([leg(secure)], bothClosed, [{ ...claim, protection }])?.claimed?.protection;
    expect(told?.changes).toEqual(protection.map(({ leg: _, ...rest }) => rest));
    const [from, until] = [moment(4).slice(11, 23), moment(8).slice(11, 23)];
    expect(told?.says).toBe(
      `The record: IPsec to gw1 is gone (${from}), IPsec to gw1 did not come back (${until}). Meanwhile no message of it was in the clear, and its media went on as SRTP, until ${until}.`,
    );
    const open = claimed([leg(named)], [forth], [{ ...claim, protection }])?.claimed?.protection;
    expect(open?.says).toContain('not all of its media was encrypted');
    const before = [change(-2, 'lost', 'IPsec to gw1 is gone'), change(-1, 'returned', 'IPsec to gw1 is back')];
    const none = claimed([leg(named)], [forth], [{ ...claim, protection: before }])?.claimed?.protection;
    expect(none?.says).toContain('no message of it was in the clear, and of its media nothing was captured');
  });

  test('media alone are of the record that names their port, also where the signalling of that end is elsewhere', () => {
    const parties = (ports: readonly number[]) =>
      ports.map((port, end) => ({ address: `10.9.9.${end}:1720`, media: `10.0.0.${5 + end}:${port}` }));
    const claims = [
      { ...claim, call: 'call-2', parties: parties([1_002, 2_002]) },
      { ...claim, parties: parties([1_000, 2_000]) },
      { ...claim, call: 'call-3', parties: parties([1_004, 2_004]) },
    ];
    const closed = [
      stream({ from: '10.0.0.5:1000', to: '10.0.0.6:2000', ssrc: 1, state: 'encrypted' }),
      stream({ from: '10.0.0.6:2000', to: '10.0.0.5:1000', ssrc: 2, state: 'encrypted' }),
    ];
    expect(judgeCalls([], closed, { ...options, claims })[0]?.claimed).toMatchObject({ call: 'call-1', holds: true });
  });
});

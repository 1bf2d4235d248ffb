import { describe, expect, test } from 'vitest';
import { type Verdict, verdicts } from '../../model/report.ts';
import { aCall, aStream, heardAudio, manyCalls, officeReport, reportOf } from './report.fixture.ts';
import {
  cardCount,
  changeEffect,
  changesOf,
  findingGroups,
  headline,
  heardByGivenKeysAlone,
  worstCall,
} from './summary.ts';

const callsOf = (...kinds: readonly Verdict[]) => kinds.map((verdict, at) => aCall({ number: at + 1, verdict }));
const headlineOf = (...kinds: readonly Verdict[]) => headline(reportOf(callsOf(...kinds)));

describe('the headline', () => {
  test('tells the worst of what was found, and of how many calls', () => {
    expect(headlineOf('heard', 'heard', 'protected')).toBe('2 of 3 calls were heard.');
    expect(headlineOf('heard', 'protected')).toBe('1 of 2 calls was heard.');
    expect(headlineOf('heard')).toBe('The one call was heard.');
    expect(headlineOf('heard', 'heard')).toBe('Both calls were heard.');
    expect(headlineOf('digits-heard', 'protected')).toBe('The digits of 1 of 2 calls were read.');
    expect(headlineOf('keys-exposed', 'metadata-only')).toBe('The key of 1 of 2 calls lies open.');
    expect(headlineOf('keys-exposed', 'keys-exposed', 'keys-exposed')).toBe('The keys of all 3 calls lie open.');
    expect(headlineOf('metadata-only')).toBe('Nobody was heard, but who called whom shows in the one call.');
    expect(headlineOf('cannot-tell', 'protected')).toBe(
      'Nobody was heard, but whether 1 of 2 calls was protected cannot be told.',
    );
    expect(headlineOf('protected', 'protected', 'protected')).toBe('All 3 calls were protected.');
    expect(headlineOf()).toBe('No calls were found.');
  });

  test('never says that calls were protected where one was not', () => {
    for (const verdict of verdicts) {
      if (verdict === 'protected') continue;
      expect(headlineOf(verdict, 'protected')).not.toMatch(/^(?:All|Both|The one|\d).* (?:was|were) protected\.$/);
    }
  });
});

test('the worst call is of the worst verdict: with a card number, or in which most is to be heard; none where all are protected', () => {
  const stream = (audibleSeconds: number) => aStream({ audio: { ...heardAudio(1, 1, false), audibleSeconds } });
  const heard = [0, 3, 2].map((seconds, at) => aCall({ number: at + 1, verdict: 'heard', streams: [stream(seconds)] }));
  expect(worstCall(heard)?.number).toBe(2);
  const card = { digits: '••42', count: 16, how: 'sip-info', looksLikeCard: true, packets: [] } as const;
  expect(worstCall([...heard, aCall({ number: 4, verdict: 'heard', digits: [card] })])?.number).toBe(4);
  expect(worstCall([...heard, aCall({ number: 4, verdict: 'digits-heard', digits: [card] })])?.number).toBe(2);
  // Of a call a number counts once, however often and by whatever means it was sent.
  const again = { ...card, digits: '••42#', how: 'rfc4733' } as const;
  const another = { ...card, digits: '••17' };
  expect(cardCount([aCall({ digits: [card, again, another] }), aCall({ digits: [card] })])).toBe(3);
  expect(worstCall(callsOf('protected', 'metadata-only', 'heard', 'heard'))?.number).toBe(3);
  expect(worstCall(callsOf('protected'))).toBeUndefined();
});

describe('the change that helps most', () => {
  test('counts calls that it silences whose own change asks for less, and does not name that again', () => {
    const byTls = 'Carry the signalling by TLS on every hop.';
    const bySrtpAndTls =
      'Require SRTP on both ends, with TLS for the signalling on every hop: keys in open signalling protect nothing.';
    const calls = [byTls, bySrtpAndTls, 'Another.'].map((fix, at) => aCall({ number: at + 1, verdict: 'heard', fix }));
    expect(changesOf(calls).changes).toEqual([
      { fix: bySrtpAndTls, calls: [1, 2] },
      { fix: 'Another.', calls: [3] },
    ]);
  });

  test('is the one that would have protected most of the calls that were heard, read or can be opened', () => {
    const changes = changesOf(officeReport(false).calls);
    expect(changes).toMatchObject({ of: 5, kind: 'exposed' });
    expect(changes.changes.map(({ calls }) => calls)).toEqual([[1, 3], [2], [4], [5]]);
    const [best] = changes.changes;
    expect(best && changeEffect(best, changes)).toBe('It would have silenced 2 of the 5 calls that lay open.');
  });

  test('is looked for among calls that are merely not protected where nothing worse was found', () => {
    const calls = [aCall({ number: 1, verdict: 'metadata-only', fix: 'SIP over TLS' }), aCall({ number: 2 })];
    const changes = changesOf(calls);
    expect(changes).toEqual({ changes: [{ fix: 'SIP over TLS', calls: [1] }], of: 1, kind: 'open' });
    expect(changesOf([aCall()]).changes).toEqual([]);
  });
});

test('findings of one kind stand together: worst first, then those of most calls', () => {
  const groups = findingGroups(officeReport(false));
  expect(groups.map(({ code, harm, calls }) => [code, harm, calls.length])).toEqual([
    ['clear-audio', 'critical', 2],
    ['card-number-in-digits', 'critical', 1],
    ['sdes-key-in-clear', 'critical', 1],
    ['skinny-key-in-clear', 'critical', 1],
    ['digits-in-signalling', 'high', 1],
    ['weak-tls', 'medium', 0],
  ]);
  expect(findingGroups(manyCalls(100))).toEqual([]);
});

test('what was heard with given keys alone is told apart from what anybody hears', () => {
  const key = { suite: 'AES_CM_128_HMAC_SHA1_80', source: 'given', packet: null, exposed: false } as const;
  const opened = aStream({ state: 'opened', clearPackets: 0, openedPackets: 10, key });
  const calls = [
    aCall({ verdict: 'heard', streams: [opened] }),
    aCall({ verdict: 'heard', streams: [opened, aStream()] }),
    aCall({ verdict: 'heard', streams: [{ ...opened, clearPackets: 1 }] }),
    aCall({ verdict: 'heard', streams: [{ ...opened, key: { ...key, source: 'sdes', exposed: true } }] }),
    aCall({ verdict: 'keys-exposed', streams: [opened] }),
  ];
  expect(heardByGivenKeysAlone(calls)).toBe(1);
});

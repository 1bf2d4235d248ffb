import { describe, expect, test } from 'vitest';
import { attack, clearRun, encryptedRun, skinnyRun, tapped } from './measurement.fixture.ts';
import type { Measurement } from './measurement.ts';
import { reportOf } from './report.ts';
import { judge } from './verdict.ts';

/** What no longer holds when one end's figures are changed. */
function broken(change: (run: Measurement) => Partial<Measurement>, run = encryptedRun): string[] {
  return judge({ ...run, ...change(run) })
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);
}
const leg = (fields: Partial<Measurement['legs']['called']>) => (run: Measurement) => ({
  legs: { ...run.legs, called: { ...run.legs.called, ...fields } },
});
const called = <Key extends 'withoutKeys' | 'withKeys' | 'heardByOther' | 'digitsReceived' | 'forged' | 'replayed'>(
  key: Key,
  value: NonNullable<Measurement[Key]>['called'],
) => ({ [key]: { ...encryptedRun[key], called: value } }) as Partial<Measurement>;

describe('an encrypted run', () => {
  test('passes when every figure holds', () => {
    expect(broken(() => ({}))).toEqual([]);
  });

  test.each<[string, (run: Measurement) => Partial<Measurement>, string[]]>([
    ['the manager says less than encrypted', () => ({ level: 'authenticated' }), ['level']],
    ['one phone shows less', leg({ levelShown: 'non-secure' }), ['level']],
    ['one phone shows nothing', leg({ levelShown: null }), ['level']],
    ['one leg is not mutual TLS', leg({ signalling: 'tls-server-only' }), ['legs-proven']],
    ['one leg proved itself by a password', leg({ proof: 'digest' }), ['legs-proven']],
    ['the manager took one for somebody else', leg({ provenIdentity: 'CN=SEP020000001001' }), ['legs-proven']],
    ['one phone received another key than was made', leg({ keyReceived: '33333333' }), ['keys']],
    [
      'both send with one key',
      (run) => ({
        legs: {
          caller: { ...run.legs.caller, keyReceived: '11111111' },
          called: { ...run.legs.called, keyMade: '11111111' },
        },
      }),
      ['keys'],
    ],
    ['one leg has no suite', leg({ suite: null }), ['keys']],
    ['the auditor says otherwise', (run) => ({ auditor: { ...run.auditor, verdict: 'cannot-tell' } }), ['audited']],
    ['packets are missing in the capture', () => ({ packetsDropped: 1 }), ['captured']],
    ['one end was not captured', () => called('withoutKeys', tapped({ interfaces: ['a'] })), ['captured']],
    ['less than five seconds were compared', () => called('withoutKeys', tapped({ seconds: 4.9 })), ['captured']],
    ['the tap hears a little', () => called('withoutKeys', tapped({ highest: 0.05 })), ['tap-without-keys']],
    ['the tap sees a digit', () => called('withoutKeys', tapped({ digits: '4' })), ['digits-seen-by-tap']],
    [
      'the tap found no packet at all',
      () => called('withoutKeys', tapped({ packets: 0, seconds: 0, interfaces: [] })),
      ['captured', 'tap-without-keys', 'digits-seen-by-tap'],
    ],
    ['the keys open too little', () => called('withKeys', tapped({ opened: 2, lowest: 0.95 })), ['tap-with-keys']],
    [
      'the keys open the capture of one end',
      () => called('withKeys', tapped({ opened: 1, lowest: 1 })),
      ['tap-with-keys'],
    ],
    ['the keyed tap is missing', () => ({ withKeys: undefined }), ['tap-with-keys']],
    ['the other phone played noise', () => called('heardByOther', 0.3), ['heard-by-other-end']],
    ['a digit was lost', () => called('digitsReceived', '2580*'), ['digits-received']],
    ['a forged packet was accepted', () => called('forged', attack(10, 10, { replayed: 9 })), ['forged']],
    ['no forged packet was sent', () => called('forged', attack(0, 0, { replayed: 0 })), ['forged']],
    ['a forged packet did not arrive', () => called('forged', attack(10, 9, { replayed: 9 })), ['forged']],
    ['a replayed packet was accepted', () => called('replayed', attack(10, 10, { replayed: 9 })), ['replayed']],
    [
      'the records do not verify',
      (run) => ({
        records: { ...run.records, verdict: { ok: false, index: 2, sequence: 2, rule: 'content', sentence: 'no' } },
      }),
      ['records'],
    ],
    ['there is no record of the call', (run) => ({ records: { ...run.records, level: null } }), ['records']],
  ])('fails when %s', (_, change, names) => {
    expect(broken(change)).toEqual(names);
  });
});

describe('a run of phones that speak Skinny', () => {
  type Scene = Measurement['scenes'][number];
  const scene = (name: Scene['name'], change: Partial<Scene>) => (run: Measurement) => ({
    scenes: run.scenes.map((one) => (one.name === name ? { ...one, ...change } : one)),
  });
  const held = { packets: 0, goesOn: true, keysAreNew: true };
  const tap = { packets: 160, highest: 0.03, lowest: 0.02, lowestWithKeys: 0.99 };

  test('passes when every figure holds', () => {
    expect(broken(() => ({}), skinnyRun)).toEqual([]);
    expect(judge(skinnyRun)).toHaveLength(judge(encryptedRun).length + 6);
  });

  test.each<[string, (run: Measurement) => Partial<Measurement>, string[]]>([
    ['the SIP phone shows less', scene('to-sip', { levelsShown: ['encrypted', 'non-secure'] }), ['sip-both-ways']],
    ['a key is not that of the other end', scene('from-sip', { keysAgree: false }), ['sip-both-ways']],
    ['a packet was sent on hold', scene('held-and-transferred', { hold: { ...held, packets: 1 } }), ['hold']],
    [
      'the keys are those of before the hold',
      scene('held-and-transferred', { hold: { ...held, keysAreNew: false } }),
      ['hold'],
    ],
    ['nobody is heard after the hold', scene('held-and-transferred', { hold: { ...held, goesOn: false } }), ['hold']],
    ['who has transferred knows the keys', scene('held-and-transferred', { keysAreNew: false }), ['transfer']],
    ['a tap hears the SIP phone', scene('to-sip', { tap: { ...tap, highest: 0.2 } }), ['tap-of-others']],
    ['the keys open too little', scene('from-sip', { tap: { ...tap, lowestWithKeys: 0.9 } }), ['tap-of-others']],
    ['the tap found no packet', scene('to-sip', { tap: { ...tap, packets: 0 } }), ['tap-of-others']],
    [
      'a lock is closed without protection',
      scene('open-lock', { levelsShown: ['encrypted', 'non-secure'] }),
      ['open-lock'],
    ],
    ['the tap hears nothing of the clear call', scene('open-lock', { tap }), ['open-lock-overheard']],
    ['a leg is keyed otherwise', leg({ keying: 'sdes' }), ['keys']],
  ])('fails when %s', (_, change, names) => {
    expect(broken(change, skinnyRun)).toEqual(names);
  });
});

describe('a clear run', () => {
  test('is as expected when the tap hears everything and the phones take everything', () => {
    expect(broken(() => ({}), clearRun)).toEqual([]);
  });

  test('is not when the tap hears nothing, or something was refused', () => {
    expect(broken(() => called('withoutKeys', tapped({ highest: 1, lowest: 0.4 })), clearRun)).toEqual([
      'tap-overhears',
      'digits-seen-by-tap',
    ]);
    expect(broken(() => called('forged', attack(10, 10, { replayed: 10 })), clearRun)).toEqual(['forged']);
    expect(broken(() => ({ level: 'encrypted' }), clearRun)).toEqual(['level']);
  });
});

describe('the report', () => {
  test('combines both directions by the worse', () => {
    const run = {
      ...encryptedRun,
      withoutKeys: { caller: tapped({ highest: 0.01 }), called: tapped({ highest: 0.04 }) },
      withKeys: { caller: tapped({ lowest: 0.97 }), called: tapped({ lowest: 0.99 }) },
      forged: { caller: attack(10, 10, { replayed: 8 }), called: attack(10, 10, { replayed: 9 }) },
    };
    expect(reportOf(run, judge(run))).toMatchObject({
      schema: 1,
      node: 'node-1',
      passed: false,
      level: 'encrypted',
      tapCorrelation: 0.04,
      keyedCorrelation: 0.97,
      digitsSent: '4711#25800*',
      digitsSeenByTap: '',
      digitsReceived: '4711#25800*',
      forgedSent: 20,
      forgedAccepted: 3,
      replayedAccepted: 0,
      packets: 2_200,
    });
  });

  test('shows the lowest level that anybody shows, and for a clear run the least that the tap heard', () => {
    const run = { ...encryptedRun, ...leg({ levelShown: 'non-secure' })(encryptedRun) };
    expect(reportOf(run, judge(run)).level).toBe('non-secure');
    expect(reportOf(clearRun, judge(clearRun))).toMatchObject({
      passed: true,
      level: 'authenticated',
      tapCorrelation: 0.998,
      keyedCorrelation: null,
      digitsSeenByTap: '4711#25800*',
      forgedAccepted: 20,
    });
  });
});

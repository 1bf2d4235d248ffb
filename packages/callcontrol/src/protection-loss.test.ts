import { describe, expect, test } from 'vitest';
import type { CallControlInput, LegId } from './inputs.ts';
import type { LegProtection } from './protection.ts';
import { mostProtectionChanges } from './protection-loss.ts';
import { audio, eventKindsOf, keyOf, ofKind, only, phone, ScriptedWorld } from './scripted.fixture.ts';

const byIpsec: LegProtection = { protocol: 'h323', signalling: 'ipsec', proof: 'ipsec', provenIdentity: 'gw1' };
const plan = (to: string, pattern: string) =>
  ({ pattern, target: { kind: 'trunk', devices: [to], discardAccessCode: false, prefix: '' } }) as const;

function world() {
  return new ScriptedWorld(
    [
      phone('SEPA', '1001'),
      phone('SEPB', '1002'),
      phone('gw1', '', { kind: 'gateway', lines: [], protection: byIpsec }),
      phone('gw2', '', { kind: 'gateway', lines: [], protection: { ...byIpsec, provenIdentity: 'gw2' } }),
    ],
    [plan('gw1', '9XXX'), plan('gw2', '8XXX')],
  );
}

/** A phone talks to the public network. */
function talking() {
  const lab = world();
  const { leg } = only(lab.call('9123', audio([keyOf(1)])), 'place');
  lab.handle({ kind: 'answered', leg, media: audio([keyOf(2)]) });
  return { lab, leg };
}

type State = Extract<CallControlInput, { kind: 'protection' }>['state'];
const words = {
  lost: 'IPsec to gw1 is gone',
  returned: 'IPsec to gw1 is back',
  'given-up': 'IPsec to gw1 did not come back',
};
const told = (leg: LegId, state: State) => ({ kind: 'protection', leg, state, words: words[state] }) as const;

describe('the protection of the signalling of a gateway', () => {
  test('goes: the phone is told, the level stays, and the running call says since when', () => {
    const { lab, leg } = talking();
    const outputs = lab.handle(told(leg, 'lost'));
    expect(only(outputs, 'show')).toEqual({
      kind: 'show',
      leg: 'a',
      level: 'encrypted',
      protection: { device: 'gw1', isThere: false, words: words.lost },
    });
    expect(only(outputs, 'event').event).toMatchObject({
      kind: 'call-keys-stopped',
      leg,
      device: 'gw1',
      cause: expect.stringMatching(/^IPsec to gw1 is gone: the media of the call go on with the keys that they have/),
    });
    const [call] = lab.control.calls();
    const since = expect.stringMatching(/^2026-/);
    expect(call).toMatchObject({
      level: 'encrypted',
      protection: [{ at: since, leg, state: 'lost', cause: words.lost }],
    });
    expect(call?.legs.map(({ unprotected }) => unprotected?.words)).toEqual([undefined, words.lost]);
    expect(lab.handle(told(leg, 'lost'))).toEqual([]);
  });

  test('goes and comes back: the phone is told of both, and the record has both', () => {
    const { lab, leg } = talking();
    lab.handle(told(leg, 'lost'));
    const back = lab.handle(told(leg, 'returned'));
    expect(only(back, 'show').protection).toEqual({ device: 'gw1', isThere: true, words: words.returned });
    expect(eventKindsOf(back)).toEqual(['call-keys-resumed']);
    const { record } = only(lab.handle({ kind: 'released', leg: 'a' }), 'record');
    expect(record).toMatchObject({ level: 'encrypted', cause: 'the call was hung up' });
    expect(record.protection?.map(({ state }) => state)).toEqual(['lost', 'returned']);
  });

  test('stays away: the phone hears why, the record says it in the same words, and that the manager ended the call', () => {
    const { lab, leg } = talking();
    lab.handle(told(leg, 'lost'));
    const over = lab.handle(told(leg, 'given-up'));
    expect(only(over, 'release')).toEqual({
      kind: 'release',
      leg: 'a',
      cause: 'protection-gone',
      warning: words['given-up'],
      isFound: true,
    });
    const { record } = only(over, 'record');
    expect(record).toMatchObject({
      outcome: 'answered',
      level: 'encrypted',
      reason: 'protection-gone',
      cause: words['given-up'],
      endedBy: 'manager',
    });
    expect(record.protection?.map(({ state, cause }) => [state, cause])).toEqual([
      ['lost', words.lost],
      ['given-up', words['given-up']],
    ]);
    expect(record.legs.map(({ signalling, level }) => [signalling, level])).toEqual([
      ['tls-mutual', 'encrypted'],
      ['ipsec', 'encrypted'],
    ]);
  });

  test('stays away before the answer: the caller is refused with the reason', () => {
    const lab = world();
    const { leg } = only(lab.call('9123', audio([keyOf(1)])), 'place');
    expect(ofKind(lab.handle(told(leg, 'lost')), 'show')).toEqual([]);
    const over = lab.handle(told(leg, 'given-up'));
    expect(only(over, 'refuse')).toMatchObject({ cause: 'protection-gone', warning: words['given-up'], isFound: true });
    expect(only(over, 'record').record).toMatchObject({ reason: 'protection-gone', endedBy: 'manager' });
  });

  test('is nothing that another gateway is told of: neither that it goes nor for what the call ends', () => {
    const lab = world();
    const { leg } = only(lab.call('9123', audio([keyOf(1)]), { device: 'gw2', protection: byIpsec }), 'place');
    lab.handle({ kind: 'answered', leg, media: audio([keyOf(2)]) });
    expect(ofKind(lab.handle(told(leg, 'lost')), 'show')).toEqual([]);
    const { warning, isFound } = only(lab.handle(told(leg, 'given-up')), 'release');
    expect([warning, isFound]).toEqual(['what protects the signalling to the far end did not come back', undefined]);
  });

  test('is told to whom the gateway is transferred to, and the record of that call has it', () => {
    const { lab, leg } = talking();
    lab.handle(told(leg, 'lost'));
    const { leg: other } = only(
      lab.handle({ kind: 'transfer', leg: 'a', to: { kind: 'number', number: '1002' } }),
      'place',
    );
    const outputs = lab.handle({ kind: 'answered', leg: other, media: audio([keyOf(3)]) });
    for (let at = 0, seed = 4; at < outputs.length; at += 1, seed += 1) {
      const output = outputs[at];
      if (output?.kind === 'offer')
        outputs.push(...lab.handle({ kind: 'answer', leg: output.leg, answer: audio([keyOf(seed)]) }));
      if (output?.kind === 'request-offer')
        outputs.push(...lab.handle({ kind: 'offer', leg: output.leg, offer: audio([keyOf(seed)]) }));
    }
    expect(ofKind(outputs, 'show').find((shown) => shown.leg === other)).toMatchObject({
      protection: { device: 'gw1', isThere: false, words: words.lost },
    });
    expect(lab.control.calls()).toMatchObject([{ protection: [{ leg, state: 'lost', cause: words.lost }] }]);
  });

  test('may come and go as often as it likes: the record stays of a size', () => {
    const { lab, leg } = talking();
    for (let turn = 0; turn < mostProtectionChanges; turn += 1) {
      lab.handle(told(leg, 'lost'));
      lab.handle(told(leg, 'returned'));
    }
    expect(lab.control.calls()[0]?.protection).toHaveLength(mostProtectionChanges);
  });

  test('stands in the record of a call that another process ends', () => {
    const { lab, leg } = talking();
    lab.handle(told(leg, 'lost'));
    lab.restart();
    const { record } = only(lab.handle({ kind: 'released', leg: 'a' }), 'record');
    expect(record.protection?.map(({ cause }) => cause)).toEqual([words.lost]);
  });
});

test('what an end says as it hangs up is told to the other, as its own words', () => {
  const { lab } = talking();
  const over = lab.handle({ kind: 'released', leg: 'a', said: 'lunch' });
  expect(only(over, 'release')).toMatchObject({ warning: 'the call was hung up: "lunch"' });
  expect(only(over, 'record').record).toMatchObject({ cause: 'the call was hung up: "lunch"', endedBy: 'caller' });
});

describe('what protects the signalling of a gateway is known of a call once its connection has proven it', () => {
  const awaiting: LegProtection = { ...byIpsec, awaitsProof: true };
  const begin = (keys = [keyOf(1)]) => {
    const lab = new ScriptedWorld(
      [phone('SEPA', '1001'), phone('gw1', '', { kind: 'gateway', lines: [], protection: awaiting })],
      [plan('gw1', '9XXX')],
    );
    const { leg } = only(lab.call('9123', audio(keys)), 'place');
    return { lab, leg };
  };
  const unknown = { protocol: 'h323', signalling: 'none', proof: 'none', level: 'non-secure' };

  test('before that neither the running call nor its record says anything of it', () => {
    const { lab, leg } = begin();
    expect(lab.control.calls()).toMatchObject([{ level: 'non-secure', legs: [{}, unknown] }]);
    const { record } = only(lab.handle({ kind: 'refused', leg, cause: 'timer-expired' }), 'record');
    expect(record.level).toBe('non-secure');
    expect(record.legs.find((one) => one.leg === leg)).toMatchObject(unknown);
    expect(JSON.stringify(record)).not.toContain('ipsec');
  });

  test('afterwards both do', () => {
    const { lab, leg } = begin();
    lab.handle({ kind: 'proven', leg, words: 'IPsec to gw1 is proven' });
    expect(lab.control.calls()).toMatchObject([{ level: 'authenticated' }]);
    lab.handle({ kind: 'answered', leg, media: audio([keyOf(2)]) });
    const { record } = only(lab.handle({ kind: 'released', leg: 'a' }), 'record');
    expect(record.level).toBe('encrypted');
    expect(record.legs[1]).toMatchObject({ signalling: 'ipsec', proof: 'ipsec', level: 'encrypted' });
    expect(record.legs[1]).not.toHaveProperty('awaitsProof');
  });

  test('a call that is answered before is not called protected, and is from then on', () => {
    const { lab, leg } = begin([]);
    lab.handle({ kind: 'answered', leg, media: audio([]) });
    expect(lab.control.calls()).toMatchObject([{ level: 'non-secure', legs: [{}, unknown] }]);
    const outputs = lab.handle({ kind: 'proven', leg, words: 'IPsec to gw1 is proven' });
    expect(ofKind(outputs, 'show').map(({ level }) => level)).toEqual(['authenticated', 'authenticated']);
  });
});

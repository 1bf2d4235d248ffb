import { describe, expect, test } from 'vitest';
import { audio, eventKindsOf, keyOf, ofKind, only, phone, ScriptedWorld } from './scripted.fixture.ts';

const relay = () => {
  let side = 0;
  return { allocate: () => ({ side: ++side, address: '198.51.100.1', port: 20_000 + 2 * side }) };
};

const three = [phone('SEP1', '1001'), phone('SEP2', '1002'), phone('SEP3', '1003')];

/** Two phones that talk with keys. */
function talking(world = new ScriptedWorld(three)) {
  const { leg: called } = only(world.call('1002', audio([keyOf(1)])), 'place');
  world.handle({ kind: 'answered', leg: called, media: audio([keyOf(2)]) });
  return { world, caller: 'a', called };
}

describe('a call with direct media, when the process has died', () => {
  test('goes on with the level that it had, and without any key', () => {
    const { world, caller, called } = talking();
    expect(JSON.stringify(world.kept())).not.toContain(
      Buffer.from(keyOf(1).keys[0].material.reveal()).toString('base64'),
    );
    const outputs = world.restart();
    expect(eventKindsOf(outputs)).toEqual(['call-recovered']);
    expect(world.control.calls()).toMatchObject([
      {
        state: 'connected',
        level: 'encrypted',
        recovered: { isMediaKnown: false },
        legs: [
          { leg: caller, keying: 'sdes', level: 'encrypted' },
          { leg: called, keying: 'sdes', level: 'encrypted' },
        ],
      },
    ]);
  });

  test.each(['caller', 'called'] as const)('is hung up by its %s as any other, and its record is true', (end) => {
    const { world, ...legs } = talking();
    world.now = 60_000;
    world.restart();
    world.now = 90_000;
    const outputs = world.handle({ kind: 'released', leg: legs[end] });
    expect(only(outputs, 'release').leg).toBe(legs[end === 'caller' ? 'called' : 'caller']);
    expect(only(outputs, 'record').record).toMatchObject({
      outcome: 'answered',
      reason: 'normal-clearing',
      startedAt: '2026-01-01T00:00:00.000Z',
      answeredAt: '2026-01-01T00:00:00.000Z',
      recoveredAt: '2026-01-01T00:01:00.000Z',
      endedAt: '2026-01-01T00:01:30.000Z',
      level: 'encrypted',
      legs: [
        { role: 'calling', keying: 'sdes', party: { line: '1001' } },
        { role: 'called', party: { line: '1002' } },
      ],
    });
    expect(world.control.calls()).toEqual([]);
  });

  test('is whole again with the first offer and answer: they go on, with keys, and the level is that of the media', () => {
    const { world, caller, called } = talking();
    world.restart();
    const offer = only(world.handle({ kind: 'offer', leg: caller, offer: audio([keyOf(3)]) }), 'offer');
    expect(offer).toMatchObject({ leg: called, offer: { streams: [{ keys: [{ tag: 1 }] }] } });
    const outputs = world.handle({ kind: 'answer', leg: called, answer: audio([keyOf(4)]) });
    expect(only(outputs, 'answer').leg).toBe(caller);
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', recovered: { isMediaKnown: true } }]);
  });

  test('is not made clear by an offer without keys under `require`', () => {
    const plan = [{ pattern: '1002', target: { kind: 'lines' }, policy: 'require' }] as const;
    const { world, caller } = talking(new ScriptedWorld(three, plan));
    world.restart();
    const outputs = world.handle({ kind: 'offer', leg: caller, offer: audio([]) });
    expect(only(outputs, 'refuse-offer')).toMatchObject({ leg: caller });
    expect(eventKindsOf(outputs)).toEqual(['downgrade-refused']);
  });

  test('an end that wants an offer gets that of the other, who is asked for one (RFC 3725 §4)', () => {
    const { world, caller, called } = talking();
    world.restart();
    expect(only(world.handle({ kind: 'offer-requested', leg: caller }), 'request-offer').leg).toBe(called);
    const offer = world.handle({ kind: 'offer', leg: called, offer: audio([keyOf(2)]) });
    expect(only(offer, 'offer').leg).toBe(caller);
    const outputs = world.handle({ kind: 'answer', leg: caller, answer: audio([keyOf(1)]) });
    expect(only(outputs, 'answer').leg).toBe(called);
    expect(world.control.calls()).toMatchObject([{ recovered: { isMediaKnown: true } }]);
  });

  test('goes on as it was where the other makes none', () => {
    const { world, caller, called } = talking();
    world.restart();
    world.handle({ kind: 'offer-requested', leg: caller });
    const outputs = world.handle({ kind: 'offer-refused', leg: called, cause: 'not-acceptable-here' });
    expect(only(outputs, 'refuse-offer')).toMatchObject({ leg: caller, cause: 'not-acceptable-here' });
    expect(world.control.calls()).toHaveLength(1);
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test('nobody is transferred, and no place taken, before its media are known: who has learned the keys is not', () => {
    const { world, caller, called } = talking();
    world.restart();
    const refused = world.handle({ kind: 'transfer', leg: caller, to: { kind: 'number', number: '1003' } });
    expect(only(refused, 'refuse-transfer').warning).toContain('hold it and resume it');
    world.handle({ kind: 'offer', leg: caller, offer: audio([keyOf(1)], { direction: 'sendonly' }) });
    world.handle({ kind: 'answer', leg: called, answer: audio([keyOf(2)], { direction: 'recvonly' }) });
    const taken = world.handle({ kind: 'transfer', leg: caller, to: { kind: 'number', number: '1003' } });
    expect(ofKind(taken, 'accept-transfer')).toHaveLength(1);
  });

  test('is kept again, for the process after this one', () => {
    const { world, called } = talking();
    world.restart();
    world.restart();
    world.handle({ kind: 'released', leg: called });
    expect(ofKind(world.outputs, 'record')).toHaveLength(1);
  });
});

describe('a call whose media went through the manager', () => {
  test('over the relay is ended at both ends, who hear why', () => {
    const { world, caller, called } = talking(new ScriptedWorld(three, [], { mediaPath: 'relayed' }, {}, relay()));
    const outputs = world.restart();
    const words = 'the call manager has started anew, and the media that went through it are gone';
    expect(ofKind(outputs, 'release')).toMatchObject([
      { leg: caller, cause: 'interrupted', warning: words },
      { leg: called, cause: 'interrupted', warning: words },
    ]);
    expect(only(outputs, 'record').record).toMatchObject({
      outcome: 'answered',
      reason: 'interrupted',
      level: 'encrypted',
      legs: [{ keying: 'sdes' }, { keying: 'sdes' }],
    });
    expect(world.control.calls()).toEqual([]);
  });

  test('in a conference is ended, and its record names that', () => {
    const phones = [phone('SEP1', '1001')];
    const world = new ScriptedWorld(
      phones,
      [{ pattern: '5000', target: { kind: 'conference', name: 'open' } }],
      {},
      {},
      relay(),
    );
    world.call('5000', audio([keyOf(1)]));
    const outputs = world.restart();
    expect(only(outputs, 'release')).toMatchObject({ leg: 'a', cause: 'interrupted' });
    expect(only(outputs, 'record').record).toMatchObject({ conference: { number: '5000', name: 'open' } });
  });
});

describe('what is kept', () => {
  test('is nothing of a call that nobody has answered', () => {
    const world = new ScriptedWorld([phone('SEP1', '1001'), phone('SEP2', '1002')]);
    world.call('1002', audio([keyOf(1)]));
    expect(world.kept()).toEqual([]);
  });

  test('of two calls that are being joined is both, as they would be if that came to nothing', () => {
    const { world, caller, called } = talking();
    world.call('1003', audio([keyOf(5)]), { leg: 'b' });
    const { leg: third } = only(world.outputs.slice(-4), 'place');
    world.handle({ kind: 'answered', leg: third, media: audio([keyOf(6)]) });
    world.handle({ kind: 'transfer', leg: caller, to: { kind: 'leg', leg: 'b' } });
    expect(ofKind(world.outputs, 'request-offer')).toHaveLength(1);
    expect(world.kept().map(({ legs }) => legs.map(({ leg }) => leg))).toEqual([
      [caller, called],
      ['b', third],
    ]);
    expect(world.kept().flatMap(({ legs }) => legs)).toMatchObject(
      Array(4).fill({ keying: 'sdes', level: 'encrypted' }),
    );
    expect(eventKindsOf(world.restart())).toEqual(['call-recovered', 'call-recovered']);
  });

  test('names who had sent the caller there', () => {
    const { world, caller, called } = talking();
    world.handle({ kind: 'transfer', leg: caller, to: { kind: 'number', number: '1003' } });
    const { leg: third, offer } = only(world.outputs.slice(-6), 'place');
    world.handle({ kind: 'answered', leg: third, media: audio([keyOf(7)]) });
    expect(offer).toBeUndefined();
    world.handle({ kind: 'answer', leg: called, answer: audio([keyOf(8)]) });
    world.restart();
    const { record } = only(world.handle({ kind: 'released', leg: third }), 'record');
    expect(record).toMatchObject({ transfer: { kind: 'blind', by: { device: 'SEP1', line: '1001' } } });
  });
});

test('a call by a gateway ends with the process, and its record says with whom it was and where protection ended', () => {
  const protection = { protocol: 'h323', signalling: 'ipsec', proof: 'ipsec', provenIdentity: 'gw1' } as const;
  const world = new ScriptedWorld(
    [phone('SEP1', '1001'), phone('gw1', '', { kind: 'gateway', lines: [], protection })],
    [{ pattern: '9XXX', target: { kind: 'trunk', devices: ['gw1'], discardAccessCode: false, prefix: '' } }],
  );
  const { leg } = only(world.call('9123', audio([keyOf(1)])), 'place');
  world.handle({ kind: 'answered', leg, media: audio([keyOf(2)]), port: '0/1:7' });
  const [kept] = world.kept();
  if (kept === undefined) throw new Error('an answered call is kept');
  const [there, lost] = (['calling', 'called'] as const).map((role) => kept.legs.filter((one) => one.role === role));
  world.restart([]);
  world.control.recover(world.now, { ...kept, legs: there ?? [] }, lost);
  const outputs = world.drain();
  expect(ofKind(outputs, 'release').map((output) => output.leg)).toEqual(['a']);
  expect(only(outputs, 'record').record).toMatchObject({
    reason: 'interrupted',
    level: 'encrypted',
    legs: [
      { role: 'calling', level: 'encrypted', party: { device: 'SEP1' } },
      {
        ...{ role: 'called', signalling: 'ipsec', proof: 'ipsec', keying: 'h235', level: 'encrypted' },
        demarcation: { kind: 'gateway', port: '0/1:7' },
        party: { device: 'gw1', number: '9123' },
      },
    ],
  });
});

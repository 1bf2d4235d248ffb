import { describe, expect, test } from 'vitest';
import type { CallControlOutput } from './outputs.ts';
import {
  audio,
  byCertificate,
  byDigest,
  eventKindsOf,
  keyOf,
  ofKind,
  only,
  phone,
  ScriptedWorld,
  suite80,
} from './scripted.fixture.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1003');

/** Alice's call to Bob, answered, with SRTP both ways. */
function talking(world = new ScriptedWorld([alice, bob])) {
  const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
  world.handle({ kind: 'ringing', leg: placed.leg });
  const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)]) });
  return { world, b: placed.leg, outputs };
}

describe('call waiting: the caller is told', () => {
  const ring = (world: ScriptedWorld, leg: string, says: { callWaiting?: true } = {}) =>
    only(world.handle({ kind: 'ringing', leg, ...says }), 'ring');

  test('when the phone has another call of the line that was answered', () => {
    const { world } = talking(new ScriptedWorld([alice, bob, carol]));
    const next = only(world.call('1002', audio([keyOf(3)]), { leg: 'c', device: 'SEPC', line: '1003' }), 'place');
    expect(ring(world, next.leg)).toMatchObject({ leg: 'c', callWaiting: true });
  });

  test('when the leg says it, and not when the phone only rings for somebody else', () => {
    const world = new ScriptedWorld([alice, bob, carol]);
    const first = only(world.call('1002', audio([keyOf(1)])), 'place');
    expect(ring(world, first.leg, { callWaiting: true })).toMatchObject({ leg: 'a', callWaiting: true });
    const next = only(world.call('1002', audio([keyOf(3)]), { leg: 'c', device: 'SEPC', line: '1003' }), 'place');
    expect(ring(world, next.leg)).not.toHaveProperty('callWaiting');
  });

  test('not while another phone of the line is free', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPX', '1002'), carol]);
    const [first] = ofKind(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'answered', leg: first?.leg ?? '', media: audio([keyOf(2)]) });
    const places = ofKind(world.call('1002', audio([keyOf(3)]), { leg: 'c', device: 'SEPC', line: '1003' }), 'place');
    expect(places.map(({ device }) => device)).toEqual(['SEPB', 'SEPX']);
    expect(ring(world, places[0]?.leg ?? '')).not.toHaveProperty('callWaiting');
  });
});

describe('a call', () => {
  test('rings, is answered with the key of each sender at the other, is hung up and leaves one record', () => {
    const world = new ScriptedWorld([alice, bob]);
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    expect(placed).toMatchObject({ device: 'SEPB', line: '1002', level: 'authenticated', offer: audio([keyOf(1)]) });
    expect(world.handle({ kind: 'ringing', leg: placed.leg })).toMatchObject([{ kind: 'ring', leg: 'a' }]);
    const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)]) });
    expect(only(outputs, 'accept')).toEqual({
      kind: 'accept',
      leg: 'a',
      answer: audio([keyOf(2)]),
      level: 'encrypted',
    });
    expect(only(outputs, 'show')).toEqual({ kind: 'show', leg: placed.leg, level: 'encrypted' });
    expect(ofKind(outputs, 'offer')).toEqual([]);

    world.now = 60_000;
    const ended = world.handle({ kind: 'released', leg: 'a' });
    expect(only(ended, 'release')).toMatchObject({ leg: placed.leg, cause: 'normal-clearing' });
    const { record } = only(ended, 'record');
    expect(record).toMatchObject({ outcome: 'answered', level: 'encrypted', policy: 'prefer' });
    expect(record.legs).toMatchObject([
      { role: 'calling', keying: 'sdes', suite: suite80, party: { line: '1001' } },
      { role: 'called', keying: 'sdes', suite: suite80, party: { line: '1002', device: 'SEPB' } },
    ]);
    expect(world.control.calls()).toEqual([]);
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test.each([
    ['a', 'caller'],
    ['b', 'called'],
  ])('is hung up by %s: the record says that it was the %s, and what that said of it', (which, endedBy) => {
    const { world, b } = talking();
    const ended = world.handle({ kind: 'released', leg: which === 'a' ? 'a' : b, said: 'lunch' });
    expect(only(ended, 'record').record).toMatchObject({ endedBy, cause: 'the call was hung up: "lunch"' });
  });

  test('that is refused was ended by the called, one that is given up by the caller, and what else by the manager', () => {
    const ended = (end: (world: ScriptedWorld, b: string) => CallControlOutput[]) => {
      const world = new ScriptedWorld([alice, bob]);
      const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
      return only(end(world, leg), 'record').record.endedBy;
    };
    expect([
      ended((world, leg) => world.handle({ kind: 'refused', leg, cause: 'call-rejected' })),
      ended((world) => world.handle({ kind: 'cancelled', leg: 'a' })),
      ended((world) => world.pass(200_000)),
      ended((world) => world.handle({ kind: 'device-lost', device: 'SEPA' })),
    ]).toEqual(['called', 'caller', 'manager', 'manager']);
  });

  test('is shown, without its keys', () => {
    const { world } = talking();
    const [call] = world.control.calls();
    expect(call).toMatchObject({
      state: 'connected',
      level: 'encrypted',
      legs: [
        { device: 'SEPA', signalling: 'tls-mutual', keying: 'sdes', suite: suite80, holds: false },
        { device: 'SEPB', level: 'encrypted' },
      ],
    });
    expect(JSON.stringify(call)).not.toContain('material');
  });

  test('unknown attributes and formats go through as they came', () => {
    const world = new ScriptedWorld([alice, bob]);
    const attributes = [{ name: 'x-odd', value: 'y' }, { name: 'x-flag' }];
    const formats = [{ payloadType: 97, encoding: 'X', clockRate: 1, channels: 2, parameters: 'p=1' }];
    const offer = audio([], { attributes, formats });
    expect(only(world.call('1002', offer), 'place').offer).toEqual(offer);
  });

  test('an early answer goes to the caller, and the answer may leave it out', () => {
    const world = new ScriptedWorld([alice, bob]);
    const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
    const early = world.handle({ kind: 'progress', leg, answer: audio([keyOf(2)]) });
    expect(only(early, 'progress').answer).toEqual(audio([keyOf(2)]));
    expect(only(world.handle({ kind: 'answered', leg }), 'accept').answer).toEqual(audio([keyOf(2)]));
  });

  test('an answer that differs from the early one comes as an offer, for the caller has its answer (RFC 3261 §13.2.1)', () => {
    const world = new ScriptedWorld([alice, bob]);
    const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'progress', leg, answer: audio([keyOf(2)]) });
    // What it hears before the answer of second thoughts is nothing.
    expect(ofKind(world.handle({ kind: 'progress', leg, answer: audio([keyOf(3)]) }), 'progress')).toEqual([]);
    const outputs = world.handle({ kind: 'answered', leg, media: audio([keyOf(3)]) });
    expect(only(outputs, 'accept').answer).toEqual(audio([keyOf(2)]));
    expect(only(outputs, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(3)]) });
  });

  test.each([
    ['1999', 'unallocated-number'],
    ['bob', 'invalid-number-format'],
    ['1003', 'subscriber-absent'],
    ['1001', 'user-busy'],
  ])('to %s is refused: %s, with event and record', (destination, cause) => {
    const world = new ScriptedWorld([alice, bob, phone('SEPC', '1003', { protection: undefined })]);
    const outputs = world.call(destination, audio([]));
    expect(only(outputs, 'refuse')).toMatchObject({ leg: 'a', cause });
    expect(eventKindsOf(outputs)).toContain('call-refused');
    expect(only(outputs, 'record').record.reason).toBe(cause);
    expect(world.control.calls()).toEqual([]);
  });

  test.each(['trunk', 'gateway'] as const)('to a %s that is not connected says so, and nothing of a phone', (kind) => {
    const target = { kind: 'trunk', devices: ['outside'], discardAccessCode: false, prefix: '' } as const;
    const plan = [{ pattern: '0.!', target }] as const;
    const warning = `the ${kind} of this route is not connected`;
    const away = phone('outside', '', { kind, lines: [], protection: undefined });
    const outputs = new ScriptedWorld([alice, away], plan).call('0301', audio([]));
    expect(only(outputs, 'refuse')).toMatchObject({ cause: 'subscriber-absent', warning });
    // Where it goes just before the call is placed on it, the same; where it stays, it speaks of a phone behind it.
    for (const change of [{}, { protection: undefined }]) {
      const trunk = phone('outside', '', { kind, lines: [] });
      const world = new ScriptedWorld([alice, trunk], plan);
      const { leg } = only(world.call('0301', audio([])), 'place');
      Object.assign(trunk, change);
      const refusal = only(world.handle({ kind: 'refused', leg, cause: 'subscriber-absent' }), 'refuse');
      expect(refusal.warning === warning).toBe('protection' in change);
    }
  });

  test('from a line of another device, or from no device, is refused', () => {
    const world = new ScriptedWorld([alice, bob]);
    const other = world.call('1002', audio([]), { line: '1002' });
    expect(only(other, 'refuse').cause).toBe('call-rejected');
    expect(eventKindsOf(other)).toContain('request-refused');
    expect(only(world.call('1002', audio([]), { device: 'SEPX' }), 'refuse').cause).toBe('call-rejected');
  });

  test('to a line with as many calls as it holds is busy', () => {
    const trunk = phone('trunk', '', { kind: 'trunk', lines: [] });
    const full = new ScriptedWorld([trunk, bob]);
    for (const leg of ['a', 'a2']) only(full.call('1002', audio([]), { leg, line: '555' }), 'place');
    const third = full.call('1002', audio([]), { leg: 'a3', line: '555' });
    expect(only(third, 'refuse').cause).toBe('user-busy');
    expect(only(third, 'record').record.outcome).toBe('busy');
  });

  test('from a line with as many calls as it may hold is refused', () => {
    const world = new ScriptedWorld([alice, bob], [], { callsPerLine: 1 });
    only(world.call('1002', audio([])), 'place');
    expect(only(world.call('1002', audio([]), { leg: 'a2' }), 'refuse').cause).toBe('user-busy');
  });

  test('shows the number that the directory knows, whatever the phone says of itself', () => {
    const world = new ScriptedWorld([alice, bob]);
    const placed = only(world.call('1002', audio([]), { caller: { number: '1099', anonymous: true } }), 'place');
    expect(placed.caller).toEqual({ number: '1001', anonymous: true });
  });

  test('to the outside takes the trunk with the number rewritten', () => {
    const trunk = phone('outside', '', { kind: 'trunk', lines: [] });
    const world = new ScriptedWorld(
      [alice, trunk],
      [{ pattern: '0.!', target: { kind: 'trunk', devices: ['outside'], discardAccessCode: true, prefix: '+49' } }],
    );
    expect(only(world.call('05551', audio([])), 'place')).toMatchObject({ device: 'outside', line: '+495551' });
  });

  test('that nobody answers ends after the time-out', () => {
    const world = new ScriptedWorld([alice, bob]);
    const { leg } = only(world.call('1002', audio([])), 'place');
    expect(world.control.nextDeadline()).toBe(180_000);
    const outputs = world.pass(180_000);
    expect(only(outputs, 'cancel').leg).toBe(leg);
    expect(only(outputs, 'refuse').cause).toBe('no-answer');
    expect(only(outputs, 'record').record.outcome).toBe('no-answer');
  });

  test('that is cancelled stops ringing; an answer that crosses is hung up', () => {
    const world = new ScriptedWorld([alice, bob]);
    const { leg } = only(world.call('1002', audio([])), 'place');
    const outputs = world.handle({ kind: 'cancelled', leg: 'a' });
    expect(only(outputs, 'cancel').leg).toBe(leg);
    expect(only(outputs, 'record').record.outcome).toBe('cancelled');
    expect(only(world.handle({ kind: 'answered', leg, media: audio([]) }), 'release').leg).toBe(leg);
  });

  test('rings every device of a line; the first answer wins, and one refusal ends nothing', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPB2', '1002'), phone('SEPB3', '1002')]);
    const [b1, b2, b3] = ofKind(world.call('1002', audio([])), 'place').map(({ leg }) => leg);
    expect(world.handle({ kind: 'refused', leg: b1 ?? '', cause: 'user-busy' })).toEqual([]);
    const outputs = world.handle({ kind: 'answered', leg: b2 ?? '', media: audio([]) });
    expect(only(outputs, 'cancel')).toEqual({ kind: 'cancel', leg: b3, cause: 'answered-elsewhere' });
    only(outputs, 'accept');
  });

  test('that all phones refuse is refused with the most telling cause', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPB2', '1002')]);
    const [b1, b2] = ofKind(world.call('1002', audio([])), 'place').map(({ leg }) => leg);
    world.handle({ kind: 'refused', leg: b1 ?? '', cause: 'user-busy' });
    const outputs = world.handle({ kind: 'refused', leg: b2 ?? '', cause: 'destination-out-of-order' });
    expect(only(outputs, 'refuse').cause).toBe('user-busy');
  });

  test('whose device is lost is ended at the other end', () => {
    const { world } = talking();
    const outputs = world.handle({ kind: 'device-lost', device: 'SEPB' });
    expect(only(outputs, 'release')).toMatchObject({ leg: 'a', cause: 'destination-out-of-order' });
    expect(world.control.calls()).toEqual([]);
  });

  test('a leg opened twice is a fault of the program around', () => {
    const { world } = talking();
    expect(() => world.call('1002', audio([]))).toThrow(expect.objectContaining({ code: 'callcontrol.leg-exists' }));
  });
});

describe('offers within a call', () => {
  test('hold and resume cross, with the keys kept', () => {
    const { world, b } = talking();
    const hold = audio([keyOf(1)], { direction: 'sendonly' });
    expect(only(world.handle({ kind: 'offer', leg: 'a', offer: hold }), 'offer')).toMatchObject({
      leg: b,
      offer: hold,
    });
    const held = audio([keyOf(2)], { direction: 'recvonly' });
    const outputs = world.handle({ kind: 'answer', leg: b, answer: held });
    expect(only(outputs, 'answer')).toEqual({ kind: 'answer', leg: 'a', answer: held, level: 'encrypted' });
    expect(ofKind(outputs, 'offer')).toEqual([]);
    expect(world.control.calls()[0]?.legs).toMatchObject([{ holds: true }, { holds: false }]);
  });

  test('a new key in the answer goes to the other end with it', () => {
    const { world, b } = talking();
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(11)]) });
    const outputs = world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(12)]) });
    expect(only(outputs, 'answer').answer).toEqual(audio([keyOf(12)]));
    expect(outputs.map(({ kind }) => kind)).toEqual(['answer']);
  });

  test('two at once are glare (RFC 3261 §14.2), and before the answer there is always one', () => {
    const { world, b } = talking();
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)]) });
    const outputs = world.handle({ kind: 'offer', leg: b, offer: audio([keyOf(2)]) });
    expect(only(outputs, 'refuse-offer')).toMatchObject({ leg: b, cause: 'glare' });
    const early = new ScriptedWorld([alice, bob]);
    early.call('1002', audio([keyOf(1)]));
    const update = early.handle({ kind: 'offer', leg: 'a', offer: audio([]) });
    expect(only(update, 'refuse-offer').cause).toBe('glare');
  });

  test('refused by the other end is refused to the one that offered, and the call goes on', () => {
    const { world, b } = talking();
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)]) });
    const outputs = world.handle({ kind: 'offer-refused', leg: b, cause: 'not-acceptable-here' });
    expect(only(outputs, 'refuse-offer')).toMatchObject({ leg: 'a', cause: 'not-acceptable-here' });
    expect(world.control.calls()[0]?.level).toBe('encrypted');
  });

  test('asked for, gives what the other end said last; a changed answer reaches the other end', () => {
    const { world, b } = talking();
    const offer = only(world.handle({ kind: 'offer-requested', leg: 'a' }), 'offer');
    expect(offer).toMatchObject({ leg: 'a', offer: audio([keyOf(2)]) });
    const outputs = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)], { port: 5000 }) });
    expect(only(outputs, 'offer')).toMatchObject({ leg: b, offer: audio([keyOf(1)], { port: 5000 }) });
    expect(world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(2)]) })).toEqual([]);
  });

  test('never answered ends the call', () => {
    const { world } = talking();
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)]) });
    const outputs = world.pass(40_000);
    expect(ofKind(outputs, 'release').map(({ cause }) => cause)).toEqual(['timer-expired', 'timer-expired']);
  });
});

describe('the level', () => {
  test.each([
    ['encrypted', 'encrypted', true, 'encrypted'],
    ['encrypted', 'encrypted', false, 'authenticated'],
    ['encrypted', 'authenticated', false, 'authenticated'],
    ['authenticated', 'authenticated', false, 'authenticated'],
    ['encrypted', 'non-secure', false, 'non-secure'],
    ['non-secure', 'non-secure', false, 'non-secure'],
  ] as const)('of %s with %s, SRTP %s, is %s', (first, second, keys, level) => {
    const mode = (securityMode: typeof first | typeof second) => ({
      securityMode,
      protection: securityMode === 'non-secure' ? byDigest : byCertificate,
    });
    const world = new ScriptedWorld([phone('SEPA', '1001', mode(first)), phone('SEPB', '1002', mode(second))]);
    const { leg } = only(world.call('1002', audio(keys ? [keyOf(1)] : [])), 'place');
    const outputs = world.handle({ kind: 'answered', leg, media: audio(keys ? [keyOf(2)] : []) });
    expect(only(outputs, 'accept').level).toBe(level);
    expect(world.control.calls()[0]?.level).toBe(level);
  });

  test('falls and is shown at both ends when, under prefer, an end goes clear, and rises again', () => {
    const { world, b } = talking();
    world.handle({ kind: 'offer', leg: b, offer: audio([]) });
    const down = world.handle({ kind: 'answer', leg: 'a', answer: audio([]) });
    expect(only(down, 'answer').level).toBe('authenticated');
    expect(only(down, 'show')).toEqual({ kind: 'show', leg: 'a', level: 'authenticated' });
    expect(only(down, 'event').event).toMatchObject({ kind: 'level-changed', from: 'encrypted', to: 'authenticated' });
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(21)]) });
    expect(only(world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(22)]) }), 'answer').level).toBe(
      'encrypted',
    );
    const { record } = only(world.handle({ kind: 'released', leg: b }), 'record');
    expect(record.level).toBe('authenticated');
    expect(record.levels.map(({ level }) => level)).toEqual([
      'authenticated',
      'encrypted',
      'authenticated',
      'encrypted',
    ]);
  });
});

describe('draining', () => {
  test('refuses new calls, lets running ones end, and then says so', () => {
    const { world, b } = talking();
    expect(eventKindsOf(world.handle({ kind: 'drain', timeout: 30_000 }))).toEqual(['drain-started']);
    const outputs = world.call('1002', audio([]), { leg: 'a2' });
    expect(only(outputs, 'refuse').cause).toBe('service-unavailable');
    expect(ofKind(outputs, 'drained')).toEqual([]);
    only(world.handle({ kind: 'released', leg: b }), 'drained');
    expect(ofKind(world.call('1002', audio([]), { leg: 'a3' }), 'drained')).toEqual([]);
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test('ends what still runs after the time-out', () => {
    const { world } = talking();
    world.handle({ kind: 'drain', timeout: 30_000 });
    const outputs = world.pass(30_000);
    expect(ofKind(outputs, 'release').map(({ cause }) => cause)).toEqual(['interrupted', 'interrupted']);
    only(outputs, 'drained');
  });

  test('with no call is over at once', () => {
    only(new ScriptedWorld([alice]).handle({ kind: 'drain', timeout: 1 }), 'drained');
  });
});

/** Transfers between three phones: who is told what, which keys go where, and that whatever fails leaves the call as it was. */
import { describe, expect, test } from 'vitest';
import type { DialPlanEntry } from './dialplan.ts';
import type { CallControlOutput } from './outputs.ts';
import {
  audio,
  byDigest,
  descriptionOf,
  eventKindsOf,
  keyOf,
  ofKind,
  only,
  type Phone,
  phone,
  ScriptedWorld,
  suite32,
} from './scripted.fixture.ts';
import { type LiveTransferState, transferTable } from './transfer-state.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1003');
const clear = { securityMode: 'non-secure', protection: byDigest } as const;

interface Cast {
  readonly phones?: readonly Phone[];
  readonly plan?: readonly DialPlanEntry[];
}

/** Alice (leg `a`) talks to Bob; she sends with key 1, he with key 2 where both may have keys. */
function talking({ phones = [alice, bob, carol], plan = [] }: Cast = {}) {
  const world = new ScriptedWorld(phones, plan);
  const isSecure = phones.slice(0, 2).every(({ securityMode }) => securityMode === 'encrypted');
  const { leg: b } = only(world.call('1002', audio(isSecure ? [keyOf(1)] : [])), 'place');
  world.handle({ kind: 'answered', leg: b, media: audio(isSecure ? [keyOf(2)] : []) });
  return { world, b };
}

/** Bob asks that Alice talks to a number. */
function referred(cast: Cast = {}, number = '1003', by: 'a' | 'b' = 'b') {
  const { world, b } = talking(cast);
  const outputs = world.handle({ kind: 'transfer', leg: by === 'a' ? 'a' : b, to: { kind: 'number', number } });
  return { world, b, outputs };
}

/** Bob has called Carol from another leg, `b2`, and she has answered unless she rings. */
function consulted(cast: Cast & { readonly rings?: true } = {}) {
  const { world, b } = talking(cast);
  const { securityMode } = cast.phones?.[2] ?? carol;
  const isSecure = securityMode === 'encrypted';
  const outputs = world.call('1003', audio(isSecure ? [keyOf(3)] : []), {
    leg: 'b2',
    device: 'SEPB',
    line: '1002',
    caller: { number: '1002', anonymous: false },
  });
  const { leg: c } = only(outputs, 'place');
  world.handle({ kind: 'ringing', leg: c });
  if (cast.rings !== true) world.handle({ kind: 'answered', leg: c, media: audio(isSecure ? [keyOf(4)] : []) });
  return { world, b, c };
}

/** The seeds of the keys that a leg was told, of 1 to 20. */
function keysToldTo(world: ScriptedWorld, leg: string): readonly number[] {
  const seeds = Array.from({ length: 20 }, (_, at) => at + 1);
  return world.outputs.flatMap((output) => {
    const told = descriptionOf(output);
    if (told?.leg !== leg) return [];
    const lines = told.description.streams.flatMap(({ keys }) => keys);
    return seeds.filter((seed) => lines.some((line) => line.keys[0]?.material.reveal()[3] === seed + 1));
  });
}

const kinds = (outputs: readonly CallControlOutput[]) =>
  outputs.map(({ kind }) => kind).filter((kind) => kind !== 'event');

describe('RFC 3515: a blind transfer', () => {
  test('calls the number without an offer, for the transferee, and says by whom', () => {
    const { outputs, b } = referred();
    expect(kinds(outputs)).toEqual(['accept-transfer', 'place']);
    expect(only(outputs, 'accept-transfer').leg).toBe(b);
    const placed = only(outputs, 'place');
    expect(placed).toMatchObject({
      device: 'SEPC',
      line: '1003',
      caller: { number: '1001' },
      referredBy: { number: '1002' },
    });
    expect(placed.offer).toBeUndefined();
  });

  test('joins the two with keys that nobody else knows, ends the old call, and leaves two records', () => {
    const { world, b, outputs } = referred();
    const { leg: c } = only(outputs, 'place');
    expect(kinds(world.handle({ kind: 'ringing', leg: c }))).toEqual(['transfer-rings']);
    const asked = world.handle({ kind: 'answered', leg: c, media: audio([keyOf(3)]) });
    expect(only(asked, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(3)]) });
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(5)]) });
    expect(only(joined, 'answer')).toMatchObject({ leg: c, answer: audio([keyOf(5)]), level: 'encrypted' });
    expect(only(joined, 'transferred').leg).toBe(b);
    expect(only(joined, 'release')).toMatchObject({ leg: b, cause: 'transferred' });
    expect(eventKindsOf(joined)).toContain('call-transferred');
    const { record: before } = only(joined, 'record');
    expect(before).toMatchObject({ outcome: 'answered', reason: 'transferred', level: 'encrypted' });
    expect(before.legs.map(({ party }) => party.line)).toEqual(['1001', '1002']);

    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    expect([keysToldTo(world, b), keysToldTo(world, c)]).toEqual([[1], [5]]);
    const { record } = only(world.handle({ kind: 'released', leg: c }), 'record');
    expect(record).toMatchObject({
      outcome: 'answered',
      transfer: { kind: 'blind', calls: [before.call], by: { device: 'SEPB', line: '1002' } },
      legs: [
        { role: 'calling', party: { line: '1001' } },
        { role: 'called', party: { line: '1003' } },
      ],
    });
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test('by the caller, of the called, who is shown as the caller then', () => {
    const { world, b, outputs } = referred({}, '1003', 'a');
    const placed = only(outputs, 'place');
    expect(placed).toMatchObject({ caller: { number: '1002' }, referredBy: { number: '1001' } });
    world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(3)]) });
    const joined = world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(5)]) });
    expect(only(joined, 'release').leg).toBe('a');
    const { record } = only(world.handle({ kind: 'released', leg: b }), 'record');
    expect(record.legs).toMatchObject([
      { role: 'calling', party: { line: '1002' } },
      { role: 'called', party: { line: '1003' } },
    ]);
  });

  test.each([
    ['is busy', { kind: 'refused', cause: 'user-busy' }, 'user-busy'],
    ['is not there', { kind: 'refused', cause: 'no-user-responding' }, 'no-user-responding'],
  ] as const)('to one who %s is told so, and the call goes on as it was', (_, input, cause) => {
    const { world, b, outputs } = referred();
    const { leg: c } = only(outputs, 'place');
    const failed = world.handle({ ...input, leg: c });
    expect(only(failed, 'transfer-failed')).toMatchObject({ leg: b, cause });
    expect(ofKind(failed, 'release')).toEqual([]);
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] }]);
    const resumed = world.handle({ kind: 'offer', leg: b, offer: audio([keyOf(2)]) });
    expect(only(resumed, 'offer').leg).toBe('a');
  });

  test('to a number that nobody has is accepted, and has failed', () => {
    const { outputs } = referred({}, '1999');
    expect(kinds(outputs)).toEqual(['accept-transfer', 'record', 'transfer-failed']);
    expect(only(outputs, 'transfer-failed').cause).toBe('unallocated-number');
  });

  test('whose answer the transferee refuses is hung up, and the call goes on as it was', () => {
    const { world, b, outputs } = referred();
    const { leg: c } = only(outputs, 'place');
    world.handle({ kind: 'answered', leg: c, media: audio([keyOf(3)]) });
    const failed = world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' });
    expect(only(failed, 'release').leg).toBe(c);
    expect(only(failed, 'transfer-failed')).toMatchObject({ leg: b, cause: 'not-acceptable-here' });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] }]);
    world.handle({ kind: 'offer', leg: b, offer: audio([keyOf(2)]) });
    expect(only(world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) }), 'answer').leg).toBe(b);
  });

  test('whose new partner hangs up while the transferee answers him has it offered its old partner’s media anew', () => {
    const { world, b, outputs } = referred({ phones: [alice, bob, phone('SEPC', '1003', clear)] });
    const { leg: c } = only(outputs, 'place');
    world.handle({ kind: 'answered', leg: c, media: audio([]) });
    expect(only(world.handle({ kind: 'released', leg: c }), 'transfer-failed').leg).toBe(b);
    const late = world.handle({ kind: 'answer', leg: 'a', answer: audio([]) });
    expect(only(late, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(2)]) });
    expect(world.control.calls()).toMatchObject([{ level: 'authenticated' }]);
    world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] }]);
  });

  test('goes on when the transferor hangs up at once', () => {
    const { world, b, outputs } = referred();
    const { leg: c } = only(outputs, 'place');
    expect(kinds(world.handle({ kind: 'released', leg: b }))).toEqual([]);
    world.handle({ kind: 'answered', leg: c, media: audio([keyOf(3)]) });
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(5)]) });
    expect(kinds(joined)).toEqual(['answer', 'show', 'record']);
    expect(world.control.calls()).toMatchObject([{ legs: [{ line: '1001' }, { line: '1003' }] }]);
  });

  test('of a transferor who has hung up ends the transferee’s call when it comes to nothing', () => {
    const { world, b, outputs } = referred();
    world.handle({ kind: 'released', leg: b });
    const failed = world.handle({ kind: 'refused', leg: only(outputs, 'place').leg, cause: 'user-busy' });
    expect(only(failed, 'release')).toMatchObject({ leg: 'a', cause: 'user-busy' });
    expect(world.control.calls()).toEqual([]);
  });

  test('stops ringing when the transferee hangs up, and the transferor hears both', () => {
    const { world, b, outputs } = referred();
    const ended = world.handle({ kind: 'released', leg: 'a' });
    expect(only(ended, 'cancel').leg).toBe(only(outputs, 'place').leg);
    expect(kinds(ended).filter((kind) => kind === 'transfer-failed' || kind === 'release')).toEqual([
      'transfer-failed',
      'release',
    ]);
    expect(only(ended, 'release').leg).toBe(b);
    expect(world.control.calls()).toEqual([]);
  });

  test('waits for an offer that is under way', () => {
    const { world, b, outputs } = referred();
    const { leg: c } = only(outputs, 'place');
    world.handle({ kind: 'offer', leg: b, offer: audio([keyOf(2)], { direction: 'sendonly' }) });
    expect(kinds(world.handle({ kind: 'answered', leg: c, media: audio([keyOf(3)]) }))).toEqual([]);
    const held = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)], { direction: 'recvonly' }) });
    expect(kinds(held)).toEqual(['answer', 'offer']);
    expect(only(held, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(3)]) });
  });

  test('asks a transferee that keeps the key which the transferor knows for another, and says so if it will not', () => {
    const { world, outputs } = referred();
    const { leg: c } = only(outputs, 'place');
    world.handle({ kind: 'answered', leg: c, media: audio([keyOf(3)]) });
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) });
    expect(only(joined, 'offer').leg).toBe('a');
    expect(eventKindsOf(world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) }))).toContain(
      'key-not-renewed',
    );
  });

  test('knows a key again that the transferee cuts from the old one for another suite, as baresip does', () => {
    const { world, outputs } = referred();
    const { leg: c } = only(outputs, 'place');
    world.handle({ kind: 'answered', leg: c, media: audio([keyOf(3, suite32)]) });
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1, suite32)]) });
    expect(only(joined, 'offer').leg).toBe('a');
  });

  test('rings where the number is sent on to', () => {
    const { world, b } = talking();
    world.forwarding.set('1003', { always: '1001' });
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'number', number: '1003' } });
    expect(only(outputs, 'transfer-failed').cause).toBe('user-busy'); // Alice, who is the one to be transferred
  });
});

describe('the rights of a transfer', () => {
  const board: DialPlanEntry = { pattern: '1003', target: { kind: 'lines' }, partition: 'board' };
  const spaces = (line: string) => [{ name: 'x', partitions: ['board'], lines: [line], devices: [] }];

  test.each([
    ['1002', true],
    ['1001', false],
  ])('are the transferor’s: with the right of %s', (line, mayRing) => {
    const world = new ScriptedWorld([alice, bob, carol], [board], {}, { callingSearchSpaces: spaces(line) });
    const { leg: b } = only(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'answered', leg: b, media: audio([keyOf(2)]) });
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'number', number: '1003' } });
    expect(ofKind(outputs, 'place')).toHaveLength(mayRing ? 1 : 0);
    if (!mayRing) expect(only(outputs, 'transfer-failed').cause).toBe('outgoing-calls-barred');
  });

  test.each([
    ['the leg of another device', (legs: { c: string }) => legs.c, 'facility-not-subscribed'],
    ['a leg of the same call', () => 'a', 'unknown-call'],
    ['a leg that is gone', () => 'nobody', 'unknown-call'],
  ])('do not reach to %s', (_, of, cause) => {
    const { world, b, c } = consulted();
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: of({ c }) } });
    expect(only(outputs, 'refuse-transfer')).toMatchObject({ leg: b, cause });
    expect(eventKindsOf(outputs)).toEqual(['transfer-refused']);
  });

  test('one transfer of a call at a time', () => {
    const { world, b } = referred();
    const second = world.handle({ kind: 'transfer', leg: 'a', to: { kind: 'number', number: '1003' } });
    expect(only(second, 'refuse-transfer').cause).toBe('glare');
    expect(
      only(world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'a' } }), 'refuse-transfer').cause,
    ).toBe('glare');
  });

  test('no new call while the manager drains', () => {
    const { world, b } = talking();
    world.handle({ kind: 'drain', timeout: 60_000 });
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'number', number: '1003' } });
    expect(only(outputs, 'refuse-transfer').cause).toBe('service-unavailable');
  });
});

describe('RFC 3891: an attended transfer', () => {
  test('has one end offer anew and the other answer, each with a new key, and ends both old calls', () => {
    const { world, b, c } = consulted();
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    expect(kinds(outputs)).toEqual(['accept-transfer', 'request-offer']);
    expect(only(outputs, 'request-offer').leg).toBe('a');
    const carried = world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(5)]) });
    expect(only(carried, 'offer')).toMatchObject({ leg: c, offer: audio([keyOf(5)]) });
    const joined = world.handle({ kind: 'answer', leg: c, answer: audio([keyOf(6)]) });
    expect(only(joined, 'answer')).toMatchObject({ leg: 'a', answer: audio([keyOf(6)]), level: 'encrypted' });
    expect(ofKind(joined, 'release').map(({ leg }) => leg)).toEqual([b, 'b2']);
    expect(only(joined, 'transferred').leg).toBe(b);
    const records = ofKind(joined, 'record').map(({ record }) => record);
    expect(records).toMatchObject([{ reason: 'transferred' }, { reason: 'transferred' }]);
    expect([keysToldTo(world, b), keysToldTo(world, 'b2')]).toEqual([[1], [4]]);
    const { record } = only(world.handle({ kind: 'released', leg: 'a' }), 'record');
    expect(record.transfer).toEqual({
      kind: 'attended',
      calls: records.map(({ call }) => call),
      by: { device: 'SEPB', line: '1002' },
    });
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test('that one end refuses leaves both calls as they were, and what was offered for it is answered', () => {
    const { world, b, c } = consulted();
    world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(5)]) });
    const failed = world.handle({ kind: 'offer-refused', leg: c, cause: 'not-acceptable-here' });
    expect(only(failed, 'transfer-failed')).toMatchObject({ leg: b, cause: 'not-acceptable-here' });
    expect(only(failed, 'offer')).toMatchObject({ leg: b, offer: audio([keyOf(5)]) });
    expect(only(world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(2)]) }), 'answer').leg).toBe('a');
    expect(world.control.calls()).toMatchObject([
      { level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] },
      { level: 'encrypted', legs: [{ line: '1002' }, { line: '1003' }] },
    ]);
  });

  test('in which one end hangs up ends its call, and the other goes on', () => {
    const { world, b, c } = consulted();
    world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    const gone = world.handle({ kind: 'released', leg: c });
    expect(only(gone, 'transfer-failed').leg).toBe(b);
    expect(only(gone, 'release').leg).toBe('b2');
    expect(world.control.calls()).toMatchObject([{ legs: [{ line: '1001' }, { line: '1002' }] }]);
  });

  test('goes on when the transferor hangs up both calls at once', () => {
    const { world, b, c } = consulted();
    world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    expect(
      kinds([...world.handle({ kind: 'released', leg: b }), ...world.handle({ kind: 'released', leg: 'b2' })]),
    ).toEqual([]);
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(5)]) });
    world.handle({ kind: 'answer', leg: c, answer: audio([keyOf(6)]) });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
  });

  test('that waits for an answer of the transferor goes on when his device is lost', () => {
    const { world, b, c } = consulted();
    world.handle({ kind: 'offer', leg: c, offer: audio([keyOf(5)]) });
    const asked = world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    expect(kinds(asked)).toEqual(['accept-transfer']);
    const lost = world.handle({ kind: 'device-lost', device: 'SEPB' });
    expect(kinds(lost)).toEqual(['refuse-offer', 'request-offer']);
  });

  test('to one who rings still takes the ringing over: early attended', () => {
    const { world, b, c } = consulted({ rings: true });
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    expect(only(outputs, 'refuse')).toMatchObject({ leg: 'b2', cause: 'transferred' });
    const answered = world.handle({ kind: 'answered', leg: c, media: audio([keyOf(4)]) });
    expect(only(answered, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(4)]) });
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(5)]) });
    expect(only(joined, 'release').leg).toBe(b);
    expect(only(joined, 'offer')).toMatchObject({ leg: c, offer: audio([keyOf(5)]) });
    world.handle({ kind: 'answer', leg: c, answer: audio([keyOf(4)]) });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    expect(keysToldTo(world, 'b2')).toEqual([]);
  });
});

describe('the level after a transfer', () => {
  const plain = phone('SEPC', '1003', clear);

  test('from an encrypted to a clear leg is lower, both are told, and an event says so', () => {
    const { world, outputs } = referred({ phones: [alice, bob, plain] });
    const { leg: c, level } = only(outputs, 'place');
    expect(level).toBe('non-secure');
    const asked = world.handle({ kind: 'answered', leg: c, media: audio([]) });
    expect(only(asked, 'offer')).toMatchObject({ leg: 'a', level: 'non-secure', offer: audio([]) });
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([]) });
    expect(only(joined, 'answer')).toMatchObject({ leg: c, level: 'non-secure' });
    const changed = ofKind(joined, 'event').find(({ event }) => event.kind === 'level-changed');
    expect(changed?.event).toMatchObject({ from: 'encrypted', to: 'non-secure', reason: 'transferred' });
  });

  test('from a clear to a secure phone offers it what the transferee has', () => {
    const { world, outputs } = referred({ phones: [phone('SEPA', '1001', clear), bob, carol] });
    const placed = only(outputs, 'place');
    expect(placed.offer).toEqual(audio([]));
    const asked = world.handle({ kind: 'answered', leg: placed.leg, media: audio([]) });
    expect(only(asked, 'offer').leg).toBe('a');
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([]) });
    expect(ofKind(joined, 'transferred')).toHaveLength(1);
    expect(world.control.calls()).toMatchObject([{ level: 'non-secure', legs: [{ line: '1001' }, { line: '1003' }] }]);
  });

  test.each(['1002', '1003'])('under require of %s is refused before the audio moves: nobody rings', (pattern) => {
    const plan: DialPlanEntry[] = [{ pattern, target: { kind: 'lines' }, policy: 'require' }];
    const { world, b, outputs } = referred({ phones: [alice, bob, plain], plan });
    expect(ofKind(outputs, 'place')).toEqual([]);
    expect(only(outputs, 'transfer-failed')).toMatchObject({ leg: b, cause: 'security-required' });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] }]);
  });

  test('under require of one call an attended transfer to a clear call is refused, and neither is touched', () => {
    const plan: DialPlanEntry[] = [{ pattern: '1002', target: { kind: 'lines' }, policy: 'require' }];
    const { world, b } = consulted({ phones: [alice, bob, plain], plan });
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    expect(kinds(outputs)).toEqual(['accept-transfer', 'transfer-failed']);
    expect(only(outputs, 'transfer-failed').cause).toBe('security-required');
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted' }, { level: 'non-secure' }]);
  });

  test('an attended transfer to a clear call has the clear end offer', () => {
    const { world, b, c } = consulted({ phones: [alice, bob, plain] });
    const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'leg', leg: 'b2' } });
    expect(only(outputs, 'request-offer').leg).toBe(c);
    expect(only(world.handle({ kind: 'offer', leg: c, offer: audio([]) }), 'offer')).toMatchObject({ leg: 'a' });
    const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([]) });
    expect(only(joined, 'answer')).toMatchObject({ leg: c, level: 'non-secure' });
    expect(world.control.calls()).toMatchObject([{ level: 'non-secure' }]);
  });
});

describe('the table of transfers', () => {
  const states: readonly LiveTransferState[] = ['waiting', 'answered', 'joining'];
  test.each(states)('%s: every event leads somewhere, and what decides it is not taken back', (state) => {
    for (const { to, act } of Object.values(transferTable[state])) {
      expect(act === 'conclude').toBe(to === 'done');
      expect(act === 'fail').toBe(to === 'failed');
    }
  });
});

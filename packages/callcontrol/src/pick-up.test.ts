/** Calls that a third phone takes: while they ring, or in the place of one who talks. */
import { describe, expect, test } from 'vitest';
import type { DialPlanEntry } from './dialplan.ts';
import type { CallControlInput } from './inputs.ts';
import type { MediaDescription } from './media.ts';
import { crossAnswers } from './negotiation.ts';
import {
  audio,
  byDigest,
  eventKindsOf,
  keyOf,
  ofKind,
  only,
  type Phone,
  phone,
  ScriptedWorld,
  suite32,
  suite80,
} from './scripted.fixture.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1003');
const clear = { securityMode: 'non-secure', protection: byDigest } as const;
const plan: readonly DialPlanEntry[] = [
  { pattern: '*8', target: { kind: 'pick-up' } },
  { pattern: '*8.XXXX', target: { kind: 'pick-up' } },
];
const pickUpGroups = [{ name: 'sales', lines: ['1002', '1003'] }];

/** Alice calls Bob, who rings; Carol is in his group. */
function ringing(phones: readonly Phone[] = [alice, bob, carol], entries = plan) {
  const world = new ScriptedWorld(phones, entries, {}, { pickUpGroups });
  const isSecure = phones[0]?.securityMode === 'encrypted';
  const { leg: b } = only(world.call('1002', audio(isSecure ? [keyOf(1)] : [])), 'place');
  world.handle({ kind: 'ringing', leg: b });
  return { world, b };
}

function taken(
  world: ScriptedWorld,
  offer: MediaDescription | undefined,
  changes: Partial<Extract<CallControlInput, { kind: 'incoming' }>> = {},
) {
  const { protection = byDigest } = world.phones.find(({ name }) => name === (changes.device ?? 'SEPC')) ?? {};
  const who = { leg: 'c', device: 'SEPC', line: '1003', caller: { number: '1003', anonymous: false }, protection };
  return world.call('*8', offer, { ...who, ...changes });
}

describe('a call that rings', () => {
  test('of a caller who leaves the offer to the called: the taker offers, and is accepted with the answer', () => {
    const world = new ScriptedWorld([alice, bob, carol], plan, {}, { pickUpGroups });
    const { leg: b } = only(world.call('1002', undefined), 'place');
    world.handle({ kind: 'ringing', leg: b });
    const outputs = taken(world, audio([keyOf(3)]));
    expect(only(outputs, 'accept-with-offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(3)]) });
    expect(only(outputs, 'cancel')).toMatchObject({ leg: b, cause: 'answered-elsewhere' });
    const agreed = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) });
    expect(ofKind(agreed, 'accept')).toMatchObject([{ leg: 'c', answer: audio([keyOf(1)]), level: 'encrypted' }]);
    expect(ofKind(agreed, 'answer')).toEqual([]);
    expect(world.control.calls()[0]?.level).toBe('encrypted');
  });

  test('of such a caller, with a key of somebody else: the taker is refused, and it goes on ringing', () => {
    const world = new ScriptedWorld([alice, bob, carol], plan, {}, { pickUpGroups });
    only(world.call('1002', undefined), 'place');
    world.handle({
      kind: 'incoming',
      leg: 'x',
      device: 'SEPB',
      line: '1002',
      destination: '1001',
      protection: bob.protection ?? byDigest,
      caller: { number: '1002', anonymous: false },
      offer: audio([keyOf(3)]),
    });
    const outputs = taken(world, audio([keyOf(3)]));
    expect(only(outputs, 'refuse')).toMatchObject({ leg: 'c', cause: 'key-reused' });
    expect(ofKind(outputs, 'cancel')).toEqual([]);
  });

  test('is taken by a number: both are answered with each other’s key at once, and the ringing stops', () => {
    const { world, b } = ringing();
    const outputs = taken(world, audio([keyOf(3)]));
    expect(ofKind(outputs, 'accept')).toMatchObject([
      { leg: 'a', answer: audio([keyOf(3)]), level: 'encrypted' },
      { leg: 'c', answer: audio([keyOf(1)]), level: 'encrypted' },
    ]);
    expect(only(outputs, 'cancel')).toMatchObject({ leg: b, cause: 'answered-elsewhere' });
    expect(eventKindsOf(outputs)).toContain('call-picked-up');
    // Bob's phone knows the key that Alice offered: she is asked for another.
    expect(only(outputs, 'offer')).toMatchObject({ leg: 'a' });
    const renewed = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(5)]) });
    expect(only(renewed, 'offer')).toMatchObject({ leg: 'c', offer: audio([keyOf(5)]) });
    world.handle({ kind: 'answer', leg: 'c', answer: audio([keyOf(3)]) });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    const { record } = only(world.handle({ kind: 'released', leg: 'c' }), 'record');
    expect(record).toMatchObject({ outcome: 'answered', transfer: { kind: 'picked-up', by: { line: '1003' } } });
    expect(record.legs.map(({ party }) => party.line)).toEqual(['1001', '1003']);
    expect(world.control.calls()).toEqual([]);
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test.each([
    ['*81002', true],
    ['*81001', false],
  ])('is taken by %s of the line where it rings', (destination, isTaken) => {
    const { world } = ringing();
    const outputs = taken(world, audio([keyOf(3)]), { destination });
    expect(ofKind(outputs, 'accept')).toHaveLength(isTaken ? 2 : 0);
    if (!isTaken) expect(only(outputs, 'refuse')).toMatchObject({ leg: 'c', cause: 'unallocated-number' });
  });

  test('is taken by its leg (RFC 3891), and by nobody without the right', () => {
    const { world, b } = ringing([alice, bob, carol, phone('SEPD', '1004')]);
    const takes = { leg: b, earlyOnly: true };
    const dave = { leg: 'd', device: 'SEPD', line: '1004', caller: { number: '1004', anonymous: false }, takes };
    const refusal = only(taken(world, audio([keyOf(7)]), dave), 'refuse');
    expect(refusal).toMatchObject({ leg: 'd', cause: 'facility-not-subscribed' });
    expect(refusal.warning).toContain('no pick-up group');
    expect(ofKind(taken(world, audio([keyOf(3)]), { takes }), 'accept')).toHaveLength(2);
  });

  test('is not taken at its calling leg (RFC 3891 §3), nor where there is none', () => {
    const { world } = ringing();
    const mine = { leg: 'a', earlyOnly: false };
    const again = { device: 'SEPA', line: '1001', caller: { number: '1001', anonymous: false }, takes: mine };
    expect(only(taken(world, audio([keyOf(3)]), again), 'refuse').cause).toBe('unknown-call');
    const gone = { takes: { leg: 'nobody', earlyOnly: false } };
    expect(only(taken(world, audio([keyOf(3)]), gone), 'refuse').cause).toBe('unknown-call');
  });

  test.each([
    ['offers nothing', undefined, 'not-acceptable-here'],
    [
      'offers no codec of the caller',
      audio([keyOf(3)], { formats: [{ payloadType: 9, encoding: 'G722', clockRate: 8000, channels: 1 }] }),
      'not-acceptable-here',
    ],
    ['offers no key', audio([]), 'not-acceptable-here'],
    ['offers the caller’s key', audio([keyOf(1)]), 'key-reused'],
  ])('goes on ringing when who would take it %s', (_, offer, cause) => {
    const { world, b } = ringing();
    expect(only(taken(world, offer), 'refuse')).toMatchObject({ leg: 'c', cause });
    expect(world.control.calls()).toMatchObject([{ state: 'ringing', legs: [{ leg: 'a' }, { leg: b }] }]);
    expect(ofKind(world.handle({ kind: 'answered', leg: b, media: audio([keyOf(2)]) }), 'accept')).toHaveLength(1);
  });

  test('that requires encryption is not taken by a phone without it', () => {
    const entries: DialPlanEntry[] = [...plan, { pattern: '1002', target: { kind: 'lines' }, policy: 'require' }];
    const { world } = ringing([alice, bob, phone('SEPC', '1003', clear)], entries);
    expect(only(taken(world, audio([])), 'refuse').cause).toBe('security-required');
  });

  test('between clear phones is taken in the clear, and shown so', () => {
    const { world } = ringing([phone('SEPA', '1001', clear), bob, carol]);
    const outputs = taken(world, audio([]));
    expect(ofKind(outputs, 'accept')).toMatchObject([{ level: 'non-secure' }, { level: 'non-secure' }]);
  });
});

describe('RFC 3891 §3: the place of one who talks', () => {
  function talking() {
    const { world, b } = ringing();
    world.handle({ kind: 'answered', leg: b, media: audio([keyOf(2)]) });
    return { world, b };
  }

  test('is taken: the partner is offered the new phone’s media, and the old one is hung up', () => {
    const { world, b } = talking();
    const asked = taken(world, audio([keyOf(3)]), { takes: { leg: b, earlyOnly: false } });
    expect(only(asked, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(3)]) });
    const outputs = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(5)]) });
    expect(only(outputs, 'accept')).toMatchObject({ leg: 'c', answer: audio([keyOf(5)]), level: 'encrypted' });
    expect(only(outputs, 'release').leg).toBe(b);
    expect(only(outputs, 'record').record).toMatchObject({ reason: 'transferred' });
    const { record } = only(world.handle({ kind: 'released', leg: 'a' }), 'record');
    expect(record).toMatchObject({ outcome: 'answered', transfer: { kind: 'replaced', by: { line: '1003' } } });
  });

  test('is not taken where the partner refuses: the call goes on as it was', () => {
    const { world, b } = talking();
    taken(world, audio([keyOf(3)]), { takes: { leg: b, earlyOnly: false } });
    const outputs = world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' });
    expect(only(outputs, 'refuse')).toMatchObject({ leg: 'c', cause: 'not-acceptable-here' });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] }]);
  });

  test('is not taken with early-only: 486', () => {
    const { world, b } = talking();
    const outputs = taken(world, audio([keyOf(3)]), { takes: { leg: b, earlyOnly: true } });
    expect(only(outputs, 'refuse').cause).toBe('user-busy');
  });

  test('is given up by who would have taken it, and the call goes on', () => {
    const { world, b } = talking();
    taken(world, audio([keyOf(3)]), { takes: { leg: b, earlyOnly: false } });
    world.handle({ kind: 'cancelled', leg: 'c' });
    expect(world.control.calls()).toMatchObject([{ legs: [{ line: '1001' }, { line: '1002' }] }]);
  });
});

describe('two offers that answer each other', () => {
  const pcma = { payloadType: 8, encoding: 'PCMA', clockRate: 8000, channels: 1 };
  const opus = (payloadType: number) => ({ payloadType, encoding: 'opus', clockRate: 48_000, channels: 2 });
  const digits = { payloadType: 101, encoding: 'telephone-event', clockRate: 8000, channels: 1 };

  test('each keeps its own numbers for what both take, and its key under the other’s tag', () => {
    const one = audio([keyOf(1, suite80, 1), keyOf(2, suite32, 2)], { formats: [opus(96), pcma, digits] });
    const other = audio([keyOf(3, suite32, 1), keyOf(4, suite80, 7)], { formats: [digits, opus(111)] });
    expect(crossAnswers(one, other, [suite80, suite32])).toEqual({
      byCaller: audio([keyOf(1, suite80, 7)], { formats: [opus(96), digits] }),
      byTaker: audio([keyOf(4, suite80, 1)], { formats: [digits, opus(111)] }),
    });
  });

  test('digits alone are nothing in common', () => {
    expect(
      crossAnswers(audio([], { formats: [pcma, digits] }), audio([], { formats: [opus(96), digits] }), []),
    ).toBeUndefined();
  });
});

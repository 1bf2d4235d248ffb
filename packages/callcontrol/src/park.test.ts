/** A call waits at a number: it is transferred there, and taken there. */
import { describe, expect, test } from 'vitest';
import type { DialPlanEntry } from './dialplan.ts';
import type { MediaDescription } from './media.ts';
import {
  audio,
  byDigest,
  descriptionOf,
  eventKindsOf,
  keyOf,
  ofKind,
  only,
  phone,
  ScriptedWorld,
} from './scripted.fixture.ts';

const plan: readonly DialPlanEntry[] = [{ pattern: '70X', target: { kind: 'park' } }];
const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1003');

/** Alice talks to Bob, who parks her. */
function parked(entries = plan) {
  const world = new ScriptedWorld([alice, bob, carol], entries);
  const { leg: b } = only(world.call('1002', audio([keyOf(1)])), 'place');
  world.handle({ kind: 'answered', leg: b, media: audio([keyOf(2)]) });
  const outputs = world.handle({ kind: 'transfer', leg: b, to: { kind: 'number', number: '701' } });
  return { world, b, outputs };
}

function dial(world: ScriptedWorld, number: string, offer: MediaDescription | undefined) {
  const { protection = byDigest } = carol;
  const caller = { number: '1003', anonymous: false };
  return world.call(number, offer, { leg: 'c', device: 'SEPC', line: '1003', caller, protection });
}

const waits = (world: ScriptedWorld) =>
  world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(5)], { direction: 'inactive' }) });

describe('a parked call', () => {
  test('waits with media that go nowhere and a key of nobody; who parked it is hung up', () => {
    const { world, b, outputs } = parked();
    const told = descriptionOf(only(outputs, 'offer'))?.description.streams[0];
    expect(told).toMatchObject({ transport: 'RTP/SAVP', direction: 'inactive', port: 9, address: '0.0.0.0' });
    expect(told?.keys).toHaveLength(1);
    expect([1, 2].map((seed) => told?.keys[0]?.keys[0]?.material.reveal()[3] === seed + 1)).toEqual([false, false]);
    expect(only(outputs, 'transferred').leg).toBe(b);
    expect(only(outputs, 'release').leg).toBe(b);
    expect(eventKindsOf(outputs)).toContain('call-parked');
    expect(world.control.calls()).toMatchObject([{ state: 'connected', legs: [{ line: '1001' }] }]);
  });

  test('is taken by whoever dials the number, with new keys, and the record says who parked it', () => {
    const { world } = parked();
    waits(world);
    const asked = dial(world, '701', audio([keyOf(6)]));
    expect(only(asked, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(6)]) });
    const talk = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(7)]) });
    expect(only(talk, 'accept')).toMatchObject({ leg: 'c', answer: audio([keyOf(7)]), level: 'encrypted' });
    const { record } = only(talk, 'record');
    expect(record).toMatchObject({ reason: 'transferred', transfer: { kind: 'blind', by: { line: '1002' } } });
    expect(only(world.handle({ kind: 'released', leg: 'a' }), 'record').record.transfer?.kind).toBe('replaced');
    expect(only(dial(world, '701', audio([keyOf(8)])), 'refuse').cause).toBe('unallocated-number');
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test('comes back to who parked it when nobody takes it in time', () => {
    const { world } = parked();
    waits(world);
    const { leg, device, caller } = only(world.pass(60_000), 'place');
    expect({ device, number: caller.number }).toEqual({ device: 'SEPB', number: '1001' });
    world.handle({ kind: 'answered', leg, media: audio([keyOf(6)]) });
    world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(7)]) });
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] }]);
  });

  test.each([
    ['a phone without the security that its route requires', 'security-required'],
    ['a phone with no codec of its own', 'incompatible-destination'],
  ])('waits on for the next where %s fails to fetch it', (_, cause) => {
    const { world } = parked([{ pattern: '70X', target: { kind: 'park' }, policy: 'require' }]);
    waits(world);
    const isClear = cause === 'security-required';
    const asked = dial(world, '701', isClear ? audio([]) : audio([keyOf(6)]));
    if (!isClear) world.handle({ kind: 'offer-refused', leg: 'a', cause: 'incompatible-destination' });
    expect(ofKind(isClear ? asked : world.outputs, 'refuse')).toMatchObject([{ leg: 'c' }]);
    expect(ofKind(world.outputs, 'release').map(({ leg }) => leg)).not.toContain('a');
    expect(world.control.calls()).toMatchObject([{ state: 'connected', legs: [{ line: '1001' }] }]);
    expect(only(dial(world, '701', audio([keyOf(7)])), 'offer').leg).toBe('a');
    const talk = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(8)]) });
    expect(only(talk, 'accept')).toMatchObject({ leg: 'c', level: 'encrypted' });
  });

  test('comes back to who parked it also where it was being fetched in vain when its time was up', () => {
    const { world } = parked();
    waits(world);
    world.pass(59_999);
    dial(world, '701', audio([keyOf(6)]));
    expect(ofKind(world.pass(1), 'place')).toEqual([]);
    world.handle({ kind: 'offer-refused', leg: 'a', cause: 'incompatible-destination' });
    expect(only(world.pass(60_000), 'place').device).toBe('SEPB');
  });

  test('ends when who parked it is not there to take it back, and when it is hung up', () => {
    const { world } = parked();
    waits(world);
    const { leg } = only(world.pass(60_000), 'place');
    expect(only(world.handle({ kind: 'refused', leg, cause: 'user-busy' }), 'release').leg).toBe('a');
    const other = parked().world;
    other.handle({ kind: 'released', leg: 'a' });
    for (const { control } of [world, other]) {
      expect(control.calls()).toEqual([]);
      expect(control.nextDeadline()).toBeUndefined();
    }
  });

  test('is not put where another waits: that transfer fails, and its call goes on', () => {
    const { world } = parked();
    waits(world);
    const outputs = dial(world, '1002', audio([keyOf(8)]));
    const { leg } = only(outputs, 'place');
    world.handle({ kind: 'answered', leg, media: audio([keyOf(9)]) });
    const refused = world.handle({ kind: 'transfer', leg, to: { kind: 'number', number: '701' } });
    expect(only(refused, 'transfer-failed')).toMatchObject({
      cause: 'user-busy',
      warning: 'Another call is parked there',
    });
    expect(world.control.calls()).toHaveLength(2);
  });

  test.each([
    ['a line without the right to its number', '701', 'outgoing-calls-barred'],
    ['nobody, where none is parked', '702', 'outgoing-calls-barred'],
  ])('is taken by no %s', (_, number, cause) => {
    const { world } = parked([{ pattern: '70X', target: { kind: 'park' }, partition: 'park' }]);
    expect(only(dial(world, number, audio([keyOf(6)])), 'refuse').cause).toBe(cause);
    expect(ofKind(world.outputs, 'transfer-failed')).toMatchObject([{ cause }]);
  });
});

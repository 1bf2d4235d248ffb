/** Call back: the one who waits is rung first, then the number; what each is told, and that nothing is left when it fails. */
import { describe, expect, test } from 'vitest';
import { callBackTimeout } from './call-back.ts';
import { isActive } from './media.ts';
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
} from './scripted.fixture.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const clear = { securityMode: 'non-secure', protection: byDigest } as const;
const wish = { kind: 'call-back', device: 'SEPA', line: '1001', destination: '1002' } as const;

/** Alice is rung. */
function rung(phones: readonly Phone[] = [alice, bob], ...more: [] | [ConstructorParameters<typeof ScriptedWorld>[1]]) {
  const world = new ScriptedWorld(phones, ...more);
  const outputs = world.handle(wish);
  return { world, outputs, a: only(outputs, 'place').leg };
}

/** Alice has answered, and Bob is rung. */
function waiting(phones: readonly Phone[] = [alice, bob]) {
  const { world, a } = rung(phones);
  const isSecure = phones[0]?.securityMode === 'encrypted';
  const outputs = world.handle({ kind: 'answered', leg: a, media: audio(isSecure ? [keyOf(1)] : []) });
  return { world, a, outputs, b: only(outputs, 'place').leg };
}

describe('a call back', () => {
  test('rings the one who waits, without an offer, and says whom it is about', () => {
    const { outputs, world } = rung();
    const placed = only(outputs, 'place');
    expect(placed).toMatchObject({
      device: 'SEPA',
      line: '1001',
      caller: { number: '1002', displayName: 'Call back: 1002' },
    });
    expect(placed).not.toHaveProperty('offer');
    expect(world.control.lineCalls('1001')).toMatchObject([{ role: 'called', state: 'trying' }]);
  });

  test('is taken by nobody else while it rings: he is rung for what he wants himself', () => {
    const colleague = phone('SEPC', '1003');
    const plan = [{ pattern: '*8', target: { kind: 'pick-up' } }] as const;
    const pickUpGroups = [{ name: 'both', lines: ['1001', '1003'] }];
    const world = new ScriptedWorld([alice, bob, colleague], plan, {}, { pickUpGroups });
    const { leg } = only(world.handle(wish), 'place');
    const taker = { device: 'SEPC', line: '1003' };
    for (const offer of [undefined, audio([keyOf(1)]), audio([])]) {
      const byNumber = world.call('*8', offer, taker);
      expect(only(byNumber, 'refuse').warning).toBe('No call rings there that this line may take');
      const byReplaces = world.call('1001', offer, { ...taker, takes: { leg, earlyOnly: false } });
      expect(only(byReplaces, 'refuse').cause).toBe('not-acceptable-here');
    }
    expect(world.control.calls()).toHaveLength(1);
  });

  test('answers him at once with media that wait, and a key of nobody; his keys go to nobody yet', () => {
    const { outputs, a } = waiting();
    const { leg, answer } = only(outputs, 'answer');
    expect(leg).toBe(a);
    expect(answer.streams).toMatchObject([{ direction: 'inactive', address: '0.0.0.0', transport: 'RTP/SAVP' }]);
    expect(answer.streams[0]?.keys).toHaveLength(1);
    expect(only(outputs, 'place')).toMatchObject({ device: 'SEPB', line: '1002', caller: { number: '1001' } });
    expect(only(outputs, 'place')).not.toHaveProperty('offer');
    expect(only(outputs, 'place')).not.toHaveProperty('referredBy');
  });

  test('joins the two once the number has answered, with keys that each has made for the other', () => {
    const { world, a, b } = waiting();
    world.handle({ kind: 'ringing', leg: b });
    const answered = world.handle({ kind: 'answered', leg: b, media: audio([keyOf(2)]) });
    expect(only(answered, 'offer')).toMatchObject({ leg: a, offer: audio([keyOf(2)]) });
    const agreed = world.handle({ kind: 'answer', leg: a, answer: audio([keyOf(3)]) });
    expect(only(agreed, 'answer')).toMatchObject({ leg: b, answer: audio([keyOf(3)]) });
    const [call, ...others] = world.control.calls();
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      state: 'connected',
      level: 'encrypted',
      legs: [{ device: 'SEPA' }, { device: 'SEPB' }],
    });
    expect(eventKindsOf(agreed)).toContain('call-answered');
    const ended = world.handle({ kind: 'released', leg: b });
    expect(only(ended, 'release').leg).toBe(a);
    expect(world.control.calls()).toEqual([]);
    expect(world.control.nextDeadline()).toBeUndefined();
  });

  test('between phones without SRTP comes to a clear call', () => {
    const { world, a, b, outputs } = waiting([phone('SEPA', '1001', clear), bob]);
    expect(only(outputs, 'answer').answer.streams).toMatchObject([{ direction: 'inactive', keys: [] }]);
    const answered = world.handle({ kind: 'answered', leg: b, media: audio([]) });
    expect(only(answered, 'offer')).toMatchObject({ leg: a });
    world.handle({ kind: 'answer', leg: a, answer: audio([]) });
    expect(world.control.calls()).toMatchObject([{ state: 'connected', level: 'non-secure' }]);
  });

  test('under `require` has no clear way: the one who waits is told', () => {
    const { world, a } = rung(
      [phone('SEPA', '1001', clear), bob],
      [{ pattern: '1002', target: { kind: 'lines' }, policy: 'require' }],
    );
    const outputs = world.handle({ kind: 'answered', leg: a, media: audio([]) });
    expect(ofKind(outputs, 'place')).toEqual([]);
    expect(only(outputs, 'release')).toMatchObject({ leg: a, cause: 'security-required' });
    expect(world.control.calls()).toEqual([]);
  });

  test('needs the right to dial the number still', () => {
    const { world, a } = rung([alice, bob], [{ pattern: '1002', target: { kind: 'lines' }, partition: 'board' }]);
    const outputs = world.handle({ kind: 'answered', leg: a, media: audio([keyOf(1)]) });
    expect(only(outputs, 'release')).toMatchObject({ leg: a, cause: 'outgoing-calls-barred' });
    expect(world.control.calls()).toEqual([]);
  });

  test('that nobody answers ends by itself, at either end', () => {
    const first = rung();
    expect(only(first.world.pass(callBackTimeout), 'cancel').leg).toBe(first.a);
    expect(first.world.control.calls()).toEqual([]);
    const second = waiting();
    const outputs = second.world.handle({ kind: 'refused', leg: second.b, cause: 'user-busy' });
    expect(only(outputs, 'release')).toMatchObject({ leg: second.a, cause: 'user-busy' });
    expect(second.world.control.calls()).toEqual([]);
    expect(second.world.control.nextDeadline()).toBeUndefined();
  });

  test('whose waiting end hangs up leaves the number alone', () => {
    const { world, a, b } = waiting();
    const outputs = world.handle({ kind: 'released', leg: a });
    expect(only(outputs, 'cancel').leg).toBe(b);
    expect(world.control.calls()).toEqual([]);
  });

  test('of a device that is not there, or while no new calls are taken, is nothing', () => {
    const world = new ScriptedWorld([phone('SEPA', '1001', { protection: undefined }), bob]);
    expect(world.handle(wish)).toEqual([]);
    const draining = new ScriptedWorld([alice, bob]);
    draining.handle({ kind: 'drain', timeout: 1_000 });
    expect(ofKind(draining.handle(wish), 'place')).toEqual([]);
  });

  test('to a called that answers without a key a secure phone’s keys are never told to, nor is it clear under `require`', () => {
    const { world, a, b } = waiting();
    const answered = world.handle({ kind: 'answered', leg: b, media: audio([]) });
    const offered = ofKind(answered, 'offer');
    for (const { offer } of offered) expect(offer.streams.filter(isActive).flatMap(({ keys }) => keys)).toEqual([]);
    expect(offered.every(({ leg }) => leg === a)).toBe(true);
  });
});

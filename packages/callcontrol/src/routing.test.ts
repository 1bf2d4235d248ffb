import { describe, expect, test } from 'vitest';
import type { DialPlanEntry } from './dialplan.ts';
import type { HuntGroup, HuntOrder } from './directory.ts';
import type { CallControlOutput } from './outputs.ts';
import { audio, byDigest, eventKindsOf, keyOf, ofKind, only, phone, ScriptedWorld } from './scripted.fixture.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1003');
const dave = phone('SEPD', '1004');
const outside = phone('outside', '', { kind: 'trunk', lines: [] });
const second = phone('second', '', { kind: 'trunk', lines: [] });

const placedOn = (outputs: readonly CallControlOutput[]) => ofKind(outputs, 'place').map(({ device }) => device);

function forwarding(world: ScriptedWorld, line: string, to: object): ScriptedWorld {
  world.forwarding.set(line, to);
  return world;
}

describe('forwarding', () => {
  test('a line that is not to be disturbed does not ring: busy, in words, or where busy calls go', () => {
    const refusal = only(forwarding(world(), '1002', { doNotDisturb: true }).call('1002', audio([])), 'refuse');
    expect(refusal).toMatchObject({ cause: 'user-busy', warning: 'the called does not want to be disturbed' });
    const sent = forwarding(world(), '1002', { doNotDisturb: true, busy: '1003' }).call('1002', audio([]));
    expect(placedOn(sent)).toEqual(['SEPC']);
  });

  const world = () => new ScriptedWorld([alice, bob, carol, dave]);

  test('always: the line does not ring, and the other hears where the call comes from', () => {
    const outputs = forwarding(world(), '1002', { always: '1003' }).call('1002', audio([keyOf(1)]));
    expect(only(outputs, 'place')).toMatchObject({
      device: 'SEPC',
      line: '1003',
      diversions: [{ from: '1002', to: '1003', reason: 'unconditional' }],
    });
    expect(eventKindsOf(outputs)).toContain('call-forwarded');
  });

  test('the record says the way that the call took, step by step', () => {
    const scripted = forwarding(world(), '1002', { busy: '1003' });
    const { leg } = only(scripted.call('1002', audio([keyOf(1)])), 'place');
    const next = only(scripted.handle({ kind: 'refused', leg, cause: 'user-busy' }), 'place');
    const { record } = only(scripted.handle({ kind: 'refused', leg: next.leg, cause: 'user-busy' }), 'record');
    expect(record.route?.map(({ cause }) => cause)).toEqual([
      '1002 is line 1002; encryption: prefer.',
      'It rings at 1002 on SEPB.',
      '1002 sends the call on to 1003 (user-busy).',
      '1003 is line 1003; encryption: prefer.',
      'It rings at 1003 on SEPC.',
    ]);
  });

  test.each([
    ['user-busy', { busy: '1003' }, 'user-busy'],
    ['call-rejected', { busy: '1003' }, 'user-busy'],
    ['no-user-responding', { noAnswer: '1003' }, 'no-answer'],
    ['destination-out-of-order', { unregistered: '1003' }, 'unavailable'],
  ] as const)('a phone that says %s sends the call on where that is set', (cause, to, reason) => {
    const scripted = forwarding(world(), '1002', to);
    const { leg } = only(scripted.call('1002', audio([keyOf(1)])), 'place');
    const outputs = scripted.handle({ kind: 'refused', leg, cause });
    expect(only(outputs, 'place')).toMatchObject({ device: 'SEPC', diversions: [{ reason }] });
    expect(ofKind(outputs, 'refuse')).toEqual([]);
  });

  test('busy, with nobody asked: the line holds as many calls as it may', () => {
    const scripted = new ScriptedWorld([alice, bob, carol], [], { busyTrigger: 1 });
    forwarding(scripted, '1002', { busy: '1003' });
    scripted.call('1002', audio([keyOf(1)]));
    expect(placedOn(scripted.call('1002', audio([keyOf(2)]), { leg: 'a2' }))).toEqual(['SEPC']);
  });

  test('no phone registered', () => {
    const scripted = new ScriptedWorld([alice, { ...bob, protection: undefined }, carol]);
    expect(placedOn(forwarding(scripted, '1002', { unregistered: '1003' }).call('1002', audio([])))).toEqual(['SEPC']);
  });

  test('no answer: after its time the phones stop ringing and the next one rings', () => {
    const scripted = forwarding(world(), '1002', { noAnswer: '1003', noAnswerTimeout: 15_000 });
    const { leg } = only(scripted.call('1002', audio([keyOf(1)])), 'place');
    expect(scripted.pass(14_999)).toEqual([]);
    const outputs = scripted.pass(1);
    expect(only(outputs, 'cancel')).toMatchObject({ leg, cause: 'no-answer' });
    expect(placedOn(outputs)).toEqual(['SEPC']);
    expect(only(scripted.pass(180_000), 'refuse')).toMatchObject({ leg: 'a', cause: 'no-answer' });
    expect(scripted.control.calls()).toEqual([]);
  });

  test('what is set for another cause does not count', () => {
    const scripted = forwarding(world(), '1002', { noAnswer: '1003', unregistered: '1003' });
    const { leg } = only(scripted.call('1002', audio([])), 'place');
    expect(only(scripted.handle({ kind: 'refused', leg, cause: 'user-busy' }), 'refuse')).toMatchObject({
      cause: 'user-busy',
    });
  });

  test('a refusal of the media is none of the person: it is not sent on', () => {
    const scripted = forwarding(world(), '1002', { busy: '1003', noAnswer: '1003', unregistered: '1003' });
    const { leg } = only(scripted.call('1002', audio([keyOf(1)])), 'place');
    const outputs = scripted.handle({ kind: 'refused', leg, cause: 'not-acceptable-here' });
    expect(only(outputs, 'refuse')).toMatchObject({ cause: 'not-acceptable-here' });
  });

  test('a circle ends, and so does a way that is too long', () => {
    const circle = forwarding(forwarding(world(), '1002', { always: '1003' }), '1003', { always: '1002' });
    expect(only(circle.call('1002', audio([])), 'refuse')).toMatchObject({ cause: 'exchange-routing-error' });
    const many = Array.from({ length: 9 }, (_, at) => phone(`SEP${at}`, `200${at}`));
    const long = new ScriptedWorld([alice, ...many]);
    for (let at = 0; at < 8; at += 1) forwarding(long, `200${at}`, { always: `200${at + 1}` });
    expect(only(long.call('2000', audio([])), 'refuse')).toMatchObject({ cause: 'exchange-routing-error' });
  });

  test('the forwarding line needs the right to the number, and its own right is enough', () => {
    const plan: readonly DialPlanEntry[] = [
      {
        pattern: '0.!',
        target: { kind: 'trunk', devices: ['outside'], discardAccessCode: true, prefix: '' },
        partition: 'national',
      },
    ];
    const space = (line: string) => ({ name: 'staff', partitions: ['national'], lines: [line], devices: [] });
    const made = (line: string) =>
      forwarding(new ScriptedWorld([alice, bob, outside], plan, {}, { callingSearchSpaces: [space(line)] }), '1002', {
        always: '0555',
      });
    expect(placedOn(made('1002').call('1002', audio([])))).toEqual(['outside']);
    expect(only(made('1001').call('1002', audio([])), 'refuse')).toMatchObject({ cause: 'outgoing-calls-barred' });
  });

  test('encryption that the first number requires is required of the next: it never becomes clear', () => {
    const plan: readonly DialPlanEntry[] = [{ pattern: '1002', target: { kind: 'lines' }, policy: 'require' }];
    const clear = phone('SEPC', '1003', { securityMode: 'non-secure', protection: byDigest });
    const scripted = forwarding(new ScriptedWorld([alice, bob, clear], plan), '1002', { always: '1003' });
    const outputs = scripted.call('1002', audio([keyOf(1)]));
    expect(placedOn(outputs)).toEqual([]);
    expect(only(outputs, 'refuse')).toMatchObject({ cause: 'security-required' });
  });

  test('the phone that rang first knows the caller’s key: the caller is asked for a new one after the answer', () => {
    const scripted = forwarding(world(), '1002', { busy: '1003' });
    const { leg } = only(scripted.call('1002', audio([keyOf(1)])), 'place');
    const next = only(scripted.handle({ kind: 'refused', leg, cause: 'user-busy' }), 'place');
    const outputs = scripted.handle({ kind: 'answered', leg: next.leg, media: audio([keyOf(2)]) });
    expect(only(outputs, 'offer')).toMatchObject({ leg: 'a' });
  });

  test('early media of the first phone stays the answer of the caller’s offer; the second’s comes as an offer', () => {
    const scripted = forwarding(world(), '1002', { noAnswer: '1003' });
    const { leg } = only(scripted.call('1002', audio([keyOf(1)])), 'place');
    const early = only(scripted.handle({ kind: 'progress', leg, answer: audio([keyOf(2)]) }), 'progress');
    const next = only(scripted.pass(20_000), 'place');
    expect(ofKind(scripted.handle({ kind: 'progress', leg: next.leg, answer: audio([keyOf(3)]) }), 'progress')).toEqual(
      [],
    );
    const outputs = scripted.handle({ kind: 'answered', leg: next.leg, media: audio([keyOf(3)]) });
    expect(only(outputs, 'accept').answer).toEqual(early.answer);
    expect(only(outputs, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(3)]) });
  });
});

describe('trunks', () => {
  const target = { kind: 'trunk', devices: ['outside', 'second'], discardAccessCode: true, prefix: '' } as const;
  const plan: readonly DialPlanEntry[] = [{ pattern: '0.!', target }];

  test('the first that is connected takes the call', () => {
    const world = new ScriptedWorld([alice, { ...outside, protection: undefined }, second], plan);
    expect(placedOn(world.call('0555', audio([])))).toEqual(['second']);
  });

  test('the event of a refused call says what an operator can do, and what explains the call', () => {
    const world = new ScriptedWorld([alice, bob], plan);
    const nextStepOf = (number: string) =>
      ofKind(world.call(number, audio([])), 'event').find(({ event }) => event.kind === 'call-refused')?.event.nextStep;
    expect(nextStepOf('0555')).toMatch(/`trustline devices`\. `trustline call [0-9a-f]{8}` says how it went\.$/);
    expect(nextStepOf('999')).toMatch(/`dialPlan` in trustline\.yaml\. `trustline call /);
  });

  test('when none was ever added the caller hears that', () => {
    const world = new ScriptedWorld([alice], plan);
    expect(only(world.call('0555', audio([])), 'refuse')).toMatchObject({
      cause: 'subscriber-absent',
      warning: 'no trunk or gateway of this route is there',
    });
  });

  test('one that cannot passes it to the next; a called who is busy is busy', () => {
    const world = new ScriptedWorld([alice, outside, second], plan);
    const { leg } = only(world.call('0555', audio([])), 'place');
    const outputs = world.handle({ kind: 'refused', leg, cause: 'service-unavailable' });
    const next = only(outputs, 'place');
    expect(next).toMatchObject({ device: 'second', line: '555' });
    expect(only(world.handle({ kind: 'refused', leg: next.leg, cause: 'user-busy' }), 'refuse')).toMatchObject({
      cause: 'user-busy',
    });
    const other = only(world.call('0555', audio([]), { leg: 'a2' }), 'place');
    expect(only(world.handle({ kind: 'refused', leg: other.leg, cause: 'user-busy' }), 'refuse').cause).toBe(
      'user-busy',
    );
  });
});

describe('emergency numbers', () => {
  const target = { kind: 'emergency', devices: ['outside'], discardAccessCode: false, prefix: '' } as const;
  const plan: readonly DialPlanEntry[] = [{ pattern: '112', target, policy: 'require' }];

  test('pass a required encryption that cannot be had: clear, shown as that, with an alarm', () => {
    const world = new ScriptedWorld([alice, { ...outside, securityMode: 'non-secure', protection: byDigest }], plan);
    const outputs = world.call('112', audio([]));
    expect(only(outputs, 'place')).toMatchObject({ device: 'outside', line: '112', level: 'non-secure' });
    const alert = ofKind(outputs, 'event').find(({ event }) => event.kind === 'emergency-call')?.event;
    expect(alert).toMatchObject({
      reason: 'emergency-call-clear',
      cause: expect.stringMatching(
        /^1001 on SEPA calls for help: 112\. It goes to outside in the clear, though encryption is required: .*shown non-secure; the caller's own leg is authenticated\.$/,
      ),
      nextStep: expect.stringContaining('a trunk with TLS and SRTP'),
    });
    const said = outputs.findIndex((output) => output.kind === 'event' && output.event === alert);
    expect(said).toBeLessThan(outputs.findIndex(({ kind }) => kind === 'place'));
    expect(
      world.control
        .calls()[0]
        ?.route.map(({ cause }) => cause)
        .join(),
    ).toContain('in the clear');
  });

  test('the alarm names the trunk and whether SRTP is offered; where encryption is not required a clear one is no breach', () => {
    const open = [{ pattern: '112', target }];
    const alarmOf = (world: ScriptedWorld, offer = audio([keyOf(1)])) =>
      ofKind(world.call('112', offer), 'event').find(({ event }) => event.kind === 'emergency-call')?.event;
    expect(alarmOf(new ScriptedWorld([alice, outside], plan))).toMatchObject({
      reason: 'emergency-call',
      cause: '1001 on SEPA calls for help: 112. It goes to outside, with SRTP offered.',
    });
    expect(alarmOf(new ScriptedWorld([alice, outside], open), audio([]))).toMatchObject({
      reason: 'emergency-call',
      cause: '1001 on SEPA calls for help: 112. It goes to outside, without SRTP.',
    });
    expect(alarmOf(new ScriptedWorld([alice], plan))?.cause).toContain('It is not placed: no trunk or gateway');
  });

  test('an alarm says that one becomes clear by a second trunk or because SRTP is refused, once', () => {
    const second = { ...outside, name: 'second', securityMode: 'non-secure', protection: byDigest } as const;
    const either = [
      { pattern: '112', target: { ...target, devices: ['outside', 'second'] }, policy: 'require' },
    ] as const;
    const world = new ScriptedWorld([alice, outside, second], either);
    const { leg } = only(world.call('112', audio([keyOf(1)], { transport: 'RTP/AVP' })), 'place');
    const refused = world.handle({ kind: 'refused', leg, cause: 'service-unavailable' });
    const alarmsOf = (outputs: readonly CallControlOutput[]) =>
      ofKind(outputs, 'event').filter(({ event }) => event.kind === 'emergency-call');
    expect(alarmsOf(refused)).toMatchObject([{ event: { reason: 'emergency-call-clear' } }]);
    const next = only(refused, 'place').leg;
    expect(alarmsOf(world.handle({ kind: 'answered', leg: next, media: audio([]) }))).toEqual([]);
    const other = new ScriptedWorld([alice, outside], plan);
    const placed = only(other.call('112', audio([keyOf(1)], { transport: 'RTP/AVP' })), 'place');
    const again = other.handle({ kind: 'refused', leg: placed.leg, cause: 'not-acceptable-here' });
    expect(alarmsOf(again)).toMatchObject([{ event: { reason: 'emergency-call-clear' } }]);
  });

  test('are reached by who is forwarded there from a line that requires encryption, with the alarm', () => {
    const clear = { ...outside, securityMode: 'non-secure', protection: byDigest } as const;
    const required: readonly DialPlanEntry[] = [
      ...plan,
      { pattern: '1002', target: { kind: 'lines' }, policy: 'require' },
    ];
    const world = new ScriptedWorld([alice, bob, clear], required);
    world.forwarding.set('1002', { always: '112' });
    const outputs = world.call('1002', audio([]));
    expect(placedOn(outputs)).toEqual(['outside']);
    expect(eventKindsOf(outputs)).toContain('emergency-call');
  });

  test('pass the limits of the line and of the node, and a stop that is under way', () => {
    const world = new ScriptedWorld([alice, bob, outside], plan, { mostCalls: 1, callsPerLine: 1 });
    world.call('1002', audio([]));
    expect(ofKind(world.call('1002', audio([]), { leg: 'a2' }), 'refuse')).toHaveLength(1);
    world.handle({ kind: 'drain', timeout: 60_000 });
    expect(placedOn(world.call('112', audio([]), { leg: 'a3' }))).toEqual(['outside']);
  });

  test('are encrypted where both ends can', () => {
    const world = new ScriptedWorld([alice, outside], plan);
    expect(only(world.call('112', audio([keyOf(1)])), 'place').offer).toEqual(audio([keyOf(1)]));
  });
});

describe('hunt groups', () => {
  const plan: readonly DialPlanEntry[] = [{ pattern: '3000', target: { kind: 'hunt-group', name: 'sales' } }];
  const made = (order: HuntOrder, changes: Partial<HuntGroup> = {}, phones = [alice, bob, carol, dave]) =>
    new ScriptedWorld(
      phones,
      plan,
      { busyTrigger: 1 },
      {
        huntGroups: [{ name: 'sales', order, members: ['1002', '1003', '1004'], memberTimeout: 10_000, ...changes }],
      },
    );

  /** Calls in, lets the member that rings answer, hangs up; returns who it was. */
  function servedBy(world: ScriptedWorld, leg: string): string {
    const placed = only(world.call('3000', audio([]), { leg }), 'place');
    world.handle({ kind: 'answered', leg: placed.leg, media: audio([]) });
    world.now += 1000;
    world.handle({ kind: 'released', leg });
    return placed.device;
  }

  test('top-down: the first who is free, for each call', () => {
    const world = made('top-down');
    expect([servedBy(world, 'a'), servedBy(world, 'b')]).toEqual(['SEPB', 'SEPB']);
    world.call('3000', audio([]), { leg: 'c' });
    expect(placedOn(world.call('3000', audio([]), { leg: 'd' }))).toEqual(['SEPC']);
  });

  test('circular: each call begins with the member after', () => {
    const world = made('circular');
    expect(['a', 'b', 'c', 'd'].map((leg) => servedBy(world, leg))).toEqual(['SEPB', 'SEPC', 'SEPD', 'SEPB']);
  });

  test('longest-idle: whoever has had no call for longest', () => {
    const world = made('longest-idle');
    expect(['a', 'b', 'c', 'd'].map((leg) => servedBy(world, leg))).toEqual(['SEPB', 'SEPC', 'SEPD', 'SEPB']);
  });

  test('broadcast: all at once; the first who answers has it, and the caller gets a new key', () => {
    const world = made('broadcast');
    const placed = ofKind(world.call('3000', audio([keyOf(1)])), 'place');
    expect(placed.map(({ device }) => device)).toEqual(['SEPB', 'SEPC', 'SEPD']);
    const outputs = world.handle({ kind: 'answered', leg: placed[1]?.leg ?? '', media: audio([keyOf(2)]) });
    expect(ofKind(outputs, 'cancel').map(({ cause }) => cause)).toEqual(['answered-elsewhere', 'answered-elsewhere']);
    expect(only(outputs, 'offer').leg).toBe('a');
  });

  test('a member who does not answer, refuses or is not there is followed by the next', () => {
    const world = made('top-down', {}, [alice, bob, { ...carol, protection: undefined }, dave]);
    world.call('3000', audio([]));
    const outputs = world.pass(10_000);
    expect(ofKind(outputs, 'cancel')).toHaveLength(1);
    const { leg, device } = only(outputs, 'place');
    expect(device).toBe('SEPD');
    expect(only(world.handle({ kind: 'refused', leg, cause: 'call-rejected' }), 'refuse')).toMatchObject({
      cause: 'no-answer',
      warning: 'Nobody of the group took the call',
    });
  });

  test('when nobody takes it, the call goes where the group says', () => {
    const world = made('broadcast', { members: ['1002', '1003'], otherwise: '1004' });
    world.call('3000', audio([]));
    const outputs = world.pass(10_000);
    expect(only(outputs, 'place')).toMatchObject({ device: 'SEPD', diversions: [{ from: '3000', to: '1004' }] });
  });

  test('a member’s own forwarding does not take calls out of the group', () => {
    const world = made('top-down');
    world.forwarding.set('1002', { always: '0555', noAnswer: '0555' });
    expect(placedOn(world.call('3000', audio([])))).toEqual(['SEPB']);
  });
});

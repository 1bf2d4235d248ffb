import { describe, expect, test } from 'vitest';
import { type Cause, causes, q850 } from './causes.ts';
import type { DialPlanEntry } from './dialplan.ts';
import type { RouteListOrder } from './directory.ts';
import { verdictOn } from './failover.ts';
import { keyFingerprints } from './keys.ts';
import type { CallControlOutput } from './outputs.ts';
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
const trunk = (name: string, changes: Partial<Phone> = {}) => phone(name, '', { kind: 'trunk', lines: [], ...changes });

function worldOf(order: RouteListOrder, trunks: readonly Phone[], policy: DialPlanEntry['policy'] = 'prefer') {
  const devices = trunks.map(({ name }) => name);
  const target = { kind: 'trunk', devices, order, discardAccessCode: true, prefix: '' } as const;
  const help = { kind: 'emergency', devices, discardAccessCode: false, prefix: '' } as const;
  const plan: readonly DialPlanEntry[] = [
    { pattern: '0.!', target, policy },
    { pattern: '112', target: help },
  ];
  return new ScriptedWorld([alice, ...trunks], plan);
}

let legs = 0;
const calls = (world: ScriptedWorld, number = '0555') => {
  legs += 1;
  return world.call(number, audio([keyOf(1_000 + legs)]), { leg: `a${legs}` });
};
const placedOn = (outputs: readonly CallControlOutput[]) => ofKind(outputs, 'place').map(({ device }) => device);
const refuses = (world: ScriptedWorld, outputs: readonly CallControlOutput[], cause: Cause) =>
  world.handle({ kind: 'refused', leg: only(outputs, 'place').leg, cause });

describe('a gateway that cannot have media as they must be', () => {
  const worldWith = (policy: DialPlanEntry['policy']) => worldOf('in-order', [trunk('GW1'), trunk('GW2')], policy);
  const words = 'GW1 wants media without SRTP';
  const cannot = (world: ScriptedWorld, outputs: readonly CallControlOutput[]) =>
    world.handle({
      kind: 'refused',
      leg: only(outputs, 'place').leg,
      cause: 'security-required',
      found: words,
      ofWay: true,
    });

  test('the next of the list is asked, and what the last said is said to the caller', () => {
    const world = worldWith('require');
    const second = cannot(world, calls(world));
    expect(placedOn(second)).toEqual(['GW2']);
    expect(only(cannot(world, second), 'refuse')).toMatchObject({ cause: 'security-required', warning: words });
  });

  test('none is set aside: another call may be as it can have it', () => {
    const world = worldWith('require');
    expect(eventKindsOf(cannot(world, calls(world)))).not.toContain('trunk-set-aside');
    expect(placedOn(calls(world))).toEqual(['GW1']);
  });

  test.each<[string, Cause, boolean]>([
    ['cannot have its media', 'security-required', true],
    ['opens no channels', 'timer-expired', false],
    ['is gone', 'network-out-of-order', false],
  ])('a called who has answered is not rung by another when the first then %s', (_, cause, ofWay) => {
    const world = worldWith('require');
    const { leg } = only(calls(world), 'place');
    world.handle({ kind: 'answering', leg });
    const outputs = world.handle({ kind: 'refused', leg, cause, found: words, ...(ofWay ? { ofWay } : {}) });
    expect(placedOn(outputs)).toEqual([]);
    expect(only(outputs, 'refuse')).toMatchObject({ cause, warning: words });
    const steps = only(outputs, 'record').record.route?.map((step) => step.cause);
    expect(steps?.at(-1)).toBe(`GW1 did not take it: ${words}. It was answered there: no other is tried.`);
  });

  test('neither is he when the way to the first is lost', () => {
    const world = worldWith('require');
    world.handle({ kind: 'answering', leg: only(calls(world), 'place').leg });
    expect(placedOn(world.handle({ kind: 'device-lost', device: 'GW1' }))).toEqual([]);
  });

  test('whom it is for has said so himself: no other is asked', () => {
    const world = worldWith('require');
    const outputs = refuses(world, calls(world), 'security-required');
    expect(placedOn(outputs)).toEqual([]);
    expect(only(outputs, 'refuse').cause).toBe('security-required');
  });
});

describe('the order of a route list', () => {
  test('in order: every call begins with the first', () => {
    const world = worldOf('in-order', [trunk('GW1'), trunk('GW2')]);
    expect([1, 2, 3].flatMap(() => placedOn(calls(world)))).toEqual(['GW1', 'GW1', 'GW1']);
  });

  test('circular: each call begins with the one after, and goes on from there', () => {
    const world = worldOf('circular', [trunk('GW1'), trunk('GW2'), trunk('GW3')]);
    const firsts = [1, 2, 3, 4].map(() => calls(world));
    expect(firsts.flatMap(placedOn)).toEqual(['GW1', 'GW2', 'GW3', 'GW1']);
    const [, , third] = firsts;
    expect(placedOn(refuses(world, third ?? [], 'no-circuit-available'))).toEqual(['GW1']);
  });

  test('by load: the one with the smallest part of its channels in use', () => {
    const world = worldOf('by-load', [trunk('GW1', { channels: 2 }), trunk('GW2', { channels: 4 })]);
    expect([1, 2, 3, 4].flatMap(() => placedOn(calls(world)))).toEqual(['GW1', 'GW2', 'GW2', 'GW1']);
  });
});

describe('channels', () => {
  test('one that is full is passed over; when all are, the caller hears that (34), and a channel that is free again is taken', () => {
    const world = worldOf('in-order', [trunk('GW1', { channels: 1 }), trunk('GW2', { channels: 1 })]);
    const [first, second] = [calls(world), calls(world)];
    expect([...placedOn(first), ...placedOn(second)]).toEqual(['GW1', 'GW2']);
    expect(q850(only(calls(world), 'refuse').cause)).toBe(34);
    expect(world.control.trunk('GW1')).toEqual({ inUse: 1 });
    refuses(world, first, 'user-busy');
    expect(placedOn(calls(world))).toEqual(['GW1']);
  });

  test('a call that comes from a trunk takes one of its channels', () => {
    const world = worldOf('in-order', [trunk('GW1', { channels: 1 }), trunk('GW2')]);
    world.call('1001', audio([keyOf(1)]), { device: 'GW1', line: '555' });
    expect(placedOn(calls(world))).toEqual(['GW2']);
  });

  test('a call for help goes out past them', () => {
    const world = worldOf('in-order', [trunk('GW1', { channels: 1 })]);
    calls(world);
    expect(placedOn(calls(world, '112'))).toEqual(['GW1']);
  });
});

describe('failover', () => {
  const two = (policy?: DialPlanEntry['policy']) => worldOf('in-order', [trunk('GW1'), trunk('GW2')], policy);

  test('Q.850: 3, 34, 38, 41, 42, 44, 47, 63 and 102 ask the next; what the called has said never does', () => {
    const asksNext = causes.filter((cause) => placedOn(refuses(...begun(two()), cause)).length > 0);
    expect([...new Set(asksNext.map(q850))].sort((a, b) => a - b)).toEqual([3, 34, 38, 41, 42, 44, 47, 49, 63, 102]);
    for (const value of [1, 16, 17, 18, 19, 20, 21, 27, 28]) {
      const [cause] = causes.filter((one) => q850(one) === value);
      expect(cause && verdictOn(cause)).toBe('called');
    }
  });

  const begun = (world: ScriptedWorld) => [world, calls(world)] as const;

  test('the caller hears ringing once, and nothing of the one that failed', () => {
    const world = two();
    const [, first] = begun(world);
    const { leg } = only(first, 'place');
    expect(ofKind(world.handle({ kind: 'ringing', leg }), 'ring')).toHaveLength(1);
    const next = world.handle({ kind: 'released', leg, cause: 'network-out-of-order' });
    expect(next.filter((output) => 'leg' in output).map(({ kind }) => kind)).toEqual(['place']);
    const heard = world.handle({ kind: 'ringing', leg: only(next, 'place').leg });
    expect(ofKind(heard, 'ring')).toEqual([]);
  });

  test('early media of the one that failed are dropped: those of the next come with its answer, as an offer', () => {
    const world = two();
    const { leg } = only(calls(world), 'place');
    world.handle({ kind: 'progress', leg, answer: audio([keyOf(50)]) });
    const { leg: second } = only(world.handle({ kind: 'refused', leg, cause: 'no-circuit-available' }), 'place');
    const early = world.handle({ kind: 'progress', leg: second, answer: audio([keyOf(51)]) });
    expect(ofKind(early, 'progress')).toEqual([]);
    const answered = world.handle({ kind: 'answered', leg: second, media: audio([keyOf(51)]) });
    const keysIn = (description: CallControlOutput & { kind: 'accept' | 'offer' }) =>
      ('answer' in description ? description.answer : description.offer).streams.flatMap(({ keys }) =>
        keys.flatMap((key) => keyFingerprints(key)),
      );
    expect(keysIn(only(answered, 'accept'))).toEqual(keyFingerprints(keyOf(50)));
    expect(keysIn(only(answered, 'offer'))).toEqual(keyFingerprints(keyOf(51)));
  });

  test('who has been told the caller’s key and failed knows none that is used: the caller is asked for a new one', () => {
    const world = two();
    const { leg } = only(calls(world), 'place');
    const next = only(world.handle({ kind: 'refused', leg, cause: 'temporary-failure' }), 'place');
    const outputs = world.handle({ kind: 'answered', leg: next.leg, media: audio([keyOf(51)]) });
    expect(only(outputs, 'offer').leg).toMatch(/^a/);
  });

  test('one that may have no keys is passed over where encryption is required', () => {
    const clear = trunk('GW1', { securityMode: 'non-secure', protection: byDigest });
    const world = worldOf('in-order', [clear, trunk('GW2')], 'require');
    expect(placedOn(calls(world))).toEqual(['GW2']);
    const none = worldOf('in-order', [clear, { ...clear, name: 'GW2' }], 'require');
    expect(only(calls(none), 'refuse').cause).toBe('security-required');
  });

  test('one to which IPsec is not proven is passed over, and an event names it and what explains it', () => {
    const bare = { kind: 'gateway', protection: { protocol: 'h323', signalling: 'none', proof: 'none' } } as const;
    const world = worldOf('in-order', [trunk('GW1', bare), trunk('GW2')], 'require');
    const outputs = calls(world);
    expect(placedOn(outputs)).toEqual(['GW2']);
    expect(ofKind(outputs, 'event').map(({ event }) => event)).toContainEqual(
      expect.objectContaining({
        kind: 'gateway-not-proven',
        device: 'GW1',
        nextStep: 'See what is missing, and what to do: `trustline ipsec explain GW1`.',
      }),
    );
  });

  test('where IPsec to none is proven the refusal names the last, and advises nothing that weakens the call', () => {
    const bare = { kind: 'gateway', protection: { protocol: 'h323', signalling: 'none', proof: 'none' } } as const;
    const outputs = calls(worldOf('in-order', [trunk('GW1', bare), trunk('GW2', bare)], 'require'));
    const why = 'IPsec to GW2 is not proven, so it is given no keys';
    expect(only(outputs, 'refuse')).toMatchObject({
      cause: 'security-required',
      warning: `Encryption is required and ${why}`,
    });
    const refusal = ofKind(outputs, 'event').find(({ event }) => event.kind === 'call-refused')?.event;
    expect(refusal?.nextStep).toMatch(/^See what is missing, and what to do: `trustline ipsec explain GW2`\. /);
    expect(refusal?.nextStep).not.toContain('prefer');
    const steps = only(outputs, 'record').record.route?.map(({ cause }) => cause);
    expect(steps).toContain(
      'GW1 did not take it: Encryption is required and IPsec to GW1 is not proven, so it is given no keys. The next of its list is tried.',
    );
  });

  test('the last one’s refusal is what the caller hears, and the way of the call says who did not take it', () => {
    const world = two();
    const { leg } = only(refuses(...begun(world), 'no-circuit-available'), 'place');
    const outputs = world.handle({ kind: 'refused', leg, cause: 'temporary-failure' });
    expect(only(outputs, 'refuse').cause).toBe('temporary-failure');
    const way = only(outputs, 'record').record.route?.map(({ cause }) => cause);
    expect(way).toEqual([
      '0555, by pattern 0.!, leads to GW1, then GW2 as 555; encryption: prefer.',
      'It rings at 555 on GW1.',
      'GW1 did not take it: every channel is taken. The next of its list is tried.',
      'It rings at 555 on GW2.',
      'GW2 did not take it: a temporary failure. No other is left to try.',
    ]);
  });

  test('each but the last has to say something in time, and the last is waited for', () => {
    const world = two();
    const first = only(calls(world), 'place');
    const second = only(world.handle({ kind: 'released', leg: first.leg, cause: 'timer-expired' }), 'place');
    expect([first.silence, first.isLast, second.silence, second.isLast]).toEqual([1_500, undefined, 1_500, true]);
    expect(only(new ScriptedWorld([alice, phone('SEPB', '1002')]).call('1002', audio([])), 'place').silence).toBe(
      undefined,
    );
  });
});

describe('a trunk that fails', () => {
  const world = () => worldOf('in-order', [trunk('GW1'), trunk('GW2')]);
  const fail = (scripted: ScriptedWorld, cause: Cause = 'timer-expired') => refuses(scripted, calls(scripted), cause);
  const probes = (outputs: readonly CallControlOutput[]) => ofKind(outputs, 'probe').length;

  test('is set aside: an event says so, calls try the others first, and it is asked last', () => {
    const scripted = world();
    const { event } = ofKind(fail(scripted), 'event').find(({ event }) => event.kind === 'trunk-set-aside') ?? {};
    expect(event).toMatchObject({ device: 'GW1', reason: 'timer-expired', severity: 'warning' });
    expect(scripted.control.trunk('GW1').aside).toEqual({ since: '2026-01-01T00:00:00.000Z', cause: 'timer-expired' });
    const next = calls(scripted);
    expect(placedOn(next)).toEqual(['GW2']);
    expect(placedOn(refuses(scripted, next, 'no-circuit-available'))).toEqual(['GW1']);
  });

  test('set aside since its IPsec is gone: the event leads to what explains that', () => {
    const { event } =
      ofKind(fail(world(), 'protection-gone'), 'event').find(({ event }) => event.kind === 'trunk-set-aside') ?? {};
    expect(event?.nextStep).toContain('`trustline ipsec explain GW1`');
  });

  test('one that is full is well, and is not', () => {
    const scripted = world();
    fail(scripted, 'no-circuit-available');
    expect(placedOn(calls(scripted))).toEqual(['GW1']);
  });

  test('is probed, twice as long after each that fails, and comes back with one that does not', () => {
    const scripted = world();
    fail(scripted);
    expect(probes(scripted.pass(4_999))).toBe(0);
    expect(probes(scripted.pass(1))).toBe(1);
    scripted.handle({ kind: 'probed', device: 'GW1', isThere: false });
    expect(probes(scripted.pass(9_999))).toBe(0);
    expect(probes(scripted.pass(1))).toBe(1);
    expect(probes(scripted.pass(4_000))).toBe(0); // not answered at all
    expect(probes(scripted.pass(20_000))).toBe(1);
    const back = scripted.handle({ kind: 'probed', device: 'GW1', isThere: true });
    expect(eventKindsOf(back)).toEqual(['trunk-back']);
    expect(only(back, 'event').event.cause).toBe(
      'GW1 is there again; it was set aside since 2026-01-01T00:00:00.000Z: an answer came too late.',
    );
    expect(placedOn(calls(scripted))).toEqual(['GW1']);
    expect(scripted.control.nextDeadline()).not.toBe(undefined); // of the call alone
  });

  test('that answers probes and takes no call is probed less and less often, until a call gets through', () => {
    const scripted = world();
    fail(scripted);
    scripted.pass(5_000);
    scripted.handle({ kind: 'probed', device: 'GW1', isThere: true });
    fail(scripted);
    expect(probes(scripted.pass(9_999))).toBe(0);
    expect(probes(scripted.pass(1))).toBe(1);
  });

  test('a call that gets through brings it back at once', () => {
    const scripted = worldOf('in-order', [trunk('GW1')]);
    fail(scripted);
    const { leg } = only(calls(scripted), 'place');
    expect(eventKindsOf(scripted.handle({ kind: 'ringing', leg }))).toContain('trunk-back');
    expect(scripted.control.trunk('GW1').aside).toBe(undefined);
  });

  test('a trunk whose connection is lost before the answer passes its calls on; what talks by it is over', () => {
    const scripted = world();
    const talks = only(calls(scripted), 'place');
    scripted.handle({ kind: 'answered', leg: talks.leg, media: audio([keyOf(51)]) });
    calls(scripted);
    const outputs = scripted.handle({ kind: 'device-lost', device: 'GW1' });
    expect(placedOn(outputs)).toEqual(['GW2']);
    expect(ofKind(outputs, 'record')).toHaveLength(1);
  });
});

test('a gateway names its port at any time of the call; a phone has none, and what is no name is left out', () => {
  const gateway = phone('GW1', '', { kind: 'gateway', lines: [] });
  const target = { kind: 'trunk', devices: ['GW1'], discardAccessCode: true, prefix: '' } as const;
  const world = new ScriptedWorld([alice, phone('SEPB', '1002'), gateway], [{ pattern: '0.!', target }]);
  const portOf = (number: string, port: string) => {
    const { leg } = only(calls(world, number), 'place');
    world.handle({ kind: 'answered', leg, media: audio([keyOf(5_000 + legs)]), port });
    const { record } = only(world.handle({ kind: 'released', leg }), 'record');
    return record.legs.map(({ demarcation }) => demarcation);
  };
  expect(portOf('0555', '0/1:7\n')).toEqual([undefined, { kind: 'gateway', port: '0/1:7' }]);
  expect(portOf('0555', '\u001b')).toEqual([undefined, { kind: 'gateway' }]);
  expect(portOf('1002', '0/1:7')).toEqual([undefined, undefined]);
});

import { describe, expect, test } from 'vitest';
import type { DialPlanEntry } from './dialplan.ts';
import { mostRedirections } from './diversion.ts';
import { audio, byDigest, eventKindsOf, keyOf, ofKind, only, phone, ScriptedWorld } from './scripted.fixture.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1003');
const dave = phone('SEPD', '1004');
const world = () => new ScriptedWorld([alice, bob, carol, dave]);

/** 1002 is called and names numbers. */
function redirect(scripted: ScriptedWorld, numbers: readonly string[], number = '1002') {
  const { leg } = only(scripted.call(number, audio([keyOf(1)])), 'place');
  return scripted.handle({ kind: 'redirected', leg, numbers });
}

describe('a called that names other numbers (RFC 3261 §8.1.3.4)', () => {
  test('the first rings, with the way told', () => {
    const outputs = redirect(world(), ['1003', '1004']);
    const diversions = [{ from: '1002', to: '1003', reason: 'deflection' }];
    expect(only(outputs, 'place')).toMatchObject({ device: 'SEPC', line: '1003', diversions });
    expect(eventKindsOf(outputs)).toContain('call-forwarded');
    expect(only(outputs, 'forwarded')).toMatchObject({ leg: 'a', to: '1003', diversions });
  });

  test('what does not take it is followed by the next, and the way leaves out where nobody was', () => {
    const scripted = world();
    const { leg } = only(redirect(scripted, ['1999', '1003', '1004']), 'place');
    const outputs = scripted.handle({ kind: 'refused', leg, cause: 'user-busy' });
    const diversions = [{ from: '1002', to: '1004', reason: 'deflection' }];
    expect(only(outputs, 'place')).toMatchObject({ device: 'SEPD', diversions });
  });

  test('who does not answer is followed by the next too', () => {
    const scripted = world();
    redirect(scripted, ['1003', '1004']);
    const outputs = scripted.pass(3_600_000);
    expect(ofKind(outputs, 'cancel')[0]).toMatchObject({ cause: 'no-answer' });
    expect(ofKind(outputs, 'place').map(({ device }) => device)).toEqual(['SEPD']);
  });

  test('when none takes it, the caller hears of the last', () => {
    const scripted = world();
    const { leg } = only(redirect(scripted, ['1003']), 'place');
    expect(only(scripted.handle({ kind: 'refused', leg, cause: 'user-busy' }), 'refuse').cause).toBe('user-busy');
    expect(only(redirect(world(), ['bob']), 'refuse').cause).toBe('invalid-number-format');
    expect(only(redirect(world(), []), 'refuse').cause).toBe('call-rejected');
  });

  test('round in a circle it comes to an end', () => {
    const scripted = world();
    const { leg } = only(redirect(scripted, ['1003']), 'place');
    const back = only(scripted.handle({ kind: 'redirected', leg, numbers: ['1002'] }), 'place');
    const outputs = scripted.handle({ kind: 'redirected', leg: back.leg, numbers: ['1003'] });
    expect(only(outputs, 'refuse').cause).toBe('exchange-routing-error');
  });

  test(`at most ${mostRedirections} numbers are tried, however many each names`, () => {
    const phones = Array.from({ length: 40 }, (_, at) => phone(`SEP${at}`, `20${at + 10}`));
    const scripted = new ScriptedWorld([alice, bob, ...phones]);
    let placed = only(scripted.call('1002', audio([keyOf(1)])), 'place');
    let tried = 0;
    for (;;) {
      const names = [tried * 2, tried * 2 + 1].map((at) => `20${at + 10}`);
      // Every second refuses, so that a second number is tried.
      const outputs =
        tried % 2 === 0
          ? scripted.handle({ kind: 'redirected', leg: placed.leg, numbers: names })
          : scripted.handle({ kind: 'refused', leg: placed.leg, cause: 'user-busy' });
      const [next] = ofKind(outputs, 'place');
      if (next === undefined) break;
      placed = next;
      tried += 1;
    }
    expect(tried).toBeLessThanOrEqual(mostRedirections);
    expect(scripted.control.calls()).toEqual([]);
  });

  test('the other phones of the line stop ringing', () => {
    const scripted = new ScriptedWorld([alice, bob, phone('SEPB2', '1002'), carol]);
    const [first] = ofKind(scripted.call('1002', audio([keyOf(1)])), 'place');
    const outputs = scripted.handle({ kind: 'redirected', leg: first?.leg ?? '', numbers: ['1003'] });
    expect(ofKind(outputs, 'cancel')).toHaveLength(1);
    expect(only(outputs, 'place').device).toBe('SEPC');
  });

  test('of a hunt group a member’s wish is a refusal: the next member rings', () => {
    const plan: readonly DialPlanEntry[] = [{ pattern: '3000', target: { kind: 'hunt-group', name: 'sales' } }];
    const groups = [{ name: 'sales', order: 'top-down', members: ['1002', '1004'], memberTimeout: 1_000 }] as const;
    const scripted = new ScriptedWorld([alice, bob, carol, dave], plan, {}, { huntGroups: groups });
    expect(only(redirect(scripted, ['1003'], '3000'), 'place').device).toBe('SEPD');
  });

  test('the number is dialled with the rights of the line that sends the call, not of the caller', () => {
    const plan: readonly DialPlanEntry[] = [{ pattern: '1003', target: { kind: 'lines' }, partition: 'board' }];
    const spaces = [{ name: 'alice', partitions: ['board'], lines: ['1001'], devices: [] }];
    const scripted = new ScriptedWorld([alice, bob, carol], plan, {}, { callingSearchSpaces: spaces });
    expect(only(redirect(scripted, ['1003']), 'refuse').cause).toBe('outgoing-calls-barred');
  });

  test('a trunk’s redirection goes with the rights of the trunk', () => {
    const trunk = phone('outside', '', { kind: 'trunk', lines: [] });
    const target = { kind: 'trunk', devices: ['outside'], discardAccessCode: true, prefix: '' } as const;
    const plan: readonly DialPlanEntry[] = [
      { pattern: '0.!', target },
      { pattern: '1003', target: { kind: 'lines' }, partition: 'board' },
    ];
    const spaces = [{ name: 'out', partitions: ['board'], lines: [], devices: ['outside'] }];
    const scripted = new ScriptedWorld([alice, trunk, carol], plan, {}, { callingSearchSpaces: spaces });
    expect(only(redirect(scripted, ['1003'], '0555'), 'place').device).toBe('SEPC');
  });

  test('encryption that was required on the way stays so', () => {
    const plan: readonly DialPlanEntry[] = [{ pattern: '1002', target: { kind: 'lines' }, policy: 'require' }];
    const clear = phone('SEPC', '1003', { securityMode: 'non-secure', protection: byDigest });
    const scripted = new ScriptedWorld([alice, bob, clear], plan);
    expect(only(redirect(scripted, ['1003']), 'refuse').cause).toBe('security-required');
  });
});

test('what had happened to a call before it came is told before its own steps', () => {
  const before = [{ from: '4711', to: '1002', reason: 'user-busy' }] as const;
  const scripted = world();
  scripted.forwarding.set('1002', { always: '1003' });
  const outputs = scripted.call('1002', audio([keyOf(1)]), { diversions: before });
  expect(only(outputs, 'place').diversions).toEqual([...before, { from: '1002', to: '1003', reason: 'unconditional' }]);
});

import { expect, test } from 'vitest';
import { type HoldOutput, ProtectionHold } from './protection-hold.ts';

function drain(hold: ProtectionHold): HoldOutput[] {
  const outputs: HoldOutput[] = [];
  for (let output = hold.poll(); output !== undefined; output = hold.poll()) outputs.push(output);
  return outputs;
}

test('media go on for the named time after protection went, and then calls end, once', () => {
  const hold = new ProtectionHold(30_000);
  hold.observe(0, false, 'not yet');
  expect(drain(hold)).toEqual([]);
  hold.observe(1, true, '');
  expect(drain(hold)).toEqual([{ kind: 'returned' }]);
  hold.observe(5, false, 'the tunnel is down');
  hold.observe(6, false, 'the guard is gone');
  expect(drain(hold)).toEqual([{ kind: 'lost', cause: 'the tunnel is down', mediaUntil: 30_005 }]);
  hold.timeout(30_004);
  expect(drain(hold)).toEqual([]);
  expect(hold.nextDeadline()).toBe(30_005);
  hold.timeout(30_005);
  hold.timeout(99_000);
  expect(drain(hold)).toEqual([{ kind: 'given-up', cause: 'the tunnel is down' }]);
});

test('protection that returns in time ends no call', () => {
  const hold = new ProtectionHold(30_000);
  hold.observe(0, true, '');
  hold.observe(1, false, 'the tunnel is down');
  hold.observe(20_000, true, '');
  hold.timeout(99_000);
  expect(drain(hold).map(({ kind }) => kind)).toEqual(['returned', 'lost', 'returned']);
  expect(hold.nextDeadline()).toBeUndefined();
});

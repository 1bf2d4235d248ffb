import { type EventKind, securityEvent } from '@trustline/evidence';
import { expect, test } from 'vitest';
import { interruptedCall } from './interrupted-calls.ts';

const at = (second: number) => `2026-11-27T10:00:0${second}.000Z`;
const said = (kind: Exclude<EventKind, 'level-changed'>, second: number) =>
  securityEvent(kind as 'call-started', { at: at(second), node: 'n', call: 'c', cause: '1001 calls 1002.' });
const changed = (second: number, to: 'encrypted' | 'non-secure') =>
  securityEvent('level-changed', { at: at(second), node: 'n', call: 'c', cause: 'so', from: 'authenticated', to });
const now = { endedAt: at(9), node: 'n', policy: 'prefer' } as const;

test('what was said of a call becomes its record: when it began and was answered, and the lowest level it had', () => {
  const events = [said('call-started', 1), changed(2, 'encrypted'), said('call-answered', 3), changed(4, 'non-secure')];
  expect(interruptedCall(events, now)).toMatchObject({
    call: 'c',
    startedAt: at(1),
    answeredAt: at(3),
    endedAt: at(9),
    outcome: 'answered',
    reason: 'interrupted',
    level: 'non-secure',
    levels: [{ level: 'encrypted' }, { level: 'non-secure' }],
  });
});

test('a call that nobody had answered has failed; one of which nothing was said has no record', () => {
  expect(interruptedCall([said('call-started', 1)], now)).toMatchObject({ outcome: 'failed', reason: 'interrupted' });
  expect(interruptedCall([], now)).toBeUndefined();
});

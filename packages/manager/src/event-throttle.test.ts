import { expect, test } from 'vitest';
import { EventThrottle } from './event-throttle.ts';

const refused = { kind: 'handshake-refused', cause: 'it showed no certificate' } as const;

test('a flood of refusals is written in part, and says how much of it is not there', () => {
  const throttle = new EventThrottle();
  const written = Array.from({ length: 10_000 }, () => throttle.admit(1_000, refused)).filter((event) => event);
  expect(written).toHaveLength(500);
  expect(throttle.admit(1_100, refused)?.cause).toBe(
    'it showed no certificate (9500 more events of this kind were not written)',
  );
  expect(throttle.admit(60_000, refused)).toBe(refused);
});

test('another kind has its own measure, and what calls do is always written', () => {
  const throttle = new EventThrottle();
  for (let turn = 0; turn < 1_000; turn += 1) throttle.admit(0, refused);
  expect(throttle.admit(0, { kind: 'malformed-input', cause: 'x' })).toBeDefined();
  const calls = Array.from({ length: 1_000 }, () => throttle.admit(0, { kind: 'call-ended', cause: 'x' }));
  expect(calls.every((event) => event !== undefined)).toBe(true);
});

import { expect, test } from 'vitest';
import { causeOfQ850, causes, causeText, q850 } from './causes.ts';

test('every cause has a Q.850 value on the wire and words for an operator', () => {
  for (const cause of causes) {
    expect(q850(cause)).toBeGreaterThan(0);
    expect(q850(cause)).toBeLessThan(128);
    expect(causeText(cause).length).toBeGreaterThan(5);
  }
});

test.each([
  [1, 'unallocated-number'],
  [16, 'normal-clearing'],
  [17, 'user-busy'],
  [19, 'no-answer'],
  [3, 'no-route-to-destination'],
  [34, 'no-circuit-available'],
  [38, 'network-out-of-order'],
  [41, 'temporary-failure'],
  [44, 'requested-circuit-unavailable'],
  [47, 'resource-unavailable'],
  [31, 'normal-clearing'],
  [46, 'resource-unavailable'],
  [55, 'outgoing-calls-barred'],
  [99, 'protocol-error'],
  [127, 'interworking'],
])('Q.850 value %i is read as %s', (value, cause) => {
  expect(causeOfQ850(value)).toBe(cause);
});

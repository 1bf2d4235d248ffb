import { expect, test } from 'vitest';
import { redirectTargets } from './redirect.ts';
import type { SipResponse } from './types.ts';

const moved = (...contacts: string[]): SipResponse => ({
  kind: 'response',
  status: 302,
  reason: 'Moved',
  headers: contacts.map((value) => ({ name: 'Contact', value })),
  body: new Uint8Array(0),
});
const order = (...contacts: string[]) => redirectTargets(moved(...contacts)).map(({ uri }) => uri);

test('RFC 3261 §8.1.3.4: by q, downwards; equals as listed; 1 where it is not said or is no q', () => {
  expect(order('<sip:a@x>;q=0.2, <sip:b@x>', '<sip:c@x>;q=0.75, <sip:d@x>;q=7, <sip:e@x>;q=1.000')).toEqual([
    'sip:b@x',
    'sip:d@x',
    'sip:e@x',
    'sip:c@x',
    'sip:a@x',
  ]);
});

test('nothing that can be read is nobody, and of a long list the first sixteen are taken', () => {
  expect([order(), order('*'), order('<')]).toEqual([[], [], []]);
  expect(order(Array.from({ length: 100 }, (_, at) => `<sip:${at}@x>`).join(', '))).toHaveLength(16);
});

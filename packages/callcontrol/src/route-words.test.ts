import { expect, test } from 'vitest';
import { createDialPlan } from './dialplan.ts';
import { routeWords } from './route-words.ts';

const discard = { discardAccessCode: true, prefix: '' };
const plan = createDialPlan({
  entries: [
    { pattern: '0.!', target: { kind: 'trunk', devices: ['pstn', 'backup'], ...discard }, policy: 'require' },
    { pattern: '9.!', target: { kind: 'translation', discardAccessCode: true, prefix: '0' } },
    { pattern: '2000', target: { kind: 'hunt-group', name: 'sales' } },
    { pattern: '0900!', target: { kind: 'block', reason: 'Costs too much' } },
    { pattern: '0800!', target: { kind: 'trunk', devices: ['pstn'], ...discard }, partition: 'outside' },
  ],
  isLine: (number) => number === '1001',
});

test.each([
  ['1001', '1001 is line 1001; encryption: prefer.'],
  ['0441', '0441, by pattern 0.!, leads to pstn, then backup as 441; encryption: require.'],
  ['9441', '9441, by pattern 9.! 0441, by pattern 0.!, leads to pstn, then backup as 441; encryption: require.'],
  ['2000', '2000, by pattern 2000, is hunt group sales; encryption: prefer.'],
  ['09001', '09001, by pattern 0900!, is refused: Costs too much.'],
  ['08001', /^08001, by pattern 0800!, is refused: The calling line has no right to dial this number/],
  ['7', 'No row of the dial plan leads anywhere for 7, and it is no line.'],
])('what the dial plan says of %s', (number, words) => {
  expect(routeWords(number, plan.route(number, { rights: [], at: 0 }))).toMatch(
    typeof words === 'string' ? new RegExp(`^${words.replace(/[.!*+]/g, '\\$&')}$`) : words,
  );
});

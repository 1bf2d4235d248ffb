import { expect, test } from 'vitest';
import { peer, side } from './dial-peers.fixture.ts';
import { DialPlan } from './dial-plan.ts';

const cm = side('h323 cm1');

function names(plan: DialPlan, number: string, from = cm): string {
  const found = plan.find(number, from);
  return found.kind === 'peers' ? `${found.peers.map(({ name }) => name)}${found.isFinal ? '' : '…'}` : found.kind;
}

test('the longest match is tried first, then the preferred, then the order of the document', () => {
  const plan = new DialPlan([
    peer('any', '9T', 'port 0/2'),
    peer('city', '9030T', 'port 0/1', { preference: 1 }),
    peer('city first', '9030T', 'port 0/3'),
    peer('one', '9030555', 'port 0/4'),
    peer('second', '9030555', 'port 0/5'),
  ]);
  expect(names(plan, '90305')).toBe('city first,city,any…');
  expect(names(plan, '9030555')).toBe('one,second,city first,city,any…');
  expect(names(plan, '9')).toBe('any…');
  expect(names(plan, '8')).toBe('none');
});

test('a number is waited for where it may become one, and not where it cannot', () => {
  const plan = new DialPlan([peer('extensions', '2...', 'h323 cm1'), peer('help', '110', 'port 0/1')]);
  expect(['', '2', '200', '2000', '11', '110', '111'].map((number) => names(plan, number, side('port 0/1')))).toEqual([
    'more-digits',
    'more-digits',
    'more-digits',
    'extensions',
    'more-digits',
    'help',
    'none',
  ]);
});

test('a longer pattern that may still come keeps a short one from being final', () => {
  const plan = new DialPlan([peer('short', '1', 'port 0/1'), peer('help', '110', 'port 0/1')]);
  expect(names(plan, '1')).toBe('short…');
  expect(names(plan, '110')).toBe('help');
});

test('a peer may be for calls of some sides only', () => {
  const plan = new DialPlan([peer('in', '2...', 'h323 cm1', { from: [side('port 0/1')] })]);
  expect(names(plan, '2000', side('port 0/1'))).toBe('in');
  expect(names(plan, '2000', side('port 0/2'))).toBe('none');
  expect(names(plan, '2000')).toBe('none');
});

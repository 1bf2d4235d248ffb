import { expect, test } from 'vitest';
import { rewrite } from './rewriting.ts';

test('a number is stripped, prefixed and translated, in this order', () => {
  const international = { from: /^0([1-9]\d*)$/, to: '+49$1' };
  expect(rewrite('9030123', { strip: 1 })).toBe('030123');
  expect(rewrite('9030123', { strip: 1, prefix: '0', translate: [{ from: /^00/, to: '+' }] })).toBe('+30123');
  expect(rewrite('030123', { translate: [international, { from: /^/, to: '+' }] })).toBe('+4930123');
  expect(rewrite('0030123', { translate: [international] })).toBe('0030123');
  expect(rewrite('+4930123', { strip: 3, prefix: '0' })).toBe('030123');
});

test('what a rule makes of it is a number, or none', () => {
  expect(rewrite('123', { strip: 9 })).toBe('');
  expect(rewrite('123', { translate: [{ from: /2/, to: 'sip:x@y' }] })).toBe('');
});

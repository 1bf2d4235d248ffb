import { expect, test } from 'vitest';
import { remembered } from './remembered.ts';

test('what was read is read once, and every text has its own reading whatever shared its place', () => {
  const read: string[] = [];
  const reading = remembered((text) => {
    read.push(text);
    return { text };
  });
  expect(reading('sip:1001@cm')).toBe(reading('sip:1001@cm'));
  expect(read).toHaveLength(1);
  const texts = Array.from({ length: 10_000 }, (_, at) => `sip:${at}@cm`);
  for (const text of [...texts, ...texts]) expect(reading(text).text).toBe(text);
});

test('what cannot be read, or is long, is not kept', () => {
  let count = 0;
  const none = remembered(() => {
    count += 1;
    return undefined;
  });
  expect([none('x'), none('x'), count]).toEqual([undefined, undefined, 2]);
  const same = remembered((text) => ({ text }));
  expect(same('x'.repeat(10_000))).not.toBe(same('x'.repeat(10_000)));
});

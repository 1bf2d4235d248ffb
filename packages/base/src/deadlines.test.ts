import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

test('timers come due in the order of their times, each once, and cleared ones never', () => {
  const deadlines = new Deadlines<'a' | 'b' | 'c'>();
  deadlines.set('a', 30);
  deadlines.set('b', 10);
  deadlines.set('c', 20);
  deadlines.clear('c');
  expect(deadlines.next()).toBe(10);
  expect(deadlines.takeDue(9)).toBeUndefined();
  expect(deadlines.takeDue(30)).toBe('b');
  expect(deadlines.takeDue(30)).toBe('a');
  expect(deadlines.takeDue(30)).toBeUndefined();
  expect(deadlines.next()).toBeUndefined();
});

test('setting a timer again moves it', () => {
  const deadlines = new Deadlines<'a'>();
  deadlines.set('a', 10);
  deadlines.set('a', 50);
  expect(deadlines.takeDue(49)).toBeUndefined();
  expect(deadlines.has('a')).toBe(true);
  deadlines.clearAll();
  expect(deadlines.has('a')).toBe(false);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineQueue } from './deadline-queue.ts';

test('whatever is set, moved and removed, items come due in the order of their deadlines, each once', () => {
  const operation = fc.record({ item: fc.nat({ max: 20 }), at: fc.option(fc.nat({ max: 100 }), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const items = Array.from({ length: 21 }, (_, number) => ({ number }));
      const queue = new DeadlineQueue<{ readonly number: number }>();
      const expected = new Map<number, number>();
      for (const { item, at } of operations) {
        const known = items[item];
        if (known === undefined) continue;
        queue.set(known, at);
        if (at === undefined) expected.delete(item);
        else expected.set(item, at);
        expect(queue.size).toBe(expected.size);
        expect(queue.next()).toBe(expected.size === 0 ? undefined : Math.min(...expected.values()));
      }
      let previous = -1;
      for (let item = queue.takeDue(100); item !== undefined; item = queue.takeDue(100)) {
        const at = expected.get(item.number) ?? -1;
        expect(at).toBeGreaterThanOrEqual(previous);
        previous = at;
        expected.delete(item.number);
      }
      expect(expected.size).toBe(0);
    }),
  );
});

test('nothing is taken before its time', () => {
  const queue = new DeadlineQueue<object>();
  queue.set({}, 10);
  expect(queue.takeDue(9)).toBeUndefined();
  expect(queue.takeDue(10)).toBeDefined();
});

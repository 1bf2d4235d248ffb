import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TableEntry, TransactionTable } from './transaction-table.ts';

test('whatever comes and goes, a flow has exactly the transactions that are on it', () => {
  const operation = fc.record({ number: fc.nat({ max: 12 }), flow: fc.constantFrom('a', 'b'), comes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const table = new TransactionTable<TableEntry>();
      const there = new Map<number, TableEntry>();
      for (const { number, flow, comes } of operations) {
        const known = there.get(number);
        if (comes && known === undefined) {
          const id = String(number);
          const entry = { id, key: id, flowId: flow, nextDeadline: undefined, positionOnFlow: 0 };
          table.add(entry);
          there.set(number, entry);
        } else if (!comes && known !== undefined) {
          table.remove(known);
          there.delete(number);
        }
        for (const name of ['a', 'b']) {
          const expected = [...there.values()].filter(({ flowId }) => flowId === name);
          expect(new Set(table.onFlow(name))).toEqual(new Set(expected));
        }
      }
    }),
  );
});

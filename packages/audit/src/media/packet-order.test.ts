import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeldPackets, HoldingBudget } from './held-packets.ts';
import { PacketOrder } from './packet-order.ts';

const place = { number: 1, microseconds: 2 };

function orderOf(sequenceNumbers: readonly number[]): number[] {
  const delivered: number[] = [];
  const order = new PacketOrder({ inOrder: (octets, extended) => delivered.push(extended, octets[0] ?? 0) });
  for (const one of sequenceNumbers) order.push(Uint8Array.of(one & 0xff), one & 0xffff, place, false);
  order.flush();
  expect(delivered.every((one, at) => at % 2 === 0 || one === ((delivered[at - 1] ?? 0) & 0xff))).toBe(true);
  return delivered.filter((_, at) => at % 2 === 0).map((one) => one - 0x10000);
}

describe('packets are put in order', () => {
  test('each once, across the end of the sequence numbers', () => {
    expect(orderOf([65_534, 65_535, 65_535, 1, 0, 2, 0])).toEqual([65_534, 65_535, 65_536, 65_537, 65_538]);
  });

  test('what never comes is waited for a little, and what comes too late is dropped', () => {
    expect(orderOf([1, 3, 4, 5, 6, 7, 8, 9, 10, 2, 11])).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test('a sender that begins anew goes on from there', () => {
    expect(orderOf([30_000, 30_001, 5, 6])).toEqual([30_000, 30_001, 65_541, 65_542]);
  });

  test('whatever comes, numbers only go up, and nothing is given twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 65_535 }), { maxLength: 60 }), (numbers) => {
        const delivered = orderOf(numbers);
        expect(delivered).toEqual([...new Set(delivered)].toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('packets that are held back', () => {
  function numbersOf(held: HeldPackets): number[] {
    const numbers: number[] = [];
    held.visit((octets, extended, at, isCut) => {
      expect([octets.byteLength, at.number, isCut]).toEqual([100 + (extended % 7), extended, extended % 2 === 1]);
      numbers.push(extended);
    });
    return numbers;
  }
  function hold(held: HeldPackets, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      held.hold(new Uint8Array(100 + (at % 7)), at, { number: at, microseconds: 0 }, at % 2 === 1);
    }
  }

  test('come out as they went in, the latest where there is no more room', () => {
    const budget = new HoldingBudget(1e6);
    const held = new HeldPackets(budget, 50_000);
    hold(held, 0, 1_000);
    const numbers = numbersOf(held);
    expect(numbers.at(-1)).toBe(999);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => 1_000 - numbers.length + at));
    expect(numbers.length).toBe(held.length);
    expect(budget.givenUp).toBe(1_000 - numbers.length);
    expect(budget.taken).toBeLessThanOrEqual(50_000);
    const released: number[] = [];
    held.release((_, extended) => released.push(extended));
    expect(released).toEqual(numbers);
    expect([held.length, budget.taken]).toEqual([0, 0]);
  });

  test('of all streams stay within the budget: who was given nothing for the longest time gives way', () => {
    const budget = new HoldingBudget(60_000);
    const streams = Array.from({ length: 5 }, () => new HeldPackets(budget, 40_000));
    for (const stream of streams) hold(stream, 0, 200);
    expect(budget.taken).toBeLessThanOrEqual(60_000);
    expect(streams[0]?.length).toBe(0);
    expect(streams[4]?.length).toBeGreaterThan(100);
    const kept = streams.reduce((sum, { length }) => sum + length, 0);
    expect(kept + budget.givenUp).toBe(1_000);
    for (const stream of streams) stream.giveUp();
    expect(budget.taken).toBe(0);
  });
});

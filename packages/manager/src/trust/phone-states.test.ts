import { describe, expect, test } from 'vitest';
import { type HandedList, type HeldNumbers, possibleStates } from './phone-states.ts';

const nothing: HeldNumbers = { ctl: undefined, itl: undefined };
const holding = (ctl: number, itl: number | undefined = undefined): HeldNumbers => ({ ctl, itl });
const ctl = (number: number, isPhones = false) => ({ kind: 'CTL', number, isPhones }) as const;
const itl = (number: number, isPhones = false) => ({ kind: 'ITL', number, isPhones }) as const;
/** As phones do: nothing older than what is held. */
const newer = async (held: HeldNumbers, { kind, number }: HandedList) =>
  number > ((kind === 'CTL' ? held.ctl : held.itl) ?? 0);
const never = async () => false;

async function statesOf(held: HeldNumbers, handed: readonly HandedList[], takes = newer) {
  const { states } = await possibleStates(held, handed, takes);
  return states.map((state) => `${state.ctl ?? '-'} ${state.itl ?? '-'}`);
}

describe('a phone', () => {
  test('to which nothing was handed is in the state that it was in', async () => {
    expect(await statesOf(holding(2, 1), [])).toEqual(['2 1']);
  });

  test('in whose name a list was handed out has taken it, or not', async () => {
    expect(await statesOf(holding(2), [ctl(3)])).toEqual(['2 -', '3 -']);
    expect(await statesOf(nothing, [ctl(2), itl(1)])).toEqual(['- -', '- 1', '2 -', '2 1']);
    expect(await statesOf(holding(2), [ctl(3), ctl(4)])).toEqual(['2 -', '4 -', '3 -']);
  });

  test('that was handed a list itself has taken it', async () => {
    expect(await statesOf(nothing, [ctl(2, true), itl(1, true)])).toEqual(['2 1']);
    expect(await statesOf(holding(2), [ctl(3), ctl(3, true)])).toEqual(['3 -']);
    // What a stranger was given before it may have been the phone's as well: a newer one it would not give back.
    expect(await statesOf(holding(2), [ctl(4), ctl(3, true)])).toEqual(['3 -', '4 -']);
  });

  test('does not hold what it refuses, whoever was handed it', async () => {
    expect(await statesOf(holding(2), [ctl(3), ctl(4, true)], never)).toEqual(['2 -']);
    expect(await statesOf(holding(5), [ctl(3)])).toEqual(['5 -']);
  });
});

test('what no state took is told apart from what one took, or held already', async () => {
  const handed = [ctl(2), ctl(1), ctl(3)];
  const { taken } = await possibleStates(holding(2), handed, newer);
  expect(taken).toEqual([ctl(2), ctl(3)]);
});

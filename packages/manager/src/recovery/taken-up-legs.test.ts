/** After a restart all phones come back at the same time, and each is asked whether it still has its call. */
import { expect, test } from 'vitest';
import { ANSWER_PATIENCE, MOST_ASKED_AT_ONCE, TakenUpLegs } from './taken-up-legs.ts';

function legs(count: number) {
  const names = Array.from({ length: count }, (_, index) => `leg ${index}`);
  const states = new Map<string, 'there' | 'away' | 'over'>(names.map((name) => [name, 'there']));
  const asked: string[] = [];
  const takenUp = new TakenUpLegs({
    stateOf: (leg) => states.get(leg) ?? 'over',
    ask: (_now, leg) => asked.push(leg) > 0,
  });
  for (const name of names) takenUp.add(name);
  return { names, states, asked, takenUp };
}

test('no more are asked at once than may be, each once, and the next with every answer', () => {
  const { names, asked, takenUp } = legs(3 * MOST_ASKED_AT_ONCE);
  takenUp.someReached(0);
  expect(asked).toHaveLength(MOST_ASKED_AT_ONCE);
  for (const name of names) takenUp.answered(1, name, 'told');
  expect(asked).toEqual(names);
  takenUp.someReached(2);
  expect(asked).toEqual(names);
  expect(takenUp.waiting).toBe(0);
});

test('phones that say nothing do not keep the others from being asked', () => {
  const { names, asked, takenUp } = legs(2 * MOST_ASKED_AT_ONCE);
  takenUp.reached(0, names);
  takenUp.handleTime(ANSWER_PATIENCE - 1);
  expect(asked).toHaveLength(MOST_ASKED_AT_ONCE);
  takenUp.handleTime(ANSWER_PATIENCE);
  expect(asked).toEqual(names);
});

test('who is away again when its turn comes is asked when it is back, and a call that is over is not asked for', () => {
  const { names, states, asked, takenUp } = legs(MOST_ASKED_AT_ONCE + 3);
  takenUp.reached(0, names);
  const [away = '', over = '', last = ''] = names.slice(-3);
  states.set(away, 'away').set(over, 'over');
  for (const name of [...asked]) takenUp.answered(1, name, 'told');
  expect(asked.slice(MOST_ASKED_AT_ONCE)).toEqual([last]);
  expect(takenUp.waiting).toBe(1);
  states.set(away, 'there');
  takenUp.reached(2, [away]);
  expect(asked.at(-1)).toBe(away);
});

test('a call that ends while its phone is away is waited for no longer', () => {
  const { states, takenUp } = legs(1);
  states.set('leg 0', 'over');
  takenUp.handleTime(1_000);
  expect(takenUp.waiting).toBe(0);
});

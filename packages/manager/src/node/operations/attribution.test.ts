import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { currentAttribution, onBehalfOf } from './attribution.ts';

const [ada, ben] = [{ actor: 'operator ada', statedReason: 'a new desk' }, { actor: 'operator ben' }];

test('work is done on behalf of who asked, through every wait, and beside that of others', async () => {
  expect(currentAttribution()).toBeUndefined();
  const seen = await Promise.all(
    [ada, ben].map((one) =>
      onBehalfOf(one, async () => {
        await turn();
        return currentAttribution();
      }),
    ),
  );
  expect(seen).toEqual([ada, ben]);
  expect(currentAttribution()).toBeUndefined();
});

test('what an operation leaves behind is nobody’s once it is over, however it ended', async () => {
  const left = Promise.withResolvers<unknown>();
  const failing = onBehalfOf(ada, async () => {
    void turn()
      .then(turn)
      .then(() => left.resolve(currentAttribution() ?? 'nobody'));
    throw new Error('it failed');
  });
  await expect(failing).rejects.toThrow('it failed');
  expect(await left.promise).toBe('nobody');
});

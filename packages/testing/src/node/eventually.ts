import { setTimeout as delay } from 'node:timers/promises';

/** Far longer than anything here takes: reached only when it never happens. */
const patience = 60_000;

/**
 * Asks again and again until there is an answer that is neither undefined nor false, and returns it.
 *
 * @param what for the error when it never comes
 */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`this never came: ${what}`);
    await delay(50);
  }
}

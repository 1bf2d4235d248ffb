/** What may wait for a reader who is slow; beyond it the stream ends, and the reader may ask again. */
export const followBacklog = 10_000;

/**
 * What comes from now on, in order, until the signal is aborted.
 *
 * @param subscribe calls its listener with each; the function that it returns ends that
 */
export function following<T>(
  subscribe: (listener: (item: T) => void) => () => void,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const waiting: T[] = [];
  let wake = () => {};
  const unsubscribe = subscribe((item) => {
    waiting.push(item);
    wake();
  });
  signal.addEventListener('abort', () => {
    unsubscribe();
    wake();
  });
  return (async function* () {
    try {
      while (waiting.length <= followBacklog) {
        yield* waiting.splice(0);
        if (waiting.length > 0) continue;
        if (signal.aborted) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      unsubscribe();
    }
  })();
}

/** One press of Ctrl-C may arrive twice, from the terminal and forwarded by whoever started us: within this it is one. */
const togetherMilliseconds = 1_000;

/**
 * Calls `first` at the first SIGINT or SIGTERM and `again` at the next that a person means as a second one. Returns
 * the function that lets go of the signals.
 */
export function onInterruption(first: () => void, again: () => void): () => void {
  let askedAt: number | undefined;
  const interrupt = () => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      first();
    } else if (performance.now() - askedAt > togetherMilliseconds) {
      again();
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
}

/** Further behind than this (the machine slept), time is skipped rather than caught up, in milliseconds. */
const LONGEST_CATCHING_UP = 1_000;

/**
 * Calls `tick` once for each interval since the start: deadline n is start + n × interval, so that nothing drifts, and
 * what a busy process missed is caught up. Returns how to stop it.
 */
export function pace(interval: number, tick: (now: number) => void): () => void {
  const start = performance.now();
  let count = 0;
  let timer: NodeJS.Timeout;
  const run = () => {
    let now = performance.now();
    const behind = now - (start + (count + 1) * interval);
    if (behind > LONGEST_CATCHING_UP) count += Math.floor(behind / interval);
    while (start + (count + 1) * interval <= now) {
      count += 1;
      tick(now);
      now = performance.now();
    }
    timer = setTimeout(run, Math.max(0, start + (count + 1) * interval - now));
  };
  timer = setTimeout(run, interval);
  return () => clearTimeout(timer);
}

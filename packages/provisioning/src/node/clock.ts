/** Monotonic milliseconds: what every core of ours calls `now`. A step of the wall clock does not move it. */
export function monotonicNow(): number {
  return performance.now();
}

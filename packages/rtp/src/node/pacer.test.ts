import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pacer } from './pacer.ts';

describe('the pace', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
      }),
  );
  afterEach(() => void vi.useRealTimers());

  test('does not drift: timers that fire late add nothing up', () => {
    let count = 0;
    const pacer = new Pacer(20, () => {
      count += 1;
    });
    for (let passed = 0; passed < 60_000; passed += 30) vi.advanceTimersByTime(30);
    vi.advanceTimersByTime(1); // the last immediate
    expect(count).toBe(3_000);
    pacer.stop();
    vi.advanceTimersByTime(1_000);
    expect(count).toBe(3_000);
  });

  test('catches up what a busy process missed, each frame for its own time, and skips what a sleeping machine did', () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const ticks: (readonly [due: number, now: number])[] = [];
    const pacer = new Pacer(20, (due, at) => void ticks.push([due, at]));
    now = 300;
    wake();
    expect(ticks).toEqual(Array.from({ length: 15 }, (_, index) => [20 * (index + 1), 300]));
    now = 3_600_000;
    wake();
    expect(ticks.slice(15)).toEqual([[3_600_000, 3_600_000]]);
    pacer.stop();
    clock.mockRestore();
  });

  test('lets the sockets be read before it plays, and says since when they may have been waiting', () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    let count = 0;
    const pacer = new Pacer(20, () => {
      count += 1;
    });
    now = 21;
    wake();
    expect(count).toBe(1);
    now = 35;
    expect(pacer.unreadSince(now)).toBe(35);
    now = 300;
    vi.runOnlyPendingTimers(); // the timer; sockets come next
    expect(count).toBe(1);
    expect(pacer.unreadSince(now)).toBe(21);
    vi.runOnlyPendingTimers();
    expect(count).toBe(15);
    expect(pacer.unreadSince(now)).toBe(300);
    pacer.stop();
    clock.mockRestore();
  });

  test('can be stopped by a frame', () => {
    let count = 0;
    const pacer = new Pacer(20, () => {
      count += 1;
      pacer.stop();
    });
    vi.advanceTimersByTime(1_000);
    expect(count).toBe(1);
  });

  /** Runs the timer, then the immediate that it sets. */
  function wake(): void {
    vi.runOnlyPendingTimers();
    vi.runOnlyPendingTimers();
  }
});

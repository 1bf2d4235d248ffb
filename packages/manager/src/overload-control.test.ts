import { describe, expect, test } from 'vitest';
import { OverloadControl, overloadInterval } from './overload-control.ts';

/** What a piece of work costs a machine that does one thing at a time, in milliseconds: a thousand calls a second. */
const [taking, refusing] = [1, 0.08];

/** A machine and its queue: work comes in evenly, and is looked at in the order of its coming. */
function machine() {
  const control = new OverloadControl();
  let [now, arrived, longest] = [0, 0, 0];
  return {
    control,
    /** So many a second for so many seconds; returns how many were taken, and the longest wait. */
    run(perSecond: number, seconds: number) {
      const end = now + 1_000 * seconds;
      const apart = 1_000 / perSecond;
      let taken = 0;
      longest = 0;
      arrived = Math.max(arrived, now);
      while (arrived < end) {
        now = Math.max(now, arrived);
        longest = Math.max(longest, now - arrived);
        const isTaken = control.takes(now);
        if (isTaken) taken += 1;
        now += isTaken ? taking : refusing;
        // Work that has come is looked at before the time is, as sockets are; so the delay is that of the queue.
        const due = control.nextDeadline();
        if (due !== undefined && now >= due) {
          control.late(now - arrived);
          control.handleTime(now);
        }
        arrived += apart;
      }
      return { perSecond: taken / seconds, longest };
    },
  };
}

describe('RFC 7339: under more load than it can bear', () => {
  test.each([1.5, 2, 4])(
    '%s times of it: nine tenths are served of what there is time for beside refusing the rest, and in time',
    (times) => {
      const { run } = machine();
      run(1_000 * times, 3);
      const { perSecond, longest } = run(1_000 * times, 30);
      const mostPossible = (1_000 - 1_000 * times * refusing) / (1 - refusing);
      expect(perSecond).toBeGreaterThan(0.9 * Math.min(1_000, mostPossible));
      expect(longest).toBeLessThan(500);
    },
  );

  test('afterwards it takes everything again, within seconds', () => {
    const { run, control } = machine();
    run(3_000, 10);
    expect(control.share).toBeLessThan(0.5);
    run(500, 5);
    expect(control.share).toBe(1);
    expect(run(500, 10)).toMatchObject({ perSecond: 500 });
  });

  test('below what it can bear nothing is refused', () => {
    expect(machine().run(800, 60).perSecond).toBe(800);
  });
});

test('a machine that pauses once, or is late for other reasons than new work, refuses nobody', () => {
  const control = new OverloadControl();
  let now = 0;
  const interval = (work: number, delay: number) => {
    const taken = Array.from({ length: work }, () => control.takes(now)).filter(Boolean).length;
    now += overloadInterval + delay;
    control.late(delay);
    control.handleTime(now);
    return taken;
  };
  for (const delay of [0, 2_000, 0, 0, 400, 0]) expect(interval(50, delay)).toBe(50);
  for (let turn = 0; turn < 20; turn += 1) expect(interval(2, 5_000)).toBe(2);
  expect(control.share).toBe(1);
});

test('without new work it asks for no time', () => {
  const control = new OverloadControl();
  expect(control.nextDeadline()).toBeUndefined();
  control.takes(1_000);
  expect(control.nextDeadline()).toBe(1_000 + overloadInterval);
  control.handleTime(1_100);
  control.handleTime(1_200);
  expect(control.nextDeadline()).toBeUndefined();
});

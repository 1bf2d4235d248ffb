import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FailoverOutput, ManagerFailover } from './manager-failover.ts';

const comeBack = 1_000;

/** Managers that are there or not, and a phone that follows what it is told. */
class Managers {
  readonly there: boolean[];
  readonly failover: ManagerFailover;
  readonly tried: number[] = [];
  now = 0;
  /** The one that the phone is registered with, or was. */
  current: number | undefined;
  outputs: FailoverOutput[] = [];

  constructor(...there: boolean[]) {
    this.there = there;
    this.failover = new ManagerFailover(there.length, { comeBack });
    this.failover.start();
    this.settle();
  }

  settle(): void {
    for (let output = this.failover.poll(); output !== undefined; output = this.failover.poll()) {
      this.outputs.push(output);
      if (output.kind === 'move') this.current = output.manager;
      if (output.kind !== 'try') continue;
      this.tried.push(output.manager);
      this.failover.tried(this.now, this.there[output.manager] === true);
    }
  }

  goes(manager: number): void {
    this.there[manager] = false;
    if (this.current === manager) this.failover.lost();
    this.settle();
  }

  pass(milliseconds = comeBack): void {
    this.now += milliseconds;
    this.failover.handleTime(this.now);
    this.settle();
  }

  get kinds(): readonly string[] {
    return this.outputs.map(({ kind }) => kind);
  }
}

describe('a phone takes its managers by priority:', () => {
  test('the first that will have it', () => {
    const managers = new Managers(false, true, true);
    expect(managers.tried).toEqual([0, 1]);
    expect(managers.current).toBe(1);
  });

  test('none of them will', () => {
    const managers = new Managers(false, false);
    expect(managers.kinds).toEqual(['try', 'try', 'none']);
    expect(managers.failover.nextDeadline()).toBeUndefined();
  });

  test('when the first is lost, the next; when the first is there again, back to it', () => {
    const managers = new Managers(true, true, true);
    expect([managers.current, managers.failover.nextDeadline()]).toEqual([0, undefined]);
    managers.goes(0);
    expect(managers.current).toBe(1);
    managers.pass();
    expect([managers.current, managers.tried]).toEqual([1, [0, 1, 0]]);
    managers.there[0] = true;
    managers.pass();
    expect(managers.outputs.at(-1)).toEqual({ kind: 'move', manager: 0, reason: 'came-back' });
    expect(managers.failover.nextDeadline()).toBeUndefined();
  });

  test('a better one that is not the best is gone back to as well, and the best looked for on', () => {
    const managers = new Managers(false, false, true);
    managers.there[1] = true;
    managers.pass();
    expect(managers.current).toBe(1);
    managers.there[0] = true;
    managers.pass();
    expect(managers.current).toBe(0);
  });

  test('the second is lost: the first is asked before the third', () => {
    const managers = new Managers(false, true, true);
    managers.there[0] = true;
    managers.goes(1);
    expect(managers.current).toBe(0);
    expect(managers.tried).toEqual([0, 1, 0]);
  });

  test('all are lost: that is said once, and the one that the phone had may come back by itself', () => {
    const managers = new Managers(true, false);
    managers.goes(0);
    managers.failover.lost();
    managers.settle();
    expect(managers.kinds.filter((kind) => kind === 'none')).toHaveLength(1);
    managers.there[0] = true;
    managers.failover.back(managers.now);
    managers.goes(0);
    expect(managers.kinds.filter((kind) => kind === 'none')).toHaveLength(2);
  });
});

describe('no call is dropped for it:', () => {
  test('a manager lost during a call is left when the call is over', () => {
    const managers = new Managers(true, true);
    managers.failover.setBusy(true);
    managers.goes(0);
    expect(managers.tried).toEqual([0]);
    managers.failover.setBusy(false);
    managers.settle();
    expect(managers.current).toBe(1);
  });

  test('one that is back before the call is over is not left', () => {
    const managers = new Managers(true, true);
    managers.failover.setBusy(true);
    managers.goes(0);
    managers.failover.back(managers.now);
    managers.failover.setBusy(false);
    managers.settle();
    expect([managers.current, managers.tried]).toEqual([0, [0]]);
  });

  test('during a call nothing is tried, and it goes back after it', () => {
    const managers = new Managers(false, true);
    managers.there[0] = true;
    managers.failover.setBusy(true);
    managers.pass();
    expect(managers.tried).toEqual([0, 1]);
    managers.failover.setBusy(false);
    managers.pass();
    expect(managers.current).toBe(0);
  });

  test('a call that begins during the try keeps the phone where it is', () => {
    const failover = new ManagerFailover(2, { comeBack });
    failover.start();
    failover.poll();
    failover.tried(0, false);
    failover.poll();
    failover.tried(0, true);
    failover.handleTime(comeBack);
    failover.setBusy(true);
    failover.tried(comeBack, true);
    const said = [failover.poll(), failover.poll(), failover.poll()];
    expect(said.map((output) => output?.kind)).toEqual(['move', 'try', 'stay']);
    expect(failover.nextDeadline()).toBe(2 * comeBack);
  });
});

test('whatever managers come and go, the phone ends with the best that is there, once it had the time', () => {
  const change = fc.record({ manager: fc.nat(4), isThere: fc.boolean(), busy: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), fc.array(change), (there, changes) => {
      const managers = new Managers(...there);
      for (const { manager, isThere, busy } of changes) {
        if (manager >= there.length) continue;
        managers.failover.setBusy(busy);
        managers.settle();
        if (!isThere) managers.goes(manager);
        else {
          managers.there[manager] = true;
          if (managers.current === manager) managers.failover.back(managers.now);
          managers.settle();
        }
        managers.pass();
      }
      managers.failover.setBusy(false);
      managers.settle();
      for (let times = 0; times < there.length; times += 1) managers.pass();
      const best = managers.there.indexOf(true);
      const isRegistered = managers.current !== undefined && managers.there[managers.current] === true;
      // Where none would have the phone, whoever runs it begins again.
      if (isRegistered) expect(managers.current).toBe(best);
      else expect(managers.kinds.lastIndexOf('none')).toBeGreaterThan(-1);
    }),
  );
});

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Admission } from './admission.ts';
import { HandshakeGate } from './handshake-gate.ts';

const busy = (milliseconds: number): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};

test('handshakes begin one in a turn, in the order of their coming, and no more than there are places', async () => {
  const gate = new HandshakeGate(2);
  const begun: number[] = [];
  const releases: (() => void)[] = [];
  for (let at = 0; at < 4; at += 1) {
    gate.enter((release) => {
      begun.push(at);
      releases.push(release);
    });
  }
  expect(begun).toEqual([]);
  for (let at = 0; at < 10; at += 1) await turn();
  expect(begun).toEqual([0, 1]);
  releases[0]?.();
  releases[0]?.();
  for (let at = 0; at < 10; at += 1) await turn();
  expect(begun).toEqual([0, 1, 2]);
});

test('where turns take too long there are fewer places, though never none; they come back', async () => {
  const gate = new HandshakeGate(100, 60_000);
  let inside = 0;
  const releases: (() => void)[] = [];
  const enter = () =>
    gate.enter((release) => {
      inside += 1;
      releases.push(release);
    });
  for (let at = 0; at < 30; at += 1) {
    enter();
    busy(45); // in the same turn: the next is late
    await turn();
    if (at % 2 === 0) continue;
    for (const release of releases.splice(0)) release();
    inside = 0;
  }
  for (let at = 0; at < 60; at += 1) enter();
  for (let at = 0; at < 10; at += 1) await turn();
  expect(inside).toBeGreaterThanOrEqual(4);
  expect(inside).toBeLessThan(20);
});

test('who waits for its handshake does not leave for others; who has had its turn may', () => {
  const admission = new Admission<{ readonly name: string }>(4, () => '192.0.2.1', 1);
  const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
  admission.add(a);
  admission.wait(a);
  expect(admission.whoLeaves('192.0.2.1')).toBeUndefined();
  admission.add(b);
  expect(admission.whoLeaves('192.0.2.1')).toBe(b);
  admission.waitNoMore(a);
  admission.remove(b);
  expect(admission.whoLeaves('192.0.2.1')).toBe(a);
  admission.prove(a);
  expect(admission.whoLeaves('192.0.2.1')).toBeUndefined();
  for (const one of [b, c]) {
    admission.add(one);
    admission.wait(one);
  }
  admission.add({ name: 'd' });
  expect(admission.size).toBe(4);
});

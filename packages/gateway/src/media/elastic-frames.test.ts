import { expect, test } from 'vitest';
import { ElasticFrames } from './elastic-frames.ts';

test('two clocks that are not together lose and add nothing; one that is faster does now and then', () => {
  const frames = new ElasticFrames();
  const heard: number[] = [];
  const pull = () => {
    const frame = new Int16Array(1);
    frames.pull(frame);
    heard.push(frame[0] ?? 0);
  };
  frames.push(Int16Array.of(1));
  pull();
  for (let said = 2; said < 100; said++) {
    frames.push(Int16Array.of(said));
    pull();
  }
  expect(heard).toEqual([0, ...Array.from({ length: 98 }, (_, at) => at + 1)]);
  for (let said = 100; said < 110; said++) frames.push(Int16Array.of(said));
  pull();
  expect(heard.at(-1)).toBeGreaterThan(104);
  frames.clear();
  pull();
  expect(heard.at(-1)).toBe(0);
});

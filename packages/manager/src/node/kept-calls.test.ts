import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { KEPT_STATE_SCHEMA, type KeptState } from '../recovery/kept-state.ts';
import { KeptCalls } from './kept-calls.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-calls-'));
const path = join(folder, 'calls.kept');
const complaints: string[] = [];
const open = () => new KeptCalls(path, (sentence) => complaints.push(sentence));
afterEach(() => {
  rmSync(path, { force: true });
  complaints.length = 0;
});

const state = (id: string, keptAt = 1, more: Partial<KeptState> = {}): KeptState => ({
  schema: KEPT_STATE_SCHEMA,
  id,
  keptAt,
  legs: [],
  ...more,
});
const record = { call: 'a' } as NonNullable<KeptState['record']>;

test('what was kept is there for the next process, without being closed, in its last state', () => {
  const first = open();
  first.keep(state('a'));
  first.keep(state('b'));
  first.keep(state('a', 2));
  expect(open().states.toSorted((one, other) => one.id.localeCompare(other.id))).toEqual([state('a', 2), state('b')]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a call is forgotten when its record is stored and its ends know, in whatever order, and nothing of it is left', () => {
  const kept = open();
  for (const steps of [['recorded', 'settled'] as const, ['settled', 'recorded'] as const]) {
    kept.keep(state('a', 1, { record }));
    for (const step of steps) {
      expect(open().states).toHaveLength(1);
      kept[step]('a');
    }
    expect(open().states).toEqual([]);
  }
  expect(kept.size).toBe(0);
  expect(readFileSync(path).every((octet) => octet === 0)).toBe(true);
});

test('room is used again', () => {
  const kept = open();
  for (let at = 0; at < 100; at += 1) {
    kept.keep(state(String(at), 1, { record }));
    kept.recorded(String(at));
    kept.settled(String(at));
  }
  expect(statSync(path).size).toBeLessThanOrEqual(16_384);
});

test('of two states of a call, where the process died between the two, the later one counts', () => {
  open().keep(state('a', 1));
  const [older] = [readFileSync(path)];
  rmSync(path);
  open().keep(state('a', 1, { record }));
  const newer = Buffer.concat([readFileSync(path), Buffer.alloc(16_384)]).subarray(0, 16_384);
  writeFileSync(path, Buffer.concat([newer, older]));
  expect(open().states).toEqual([state('a', 1, { record })]);
  expect(open().states).toHaveLength(1);
});

test('what was written in part, by another version or by nobody is passed over and overwritten', () => {
  open().keep(state('a'));
  truncateSync(path, 30);
  expect(open().states).toEqual([]);
  open().keep({ ...state('b'), schema: 2 as never });
  expect(open().states).toEqual([]);
  writeFileSync(path, Buffer.alloc(40_000, 0xff));
  const kept = open();
  expect(kept.states).toEqual([]);
  kept.keep(state('c'));
  expect(open().states).toEqual([state('c')]);
});

test('a call that is too large is not kept, and somebody hears of it; no earlier state of it stays', () => {
  const kept = open();
  kept.keep(state('a'));
  kept.keep(state('a', 2, { legs: [{ device: 'x'.repeat(20_000) }] as unknown as KeptState['legs'] }));
  expect(open().states).toEqual([]);
  expect(complaints).toMatchObject([expect.stringContaining('too large')]);
});

test('a closed file takes nothing and forgets nothing', () => {
  const kept = open();
  kept.keep(state('a', 1, { record }));
  kept.close();
  kept.recorded('a');
  kept.settled('a');
  kept.keep(state('b'));
  expect(open().states).toEqual([state('a', 1, { record })]);
});

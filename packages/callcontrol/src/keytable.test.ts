import { expect, test } from 'vitest';
import { KeyTable, keyMemory, mostKeysOfDescription } from './keytable.ts';
import { audio, keyOf, suite32 } from './scripted.fixture.ts';

test('a key belongs to one leg, whatever the suite it is offered under, and a leg may offer its own again', () => {
  const table = new KeyTable();
  expect(table.claim(0, 'call', 'a', audio([keyOf(1)]))).toBe('granted');
  expect(table.claim(0, 'call', 'a', audio([keyOf(1)]))).toBe('granted');
  expect(table.claim(0, 'call', 'b', audio([keyOf(1)]))).toBe('reused');
  expect(table.claim(0, 'other', 'c', audio([keyOf(1, suite32)]))).toBe('reused');
});

test('a refused description takes none of its keys', () => {
  const table = new KeyTable();
  table.claim(0, 'call', 'a', audio([keyOf(1)]));
  expect(table.claim(0, 'other', 'b', audio([keyOf(2), keyOf(1, suite32, 2)]))).toBe('reused');
  expect(table.claim(0, 'third', 'c', audio([keyOf(2)]))).toBe('granted');
});

test('a key is remembered for a day after its call, then forgotten and its place given back', () => {
  const table = new KeyTable();
  table.claim(0, 'call', 'a', audio([keyOf(1)]));
  table.end(1000, 'call');
  expect(table.claim(1000 + keyMemory - 1, 'other', 'b', audio([keyOf(1)]))).toBe('reused');
  expect(table.size).toBe(1);
  table.end(1000 + keyMemory, 'other');
  expect(table.size).toBe(0);
});

test('keys of ended calls are forgotten in the order of their ends, however many there were', () => {
  const table = new KeyTable();
  const calls = 3_000;
  for (let call = 0; call < calls; call += 1) {
    table.claim(call, String(call), 'a', audio([keyOf(call + 1)]));
    table.end(call, String(call));
  }
  expect(table.size).toBe(calls);
  table.end(2_000 + keyMemory, 'none');
  expect(table.size).toBe(calls - 2_001);
  expect(table.claim(2_000 + keyMemory, 'again', 'b', audio([keyOf(2_001)]))).toBe('granted');
  expect(table.claim(2_000 + keyMemory, 'again', 'b', audio([keyOf(2_002)]))).toBe('reused');
});

test('a description with more keys than any phone offers is refused', () => {
  const keys = Array.from({ length: mostKeysOfDescription + 1 }, (_, at) => keyOf(at, suite32, at));
  expect(new KeyTable().claim(0, 'call', 'a', audio(keys))).toBe('too-many');
});

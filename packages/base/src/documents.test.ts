import { expect, test } from 'vitest';
import { type KeySchema, namesAt, pathText, problemLine, valueAt } from './documents.ts';

const schema: KeySchema = {
  properties: {
    node: { type: 'string' },
    listeners: {
      items: {
        oneOf: [
          { properties: { transport: { const: 'tls' }, legacy: { type: 'boolean' } } },
          { properties: { transport: { const: 'wss' }, origins: { items: { type: 'string' } } } },
        ],
      },
    },
  },
};

test('a problem is one line that says where it is, what is wrong, and what may have been meant', () => {
  const problem = { path: 'listeners[0].prot', line: 7, message: 'There is no such key.', nearest: 'port' };
  expect(problemLine('a.yaml', problem)).toBe('a.yaml:7: listeners[0].prot: There is no such key. Did you mean port?');
  expect(problemLine('--set', { path: '', message: 'It is no map.' })).toBe('--set: It is no map.');
});

test('a path is written as it is typed, and leads to its value or to none', () => {
  const document = { listeners: [{ transport: 'tls' }] };
  expect(pathText(['listeners', 0, 'transport'])).toBe('listeners[0].transport');
  expect(valueAt(document, ['listeners', 0, 'transport'])).toBe('tls');
  expect(valueAt(document, ['listeners', 1, 'transport'])).toBeUndefined();
  expect(valueAt(document, ['listeners', 0, 'transport', 'length', 'x'])).toBeUndefined();
});

test('the names at a path are those of every variant that may stand there', () => {
  expect(namesAt(schema, [])).toEqual(['node', 'listeners']);
  expect(namesAt(schema, ['listeners', 3])).toEqual(['transport', 'legacy', 'origins']);
  expect(namesAt(schema, ['node', 'x'])).toEqual([]);
});

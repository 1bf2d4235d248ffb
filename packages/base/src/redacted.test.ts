import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Redacted } from './redacted.ts';

test('a secret shows in no text, JSON or inspection, and only reveal() gives it back', () => {
  const key = new Redacted('correct horse');
  for (const text of [
    `${key}`,
    JSON.stringify({ key }),
    inspect({ key }),
    inspect(key, { showHidden: true, depth: 9 }),
  ]) {
    expect(text).not.toContain('horse');
  }
  expect(key.reveal()).toBe('correct horse');
});

import { expect, test } from 'vitest';
import * as room from './index.ts';

test('the room exports what its README names', () => {
  expect(Object.keys(room).sort()).toEqual([
    'CallControl',
    'CallControlError',
    'causeOfQ850',
    'causeText',
    'causes',
    'createNumbering',
    'decide',
    'defaultSettings',
    'isConfidential',
    'isEncrypted',
    'isSameKey',
    'matchPattern',
    'mayUseKeys',
    'parsePattern',
    'q850',
    'readNetwork',
    'readPattern',
    'weekdays',
  ]);
});

import { expect, test } from 'vitest';
import { dictionaryOf } from './dictionary.ts';

const hex = (source: string) => dictionaryOf([source]).map((word) => Buffer.from(word).toString('hex'));
const words = (source: string) => dictionaryOf([source]).map((word) => String.fromCharCode(...word));

test('numbers are octets in both orders, as few as hold them', () => {
  expect(hex('if (magic !== 0xa1b2_c3d4) return;')).toEqual(['a1b2c3d4', 'd4c3b2a1']);
  expect(hex('const port = 5_060;')).toEqual(['13c4', 'c413']);
  expect(hex('x === 0x2a')).toEqual(['2a', '002a', '2a00']);
});

test('what is too small or too large to be looked for is left out', () => {
  expect(hex('0 + 1 + 4294967296 + 1.5')).toEqual(['05', '0005', '0500']);
});

test('words are octets; sentences and comments are not words', () => {
  expect(words("const a = 'INVITE' + 'BYE';")).toEqual(['INVITE', 'BYE']);
  expect(words("/* 'ACK' */ throw new Error('this is no word'); '\\r\\n' + 'a=crypto:'")).toEqual([
    '\r\n',
    'a=crypto:',
  ]);
  expect(words("  // 'PRACK'\n f('UPDATE')")).toEqual(['UPDATE']);
});

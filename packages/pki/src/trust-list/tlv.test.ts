import { describe, expect, test } from 'vitest';
import { readOrReject, textOf } from './tlv.ts';

describe('a text of a trust list', () => {
  const read = (...value: readonly number[]) =>
    readOrReject(new Uint8Array(), () => textOf({ tag: 2, offset: 7, value: Uint8Array.from(value) }));

  test('ends with the NUL that its length counts', () => {
    expect(read(0x6e, 0x31, 0)).toBe('n1');
    expect(read(0)).toBe('');
  });

  test('is refused without its NUL, even when it has no octet at all, for that is not what would be written', () => {
    expect(read()).toMatchObject({ ok: false, rule: 'text', offset: 7 });
    expect(read(0x6e, 0x31)).toMatchObject({ ok: false, rule: 'text', offset: 7 });
  });
});

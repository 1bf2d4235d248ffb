import { describe, expect, test } from 'vitest';
import { cardNumbers, mask } from './card-number.ts';

// Numbers that card networks publish for trials.
const visa = '4111111111111111';
const mastercard = '5555555555554444';
const amex = '378282246310005';
const found = (digits: string) => cardNumbers(digits).map((card) => card.digits);

describe('a card number among dialled digits', () => {
  test.each([
    visa,
    '4012888888881881',
    '4222222222222',
    mastercard,
    '2223003122003222',
    amex,
    '6011111111111117',
    '30569309025904',
    '3530111333300000',
    '6200000000000005',
    '6759649826438453',
  ])('is found by its length, first digits and check digit (ISO/IEC 7812): %s', (digits) => {
    expect(found(digits)).toEqual([digits]);
    const wrong = digits.slice(0, -1) + String((Number(digits.at(-1)) + 1) % 10);
    expect(found(wrong)).not.toContain(wrong);
  });

  test('is found before a sign, an expiry date and a security code, with or without signs between', () => {
    for (const behind of ['#', '#1227#123#', '1227', '123', '1227123', '*1', '#D']) {
      expect(found(visa + behind)).toEqual([visa]);
      expect(found(amex + behind)).toEqual([amex]);
    }
  });

  test('is found behind the choices of a menu, and several in one string', () => {
    expect(cardNumbers(`1#2#${visa}#${mastercard}#0000`)).toEqual([
      { digits: visa, at: 4 },
      { digits: mastercard, at: 21 },
    ]);
    expect(found(`12${visa}`)).toEqual([visa]);
    expect(found(visa + mastercard)).toEqual([visa, mastercard]);
  });

  test('is in no number of a telephone, PIN or account of another kind', () => {
    for (const digits of [
      '',
      '1234',
      '0041791234567',
      '00493012345678',
      '1'.repeat(16),
      '0'.repeat(16),
      '123456789012',
    ]) {
      expect(found(digits)).toEqual([]);
    }
  });

  test('is no more likely than its check digit makes it: of random digits few pass', () => {
    let cards = 0;
    for (let seed = 0; seed < 2_000; seed++) {
      const digits = Array.from(
        { length: 16 },
        (_, at) => Math.floor(Math.abs(Math.sin(seed * 97 + at * 13)) * 1e6) % 10,
      );
      cards += found(digits.join('')).length;
    }
    expect(cards).toBeLessThan(200);
  });
});

test('masked digits show the last two of each entry, and the signs between', () => {
  expect(mask(`${visa}#1227#`)).toBe('••••••••••••••11#••27#');
  expect(mask('12')).toBe('••');
  expect(mask('*5#')).toBe('*•#');
});

import { describe, expect, test } from 'vitest';
import { type NumberingArea, numberForCarrier, numberOfParty, partyOfNumber } from './numbering-area.ts';

const berlin: NumberingArea = {
  countryCode: '49',
  areaCode: '30',
  nationalPrefix: '0',
  internationalPrefix: '00',
  send: 'typed',
};

describe('Q.931 §4.5.8: the type of a number says what it is', () => {
  test.each([
    [1, '44205550100', '+44205550100'],
    [2, '30555', '+4930555'],
    [4, '555', '+4930555'],
    [0, '0044205550100', '+44205550100'],
    [0, '030555', '+4930555'],
    [0, '110', '110'],
    [6, '21', '21'],
    [0, '', ''],
    [0, '+4930555', '+4930555'],
  ])('type %i %s is %s', (typeOfNumber, digits, number) => {
    expect(numberOfParty({ typeOfNumber, numberingPlan: 1, digits }, berlin)).toBe(number);
  });

  test('without an area only an international number is one of E.164', () => {
    expect(numberOfParty({ typeOfNumber: 2, numberingPlan: 1, digits: '30555' }, undefined)).toBe('30555');
    expect(numberOfParty({ typeOfNumber: 1, numberingPlan: 1, digits: '4930555' }, undefined)).toBe('+4930555');
  });

  test('is sent with its type, or as one would dial it', () => {
    expect(partyOfNumber('+4930555', berlin)).toEqual({ typeOfNumber: 2, numberingPlan: 1, digits: '30555' });
    expect(partyOfNumber('+44205', berlin)).toEqual({ typeOfNumber: 1, numberingPlan: 1, digits: '44205' });
    expect(partyOfNumber('110', berlin)).toEqual({ typeOfNumber: 0, numberingPlan: 1, digits: '110' });
    const dialled = { ...berlin, send: 'dialled' } as const;
    expect(partyOfNumber('+4930555', dialled).digits).toBe('030555');
    expect(partyOfNumber('+44205', dialled)).toEqual({ typeOfNumber: 0, numberingPlan: 1, digits: '0044205' });
    const restricted = { indicator: 1, screening: 0 };
    expect(partyOfNumber('+1212', undefined, restricted)).toMatchObject({ typeOfNumber: 1, presentation: restricted });
  });
});

test.each([
  ['030555', '+4930555', '030555'],
  ['+4930555', '+4930555', '030555'],
  ['0044205550100', '+44205550100', '0044205550100'],
  ['110', '110', '110'],
  ['', '', ''],
])('a carrier is told of %s as %s, or %s where it wants it as dialled', (number, typed, dialled) => {
  expect([numberForCarrier(number, berlin), numberForCarrier(number, { ...berlin, send: 'dialled' })]).toEqual([
    typed,
    dialled,
  ]);
  expect(numberForCarrier(number, undefined)).toBe(number);
});

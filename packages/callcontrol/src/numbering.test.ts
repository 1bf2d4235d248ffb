import { describe, expect, test } from 'vitest';
import { createNumbering } from './numbering.ts';

const outside = { kind: 'trunk', devices: ['outside'], discardAccessCode: true, prefix: '' } as const;
const entries = [
  { pattern: '0.!', target: outside, partition: 'national' },
  { pattern: '3000', target: { kind: 'hunt-group', name: 'sales' } },
] as const;
const sales = { name: 'sales', order: 'top-down', members: ['1001'], memberTimeout: 1 } as const;
const staff = { name: 'staff', partitions: ['national'], lines: ['1XXX'], devices: [] };

describe('numbering', () => {
  const guests = { name: 'guests', partitions: [], lines: ['19XX'], devices: ['SEPLOBBY'] };
  const numbering = createNumbering(
    { entries, huntGroups: [sales], callingSearchSpaces: [staff, guests] },
    (number) => number === '1001',
  );

  test.each([
    ['SEPA', '1001', 'trunk'],
    ['SEPA', '1901', 'blocked'],
    ['SEPLOBBY', '1001', 'blocked'],
    ['SEPA', '2001', 'blocked'],
  ])('%s on line %s dials outside: %s', (device, line, kind) => {
    expect(numbering.route('0555', { device, line }, 0)).toMatchObject({ kind });
  });

  test('finds its hunt groups', () => {
    expect(numbering.route('3000', { device: '', line: '1001' }, 0)).toMatchObject({ kind: 'hunt-group' });
    expect(numbering.huntGroup('sales')).toBe(sales);
  });

  test.each([
    [{ entries, huntGroups: [] }, 'hunt group that is not there: sales'],
    [
      { entries, huntGroups: [sales], callingSearchSpaces: [{ ...staff, partitions: ['nationl'] }] },
      'partition that is not there: nationl',
    ],
  ])('a name that is not there is an error: %#', (options, message) => {
    expect(() => createNumbering(options, () => false)).toThrow(
      expect.objectContaining({ code: 'callcontrol.unknown-name', message: expect.stringContaining(message) }),
    );
  });
});

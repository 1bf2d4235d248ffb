import { describe, expect, test } from 'vitest';
import { createDialPlan, type DialPlanEntry } from './dialplan.ts';

const noon = Date.parse('2026-11-27T12:00:00Z');
const anybody = { rights: [], at: noon };
const trunk = (prefix: string, discardAccessCode: boolean) =>
  ({ kind: 'trunk', devices: ['outside'], discardAccessCode, prefix }) as const;

describe('dial plan', () => {
  const plan = createDialPlan({
    entries: [
      { pattern: '1XXX', target: { kind: 'lines' }, policy: 'require' },
      { pattern: '0.!', target: trunk('+49', true), policy: 'prefer' },
      { pattern: '00900!', target: { kind: 'block', reason: 'premium numbers are blocked' } },
      { pattern: '110', target: trunk('', false) },
    ],
    isLine: (number) => ['1001', '2001'].includes(number),
    defaultPolicy: 'forbid',
  });

  test.each([
    ['1001', { kind: 'line', line: '1001', policy: 'require' }],
    ['2001', { kind: 'line', line: '2001', policy: 'forbid' }],
    ['055512', { kind: 'trunk', devices: ['outside'], number: '+4955512', policy: 'prefer' }],
    ['009001234', { kind: 'blocked', cause: 'call-rejected', reason: 'premium numbers are blocked' }],
    ['110', { kind: 'trunk', devices: ['outside'], number: '110', policy: 'forbid' }],
    ['1999', undefined],
    ['', undefined],
  ])('%s leads where the table says', (dialled, route) => {
    route === undefined
      ? expect(plan.route(dialled, anybody)).toBeUndefined()
      : expect(plan.route(dialled, anybody)).toMatchObject(route);
  });

  test('a pattern that cannot be read is named', () => {
    expect(() =>
      createDialPlan({ entries: [{ pattern: '1[', target: { kind: 'lines' } }], isLine: () => false }),
    ).toThrow(expect.objectContaining({ code: 'callcontrol.pattern-malformed', offset: 1 }));
  });
});

describe('rights, times and translations', () => {
  const office = {
    name: 'office',
    timeZone: 'UTC',
    periods: [{ days: ['friday'], from: '08:00', to: '18:00' }],
  } as const;
  const entries: readonly DialPlanEntry[] = [
    { pattern: '0.!', target: trunk('', true), partition: 'national' },
    { pattern: '000!', target: trunk('', true), partition: 'international' },
    { pattern: '10XX', target: { kind: 'lines' }, partition: 'board' },
    { pattern: '09!', target: trunk('', true), partition: 'national' },
    { pattern: '09!', target: trunk('7', false), partition: 'guests' },
    { pattern: '7.', target: { kind: 'translation', discardAccessCode: true, prefix: '1001' } },
    { pattern: '*9.!', target: { kind: 'translation', discardAccessCode: true, prefix: '0' } },
    { pattern: '8', target: { kind: 'translation', discardAccessCode: false, prefix: '' } },
    { pattern: '3000', target: { kind: 'hunt-group', name: 'sales' }, schedule: 'office', policy: 'require' },
    { pattern: '300X', target: { kind: 'block', reason: 'the office is closed' } },
    {
      pattern: '112',
      target: { kind: 'emergency', devices: ['outside', 'second'], discardAccessCode: false, prefix: '' },
    },
    { pattern: '0.112', target: { kind: 'emergency', devices: ['outside'], discardAccessCode: true, prefix: '' } },
    { pattern: '5000', target: { kind: 'conference', name: 'weekly' }, policy: 'require' },
    { pattern: '11X', target: { kind: 'block', reason: 'no service numbers' } },
  ];
  const plan = createDialPlan({ entries, schedules: [office], isLine: (number) => number === '1001' });
  const night = Date.parse('2026-11-27T20:00:00Z');
  const barred = { kind: 'blocked', cause: 'outgoing-calls-barred' };

  test.each([
    ['0555', ['national'], noon, { kind: 'trunk', number: '555' }, 'a right to the partition'],
    ['0555', [], noon, barred, 'no right is said, and not that the number is wrong'],
    ['000491', ['national'], noon, barred, 'a wider row is no way round the closest one'],
    ['0955', ['guests'], noon, { kind: 'trunk', number: '70955' }, 'another row for the same pattern is open'],
    ['000491', ['national', 'international'], noon, { kind: 'trunk' }, 'the closest with a right'],
    ['1001', [], noon, barred, 'a line in a partition'],
    ['1001', ['board'], noon, { kind: 'line', line: '1001' }, 'a line in a partition, with the right'],
    ['7', ['board'], noon, { kind: 'line', line: '1001' }, 'a translation to a line'],
    ['7', [], noon, barred, 'the number after the translation needs the right too'],
    ['*9555', ['national'], noon, { kind: 'trunk', number: '555' }, 'a translation to the outside'],
    ['8', [], noon, { kind: 'blocked', cause: 'exchange-routing-error' }, 'a translation to itself is a circle'],
    ['3000', [], noon, { kind: 'hunt-group', name: 'sales', policy: 'require' }, 'within its schedule'],
    ['3000', [], night, { kind: 'blocked', reason: 'the office is closed' }, 'outside of it another row counts'],
    ['5000', [], noon, { kind: 'conference', number: '5000', name: 'weekly', policy: 'require' }, 'a conference'],
    ['112', [], night, { kind: 'trunk', emergency: true, policy: 'prefer', number: '112' }, 'help needs no right'],
    ['0112', [], night, { kind: 'trunk', emergency: true, number: '112' }, 'nor does it with the access code'],
    ['113', [], noon, { kind: 'blocked', reason: 'no service numbers' }, 'what is no emergency number is none'],
  ] as const)('%s with the rights %j: %#', (dialled, rights, at, route, _why) => {
    expect(plan.route(dialled, { rights, at })).toMatchObject(route);
  });

  test('emergency numbers are known without knowing who dials', () => {
    expect(['112', '0112', '113', '1001'].map((number) => plan.isEmergency(number))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('a schedule that is not there is named', () => {
    const row = { pattern: '1', target: { kind: 'lines' }, schedule: 'offices' } as const;
    expect(() => createDialPlan({ entries: [row], schedules: [office], isLine: () => false })).toThrow(
      expect.objectContaining({ code: 'callcontrol.unknown-name', nextStep: 'Schedules are: office.' }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { compileSchedule, type TimeSchedule } from './time-schedule.ts';

const office: TimeSchedule = {
  name: 'office',
  timeZone: 'Europe/Berlin',
  periods: [{ days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], from: '08:00', to: '17:30' }],
  closedOn: ['2026-12-25'],
};
const night: TimeSchedule = {
  name: 'night',
  timeZone: 'UTC',
  periods: [{ days: ['friday'], from: '22:00', to: '06:00' }],
};

describe('a time schedule', () => {
  test.each([
    [office, '2026-11-27T07:30:00Z', true, 'half past eight in Berlin, in winter'],
    [office, '2026-11-27T06:59:00Z', false, 'a minute before eight'],
    [office, '2026-07-24T06:00:00Z', true, 'eight in Berlin, in summer'],
    [office, '2026-11-27T16:30:00Z', false, 'the end is exclusive'],
    [office, '2026-11-28T10:00:00Z', false, 'a Saturday'],
    [office, '2026-12-25T10:00:00Z', false, 'a Friday on which it is closed'],
    [night, '2026-11-27T22:00:00Z', true, 'Friday night begins'],
    [night, '2026-11-28T05:59:00Z', true, 'and lasts until Saturday morning'],
    [night, '2026-11-28T06:00:00Z', false, 'and not longer'],
    [night, '2026-11-27T05:00:00Z', false, 'Friday morning belongs to Thursday night'],
    [{ ...night, closedOn: ['2026-11-27'] }, '2026-11-28T01:00:00Z', false, 'a night that did not begin'],
    [
      { ...night, periods: [{ days: ['friday'], from: '00:00', to: '24:00' }] },
      '2026-11-27T23:59:00Z',
      true,
      'all day',
    ],
  ] as const)('%# at %s: %s (%s)', (schedule, at, active, _why) => {
    expect(compileSchedule(schedule)(Date.parse(at))).toBe(active);
  });

  test.each([
    [{ ...office, timeZone: 'Berlin' }, 'there is no time zone Berlin'],
    [{ ...office, periods: [{ days: ['monday'], from: '8:00', to: '17:00' }] }, '8:00 is no time of day'],
    [{ ...office, periods: [{ days: ['monday'], from: '08:00', to: '24:01' }] }, '24:01 is no time of day'],
    [{ ...office, closedOn: ['2026-02-30'] }, '2026-02-30 is no date'],
  ] as const)('that cannot be read says what is wrong: %#', (schedule, problem) => {
    expect(() => compileSchedule(schedule)).toThrow(
      expect.objectContaining({ code: 'callcontrol.schedule-malformed', message: expect.stringContaining(problem) }),
    );
  });
});

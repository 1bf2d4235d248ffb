import { CallControlError } from './error.ts';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/** Hours of some days of the week; an end before its beginning lies on the next day. */
export interface TimePeriod {
  readonly days: readonly Weekday[];
  /** `08:30`, of the schedule's time zone. */
  readonly from: string;
  /** `17:00`, exclusive; `24:00` is midnight. */
  readonly to: string;
}

/** When a row of the dial plan counts. */
export interface TimeSchedule {
  readonly name: string;
  /** As the IANA time zone database names it: `Europe/Berlin`. */
  readonly timeZone: string;
  readonly periods: readonly TimePeriod[];
  /** Days on which no period begins, `2026-12-25`. */
  readonly closedOn?: readonly string[];
}

const minutesOfDay = 24 * 60;
const millisecondsOfDay = minutesOfDay * 60_000;

/**
 * Reads a schedule once, so that asking it costs little.
 *
 * @returns whether the schedule is active at a wall-clock time, epoch milliseconds
 * @throws {CallControlError} callcontrol.schedule-malformed, naming what cannot be read
 */
export function compileSchedule(schedule: TimeSchedule): (at: number) => boolean {
  const local = localTime(schedule);
  const closed = new Set((schedule.closedOn ?? []).map((date) => readDate(schedule, date)));
  const periods = schedule.periods.map(({ days, from, to }) => ({
    days: new Set<string>(days),
    from: readMinutes(schedule, from),
    to: readMinutes(schedule, to),
  }));
  return (at) => {
    const { day, date, minutes } = local(at);
    return periods.some((period) => {
      const { days, from, to } = period;
      const beginsToday = days.has(day) && !closed.has(date);
      if (from < to) return beginsToday && minutes >= from && minutes < to;
      if (beginsToday && minutes >= from) return true;
      const yesterday = local(at - millisecondsOfDay);
      return days.has(yesterday.day) && !closed.has(yesterday.date) && minutes < to;
    });
  };
}

interface LocalTime {
  readonly day: string;
  /** `2026-12-25`. */
  readonly date: string;
  /** Since midnight. */
  readonly minutes: number;
}

function localTime(schedule: TimeSchedule): (at: number) => LocalTime {
  const format = formatFor(schedule);
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
    return {
      day: part('weekday').toLowerCase(),
      date: `${part('year')}-${part('month')}-${part('day')}`,
      minutes: Number(part('hour')) * 60 + Number(part('minute')),
    };
  };
}

function formatFor(schedule: TimeSchedule): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: schedule.timeZone,
      hourCycle: 'h23',
      weekday: 'long',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  } catch {
    throw malformed(schedule, `there is no time zone ${schedule.timeZone}`, 'Name it as in Europe/Berlin, or UTC.');
  }
}

function readMinutes(schedule: TimeSchedule, text: string): number {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const minutes = Number(match?.[1]) * 60 + Number(match?.[2]);
  if (match !== null && minutes <= minutesOfDay) return minutes;
  throw malformed(schedule, `${text} is no time of day`, 'Write hours and minutes, 08:30 to 24:00.');
}

function readDate(schedule: TimeSchedule, text: string): string {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(text) && new Date(at).toISOString().startsWith(text)) return text;
  throw malformed(schedule, `${text} is no date`, 'Write year, month and day: 2026-12-25.');
}

function malformed({ name }: TimeSchedule, problem: string, nextStep: string): CallControlError {
  return new CallControlError('callcontrol.schedule-malformed', `The schedule ${name} cannot be read: ${problem}`, {
    nextStep,
  });
}

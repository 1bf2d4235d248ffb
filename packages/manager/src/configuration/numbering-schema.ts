/** Where numbers lead: the part of `trustline.yaml` about dial plan, rights, times and hunt groups. */
import { parsePattern, weekdays } from '@trustline/callcontrol';
import { z } from 'zod';
import { dialableNumber } from '../dialable-number.ts';
import { leavingProtection } from './trunk-schema.ts';

/** Whether calls have to be encrypted, may be, or may not. */
export const encryptionPolicy = z.enum(['require', 'prefer', 'forbid']);

export const numberPattern = z.string().superRefine((text, context) => {
  const parsed = parsePattern(text);
  if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault.reason });
});

export const name = (of: string) =>
  z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,62}$/u, 'letters, digits, spaces, dots and hyphens, 63 at most')
    .describe(`Name of the ${of}, by which others refer to it.`);

const common = {
  pattern: numberPattern.describe(
    'Numbers that this row is for: digits, `*`, `#`, `+`, `X` for a digit, `[2-9]` for a set, `!` for one or more ' +
      'digits, and one `.` behind the access code. The closest pattern counts, wherever it stands.',
  ),
  partition: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Only callers whose calling search space names this partition may dial the row; without one everybody may. A ' +
        'caller without the right hears 403 and why.',
    ),
  schedule: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the schedule at whose times the row is there; without one it always is.'),
};
const rowPolicy = encryptionPolicy
  .optional()
  .describe('Encryption policy of calls on this row; without it, that of `calls.policy`.');
const devices = z
  .array(z.string().min(1))
  .min(1)
  .describe('Names of trunks or gateways: the first that is connected, has a channel free and can take the call does.');
const digitChange = {
  discardAccessCode: z.boolean().default(false).describe('Drops what stands before the `.` of the pattern.'),
  prefix: z
    .string()
    .regex(/^[0-9*#+]*$/, 'a prefix is of digits, *, # and +')
    .default('')
    .describe('Digits put in front of what remains.'),
};

export const dialPlanRow = z.discriminatedUnion('to', [
  z.strictObject({
    to: z.literal('lines').describe('Our own lines that match get the policy, partition and schedule of this row.'),
    ...common,
    policy: rowPolicy,
  }),
  z.strictObject({
    to: z.literal('trunk').describe('Numbers that match and are no line go to a trunk or gateway.'),
    ...common,
    policy: rowPolicy,
    devices,
    order: z
      .enum(['in-order', 'circular', 'by-load'])
      .default('in-order')
      .describe(
        'Which of the devices is tried first: `in-order` the first, `circular` each call the next, `by-load` the one with the smallest part of its ' +
          'channels in use (`trunks[].channels`). Whoever is set aside comes after all others.',
      ),
    leavingProtection: leavingProtection
      .optional()
      .describe(
        'What is done about calls of this row, which leave protection; without it, what `trunks[].leavingProtection` says.',
      ),
    ...digitChange,
  }),
  z.strictObject({
    to: z
      .literal('emergency')
      .describe(
        'Numbers that lead to help. They pass every restriction: rights, limits, overload, and a required encryption ' +
          'that cannot be had; each such call is an alarm.',
      ),
    pattern: common.pattern,
    devices,
    ...digitChange,
  }),
  z.strictObject({
    to: z.literal('translation').describe('The number becomes another, which is looked up anew.'),
    ...common,
    ...digitChange,
  }),
  z.strictObject({
    to: z.literal('hunt-group').describe('Numbers that match ring in a group of lines.'),
    ...common,
    policy: rowPolicy,
    name: z.string().min(1).describe('Name of the hunt group.'),
  }),
  z.strictObject({
    to: z
      .literal('park')
      .describe(
        'Each number that matches is a place to park a call at: transfer it there, and dial it to have it back.',
      ),
    ...common,
  }),
  z.strictObject({
    to: z
      .literal('pick-up')
      .describe('Takes a call that rings: at the line dialled behind the `.`, or any of the caller’s pick-up groups.'),
    ...common,
  }),
  z.strictObject({
    to: z
      .literal('conference')
      .describe(
        'Each number that matches is a conference: up to eight who dial it hear each other, over the media relay.',
      ),
    ...common,
    policy: rowPolicy,
    name: name('conference'),
  }),
  z.strictObject({
    to: z.literal('block').describe('Numbers that match are refused.'),
    ...common,
    reason: z.string().min(1).describe('Why, in words for the caller and the record.'),
  }),
]);

/** As call control reads it. */
const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time is written 08:30, up to 24:00');

/** Whether a name is that of a time zone here. */
export function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const timeSchedule = z.strictObject({
  name: name('schedule'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'a time zone is named as in Europe/Berlin, or UTC')
    .default('UTC')
    .describe('IANA time zone of its times: `Europe/Berlin`.'),
  periods: z
    .array(
      z.strictObject({
        days: z.array(z.enum(weekdays)).min(1).describe('Days of the week.'),
        from: timeOfDay.describe('Beginning, `08:30`.'),
        to: timeOfDay.describe('End, exclusive, `24:00` at most; one before the beginning lies on the next day.'),
      }),
    )
    .min(1)
    .describe('When it is active.'),
  closedOn: z
    .array(z.iso.date('a date is written 2026-12-25'))
    .default([])
    .describe('Days on which no period begins: `2026-12-25`.'),
});

export const callingSearchSpace = z.strictObject({
  name: name('calling search space'),
  partitions: z.array(z.string().min(1)).describe('Partitions of the dial plan that its callers may dial.'),
  lines: z
    .array(numberPattern)
    .default([])
    .describe('Patterns of calling lines; the closest one of all spaces counts.'),
  devices: z
    .array(z.string().min(1))
    .default([])
    .describe('Names of devices: trunks, which have no lines, and phones apart from the others of their line.'),
});

export const huntGroup = z.strictObject({
  name: name('hunt group'),
  order: z
    .enum(['top-down', 'circular', 'longest-idle', 'broadcast'])
    .default('top-down')
    .describe(
      'Who rings: `top-down` the first who is free, `circular` each call the next, `longest-idle` whoever has had no ' +
        'call for longest, `broadcast` all at once.',
    ),
  members: z
    .array(dialableNumber)
    .min(1)
    .describe('Lines of the group. Their own forwarding does not count within it.'),
  memberSeconds: z.int().min(1).max(600).default(12).describe('Time one member rings.'),
  otherwise: dialableNumber.optional().describe('Where a call goes that nobody takes; without it the call is refused.'),
});

export const pickUpGroup = z.strictObject({
  name: name('pick-up group'),
  lines: z.array(dialableNumber).min(1).describe('Lines that may take each other’s calls while they ring, and later.'),
});

interface Numbering {
  readonly dialPlan: readonly z.output<typeof dialPlanRow>[];
  readonly schedules: readonly { readonly name: string }[];
  readonly callingSearchSpaces: readonly z.output<typeof callingSearchSpace>[];
  readonly huntGroups: readonly { readonly name: string }[];
  readonly media: { readonly relay: string };
}

/** Whatever is named has to be there: a misspelt partition would bar everybody, and nobody would know why. */
export function checkNumberingNames(
  { dialPlan, schedules, callingSearchSpaces, huntGroups, media }: Numbering,
  context: z.RefinementCtx,
): void {
  const partitions = dialPlan.flatMap((row) => ('partition' in row && row.partition) || []);
  const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
  const check = (path: (string | number)[], what: string, named: string, known: readonly string[]) => {
    if (known.includes(named)) return;
    const message = `there is no such ${what}; there is: ${[...new Set(known)].join(', ') || 'none'}`;
    context.addIssue({ code: 'custom', path, message });
  };
  for (const [at, row] of dialPlan.entries()) {
    if ('schedule' in row && row.schedule !== undefined) {
      check(['dialPlan', at, 'schedule'], 'schedule', row.schedule, namesOf(schedules));
    }
    if (row.to === 'conference' && media.relay === 'never') {
      const message = 'the media relay mixes conferences, and media.relay is never';
      context.addIssue({ code: 'custom', path: ['dialPlan', at, 'to'], message });
    }
    if (row.to === 'hunt-group') check(['dialPlan', at, 'name'], 'hunt group', row.name, namesOf(huntGroups));
  }
  for (const [at, space] of callingSearchSpaces.entries()) {
    for (const [index, partition] of space.partitions.entries()) {
      check(['callingSearchSpaces', at, 'partitions', index], 'partition', partition, partitions);
    }
  }
}

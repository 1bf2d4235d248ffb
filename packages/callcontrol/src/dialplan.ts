import { assertNever } from '@trustline/base';
import type { SecurityPolicy } from '@trustline/evidence';
import type { CallerRights } from './calling-rights.ts';
import type { LeavingProtection, Route, RouteListOrder, RouteOrigin } from './directory.ts';
import { CallControlError } from './error.ts';
import { comparePatterns, isDialable, matchPattern, type NumberPattern, readPattern } from './number-pattern.ts';
import { compileSchedule, type TimeSchedule } from './time-schedule.ts';

/** How the digits of a number change on their way. */
export interface DigitChange {
  /** Drop what stands before the dot of the pattern. */
  readonly discardAccessCode: boolean;
  /** Put in front of what remains. */
  readonly prefix: string;
}

/** Where a row of the dial plan leads. */
export type DialPlanTarget =
  /** Internal lines that match get this row's policy. */
  | { readonly kind: 'lines' }
  /** To the outside, by one of these devices: the first in this order that is there and takes the call. */
  | ({
      readonly kind: 'trunk';
      readonly devices: readonly string[];
      readonly order?: RouteListOrder;
      readonly leavingProtection?: LeavingProtection;
    } & DigitChange)
  /** As `trunk`, past every restriction: rights, schedules, limits, a required encryption that cannot be had. */
  | ({ readonly kind: 'emergency'; readonly devices: readonly string[] } & DigitChange)
  /** The number becomes another, which is looked up anew. */
  | ({ readonly kind: 'translation' } & DigitChange)
  /** Several lines behind one number. */
  | { readonly kind: 'hunt-group'; readonly name: string }
  /** Takes a call that rings at a line of the caller's pick-up groups: at the one dialled behind the access code, or any. */
  | { readonly kind: 'pick-up' }
  /** Each number that matches is a place where a call can be parked: by transferring it there, until somebody dials it. */
  | { readonly kind: 'park' }
  /** Each number that matches is a conference: whoever dials it hears the others who have. */
  | { readonly kind: 'conference'; readonly name: string }
  /** Refused, with the reason. */
  | { readonly kind: 'block'; readonly reason: string };

/** One row of a dial plan. */
export interface DialPlanEntry {
  /** As `parsePattern` reads it. */
  readonly pattern: string;
  readonly target: DialPlanTarget;
  /** Absent for the plan's default. */
  readonly policy?: SecurityPolicy;
  /** Only callers with a right to this partition may dial the row; without one everybody may. */
  readonly partition?: string;
  /** Name of the schedule at whose times the row is there; without one it always is. */
  readonly schedule?: string;
}

/** Who dials, and when. */
export interface DialledBy {
  readonly rights: CallerRights;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Answers `Directory.route`. */
export interface DialPlan {
  route(dialled: string, by: DialledBy): Route | undefined;
  /** True for a number that leads to help, whoever dials it. */
  isEmergency(dialled: string): boolean;
  /** The patterns of the rows that are there at this time, in epoch milliseconds, and lead anywhere by themselves. */
  patterns(at: number): readonly NumberPattern[];
}

export interface DialPlanOptions {
  readonly entries: readonly DialPlanEntry[];
  readonly schedules?: readonly TimeSchedule[];
  /** Whether a number is a line now. */
  readonly isLine: (number: string) => boolean;
  readonly defaultPolicy?: SecurityPolicy;
}

/** Translations in a row at most: more is a circle. */
const mostTranslations = 8;

interface Row {
  readonly entry: DialPlanEntry;
  readonly pattern: NumberPattern;
  readonly isActive: (at: number) => boolean;
}

/**
 * Builds a dial plan. Emergency numbers go before everything. A number that is a line goes to this line; the closest
 * pattern that matches it gives the policy, and may translate or block it. Any other number takes the closest pattern
 * that leads elsewhere. A row whose schedule is not active is not there. The closest row that is there decides: a caller
 * without the right to its partition is refused and hears why, unless another row for the same pattern is open to him.
 *
 * @throws {CallControlError} callcontrol.pattern-malformed, naming the pattern and the place;
 *   callcontrol.schedule-malformed; callcontrol.unknown-name for a schedule that is not there
 */
export function createDialPlan({
  entries,
  schedules = [],
  isLine,
  defaultPolicy = 'prefer',
}: DialPlanOptions): DialPlan {
  const rows = readRows(entries, schedules);
  const emergencies = rows.filter(({ entry }) => entry.target.kind === 'emergency');

  const routeOnce = (dialled: string, by: DialledBy): Route | Translated | undefined => {
    const line = isLine(dialled);
    let barred: { readonly partition: string; readonly source: string; readonly pattern: string } | undefined;
    for (const { entry, pattern, isActive } of rows) {
      const { target, partition } = entry;
      if (line ? target.kind === 'trunk' : target.kind === 'lines') continue;
      // A wider row is no way round the closest one: only another row for the very same numbers counts beside it.
      if (barred !== undefined && pattern.source !== barred.source) break;
      const match = matchPattern(pattern, dialled);
      if (match === undefined || !isActive(by.at)) continue;
      if (partition === undefined || by.rights.includes(partition)) {
        return { ...leadTo(target, dialled, match.rest, entry.policy ?? defaultPolicy), pattern: entry.pattern };
      }
      barred ??= { partition, source: pattern.source, pattern: entry.pattern };
    }
    if (barred !== undefined) {
      const reason = `The calling line has no right to dial this number (partition ${barred.partition})`;
      return { kind: 'blocked', cause: 'outgoing-calls-barred', reason, pattern: barred.pattern };
    }
    return line ? { kind: 'line', line: dialled, policy: defaultPolicy } : undefined;
  };

  const emergency = (dialled: string): Route | undefined => {
    for (const { entry, pattern } of emergencies) {
      const match = matchPattern(pattern, dialled);
      const { target } = entry;
      if (match === undefined || target.kind !== 'emergency') continue;
      const number = changed(target, dialled, match.rest);
      // Help comes before encryption: it is taken where both ends have it, and its lack never stands in the way.
      const { devices } = target;
      const passesRequire = (entry.policy ?? defaultPolicy) === 'require';
      return {
        kind: 'trunk',
        devices,
        number,
        policy: 'prefer',
        emergency: true,
        ...(passesRequire ? { passesRequire } : {}),
        pattern: entry.pattern,
      };
    }
    return undefined;
  };

  return {
    isEmergency: (dialled) => emergency(dialled) !== undefined,
    // A row of lines speaks of those that are there, which count themselves.
    patterns: (at) =>
      rows.flatMap(({ entry, pattern, isActive }) => (entry.target.kind === 'lines' || !isActive(at) ? [] : [pattern])),
    route(dialled, by) {
      let number = dialled;
      const translations: { readonly pattern: string; readonly number: string }[] = [];
      while (translations.length <= mostTranslations) {
        const found = emergency(number) ?? routeOnce(number, by);
        if (found === undefined) return undefined;
        if (found.kind !== 'translated') return translations.length === 0 ? found : { ...found, translations };
        number = found.number;
        translations.push({ pattern: found.pattern ?? '', number });
      }
      const reason = `The dial plan translates this number more than ${mostTranslations} times`;
      return { kind: 'blocked', cause: 'exchange-routing-error', reason };
    },
  };
}

interface Translated extends RouteOrigin {
  readonly kind: 'translated';
  readonly number: string;
}

function leadTo(target: DialPlanTarget, dialled: string, rest: string, policy: SecurityPolicy): Route | Translated {
  switch (target.kind) {
    case 'lines':
      return { kind: 'line', line: dialled, policy };
    case 'trunk': {
      const { devices, order, leavingProtection } = target;
      return {
        kind: 'trunk',
        devices,
        ...(order && { order }),
        ...(leavingProtection && { leavingProtection }),
        number: changed(target, dialled, rest),
        policy,
      };
    }
    case 'emergency':
      return { kind: 'trunk', devices: target.devices, number: changed(target, dialled, rest), policy };
    case 'translation': {
      const number = changed(target, dialled, rest);
      if (isDialable(number)) return { kind: 'translated', number };
      return { kind: 'blocked', cause: 'invalid-number-format', reason: 'The translation leaves no number to dial' };
    }
    case 'hunt-group':
      return { kind: 'hunt-group', name: target.name, policy };
    case 'pick-up':
      return { kind: 'pick-up', ...(rest === dialled ? {} : { line: rest }), policy };
    case 'park':
      return { kind: 'park', number: dialled, policy };
    case 'conference':
      return { kind: 'conference', number: dialled, name: target.name, policy };
    case 'block':
      return { kind: 'blocked', cause: 'call-rejected', reason: target.reason };
    default:
      return assertNever(target);
  }
}

function changed({ discardAccessCode, prefix }: DigitChange, dialled: string, rest: string): string {
  return prefix + (discardAccessCode ? rest : dialled);
}

function readRows(entries: readonly DialPlanEntry[], schedules: readonly TimeSchedule[]): readonly Row[] {
  const compiled = new Map(schedules.map((schedule) => [schedule.name, compileSchedule(schedule)]));
  const rows = entries.map((entry): Row => {
    const { schedule } = entry;
    const isActive = schedule === undefined ? () => true : compiled.get(schedule);
    if (isActive === undefined) {
      throw new CallControlError(
        'callcontrol.unknown-name',
        `The pattern '${entry.pattern}' names a schedule that is not there: ${schedule}`,
        { nextStep: `Schedules are: ${[...compiled.keys()].join(', ') || 'none'}.` },
      );
    }
    return { entry, pattern: readPattern(entry.pattern), isActive };
  });
  return rows.sort((a, b) => comparePatterns(a.pattern, b.pattern));
}

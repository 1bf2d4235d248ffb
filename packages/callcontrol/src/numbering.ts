import type { SecurityPolicy } from '@trustline/evidence';
import { type CallingSearchSpace, compileCallingRights } from './calling-rights.ts';
import { type DialledSoFar, dialledSoFar } from './dialling.ts';
import { createDialPlan, type DialPlanEntry } from './dialplan.ts';
import type { Directory, HuntGroup } from './directory.ts';
import { CallControlError } from './error.ts';
import { numbersOf, readPattern } from './number-pattern.ts';
import type { TimeSchedule } from './time-schedule.ts';

/** Everything that says where a number leads, beside the lines of the devices. */
export interface NumberingOptions {
  readonly entries: readonly DialPlanEntry[];
  readonly schedules?: readonly TimeSchedule[];
  readonly callingSearchSpaces?: readonly CallingSearchSpace[];
  readonly huntGroups?: readonly HuntGroup[];
  /** Lines that may take each other's calls while they ring. */
  readonly pickUpGroups?: readonly PickUpGroup[];
  readonly defaultPolicy?: SecurityPolicy;
}

export interface PickUpGroup {
  readonly name: string;
  /** Directory numbers. */
  readonly lines: readonly string[];
}

/** Where numbers lead: a {@link Directory}'s answers about them. */
export interface Numbering extends Pick<Directory, 'route' | 'huntGroup' | 'pickUpLines'> {
  /** True for a number that leads to help, whoever dials it. */
  isEmergency(number: string): boolean;
  /**
   * Whether the digits that a phone has sent one by one are a number yet.
   *
   * @param numbers directory numbers and codes that lead somewhere beside the dial plan
   * @param at epoch milliseconds
   */
  dialledSoFar(digits: string, numbers: Iterable<string>, at: number): DialledSoFar;
  /** The numbers of the dial plan that lead to such a feature, where they are few. */
  numbersTo(feature: 'pick-up' | 'park' | 'conference'): readonly string[];
}

/** Numbers of one row that a feature key looks through at most. */
const MOST_NUMBERS = 100;

/**
 * Joins dial plan, schedules, calling rights and hunt groups.
 *
 * @param isLine whether a number is a line now
 * @throws {CallControlError} callcontrol.pattern-malformed, callcontrol.schedule-malformed; callcontrol.unknown-name for
 *   a schedule, partition or hunt group that is named and not there
 */
export function createNumbering(options: NumberingOptions, isLine: (number: string) => boolean): Numbering {
  const {
    entries,
    schedules = [],
    callingSearchSpaces = [],
    huntGroups = [],
    pickUpGroups = [],
    defaultPolicy = 'prefer',
  } = options;
  const plan = createDialPlan({ entries, schedules, isLine, defaultPolicy });
  const rightsOf = compileCallingRights(callingSearchSpaces);
  const groups = new Map(huntGroups.map((group) => [group.name, group]));
  const partitions = new Set(entries.flatMap(({ partition }) => partition ?? []));
  for (const { name, partitions: named } of callingSearchSpaces) {
    for (const partition of named) {
      assertThere(`The calling search space ${name}`, 'partition', partition, [...partitions]);
    }
  }
  for (const { pattern, target } of entries) {
    if (target.kind !== 'hunt-group') continue;
    assertThere(`The pattern '${pattern}'`, 'hunt group', target.name, [...groups.keys()]);
  }
  return {
    isEmergency: (number) => plan.isEmergency(number),
    dialledSoFar: (digits, numbers, at) => {
      const { isEmergency } = plan;
      return dialledSoFar(digits, { patterns: plan.patterns(at), numbers, isEmergency });
    },
    numbersTo: (feature) =>
      entries
        .filter(({ target }) => target.kind === feature)
        .flatMap(({ pattern }) => numbersOf(readPattern(pattern), MOST_NUMBERS)),
    huntGroup: (name) => groups.get(name),
    pickUpLines: (line) => pickUpGroups.filter(({ lines }) => lines.includes(line)).flatMap(({ lines }) => lines),
    route: (dialled, caller, at) => plan.route(dialled, { rights: rightsOf(caller), at }),
  };
}

function assertThere(who: string, what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new CallControlError('callcontrol.unknown-name', `${who} names a ${what} that is not there: ${name}`, {
    nextStep: `There is: ${known.join(', ') || 'none'}.`,
  });
}

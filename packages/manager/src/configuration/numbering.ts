import type { DialPlanEntry, DialPlanTarget, NumberingOptions } from '@trustline/callcontrol';
import type { Configuration } from './schema.ts';

type Row = Configuration['dialPlan'][number];

/** Where numbers lead by this configuration. */
export function numberingOf(configuration: Configuration): NumberingOptions {
  const { dialPlan, schedules, callingSearchSpaces, huntGroups, pickUpGroups, calls } = configuration;
  return {
    entries: dialPlan.map(entryOf),
    schedules,
    callingSearchSpaces,
    huntGroups: huntGroups.map(({ memberSeconds, otherwise, ...group }) => ({
      ...group,
      memberTimeout: memberSeconds * 1_000,
      ...(otherwise === undefined ? {} : { otherwise }),
    })),
    pickUpGroups,
    defaultPolicy: calls.policy,
  };
}

function entryOf(row: Row): DialPlanEntry {
  const { policy, partition, schedule } = { policy: undefined, partition: undefined, schedule: undefined, ...row };
  return {
    pattern: row.pattern,
    target: targetOf(row),
    ...(policy === undefined ? {} : { policy }),
    ...(partition === undefined ? {} : { partition }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

function targetOf(row: Row): DialPlanTarget {
  switch (row.to) {
    case 'lines':
      return { kind: 'lines' };
    case 'trunk': {
      const { to: kind, devices, order, leavingProtection, discardAccessCode, prefix } = row;
      const leaving = leavingProtection === undefined ? {} : { leavingProtection };
      return { kind, devices, order, ...leaving, discardAccessCode, prefix };
    }
    case 'emergency': {
      const { to: kind, devices, discardAccessCode, prefix } = row;
      return { kind, devices, discardAccessCode, prefix };
    }
    case 'translation': {
      const { discardAccessCode, prefix } = row;
      return { kind: 'translation', discardAccessCode, prefix };
    }
    case 'hunt-group':
      return { kind: 'hunt-group', name: row.name };
    case 'park':
      return { kind: 'park' };
    case 'pick-up':
      return { kind: 'pick-up' };
    case 'conference':
      return { kind: 'conference', name: row.name };
    case 'block':
      return { kind: 'block', reason: row.reason };
  }
}

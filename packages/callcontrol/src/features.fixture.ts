/** Numbers of 1001 to 1006 that lead to each feature, and what must hold of all calls: for the fuzz target here, and the manager's model. */
import type { SecurityLevel } from '@trustline/evidence';
import type { DialPlanEntry } from './dialplan.ts';
import type { Forwarding, HuntGroup } from './directory.ts';
import { lowestLevel } from './media.ts';
import type { PickUpGroup } from './numbering.ts';
import type { CallSnapshot } from './snapshot.ts';

export const plan: readonly DialPlanEntry[] = [
  { pattern: '1002', target: { kind: 'lines' }, policy: 'require' },
  { pattern: '1006', target: { kind: 'lines' }, policy: 'require' },
  { pattern: '1004', target: { kind: 'lines' }, policy: 'forbid' },
  { pattern: '0.!', target: { kind: 'trunk', devices: ['trunk'], discardAccessCode: true, prefix: '' } },
  {
    pattern: '9.!',
    target: {
      kind: 'trunk',
      devices: ['trunk', 'gateway', 'clear'],
      order: 'circular',
      discardAccessCode: true,
      prefix: '',
    },
  },
  {
    pattern: '8.!',
    target: {
      kind: 'trunk',
      devices: ['gateway', 'clear', 'trunk'],
      order: 'by-load',
      discardAccessCode: true,
      prefix: '',
    },
    policy: 'require',
  },
  { pattern: '112', target: { kind: 'emergency', devices: ['trunk'], discardAccessCode: false, prefix: '' } },
  { pattern: '70X', target: { kind: 'park' } },
  { pattern: '5000', target: { kind: 'conference', name: 'open' } },
  { pattern: '5001', target: { kind: 'conference', name: 'closed' }, policy: 'require' },
  { pattern: '*8', target: { kind: 'pick-up' } },
  { pattern: '3000', target: { kind: 'hunt-group', name: 'all' } },
  { pattern: '3001', target: { kind: 'hunt-group', name: 'turn' }, policy: 'require' },
  { pattern: '3002', target: { kind: 'hunt-group', name: 'idle' } },
];
export const huntGroups: readonly HuntGroup[] = [
  { name: 'all', order: 'broadcast', members: ['1001', '1002', '1003'], memberTimeout: 20_000, otherwise: '1004' },
  { name: 'turn', order: 'circular', members: ['1003', '1006', '1002'], memberTimeout: 20_000 },
  { name: 'idle', order: 'longest-idle', members: ['1001', '1004'], memberTimeout: 20_000, otherwise: '3001' },
];
export const pickUpGroups: readonly PickUpGroup[] = [{ name: 'most', lines: ['1001', '1002', '1003', '1005'] }];

/** Towards more and less security, in a circle, to the outside, and nowhere. */
export const forwardings: readonly (readonly [line: string, to: Forwarding])[] = [
  ['1003', { busy: '1002', noAnswer: '1006', noAnswerTimeout: 10_000 }],
  ['1005', { always: '1003' }],
  ['1002', { noAnswer: '1003', unregistered: '0555', busy: '1005' }],
  ['1001', { noAnswer: '3000', busy: '3001' }],
  ['1004', { doNotDisturb: true }],
  ['1003', { doNotDisturb: true, busy: '1005' }],
];

/** What is dialled, and where calls are sent on and transferred to; what needs two to meet there is in it twice. */
export const destinations: readonly string[] = [
  '701',
  '701',
  '702',
  '*8',
  '*8',
  '5000',
  '5001',
  '3000',
  '3001',
  '3002',
  '112',
  '1001',
  '1002',
  '1002',
  '1003',
  '1004',
  '1005',
  '1006',
  '0555',
  '1999',
];

/** Numbers that lead to several trunks. */
export const routeLists: readonly string[] = ['9555', '8555'];

const ranks: Readonly<Record<SecurityLevel, number>> = { 'non-secure': 0, authenticated: 1, encrypted: 2 };

/** The level of a call is the minimum over its legs; whose other end has transferred it and hung up keeps the level that it had. */
export function hasTrueLevel({ level, legs }: CallSnapshot): boolean {
  return legs.length === 1 || ranks[level] === Math.min(...legs.map((leg) => ranks[leg.level]));
}

/** All who are in a conference are shown one level, the lowest of theirs, and eight are in it at most. */
export function hasTrueConferences(calls: readonly CallSnapshot[]): boolean {
  const members = calls.filter(({ relayed }) => relayed === 'conference');
  return [...Map.groupBy(members, ({ destination }) => destination).values()].every((present) => {
    const lowest = lowestLevel(present.flatMap(({ legs }) => legs.map((leg) => leg.level)));
    return present.length <= 8 && present.every(({ level }) => level === lowest);
  });
}

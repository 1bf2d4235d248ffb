import { SoftKeyEvent, type SoftKeySet } from '@trustline/sccp';

/** The soft keys that phones are given, in the order of the template that they ask for: a bit of a mask each. */
const given = [
  'Redial',
  'NewCall',
  'Hold',
  'Transfer',
  'CfwdAll',
  'BackSpace',
  'EndCall',
  'Resume',
  'Answer',
  'Confrn',
  'Park',
  'PickUp',
  'DND',
  'CallBack',
  'Dial',
] as const satisfies readonly (keyof typeof SoftKeyEvent)[];

export type SoftKeyName = (typeof given)[number];
export type SetName = keyof typeof SoftKeySet;

/** Which keys are shown when; the order is that on the phone. The sets are Cisco's. [C2: WS, CHSCCP] */
export const softKeySets: Readonly<Record<SetName, readonly SoftKeyName[]>> = {
  OnHook: ['Redial', 'NewCall', 'CfwdAll', 'PickUp', 'DND'],
  Connected: ['Hold', 'EndCall', 'Transfer', 'Confrn', 'Park'],
  OnHold: ['Resume', 'NewCall', 'EndCall'],
  RingIn: ['Answer', 'EndCall', 'DND'],
  OffHook: ['Redial', 'EndCall', 'CfwdAll', 'PickUp'],
  ConnectedTransferable: ['Transfer', 'EndCall', 'Hold'],
  DigitsFollowing: ['BackSpace', 'EndCall', 'Dial'],
  ConnectedConference: ['Confrn', 'EndCall', 'Hold'],
  RingOut: ['EndCall', 'Transfer', 'CallBack'],
  OffHookWithFeatures: ['Redial', 'EndCall'],
  InUseHint: ['NewCall'],
  OnHookStealable: ['NewCall'],
};

/** The template: what each number of a set stands for. */
export const softKeyTemplate: readonly number[] = given.map((name) => SoftKeyEvent[name]);

/** Places in the template, from 1 as sets count them, of the keys of a set. */
export function softKeyPlaces(set: SetName): readonly number[] {
  return softKeySets[set].map((name) => given.indexOf(name) + 1);
}

/** Which keys of a set are shown, a bit for each place of the set. */
export function softKeyMask(set: SetName, without: readonly SoftKeyName[]): number {
  return softKeySets[set].reduce((mask, name, at) => (without.includes(name) ? mask : mask | (1 << at)), 0);
}

/** The name of a soft key that a phone says was pressed; undefined for one that it was not given. */
export function softKeyOf(event: number): SoftKeyName | undefined {
  return given.find((name) => SoftKeyEvent[name] === event);
}

/** Skinny phones and SIP ends do whatever their users like; after each step what must hold is looked at. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SipEnds } from './sip-ends.fixture.ts';
import { inClear, type SkinnyPhone, SkinnyWorld } from './skinny-world.fixture.ts';

const softKeys = [
  ...(['Hold', 'Resume', 'Answer', 'EndCall', 'Transfer', 'NewCall', 'Redial', 'PickUp', 'Park'] as const),
  ...(['Confrn', 'CfwdAll', 'CallBack', 'DND'] as const),
];
const levels = ['non-secure', 'authenticated', 'encrypted'];
const numbers = ['1001', '1002', '1003', '1004', '2001', '2002', '700', '5000', '*8', '999'] as const;

type Move =
  | { readonly kind: 'off-hook' | 'on-hook'; readonly phone: number }
  | { readonly kind: 'dial'; readonly phone: number; readonly number: (typeof numbers)[number] }
  | { readonly kind: 'press'; readonly phone: number; readonly key: (typeof softKeys)[number]; readonly call: number }
  | { readonly kind: 'sip-calls'; readonly number: (typeof numbers)[number]; readonly late: boolean }
  | { readonly kind: 'sip-hangs-up'; readonly leg: number }
  | { readonly kind: 'sip-holds'; readonly leg: number; readonly hold: boolean }
  | { readonly kind: 'wait'; readonly seconds: number };

const phone = fc.nat({ max: 3 });
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constantFrom('off-hook' as const, 'on-hook' as const), phone }),
  fc.record({ kind: fc.constant('dial' as const), phone, number: fc.constantFrom(...numbers) }),
  fc.record({
    kind: fc.constant('press' as const),
    phone,
    key: fc.constantFrom(...softKeys),
    call: fc.nat({ max: 2 }),
  }),
  fc.record({ kind: fc.constant('sip-calls' as const), number: fc.constantFrom(...numbers), late: fc.boolean() }),
  fc.record({ kind: fc.constant('sip-hangs-up' as const), leg: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('sip-holds' as const), leg: fc.nat({ max: 3 }), hold: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 20) }),
);

function check(world: SkinnyWorld, phones: readonly SkinnyPhone[], ofSip: readonly string[]): void {
  const ofSkinny = phones.flatMap(({ sending }) => (sending?.key === undefined ? [] : [sending.key]));
  const sent = [...ofSkinny, ...ofSip];
  expect(new Set(sent).size, 'two ends send with one key').toBe(sent.length);
  for (const one of phones) {
    const { sending, receiving } = one;
    if (sending?.key !== undefined) expect(sending.key, 'a phone receives with its own key').not.toBe(receiving?.key);
    const other = phones.find(({ address }) => address === sending?.address);
    if (sending !== undefined && other?.receiving?.port === sending.port) {
      expect(sending.key, 'one end cannot read the other').toBe(other.receiving.key);
    }
    const states = [...one.calls.values()];
    const atEar = states.filter(({ state }) => state !== 'Hold' && state !== 'RingIn');
    expect(atEar.length, 'two calls have one ear').toBeLessThanOrEqual(1);
    const [talks] = atEar;
    if (talks?.lock === 'Encrypted' && sending !== undefined) {
      expect(sending.key, 'a closed lock over clear audio').toBeDefined();
    }
    if (one.ringer !== 'RingOff') expect(states.some(({ state }) => state === 'RingIn')).toBe(true);
  }
  for (const { level, legs } of world.control.calls()) {
    const lowest = Math.min(...legs.map((leg) => levels.indexOf(leg.level)));
    expect(levels.indexOf(level), 'a call above one of its legs').toBeLessThanOrEqual(lowest);
  }
  const ofCalls = world.control.calls().flatMap(({ legs }) => legs.map(({ leg }) => leg));
  expect(world.legs.size, 'a leg without a call').toBeLessThanOrEqual(new Set(ofCalls).size);
}

test('whatever Skinny phones and SIP ends do: keys in pairs, one ear, true locks, nothing left', () => {
  fc.assert(
    fc.property(fc.array(moves, { minLength: 5, maxLength: 40 }), (sequence) => {
      let side = 0;
      const world = new SkinnyWorld(
        { 1001: ['SEP1'], 1002: ['SEP2'], 1003: ['SEP3', 'SEP2'], 1004: ['SEP4'], 2001: ['SIP1'], 2002: ['SIP2'] },
        { SEP4: inClear },
        {
          entries: [
            { pattern: '*8', target: { kind: 'pick-up' } },
            { pattern: '70X', target: { kind: 'park' } },
            { pattern: '5000', target: { kind: 'conference', name: 'all' } },
          ],
          pickUpGroups: [{ name: 'all', lines: ['1001', '1002', '1003', '1004'] }],
        },
        {},
        { allocate: () => ({ side: side++, address: '198.51.100.1', port: 30_000 + 2 * side }) },
      );
      const phones = [
        world.phone('SEP1', ['1001'], { version: 3 }),
        world.phone('SEP2', ['1002', '1003'], { version: 22 }),
        world.phone('SEP3', ['1003'], { version: 11 }),
        world.phone('SEP4', ['1004'], { protection: inClear }),
      ];
      const ends = new SipEnds(world);
      for (const move of sequence) {
        const who = phones['phone' in move ? move.phone : 0] as SkinnyPhone;
        switch (move.kind) {
          case 'off-hook':
            who.offHook();
            break;
          case 'on-hook':
            who.onHook();
            break;
          case 'dial':
            if (who.talking === 0) who.offHook();
            who.dial(move.number);
            break;
          case 'press':
            who.press(move.key, [...who.calls.keys()][move.call] ?? 0);
            break;
          case 'sip-calls':
            ends.call(move.number, move.late);
            break;
          case 'sip-hangs-up':
            ends.hangUp(move.leg);
            break;
          case 'sip-holds':
            ends.hold(move.leg, move.hold);
            break;
          default:
            world.pass(move.seconds * 1_000);
        }
        ends.react();
        check(world, phones, ends.keys);
      }
      // Parked calls come back to who parked them: everybody hangs up until all is over.
      for (let round = 0; round < 4; round += 1) {
        for (const one of phones) for (const reference of [...one.calls.keys()]) one.press('EndCall', reference);
        while (ends.legs.length > 0) ends.hangUp(0);
        ends.react();
        world.pass(200_000);
        ends.react();
      }
      expect(world.control.calls()).toEqual([]);
      expect(world.legs.size).toBe(0);
      expect(world.legs.nextDeadline()).toBeUndefined();
      for (const one of phones) {
        expect([one.shown, one.sending, one.receiving, one.ringer]).toEqual([[], undefined, undefined, 'RingOff']);
      }
    }),
    { numRuns: 400 },
  );
});

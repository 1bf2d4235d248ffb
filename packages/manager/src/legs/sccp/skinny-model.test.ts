/** Skinny phones and SIP ends do whatever their users like; after each step what must hold is looked at. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inClear, type SkinnyPhone, SkinnyWorld, sipKey, sipMedia } from './skinny-world.fixture.ts';
import { fingerprintOf } from './stream-choice.ts';

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

/** Ends of the SIP door, which answer everything at once. */
class SipEnds {
  readonly #world: SkinnyWorld;
  readonly legs: string[] = [];
  readonly #keys = new Map<string, ReturnType<typeof sipKey>>();
  #heard = 0;
  #calls = 0;

  constructor(world: SkinnyWorld) {
    this.#world = world;
  }

  /** Of the keys that they send with. */
  get keys(): readonly string[] {
    return [...this.#keys.values()].map((key) => fingerprintOf(key) ?? '');
  }

  /** An end makes a key once and keeps it, as many SIP phones do. */
  #media(leg: string, tag = 1, suite = 'AES_CM_128_HMAC_SHA1_80' as const, hold = false) {
    const key = this.#keys.get(leg) ?? sipKey(suite, tag);
    this.#keys.set(leg, key);
    return sipMedia([{ ...key, tag }], {
      direction: hold ? 'sendonly' : 'sendrecv',
      port: 7000 + 2 * this.legs.indexOf(leg),
    });
  }

  react(): void {
    const { told } = this.#world;
    while (this.#heard < told.length) {
      const output = told[this.#heard++];
      if (output === undefined) return;
      const { leg } = output;
      const offer = 'offer' in output ? output.offer : undefined;
      const [line] = offer?.streams ?? [];
      const key = line?.keys.find(({ suite }) => suite?.name === 'AES_CM_128_HMAC_SHA1_80');
      const answer = () => ({
        ...this.#media(leg, key?.tag ?? 1),
        streams: this.#media(leg, key?.tag ?? 1).streams.map((stream) =>
          key === undefined ? { ...stream, transport: 'RTP/AVP' as const, keys: [] } : stream,
        ),
      });
      switch (output.kind) {
        case 'place':
          this.legs.push(leg);
          this.#world.say({ kind: 'ringing', leg });
          this.#world.say({ kind: 'answered', leg, media: output.offer === undefined ? this.#media(leg) : answer() });
          break;
        case 'accept-with-offer':
        case 'offer':
          this.#world.say({ kind: 'answer', leg, answer: answer() });
          break;
        case 'request-offer':
          this.#world.say({ kind: 'offer', leg, offer: this.#media(leg) });
          break;
        case 'refuse':
        case 'cancel':
        case 'release':
          this.legs.splice(this.legs.indexOf(leg), 1);
          break;
        default:
      }
    }
  }

  call(destination: string, late: boolean): void {
    const leg = `sip${this.#calls++}`;
    this.legs.push(leg);
    const caller = { number: '2001', anonymous: false };
    const protection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' } as const;
    const call = { leg, device: 'SIP1', line: '2001', destination, protection, caller };
    this.#world.say({ kind: 'incoming', ...call, ...(late ? {} : { offer: this.#media(leg) }) });
  }

  hangUp(at: number): void {
    const leg = this.legs[at % Math.max(1, this.legs.length)];
    if (leg === undefined) return;
    this.legs.splice(this.legs.indexOf(leg), 1);
    this.#world.say({ kind: 'released', leg });
  }

  hold(at: number, hold: boolean): void {
    const leg = this.legs[at % Math.max(1, this.legs.length)];
    if (leg !== undefined) this.#world.say({ kind: 'offer', leg, offer: this.#media(leg, 1, undefined, hold) });
  }
}

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

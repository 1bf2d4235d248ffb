/** Phones of SIP and Skinny and two gateways do whatever their users like, and the tunnel comes and goes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SipEnds } from '../sccp/sip-ends.fixture.ts';
import { type SkinnyPhone, SkinnyWorld } from '../sccp/skinny-world.fixture.ts';
import { fingerprintOf } from '../sccp/stream-choice.ts';
import { type FarGateway, GatewayDoor, nameOf } from './gateway-world.fixture.ts';

const levels = ['non-secure', 'authenticated', 'encrypted'];
const numbers = ['1001', '1002', '2001', '8123', '9123', '5000', '999'] as const;
const softKeys = ['Hold', 'Resume', 'Answer', 'EndCall', 'Transfer', 'NewCall', 'Confrn'] as const;
const ends = ['answers', 'rings', 'nothing', 17, 34] as const;

const phone = fc.nat({ max: 1 });
const gateway = fc.nat({ max: 1 });
const number = fc.constantFrom(...numbers);
const moves = fc.oneof(
  fc.record({ kind: fc.constant('dial' as const), phone, number }),
  fc.record({ kind: fc.constantFrom('off-hook' as const, 'on-hook' as const), phone }),
  fc.record({
    kind: fc.constant('press' as const),
    phone,
    key: fc.constantFrom(...softKeys),
    call: fc.nat({ max: 2 }),
  }),
  fc.record({ kind: fc.constant('sip-calls' as const), number, late: fc.boolean() }),
  fc.record({ kind: fc.constant('sip-hangs-up' as const), leg: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('sip-holds' as const), leg: fc.nat({ max: 3 }), hold: fc.boolean() }),
  fc.record({ kind: fc.constant('gateway-calls' as const), gateway, number }),
  fc.record({ kind: fc.constant('gateway-does' as const), gateway, does: fc.constantFrom(...ends) }),
  fc.record({
    kind: fc.constant('gateway-commands' as const),
    gateway,
    call: fc.nat({ max: 2 }),
    command: fc.constantFrom(
      'hold' as const,
      'resume' as const,
      'release' as const,
      'transfer' as const,
      'digits' as const,
    ),
    number,
  }),
  fc.record({ kind: fc.constant('tunnel' as const), isUp: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 15) }),
);

/** `senders` are the gateways whose own keys protect what they send: those are in pairs at every moment. */
function check(
  world: SkinnyWorld,
  door: GatewayDoor,
  senders: readonly FarGateway[],
  phones: readonly SkinnyPhone[],
  sip: SipEnds,
): void {
  const made = door.gateways.flatMap(({ keys }) => keys);
  expect(door.showed([...made, ...sip.keyOctets]), 'a key on a connection that was not proven').toBe(false);
  for (const { level, legs } of world.control.calls()) {
    const lowest = Math.min(...legs.map((leg) => levels.indexOf(leg.level)));
    expect(levels.indexOf(level), 'a call above one of its legs').toBeLessThanOrEqual(lowest);
  }
  for (const far of senders) for (const one of phones) hear(far, one);
  for (const far of door.gateways) if (!senders.includes(far)) hearRelay(far, world);
  const legs = world.control.calls().flatMap(({ legs }) => legs.map(({ leg }) => leg));
  expect(door.legs.size, 'a leg without a call').toBeLessThanOrEqual(new Set(legs).size);
}

/** Where a phone and a gateway send to each other, each reads the other. */
function hear(far: FarGateway, { sending, receiving, address }: SkinnyPhone): void {
  if (sending?.address !== far.terms.endpoint.media?.host.join('.')) return;
  const call = far.ports.get(sending?.port ?? 0);
  const [transmit, receive] = [far.opened('transmit', call), far.opened('receive', call)];
  const isThere = call !== undefined && far.live.has(call) && transmit?.remote.port === receiving?.port;
  if (!isThere || transmit?.remote.host.join('.') !== address || receive === undefined) return;
  expect(sending?.key, 'the gateway cannot read the phone').toBe(nameOf(receive.keys[0]));
  expect(receiving?.key, 'the phone cannot read the gateway').toBe(nameOf(transmit.protection?.key));
}

/** Where the key of the receiver protects, the relay sends with that of the gateway. */
function hearRelay(far: FarGateway, world: SkinnyWorld): void {
  for (const { remote, keys } of world.relaySides.values()) {
    const call = far.ports.get(remote.port);
    if (remote.address !== far.terms.endpoint.media?.host.join('.') || call === undefined || !far.live.has(call))
      continue;
    const transmit = far.opened('transmit', call);
    if (transmit === undefined) continue;
    expect(keys && fingerprintOf(keys.send), 'the gateway cannot read the relay').toBe(
      nameOf(transmit.protection?.key),
    );
  }
}

test('whatever phones and gateways do: no key without proof, true levels, keys in pairs, nothing left', () => {
  fc.assert(
    fc.property(
      fc.array(moves, { minLength: 4, maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      (sequence, isStrict, isOfReceiver) => {
        let side = 0;
        const noChange = { discardAccessCode: false, prefix: '' };
        const world = new SkinnyWorld(
          { 1001: ['SEP1'], 1002: ['SEP2'], 2001: ['SIP1'] },
          {},
          {
            entries: [
              { pattern: '9XXX', target: { kind: 'trunk', devices: ['gw1', 'gw2'], ...noChange } },
              { pattern: '8XXX', target: { kind: 'trunk', devices: ['gw2'], ...noChange } },
              { pattern: '5000', target: { kind: 'conference', name: 'all' } },
            ],
          },
          {},
          { allocate: () => ({ side: side++, address: '198.51.100.1', port: 30_000 + 2 * side }) },
        );
        const door = new GatewayDoor(world);
        const policy = isStrict ? 'require' : 'prefer';
        const gateways = [
          door.gateway('gw1', { policy, tunnelling: true }, { tunnelling: true }),
          door.gateway(
            'gw2',
            { policy: 'require', tunnelling: false, keyReading: isOfReceiver ? 'receiver' : 'sender' },
            { tunnelling: false },
          ),
        ];
        const phones = [world.phone('SEP1', ['1001']), world.phone('SEP2', ['1002'], { version: 22 })];
        const sip = new SipEnds(world);
        for (const move of sequence) {
          const who = phones['phone' in move ? move.phone : 0] as SkinnyPhone;
          const far = gateways['gateway' in move ? move.gateway : 0] as FarGateway;
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
              sip.call(move.number, move.late);
              break;
            case 'sip-hangs-up':
              sip.hangUp(move.leg);
              break;
            case 'sip-holds':
              sip.hold(move.leg, move.hold);
              break;
            case 'gateway-calls':
              door.act(() => far.call({ calledNumber: move.number }));
              break;
            case 'gateway-does':
              far.onCall = move.does;
              break;
            case 'gateway-commands': {
              const call = [...far.live][move.call];
              if (call === undefined) break;
              door.act((now) => {
                if (move.command === 'release') far.calls.release(now, call, 16);
                else
                  far.calls.command(now, call, (endpoint) => {
                    if (move.command === 'transfer') endpoint.transfer(move.number);
                    else if (move.command === 'digits') endpoint.sendDigits('5');
                    else endpoint[move.command](now);
                  });
              });
              break;
            }
            case 'tunnel':
              door.wire.proof = () => ({ proven: move.isUp, ...(move.isUp ? {} : { message: 'no association' }) });
              door.act((now) => door.legs.protectionChanged(now, 'gw1', move.isUp));
              break;
            default:
              world.pass(move.seconds * 1_000);
          }
          sip.react();
          check(world, door, isOfReceiver ? gateways.slice(0, 1) : gateways, phones, sip);
        }
        for (let round = 0; round < 4; round += 1) {
          for (const one of phones) for (const reference of [...one.calls.keys()]) one.press('EndCall', reference);
          while (sip.legs.length > 0) sip.hangUp(0);
          sip.react();
          for (const far of gateways) {
            for (const call of [...far.live]) door.act((now) => far.calls.release(now, call, 16));
          }
          world.pass(200_000);
          sip.react();
        }
        expect(world.control.calls()).toEqual([]);
        expect([door.legs.size, world.legs.size, door.wire.size, door.wire.listeners.size]).toEqual([0, 0, 0, 0]);
        expect(gateways.map(({ calls }) => calls.size)).toEqual([0, 0]);
      },
    ),
    { numRuns: 150 },
  );
});

/** Two gateways of a route list, of which the first cannot have the media as they must be. */
import { expect, test } from 'vitest';
import { sipKey, sipMedia } from '../sccp/skinny-world.fixture.ts';
import { lab, relayOf, sipCalls, unproven } from './gateway-lab.fixture.ts';
import type { GatewaySettings } from './gateway-settings.ts';

/** The first gateway does no SRTP; the second does. */
function twoGateways(
  first: Partial<GatewaySettings> = {},
  second: Partial<GatewaySettings> = {},
  far: Parameters<typeof lab>[1] = { policy: 'forbid', suites: [] },
) {
  const scene = lab(first, far, relayOf());
  const other = scene.door.gateway('gw2', second);
  const devices = () => scene.world.control.calls().flatMap(({ legs }) => legs.map(({ device }) => device));
  return { ...scene, other, devices };
}

const clear = () => sipMedia([]);
const wantsClear = 'gw1 wants media without SRTP';

test.each([
  ['a call that is encrypted where it can be', '7123', {}],
  ['a call of a route that requires it, by a gateway that prefers it', '6123', { policy: 'prefer' }],
  ['a call of a route that requires it, with H.245 beside', '6123', { tunnelling: false }],
] as const)('%s goes on to the next gateway where the first takes no SRTP', (_, number, first) => {
  const { world, door, gateway, devices } = twoGateways(first);
  gateway.onCall = 'rings';
  sipCalls(world, number, sipMedia([sipKey()]));
  expect(world.last('accept').level).toBe('encrypted');
  expect(devices()).toContain('gw2');
  expect(gateway.keys).toEqual([]);
  const told = { kind: 'call-refused', device: 'gw1', reason: 'clear-media' };
  expect(door.notices).toMatchObject('policy' in first ? [] : [told]);
});

test.each([
  // Its phone may take it in the clear, this gateway not.
  ['a call that is encrypted where it can be', '7123', {}, 'gw1 takes encrypted media only'],
  ['a call of a route that requires it, by a gateway that prefers it', '6123', { policy: 'prefer' }, wantsClear],
  ['a call of a route that requires it, with H.245 beside', '6123', { tunnelling: false }, wantsClear],
] as const)(
  '%s: who has answered before media are known to be clear is rung by no other',
  (_, number, first, words) => {
    const { world, gateway, other, devices } = twoGateways(first);
    sipCalls(world, number, sipMedia([sipKey()]));
    expect(world.last('refuse').warning).toBe(words);
    expect([devices(), gateway.live.size, other.events]).toEqual([[], 0, []]);
  },
);

test.each([57, 88, 41, 34])('who has answered is rung by no other where the gateway then says %i', (cause) => {
  const { world, door, gateway, other, devices } = twoGateways({ tunnelling: false }, {}, {});
  gateway.onCall = 'nothing';
  sipCalls(world, '6123', sipMedia([sipKey()]));
  const [call = ''] = gateway.live;
  door.act((now) => {
    gateway.calls.command(now, call, (endpoint) => endpoint.connect(now));
    gateway.calls.release(now, call, cause);
  });
  expect(world.last('refuse')).toBeDefined();
  expect([devices(), other.events]).toEqual([[], []]);
});

test('where clear is allowed both by route and gateway the first takes it in the clear, and that is shown', () => {
  const { world, devices } = twoGateways({ policy: 'prefer' });
  sipCalls(world, '7123', sipMedia([sipKey()]));
  expect(world.last('accept').level).toBe('authenticated');
  expect(devices()).toContain('gw1');
});

test('a call in the clear goes on to the gateway that takes it so', () => {
  const { world, gateway, devices } = twoGateways({}, { policy: 'prefer' });
  gateway.onCall = 'rings';
  sipCalls(world, '7123', clear());
  expect(world.last('accept').level).toBe('authenticated');
  expect(devices()).toContain('gw2');
});

test('a gateway that is not proven is passed over for one that is', () => {
  const { world, door, gateway, devices } = twoGateways();
  door.wire.proof = ({ remote }) => (remote.address === gateway.address ? unproven : { proven: true });
  sipCalls(world, '6123', sipMedia([sipKey()]));
  expect(world.last('accept').level).toBe('encrypted');
  expect(devices()).toContain('gw2');
});

test('where none is left the caller hears why, also where it would have gone on in the clear', () => {
  const { world, door } = twoGateways();
  door.wire.proof = () => unproven;
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(world.last('refuse')).toMatchObject({ cause: 'security-required' });
  expect(world.last('refuse').warning).toContain(unproven.message);
  world.told.length = 0;
  // Its phone tries again in the clear, as `prefer` has it.
  sipCalls(world, '9123', clear());
  expect(world.last('refuse').warning).toBe(`gw1 takes encrypted media only, and ${unproven.message}`);
});

test('the tunnel is down: a call in the clear is refused, and an event names the gateway and what explains it', () => {
  const { world, door } = twoGateways();
  door.act((now) => door.legs.protectionChanged(now, 'gw1', false));
  sipCalls(world, '9123', clear());
  const words = 'gw1 takes encrypted media only, and its tunnel is down';
  expect(world.last('refuse').warning).toBe(words);
  const nextStep = 'See what is missing, and what to do: `trustline ipsec explain gw1`.';
  expect(door.notices).toMatchObject([{ kind: 'gateway-not-proven', device: 'gw1', cause: words, nextStep }]);
});

test('prefer: a gateway that is silent while its tunnel is down is told of as that, and not as slow', () => {
  const { world, door, gateway } = twoGateways({ policy: 'prefer' });
  door.act((now) => door.legs.protectionChanged(now, 'gw1', false));
  door.wire.unreachable.set(gateway.address, 'silent');
  sipCalls(world, '9123', clear());
  expect(world.last('refuse')).toMatchObject({
    cause: 'protection-gone',
    warning: 'gw1 does not answer, and its tunnel is down: it may take calls by IPsec alone',
  });
});

test('a gateway without IPsec whose calls are encrypted says so', () => {
  const { world } = twoGateways({ isProtected: false });
  sipCalls(world, '9123', clear());
  expect(world.last('refuse').warning).toBe('gw1 takes encrypted media only, and it has no IPsec');
});

test('the record of a call says nothing of IPsec to a gateway whose connection has not proven it', () => {
  const { world, door } = twoGateways({ policy: 'prefer' });
  door.wire.proof = () => unproven;
  sipCalls(world, '9123', clear());
  world.say({ kind: 'released', leg: 'sip' });
  const [record] = world.records;
  expect(record?.legs.find(({ party }) => party.device === 'gw1')).toMatchObject({ signalling: 'none', proof: 'none' });
  expect([record?.level, JSON.stringify(record?.legs)]).toEqual(['non-secure', expect.not.stringContaining('"ipsec"')]);
});

test('a gateway whose program is frozen is not there again for taking connections, and is once it answers', () => {
  const { world, door, gateway } = twoGateways();
  const probed = () => {
    door.legs.probe('gw1');
    while (door.carry(world.now)) {}
    return door.legs.poll();
  };
  door.wire.frozen.add(gateway.address);
  expect([probed(), probed()]).toEqual([undefined, undefined]);
  expect(door.wire.size).toBe(2); // the two ends of one: the first was given up
  door.wire.frozen.clear();
  expect(probed()).toEqual({ kind: 'probed', device: 'gw1', isThere: true });
  expect(door.wire.size).toBe(0);
  door.wire.unreachable.set(gateway.address, 'refused');
  expect(probed()).toEqual({ kind: 'probed', device: 'gw1', isThere: false });
});

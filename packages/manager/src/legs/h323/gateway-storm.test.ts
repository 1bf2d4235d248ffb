/** One gateway sends more than anybody wants: what it costs is bounded, and the calls of others go on. */
import type { RelayPort } from '@trustline/callcontrol';
import { expect, test } from 'vitest';
import { SkinnyWorld, sipKey, sipMedia } from '../sccp/skinny-world.fixture.ts';
import { GatewayDoor } from './gateway-world.fixture.ts';

const CHANNELS = 8;
const caller = { number: '2001', anonymous: false };
const protection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' } as const;

/** Two gateways: the second is there for the calls of others. */
function lab() {
  const noChange = { discardAccessCode: false, prefix: '' };
  const trunk = (pattern: string, device: string) =>
    ({ pattern, target: { kind: 'trunk', devices: [device], ...noChange } }) as const;
  const relay: RelayPort = { allocate: () => undefined };
  const world = new SkinnyWorld(
    { 2001: ['SIP1'], 2002: ['SIP2'] },
    {},
    { entries: [trunk('8XXX', 'gw1'), trunk('9XXX', 'gw2')] },
    {},
    relay,
  );
  const door = new GatewayDoor(world);
  const far = { tunnelling: true };
  const [loud, quiet] = [door.gateway('gw1', { channels: CHANNELS }, far), door.gateway('gw2', {}, far)];
  const call = (leg: string, destination: string) =>
    world.say({
      ...{ kind: 'incoming', leg, device: 'SIP1', line: '2001', destination, protection, caller },
      offer: sipMedia([sipKey()]),
    });
  return { world, door, loud, quiet, call };
}

test('a storm of Setups takes the channels of its gateway and no more; calls of others are there before, within and after', () => {
  const { world, door, loud, quiet, call } = lab();
  call('before', '9001');
  for (let number = 0; number < 400; number++) {
    door.act(() => loud.call({ calledNumber: '9100' }));
    if (number === 200) call('within', '9002');
    expect(door.legs.channelsOf('gw1')).toBeLessThanOrEqual(CHANNELS);
  }
  call('after', '9003');
  // Three calls of a phone, and those that the channels bear, which go on through the other gateway.
  expect(world.control.calls()).toHaveLength(3 + CHANNELS);
  expect([door.legs.size, quiet.live.size]).toEqual([3 + 2 * CHANNELS, 3 + CHANNELS]);
  expect(loud.live.size).toBe(CHANNELS);
  // Both ends of each connection are counted, and nothing waits for a call that was refused.
  expect(door.wire.size).toBe(2 * (3 + 2 * CHANNELS));
  const refused = loud.events.filter(({ event }) => event.kind === 'released');
  expect(refused).toHaveLength(400 - CHANNELS);
  expect(refused.every(({ event }) => event.kind === 'released' && event.cause === 34)).toBe(true);
  for (const leg of ['before', 'within', 'after']) {
    world.say({ kind: 'offer', leg, offer: sipMedia([sipKey()], { port: 7_100 }) });
    expect(world.last('answer')).toMatchObject({ leg, level: 'encrypted' });
  }
  for (const one of [...loud.live]) door.act((now) => loud.calls.release(now, one, 16));
  for (const leg of ['before', 'within', 'after']) world.say({ kind: 'released', leg });
  expect([world.control.calls(), door.legs.size, door.wire.size]).toEqual([[], 0, 0]);
});

test('a flood of H.245 in one call is cut off, and the calls of others go on', () => {
  const { world, door, loud, call } = lab();
  call('flooded', '8001');
  call('other', '9001');
  const [flooding = ''] = loud.live;
  for (let number = 0; number < 2_000; number++) {
    door.act((now) => loud.calls.command(now, flooding, (endpoint) => endpoint.sendDigits('5')));
  }
  const digits = world.told.filter(({ kind }) => kind === 'digit').length;
  expect(digits).toBeGreaterThan(0);
  expect(digits).toBeLessThanOrEqual(200);
  expect(door.legs.channelsOf('gw1')).toBe(0);
  world.say({ kind: 'offer', leg: 'other', offer: sipMedia([sipKey()], { port: 7_100 }) });
  expect(world.last('answer')).toMatchObject({ leg: 'other', level: 'encrypted' });
  call('next', '8001');
  expect(door.legs.channelsOf('gw1')).toBe(1);
});

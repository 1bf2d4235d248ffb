/** Gateways behind a gatekeeper (H.323 §8.1.2), with one for tests. */
import { decodeCallSignalling, type H225, MessageType, rasCodec } from '@trustline/h323';
import { expect, test } from 'vitest';
import { sipKey, sipMedia } from '../sccp/skinny-world.fixture.ts';
import { FarGatekeeper } from './gatekeeper.fixture.ts';
import { lab, setup, sipAnswers, sipCalls } from './gateway-lab.fixture.ts';

const gatekeeper = { address: '10.98.0.90', port: 1719, alias: 'cm1', prefixes: ['20'] };

function gatekept(settings: Parameters<typeof lab>[0] = {}) {
  const scene = lab(settings);
  const { door, gateway, world } = scene;
  const far = new FarGatekeeper(gatekeeper.address, { address: gateway.address, port: 1720 });
  door.gatekeepers.set(far.address, far);
  const known = door.legs.gatewayAt(gateway.address);
  if (known === undefined) throw new Error('no gateway');
  const place = (more: Partial<typeof gatekeeper> = {}) =>
    door.act((now) => door.legs.setGateway(now, { ...known, gatekeeper: { ...gatekeeper, ...more } }));
  place();
  return { ...scene, far, place, refused: () => world.last('refuse').cause };
}

const guidOf = (message: H225.RasMessage) =>
  'value' in message && 'callIdentifier' in message.value ? message.value.callIdentifier?.guid : undefined;

test('we are registered with our name, the beginnings of our numbers and where we take calls, and it is told', () => {
  const { far, door, world } = gatekept();
  expect(far.kinds()).toEqual(['gatekeeperRequest', 'registrationRequest']);
  const { value } = far.last('registrationRequest');
  expect(value.terminalAlias).toEqual([{ kind: 'h323-ID', value: 'cm1' }]);
  expect(JSON.stringify(value.terminalType)).toContain('"prefix":{"kind":"dialedDigits","value":"20"}');
  expect(value.callSignalAddress).toEqual([
    { kind: 'ipAddress', value: { ip: Uint8Array.of(10, 98, 0, 1), port: 1720 } },
  ]);
  expect(door.notices).toMatchObject([{ kind: 'gatekeeper-registered', device: 'gw1' }]);
  world.pass(30_000);
  expect(far.last('registrationRequest').value.keepAlive).toBe(true);
  door.act((now) => door.legs.removeGateway(now, 'gw1'));
  expect(far.kinds().at(-1)).toBe('unregistrationRequest');
  expect(door.rasOpen.size).toBe(0);
});

test.each([
  ['direct', 'encrypted'],
  ['gatekeeperRouted', 'encrypted'],
] as const)(
  '%s: a call is admitted, goes where the gatekeeper says, is proven there, and ends at both',
  (model, level) => {
    const { world, door, gateway, far } = gatekept();
    far.callModel = model;
    sipCalls(world, '9123', sipMedia([sipKey()]));
    expect(world.last('accept').level).toBe(level);
    const asked = far.last('admissionRequest');
    expect(asked.value).toMatchObject({
      answerCall: false,
      destinationInfo: [{ kind: 'dialedDigits', value: '9123' }],
    });
    const sent = decodeCallSignalling(door.wire.seen[0]?.octets ?? new Uint8Array(0));
    if (!sent.ok) throw sent.error;
    expect([sent.message.type, sent.message.callReference.value]).toEqual([
      MessageType.Setup,
      asked.value.callReferenceValue,
    ]);
    const body = sent.message.userInformation?.['h323-uu-pdu']['h323-message-body'];
    expect(body).toMatchObject({ value: { endpointIdentifier: 'ours', callIdentifier: { guid: guidOf(asked) } } });
    world.say({ kind: 'released', leg: 'sip' });
    expect(guidOf(far.last('disengageRequest'))).toEqual(guidOf(asked));
    expect([door.legs.size, gateway.calls.size]).toEqual([0, 0]);
  },
);

test('a call that comes is admitted before anybody hears of it, and is refused where it is not', () => {
  const { world, door, gateway, far } = gatekept();
  door.act(() => gateway.call(setup));
  expect(far.last('admissionRequest').value).toMatchObject({ answerCall: true });
  sipAnswers(world, sipMedia([sipKey()]));
  expect(world.last('answer').level).toBe('encrypted');
  door.act((now) => gateway.calls.release(now, [...gateway.live][0] ?? '', 16));
  expect(far.kinds().at(-1)).toBe('disengageRequest');
  world.told.length = 0;
  far.sends = 'exceedsCallCapacity';
  door.act(() => gateway.call(setup));
  expect(world.told).toEqual([]);
  expect(gateway.events.at(-1)?.event).toMatchObject({ kind: 'released', cause: 34 });
  expect(door.legs.size).toBe(0);
});

test.each([
  ['calledPartyNotRegistered', 'subscriber-absent'],
  ['incompleteAddress', 'invalid-number-format'],
  ['resourceUnavailable', 'no-circuit-available'],
  ['undefinedReason', 'network-out-of-order'],
] as const)('H.225.0 §7.9.3: not admitted for %s is %s', (reason, cause) => {
  const { world, door, far, refused } = gatekept();
  far.sends = reason;
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(refused()).toBe(cause);
  expect([door.legs.size, door.wire.seen.length]).toEqual([0, 0]);
});

test('a gatekeeper sends calls to the addresses of its gateway alone: no other is proven', () => {
  const { world, door, far, refused } = gatekept();
  far.sends = { address: '10.98.0.66', port: 1720 };
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(refused()).toBe('network-out-of-order');
  expect(door.notices.at(-1)).toMatchObject({ kind: 'call-refused', reason: 'gatekeeper' });
  expect(door.wire.seen).toEqual([]);
  // What it had admitted it hears the end of.
  expect(far.kinds().at(-1)).toBe('disengageRequest');
});

test('a gatekeeper that is lost: calls are refused so that another way is taken, and it is told once; then it is back', () => {
  const { world, door, far, refused } = gatekept();
  const standing = () => door.legs.gatekeeperOf('gw1');
  expect(standing()).toMatchObject({ gatekeeper: '10.98.0.90:1719', state: 'registered' });
  const registeredSince = standing()?.since ?? 0;
  far.isThere = false;
  for (let passed = 0; passed < 150; passed += 1) world.pass(1_000);
  expect(door.notices.filter(({ kind }) => kind === 'gatekeeper-lost')).toHaveLength(1);
  expect(standing()).toMatchObject({ state: 'lost', because: 'the gatekeeper does not answer' });
  const lostSince = standing()?.since ?? 0;
  expect(lostSince).toBeGreaterThan(registeredSince);
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(refused()).toBe('network-out-of-order');
  world.told.length = 0;
  door.legs.probe('gw1');
  expect(door.legs.poll()).toEqual({ kind: 'probed', device: 'gw1', isThere: false });
  far.isThere = true;
  for (let passed = 0; passed < 40; passed += 1) world.pass(1_000);
  expect(door.notices.at(-1)?.kind).toBe('gatekeeper-registered');
  expect(standing()?.state).toBe('registered');
  expect(standing()?.since).toBeGreaterThan(lostSince);
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(world.last('accept').level).toBe('encrypted');
});

test('a caller that hangs up while the gatekeeper thinks leaves nothing there', () => {
  const { world, door, far } = gatekept();
  far.sends = 'nothing';
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect([door.legs.size, door.legs.channelsOf('gw1')]).toEqual([1, 1]);
  world.say({ kind: 'cancelled', leg: 'sip' });
  expect(door.legs.size).toBe(0);
  const late = far.last('admissionRequest');
  far.sends = { address: '10.98.0.10', port: 1720 };
  door.act(() => {
    for (const answer of far.answer(rasCodec.encode(late))) door.rasFrom(far, answer);
  });
  expect(far.kinds().at(-1)).toBe('disengageRequest');
  expect(door.wire.seen).toEqual([]);
});

test('when the manager ends it leaves its gatekeepers', () => {
  const { door, far } = gatekept();
  door.act((now) => door.legs.leaveGatekeepers(now));
  expect([far.kinds().at(-1), door.rasOpen.size]).toEqual(['unregistrationRequest', 0]);
});

test('a call that the gatekeeper ends is over', () => {
  const { world, door, far } = gatekept();
  sipCalls(world, '9123', sipMedia([sipKey()]));
  const guid = guidOf(far.last('admissionRequest')) ?? new Uint8Array(0);
  door.act(() => door.rasFrom(far, far.drop(guid)));
  expect(world.last('release').cause).toBe('normal-clearing');
  expect([door.legs.size, door.wire.size]).toEqual([0, 0]);
});

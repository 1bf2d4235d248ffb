import type { MediaDescription, MediaKey } from '@trustline/callcontrol';
import { decodeQ931, ElementId, elementOf, ia5Text, MessageType } from '@trustline/h323';
import { describe, expect, test } from 'vitest';
import { type SkinnyWorld, sipKey, sipMedia } from '../sccp/skinny-world.fixture.ts';
import { fingerprintOf } from '../sccp/stream-choice.ts';
import { bySipTls, lab, relayOf, setup, sipAnswers, sipCalls, unproven } from './gateway-lab.fixture.ts';
import { type FarGateway, nameOf } from './gateway-world.fixture.ts';

describe.each([
  ['tunnelled', true],
  ['separate', false],
])('with %s H.245', (_, tunnelling) => {
  test('a SIP phone calls a gateway: media go straight between them, each with its own key', () => {
    const { world, door, gateway } = lab({ tunnelling }, { tunnelling });
    const key = sipKey();
    sipCalls(world, '9123', sipMedia([key]));
    const { answer, level } = world.last('accept');
    expect(level).toBe('encrypted');
    const [stream] = answer.streams;
    const [transmit, receive] = [gateway.opened('transmit'), gateway.opened('receive')];
    expect(stream).toMatchObject({ transport: 'RTP/SAVP', address: '10.99.0.10', direction: 'sendrecv' });
    // What the gateway receives with is the phone's key, what it sends with is told to the phone.
    expect(receive?.keys.map(nameOf)).toEqual([fingerprintOf(key)]);
    expect(stream?.keys.map(fingerprintOf)).toEqual([nameOf(transmit?.protection?.key)]);
    expect(transmit?.remote).toEqual({ host: Uint8Array.of(198, 51, 100, 7), port: 7000 });
    expect(gateway.events.find(({ event }) => event.kind === 'setup-offered')?.event).toMatchObject({
      setup: { calledNumber: '9123', callingNumber: { digits: '2001' }, callingName: 'Ann' },
    });
    expect(world.control.calls()[0]?.legs.map(({ signalling }) => signalling)).toEqual(['tls-mutual', 'ipsec']);
    world.say({ kind: 'released', leg: 'sip' });
    expect(gateway.events.at(-1)?.event).toMatchObject({ kind: 'released', cause: 16, by: 'peer' });
    expect([door.legs.size, door.wire.size, gateway.calls.size]).toEqual([0, 0, 0]);
  });

  test('a gateway calls a SIP phone: it offers when it answers, and media go straight between them', () => {
    const { world, door, gateway } = lab({ tunnelling }, { tunnelling });
    door.act(() => gateway.call(setup));
    expect(world.last('place').caller).toEqual({ number: '030123', anonymous: false });
    const key = sipKey();
    sipAnswers(world, sipMedia([key]));
    const { answer, level } = world.last('answer');
    expect(level).toBe('encrypted');
    expect(gateway.kinds().filter((kind) => kind === 'alerting' || kind === 'connected')).toEqual([
      'alerting',
      'connected',
    ]);
    expect(gateway.opened('receive')?.keys.map(nameOf)).toEqual([fingerprintOf(key)]);
    expect(answer.streams[0]?.keys.map(fingerprintOf)).toEqual([nameOf(gateway.opened('transmit')?.protection?.key)]);
  });

  test('a Skinny phone and a gateway call each other, hold and go on, with new keys each time', () => {
    const { world, door, gateway } = lab({ tunnelling }, { tunnelling });
    const phone = world.phone('SEP1', ['1001']);
    phone.offHook();
    phone.dial('9123');
    const talks = () => {
      expect(phone.shown).toEqual([expect.stringMatching(/^Connected Encrypted/)]);
      expect(gateway.opened('receive')?.keys.map(nameOf)).toEqual([phone.sending?.key]);
      expect(phone.receiving?.key).toBe(nameOf(gateway.opened('transmit')?.protection?.key));
    };
    talks();
    const before = [phone.sending?.key, phone.receiving?.key];
    phone.press('Hold');
    expect(gateway.kinds().at(-1)).toMatch(/held|media-closed/);
    expect([gateway.opened('transmit'), gateway.opened('receive')]).toEqual([undefined, undefined]);
    phone.press('Resume', [...phone.calls.keys()][0] ?? 0);
    world.pass(500);
    talks();
    expect(before).not.toContain(phone.sending?.key);
    expect(before).not.toContain(phone.receiving?.key);
    phone.onHook();
    expect([door.legs.size, door.wire.size]).toEqual([0, 0]);
    door.act(() => gateway.call({ ...setup, calledNumber: '1001' }));
    expect(phone.shown).toEqual([expect.stringMatching(/^RingIn/)]);
    phone.offHook();
    talks();
  });

  test('a gateway that holds is sent nothing, and hears again with a new key of its own', () => {
    const { world, door, gateway } = lab({ tunnelling }, { tunnelling });
    sipCalls(world, '9123', sipMedia([sipKey()]));
    const [call = ''] = gateway.live;
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.hold(now)));
    const held = world.last('offer');
    expect(held.offer.streams[0]?.direction).toBe('sendonly');
    world.say({ kind: 'answer', leg: held.leg, answer: sipMedia([sipKey()], { direction: 'recvonly' }) });
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.resume(now)));
    const back = world.last('offer');
    expect(back.offer.streams[0]?.direction).toBe('sendrecv');
    const key = sipKey();
    world.say({ kind: 'answer', leg: back.leg, answer: sipMedia([key]) });
    expect(gateway.opened('receive')?.keys.map(nameOf)).toEqual([fingerprintOf(key)]);
    expect(world.control.calls()[0]?.level).toBe('encrypted');
  });

  test('H.450.6: a gateway is told that the phone that it calls is in another call, and a phone what a gateway tells', () => {
    const { world, door, gateway } = lab({ tunnelling }, { tunnelling });
    const alertings = () => gateway.events.map(({ event }) => event).filter(({ kind }) => kind === 'alerting');
    const phone = world.phone('SEP1', ['1001']);
    gateway.onCall = 'nothing';
    phone.offHook();
    phone.dial('9123');
    const [first = ''] = gateway.live;
    door.act((now) => gateway.calls.command(now, first, (endpoint) => endpoint.alert(now, { callWaiting: true })));
    expect(phone.shown).toEqual([expect.stringMatching(/^RingOut .*: In another call: 9123$/)]);
    door.act((now) => gateway.calls.command(now, first, (endpoint) => endpoint.connect(now)));
    expect(phone.shown).toEqual([expect.stringMatching(/^Connected/)]);
    door.act(() => gateway.call({ ...setup, calledNumber: '1001' }));
    expect(phone.tone).toBe('CallWaitingTone');
    expect(alertings()).toEqual([{ kind: 'alerting', inBand: false, callWaiting: true }]);
    door.act(() => gateway.call(setup));
    sipAnswers(world, sipMedia([sipKey()]));
    expect(alertings().at(-1)).toEqual({ kind: 'alerting', inBand: false, callWaiting: false });
  });

  test('a call from one gateway to another: each is told the key of the other', () => {
    const { world, door, gateway } = lab({ tunnelling }, { tunnelling });
    const other = door.gateway('gw2', { tunnelling }, { tunnelling });
    door.act(() => gateway.call({ ...setup, calledNumber: '8123' }));
    for (const [one, two] of [
      [gateway, other],
      [other, gateway],
    ] as const) {
      expect(one.opened('receive')?.keys.map(nameOf)).toEqual([nameOf(two.opened('transmit')?.protection?.key)]);
      expect(one.opened('transmit')?.remote.host).toEqual(two.terms.endpoint.media?.host);
    }
    expect(world.control.calls()[0]?.level).toBe('encrypted');
    expect(door.showed([...gateway.keys, ...other.keys])).toBe(false);
  });

  test('under require a call to or from a gateway that is not proven ends with the reason, and no key is made', () => {
    const { world, door, gateway } = lab({ tunnelling }, { tunnelling });
    door.wire.proof = () => unproven;
    sipCalls(world, '9123', sipMedia([sipKey()]));
    expect(world.last('refuse')).toMatchObject({ cause: 'security-required' });
    expect(door.notices).toMatchObject([{ kind: 'gateway-not-proven', device: 'gw1', cause: unproven.message }]);
    expect(gateway.kinds()).toEqual([]);
    const id = gateway.call(setup);
    world.settle();
    expect(gateway.events.at(-1)).toMatchObject({ call: id, event: { kind: 'released', cause: 57, by: 'peer' } });
    expect([gateway.keys, door.legs.size, door.wire.size]).toEqual([[], 0, 0]);
  });
});

test('under prefer a gateway that is not proven gets media in the clear, and what is shown is true', () => {
  let side = 0;
  const relay = { allocate: () => ({ side: side++, address: '198.51.100.1', port: 30_000 + 2 * side }) };
  const { world, door, gateway } = lab({ policy: 'prefer' }, {}, relay);
  door.wire.proof = () => unproven;
  const key = sipKey();
  sipCalls(world, '9123', sipMedia([key]));
  const { answer, level } = world.last('accept');
  // The relay keeps SRTP with the phone.
  expect([level, answer.streams[0]?.transport]).toEqual(['non-secure', 'RTP/SAVP']);
  expect(gateway.opened('receive')?.keys).toEqual([]);
  expect(gateway.keys).toEqual([]);
  world.say({ kind: 'released', leg: 'sip' });
  // For some seconds it is not asked again; then it is.
  door.wire.proof = () => ({ proven: true });
  expect(world.gateways.get('gw1')?.signalling).toBe('none');
  world.pass(11_000);
  expect(world.gateways.get('gw1')?.signalling).toBe('ipsec');
});

test('the tunnel goes in a call: it goes on, nothing new is agreed, and with the tunnel all is again as it was', () => {
  const { world, door, gateway } = lab();
  sipCalls(world, '9123', sipMedia([sipKey()]));
  door.act((now) => door.legs.protectionChanged(now, 'gw1', false));
  door.wire.proof = () => unproven;
  world.say({ kind: 'offer', leg: 'sip', offer: sipMedia([sipKey()], { port: 7100 }) });
  expect(world.last('refuse-offer')).toMatchObject({ leg: 'sip' });
  expect(gateway.kinds()).not.toContain('released');
  door.wire.proof = () => ({ proven: true });
  door.act((now) => door.legs.protectionChanged(now, 'gw1', true));
  const key = sipKey();
  world.say({ kind: 'offer', leg: 'sip', offer: sipMedia([key], { port: 7100 }) });
  expect(gateway.opened('receive')?.keys.map(nameOf)).toEqual([fingerprintOf(key)]);
  expect(gateway.opened('transmit')?.remote.port).toBe(7100);
  expect(world.control.calls()[0]?.protection).toMatchObject([
    { state: 'lost', cause: 'IPsec to gw1 is gone' },
    { state: 'returned', cause: 'IPsec to gw1 is back' },
  ]);
});

test.each([
  [17, 'user-busy'],
  [1, 'unallocated-number'],
  [34, 'no-circuit-available'],
  [38, 'network-out-of-order'],
  [44, 'requested-circuit-unavailable'],
])('Q.850: a gateway that ends a call with %i has said %s', (cause, said) => {
  const { world, gateway } = lab();
  gateway.onCall = cause;
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(world.last('refuse').cause).toBe(said);
});

test.each([
  ['refused', 'network-out-of-order'],
  ['silent', 'timer-expired'],
] as const)('a gateway whose connections are %s is %s', (failure, cause) => {
  const { world, door, gateway } = lab();
  door.wire.unreachable.set(gateway.address, failure);
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(world.last('refuse').cause).toBe(cause);
  expect(door.notices).toMatchObject([{ kind: 'gateway-unreachable', reason: failure }]);
  expect([door.legs.size, door.wire.size]).toEqual([0, 0]);
});

test('channels are counted in both directions, and no call is above them', () => {
  const { world, door, gateway } = lab({ channels: 1 });
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(door.legs.channelsOf('gw1')).toBe(1);
  door.act(() => gateway.call(setup));
  expect(gateway.events.at(-1)?.event).toMatchObject({ kind: 'released', cause: 34 });
  const phone = world.phone('SEP1', ['1001']);
  phone.offHook();
  phone.dial('9123');
  expect(door.legs.channelsOf('gw1')).toBe(1);
});

test('H.323 §8.1.12: digit by digit the number comes together, and the call begins when it is whole', () => {
  const { world, door, gateway } = lab();
  let call = '';
  door.act(() => {
    call = gateway.call({ ...setup, calledNumber: '20', canOverlapSend: true });
  });
  expect(gateway.kinds(call)).toContain('more-digits-wanted');
  expect(world.told).toEqual([]);
  door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.sendNumber(now, '01')));
  expect(world.last('place')).toMatchObject({ device: 'SIP1', line: '2001' });
});

test.each([
  ['that is taken', '2001'],
  ['that leads nowhere', '2888'],
])('Q.931 §5.2.4: the record names the whole number %s, of which nothing was in the Setup', (_, number) => {
  const { world, door, gateway } = lab();
  let call = '';
  door.act(() => {
    call = gateway.call({ ...setup, calledNumber: '', canOverlapSend: true });
  });
  for (const digit of number) {
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.sendNumber(now, digit)));
  }
  if (number === '2001') world.say({ kind: 'refused', leg: world.last('place').leg, cause: 'user-busy' });
  const [record] = world.records;
  expect(record?.route?.[0]?.cause).toContain(number);
  expect(record?.legs.slice(1).map(({ party }) => party.number)).toEqual(number === '2001' ? [number] : []);
});

test('a caller that withholds its number is anonymous to the called', () => {
  const { world, door, gateway } = lab();
  const presentation = { indicator: 1, screening: 0 } as const;
  door.act(() => gateway.call({ ...setup, callingNumber: { ...setup.callingNumber, presentation } }));
  expect(world.last('place').caller).toMatchObject({ anonymous: true, number: '030123' });
});

test('digits go both ways, by H.245', () => {
  const { world, door, gateway } = lab();
  sipCalls(world, '9123', sipMedia([sipKey()]));
  const [call = ''] = gateway.live;
  world.say({ kind: 'digit', leg: 'sip', digit: '5', milliseconds: 100 });
  expect(gateway.events.at(-1)?.event).toMatchObject({ kind: 'digits', digits: '5' });
  door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.sendDigits('7#')));
  expect(world.told.flatMap((output) => (output.kind === 'digit' ? [output.digit] : []))).toEqual(['7', '#']);
});

test('H.450.2: a gateway transfers its caller to another number, which is called for it', () => {
  const { world, door, gateway } = lab();
  sipCalls(world, '9123', sipMedia([sipKey()]));
  const [call = ''] = gateway.live;
  door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.transfer('2002')));
  const { leg } = world.last('place');
  expect(world.last('place')).toMatchObject({ device: 'SIP2', line: '2002' });
  const answers = () =>
    gateway.events.flatMap(({ event }) => (event.kind === 'transfer-answered' ? [event.error] : []));
  expect(answers()).toEqual([]);
  world.say({ kind: 'ringing', leg });
  world.say({ kind: 'answered', leg, media: sipMedia([sipKey()]) });
  world.say({ kind: 'answer', leg: 'sip', answer: sipMedia([sipKey()]) });
  // It hears of the result before the end of its call.
  expect(answers()).toEqual([undefined]);
  expect(gateway.events.at(-1)?.event.kind).toBe('released');
});

test.each([
  ['4711', '', 1004],
  ['2002', '77', 1005],
])(
  'H.450.2: a transfer to %s, of the call "%s", is refused with %i, and the call stays',
  (number, callIdentity, error) => {
    const { world, door, gateway } = lab();
    sipCalls(world, '9123', sipMedia([sipKey()]));
    const [call = ''] = gateway.live;
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.transfer(number, callIdentity)));
    expect(gateway.events.at(-1)?.event).toEqual({ kind: 'transfer-answered', error });
    expect([gateway.live.size, world.control.calls().length]).toEqual([1, 1]);
  },
);

test.each([
  [[['1001', 'no-answer']], { count: 1, reason: 'cfnr', divertingNumber: '1001' }],
  [
    [
      ['1001', 'user-busy'],
      ['1002', 'unconditional'],
    ],
    { count: 2, reason: 'cfu', divertingNumber: '1002', original: { number: '1001', reason: 'cfb' } },
  ],
] as const)('H.450.3: a gateway reads how a call came to it, and tells how one came to it: %j', (steps, said) => {
  const { world, door, gateway } = lab();
  const steered = steps.map(([from, reason], at) => ({ from, to: steps[at + 1]?.[0] ?? '9123', reason }));
  const caller = { number: '2001', anonymous: false };
  const incoming = { kind: 'incoming', leg: 'sip', device: 'SIP1', line: '2001', destination: '9123', caller } as const;
  world.say({ ...incoming, protection: bySipTls, diversions: steered, offer: sipMedia([sipKey()]) });
  const offered = gateway.events.find(({ event }) => event.kind === 'setup-offered')?.event;
  expect(offered).toMatchObject({ setup: { diversion: said } });
  door.act(() => gateway.call({ ...setup, diversion: said }));
  expect(world.last('place').diversions).toEqual(
    steered.map((step) => ({ ...step, to: step.to.replace('9123', '2001') })),
  );
});

test('the far side of a gateway reads what the lock means, at the answer and when it changes', () => {
  const { world, door, gateway } = lab({}, {}, relayOf());
  const read = () => {
    const all = door.wire.seen.flatMap(({ octets }) => {
      const read = decodeQ931(octets);
      const message = read.ok ? read.message : undefined;
      const display = message && elementOf(message, ElementId.Display);
      return display === undefined ? [] : [[message?.type, ia5Text(display)]];
    });
    return all.filter(([, text]) => String(text).includes('ncrypted'));
  };
  world.farSide = 'carrier-a';
  door.act(() => gateway.call(setup));
  sipAnswers(world, sipMedia([sipKey()]));
  expect(read()).toEqual([[MessageType.Facility, 'Encrypted up to carrier-a']]);
  world.farSide = undefined;
  door.wire.seen.length = 0;
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(read()).toEqual([[MessageType.Facility, 'Encrypted']]);
});

test('what is heard before the answer goes to the caller, and its keys are those of the call', () => {
  const { world, door, gateway } = lab();
  gateway.onCall = 'nothing';
  sipCalls(world, '9123', sipMedia([sipKey()]));
  const [call = ''] = gateway.live;
  door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.alert(now, { inBand: true })));
  const early = world.last('progress');
  expect(early.answer.streams[0]?.keys).toHaveLength(1);
  door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.connect(now)));
  expect(world.last('accept').answer).toEqual(early.answer);
});

test('where the key of the receiver protects, a Skinny phone sends with that of the gateway, and the gateway with one of ours', () => {
  const { world, door, gateway } = lab({ keyReading: 'receiver' });
  const phone = world.phone('SEP1', ['1001']);
  const talks = () => {
    expect(phone.shown).toEqual([expect.stringMatching(/^Connected Encrypted/)]);
    expect(phone.sending?.key).toBe(nameOf(gateway.opened('transmit')?.protection?.key));
    expect(gateway.opened('receive')?.keys.map(nameOf)).toEqual([phone.receiving?.key]);
    expect(gateway.opened('transmit')?.remote.port).toBe(phone.receiving?.port);
  };
  phone.offHook();
  phone.dial('9123');
  talks();
  phone.press('Hold');
  phone.press('Resume', [...phone.calls.keys()][0] ?? 0);
  world.pass(500);
  talks();
  phone.onHook();
  door.act(() => gateway.call({ ...setup, calledNumber: '1001' }));
  phone.offHook();
  for (let i = 0; i < 8; i++) world.pass(500);
  talks();
});

/** Each of the two hears what the relay sends it, and is heard by the relay. */
function hearsRelay(world: SkinnyWorld, gateway: FarGateway, ofPhone: { key: MediaKey; told: MediaDescription }) {
  const all = [...world.relaySides.values()];
  expect(all).toHaveLength(2);
  const side = (port: number) => all.find(({ remote }) => remote.port === port);
  const [towardsPhone, towardsGateway] = [side(7000), all.find(({ remote }) => remote.address === '10.99.0.10')];
  expect(fingerprintOf(towardsPhone?.keys?.receive as MediaKey)).toBe(fingerprintOf(ofPhone.key));
  expect(ofPhone.told.streams[0]?.keys.map(fingerprintOf)).toEqual([
    fingerprintOf(towardsPhone?.keys?.send as MediaKey),
  ]);
  const [transmit, receive] = [gateway.opened('transmit'), gateway.opened('receive')];
  // Its own key protects what it receives, and ours what it sends.
  expect(fingerprintOf(towardsGateway?.keys?.send as MediaKey)).toBe(nameOf(transmit?.protection?.key));
  expect(receive?.keys.map(nameOf)).toEqual([fingerprintOf(towardsGateway?.keys?.receive as MediaKey)]);
  expect(transmit?.remote.host).toEqual(Uint8Array.of(203, 0, 113, 1));
  expect(ofPhone.told.streams[0]?.address).toBe('203.0.113.1');
  const keys = all.flatMap((one) => [one.keys?.receive, one.keys?.send]).map((key) => fingerprintOf(key as MediaKey));
  expect(new Set(keys).size).toBe(4);
}

describe('where the key of the receiver protects, a phone that makes its own keys is relayed', () => {
  test('it calls, and offers a new key', () => {
    const { world, gateway } = lab({ keyReading: 'receiver' }, {}, relayOf());
    const key = sipKey();
    sipCalls(world, '9123', sipMedia([key]));
    const { answer, level } = world.last('accept');
    expect(level).toBe('encrypted');
    hearsRelay(world, gateway, { key, told: answer });
    expect(world.control.calls()[0]?.relayed).toBe('key-of-receiver');
    expect(world.told.map(({ kind }) => kind)).not.toContain('offer');
    const other = sipKey();
    world.say({ kind: 'offer', leg: 'sip', offer: sipMedia([other]) });
    hearsRelay(world, gateway, { key: other, told: world.last('answer').answer });
    world.say({ kind: 'released', leg: 'sip' });
    expect([world.relaySides.size, gateway.calls.size]).toEqual([0, 0]);
  });

  test('it is called', () => {
    const { world, door, gateway } = lab({ keyReading: 'receiver' }, {}, relayOf());
    door.act(() => gateway.call(setup));
    const key = sipKey();
    sipAnswers(world, sipMedia([key]));
    const { answer, level } = world.last('answer');
    expect(level).toBe('encrypted');
    hearsRelay(world, gateway, { key, told: answer });
  });

  test('the gateway holds and goes on, and sends with a new key then', () => {
    const { world, door, gateway } = lab({ keyReading: 'receiver' }, {}, relayOf());
    sipCalls(world, '9123', sipMedia([sipKey()]));
    const [call = ''] = gateway.live;
    const before = gateway.opened('receive')?.keys.map(nameOf);
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.hold(now)));
    const held = world.last('offer');
    expect(held.offer.streams[0]?.direction).toBe('sendonly');
    world.say({ kind: 'answer', leg: held.leg, answer: sipMedia([sipKey()], { direction: 'recvonly' }) });
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.resume(now)));
    // The channel towards it opens with the answer, and with a key of its own; that is offered after it.
    const key = sipKey();
    for (const _ of [1, 2]) world.say({ kind: 'answer', leg: 'sip', answer: sipMedia([key]) });
    const back = world.last('offer');
    expect(back.offer.streams[0]?.direction).toBe('sendrecv');
    hearsRelay(world, gateway, { key, told: back.offer });
    expect(gateway.opened('receive')?.keys.map(nameOf)).not.toEqual(before);
    expect(world.control.calls()[0]?.level).toBe('encrypted');
  });

  test('a Skinny phone is not', () => {
    const { world, gateway } = lab({ keyReading: 'receiver' }, {}, relayOf());
    const phone = world.phone('SEP1', ['1001']);
    phone.offHook();
    phone.dial('9123');
    expect(phone.shown).toEqual([expect.stringMatching(/^Connected Encrypted/)]);
    expect(world.relaySides.size).toBe(0);
    expect(phone.sending?.key).toBe(nameOf(gateway.opened('transmit')?.protection?.key));
  });

  test('the Skinny phone transfers to it, and the relay comes between', () => {
    const { world, gateway } = lab({ keyReading: 'receiver' }, {}, relayOf());
    const phone = world.phone('SEP1', ['1001']);
    phone.offHook();
    phone.dial('9123');
    phone.press('Transfer');
    phone.dial('2001');
    const key = sipKey();
    const { leg } = world.last('place');
    world.say({ kind: 'ringing', leg });
    world.say({ kind: 'answered', leg, media: sipMedia([key]) });
    phone.press('Transfer');
    for (let round = 0; round < 6; round++) {
      const asked = world.told.findLast(({ kind }) => kind === 'offer' || kind === 'answer');
      if (asked?.kind === 'offer') world.say({ kind: 'answer', leg, answer: sipMedia([key]) });
      world.pass(500);
    }
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', relayed: 'key-of-receiver' }]);
    const told = world.told.findLast(({ kind }) => kind === 'offer' || kind === 'answer' || kind === 'accept');
    const media =
      told?.kind === 'offer' ? told.offer : told !== undefined && 'answer' in told ? told.answer : undefined;
    hearsRelay(world, gateway, { key, told: media as MediaDescription });
  });
});

describe.each(['sender', 'receiver'] as const)(
  'under auto a call shows that the key of the %s protects',
  (keyReading) => {
    test.each(['SIP', 'Skinny'])(
      'a %s phone is relayed with both keys to be tried, and what is found holds from the next call on',
      (kind) => {
        const { world, door } = lab({ keyReading: 'auto' }, {}, relayOf());
        const phone = world.phone('SEP1', ['1001']);
        const call = () => {
          if (kind === 'SIP') sipCalls(world, '9123', sipMedia([sipKey()]));
          else {
            phone.offHook();
            phone.dial('9123');
          }
        };
        call();
        const side = [...world.relaySides.values()].find(({ remote }) => remote.address === '10.99.0.10');
        expect(side?.keys).toMatchObject({ mayBeSwapped: true });
        expect(world.control.calls()[0]).toMatchObject({ level: 'encrypted', relayed: 'key-of-receiver' });
        const fingerprint = fingerprintOf(side?.keys?.receive as MediaKey) ?? '';
        door.act(() => door.legs.keyReadingShown({ kind: 'key-reading-shown', fingerprint: 'of nobody', keyReading }));
        expect(door.found).toEqual([]);
        for (const _ of [1, 2])
          door.act(() => door.legs.keyReadingShown({ kind: 'key-reading-shown', fingerprint, keyReading }));
        expect(door.found).toMatchObject([{ device: 'gw1', keyReading }]);
        if (kind === 'SIP') world.say({ kind: 'released', leg: 'sip' });
        else phone.onHook();
        call();
        const isRelayed = kind === 'SIP' && keyReading === 'receiver';
        expect(world.control.calls()[0]?.relayed).toBe(isRelayed ? 'key-of-receiver' : undefined);
        expect([...world.relaySides.values()].map(({ keys }) => keys?.mayBeSwapped)).toEqual(
          isRelayed ? [undefined, undefined] : [],
        );
      },
    );

    test('without a relay it is refused', () => {
      const { world } = lab({ keyReading: 'auto' });
      sipCalls(world, '9123', sipMedia([sipKey()]));
      expect(world.last('refuse').cause).toBe('not-acceptable-here');
    });
  },
);

test('where the key of the receiver protects, a phone that makes its own keys cannot be read: without a relay the call is refused', () => {
  const { world, door, gateway } = lab({ keyReading: 'receiver' });
  sipCalls(world, '9123', sipMedia([sipKey()]));
  expect(world.last('refuse').cause).toBe('not-acceptable-here');
  door.act(() => gateway.call(setup));
  sipAnswers(world, sipMedia([sipKey()]));
  expect(gateway.events.at(-1)?.event).toMatchObject({ kind: 'released' });
  expect([door.legs.size, door.wire.size, world.control.calls()]).toEqual([0, 0, []]);
});

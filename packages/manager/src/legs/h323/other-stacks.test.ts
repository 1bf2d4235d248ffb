/** What other H.323 stacks do and ours need not, as their captures show it: each through the leg to a phone. */
import {
  decodeCallSignalling,
  ElementId,
  elementOf,
  ia5Text,
  MessageType,
  operationOf,
  supplementaryServiceCodec,
} from '@trustline/h323';
import { describe, expect, test } from 'vitest';
import { sipKey, sipMedia } from '../sccp/skinny-world.fixture.ts';
import { fingerprintOf } from '../sccp/stream-choice.ts';
import { bySipTls, lab, setup, sipAnswers, sipCalls } from './gateway-lab.fixture.ts';
import { type GatewayDoor, nameOf } from './gateway-world.fixture.ts';

const phoneAt = { host: Uint8Array.of(198, 51, 100, 7), port: 7000 };
const clearly = { policy: 'forbid', isProtected: false } as const;
const digitsAt = (payloadType: number) => [
  { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
  { payloadType, encoding: 'telephone-event', clockRate: 8_000, channels: 1, parameters: '0-15' },
];

/** The messages that say something of fast connect, and what they say. */
function saidOfFastConnect(door: GatewayDoor): readonly (readonly [number, string])[] {
  return door.wire.seen.flatMap(({ octets, isControl }) => {
    const read = isControl ? undefined : decodeCallSignalling(octets);
    if (!read?.ok) return [];
    const body = read.message.userInformation?.['h323-uu-pdu']['h323-message-body'];
    const value = body !== undefined && 'value' in body ? (body.value as object) : {};
    const said = 'fastStart' in value ? 'channels' : 'fastConnectRefused' in value ? 'refused' : undefined;
    return said === undefined ? [] : [[read.message.type, said] as const];
  });
}

describe.each([
  ['tunnelled', true],
  ['separate', false],
])('H.323 §8.1.7: fast connect with %s H.245', (_, tunnelling) => {
  const far = { policy: 'forbid', fastConnect: true, tunnelling } as const;

  test('a call to the gateway is proposed with it, and has media with the first answer', () => {
    const { world, door, gateway } = lab({ ...clearly, fastStart: true, tunnelling }, far);
    sipCalls(world, '9123', sipMedia([]));
    expect(saidOfFastConnect(door)[0]).toEqual([MessageType.Setup, 'channels']);
    expect(gateway.opened('transmit')?.remote).toEqual(phoneAt);
    const { answer, level } = world.last('accept');
    expect(level).toBe('non-secure');
    expect(answer.streams).toMatchObject([{ transport: 'RTP/AVP', address: '10.99.0.10', direction: 'sendrecv' }]);
    expect(answer.streams[0]?.port).toBe([...gateway.ports.keys()].at(-1));
  });

  test('what the gateway proposes is taken with the Connect, when it is known who answers', () => {
    const { world, door, gateway } = lab({ ...clearly, fastStart: true, tunnelling }, far);
    door.act(() => gateway.call(setup));
    expect(saidOfFastConnect(door)).toEqual([[MessageType.Setup, 'channels']]);
    sipAnswers(world, sipMedia([]));
    expect(saidOfFastConnect(door)[1]).toEqual([MessageType.Connect, 'channels']);
    expect(gateway.opened('transmit')?.remote).toEqual(phoneAt);
    expect(world.last('answer')).toMatchObject({ level: 'non-secure' });
    expect(world.last('answer').answer.streams[0]?.port).toBe([...gateway.ports.keys()].at(-1));
  });

  test('after it the gateway holds and hears again by H.245', () => {
    const { world, door, gateway } = lab({ ...clearly, fastStart: true, tunnelling }, far);
    door.act(() => gateway.call(setup));
    const leg = sipAnswers(world, sipMedia([]));
    const [call = ''] = gateway.live;
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.hold(now)));
    expect(world.last('offer').offer.streams[0]?.direction).toBe('sendonly');
    world.say({ kind: 'answer', leg, answer: sipMedia([], { direction: 'recvonly' }) });
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.resume(now)));
    world.say({ kind: 'answer', leg, answer: sipMedia([]) });
    expect(world.last('offer').offer.streams[0]?.direction).toBe('sendrecv');
    expect(gateway.opened('receive')).toBeDefined();
  });

  test('where media may be protected it is refused with the first answer, and slow start brings the keys', () => {
    const { world, door, gateway } = lab({ policy: 'prefer', fastStart: true, tunnelling }, far);
    const call = gateway.call(setup);
    while (saidOfFastConnect(door).length === 0) door.wire.carry(world.now);
    // OPAL proposes clear channels whatever it is able to [R]; by H.245 it has keys.
    const { formats, suites, media } = gateway.terms.endpoint;
    const terms = { formats, suites, media, policy: 'prefer', sends: true, receives: true } as const;
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.configure(now, terms)));
    const key = sipKey();
    sipAnswers(world, sipMedia([key]));
    const [first, ...later] = saidOfFastConnect(door);
    expect(first).toEqual([MessageType.Setup, 'channels']);
    expect(new Set(later.map(([, what]) => what))).toEqual(new Set(['refused']));
    expect(gateway.opened('receive')?.keys.map(nameOf)).toEqual([fingerprintOf(key)]);
    expect(world.last('answer').level).toBe('encrypted');
  });

  test('under require it is refused, and clear media with it', () => {
    const { world, door, gateway } = lab({ fastStart: true, tunnelling }, far);
    door.act(() => gateway.call(setup));
    sipAnswers(world, sipMedia([sipKey()]));
    expect(
      saidOfFastConnect(door)
        .slice(1)
        .map(([, what]) => what),
    ).not.toContain('channels');
    expect(gateway.opened('transmit')).toBeUndefined();
    expect(gateway.events.at(-1)?.event).toMatchObject({ kind: 'released' });
    expect(door.legs.size).toBe(0);
  });
});

describe('digits', () => {
  test('RFC 4733: each side is told the payload type that the other takes them in', () => {
    const { world, door, gateway } = lab({}, { telephoneEvent: 121 });
    sipCalls(world, '9123', sipMedia([sipKey()], { formats: digitsAt(96) }));
    const [call = ''] = gateway.live;
    expect(world.last('accept').answer.streams[0]?.formats[1]).toMatchObject({
      payloadType: 121,
      encoding: 'telephone-event',
    });
    expect(gateway.calls.telephoneEventOf(call)).toBe(96);
    door.act(() => gateway.call(setup));
    sipAnswers(world, sipMedia([sipKey()], { formats: digitsAt(97) }));
    expect(world.last('answer').answer.streams[0]?.formats[1]).toMatchObject({ payloadType: 121 });
    expect(gateway.calls.telephoneEventOf([...gateway.live].at(-1) ?? '')).toBe(97);
  });

  test('a gateway that takes no events is told none, and a phone that takes none neither', () => {
    const { world, gateway } = lab({}, { telephoneEvent: undefined } as never);
    sipCalls(world, '9123', sipMedia([sipKey()], { formats: digitsAt(96) }));
    expect(world.last('accept').answer.streams[0]?.formats).toHaveLength(1);
    expect(gateway.calls.telephoneEventOf([...gateway.live].at(-1) ?? '')).toBe(96);
    const other = lab({}, { telephoneEvent: 101 });
    sipCalls(other.world, '9123', sipMedia([sipKey()]));
    expect(other.world.last('accept').answer.streams[0]?.formats).toHaveLength(1);
    expect(other.gateway.calls.telephoneEventOf([...other.gateway.live].at(-1) ?? '')).toBeUndefined();
  });

  test('Q.931 §4.5.18: a gateway without H.245 is sent keypad digits, and its own are heard', () => {
    const { world, door, gateway } = lab(
      { ...clearly, fastStart: true, tunnelling: false },
      { policy: 'forbid', fastConnect: true, tunnelling: false },
    );
    // It says nothing of where H.245 is, and opens none.
    const open = gateway.accepted.bind(gateway);
    gateway.accepted = (now, connection, ends, h245Of) =>
      h245Of === undefined ? open(now, connection, ends) : undefined;
    door.wire.listen = () => ({ address: '', port: 0 });
    sipCalls(world, '9123', sipMedia([]));
    const [call = ''] = gateway.live;
    world.say({ kind: 'digit', leg: 'sip', digit: '5', milliseconds: 100 });
    expect(gateway.events.at(-1)?.event).toEqual({ kind: 'digits', digits: '5' });
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.sendDigits('7#')));
    expect(world.told.flatMap((output) => (output.kind === 'digit' ? [output.digit] : []))).toEqual(['7', '#']);
    const keypads = door.wire.seen.flatMap(({ octets }) => {
      const read = decodeCallSignalling(octets);
      const element = read.ok ? elementOf(read.message, ElementId.KeypadFacility) : undefined;
      return element === undefined ? [] : [ia5Text(element)];
    });
    expect(keypads).toEqual(['5', '7#']);
  });
});

describe('supplementary services', () => {
  test('H.450.8: names go both ways with all their letters, and not at all where they are withheld', () => {
    const { world, door, gateway } = lab();
    door.act(() => gateway.call({ ...setup, callingName: 'Дарья' }));
    expect(world.last('place').caller).toMatchObject({ displayName: 'Дарья', anonymous: false });
    const incoming = { kind: 'incoming', leg: 'sip', device: 'SIP1', line: '2001', destination: '9123' } as const;
    const calls = (anonymous: boolean) => {
      const caller = { number: '2001', displayName: 'Zoë', anonymous };
      world.say({ ...incoming, protection: bySipTls, caller, offer: sipMedia([sipKey()]) });
      world.say({ kind: 'released', leg: 'sip' });
      return gateway.events.findLast(({ event }) => event.kind === 'setup-offered')?.event;
    };
    expect(calls(false)).toMatchObject({ setup: { callingName: 'Zoë', restricted: false } });
    expect(calls(true)).toMatchObject({ setup: { callingName: undefined, restricted: true } });
  });

  test('H.450.4: a gateway is told that it is held and that it is not any more, once each', () => {
    const { world, door } = lab();
    const key = sipKey();
    sipCalls(world, '9123', sipMedia([key]));
    for (const direction of ['sendonly', 'sendonly', 'sendrecv'] as const) {
      world.say({ kind: 'offer', leg: 'sip', offer: sipMedia([key], { direction }) });
    }
    const codes = door.wire.seen.flatMap(({ octets, isControl }) => {
      const read = isControl ? undefined : decodeCallSignalling(octets);
      const apdus = read?.ok ? (read.message.userInformation?.['h323-uu-pdu'].h4501SupplementaryService ?? []) : [];
      return apdus.flatMap((apdu) => {
        const service = supplementaryServiceCodec.decode(apdu);
        if (!service.ok || service.value.serviceApdu.kind !== 'rosApdus') return [];
        return service.value.serviceApdu.value.flatMap((one) =>
          one.kind === 'invoke' ? [operationOf(Number(one.value.opcode.value))] : [],
        );
      });
    });
    expect(codes.filter((name) => name !== 'callingName')).toEqual(['holdNotific', 'retrieveNotific']);
  });
});

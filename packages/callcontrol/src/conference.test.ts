/** A conference: who may take part, with which keys, and the one level that all are shown. */
import { describe, expect, test } from 'vitest';
import type { DialPlanEntry } from './dialplan.ts';
import type { MediaDescription } from './media.ts';
import {
  audio,
  byDigest,
  descriptionOf,
  eventKindsOf,
  keyOf,
  ofKind,
  only,
  phone,
  ScriptedWorld,
} from './scripted.fixture.ts';

const plan: readonly DialPlanEntry[] = [
  { pattern: '5000', target: { kind: 'conference', name: 'open' } },
  { pattern: '5001', target: { kind: 'conference', name: 'closed' }, policy: 'require' },
];
const phones = Array.from({ length: 9 }, (_, at) => phone(`SEP${at}`, `100${at}`));
const plain = phone('PLAIN', '1009', { securityMode: 'non-secure', protection: byDigest });

/** A relay with so many ports, and what it was asked to put a side beside. */
function relayOf(ports = 100) {
  const beside: (number | undefined)[] = [];
  const allocate = (other: number | undefined) => {
    beside.push(other);
    const side = beside.length;
    return side > ports ? undefined : { side, address: '198.51.100.1', port: 20_000 + 2 * side };
  };
  return { beside, allocate };
}

function worldOf(relay: ReturnType<typeof relayOf> | undefined = relayOf()) {
  return new ScriptedWorld([...phones, plain], plan, {}, {}, relay);
}

/** The phone at this place dials, as leg `at`. */
function dial(world: ScriptedWorld, at: number, number = '5000', offer: MediaDescription | undefined = secure(at)) {
  const device = world.phones[at];
  const line = device?.lines[0] ?? '';
  return world.call(number, offer, {
    leg: `${at}`,
    device: device?.name ?? '',
    line,
    caller: { number: line, anonymous: false },
    protection: device?.protection ?? byDigest,
  });
}

const secure = (at: number) => audio([keyOf(10 * at + 1)]);
const keysTold = (outputs: ReturnType<ScriptedWorld['handle']>) =>
  outputs.flatMap((output) => descriptionOf(output)?.description.streams.flatMap(({ keys }) => keys) ?? []);

describe('a conference that a call is transferred to', () => {
  /** Phone 0 has called phone 1, and refers it to a number. */
  function referred(world: ScriptedWorld, number = '5000') {
    const placed = only(dial(world, 0, '1001'), 'place');
    world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(500)]) });
    const outputs = world.handle({ kind: 'transfer', leg: '0', to: { kind: 'number', number } });
    return { one: placed.leg, outputs };
  }

  test('asks the transferee for an offer, answers it with media and keys of its own, and the transferor is out', () => {
    const world = worldOf();
    dial(world, 2);
    const { one, outputs } = referred(world);
    expect(only(outputs, 'request-offer')).toMatchObject({ leg: one, isFocus: true });
    const entered = world.handle({ kind: 'offer', leg: one, offer: audio([keyOf(501)]) });
    expect(only(entered, 'answer').answer.streams[0]).toMatchObject({ address: '198.51.100.1', transport: 'RTP/SAVP' });
    expect(only(entered, 'transferred').leg).toBe('0');
    expect(only(entered, 'release').leg).toBe('0');
    expect(eventKindsOf(entered)).toEqual(expect.arrayContaining(['call-answered', 'call-transferred']));
    expect(eventKindsOf(entered)).not.toContain('key-not-renewed');
    expect(world.control.calls().map(({ destination, relayed, level }) => [destination, relayed, level])).toEqual(
      Array(2).fill(['5000', 'conference', 'encrypted']),
    );
    const { record } = only(world.handle({ kind: 'released', leg: one }), 'record');
    expect(record).toMatchObject({ conference: { number: '5000', name: 'open' }, transfer: { kind: 'blind' } });
  });

  test('says so where the transferee sends with a key that the transferor knows', () => {
    const world = worldOf();
    const { one } = referred(world);
    expect(eventKindsOf(world.handle({ kind: 'offer', leg: one, offer: audio([keyOf(500)]) }))).toContain(
      'key-not-renewed',
    );
  });

  test('is not entered by one without encryption where that is required: the old call goes on', () => {
    const world = worldOf();
    const { one } = referred(world, '5001');
    const refused = world.handle({ kind: 'offer', leg: one, offer: audio([]) });
    expect(only(refused, 'transfer-failed').leg).toBe('0');
    expect(world.control.calls()).toMatchObject([{ state: 'connected', destination: '1001' }]);
  });

  test('that is full, or not there for want of a relay, is no end of the old call', () => {
    const world = worldOf();
    for (let at = 1; at < 9; at++) dial(world, at);
    const placed = only(dial(world, 0, '1009', audio([])), 'place');
    world.handle({ kind: 'answered', leg: placed.leg, media: audio([]) });
    const outputs = world.handle({ kind: 'transfer', leg: '0', to: { kind: 'number', number: '5000' } });
    expect(only(outputs, 'transfer-failed')).toMatchObject({ leg: '0', cause: 'user-busy' });
    expect(world.control.calls()).toHaveLength(9);
  });
});

describe('a conference', () => {
  test('answers whoever dials it over the relay, each with keys of its own side and all beside each other', () => {
    const relay = relayOf();
    const world = worldOf(relay);
    const answers = [0, 1, 2].map((at) => dial(world, at));
    const told = answers.map((outputs) => only(outputs, 'accept').answer.streams[0]);
    expect(told[0]).toMatchObject({
      address: '198.51.100.1',
      port: 20_002,
      transport: 'RTP/SAVP',
      direction: 'sendrecv',
    });
    const keys = answers.flatMap(keysTold).map((key) => key.keys[0]?.material.reveal().join());
    expect(new Set(keys).size).toBe(3);
    expect(relay.beside).toEqual([undefined, 1, 1]);
    const sides = answers.map((outputs) => only(outputs, 'relay-side'));
    for (const [at, side] of sides.entries()) {
      const key = side.keys?.send.keys[0]?.material.reveal().join();
      expect(key).toBe(keys[at]);
      expect(side).toMatchObject({ takes: true, gives: true, mixes: { format: { codec: 'PCMU', payloadType: 0 } } });
    }
    expect(new Set(sides.map(({ mixes }) => mixes?.conference)).size).toBe(1);
    expect(world.control.calls().map(({ level, relayed }) => [level, relayed])).toEqual(
      Array(3).fill(['encrypted', 'conference']),
    );
  });

  test('its level is the minimum over its legs, shown to all when one joins and leaves; records say the lowest', () => {
    const world = worldOf();
    dial(world, 0);
    dial(world, 1);
    const joined = dial(world, 9, '5000', audio([]));
    expect(only(joined, 'accept').level).toBe('non-secure');
    const showing = (outputs: typeof joined) => ofKind(outputs, 'show').map(({ leg, level }) => `${leg} ${level}`);
    expect(showing(joined)).toEqual(['0 non-secure', '1 non-secure']);
    const left = world.handle({ kind: 'released', leg: '9' });
    expect(showing(left)).toEqual(['0 encrypted', '1 encrypted']);
    dial(world, 2);
    const levels = ['0', '1', '2'].map((leg) => only(world.handle({ kind: 'released', leg }), 'record').record);
    expect(levels.map(({ level }) => level)).toEqual(['non-secure', 'non-secure', 'encrypted']);
    expect(levels[0]).toMatchObject({ conference: { number: '5000', name: 'open' }, outcome: 'answered' });
  });

  test('one who is left stays; with the last nothing is left, and the next conference is another', () => {
    const world = worldOf();
    const first = only(dial(world, 0), 'relay-side');
    dial(world, 1);
    expect(ofKind(world.handle({ kind: 'released', leg: '1' }), 'release')).toEqual([]);
    expect(only(world.handle({ kind: 'released', leg: '0' }), 'relay-close').side).toBe(first.side);
    expect(world.control.calls()).toEqual([]);
    expect(world.control.nextDeadline()).toBeUndefined();
    expect(only(dial(world, 2), 'relay-side').mixes?.conference).not.toBe(first.mixes?.conference);
  });

  test('the ninth is refused as busy, and hears why', () => {
    const world = worldOf();
    for (let at = 0; at < 8; at++) expect(ofKind(dial(world, at), 'accept')).toHaveLength(1);
    expect(only(dial(world, 8), 'refuse')).toMatchObject({
      cause: 'user-busy',
      warning: expect.stringContaining('full'),
    });
    world.handle({ kind: 'released', leg: '3' });
    expect(ofKind(dial(world, 8), 'accept')).toHaveLength(1);
  });

  test.each([
    [
      'nothing that can be mixed',
      audio([keyOf(1)], { formats: [{ payloadType: 18, encoding: 'G729', clockRate: 8000, channels: 1 }] }),
    ],
    ['no media', undefined],
  ])('who offers %s is refused with words, and nothing is left', (_, offer) => {
    const world = worldOf();
    const outputs = offer === undefined ? world.call('5000', undefined) : dial(world, 0, '5000', offer);
    const { cause, warning } = only(outputs, 'refuse');
    expect(cause).toBe('not-acceptable-here');
    expect(warning).toMatch(/conference/);
    expect(world.control.calls()).toEqual([]);
  });

  test('who has Opus or G.722 alone takes part in it, under the payload type that he offered', () => {
    const world = worldOf();
    const formats = [
      { payloadType: 18, encoding: 'G729', clockRate: 8_000, channels: 1 },
      { payloadType: 107, encoding: 'opus', clockRate: 48_000, channels: 2 },
    ];
    const outputs = dial(world, 0, '5000', audio([keyOf(1)], { formats }));
    expect(only(outputs, 'accept').answer.streams[0]?.formats).toEqual([formats[1]]);
    expect(only(outputs, 'relay-side').mixes?.format).toEqual({ codec: 'opus', payloadType: 107 });
  });

  test('without a relay, or a port of it, there is none: that is said', () => {
    expect(only(dial(new ScriptedWorld(phones, plan), 0), 'refuse').cause).toBe('service-unavailable');
    const world = worldOf(relayOf(1));
    dial(world, 0);
    expect(only(dial(world, 1), 'refuse').cause).toBe('switching-equipment-congestion');
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted' }]);
  });

  test('under require who cannot be encrypted is refused before he is heard, and an offer that is clear too', () => {
    const world = worldOf();
    dial(world, 0, '5001');
    const refused = dial(world, 9, '5001', audio([]));
    expect(only(refused, 'refuse').cause).toBe('security-required');
    expect(ofKind(refused, 'relay-side')).toEqual([]);
    const outputs = world.handle({ kind: 'offer', leg: '0', offer: audio([]) });
    expect(only(outputs, 'refuse-offer').cause).toBe('security-required');
    expect(eventKindsOf(outputs)).toContain('call-refused');
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted' }]);
  });

  test('who was sent there by a number that requires encryption is not put beside somebody without it', () => {
    const world = worldOf();
    world.forwarding.set('1001', { always: '5001' });
    dial(world, 9, '5000', audio([]));
    expect(only(dial(world, 0, '1001'), 'accept').level).toBe('encrypted');
    const strict = new ScriptedWorld(
      [...phones, plain],
      [...plan.slice(0, 1), { pattern: '1001', target: { kind: 'lines' }, policy: 'require' }],
      {},
      {},
      relayOf(),
    );
    strict.forwarding.set('1001', { always: '5000' });
    dial(strict, 9, '5000', audio([]));
    expect(only(dial(strict, 0, '1001'), 'refuse')).toMatchObject({ cause: 'security-required' });
  });

  test('while one of those in it requires encryption nobody gives his up', () => {
    const lines: readonly DialPlanEntry[] = [{ pattern: '1001', target: { kind: 'lines' }, policy: 'require' }];
    const world = new ScriptedWorld([...phones, plain], [...plan, ...lines], {}, {}, relayOf());
    world.forwarding.set('1001', { always: '5000' });
    dial(world, 1);
    dial(world, 0, '1001');
    const clear = { kind: 'offer', leg: '1', offer: audio([]) } as const;
    expect(only(world.handle(clear), 'refuse-offer').cause).toBe('security-required');
    expect(only(dial(world, 9, '5000', audio([])), 'refuse').cause).toBe('security-required');
    world.handle({ kind: 'released', leg: '0' });
    expect(only(world.handle(clear), 'answer').level).toBe('authenticated');
  });

  test('hold, resume and new keys are one leg’s own; a clear offer lowers the level of all', () => {
    const world = worldOf();
    dial(world, 0);
    dial(world, 1);
    const held = world.handle({ kind: 'offer', leg: '0', offer: audio([keyOf(1)], { direction: 'sendonly' }) });
    expect(only(held, 'answer').answer.streams[0]?.direction).toBe('recvonly');
    expect(only(held, 'relay-side')).toMatchObject({ takes: false, gives: false });
    const resumed = world.handle({ kind: 'offer', leg: '0', offer: audio([keyOf(77)]) });
    expect(only(resumed, 'relay-side')).toMatchObject({ takes: true, gives: true });
    const reused = world.handle({ kind: 'offer', leg: '1', offer: audio([keyOf(77)]) });
    expect(only(reused, 'refuse-offer').cause).toBe('key-reused');
    expect(only(world.handle({ kind: 'offer', leg: '0', offer: audio([]) }), 'show')).toMatchObject({
      leg: '1',
      level: 'authenticated',
    });
    expect(only(world.handle({ kind: 'offer-requested', leg: '0' }), 'refuse-offer').warning).toMatch(/conference/);
  });

  test('nobody is transferred out of it, and its legs are not taken', () => {
    const world = worldOf();
    dial(world, 0);
    const outputs = world.handle({ kind: 'transfer', leg: '0', to: { kind: 'number', number: '1002' } });
    expect(only(outputs, 'refuse-transfer').cause).toBe('unknown-call');
    dial(world, 1);
    const beside = world.handle({ kind: 'transfer', leg: '1', to: { kind: 'leg', leg: '0' } });
    expect(ofKind(beside, 'refuse-transfer')).toHaveLength(1);
    expect(only(world.handle({ kind: 'released', leg: '0' }), 'record').record.transfer).toBeUndefined();
  });

  test('ends for all whose thread of the relay has failed, and for the device that is lost', () => {
    const world = worldOf();
    const sides = [0, 1].map((at) => only(dial(world, at), 'relay-side').side);
    dial(world, 2);
    world.handle({ kind: 'device-lost', device: 'SEP2' });
    expect(world.control.calls()).toHaveLength(2);
    expect(ofKind(world.handle({ kind: 'relay-lost', sides }), 'release')).toHaveLength(2);
    expect(world.control.calls()).toEqual([]);
  });

  test('takes no notice of digits, which are for nobody', () => {
    const world = worldOf();
    dial(world, 0);
    dial(world, 1);
    expect(world.handle({ kind: 'digit', leg: '0', digit: '5', milliseconds: 100 })).toEqual([]);
  });

  test('is shown as one to who joins it (RFC 4579 §5.1)', () => {
    expect(only(dial(worldOf(), 0), 'accept').isFocus).toBe(true);
  });
});

import { keyFingerprint } from '@trustline/keying';
import { beforeEach, describe, expect, test } from 'vitest';
import { isSameKey } from './keys.ts';
import { isEncrypted, type MediaDescription, type MediaStream } from './media.ts';
import type { CallControlOutput } from './outputs.ts';
import type { RelayPort } from './relay-state.ts';
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
  suite32,
  suite80,
} from './scripted.fixture.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1002');
const dave = phone('SEPD', '1003', { securityMode: 'non-secure', protection: byDigest });
const eve = phone('SEPE', '1003');
const settings = { suites: [suite80, suite32] };

let free = 10;
let next = 0;
const relay: RelayPort = {
  allocate: () => (next >= free ? undefined : { side: next, address: '198.51.100.1', port: 20_000 + 2 * next++ }),
};
beforeEach(() => {
  free = 10;
  next = 0;
});

function worldOf(
  phones = [alice, bob, dave],
  mediaPath: 'direct' | 'relayed' = 'direct',
  policy?: 'require' | 'forbid',
) {
  const plan = policy === undefined ? [] : [{ pattern: '1XXX', target: { kind: 'lines' }, policy } as const];
  return new ScriptedWorld(phones, plan, { ...settings, mediaPath }, {}, relay);
}

/** The first stream of the description that an output carries. */
function streamOf(output: CallControlOutput): MediaStream {
  const [stream] = descriptionOf(output)?.description.streams ?? [];
  if (stream === undefined) throw new Error('no stream was told');
  return stream;
}

const sides = (outputs: readonly CallControlOutput[]) => ofKind(outputs, 'relay-side');
const fromRelay = { address: '198.51.100.1' };
const ofDave = (changes: Partial<MediaStream> = {}) => audio([], { address: '192.0.2.4', port: 4_444, ...changes });

/** Alice, with SRTP, calls Dave, who has none, and he answers. */
function bridged() {
  const world = worldOf();
  const placed = only(world.call('1003', audio([keyOf(1)])), 'place');
  const answered = world.handle({ kind: 'answered', leg: placed.leg, media: ofDave() });
  return { world, placed, answered, accepted: only(answered, 'accept') };
}

describe('an SRTP leg and a leg without SRTP under prefer', () => {
  test('the capable leg keeps SRTP, with a key of the relay; the other gets RTP, with no key; the level is non-secure', () => {
    const { placed, answered, accepted } = bridged();
    expect(streamOf(placed)).toMatchObject({ transport: 'RTP/AVP', keys: [], ...fromRelay });
    expect(streamOf(accepted)).toMatchObject({ transport: 'RTP/SAVP', ...fromRelay });
    expect(streamOf(accepted).keys).toHaveLength(1);
    expect(accepted.level).toBe('non-secure');
    const [one, other] = sides(answered);
    expect(one).toMatchObject({ remote: { address: '192.0.2.1', port: 4_000 }, takes: true, gives: true });
    expect(isSameKey(one?.keys?.receive as never, keyOf(1))).toBe(true);
    expect(isSameKey(one?.keys?.send as never, streamOf(accepted).keys[0] as never)).toBe(true);
    expect(other).toMatchObject({ remote: { address: '192.0.2.4', port: 4_444 } });
    expect(other?.keys).toBeUndefined();
    expect(ofKind(answered, 'relay-bridge')).toEqual([{ kind: 'relay-bridge', one: one?.side, other: other?.side }]);
  });

  test.each(['caller', 'called'])('the record of the call, hung up by the %s, says of each leg what it had', (who) => {
    const calledIsClear = bridged();
    const callerIsClear = new ScriptedWorld([dave, bob], [], settings, {}, relay);
    const asked = only(callerIsClear.call('1002', ofDave()), 'place');
    const again = only(
      callerIsClear.handle({ kind: 'refused', leg: asked.leg, cause: 'not-acceptable-here' }),
      'place',
    );
    callerIsClear.handle({ kind: 'answered', leg: again.leg, media: audio([keyOf(5)], { transport: 'RTP/SAVP' }) });
    const ended = (world: ScriptedWorld, called: string) =>
      only(
        world.handle({ kind: 'released', leg: who === 'caller' ? 'a' : called, cause: 'normal-clearing' }),
        'record',
      );
    const keyings = ({ record }: ReturnType<typeof ended>) => record.legs.map(({ keying, suite }) => [keying, suite]);
    const secure = ['sdes', 'AES_CM_128_HMAC_SHA1_80'];
    expect(keyings(ended(calledIsClear.world, calledIsClear.placed.leg))).toEqual([secure, ['none', undefined]]);
    expect(keyings(ended(callerIsClear, again.leg))).toEqual([['none', undefined], secure]);
  });

  test('under require it is refused, and under forbid too: no relay is asked', () => {
    for (const policy of ['require', 'forbid'] as const) {
      const outputs = worldOf(undefined, 'direct', policy).call('1003', audio([keyOf(1)]));
      expect(only(outputs, 'refuse').cause).toBe(policy === 'require' ? 'security-required' : 'not-acceptable-here');
    }
    expect(next).toBe(0);
  });

  test('without a relay, or without a port of it, it is refused as before', () => {
    free = 0;
    const world = worldOf();
    expect(only(world.call('1003', audio([keyOf(1)])), 'refuse').warning).toContain('relay');
  });

  test('keys that came over signalling without protection are refused, relay or not', () => {
    const world = worldOf([phone('SEPX', '1009', { protection: { ...byDigest } }), dave]);
    const outputs = world.call('1003', audio([keyOf(1)]));
    expect(only(outputs, 'refuse').cause).toBe('not-acceptable-here');
    expect(eventKindsOf(outputs)).toContain('unprotected-keys-refused');
  });

  test('a phone that takes no SRTP (488) is asked again without, while the caller keeps it', () => {
    const world = worldOf();
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    expect(streamOf(placed)).toMatchObject({ transport: 'RTP/SAVP', address: '192.0.2.1' });
    const again = only(world.handle({ kind: 'refused', leg: placed.leg, cause: 'not-acceptable-here' }), 'place');
    expect(streamOf(again)).toMatchObject({ transport: 'RTP/AVP', keys: [], ...fromRelay });
    const accepted = only(world.handle({ kind: 'answered', leg: again.leg, media: ofDave() }), 'accept');
    expect(streamOf(accepted)).toMatchObject({ transport: 'RTP/SAVP', ...fromRelay });
    expect(accepted.level).toBe('authenticated');
  });

  test('a phone that takes nothing but SRTP is asked again with it, for a caller that has none', () => {
    const world = new ScriptedWorld([dave, bob], [], settings, {}, relay);
    const placed = only(world.call('1002', ofDave()), 'place');
    expect(streamOf(placed)).toMatchObject({ transport: 'RTP/AVP', address: '192.0.2.4' });
    const again = only(world.handle({ kind: 'refused', leg: placed.leg, cause: 'not-acceptable-here' }), 'place');
    expect(streamOf(again)).toMatchObject({ transport: 'RTP/SAVP', ...fromRelay });
    const answered = world.handle({ kind: 'answered', leg: again.leg, media: audio([keyOf(5)]) });
    expect(streamOf(only(answered, 'accept'))).toMatchObject({ transport: 'RTP/AVP', keys: [], ...fromRelay });
    expect(
      sides(answered)
        .map(({ keys }) => keys !== undefined)
        .sort(),
    ).toEqual([false, true]);
    expect(world.control.calls()[0]).toMatchObject({ level: 'non-secure', relayed: 'one-end-without-srtp' });
  });

  test('the same where every call is relayed; one that refuses that too is asked no more', () => {
    const world = new ScriptedWorld([dave, bob], [], { ...settings, mediaPath: 'relayed' }, {}, relay);
    const placed = only(world.call('1002', ofDave()), 'place');
    const again = only(world.handle({ kind: 'refused', leg: placed.leg, cause: 'not-acceptable-here' }), 'place');
    expect(streamOf(again)).toMatchObject({ transport: 'RTP/SAVP', ...fromRelay });
    const outputs = world.handle({ kind: 'refused', leg: again.leg, cause: 'not-acceptable-here' });
    expect(only(outputs, 'refuse').cause).toBe('not-acceptable-here');
  });

  test('a late offer of SRTP goes to a caller without it as RTP', () => {
    const world = new ScriptedWorld([dave, bob], [], settings, {}, relay);
    const placed = only(world.call('1002', undefined), 'place');
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(5)]) });
    const offered = only(answered, 'accept-with-offer');
    expect(streamOf(offered)).toMatchObject({ transport: 'RTP/AVP', keys: [], ...fromRelay });
    const done = world.handle({ kind: 'answer', leg: 'a', answer: ofDave() });
    expect(streamOf(only(done, 'answer'))).toMatchObject({ transport: 'RTP/SAVP', ...fromRelay });
    expect(
      sides(done)
        .map(({ keys }) => keys !== undefined)
        .sort(),
    ).toEqual([false, true]);
  });

  test('hold and resume from either end pass through, and the relay hears of them', () => {
    const { world, placed } = bridged();
    const held = world.handle({ kind: 'offer', leg: placed.leg, offer: ofDave({ direction: 'sendonly' }) });
    const offered = only(held, 'offer');
    expect(streamOf(offered)).toMatchObject({ transport: 'RTP/SAVP', direction: 'sendonly', ...fromRelay });
    const answer = audio([{ ...keyOf(1), tag: streamOf(offered).keys[0]?.tag ?? 0 }], { direction: 'recvonly' });
    const done = world.handle({ kind: 'answer', leg: 'a', answer });
    expect(streamOf(only(done, 'answer'))).toMatchObject({ transport: 'RTP/AVP', direction: 'recvonly', keys: [] });
    expect(sides(done).map(({ takes, gives }) => [takes, gives])).toEqual([
      [false, true],
      [true, false],
    ]);
    const again = world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)]) });
    expect(streamOf(only(again, 'offer'))).toMatchObject({ transport: 'RTP/AVP', keys: [], direction: 'sendrecv' });
  });

  test('while its partner is asked to talk to somebody else, its level and its side of the relay stay as they are', () => {
    const world = worldOf([dave, alice, eve]);
    const inClear = only(world.call('1001', ofDave()), 'place');
    const placed = only(world.handle({ kind: 'refused', leg: inClear.leg, cause: 'not-acceptable-here' }), 'place');
    const alicesAnswer = audio([keyOf(1)], { transport: 'RTP/SAVP' });
    world.handle({ kind: 'answered', leg: placed.leg, media: alicesAnswer });
    const before = world.control.calls()[0];
    const { name: device, protection = byDigest } = eve;
    const takes = { leg: 'a', earlyOnly: false } as const;
    const asked = world.call('1001', audio([keyOf(2)]), { leg: 'b', device, protection, takes });
    only(asked, 'offer');
    const refused = world.handle({ kind: 'offer', leg: 'a', offer: ofDave({ direction: 'sendonly' }) });
    expect(only(refused, 'refuse-offer')).toMatchObject({ leg: 'a', cause: 'glare' });
    expect(ofKind(refused, 'relay-close')).toEqual([]);
    expect(world.control.calls().find(({ call }) => call === before?.call)).toMatchObject({
      level: 'non-secure',
      legs: [{ leg: 'a', level: 'non-secure' }, {}],
    });
  });

  test.each(['blind', 'attended'] as const)(
    'a phone that takes nothing but SRTP, transferred to one without it, %s: it is offered SRTP once it has refused RTP',
    (kind) => {
      const world = worldOf();
      const { leg: b } = only(world.call('1002', audio([keyOf(1)])), 'place');
      world.handle({ kind: 'answered', leg: b, media: audio([keyOf(2)]) });
      if (kind === 'attended') {
        const consulting = { leg: 'b2', device: 'SEPB', line: '1002' };
        const placed = only(world.call('1003', audio([keyOf(3)]), consulting), 'place');
        world.handle({ kind: 'answered', leg: placed.leg, media: ofDave() });
      }
      const to =
        kind === 'blind' ? ({ kind: 'number', number: '1003' } as const) : ({ kind: 'leg', leg: 'b2' } as const);
      const asked = world.handle({ kind: 'transfer', leg: b, to });
      const inClear =
        kind === 'blind'
          ? world.handle({ kind: 'answered', leg: only(asked, 'place').leg, media: ofDave() })
          : world.handle({ kind: 'offer', leg: only(asked, 'request-offer').leg, offer: ofDave() });
      expect(streamOf(only(inClear, 'offer'))).toMatchObject({ transport: 'RTP/AVP', keys: [] });
      const again = world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' });
      expect(only(again, 'offer')).toMatchObject({ leg: 'a', level: 'non-secure' });
      expect(streamOf(only(again, 'offer'))).toMatchObject({ transport: 'RTP/SAVP', ...fromRelay });
      const joined = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(5)], { transport: 'RTP/SAVP' }) });
      expect(streamOf(only(joined, 'answer'))).toMatchObject({ transport: 'RTP/AVP', keys: [], ...fromRelay });
      expect(ofKind([...again, ...joined], 'relay-bridge')).toHaveLength(1);
      expect(world.control.calls()).toMatchObject([{ level: 'non-secure', relayed: 'one-end-without-srtp' }]);
      const over = world.handle({ kind: 'released', leg: 'a' });
      expect(ofKind(over, 'relay-close')).toHaveLength(2);
    },
  );

  test('one that refuses that too goes on as before, and the relay is left', () => {
    const world = worldOf();
    const { leg: b } = only(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'answered', leg: b, media: audio([keyOf(2)]) });
    const asked = world.handle({ kind: 'transfer', leg: b, to: { kind: 'number', number: '1003' } });
    world.handle({ kind: 'answered', leg: only(asked, 'place').leg, media: ofDave() });
    world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' });
    const refused = world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' });
    expect(only(refused, 'transfer-failed')).toMatchObject({ leg: b, cause: 'not-acceptable-here' });
    expect(ofKind(refused, 'relay-close')).toHaveLength(2);
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1002' }] }]);
  });

  test('what an end says about its transport is not told on: ICE, multiplexed RTCP', () => {
    const world = worldOf();
    const attributes = ['rtcp-mux', 'candidate', 'ice-ufrag', 'ptime'].map((name) => ({ name, value: '20' }));
    const placed = only(world.call('1003', audio([keyOf(1)], { attributes })), 'place');
    expect(streamOf(placed).attributes.map(({ name }) => name)).toEqual(['ptime']);
  });

  test('the sides are closed when the call ends, and when a phone stops ringing', () => {
    const { world } = bridged();
    const closed = ofKind(world.handle({ kind: 'released', leg: 'a' }), 'relay-close');
    expect(closed.map(({ side }) => side).sort()).toEqual([0, 1]);
    const other = worldOf();
    other.call('1003', audio([keyOf(2)]));
    expect(ofKind(other.handle({ kind: 'cancelled', leg: 'a' }), 'relay-close')).toHaveLength(2);
  });

  test('a key of the relay that comes back from a phone is refused, in this call or another (RFC 3711 §9.1)', () => {
    const { world, accepted } = bridged();
    const [key] = streamOf(accepted).keys;
    const outputs = world.handle({ kind: 'offer', leg: 'a', offer: audio([key as never]) });
    expect(only(outputs, 'refuse-offer').cause).toBe('key-reused');
  });

  test('a phone with SRTP that rings beside one without is told the media of the caller itself', () => {
    const world = worldOf([alice, eve, dave]);
    const places = ofKind(world.call('1003', audio([keyOf(1)])), 'place');
    const direct = places.find(({ device }) => device === eve.name);
    expect(streamOf(direct as CallControlOutput)).toMatchObject({ transport: 'RTP/SAVP', address: '192.0.2.1' });
    const answered = world.handle({
      kind: 'answered',
      leg: direct?.leg ?? '',
      media: audio([keyOf(7)], { port: 7_000 }),
    });
    expect(streamOf(only(answered, 'accept'))).toMatchObject({ address: '192.0.2.1', port: 7_000 });
    expect(sides(answered)).toEqual([]);
  });
});

describe('the relay by policy', () => {
  test('two SRTP ends agree with the relay each: nobody learns a key of the other, and the level is encrypted', () => {
    const world = worldOf(undefined, 'relayed');
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    const offered = streamOf(placed);
    expect(offered).toMatchObject({ transport: 'RTP/SAVP', ...fromRelay });
    expect(offered.keys.some((key) => isSameKey(key, keyOf(1)))).toBe(false);
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)], { port: 4_002 }) });
    const accepted = only(answered, 'accept');
    expect(isSameKey(streamOf(accepted).keys[0] as never, keyOf(2))).toBe(false);
    expect(accepted.level).toBe('encrypted');
    const keys = sides(answered).flatMap((side) => [side.keys?.receive, side.keys?.send]);
    const names = keys.map((key) => keyFingerprint(key?.keys[0].material as never));
    expect(new Set(names).size).toBe(4);
  });

  test('two ends without SRTP are relayed in the clear; under require SRTP ends are, and nobody else', () => {
    const world = new ScriptedWorld(
      [dave, phone('SEPF', '1004', { securityMode: 'non-secure', protection: byDigest })],
      [],
      { ...settings, mediaPath: 'relayed' },
      {},
      relay,
    );
    const placed = only(world.call('1004', ofDave()), 'place');
    expect(streamOf(placed)).toMatchObject({ transport: 'RTP/AVP', ...fromRelay });
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: ofDave({ port: 5_000 }) });
    expect(sides(answered).map(({ keys }) => keys)).toEqual([undefined, undefined]);

    const strict = worldOf(undefined, 'relayed', 'require');
    const secure = only(strict.call('1002', audio([keyOf(1)])), 'place');
    expect(isEncrypted(descriptionOf(secure)?.description as MediaDescription)).toBe(true);
  });

  test('early media are relayed before the answer', () => {
    const world = worldOf(undefined, 'relayed');
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    const early = world.handle({ kind: 'progress', leg: placed.leg, answer: audio([keyOf(2)]) });
    expect(streamOf(only(early, 'progress'))).toMatchObject(fromRelay);
    expect(sides(early)).toHaveLength(2);
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)]) });
    expect(sides(answered)).toEqual([]);
  });
});

describe('a phone behind a NAT', () => {
  const behind = { address: '10.0.0.7' };
  const protection = { ...alice.protection, remoteAddress: '203.0.113.7:5061' } as never;

  test('a caller that names a private address is relayed', () => {
    const world = worldOf();
    const placed = only(world.call('1002', audio([keyOf(1)], behind), { protection }), 'place');
    expect(streamOf(placed)).toMatchObject(fromRelay);
  });

  test('a called phone that does is relayed once it has answered: both are offered the relay', () => {
    const world = worldOf([alice, { ...bob, protection }]);
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)], behind) });
    expect(streamOf(only(answered, 'offer'))).toMatchObject(fromRelay);
    const next = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(3)]) });
    expect(streamOf(only(next, 'offer'))).toMatchObject(fromRelay);
    const done = world.handle({ kind: 'answer', leg: placed.leg, answer: audio([keyOf(4)], behind) });
    expect(ofKind([...next, ...done], 'relay-bridge')).toHaveLength(1);
    expect(isSameKey(sides(done)[0]?.keys?.receive as never, keyOf(4))).toBe(true);
    expect(ofKind(done, 'offer')).toEqual([]);
  });

  test('its clear RTP is followed at the address of its signalling', () => {
    const world = worldOf([{ ...dave, protection: { ...byDigest, remoteAddress: '203.0.113.7:5060' } }, bob]);
    const placed = only(world.call('1002', ofDave(behind)), 'place');
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: audio([]) });
    expect(sides(answered).map(({ clearSource }) => clearSource)).toEqual(['203.0.113.7', undefined]);
  });
});

describe('a stranger that keeps its key', () => {
  test('a forked caller that makes no new key is relayed, and from then on relayed when it calls several phones', () => {
    const world = worldOf([alice, bob, carol]);
    const [first] = ofKind(world.call('1002', audio([keyOf(1)])), 'place');
    const answered = world.handle({ kind: 'answered', leg: first?.leg ?? '', media: audio([keyOf(2)]) });
    expect(streamOf(only(answered, 'offer'))).toMatchObject({ address: '192.0.2.1' });
    const kept = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) });
    expect(eventKindsOf(kept)).toContain('key-not-renewed');
    expect(streamOf(only(kept, 'offer'))).toMatchObject(fromRelay);
    world.handle({ kind: 'released', leg: 'a' });

    const places = ofKind(world.call('1002', audio([keyOf(11)]), { leg: 'b' }), 'place');
    expect(places.map(streamOf)).toMatchObject([fromRelay, fromRelay]);
    const told = places.flatMap((place) => streamOf(place).keys.map((key) => keyFingerprint(key.keys[0].material)));
    expect(new Set(told).size).toBe(places.length);
  });
});

describe('a sound for who is held', () => {
  /** Alice and Bob talk; then Alice holds. */
  function held(direction: 'sendonly' | 'inactive') {
    const world = new ScriptedWorld([alice, bob], [], { ...settings, holdSound: true }, {}, relay);
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    expect(sides(world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)]) }))).toEqual([]);
    const offered = only(world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)], { direction }) }), 'offer');
    const [key] = streamOf(offered).keys;
    const answer = audio([{ ...keyOf(3), tag: key?.tag ?? 1 }], { direction: 'recvonly' });
    return { world, placed, offered, done: world.handle({ kind: 'answer', leg: placed.leg, answer }) };
  }

  test.each(['sendonly', 'inactive'] as const)(
    'by %s: the held phone is offered the relay, with a key of its own, and never one of the other',
    (direction) => {
      const { offered, done } = held(direction);
      expect(streamOf(offered)).toMatchObject({ direction: 'sendonly', transport: 'RTP/SAVP', ...fromRelay });
      expect(streamOf(offered).keys.some((key) => isSameKey(key, keyOf(1)))).toBe(false);
      const answer = streamOf(only(done, 'answer'));
      expect(answer).toMatchObject({ direction: direction === 'inactive' ? 'inactive' : 'recvonly', ...fromRelay });
      expect(only(done, 'answer').level).toBe('encrypted');
      expect(sides(done).map(({ plays }) => plays)).toEqual([undefined, { codec: 'PCMU', payloadType: 0 }]);
    },
  );

  test('after the hold each hears the other again, over the relay', () => {
    const { world, placed } = held('sendonly');
    const offered = only(world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)]) }), 'offer');
    expect(streamOf(offered)).toMatchObject({ direction: 'sendrecv', ...fromRelay });
    const answer = audio([{ ...keyOf(3), tag: streamOf(offered).keys[0]?.tag ?? 1 }]);
    const done = world.handle({ kind: 'answer', leg: placed.leg, answer });
    expect(sides(done).map(({ plays, takes, gives }) => [plays, takes, gives])).toEqual([
      [undefined, true, true],
      [undefined, true, true],
    ]);
  });

  test('whoever a transferor leaves behind hears it while the third rings, and then the third, straight', () => {
    const world = new ScriptedWorld(
      [alice, bob, phone('SEPD', '1005')],
      [],
      { ...settings, holdSound: true },
      {},
      relay,
    );
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)]) });
    const refer = { kind: 'transfer', leg: 'a', to: { kind: 'number', number: '1005' } } as const;
    const third = only(world.handle(refer), 'place');
    world.handle({ kind: 'ringing', leg: third.leg });
    const left = only(world.handle({ kind: 'released', leg: 'a' }), 'offer');
    expect(left.leg).toBe(placed.leg);
    expect(streamOf(left)).toMatchObject({ direction: 'sendonly', transport: 'RTP/SAVP', ...fromRelay });
    expect(streamOf(left).keys.some((key) => isSameKey(key, keyOf(1)))).toBe(false);
    const tag = streamOf(left).keys[0]?.tag ?? 1;
    const heard = world.handle({
      kind: 'answer',
      leg: placed.leg,
      answer: audio([{ ...keyOf(3), tag }], { direction: 'recvonly' }),
    });
    expect(sides(heard)).toMatchObject([{ gives: true, takes: false, plays: { codec: 'PCMU' } }]);
    expect(world.control.calls().find(({ destination }) => destination === '1002')?.level).toBe('encrypted');
    const answered = world.handle({ kind: 'answered', leg: third.leg, media: audio([keyOf(4)]) });
    expect(streamOf(only(answered, 'offer'))).toMatchObject({ direction: 'sendrecv', address: '192.0.2.1' });
    const joined = world.handle({ kind: 'answer', leg: placed.leg, answer: audio([keyOf(5)]) });
    expect(ofKind(joined, 'relay-close')).toHaveLength(1);
    expect(world.control.calls()).toMatchObject([{ level: 'encrypted' }]);
  });

  test('a phone that has no G.711 hears what it would without', () => {
    const g729 = [{ payloadType: 18, encoding: 'G729', clockRate: 8_000, channels: 1 }];
    const world = new ScriptedWorld([alice, bob], [], { ...settings, holdSound: true }, {}, relay);
    const placed = only(world.call('1002', audio([keyOf(1)], { formats: g729 })), 'place');
    world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)], { formats: g729 }) });
    const hold = audio([keyOf(1)], { formats: g729, direction: 'inactive' });
    expect(streamOf(only(world.handle({ kind: 'offer', leg: 'a', offer: hold }), 'offer')).direction).toBe('inactive');
  });
});

describe('digits that are signalled beside the media', () => {
  const withEvents = [
    { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
    { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 },
  ];
  const pressed = (world: ScriptedWorld) => world.handle({ kind: 'digit', leg: 'a', digit: '#', milliseconds: 160 });

  test('go on beside the media of the other end where the call goes straight, or it takes no telephone-events', () => {
    const world = worldOf();
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    expect(pressed(world)).toEqual([]); // before the answer nobody is there
    world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)], { formats: withEvents }) });
    expect(pressed(world)).toEqual([{ kind: 'digit', leg: placed.leg, digit: '#', milliseconds: 160 }]);
    expect(only(pressed(bridged().world), 'digit').digit).toBe('#');
  });

  test('go into the media of the other end where the relay can put them there (RFC 4733)', () => {
    const world = worldOf();
    const placed = only(world.call('1003', audio([keyOf(1)], { formats: withEvents })), 'place');
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: ofDave({ formats: withEvents }) });
    const side = sides(answered)[1]?.side;
    expect(pressed(world)).toMatchObject([{ kind: 'relay-digit', side, payloadType: 101, digit: '#' }]);
  });
});

describe('what the relay says', () => {
  test('authentication failures name leg, key by its fingerprint, and likely cause', () => {
    const { world, answered } = bridged();
    const side = sides(answered)[0]?.side ?? -1;
    const fingerprint = keyFingerprint(keyOf(1).keys[0].material);
    const sentence = '2 of 100 packets do not authenticate: the rollover counter was set back.';
    const said = world.handle({
      kind: 'relay-failures',
      side,
      fingerprint,
      sentence,
      reason: 'rollover-counter-reset',
    });
    const { event } = only(said, 'event');
    expect(event).toMatchObject({
      kind: 'media-authentication-failures',
      leg: 'a',
      line: '1001',
      reason: 'rollover-counter-reset',
      cause: `${sentence} The key of 1001 is ${fingerprint.slice(0, 16)}.`,
    });
  });

  test('a call whose relay has failed is ended at both ends', () => {
    const { world, answered } = bridged();
    const ended = world.handle({ kind: 'relay-lost', sides: [sides(answered)[0]?.side ?? -1] });
    expect(ofKind(ended, 'release')).toHaveLength(2);
    expect(only(ended, 'record').record).toMatchObject({
      outcome: 'failed',
      cause: 'The media relay of this call has failed',
    });
  });
});

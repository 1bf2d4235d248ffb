/** Keys, and the ways in which a call could become clear; each is shut. */
import type { SdesSessionParameter } from '@trustline/keying';
import { describe, expect, test } from 'vitest';
import type { MediaDescription } from './media.ts';
import {
  audio,
  byCertificate,
  byDigest,
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
const required = [{ pattern: '1XXX', target: { kind: 'lines' }, policy: 'require' }] as const;

function withKeysInTheClear(...seeds: number[]): MediaDescription {
  return audio(
    seeds.map((seed) => keyOf(seed)),
    { transport: 'RTP/AVP' },
  );
}

function ringingUnder(plan: typeof required | readonly [], offer: MediaDescription, callee = bob) {
  const world = new ScriptedWorld([alice, callee], plan);
  return { world, leg: only(world.call('1002', offer), 'place').leg };
}

function talkingUnder(plan: typeof required | readonly []) {
  const { world, leg } = ringingUnder(plan, audio([keyOf(1)]));
  world.handle({ kind: 'answered', leg, media: audio([keyOf(2)]) });
  return { world, b: leg };
}

describe('under require nothing becomes clear', () => {
  test('not by an offer without keys', () => {
    const outputs = new ScriptedWorld([alice, bob], required).call('1002', audio([]));
    expect(only(outputs, 'refuse')).toMatchObject({ cause: 'security-required' });
    expect(ofKind(outputs, 'place')).toEqual([]);
  });

  test('not by a 488 retry, which prefer allows for AVP with keys', () => {
    const { world, leg } = ringingUnder(required, withKeysInTheClear(1));
    const outputs = world.handle({ kind: 'refused', leg, cause: 'not-acceptable-here' });
    expect(ofKind(outputs, 'place')).toEqual([]);
    expect(only(outputs, 'refuse').cause).toBe('not-acceptable-here');
  });

  test.each([
    ['a stripped crypto line', audio([], { transport: 'RTP/SAVP' })],
    ['an answer in AVP', audio([])],
    ['an answer in AVP with a key', withKeysInTheClear(2)],
    ['a key under a suite not offered', audio([keyOf(2, suite32)])],
    ['a key under a tag not offered', audio([keyOf(2, suite80, 7)])],
    [
      'a key that asks for no encryption (RFC 4568 §6.3.2)',
      audio([{ ...keyOf(2), sessionParameters: [{ kind: 'unencrypted-srtp' }] }]),
    ],
  ])('not by %s in the answer', (_, answer) => {
    for (const plan of [required, []] as const) {
      const { world, leg } = ringingUnder(plan, audio([keyOf(1)]));
      const outputs = world.handle({ kind: 'answered', leg, media: answer });
      expect(only(outputs, 'release')).toMatchObject({ leg, cause: 'security-lost' });
      expect(only(outputs, 'refuse').cause).toBe('security-lost');
      expect(eventKindsOf(outputs)).toContain('downgrade-refused');
      expect(world.control.calls()).toEqual([]);
    }
  });

  test('not by early media', () => {
    const { world, leg } = ringingUnder(required, audio([keyOf(1)]));
    const outputs = world.handle({ kind: 'progress', leg, answer: audio([]) });
    expect(ofKind(outputs, 'progress')).toEqual([]);
    expect(only(outputs, 'cancel').leg).toBe(leg);
  });

  test('not by a re-INVITE or UPDATE: the offer is refused and the call stays encrypted', () => {
    const { world } = talkingUnder(required);
    for (const offer of [audio([]), audio([], { transport: 'RTP/SAVP' })]) {
      const outputs = world.handle({ kind: 'offer', leg: 'a', offer });
      only(outputs, 'refuse-offer');
      expect(eventKindsOf(outputs)).toEqual(['downgrade-refused']);
      expect(world.control.calls()[0]?.level).toBe('encrypted');
    }
  });

  test('not by the answer to a re-offer: both ends are hung up', () => {
    const { world, b } = talkingUnder(required);
    world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)]) });
    const outputs = world.handle({ kind: 'answer', leg: b, answer: audio([]) });
    expect(ofKind(outputs, 'answer')).toEqual([]);
    expect(ofKind(outputs, 'release')).toHaveLength(2);
    expect(eventKindsOf(outputs)).toContain('downgrade-refused');
  });

  test('not by a fork: a phone that can have no keys does not ring', () => {
    const clear = phone('SEPC', '1002', { securityMode: 'non-secure', protection: byDigest });
    const world = new ScriptedWorld([alice, bob, clear], required);
    expect(only(world.call('1002', audio([keyOf(1)])), 'place').device).toBe('SEPB');
    const alone = new ScriptedWorld([alice, clear], required);
    expect(only(alone.call('1002', audio([keyOf(1)])), 'refuse')).toMatchObject({
      cause: 'security-required',
      warning: expect.stringContaining('the other end cannot use SRTP'),
    });
  });

  test('not by a late offer', () => {
    const world = new ScriptedWorld([alice, bob], required);
    const { leg } = only(world.call('1002', undefined), 'place');
    const outputs = world.handle({ kind: 'answered', leg, media: audio([]) });
    expect(only(outputs, 'refuse').cause).toBe('security-required');
    expect(only(outputs, 'release').leg).toBe(leg);
  });

  test('not by a stream beside: a clear one is refused, the secure one goes on', () => {
    const offer = { streams: [...audio([keyOf(1)]).streams, ...audio([], { type: 'video' }).streams], attributes: [] };
    const { world, leg } = ringingUnder(required, offer);
    const placed = ofKind(world.outputs, 'place')[0]?.offer;
    expect(placed?.streams.map(({ port }) => port)).toEqual([4000, 0]);
    const answer = { streams: [...audio([keyOf(2)]).streams, ...audio([], { type: 'video' }).streams], attributes: [] };
    const { answer: told } = only(world.handle({ kind: 'answered', leg, media: answer }), 'accept');
    expect(told.streams.map(({ port }) => port)).toEqual([4000, 0]);
  });

  test('a profile that is not taken is refused by its name, and is no downgrade', () => {
    const outputs = new ScriptedWorld([alice, bob], required).call(
      '1002',
      audio([keyOf(1)], { transport: 'RTP/SAVPF' }),
    );
    expect(only(outputs, 'refuse')).toMatchObject({
      cause: 'not-acceptable-here',
      warning: 'The profile RTP/SAVPF is not taken; RTP/SAVP is',
    });
    expect(eventKindsOf(outputs)).not.toContain('downgrade-refused');
    const strange = audio([keyOf(1)], { transport: 'RTP/"\r\nX' });
    const other = new ScriptedWorld([alice, bob], required).call('1002', strange);
    expect(only(other, 'refuse').warning).toBe('The profile offered is not taken; RTP/SAVP is');
  });

  test('RTP/SAVP without a usable key is refused with that reason', () => {
    const outputs = new ScriptedWorld([alice, bob], required).call('1002', audio([], { transport: 'RTP/SAVP' }));
    expect(only(outputs, 'refuse').warning).toBe('RTP/SAVP was offered without a usable key');
  });

  test('keys over unprotected signalling do not count', () => {
    const open = phone('SEPA', '1001', { protection: byDigest });
    const world = new ScriptedWorld([open, bob], required);
    for (const offer of [audio([keyOf(1)]), withKeysInTheClear(1)]) {
      const outputs = world.call('1002', offer);
      // What holds: no other offer over this signalling would be taken, so none is invited.
      expect(only(outputs, 'refuse')).toMatchObject({
        cause: 'security-required',
        warning: 'Encryption is required and media keys came over signalling that is not protected and are not used',
      });
      expect(eventKindsOf(outputs)).toContain('unprotected-keys-refused');
    }
  });
});

/** Session parameters that make a line unusable, as the door reads them off any spelling. */
const unusable: readonly (readonly [string, SdesSessionParameter])[] = [
  ...(['', ' unencrypted_srtp', ' -UNENCRYPTED_SRTP'] as const).map((written) =>
    withSpelling('unencrypted-srtp', written),
  ),
  withSpelling('unencrypted-srtcp', ' -unencrypted_srtcp'),
  withSpelling('unauthenticated-srtp', ' Unauthenticated_SRTP'),
  ['a mandatory unknown parameter (RFC 4568 §6.3.7)', { kind: 'unknown', optional: false, text: 'NEW=1' }],
];

function withSpelling(kind: 'unencrypted-srtp' | 'unencrypted-srtcp' | 'unauthenticated-srtp', written: string) {
  const spelled = written === '' ? {} : { written: written.trim() };
  return [`${kind}${written}`, { kind, ...spelled }] as const;
}

describe.each(unusable)('a line with %s', (_, parameter) => {
  const weak = (seed: number, tag = 1) => ({ ...keyOf(seed, suite80, tag), sessionParameters: [parameter] });

  test('alone in an offer gets no call under require, and no SRTP under prefer', () => {
    const outputs = new ScriptedWorld([alice, bob], required).call('1002', audio([weak(1)]));
    expect(ofKind(outputs, 'place')).toEqual([]);
    only(outputs, 'refuse');
    const preferred = new ScriptedWorld([alice, bob]).call('1002', audio([weak(1)], { transport: 'RTP/AVP' }));
    expect(only(preferred, 'place').offer).toEqual(audio([]));
  });

  test('is left out where a sound line stands beside it', () => {
    const outputs = new ScriptedWorld([alice, bob], required).call('1002', audio([weak(1), keyOf(3, suite80, 2)]));
    expect(only(outputs, 'place').offer).toEqual(audio([keyOf(3, suite80, 2)]));
  });

  test('is not taken as an answer, to a call or to an offer within it', () => {
    const { world, leg } = ringingUnder(required, audio([keyOf(1)]));
    expect(only(world.handle({ kind: 'answered', leg, media: audio([weak(2)]) }), 'refuse').cause).toBe(
      'security-lost',
    );
    const talking = talkingUnder(required);
    talking.world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(1)]) });
    const outputs = talking.world.handle({ kind: 'answer', leg: talking.b, answer: audio([weak(4)]) });
    expect(ofKind(outputs, 'answer')).toEqual([]);
    expect(ofKind(outputs, 'release')).toHaveLength(2);
  });
});

describe('a key derivation rate (RFC 4568 §6.3.1)', () => {
  const derived = (seed: number, exponent: number) => ({
    ...keyOf(seed),
    sessionParameters: [{ kind: 'key-derivation-rate', exponent }] as const,
  });

  test('goes across with its key, unchanged, each way', () => {
    const { world, leg } = ringingUnder(required, audio([derived(1, 4)]));
    expect(ofKind(world.outputs, 'place')[0]?.offer).toEqual(audio([derived(1, 4)]));
    const outputs = world.handle({ kind: 'answered', leg, media: audio([derived(2, 0)]) });
    expect(only(outputs, 'accept')).toMatchObject({ answer: audio([derived(2, 0)]), level: 'encrypted' });
  });

  test('that alone changed is told to the other end, which could not open a packet otherwise', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPB2', '1002')]);
    const [b1] = ofKind(world.call('1002', audio([keyOf(1)])), 'place').map(({ leg }) => leg);
    world.handle({ kind: 'answered', leg: b1 ?? '', media: audio([keyOf(2)]) });
    const outputs = world.handle({ kind: 'answer', leg: 'a', answer: audio([derived(1, 4)]) });
    expect(only(outputs, 'offer')).toMatchObject({ leg: b1, offer: audio([derived(1, 4)]) });
  });
});

test('a line with an unknown parameter that may be ignored goes on (RFC 4568 §6.3.7)', () => {
  const key = { ...keyOf(1), sessionParameters: [{ kind: 'unknown', optional: true, text: '-NEW=1' }] } as const;
  expect(only(new ScriptedWorld([alice, bob], required).call('1002', audio([key])), 'place').offer).toEqual(
    audio([key]),
  );
});

describe('under prefer', () => {
  test('an SAVP caller towards an incapable phone is refused with a Warning that invites AVP', () => {
    const clear = phone('SEPB', '1002', { securityMode: 'non-secure', protection: byDigest });
    const outputs = new ScriptedWorld([alice, clear]).call('1002', audio([keyOf(1)]));
    expect(only(outputs, 'refuse')).toMatchObject({
      cause: 'not-acceptable-here',
      warning: 'RTP/SAVP is not possible: the other end cannot use SRTP; RTP/AVP may be offered',
    });
  });

  test('AVP with keys is offered onward as SAVP and answered in AVP with the key', () => {
    const { world, leg } = ringingUnder([], withKeysInTheClear(1));
    expect(ofKind(world.outputs, 'place')[0]?.offer).toEqual(audio([keyOf(1)]));
    const outputs = world.handle({ kind: 'answered', leg, media: audio([keyOf(2)]) });
    expect(only(outputs, 'accept')).toMatchObject({ answer: withKeysInTheClear(2), level: 'encrypted' });
  });

  test('AVP with keys is tried again in the clear after a 488, once, and said', () => {
    const { world, leg } = ringingUnder([], withKeysInTheClear(1));
    const outputs = world.handle({ kind: 'refused', leg, cause: 'not-acceptable-here' });
    const again = only(outputs, 'place');
    expect(again.offer).toEqual(audio([]));
    expect(eventKindsOf(outputs)).toContain('call-downgraded');
    const refused = world.handle({ kind: 'refused', leg: again.leg, cause: 'not-acceptable-here' });
    expect(ofKind(refused, 'place')).toEqual([]);
    only(refused, 'refuse');
  });

  test('RTP that the called refuses because it demands encryption is refused with that cause', () => {
    const { world, leg } = ringingUnder([], audio([]));
    const outputs = world.handle({ kind: 'refused', leg, cause: 'security-required' });
    expect(only(outputs, 'refuse')).toMatchObject({
      cause: 'security-required',
      warning: 'The called phone takes encrypted media only',
    });
    expect(eventKindsOf(outputs)).toContain('call-refused');
  });

  test('a phone that refuses SRTP with that cause took none, and is asked again in the clear', () => {
    const { world, leg } = ringingUnder([], withKeysInTheClear(1));
    const outputs = world.handle({ kind: 'refused', leg, cause: 'security-required' });
    expect(only(outputs, 'place').offer).toEqual(audio([]));
  });

  test('AVP with keys towards an incapable phone goes on without them, with the reason', () => {
    const clear = phone('SEPB', '1002', { securityMode: 'non-secure', protection: byDigest });
    const { world, leg } = ringingUnder([], withKeysInTheClear(1), clear);
    expect(ofKind(world.outputs, 'place')[0]?.offer).toEqual(audio([]));
    expect(ofKind(world.outputs, 'event').map(({ event }) => event.reason)).toContain('other-end-incapable');
    const outputs = world.handle({ kind: 'answered', leg, media: audio([]) });
    expect(only(outputs, 'accept')).toMatchObject({ answer: audio([]), level: 'non-secure' });
  });

  test('keys over unprotected signalling: SAVP is refused, AVP with keys answered without', () => {
    const open = phone('SEPA', '1001', { protection: { ...byCertificate, signalling: 'none' } });
    const secure = new ScriptedWorld([open, bob]).call('1002', audio([keyOf(1)]));
    expect(only(secure, 'refuse').cause).toBe('not-acceptable-here');
    expect(eventKindsOf(secure)).toContain('unprotected-keys-refused');
    const best = new ScriptedWorld([open, bob]).call('1002', withKeysInTheClear(1));
    expect(only(best, 'place').offer).toEqual(audio([]));
    expect(eventKindsOf(best)).toContain('unprotected-keys-refused');
  });
});

describe('keys', () => {
  test('a late offer: the key of the answer goes into the caller, the caller’s into the called', () => {
    const world = new ScriptedWorld([alice, bob]);
    const placed = only(world.call('1002', undefined), 'place');
    expect(placed.offer).toBeUndefined();
    const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2)]) });
    expect(only(outputs, 'accept-with-offer').offer).toEqual(audio([keyOf(2)]));
    const last = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) });
    expect(only(last, 'answer')).toMatchObject({ leg: placed.leg, answer: audio([keyOf(1)]), level: 'encrypted' });
    expect(only(last, 'show')).toEqual({ kind: 'show', leg: 'a', level: 'encrypted' });
  });

  test('of another call are refused, also after it ended', () => {
    const { world, b } = talkingUnder([]);
    const other = { leg: 'a2', device: 'SEPB', line: '1002' };
    const running = world.call('1001', audio([keyOf(1)]), other);
    expect(only(running, 'refuse').cause).toBe('key-reused');
    expect(eventKindsOf(running)).toContain('key-reuse-refused');
    world.handle({ kind: 'released', leg: b });
    expect(only(world.call('1001', audio([keyOf(2)]), other), 'refuse').cause).toBe('key-reused');
    world.now = 25 * 60 * 60 * 1000;
    only(world.call('1001', audio([keyOf(2)]), other), 'place');
  });

  test('of the offer are not taken back as the answer’s', () => {
    const { world, leg } = ringingUnder([], audio([keyOf(1)]));
    const outputs = world.handle({ kind: 'answered', leg, media: audio([keyOf(1)]) });
    expect(only(outputs, 'refuse').cause).toBe('key-reused');
  });

  test('that a leg left among the raw attributes do not slip through', () => {
    const attributes = [
      { name: 'crypto', value: '1 AES_CM_128_HMAC_SHA1_80 inline:AAAA' },
      { name: 'key-mgmt', value: 'mikey AA' },
    ];
    const { streams } = audio([], { attributes });
    const world = new ScriptedWorld([alice, bob]);
    expect(only(world.call('1002', { streams, attributes }), 'place').offer).toEqual({
      streams: audio([], { attributes: [] }).streams,
      attributes: [],
    });
  });

  test('go on in the order of the suites preferred here, and only those allowed', () => {
    const offer = audio([keyOf(1, suite80, 1), keyOf(3, suite32, 2)]);
    const both = new ScriptedWorld([alice, bob], [], { suites: [suite32, suite80] });
    const tags = (world: ScriptedWorld) =>
      only(world.call('1002', offer), 'place').offer?.streams[0]?.keys.map(({ tag }) => tag);
    expect(tags(both)).toEqual([2, 1]);
    expect(tags(new ScriptedWorld([alice, bob], [], { suites: [suite32] }))).toEqual([2]);
  });

  test('two that offer only _80 meet in _32: the caller is refused its stream at first and offered again', () => {
    const world = new ScriptedWorld([alice, bob], required, { suites: [suite32] });
    const placed = only(world.call('1002', audio([keyOf(1)])), 'place');
    // The called sees the caller's own key under the suite wanted, so that it need not be told another one later.
    expect(placed.offer).toEqual(audio([keyOf(1, suite32)]));
    const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: audio([keyOf(2, suite32)]) });
    const accepted = only(outputs, 'accept');
    expect(accepted.answer.streams[0]).toMatchObject({ port: 0, keys: [], transport: 'RTP/SAVP' });
    expect(accepted.level).toBe('authenticated');
    expect(only(outputs, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(2, suite32)]) });
    // A caller that keeps its key needs no more; the level rises at both ends.
    const kept = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1, suite32)]) });
    expect(ofKind(kept, 'offer')).toEqual([]);
    expect(ofKind(kept, 'show').map(({ level }) => level)).toEqual(['encrypted', 'encrypted']);
    const { record } = only(world.handle({ kind: 'released', leg: 'a' }), 'record');
    expect(record).toMatchObject({ level: 'encrypted', legs: [{ suite: suite32 }, { suite: suite32 }] });
  });

  test('a steered caller with a new key has it carried to the called', () => {
    const world = new ScriptedWorld([alice, bob], [], { suites: [suite32] });
    const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'answered', leg, media: audio([keyOf(2, suite32)]) });
    const changed = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(3, suite32)]) });
    expect(only(changed, 'offer')).toMatchObject({ leg, offer: audio([keyOf(3, suite32)]) });
    const done = world.handle({ kind: 'answer', leg, answer: audio([keyOf(2, suite32)]) });
    expect(ofKind(done, 'offer')).toEqual([]);
  });

  test('a steered caller that refuses the suite is hung up, not left in another', () => {
    const world = new ScriptedWorld([alice, bob], [], { suites: [suite32] });
    const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'answered', leg, media: audio([keyOf(2, suite32)]) });
    const outputs = world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' });
    expect(ofKind(outputs, 'release')).toHaveLength(2);
  });

  test('of a caller that several phones learned are renewed after the answer', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPB2', '1002')]);
    const [b1] = ofKind(world.call('1002', audio([keyOf(1)])), 'place').map(({ leg }) => leg);
    const outputs = world.handle({ kind: 'answered', leg: b1 ?? '', media: audio([keyOf(2)]) });
    expect(only(outputs, 'offer')).toMatchObject({ leg: 'a', offer: audio([keyOf(2)]) });
    const renewed = world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(3)]) });
    expect(only(renewed, 'offer')).toMatchObject({ leg: b1, offer: audio([keyOf(3)]) });
    expect(ofKind(world.handle({ kind: 'answer', leg: b1 ?? '', answer: audio([keyOf(2)]) }), 'offer')).toEqual([]);
  });

  test.each(['answer with the old key', 'refusal'])('a caller that makes no new key is reported: %s', (how) => {
    const world = new ScriptedWorld([alice, bob, phone('SEPB2', '1002')]);
    const [b1] = ofKind(world.call('1002', audio([keyOf(1)])), 'place').map(({ leg }) => leg);
    world.handle({ kind: 'answered', leg: b1 ?? '', media: audio([keyOf(2)]) });
    const outputs =
      how === 'refusal'
        ? world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' })
        : world.handle({ kind: 'answer', leg: 'a', answer: audio([keyOf(1)]) });
    expect(eventKindsOf(outputs)).toEqual(['key-not-renewed']);
    expect(world.control.calls()).toHaveLength(1);
  });

  test('an offer of our own that meets glare comes again after 2.1 to 4 s (RFC 3261 §14.1)', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPB2', '1002')]);
    const [b1] = ofKind(world.call('1002', audio([keyOf(1)])), 'place').map(({ leg }) => leg);
    world.handle({ kind: 'answered', leg: b1 ?? '', media: audio([keyOf(2)]) });
    expect(world.handle({ kind: 'offer-refused', leg: 'a', cause: 'glare' })).toEqual([]);
    const due = world.control.nextDeadline() ?? 0;
    expect(due).toBeGreaterThanOrEqual(2100);
    expect(due).toBeLessThanOrEqual(4000);
    expect(only(world.pass(due), 'offer').leg).toBe('a');
  });

  test('ends that change their keys at every offer are hung up, not offered for ever', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPB2', '1002')]);
    const [b1] = ofKind(world.call('1002', audio([keyOf(1)])), 'place').map(({ leg }) => leg);
    let outputs = world.handle({ kind: 'answered', leg: b1 ?? '', media: audio([keyOf(2)]) });
    for (let seed = 3; seed < 20; seed += 1) {
      const [offer] = ofKind(outputs, 'offer');
      if (offer === undefined) break;
      outputs = world.handle({ kind: 'answer', leg: offer.leg, answer: audio([keyOf(seed)]) });
    }
    expect(ofKind(outputs, 'release')).toHaveLength(2);
    const said = ofKind(outputs, 'event').map(({ event }) => event);
    expect(said).toContainEqual(expect.objectContaining({ kind: 'keys-not-agreed', reason: 'keys-not-agreed' }));
    expect(said.map(({ kind }) => kind)).not.toContain('downgrade-refused');
  });
});

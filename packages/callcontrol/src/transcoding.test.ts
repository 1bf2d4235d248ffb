import { beforeEach, describe, expect, test } from 'vitest';
import type { MediaDescription, MediaFormat, MediaStream } from './media.ts';
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
  suite80,
} from './scripted.fixture.ts';
import type { CallControlSettings } from './settings.ts';

const alice = phone('SEPA', '1001');
const bob = phone('SEPB', '1002');
const carol = phone('SEPC', '1002');
const dave = phone('SEPD', '1003', { securityMode: 'non-secure', protection: byDigest });
const erin = phone('SEPE', '1004');
const frank = phone('SEPF', '1005', { securityMode: 'non-secure', protection: byDigest });

const pcmu = { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 };
const pcma = { payloadType: 8, encoding: 'PCMA', clockRate: 8_000, channels: 1 };
const g722 = { payloadType: 9, encoding: 'G722', clockRate: 8_000, channels: 1 };
const g729 = { payloadType: 18, encoding: 'G729', clockRate: 8_000, channels: 1 };
const opus = { payloadType: 107, encoding: 'opus', clockRate: 48_000, channels: 2, parameters: 'stereo=1' };
const digits = { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 };

let next = 0;
const relay: RelayPort = { allocate: () => ({ side: next, address: '198.51.100.1', port: 20_000 + 2 * next++ }) };
beforeEach(() => {
  next = 0;
});

function worldOf(settings: Partial<CallControlSettings> = {}, phones = [alice, bob, dave, erin], policy?: 'require') {
  const plan = policy === undefined ? [] : [{ pattern: '1XXX', target: { kind: 'lines' }, policy } as const];
  return new ScriptedWorld(phones, plan, { suites: [suite80], mostTranscoders: 2, ...settings }, {}, relay);
}

/** Media of an end that speaks these, in the clear or with a key. */
function speaking(formats: readonly MediaFormat[], key?: number, changes: Partial<MediaStream> = {}): MediaDescription {
  return audio(key === undefined ? [] : [keyOf(key)], { formats, ...changes });
}

function streamOf(output: CallControlOutput): MediaStream {
  const [stream] = descriptionOf(output)?.description.streams ?? [];
  if (stream === undefined) throw new Error('no stream was told');
  return stream;
}

const names = ({ formats }: MediaStream) => formats.map(({ encoding }) => encoding);
const sides = (outputs: readonly CallControlOutput[]) => ofKind(outputs, 'relay-side');
const fromRelay = { address: '198.51.100.1' };
const refuse = (world: ScriptedWorld, leg: string) =>
  world.handle({ kind: 'refused', leg, cause: 'not-acceptable-here' });

/** Alice, who speaks this alone, calls Bob, who takes none of it and is asked again. */
function askedAgain(world: ScriptedWorld, offer: MediaDescription, destination = '1002') {
  const first = only(world.call(destination, offer), 'place');
  return { first, again: only(refuse(world, first.leg), 'place') };
}

describe('two ends without a format in common', () => {
  test('the called is asked first without the relay, and then with its formats after those of the caller', () => {
    const { first, again } = askedAgain(worldOf(), speaking([opus, digits], 1));
    expect(streamOf(first)).toMatchObject({ address: '192.0.2.1', formats: [opus, digits] });
    const stream = streamOf(again);
    expect(stream).toMatchObject({ ...fromRelay, transport: 'RTP/SAVP' });
    const after = ['G722', 'PCMA', 'PCMU', 'telephone-event']; // that of 48 kHz, for the one of 8 kHz is there
    expect(names(stream)).toEqual(['opus', 'telephone-event', ...after]);
    expect(new Set(stream.formats.map(({ payloadType }) => payloadType)).size).toBe(stream.formats.length);
  });

  test('both keep SRTP with keys of the relay, each is told a format of its own, and the call is encrypted', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([opus, digits], 1));
    const outputs = world.handle({ kind: 'answered', leg: again.leg, media: speaking([pcmu, digits], 5) });
    const accepted = only(outputs, 'accept');
    expect(streamOf(accepted)).toMatchObject({ ...fromRelay, transport: 'RTP/SAVP' });
    expect(names(streamOf(accepted))).toEqual(['opus', 'telephone-event']);
    expect(streamOf(accepted).formats[0]).not.toHaveProperty('parameters');
    expect(accepted.level).toBe('encrypted');
    const [towardsCaller, towardsCalled] = sides(outputs);
    expect(towardsCaller?.speaks).toEqual({
      voice: [{ codec: 'opus', payloadType: 107 }],
      events: [{ payloadType: 101, clockRate: 8_000 }],
      milliseconds: 20,
    });
    expect(towardsCalled?.speaks?.voice).toEqual([{ codec: 'PCMU', payloadType: 0 }]);
    expect(ofKind(outputs, 'relay-bridge')).toHaveLength(1);
  });

  test('it is said: by an event, while the call runs, and in its record', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([opus]));
    const outputs = world.handle({ kind: 'answered', leg: again.leg, media: speaking([pcma]) });
    const said = ofKind(outputs, 'event').find(({ event }) => event.kind === 'call-transcoded');
    expect(said?.event).toMatchObject({
      reason: 'transcoding',
      cause: expect.stringContaining('opus of 1001 and PCMA of 1002'),
    });
    const transcoded = { caller: 'opus', called: 'PCMA' };
    expect(world.control.calls()[0]).toMatchObject({ relayed: 'transcoding', transcoded });
    const ended = world.handle({ kind: 'released', leg: 'a' });
    expect(only(ended, 'record').record).toMatchObject({ transcoded });
    expect(world.control.transcoders).toBe(0);
  });

  test('two who have one go straight: nothing is transcoded, and the record says nothing of it', () => {
    const world = worldOf();
    const placed = only(world.call('1002', speaking([opus, pcmu], 1)), 'place');
    const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: speaking([pcmu], 5) });
    expect(streamOf(only(outputs, 'accept')).address).toBe('192.0.2.1');
    expect(next).toBe(0);
    expect(world.control.calls()[0]).not.toHaveProperty('transcoded');
  });

  test('one that has a format in common after all, and refused for another reason, is not transcoded', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([opus, pcmu], 1));
    const outputs = world.handle({ kind: 'answered', leg: again.leg, media: speaking([pcmu], 5) });
    expect(names(streamOf(only(outputs, 'accept')))).toEqual(['PCMU']);
    expect(sides(outputs).map(({ speaks }) => speaks?.voice[0]?.codec)).toEqual(['PCMU', 'PCMU']);
    expect(eventKindsOf(outputs)).not.toContain('call-transcoded');
  });

  test('packets are as long as each end wants them', () => {
    const world = worldOf();
    const ptime = (value: string) => ({ attributes: [{ name: 'ptime', value }] });
    const { again } = askedAgain(world, speaking([opus], undefined, ptime('60')));
    const media = speaking([pcmu], undefined, ptime('30'));
    const outputs = world.handle({ kind: 'answered', leg: again.leg, media });
    expect(sides(outputs).map(({ speaks }) => speaks?.milliseconds)).toEqual([60, 30]);
  });

  test('under require the second offer is as encrypted as the first, and a clear answer ends the call', () => {
    const world = worldOf({}, undefined, 'require');
    const { again } = askedAgain(world, speaking([opus], 1));
    expect(streamOf(again).transport).toBe('RTP/SAVP');
    const outputs = world.handle({ kind: 'answered', leg: again.leg, media: speaking([pcmu]) });
    expect(only(outputs, 'refuse').cause).toBe('security-lost');
    expect(world.control.transcoders).toBe(0);
  });

  test('a phone that takes neither the formats nor SRTP is asked a third time without, and the level is non-secure', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([opus], 1));
    const third = only(refuse(world, again.leg), 'place');
    expect(streamOf(third)).toMatchObject({ transport: 'RTP/AVP', keys: [], ...fromRelay });
    expect(names(streamOf(third))).toContain('PCMU');
    const outputs = world.handle({ kind: 'answered', leg: third.leg, media: speaking([pcmu]) });
    expect(only(outputs, 'accept').level).toBe('authenticated');
    expect(sides(outputs).map(({ keys }) => keys !== undefined)).toEqual([true, false]);
    expect(world.control.calls()[0]).toMatchObject({ transcoded: { caller: 'opus', called: 'PCMU' } });
  });

  test('of several that ring only the one that refuses is asked again', () => {
    const world = worldOf({}, [alice, bob, carol]);
    const placed = ofKind(world.call('1002', speaking([opus], 1)), 'place');
    expect(placed).toHaveLength(2);
    const again = only(refuse(world, placed[0]?.leg ?? ''), 'place');
    const outputs = world.handle({ kind: 'answered', leg: placed[1]?.leg ?? '', media: speaking([opus], 5) });
    expect(only(outputs, 'cancel').leg).toBe(again.leg);
    expect(streamOf(only(outputs, 'accept')).address).toBe('192.0.2.1');
    expect(world.control.transcoders).toBe(0);
  });

  test('early media are in a format of the caller too', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([g722]));
    const outputs = world.handle({ kind: 'progress', leg: again.leg, answer: speaking([opus]) });
    expect(streamOf(only(outputs, 'progress'))).toMatchObject({ ...fromRelay, formats: [g722] });
    expect(sides(outputs).map(({ speaks }) => speaks?.voice[0]?.codec)).toEqual(['G722', 'opus']);
  });

  test('hold, resume and a refresh go on in the formats that each has', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([opus, digits], 1));
    world.handle({ kind: 'answered', leg: again.leg, media: speaking([pcmu, digits], 5) });
    const held = world.handle({
      kind: 'offer',
      leg: again.leg,
      offer: speaking([pcmu, digits], 5, { direction: 'sendonly' }),
    });
    const offered = only(held, 'offer');
    expect(offered.leg).toBe('a');
    expect(streamOf(offered)).toMatchObject({ ...fromRelay, direction: 'sendonly' });
    expect(streamOf(offered).formats.find(({ encoding }) => encoding === 'opus')?.payloadType).toBe(107);
    const done = world.handle({
      kind: 'answer',
      leg: 'a',
      answer: speaking([opus, digits], 1, { direction: 'recvonly' }),
    });
    expect(names(streamOf(only(done, 'answer')))).toEqual(['PCMU', 'telephone-event']);
    const resumed = only(world.handle({ kind: 'offer', leg: again.leg, offer: speaking([pcmu, digits], 5) }), 'offer');
    const talks = world.handle({ kind: 'answer', leg: 'a', answer: speaking([opus, digits], 1) });
    expect(resumed.leg).toBe('a');
    expect(sides([...done, ...talks]).every(({ speaks }) => speaks !== undefined)).toBe(true);
    const asked = only(world.handle({ kind: 'offer-requested', leg: again.leg }), 'offer');
    expect(names(streamOf(asked))).toContain('PCMU');
    world.handle({ kind: 'answer', leg: again.leg, answer: speaking([pcmu, digits], 5) });
    expect(world.control.calls()[0]).toMatchObject({ transcoded: { caller: 'opus', called: 'PCMU' } });
  });

  test('a payload type keeps its meaning for an end, whatever the other calls it (RFC 3264 §8.3.2)', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([g722, digits]));
    const given = streamOf(again).formats.find(({ encoding }) => encoding === 'opus') as MediaFormat;
    world.handle({ kind: 'answered', leg: again.leg, media: speaking([given]) });
    const other = { ...digits, payloadType: given.payloadType };
    const offered = only(world.handle({ kind: 'offer', leg: 'a', offer: speaking([g722, other]) }), 'offer');
    const meanings = streamOf(offered).formats.filter(({ payloadType }) => payloadType === given.payloadType);
    expect(meanings.map(({ encoding }) => encoding)).toEqual(['opus']);
  });
});

describe('a called that answers in a format it was not offered', () => {
  test('is heard by way of the relay, and offered it once it has answered', () => {
    const world = worldOf();
    const placed = only(world.call('1002', speaking([opus], 1)), 'place');
    expect(streamOf(placed).address).toBe('192.0.2.1');
    const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: speaking([pcmu], 5) });
    expect(streamOf(only(outputs, 'accept'))).toMatchObject(fromRelay);
    expect(names(streamOf(only(outputs, 'accept')))).toEqual(['opus']);
    const offered = only(outputs, 'offer');
    expect(offered.leg).toBe(placed.leg);
    expect(streamOf(offered)).toMatchObject({ ...fromRelay, transport: 'RTP/SAVP' });
    const settled = world.handle({ kind: 'answer', leg: placed.leg, answer: speaking([pcmu], 5) });
    expect(eventKindsOf([...outputs, ...settled])).toContain('call-transcoded');
    expect(world.control.calls()[0]).toMatchObject({ relayed: 'transcoding', level: 'encrypted' });
    expect(ofKind([...outputs, ...settled], 'relay-bridge')).toHaveLength(1);
  });
});

describe('an offer within the call that the other end takes no format of', () => {
  test('is offered again with those of the relay; where that is refused too, the call goes on straight', () => {
    for (const isTaken of [true, false]) {
      const world = worldOf();
      const placed = only(world.call('1002', speaking([pcmu], 1)), 'place');
      world.handle({ kind: 'answered', leg: placed.leg, media: speaking([pcmu], 5) });
      const first = only(world.handle({ kind: 'offer', leg: 'a', offer: speaking([opus], 2) }), 'offer');
      expect(streamOf(first).address).toBe('192.0.2.1');
      const refused = world.handle({ kind: 'offer-refused', leg: placed.leg, cause: 'not-acceptable-here' });
      const second = only(refused, 'offer');
      expect(streamOf(second)).toMatchObject(fromRelay);
      expect(names(streamOf(second))).toContain('PCMU');
      if (isTaken) {
        const done = world.handle({ kind: 'answer', leg: placed.leg, answer: speaking([pcmu], 5) });
        expect(names(streamOf(only(done, 'answer')))).toEqual(['opus']);
        expect(world.control.calls()[0]).toMatchObject({ transcoded: { caller: 'opus', called: 'PCMU' } });
      } else {
        const done = world.handle({ kind: 'offer-refused', leg: placed.leg, cause: 'not-acceptable-here' });
        expect(only(done, 'refuse-offer').leg).toBe('a');
        expect(world.control.calls()[0]).not.toHaveProperty('relayed');
        expect(world.control.transcoders).toBe(0);
      }
    }
  });
});

test('a transferor that hung up with its offer under way is not transcoded for, and no side of the relay is left', () => {
  const plan = [{ pattern: '5000', target: { kind: 'conference', name: 'open' } } as const];
  const settings = { suites: [suite80], mostTranscoders: 2, mediaPath: 'relayed' } as const;
  const world = new ScriptedWorld([alice, bob], plan, settings, {}, relay);
  const { leg } = only(world.call('1002', speaking([pcmu], 1)), 'place');
  world.handle({ kind: 'answered', leg, media: speaking([pcmu], 2) });
  world.handle({ kind: 'offer', leg, offer: speaking([opus], 3) });
  world.handle({ kind: 'transfer', leg, to: { kind: 'number', number: '5000' } });
  world.handle({ kind: 'released', leg });
  const before = next;
  world.handle({ kind: 'offer-refused', leg: 'a', cause: 'not-acceptable-here' });
  expect(next).toBe(before);
  world.handle({ kind: 'released', leg: 'a' });
  expect([world.control.calls().length, world.control.transcoders]).toEqual([0, 0]);
});

describe('what is not transcoded', () => {
  test('G.729 is passed through: where that leaves no format in common, the caller hears why', () => {
    const world = worldOf();
    const placed = only(world.call('1002', speaking([g729, digits], 1)), 'place');
    const outputs = refuse(world, placed.leg);
    const refusals = ofKind(outputs, 'refuse');
    const outputsAfter = refusals.length > 0 ? outputs : refuse(world, only(outputs, 'place').leg);
    expect(only(outputsAfter, 'refuse')).toMatchObject({
      cause: 'incompatible-destination',
      warning: expect.stringContaining('never transcoded'),
    });
    expect(world.control.transcoders).toBe(0);
  });

  test('G.729 beside a format that can be is never what the relay speaks', () => {
    const world = worldOf();
    const { again } = askedAgain(world, speaking([g729, pcmu]));
    const outputs = world.handle({ kind: 'answered', leg: again.leg, media: speaking([opus]) });
    expect(names(streamOf(only(outputs, 'accept')))).toEqual(['PCMU']);
  });

  test('where every transcoder is in use the next is refused with those words, and one that has ended makes room', () => {
    const world = worldOf({ mostTranscoders: 1 }, [alice, dave, frank]);
    const { again } = askedAgain(world, speaking([opus]), '1003');
    world.handle({ kind: 'answered', leg: again.leg, media: speaking([pcmu]) });
    const second = world.handle({
      kind: 'incoming',
      leg: 'b',
      device: 'SEPA',
      line: '1001',
      destination: '1005',
      protection: byDigest,
      caller: { number: '1001', anonymous: false },
      offer: speaking([opus]),
    });
    const refused = only(refuse(world, only(second, 'place').leg), 'refuse');
    expect(refused.cause).toBe('switching-equipment-congestion');
    expect(refused.warning).toContain('every transcoder is in use');
    world.handle({ kind: 'released', leg: 'a' });
    expect(world.control.transcoders).toBe(0);
  });

  test('without transcoders, or without a relay, the called is asked once', () => {
    for (const world of [
      worldOf({ mostTranscoders: 0 }),
      new ScriptedWorld([alice, dave], [], { suites: [suite80] }),
    ]) {
      const placed = only(world.call('1003', speaking([opus])), 'place');
      expect(only(refuse(world, placed.leg), 'refuse').cause).toBe('not-acceptable-here');
    }
  });

  test('formats for which there is no bandwidth between the two places are not offered', () => {
    const narrow = { name: 'branch', networks: [{ address: '192.0.2.0', bits: 24 }], kilobits: 40 } as never;
    const world = worldOf({ locations: [narrow] });
    const placed = world.call('1002', speaking([opus]));
    expect(ofKind(placed, 'place').length + ofKind(placed, 'refuse').length).toBe(1);
  });
});

describe('a phone that refuses whatever it is offered', () => {
  test.each([
    ['in the clear', undefined],
    ['with SRTP', 1],
  ])('%s: it is asked as often as there is something else to offer, and no more', (_, key) => {
    const world = new ScriptedWorld(
      key === undefined ? [dave, bob] : [alice, bob],
      [],
      { suites: [suite80], mostTranscoders: 2 },
      {},
      relay,
    );
    let outputs = world.call('1002', speaking([pcmu, pcma, digits], key));
    const offered: string[] = [];
    for (let placed = ofKind(outputs, 'place')[0]; placed !== undefined; placed = ofKind(outputs, 'place')[0]) {
      offered.push(`${streamOf(placed).transport} ${names(streamOf(placed)).length}`);
      expect(offered.length).toBeLessThan(6);
      outputs = refuse(world, placed.leg);
    }
    expect(offered).toEqual(
      key === undefined ? ['RTP/AVP 3', 'RTP/AVP 6', 'RTP/SAVP 6'] : ['RTP/SAVP 3', 'RTP/SAVP 6', 'RTP/AVP 6'],
    );
    expect(only(outputs, 'refuse').cause).toBe('not-acceptable-here');
    expect(world.control.transcoders).toBe(0);
  });
});

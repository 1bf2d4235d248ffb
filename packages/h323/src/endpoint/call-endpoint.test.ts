import { describe, expect, test } from 'vitest';
import type { EndpointEvent, EndpointOptions } from './call-endpoint.ts';
import { converse, Party } from './pair.fixture.ts';

type Opened = Extract<EndpointEvent, { kind: 'media-opened' }>;

function pair(options: Partial<EndpointOptions> = {}, proven = true, other: Partial<EndpointOptions> = options) {
  return [new Party(1, proven, options), new Party(2, proven, other)] as const;
}

/** A call that is answered. */
function answered(caller: Party, called: Party): void {
  caller.place();
  converse(caller, called);
  if (called.endpoint === undefined) return;
  called.call.proceed(0);
  called.call.alert(0);
  converse(caller, called);
  called.call.connect(0);
  converse(caller, called);
}

function opened(party: Party, direction: 'transmit' | 'receive'): Opened | undefined {
  return party.events.findLast(
    (event): event is Opened => event.kind === 'media-opened' && event.direction === direction,
  );
}

function transmitKey(party: Party): string | undefined {
  const event = opened(party, 'transmit');
  if (event?.direction !== 'transmit' || event.protection === undefined) return undefined;
  return Buffer.from(event.protection.key.key.reveal()).toString('hex');
}

function receiveKeys(party: Party): string[] {
  const event = opened(party, 'receive');
  return event?.direction === 'receive' ? event.keys.map(({ key }) => Buffer.from(key.reveal()).toString('hex')) : [];
}

const ways: readonly (readonly [string, Partial<EndpointOptions>])[] = [
  ['tunnelled', { tunnelling: true }],
  ['separate', { tunnelling: false }],
];

describe.each(ways)('H.323 §8: slow start, H.245 %s', (_, way) => {
  test.each(['own', 'echo', 'none'] as const)(
    'H.235.8 with the Ack key %s: what one sends with is a key that the other tries',
    (ackKey) => {
      const [caller, called] = pair({ ...way, policy: 'require', ackKey });
      answered(caller, called);
      for (const [from, to] of [
        [caller, called],
        [called, caller],
      ] as const) {
        expect(opened(from, 'transmit')).toMatchObject({
          remote: { port: 5000 },
          payloadType: 125,
          protection: { suite: 'AES_CM_128_HMAC_SHA1_80' },
        });
        expect(receiveKeys(to)).toContain(transmitKey(from));
      }
      expect(transmitKey(caller)).not.toBe(transmitKey(called));
      expect(called.kinds().slice(0, 1)).toEqual(['setup-offered']);
      expect(caller.kinds()).toEqual(
        expect.arrayContaining(['proceeding', 'alerting', 'connected', 'media-opened transmit']),
      );
    },
  );

  test('hold by the empty set, and again at another address with a new key', () => {
    const [caller, called] = pair({ ...way, policy: 'require' });
    answered(caller, called);
    const before = transmitKey(called);
    caller.call.hold(0);
    converse(caller, called);
    expect(called.kinds().slice(-2).toSorted()).toEqual(['held', 'media-closed']);
    expect(caller.events.at(-1)).toMatchObject({ kind: 'media-closed', direction: 'receive' });
    caller.call.resume(0, { host: Uint8Array.of(10, 9, 9, 9), port: 7000 });
    converse(caller, called);
    expect(opened(called, 'transmit')).toMatchObject({ remote: { host: Uint8Array.of(10, 9, 9, 9), port: 7000 } });
    expect(transmitKey(called)).not.toBe(before);
    expect(called.kinds()).toContain('resumed');
  });

  test('H.450.6: an Alerting tells that the called talks already', () => {
    const [caller, called] = pair(way);
    caller.place();
    converse(caller, called);
    called.call.alert(0, { callWaiting: true });
    converse(caller, called);
    expect(caller.events).toContainEqual({ kind: 'alerting', inBand: false, callWaiting: true });
    called.call.connect(0);
    converse(caller, called);
    expect(caller.kinds()).toContain('connected');
  });

  test('digits, a blind transfer and the end', () => {
    const [caller, called] = pair(way);
    answered(caller, called);
    caller.call.sendDigits('5#');
    called.call.transfer('3000');
    converse(caller, called);
    expect(called.events.flatMap((event) => (event.kind === 'digits' ? [event.digits] : []))).toEqual(['5', '#']);
    const asked = caller.events.at(-1);
    expect(asked).toEqual({ kind: 'transfer-asked', number: '3000', callIdentity: '', invokeId: 1 });
    caller.call.answerTransfer(1, 'establishmentFailure');
    converse(caller, called);
    expect(called.events.at(-1)).toEqual({ kind: 'transfer-answered', error: 1006 });
    called.call.transfer('3001');
    converse(caller, called);
    caller.call.answerTransfer(2);
    converse(caller, called);
    expect(called.events.at(-1)).toEqual({ kind: 'transfer-answered' });
    caller.call.release(16);
    converse(caller, called);
    expect(called.events.at(-1)).toEqual({ kind: 'released', cause: 16, by: 'peer' });
    expect([caller.connection.size, called.connection.size, caller.call.nextDeadline()]).toEqual([0, 0, undefined]);
  });

  test('require: a peer that drops to clear is released before there is media', () => {
    for (const peer of [{ policy: 'forbid' }, { suites: [] }] as const) {
      const [caller, called] = pair({ ...way, policy: 'require' }, true, { ...way, ...peer });
      answered(caller, called);
      // Either side may be the first that finds nothing in common.
      const end = caller.events.at(-1);
      expect(end?.kind === 'released' && [end.cause, end.by].join()).toMatch(/^57,us$|^88,peer$/);
      expect([...caller.kinds(), ...called.kinds()].filter((kind) => kind.startsWith('media-opened'))).toEqual([]);
    }
  });

  test('require: the keys of a connection that is not proven stay, and so does the Setup', () => {
    const [caller, called] = pair({ ...way, policy: 'require' }, false);
    answered(caller, called);
    expect([caller.events, caller.wire]).toEqual([
      [{ kind: 'released', cause: 57, by: 'us', because: 'not-proven' }],
      [],
    ]);
    const [open, strict] = [new Party(1, false, way), new Party(2, false, { ...way, policy: 'require' })];
    open.place();
    converse(open, strict);
    expect(strict.events).toMatchObject([{ kind: 'released', because: 'not-proven' }]);
    expect(open.events).toMatchObject([{ kind: 'released', cause: 57, by: 'peer' }]);
  });

  test('prefer: without proof no key is made, offered or taken, and media are clear', () => {
    const [caller, called] = pair(way, false);
    answered(caller, called);
    expect(
      [opened(caller, 'transmit'), opened(called, 'transmit')].map((event) => event && 'protection' in event),
    ).toEqual([false, false]);
    expect([caller.keys, called.keys]).toEqual([[], []]);
    const [proven, not] = [new Party(1, true, way), new Party(2, false, way)];
    answered(proven, not);
    expect([proven.showed(not), not.showed(proven)]).toEqual([false, false]);
  });

  test('a proof that ends while a key waits to leave keeps it here', () => {
    for (const steps of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const [caller, called] = pair({ ...way, policy: 'require' });
      caller.place();
      converse(caller, called);
      called.call.connect(0);
      for (let i = 0; i < steps; i++) {
        for (const { by, octets } of called.sent(0)) caller.receive(0, by, octets);
        if (caller.wantsH245) {
          caller.wantsH245 = false;
          caller.call.h245Opened(0, 'outgoing');
          called.call.h245Opened(0, 'incoming');
        }
        for (const { by, octets } of caller.sent(0)) called.receive(0, by === 'outgoing' ? 'incoming' : by, octets);
      }
      const shown = [caller.wire.length, called.wire.length];
      caller.prove(false);
      called.prove(false);
      converse(caller, called);
      caller.wire.splice(0, shown[0]);
      called.wire.splice(0, shown[1]);
      expect([caller.showed(called), called.showed(caller)]).toEqual([false, false]);
    }
  });
});

describe('H.323 §8.1.7: fast connect', () => {
  const clear = { policy: 'forbid', fastConnect: true } as const;

  test('both directions are open with the first answer, and H.245 follows with the Connect', () => {
    const [caller, called] = pair(clear);
    caller.place();
    converse(caller, called);
    called.call.alert(0, { inBand: true });
    converse(caller, called);
    for (const party of [caller, called]) {
      expect(party.kinds()).toEqual(expect.arrayContaining(['media-opened transmit', 'media-opened receive']));
      expect(opened(party, 'transmit')).toMatchObject({ payloadType: 0, remote: { port: 5000 } });
    }
    expect(caller.events).toContainEqual({ kind: 'alerting', inBand: true, callWaiting: false });
    called.call.connect(0);
    converse(caller, called);
    caller.call.hold(0);
    converse(caller, called);
    expect(called.events.at(-1)).toMatchObject({ kind: 'media-closed', direction: 'transmit' });
    caller.call.resume(0);
    converse(caller, called);
    expect(opened(called, 'transmit')).toBeDefined();
    expect(called.kinds().at(-1)).toBe('media-opened transmit');
  });

  test.each([
    ['of a called that has no fast connect', { policy: 'forbid', fastConnect: false }],
    [
      'of formats that it has not',
      {
        ...clear,
        formats: [
          { name: 'g729', frames: 2 },
          { name: 'g711Alaw64k', frames: 20 },
        ],
      },
    ],
  ] as const)('a refusal %s is said, and slow start follows', (_, options) => {
    const formats = [
      { name: 'g711Ulaw64k', frames: 20 },
      { name: 'g711Alaw64k', frames: 20 },
    ] as const;
    const [caller, called] = pair({ ...clear, formats: options.fastConnect ? [formats[0]] : formats }, true, options);
    answered(caller, called);
    const wanted = options.fastConnect ? 'released' : 'media-opened transmit';
    expect(caller.kinds()).toContain(wanted);
  });

  test('require: a clear fast start is refused, and the call goes on with keys', () => {
    // The caller could not say that its connection is proven, so it proposes to be clear.
    const caller = new Party(1, false, { policy: 'prefer', fastConnect: true });
    const called = new Party(2, true, { policy: 'require', fastConnect: true });
    caller.place();
    for (const { by, octets } of caller.sent(0)) called.receive(0, by, octets);
    caller.prove(true);
    converse(caller, called);
    called.call.proceed(0);
    called.call.connect(0);
    converse(caller, called);
    expect(opened(called, 'receive')).toMatchObject({ suite: 'AES_CM_128_HMAC_SHA1_80' });
    expect(opened(caller, 'receive')).toMatchObject({ suite: 'AES_CM_128_HMAC_SHA1_80' });
  });

  test('keys may travel: nothing clear is proposed', () => {
    const [caller, called] = pair({ policy: 'prefer', fastConnect: true });
    answered(caller, called);
    expect(transmitKey(caller)).toBeDefined();
  });
});

describe('H.245 on a connection of its own', () => {
  test('H.323 §8.2: both connect: the one that the smaller address opened is closed, and the call has media', () => {
    const [caller, called] = pair({ tunnelling: false });
    caller.place();
    converse(caller, called);
    called.call.connect(0);
    for (const { by, octets } of called.sent(0)) caller.receive(0, by, octets);
    caller.sent(0);
    caller.wantsH245 = false;
    // The called connects as well: it was told our address by Facility.
    called.call.h245Opened(0, 'outgoing');
    caller.call.h245Opened(0, 'incoming');
    caller.call.h245Opened(0, 'outgoing');
    called.call.h245Opened(0, 'incoming');
    converse(caller, called);
    expect([caller.closed, called.closed]).toEqual([['outgoing'], []]);
    expect(caller.kinds()).toContain('media-opened transmit');
    expect(called.kinds()).toContain('media-opened transmit');
  });

  test('one side tunnels and the other does not: a connection is made', () => {
    const [caller, called] = pair({ tunnelling: true }, true, { tunnelling: false });
    answered(caller, called);
    expect(transmitKey(caller)).toBeDefined();
  });

  test('a connection that is lost leaves the call; without any there is none after ten seconds', () => {
    const [caller, called] = pair({ tunnelling: false });
    answered(caller, called);
    caller.call.h245Closed('outgoing');
    converse(caller, called);
    expect(caller.kinds()).not.toContain('released');
    const [deaf, mute] = [new Party(1, true, { tunnelling: false }), new Party(2, true, { tunnelling: false })];
    const { h245Listener: _, ...without } = mute.options;
    const silent = new Party(3, true, {});
    Object.assign(silent, { options: without });
    deaf.place();
    converse(deaf, silent);
    silent.call.connect(0);
    for (const { by, octets } of silent.sent(0)) deaf.receive(0, by, octets);
    deaf.sent(0);
    deaf.call.handleTimeout(10_000);
    deaf.sent(10_000);
    expect(deaf.events.at(-1)).toMatchObject({ kind: 'released', cause: 41, because: 'no-control-channel' });
  });
});

test('the connection of call signalling is lost: both ends release with 41', () => {
  const [caller, called] = pair();
  answered(caller, called);
  for (const party of [caller, called]) {
    party.connection.lost();
    party.sent(0);
    expect(party.events.at(-1)).toEqual({ kind: 'released', cause: 41, by: 'connection' });
  }
});

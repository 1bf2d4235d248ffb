import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { H323Error } from '../../error.ts';
import { ElementId } from '../../q931/message-types.ts';
import { decodeCallSignalling, encodeCallSignalling } from '../call-signalling.ts';
import type { CallEntity } from './call.ts';
import { releaseMessage } from './call-message.ts';
import { carry, identity, Side } from './pair.fixture.ts';

const number = (digits: string) => ({ typeOfNumber: 0, numberingPlan: 1, digits });

function pair() {
  const caller = new Side();
  const called = new Side();
  const out = caller.connection.call(identity(1));
  return { caller, called, out };
}

/** The call at the called side, once its Setup has come. */
function incoming(called: Side): CallEntity {
  const first = called.events.find(({ kind }) => kind === 'setup');
  if (first === undefined) throw new Error('no Setup came');
  return first.call;
}

describe('H.225.0 §7: one call', () => {
  test('a call is set up, proceeds, rings, is answered and ends; who calls is shown', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2000', callingNumber: number('1000'), callingName: 'Anna' });
    carry(caller, called);
    const call = incoming(called);
    call.proceed();
    call.alert();
    carry(caller, called);
    expect([out.state, call.state]).toEqual(['call-delivered', 'call-received']);
    call.connect({ connectedNumber: number('2001') });
    carry(caller, called);
    expect([out.state, call.state]).toEqual(['active', 'active']);
    expect(out.nextDeadline()).toBeUndefined();
    out.release(16);
    carry(caller, called);
    expect(caller.kinds()).toEqual(['proceeding', 'alerting', 'connected']);
    expect(called.events.map(({ call: _, ...event }) => ({ ...event, brought: undefined }))).toMatchObject([
      {
        kind: 'setup',
        setup: { calledNumber: '2000', callingNumber: number('1000'), callingName: 'Anna', restricted: false },
      },
      { kind: 'released', cause: 16, by: 'peer' },
    ]);
    expect([caller.connection.size, called.connection.size]).toEqual([0, 0]);
  });

  test('Q.951-3: a restricted caller is named nowhere outside its own element', () => {
    const { caller, called, out } = pair();
    const callingNumber = { ...number('1000'), presentation: { indicator: 1, screening: 0 } };
    out.setup(0, { calledNumber: '2000', callingNumber, callingName: 'Anna' });
    const [octets = new Uint8Array(0)] = caller.sent();
    called.receive(octets);
    called.sent();
    expect(called.events[0]).toMatchObject({ setup: { restricted: true, callingName: undefined } });
    expect(Buffer.from(octets).includes('Anna')).toBe(false);
  });

  test.each([
    ['a name of who is called is no beginning of the number', 'cm1', ''],
    ['an element without digits hides no alias (Q.931 §4.5.8)', '20', '20'],
  ])('H.323 §8.1.12: overlap: %s', (_, named, begun) => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: named, canOverlapSend: true });
    for (const octets of caller.sent()) {
      const result = decodeCallSignalling(octets);
      if (!result.ok) throw result.error;
      const elements = result.message.elements.map((element) =>
        element.id === ElementId.CalledPartyNumber ? { ...element, octets: Uint8Array.of(0x81) } : element,
      );
      called.connection.receive(0, { ...result.message, elements });
    }
    called.sent();
    expect(called.events[0]).toMatchObject({ setup: { calledNumber: begun } });
  });

  test('H.323 §8.1.12: overlap: digits are asked for, gathered and ended by T302', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2', canOverlapSend: true });
    carry(caller, called);
    const call = incoming(called);
    call.acknowledge(0);
    carry(caller, called);
    out.sendDigits(1_000, '0');
    out.sendDigits(2_000, '01');
    carry(caller, called, 2_000);
    expect(called.events.slice(1)).toMatchObject([
      { kind: 'digits', calledNumber: '20', complete: false },
      { kind: 'digits', calledNumber: '2001', complete: false },
    ]);
    called.connection.handleTimeout(17_000);
    called.sent();
    expect(called.kinds().at(-1)).toBe('digits-ended');
    call.proceed();
    carry(caller, called, 17_000);
    out.sendDigits(17_000, '9');
    expect([out.state, caller.sent()]).toEqual(['outgoing-call-proceeding', []]);
  });

  test.each([
    ['T303, no answer at all', [], 4_000, 102],
    ['T304, overlap', ['acknowledge'], 20_000, 102],
    ['T310, proceeding', ['proceed'], 10_000, 102],
    ['T301, ringing', ['proceed', 'alert'], 180_000, 19],
    ['T301, progress', ['proceed', 'progress'], 180_000, 19],
  ] as const)('Q.931 table 9-2: %s: the caller releases', (_, steps, deadline, cause) => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2000' });
    carry(caller, called);
    const call = incoming(called);
    for (const step of steps) {
      if (step === 'acknowledge') call.acknowledge(0);
      else call[step]();
    }
    carry(caller, called);
    expect(caller.connection.nextDeadline()).toBe(deadline);
    caller.connection.handleTimeout(deadline);
    carry(caller, called);
    expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause, by: 'timer' });
    expect(called.events.at(-1)).toMatchObject({ kind: 'released', cause, by: 'peer' });
  });

  test('both release at once: each is released once and nobody is answered', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2000' });
    carry(caller, called);
    out.release(16);
    incoming(called).release(17);
    carry(caller, called);
    expect([caller.events, called.kinds(), caller.connection.size]).toEqual([[], ['setup'], 0]);
    expect([caller.connection.dropped, called.connection.dropped]).toEqual([1, 1]);
  });

  test('a ReleaseComplete with neither cause nor reason, and one with a reason alone', () => {
    for (const [octets, cause] of [
      [Uint8Array.of(8, 2, 0x80, 20, 0x5a), 31],
      [withoutCause(38), 38],
    ] as const) {
      const { caller, called, out } = pair();
      out.setup(0, { calledNumber: '2000' });
      carry(caller, called);
      caller.receive(octets);
      caller.sent();
      expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause });
    }
  });

  test('a connection that is lost releases every call, with 41', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2000' });
    caller.connection.call(identity(3)).setup(0, { calledNumber: '2001' });
    carry(caller, called);
    called.connection.lost();
    called.sent();
    expect(called.events.filter(({ kind }) => kind === 'released')).toMatchObject([
      { cause: 41, by: 'connection' },
      { cause: 41, by: 'connection' },
    ]);
    expect(called.connection.size).toBe(0);
  });

  test('Q.931 §5.8.10: the status is asked for and told; without an answer in T322 the call ends', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2000' });
    carry(caller, called);
    incoming(called).connect();
    carry(caller, called);
    out.enquire(0);
    carry(caller, called);
    expect(caller.events.at(-1)).toMatchObject({ kind: 'status', state: 10 });
    out.enquire(0);
    out.enquire(0);
    expect(caller.sent()).toHaveLength(1);
    caller.connection.handleTimeout(4_000);
    caller.sent();
    expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause: 102 });
  });

  test('H.225.0 §7.3.13: an unknown message is answered by Status, and a Status by nothing', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2000' });
    carry(caller, called);
    caller.receive(Uint8Array.of(8, 2, 0x80, 20, 0x60));
    const [status = new Uint8Array(0), ...others] = caller.sent();
    expect([status[4], others.length]).toEqual([0x7d, 0]);
    called.receive(status);
    expect(called.sent()).toEqual([]);
    // A peer whose state is null has not got the call.
    caller.receive(Uint8Array.of(8, 2, 0x80, 20, 0x7d, 8, 2, 0x80, 0xe5, 0x14, 1, 0));
    caller.sent();
    expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause: 101 });
  });

  test('keys, notifications and carriers pass in a call that stands; what comes out of turn does nothing', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '2000' });
    carry(caller, called);
    const call = incoming(called);
    call.connect();
    call.alert();
    call.proceed();
    carry(caller, called);
    out.keypad('5');
    out.notify(0);
    out.facility({ supplementaryServices: [Uint8Array.of(1)] });
    carry(caller, called);
    expect([caller.kinds(), called.kinds().slice(1)]).toEqual([['connected'], ['keypad', 'notify', 'facility']]);
    expect(called.events[1]).toMatchObject({ digits: '5' });
    for (const type of [5, 1, 2, 3, 7, 0x0d]) caller.receive(Uint8Array.of(8, 2, 0x80, 20, type));
    expect([caller.sent(), out.state, out.dropped]).toEqual([[], 'active', 6]);
  });
});

describe('calls of one connection', () => {
  test('both sides call at once with the same reference: the flag keeps the two apart', () => {
    const [one, other] = [new Side(), new Side()];
    const first = one.connection.call(identity(1));
    const second = other.connection.call(identity(5));
    first.setup(0, { calledNumber: '1' });
    second.setup(0, { calledNumber: '2' });
    carry(one, other);
    expect(first.callReference).toBe(second.callReference);
    incoming(one).connect();
    incoming(other).release(17);
    carry(one, other);
    expect([first.state, second.state]).toEqual(['null', 'active']);
  });

  test('Q.931 §5.8.3.2: a reference that is nobody’s is released with 81, without echo', () => {
    const { caller, called } = pair();
    caller.receive(Uint8Array.of(8, 2, 0x80, 99, 7));
    const [octets = new Uint8Array(0)] = caller.sent();
    const result = decodeCallSignalling(octets);
    if (!result.ok) throw result.error;
    expect(result.message).toMatchObject({ type: 0x5a, callReference: { value: 99, fromDestination: false } });
    called.receive(octets);
    expect(called.sent()).toEqual([]);
    for (const quiet of [
      [0x80, 99, 0x5a],
      [0x80, 99, 0x7d],
      [0x80, 99, 5],
    ]) {
      caller.receive(Uint8Array.of(8, 2, ...quiet));
    }
    expect(caller.sent()).toEqual([]);
  });

  test('a storm of Setups is refused beyond the limit', () => {
    const called = new Side({ maxCalls: 2 });
    const caller = new Side({ maxCalls: 9 });
    for (let i = 0; i < 5; i++) caller.connection.call(identity(i)).setup(0, { calledNumber: '1' });
    carry(caller, called);
    expect([called.connection.size, caller.connection.size]).toEqual([2, 2]);
    expect(caller.events.map((event) => event.kind === 'released' && event.cause)).toEqual([47, 47, 47]);
    expect(() => called.connection.call(identity(1))).toThrow(H323Error);
  });

  test('a message with a key leaves on a connection that is proven only, whatever waited', () => {
    const { caller, called, out } = pair();
    out.setup(0, { calledNumber: '1' });
    carry(caller, called);
    for (const proven of [false, true]) {
      out.facility({ h245Control: new Redacted([Uint8Array.of(1)]), holdsKey: true }, 'transportedInformation');
      caller.connection.proven = proven;
      expect(caller.sent()).toHaveLength(proven ? 1 : 0);
    }
    expect(caller.connection.withheld).toBe(1);
  });

  test('a call that is never set up leaves nothing', () => {
    const { caller, out } = pair();
    out.release(16);
    expect([caller.sent(), caller.connection.size]).toEqual([[], 0]);
    out.setup(0, { calledNumber: '1' });
    expect(caller.sent()).toEqual([]);
  });

  test('whatever order the messages of a stranger come in, the call ends once and nothing is left', () => {
    const types = [1, 2, 3, 5, 7, 0x0d, 0x62, 0x6e, 0x75, 0x7b, 0x7d, 0x5a, 0x11];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...types), { maxLength: 20 }), (order) => {
        const { caller, called, out } = pair();
        out.setup(0, { calledNumber: '2000' });
        carry(caller, called);
        for (const type of order) caller.receive(Uint8Array.of(8, 2, 0x80, 20, type));
        caller.sent();
        expect(caller.kinds().filter((kind) => kind === 'released').length).toBe(order.includes(0x5a) ? 1 : 0);
        if (caller.connection.nextDeadline() !== undefined) caller.connection.handleTimeout(1_000_000);
        out.release(16);
        caller.sent();
        expect([caller.connection.size, caller.connection.nextDeadline()]).toEqual([0, undefined]);
      }),
      { numRuns: 200 },
    );
  });
});

function withoutCause(cause: number): Uint8Array {
  const parts = releaseMessage(undefined, cause, {}, false);
  return encodeCallSignalling({
    ...parts,
    elements: [],
    callReference: { value: 20, fromDestination: true, length: 2 },
  });
}

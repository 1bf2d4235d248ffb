import type { DialPlanEntry } from '@trustline/callcontrol';
import { createResponse, headerValue, type SipMessage } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { description, octets, type SimulatedPhone, Simulation } from '../simulation.fixture.ts';

/** Two carriers behind one row of the dial plan, and a phone that calls by it. */
function setUp() {
  const clock = new VirtualClock(1_000);
  const target = { kind: 'trunk', devices: ['one', 'two'], discardAccessCode: true, prefix: '' } as const;
  const entries: readonly DialPlanEntry[] = [{ pattern: '0.!', target }];
  const lab = new Simulation(clock, new SeededRandom(7).bytes, { entries });
  const trunk = (name: string) => {
    const carrier = lab.phone(name, '0', { kind: 'trunk', agent: { methods: ['OPTIONS'] } });
    carrier.onRequest = (request) => createResponse(request, 200, { toTag: 'x' });
    return carrier;
  };
  const [one, two] = [trunk('one'), trunk('two')];
  const alice = lab.phone('SEP000000000001', '1001');
  alice.register();
  return { clock, lab, one, two, alice, call: () => alice.call('0555', description([])) };
}

const statusesTo = ({ received }: SimulatedPhone) =>
  received.flatMap((message) => (message.kind === 'response' && message.status > 100 ? [message.status] : []));

describe('a call that the first trunk of a row does not take', () => {
  test('silent, not even 100: the next is asked within two seconds, the caller hears ringing once, and the INVITE is given up', () => {
    const { clock, lab, one, two, alice, call } = setUp();
    const held: SipMessage[] = [];
    one.alter = (message) => {
      held.push(message);
      return [];
    };
    call();
    clock.advance(1_499);
    expect(two.sessions).toEqual([]);
    clock.advance(1);
    lab.act((now) => two.session.ring(now, 180));
    lab.act((now) => two.session.accept(now, octets(description([]))));
    expect(statusesTo(alice).filter((status) => status !== 401)).toEqual([200, 180, 200]);
    // It was only slow: what it says now is answered, and it is told that nobody waits (RFC 3261 §9.1).
    one.alter = (message) => [message];
    for (const message of held) lab.inject(one, message);
    expect(one.requests('CANCEL')).toHaveLength(1);
    expect(lab.eventsOf('trunk-set-aside')).toMatchObject([{ device: 'one', reason: 'timer-expired' }]);
  });

  test('silent, and so is the last: the caller hears which trunk does not answer, and the record has it', () => {
    const { clock, lab, one, two, alice, call } = setUp();
    for (const trunk of [one, two]) trunk.alter = () => [];
    call();
    clock.advance(40_000);
    const refusal = alice.answerTo('INVITE');
    expect(refusal.kind === 'response' && refusal.status).toBe(504);
    expect(headerValue(refusal, 'Reason')).toBe('Q.850;cause=102;text="two does not answer"');
    expect(headerValue(refusal, 'Warning')).toMatch(/ "two does not answer"$/);
    expect(lab.records).toMatchObject([{ cause: 'two does not answer', reason: 'timer-expired', endedBy: 'manager' }]);
  });

  test('one that says 100 is at work on it, and is waited for', () => {
    const { clock, lab, one, two, call } = setUp();
    call();
    expect(one.sessions).toHaveLength(1); // whose 100 has come back
    clock.advance(10_000);
    expect(two.sessions).toEqual([]);
    lab.act((now) => one.session.accept(now, octets(description([]))));
    expect(lab.core.trunk('one')).toMatchObject({ inUse: 1, setAside: null });
  });

  test.each([
    [503, 'Q.850;cause=34', null],
    [500, undefined, null],
    [502, undefined, 'network-out-of-order'],
    [503, undefined, 'service-unavailable'],
    [504, undefined, 'timer-expired'],
  ])('%i, %s: the next is asked', (status, reason, cause) => {
    const { lab, one, two, call } = setUp();
    call();
    const headers = reason === undefined ? [] : [{ name: 'Reason', value: reason }];
    lab.act((now) => one.session.reject(now, status, { headers }));
    expect(two.sessions).toHaveLength(1);
    expect(lab.core.trunk('one').setAside?.cause ?? null).toBe(cause);
  });

  test.each([404, 408, 480, 484, 486, 600, 603])('%i is of the called: nobody else is asked', (status) => {
    const { lab, one, two, alice, call } = setUp();
    call();
    lab.act((now) => one.session.reject(now, status));
    expect(two.sessions).toEqual([]);
    expect(alice.happened.at(-1)).toBe('ended');
  });

  test('one that lost its connection before it answered passes the call on', () => {
    const { lab, one, two, call } = setUp();
    call();
    lab.disconnect(one.flow.id);
    expect(two.sessions).toHaveLength(1);
  });
});

test('one that is set aside is asked by OPTIONS, and takes calls again once it answers', () => {
  const { clock, lab, one, two, call } = setUp();
  call();
  lab.act((now) => one.session.reject(now, 503));
  lab.act((now) => two.session.reject(now, 486));
  one.onRequest = (request) => createResponse(request, 503, { toTag: 'x' });
  clock.advance(5_000);
  expect(one.requests('OPTIONS')).toHaveLength(1);
  expect(lab.core.trunk('one').setAside).not.toBe(null);
  one.onRequest = (request) => createResponse(request, 200, { toTag: 'x' });
  clock.advance(9_999);
  expect(lab.eventsOf('trunk-back')).toEqual([]);
  clock.advance(1);
  expect(lab.eventsOf('trunk-back')).toMatchObject([{ device: 'one' }]);
  call();
  expect(one.sessions).toHaveLength(2);
});

/** Call back on busy, against the whole core of the manager on a virtual clock: no sockets. */
import { headerValue, type InviteSession, parseWarnings } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import {
  cryptoLine,
  description,
  octets,
  type SimulatedPhone,
  Simulation,
  type SimulationOptions,
} from '../simulation.fixture.ts';

const offer = (seed: number) => description([cryptoLine(seed)]);

/** Alice has called Bob, who talks to Carol and takes no second call. */
function setUp(options: SimulationOptions = {}) {
  const clock = new VirtualClock(1_000);
  const lab = new Simulation(clock, new SeededRandom(13).bytes, options);
  const phones = [1, 2, 3, 4].map((number) => {
    const phone = lab.phone(`SEP00000000000${number}`, `100${number}`);
    phone.register();
    return phone;
  });
  const [alice, bob, carol, dave] = phones as [SimulatedPhone, SimulatedPhone, SimulatedPhone, SimulatedPhone];
  const talk = carol.call('1002', offer(1));
  lab.act((now) => bob.session.accept(now, octets(offer(2))));
  bob.onIncoming = (session) => void session.reject(clock.now, 486);
  alice.call('1002', offer(3));
  expect(alice.answerTo('INVITE').status).toBe(486);
  /** What a phone is told when it dials. */
  const dial = (phone: SimulatedPhone, number: string) => {
    phone.call(number, offer(4));
    const response = phone.answerTo('INVITE');
    return [response.status, response.reason, parseWarnings(headerValue(response, 'Warning') ?? '')?.[0]?.text];
  };
  const hangUp = () => {
    lab.act((now) => talk.bye(now));
    bob.onIncoming = () => {};
  };
  const rings = (phone: SimulatedPhone): InviteSession | undefined => {
    const session = phone.sessions.at(-1);
    return session?.direction === 'incoming' && session.phase !== 'ended' ? session : undefined;
  };
  return { clock, lab, alice, bob, carol, dave, dial, hangUp, rings };
}

const set = [480, 'Call Back Is Set', 'You are called back when 1002 is free'];
const nothing = [404, 'Nothing To Call Back', 'No number has been busy'];

describe('call back on busy', () => {
  test('rings the caller when the line is free, then the line, and they talk with keys of their own', () => {
    const { clock, lab, alice, bob, dial, hangUp, rings } = setUp();
    expect(dial(alice, '*37')).toEqual(set);
    clock.advance(60_000);
    expect(rings(alice)).toBeUndefined();
    hangUp();
    clock.advance(1_000);
    expect(rings(alice)).toBeUndefined();
    clock.advance(1_000);
    const back = rings(alice) as InviteSession;
    expect(headerValue(back.invite, 'From')).toMatch(/^"Call back: 1002" <sip:1002@/);
    lab.act((now) => back.accept(now, octets(offer(5))));
    expect(alice.events.some(({ session, event }) => session === back && event.kind === 'acknowledged')).toBe(true);
    const called = rings(bob) as InviteSession;
    expect(headerValue(called.invite, 'From')).toMatch(/<sip:1001@/);
    alice.onEvent = (session, event) => {
      if (event.kind === 'offer') session.answerOffer(clock.now, octets(offer(6)));
    };
    lab.act((now) => called.accept(now, octets(offer(7))));
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted', legs: [{}, {}] }]);
    lab.act((now) => back.bye(now));
    clock.advance(120_000);
    expect(lab.core.calls()).toEqual([]);
    expect(lab.core.tableSizes).toMatchObject({ sessions: 0, legs: 0 });
  });

  test('waits until the caller is free as well', () => {
    const { clock, lab, alice, dave, dial, hangUp, rings } = setUp();
    dial(alice, '*37');
    const other = alice.call('1004', offer(8));
    hangUp();
    clock.advance(10_000);
    expect(rings(alice)).toBeUndefined();
    lab.act((now) => other.cancel(now));
    clock.advance(2_000);
    expect(rings(alice)).toBeDefined();
    expect(rings(dave)).toBeUndefined();
  });

  test('is set for the number that was busy last, and for none where none was', () => {
    const { dave, dial } = setUp();
    expect(dial(dave, '*37')).toEqual(nothing);
  });

  test('is wanted no more after #37, and lives no longer than it may', () => {
    const first = setUp();
    first.dial(first.alice, '*37');
    expect(first.dial(first.alice, '%2337')).toEqual([480, 'Call Back Cancelled', 'There is no call back any more']);
    expect(first.dial(first.alice, '%2337')).toEqual(nothing);
    first.hangUp();
    first.clock.advance(10_000);
    expect(first.rings(first.alice)).toBeUndefined();

    const second = setUp({ callBack: { activate: '*37', cancel: '#37', lifetime: 60_000 } });
    second.dial(second.alice, '*37');
    second.clock.advance(60_000);
    second.hangUp();
    second.clock.advance(10_000);
    expect(second.rings(second.alice)).toBeUndefined();
  });

  test('serves those who wait one after the other', () => {
    const { clock, lab, alice, dave, dial, hangUp, rings } = setUp();
    dave.call('1002', offer(9));
    expect([dial(dave, '*37'), dial(alice, '*37')]).toEqual([set, set]);
    hangUp();
    clock.advance(2_000);
    expect([rings(dave), rings(alice)].map((session) => session !== undefined)).toEqual([true, false]);
    lab.act((now) => rings(dave)?.reject(now, 486));
    clock.advance(30_000);
    expect(rings(alice)).toBeDefined();
  });

  test('is off where no number is configured: the number is dialled as any other', () => {
    const { alice, dial } = setUp({ callBack: undefined });
    expect(dial(alice, '*37')[0]).toBe(404);
  });
});

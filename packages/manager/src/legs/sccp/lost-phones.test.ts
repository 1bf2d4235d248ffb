/** Phones whose connection breaks: who talks goes on talking, and what cannot go on ends in order. */
import { CallSecurityStatus, SoftKeyEvent } from '@trustline/sccp';
import { describe, expect, test } from 'vitest';
import { cryptoLine, description, octets } from '../../simulation.fixture.ts';
import { Handset, type SkinnyLab, two } from './skinny-lab.fixture.ts';

const patience = { talking: 1_800_000, held: 40_000 };
const name = 'SEP000000000011';

function talking() {
  const set = two();
  set.one.does((session) => session.dial('1012'));
  set.other.does((session) => session.offHook());
  expect([set.one.state, set.other.state]).toEqual(['Connected', 'Connected']);
  return set;
}

/** Lets time pass, with the signs of life of those who are there. */
function pass(lab: SkinnyLab, milliseconds: number, ...there: readonly Handset[]): void {
  for (let left = milliseconds; left > 0; left -= 20_000) {
    lab.clock.advance(Math.min(20_000, left));
    for (const { session } of there) session.handleTimeout(lab.clock.now);
    lab.settle();
  }
}

function expectNothingLeft({ simulation: { core } }: SkinnyLab): void {
  expect([core.calls(), core.tableSizes.legs]).toEqual([[], 0]);
}

describe('while somebody talks', () => {
  test('the call goes on, the operator hears of it, and the other end ends it', () => {
    const { lab, one, other } = talking();
    one.cut();
    expect([other.state, lab.simulation.core.calls().length]).toEqual(['Connected', 1]);
    expect(lab.simulation.core.directory.registration(name, '1011')).toBeUndefined();
    expect(lab.simulation.eventsOf('unregistration')).toMatchObject([
      { device: name, cause: expect.stringContaining('its call goes on without it') },
    ]);
    expect(lab.simulation.core.waitedUntil(name)).toBe('2026-01-01T00:30:01.000Z');
    pass(lab, 10 * patience.held, other);
    expect(other.state).toBe('Connected');
    other.does((session) => session.onHook());
    expectNothingLeft(lab);
    expect(lab.simulation.core.waitedUntil(name)).toBeUndefined();
  });

  test('the other end holds meanwhile: its own phone is silent, and the call goes on', () => {
    const { lab, one, other } = talking();
    one.cut();
    other.does((session) => session.pressSoftKey(SoftKeyEvent.Hold, 1, other.call?.callReference));
    expect([other.state, lab.simulation.core.calls().length]).toEqual(['Hold', 1]);
    expect(other.sending).toBeUndefined();
    other.does((session) => session.pressSoftKey(SoftKeyEvent.EndCall, 1, other.call?.callReference));
    expectNothingLeft(lab);
  });

  test('nobody is waited for longer than a session without a sign of life', () => {
    const { lab, one, other } = talking();
    one.cut();
    pass(lab, patience.talking - 20_000, other);
    expect(other.state).toBe('Connected');
    pass(lab, 20_000, other);
    expect(other.state).not.toBe('Connected');
    other.does((session) => session.onHook());
    expectNothingLeft(lab);
  });

  test('a phone that comes back with its streams is shown its call again, and nothing about its media changes', () => {
    const { lab, one, other } = talking();
    one.cut();
    const again = new Handset(lab, name, { activeStreams: 2 });
    expect(again.state).toBe('Connected');
    expect(again.call).toMatchObject({ calledParty: '1012', securityStatus: CallSecurityStatus.Encrypted });
    expect([again.receiving, again.sending]).toEqual([undefined, undefined]);
    again.does((session) => session.pressSoftKey(SoftKeyEvent.Hold, 1, again.call?.callReference));
    expect([again.state, other.receiving]).toEqual(['Hold', undefined]);
    again.does((session) => session.pressSoftKey(SoftKeyEvent.Resume, 1, again.call?.callReference));
    expect([again.state, other.state]).toEqual(['Connected', 'Connected']);
    expect(again.sending?.key).toEqual(other.receiving?.key);
    expect(other.sending?.key).toEqual(again.receiving?.key);
    again.does((session) => session.onHook());
    expectNothingLeft(lab);
  });

  test('one that has no streams any more has hung up', () => {
    const { lab, one, other } = talking();
    one.cut();
    const again = new Handset(lab, name);
    expect([again.state, other.state]).toEqual([undefined, undefined]);
    expectNothingLeft(lab);
    expect(again.session.ignored).toBe(0);
  });

  test('streams from another address are not those of the call: it ends', () => {
    const { lab, one } = talking();
    one.cut();
    expect(new Handset(lab, name, { activeStreams: 2, host: '192.0.2.99' }).state).toBeUndefined();
    expectNothingLeft(lab);
  });

  test('a phone that comes again before its old connection is known to be broken goes on too', () => {
    const { lab, other } = talking();
    const again = new Handset(lab, name, { activeStreams: 2 });
    expect([again.state, other.state]).toEqual(['Connected', 'Connected']);
    again.does((session) => session.onHook());
    expectNothingLeft(lab);
  });

  test('both may be lost, and come back', () => {
    const { lab, one, other } = talking();
    one.cut();
    other.cut();
    const [first, second] = [name, 'SEP000000000012'].map((who) => new Handset(lab, who, { activeStreams: 2 }));
    expect([first?.state, second?.state]).toEqual(['Connected', 'Connected']);
    second?.does((session) => session.onHook());
    expect(first?.state).toBeUndefined();
    expectNothingLeft(lab);
  });

  test('a device that is removed, or left in order, is not waited for', () => {
    const { lab, one, other } = talking();
    one.cut();
    lab.simulation.core.removeDevice(lab.clock.now, name);
    lab.settle();
    other.does((session) => session.onHook());
    expectNothingLeft(lab);
  });

  test('the certificate of a phone is believed no more: its call ends with its connection', () => {
    const { lab, one } = talking();
    lab.simulation.core.rejudge(lab.clock.now, ({ device }) => (device === name ? 'was revoked' : undefined));
    lab.settle();
    expect(one.ended).toEqual(['connection-lost']);
    expect(lab.simulation.core.calls()).toEqual([]);
  });
});

describe('with a SIP phone at the other end', () => {
  function withSip() {
    const { lab, one } = two();
    const sip = lab.simulation.phone('SEP000000000001', '1001');
    sip.register();
    const sdp = description([cryptoLine(5)]);
    sip.call('1011', sdp);
    lab.settle();
    one.does((session) => session.offHook());
    expect(one.state).toBe('Connected');
    one.cut();
    const offers = (body: string) => {
      sip.events.length = 0;
      lab.simulation.act((now) => sip.session.reoffer(now, octets(body)));
      lab.settle();
      return sip.events.map(({ event }) => event.kind);
    };
    return { lab, sip, sdp, offers };
  }

  test('RFC 4028 §9: an offer that says again what holds keeps the session', () => {
    const { sdp, offers, lab, sip } = withSip();
    expect(offers(sdp)).toEqual(['reoffer-answered']);
    lab.simulation.act((now) => sip.session.bye(now));
    lab.settle();
    lab.clock.advance(60_000);
    expectNothingLeft(lab);
  });

  test('hold cannot be had, and is refused: the call goes on', () => {
    const { offers, lab } = withSip();
    expect(offers(description([cryptoLine(5)], { direction: 'inactive' }))).toEqual(['reoffer-rejected']);
    expect(lab.simulation.core.calls()).toHaveLength(1);
  });
});

describe('what is not answered', () => {
  test('a phone that rang is passed over: the others of the line go on ringing', () => {
    const { lab, one, other } = two();
    lab.device('SEP000000000013', '1012');
    const third = new Handset(lab, 'SEP000000000013');
    one.does((session) => session.dial('1012'));
    expect([other.state, third.state]).toEqual(['RingIn', 'RingIn']);
    other.cut();
    expect([one.state, third.state]).toEqual(['RingOut', 'RingIn']);
    third.cut();
    expect(one.state).toBe('Congestion');
  });

  test('a call that it has begun ends, and the called stops ringing', () => {
    const { lab, one, other } = two();
    one.does((session) => session.dial('1012'));
    one.cut();
    expect(other.state).toBeUndefined();
    expectNothingLeft(lab);
  });

  test('digits are forgotten', () => {
    const { lab, one } = two();
    one.does((session) => session.offHook());
    one.does((session) => session.press('1'));
    one.cut();
    expect(new Handset(lab, name).state).toBeUndefined();
    expect(lab.simulation.core.waitedUntil(name)).toBeUndefined();
  });
});

describe('what is held', () => {
  function held() {
    const set = talking();
    set.one.does((session) => session.pressSoftKey(SoftKeyEvent.Hold, 1, set.one.call?.callReference));
    expect(set.one.state).toBe('Hold');
    set.one.cut();
    return set;
  }

  test('is shown to the phone that comes back, and goes on there', () => {
    const { lab, other } = held();
    pass(lab, 20_000, other);
    const again = new Handset(lab, name);
    expect(again.state).toBe('Hold');
    again.does((session) => session.pressSoftKey(SoftKeyEvent.Resume, 1, again.call?.callReference));
    expect([again.state, other.state]).toEqual(['Connected', 'Connected']);
    expect(again.sending?.key).toEqual(other.receiving?.key);
  });

  test('ends after forty seconds', () => {
    const { lab, other } = held();
    pass(lab, patience.held, other);
    expect(other.state).not.toBe('Connected');
    other.does((session) => session.onHook());
    expectNothingLeft(lab);
  });
});

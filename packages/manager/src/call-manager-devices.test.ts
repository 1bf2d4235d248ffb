/** Devices at the manager's core on a virtual clock: they register, are lost, come back and are told to boot again. */
import { headerValue, type SipRequest } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { aliceAndBob } from './alice-and-bob.fixture.ts';
import { cryptoLine, description, octets, Simulation, text } from './simulation.fixture.ts';

describe('a registration', () => {
  test('is answered once it is stored, and is an event', () => {
    const { lab, alice } = aliceAndBob();
    expect(alice.answerTo('REGISTER').status).toBe(200);
    expect(lab.eventsOf('registration')).toMatchObject([{ line: '1001' }, { line: '1002' }]);
    lab.store = 'held';
    const before = alice.received.length;
    alice.register();
    expect(alice.received.slice(before)).toEqual([]);
    for (const pending of lab.held.splice(0)) lab.act((now) => lab.core.registrationStored(now, pending));
    expect(alice.answerTo('REGISTER').status).toBe(200);
  });

  test('that cannot be stored is answered 503 with Retry-After and changes nothing', () => {
    const { lab } = aliceAndBob();
    lab.store = 'fails';
    const carol = lab.phone('SEP000000000003', '1003');
    carol.register();
    expect(carol.answerTo('REGISTER').status).toBe(503);
    expect(headerValue(carol.answerTo('REGISTER'), 'Retry-After')).toBe('30');
    expect(lab.core.directory.bindings(carol.name, '1003')).toEqual([]);
  });

  test('that is only refreshed goes on while the disk is full, so that calls go on', () => {
    const { clock, lab, alice, bob, ringing } = aliceAndBob();
    lab.store = 'fails';
    clock.advance(400_000);
    alice.register();
    bob.register();
    expect(bob.answerTo('REGISTER').status).toBe(200);
    clock.advance(400_000);
    ringing();
    expect(lab.core.calls()).toHaveLength(1);
  });

  test('expires, which is an event and leaves the store', () => {
    const { clock, lab } = aliceAndBob();
    clock.advance(602_000);
    expect(lab.eventsOf('unregistration')).toMatchObject([{ reason: 'expired' }, { reason: 'expired' }]);
    expect(lab.gone.map(({ line }) => line)).toEqual(['1001', '1002']);
  });

  test('of a device that was removed while it was stored comes to nothing', () => {
    const { lab, alice } = aliceAndBob();
    lab.store = 'held';
    alice.register();
    lab.act((now) => lab.core.removeDevice(now, alice.name));
    for (const pending of lab.held.splice(0)) lab.act((now) => lab.core.registrationStored(now, pending));
    expect(lab.core.directory.registrations(alice.name)).toEqual([]);
  });

  test('for a line of another device is refused 403, and the event says whose it is', () => {
    const { lab, alice } = aliceAndBob();
    const stolen = alice.registerRequest(600);
    const headers = stolen.headers.map(({ name, value }) =>
      name === 'From' || name === 'To' ? { name, value: value.replace('1001', '1002') } : { name, value },
    );
    lab.act((now) => alice.agent.sendRequest(now, alice.flow, { ...stolen, headers }));
    expect(alice.answerTo('REGISTER').status).toBe(403);
    expect(lab.eventsOf('registration-refused')[0]?.cause).toBe(
      'the sender proved to be SEP000000000001 but line 1002 belongs to SEP000000000002',
    );
  });
});

describe('a device is seen', () => {
  const [name, line] = ['SEP00000000000A', '2001'];

  test('when it begins to register, on a connection of that time; going on with it shows nothing', () => {
    const clock = new VirtualClock(1_000);
    const lab = new Simulation(clock, new SeededRandom(7).bytes);
    const phone = lab.phone(name, line);
    clock.advance(500);
    phone.register();
    expect(lab.seen).toMatchObject([{ device: name, since: 1_000, flow: { remote: { host: '192.0.2.9' } } }]);
    clock.advance(1_000);
    phone.register();
    // It lost its connection and goes on by another: it did not start anew.
    phone.connect();
    phone.register();
    expect(lab.seen).toHaveLength(1);
  });

  test('when it starts anew, which another Call-ID shows', () => {
    const clock = new VirtualClock(1_000);
    const lab = new Simulation(clock, new SeededRandom(7).bytes);
    lab.phone(name, line).register();
    clock.advance(2_000);
    lab.phone(name, line).register();
    expect(lab.seen.map(({ since }) => since)).toEqual([1_000, 3_000]);
  });

  test('not when the store refused the registration, nor when it is taken back', () => {
    const lab = new Simulation(new VirtualClock(1_000), new SeededRandom(7).bytes);
    const phone = lab.phone(name, line);
    lab.store = 'fails';
    phone.register();
    lab.store = 'at once';
    phone.register(0);
    expect(lab.seen).toEqual([]);
  });
});

describe('a device that is lost', () => {
  test('during a call and comes back goes on with it on its new connection', () => {
    const { clock, lab, alice, bob, talking, nothingLeft } = aliceAndBob();
    talking();
    expect(lab.core.waitedUntil(bob.name)).toBeUndefined();
    lab.disconnect(bob.flow.id);
    const lostAt = lab.core.waitedUntil(bob.name);
    clock.advance(20_000);
    expect(lab.core.waitedUntil(bob.name)).toBe(lostAt);
    bob.connect();
    expect(lab.core.waitedUntil(bob.name)).toBeUndefined();
    bob.register();
    lab.act((now) => bob.session.moveTo(now, bob.flow));
    clock.advance(30_000);
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
    lab.act((now) => alice.session.bye(now));
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    nothingLeft();
  });

  test('for good ends its calls, and nothing of them stays', () => {
    const { clock, lab, alice, bob, talking, nothingLeft } = aliceAndBob();
    talking();
    lab.disconnect(bob.flow.id);
    clock.advance(41_000);
    expect(alice.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.records).toMatchObject([{ reason: 'destination-out-of-order' }]);
    nothingLeft();
  });

  test('while it rings ends the call at the caller', () => {
    const { clock, lab, alice, bob, ringing, nothingLeft } = aliceAndBob();
    ringing();
    lab.disconnect(bob.flow.id);
    clock.advance(1);
    expect(alice.answerTo('INVITE').status).toBe(502);
    nothingLeft();
  });

  test('is not rung, and its caller hears 480 at once; its binding serves again when it comes back (RFC 5626)', () => {
    const { clock, lab, alice, bob, answer, nothingLeft } = aliceAndBob();
    lab.disconnect(bob.flow.id);
    const sentBefore = bob.received.length;
    alice.call('1002', description([cryptoLine(3)]));
    expect(alice.answerTo('INVITE')).toMatchObject({ status: 480 });
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toMatch(/^399 \S+ "[^"]+"$/);
    expect(lab.core.directory.bindings(bob.name, '1002')).toHaveLength(1);
    expect(lab.core.directory.flowsOf(bob.name)).toEqual([]);
    clock.advance(10_000);
    expect(bob.received.length).toBe(sentBefore);
    bob.connect();
    alice.call('1002', description([cryptoLine(4)]));
    answer();
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
    lab.act((now) => alice.session.bye(now));
    nothingLeft();
  });

  test('leaves a line that it shares to the devices that are there', () => {
    const { lab, alice, bob } = aliceAndBob();
    const carol = lab.phone('SEP000000000003', '1002');
    carol.register();
    lab.disconnect(bob.flow.id);
    alice.call('1002', description([cryptoLine(3)]));
    expect([bob.sessions.length, carol.sessions.length]).toEqual([0, 1]);
    lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(2)]))));
    expect(alice.answerTo('INVITE').status).toBe(200);
  });

  test('is reached over an older connection when the newest is gone', () => {
    const { lab, alice, bob } = aliceAndBob();
    const older = bob.flow;
    bob.connect();
    lab.disconnect(bob.flow.id);
    bob.flow = older;
    alice.call('1002', description([cryptoLine(3)]));
    expect(bob.sessions).toHaveLength(1);
  });

  test('by removal gets a BYE, its connection is closed, and nothing stays', () => {
    const { lab, alice, bob, talking, nothingLeft } = aliceAndBob();
    talking();
    lab.act((now) => lab.core.removeDevice(now, bob.name));
    expect(bob.requests('BYE')).toHaveLength(1);
    expect(alice.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.isConnected(bob.flow.id)).toBe(false);
    expect(lab.gone).toMatchObject([{ line: '1002' }]);
    alice.call('1002', description([cryptoLine(9)]));
    expect(alice.answerTo('INVITE').status).toBe(404);
    nothingLeft();
  });

  test('whose certificate is revoked is cut off, with an event that says why', () => {
    const { lab, bob } = aliceAndBob();
    lab.act((now) =>
      lab.core.rejudge(now, ({ device }) => (device === bob.name ? 'was revoked yesterday' : undefined)),
    );
    expect(lab.isConnected(bob.flow.id)).toBe(false);
    expect(lab.eventsOf('connection-closed')).toMatchObject([
      { device: bob.name, cause: `the connection of ${bob.name} was closed: its certificate was revoked yesterday` },
    ]);
  });
});

describe('phones that are told to boot again', () => {
  const orders = (phone: ReturnType<typeof aliceAndBob>['alice']) =>
    phone.received.filter(
      (message): message is SipRequest => message.kind === 'request' && message.method === 'NOTIFY',
    );

  test('get one NOTIFY with the Call-ID of their own REGISTER, down their own connection; others get none', () => {
    const { lab, alice, bob, nothingLeft } = aliceAndBob();
    lab.act((now) => lab.core.resetPhones(now, [alice.name, 'SEP0000000000FF']));
    const [order, ...others] = orders(alice);
    expect([others, orders(bob)]).toEqual([[], []]);
    const [{ binding } = { binding: undefined }] = lab.core.directory.registrations(alice.name);
    expect(order && headerValue(order, 'Event')).toBe('service-control');
    expect(order && headerValue(order, 'Subscription-State')).toBe('active');
    expect(order?.uri).toBe(binding?.uri);
    expect(text(order?.body)).toContain(`action=reset\r\nRegisterCallId={${binding?.callId}}\r\n`);
    nothingLeft();
  });
});

/** Phones, each a SIP user agent, against the whole core of the manager on a virtual clock: no sockets. */
import { Redacted } from '@trustline/base';
import { DigestClient, digestHa1, headerValue, parseWarnings, type SipRequest, withHeader } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import {
  cryptoLine,
  description,
  octets,
  Simulation,
  type SimulationOptions,
  simulatedRealm,
  text,
} from './simulation.fixture.ts';

function setUp(options: SimulationOptions = {}) {
  const clock = new VirtualClock(1_000);
  const lab = new Simulation(clock, new SeededRandom(7).bytes, options);
  const [alice, bob] = [lab.phone('SEP000000000001', '1001'), lab.phone('SEP000000000002', '1002')];
  alice.register();
  bob.register();
  const ringing = (offer: string | undefined = description([cryptoLine(1)])) => {
    alice.call('1002', offer);
    return { alice, bob };
  };
  const answer = (sdp = description([cryptoLine(2)])) => lab.act((now) => bob.session.accept(now, octets(sdp)));
  const talking = () => {
    ringing();
    answer();
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
  };
  /** All is over: nothing is left of it in any table. */
  const nothingLeft = () => {
    clock.advance(120_000);
    expect(lab.core.calls()).toEqual([]);
    expect(lab.core.tableSizes).toEqual({
      sessions: 0,
      dialogs: 0,
      transactions: 0,
      callers: 0,
      legs: 0,
      lost: 0,
      kept: 0,
      over: 0,
    });
  };
  return { clock, lab, alice, bob, ringing, answer, talking, nothingLeft };
}

const crypto = (sdp: string): string[] => sdp.split('\r\n').filter((line) => line.startsWith('a=crypto'));

describe('a registration', () => {
  test('is answered once it is stored, and is an event', () => {
    const { lab, alice } = setUp();
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
    const { lab } = setUp();
    lab.store = 'fails';
    const carol = lab.phone('SEP000000000003', '1003');
    carol.register();
    expect(carol.answerTo('REGISTER').status).toBe(503);
    expect(headerValue(carol.answerTo('REGISTER'), 'Retry-After')).toBe('30');
    expect(lab.core.directory.bindings(carol.name, '1003')).toEqual([]);
  });

  test('that is only refreshed goes on while the disk is full, so that calls go on', () => {
    const { clock, lab, alice, bob, ringing } = setUp();
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
    const { clock, lab } = setUp();
    clock.advance(602_000);
    expect(lab.eventsOf('unregistration')).toMatchObject([{ reason: 'expired' }, { reason: 'expired' }]);
    expect(lab.gone.map(({ line }) => line)).toEqual(['1001', '1002']);
  });

  test('of a device that was removed while it was stored comes to nothing', () => {
    const { lab, alice } = setUp();
    lab.store = 'held';
    alice.register();
    lab.act((now) => lab.core.removeDevice(now, alice.name));
    for (const pending of lab.held.splice(0)) lab.act((now) => lab.core.registrationStored(now, pending));
    expect(lab.core.directory.registrations(alice.name)).toEqual([]);
  });

  test('for a line of another device is refused 403, and the event says whose it is', () => {
    const { lab, alice } = setUp();
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

const sound = description([cryptoLine(1)]);

describe('a call', () => {
  test('shows a phone that knows no UPDATE the level in the ACK of its answer', () => {
    const { bob, ringing, answer } = setUp();
    ringing();
    bob.alter = (message) => [
      message.kind === 'response' ? withHeader(message, 'Allow', 'INVITE, ACK, BYE, CANCEL') : message,
    ];
    answer();
    const shown = (method: string) => bob.requests(method).map((request) => headerValue(request, 'Call-Info'));
    expect(shown('INVITE')).toEqual(['<urn:x-cisco-remotecc:callinfo>; orientation=from; security=Authenticated']);
    expect(bob.requests('UPDATE')).toEqual([]);
    expect(shown('ACK')).toEqual(['<urn:x-cisco-remotecc:callinfo>; orientation=from; security=Encrypted']);
  });

  test('rings, is answered with keys that cross once, and is shown encrypted to both', () => {
    const { lab, alice, bob, ringing, answer, nothingLeft } = setUp();
    ringing();
    const [invite] = bob.requests('INVITE');
    expect(crypto(text(invite?.body))).toEqual([`a=crypto:${cryptoLine(1)}`]);
    lab.act((now) => bob.session.ring(now, 180));
    expect(alice.answerTo('INVITE').status).toBe(180);
    answer();
    expect(crypto(text(alice.event('accepted').answer))).toEqual([`a=crypto:${cryptoLine(2)}`]);
    expect(headerValue(alice.answerTo('INVITE'), 'Call-Info')).toContain('security=Encrypted');
    const toldBob = bob.requests('UPDATE').at(-1) ?? bob.requests('INVITE').at(-1);
    expect(headerValue(toldBob ?? alice.answerTo('INVITE'), 'Call-Info')).toContain('security=Encrypted');
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ keying: 'sdes' }, { keying: 'sdes' }] }]);
    lab.act((now) => alice.session.bye(now));
    expect(bob.happened.at(-1)).toBe('ended');
    expect(lab.records).toMatchObject([{ outcome: 'answered', level: 'encrypted' }]);
    nothingLeft();
  });

  test('is held and resumed by re-INVITE with the same key, which stays encrypted', () => {
    const { lab, alice, bob, talking, nothingLeft } = setUp();
    talking();
    lab.act((now) =>
      alice.session.reoffer(now, octets(description([cryptoLine(1)], { direction: 'sendonly', version: 2 }))),
    );
    expect(text(bob.event('offer').offer)).toContain('a=sendonly');
    lab.act((now) =>
      bob.session.answerOffer(now, octets(description([cryptoLine(2)], { direction: 'recvonly', version: 2 }))),
    );
    expect(text(alice.event('reoffer-answered').answer)).toContain('a=recvonly');
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ holds: true }, {}] }]);
    lab.act((now) => alice.session.reoffer(now, octets(description([cryptoLine(1)], { version: 3 }))));
    lab.act((now) => bob.session.answerOffer(now, octets(description([cryptoLine(2)], { version: 3 }))));
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ holds: false }, {}] }]);
    lab.act((now) => bob.session.bye(now));
    nothingLeft();
  });

  test('that the caller gives up stops ringing: CANCEL, 487', () => {
    const { lab, alice, bob, ringing, nothingLeft } = setUp();
    ringing();
    lab.act((now) => bob.session.ring(now, 180));
    lab.act((now) => alice.session.cancel(now));
    expect(bob.event('ended')).toMatchObject({ cause: 'cancelled' });
    expect(alice.answerTo('INVITE').status).toBe(487);
    expect(lab.records).toMatchObject([{ outcome: 'cancelled' }]);
    nothingLeft();
  });

  test('to a phone that is busy is answered 486', () => {
    const { lab, alice, bob, ringing, nothingLeft } = setUp();
    ringing();
    lab.act((now) => bob.session.reject(now, 486));
    expect(alice.answerTo('INVITE').status).toBe(486);
    expect(lab.records).toMatchObject([{ outcome: 'busy' }]);
    nothingLeft();
  });

  test('without an offer gets the called one’s, and the ACK brings the answer', () => {
    const { lab, alice, bob, nothingLeft } = setUp();
    alice.call('1002', undefined);
    expect(bob.session.initialOffer).toBeUndefined();
    lab.act((now) => bob.session.accept(now, octets(description([cryptoLine(2)]))));
    expect(crypto(text(alice.event('accepted-with-offer').offer))).toEqual([`a=crypto:${cryptoLine(2)}`]);
    lab.act((now) => alice.session.answerOffer(now, octets(description([cryptoLine(1)]))));
    expect(crypto(text(bob.event('acknowledged').answer ?? bob.event('reoffer-answered').answer))).toHaveLength(1);
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted' }]);
    lab.act((now) => alice.session.bye(now));
    nothingLeft();
  });

  test.each([
    ['A line is not of the form x=… (line 1)', 'this is no description'],
    ['It does not begin with v=0 (line 1)', 'v=1\r\n'],
    ['c= is malformed (line 4)', sound.replace('c=IN IP4', 'c=IN')],
    ['t= is missing', sound.replace('t=0 0\r\n', '')],
    ["A line of type ' '' may not stand there (line 10)", `${sound}"=x\r\n`],
    ["A line of type ' ' may not stand there (line 10)", `${sound}\u007f=x\r\n`],
  ])('with a description that cannot be read is answered 400 with a Warning that says why: %s', (why, sdp) => {
    const { lab, alice, nothingLeft } = setUp();
    alice.call('1002', sdp);
    expect(alice.answerTo('INVITE').status).toBe(400);
    const [warning, ...others] = parseWarnings(headerValue(alice.answerTo('INVITE'), 'Warning') ?? '') ?? [];
    expect([warning?.code, warning?.agent, others]).toEqual([399, '192.0.2.1:5061', []]);
    expect(warning?.text).toBe(`The session description is malformed: ${why}`);
    expect(lab.eventsOf('malformed-input')).toMatchObject([{ device: alice.name }]);
    nothingLeft();
  });

  test('goes on when an offer within it cannot be read: 400 with a Warning (RFC 3261 §14.2)', () => {
    const { lab, alice, talking } = setUp();
    talking();
    lab.act((now) => alice.session.reoffer(now, octets('v=0\r\no=nobody\r\n')));
    expect(alice.answerTo('INVITE').status).toBe(400);
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toBe(
      '399 192.0.2.1:5061 "The session description is malformed: o= is malformed (line 2)"',
    );
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
  });

  test('whose answer cannot be read is ended at both ends, and its BYE says why', () => {
    const { alice, bob, ringing, answer, nothingLeft } = setUp();
    ringing();
    answer('v=0\r\n');
    const [bye] = bob.requests('BYE');
    expect(bye === undefined ? undefined : headerValue(bye, 'Warning')).toMatch(/"The session .*: o= is missing/);
    expect(alice.answerTo('INVITE').status).toBeGreaterThanOrEqual(400);
    nothingLeft();
  });

  test('ends by itself when nobody answers', () => {
    const { clock, alice, ringing, nothingLeft } = setUp();
    ringing();
    clock.advance(91_000);
    expect(alice.answerTo('INVITE').status).toBe(480);
    nothingLeft();
  });

  test('is one that only its devices may speak in: a request from another connection is answered 403', () => {
    const { lab, alice, bob, talking } = setUp();
    talking();
    const mallory = lab.phone('SEP000000000666', '1066');
    mallory.register();
    let bye: SipRequest | undefined;
    alice.alter = (message) => {
      if (message.kind !== 'request' || message.method !== 'BYE') return [message];
      bye = message;
      return [];
    };
    lab.act((now) => alice.session.bye(now));
    if (bye === undefined) throw new Error('no BYE was sent');
    lab.inject(mallory, bye);
    expect(mallory.answerTo('BYE').status).toBe(403);
    expect(lab.eventsOf('request-refused').at(-1)?.cause).toBe(
      'SEP000000000666 sent BYE in a call leg of SEP000000000001',
    );
    expect(lab.core.calls()).toHaveLength(1);
    expect(bob.happened).not.toContain('ended');
  });
});

describe('under require nothing becomes clear', () => {
  const require = { policy: 'require' } as const;

  test('not by an offer without keys', () => {
    const { lab, alice, bob, nothingLeft } = setUp(require);
    alice.call('1002', description([]));
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toMatch(/^399 /);
    expect(bob.requests('INVITE')).toEqual([]);
    expect(lab.records).toHaveLength(1);
    nothingLeft();
  });

  const weak = ['unencrypted_srtp', '-UNENCRYPTED_SRTP', '-Unauthenticated_Srtp', 'UNENCRYPTED_SRTCP', 'NEW_THING=1'];

  test.each(weak)('not by a line with %s, offered or answered (RFC 4568 §6.3, RFC 5234 §2.3)', (parameter) => {
    const { lab, alice, bob, ringing, answer, nothingLeft } = setUp(require);
    alice.call('1002', description([`${cryptoLine(1)} ${parameter}`]));
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(bob.requests('INVITE')).toEqual([]);
    ringing(description([`${cryptoLine(3)} ${parameter}`, cryptoLine(4, undefined, 2)]));
    expect(crypto(text(bob.requests('INVITE')[0]?.body))).toEqual([`a=crypto:${cryptoLine(4, undefined, 2)}`]);
    answer(description([`${cryptoLine(5, undefined, 2)} ${parameter}`]));
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye' });
    expect(lab.eventsOf('downgrade-refused')).toHaveLength(1);
    nothingLeft();
  });

  test('not by a key of zeros, and the event says what it is', () => {
    const { lab, alice, bob, nothingLeft } = setUp(require);
    alice.call('1002', description([`1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}`]));
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toContain('without a usable key');
    expect(lab.eventsOf('malformed-input')[0]?.cause).toContain('the master key is all zeros');
    expect(bob.requests('INVITE')).toEqual([]);
    nothingLeft();
  });

  test('not by a 488 retry', () => {
    const { lab, alice, bob, ringing, nothingLeft } = setUp(require);
    ringing();
    lab.act((now) => bob.session.reject(now, 488));
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(bob.requests('INVITE')).toHaveLength(1);
    nothingLeft();
  });

  test.each([
    ['a stripped crypto line', description([], { transport: 'RTP/SAVP' })],
    ['an answer in AVP', description([])],
    ['an answer in AVP with the key', description([cryptoLine(2)], { transport: 'RTP/AVP' })],
  ])('not by %s in the answer', (_, sdp) => {
    const { lab, alice, bob, ringing, answer, nothingLeft } = setUp(require);
    ringing();
    answer(sdp);
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye' });
    expect(lab.eventsOf('downgrade-refused')).toHaveLength(1);
    nothingLeft();
  });

  test.each(['INVITE', 'UPDATE'] as const)('not by an offer in AVP within the call (%s)', (method) => {
    const { lab, alice, bob, talking } = setUp(require);
    talking();
    const before = bob.received.length;
    lab.act((now) => alice.session.reoffer(now, octets(description([], { version: 2 })), { method }));
    expect(alice.event('reoffer-rejected').status).toBe(488);
    expect(bob.received.slice(before).filter(({ body }) => body.length > 0)).toEqual([]);
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted' }]);
  });

  test('not by a fork: of two answers the second, clear one is hung up and told to nobody', () => {
    const { lab, alice, bob, ringing, answer, nothingLeft } = setUp(require);
    ringing();
    // Something between us forks the INVITE: a second phone answers too, without keys.
    bob.alter = (message) => {
      if (message.kind !== 'response' || message.status !== 200 || message.body.length === 0) return [message];
      const headers = message.headers.map(({ name, value }) =>
        name === 'To' ? { name, value: value.replace(/tag=.*/, 'tag=fork') } : { name, value },
      );
      return [message, { ...message, headers, body: octets(description([])) }];
    };
    answer();
    const tags = bob.requests('BYE').map((bye) => headerValue(bye, 'To'));
    expect(tags).toEqual([expect.stringContaining('tag=fork')]);
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted' }]);
    expect(crypto(text(alice.event('accepted').answer))).toHaveLength(1);
    bob.alter = (message) => [message];
    lab.act((now) => alice.session.bye(now));
    nothingLeft();
  });

  test('not by early media without keys', () => {
    const { lab, alice, bob, ringing, nothingLeft } = setUp(require);
    ringing();
    lab.act((now) => bob.session.ring(now, 183, { earlyAnswer: octets(description([])) }));
    expect(alice.answerTo('INVITE').status).toBe(488);
    nothingLeft();
  });
});

describe('policy', () => {
  test('under prefer a called that answers 488 to keys in AVP is asked again without', () => {
    const { lab, alice, bob, answer } = setUp();
    alice.call('1002', description([cryptoLine(1)], { transport: 'RTP/AVP' }));
    lab.act((now) => bob.session.reject(now, 488));
    expect(text(bob.session.initialOffer)).toContain('RTP/AVP');
    answer(description([]));
    expect(lab.core.calls()).toMatchObject([{ state: 'connected' }]);
    expect(lab.core.calls()[0]?.level).not.toBe('encrypted');
  });

  test('a key that was seen in another call is refused', () => {
    const { lab, alice, talking } = setUp();
    talking();
    lab.act((now) => alice.session.bye(now));
    alice.call('1002', description([cryptoLine(2)]));
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(lab.eventsOf('key-reuse-refused')).toHaveLength(1);
  });
});

describe('overload', () => {
  test('a registration storm is answered 503 with Retry-After, and existing calls are unharmed', () => {
    const { clock, lab, alice, bob, talking } = setUp({ registrationsPerSecond: 20 });
    talking();
    for (let turn = 0; turn < 500; turn += 1) alice.register();
    const statuses = alice.received.flatMap((message) =>
      message.kind === 'response' && headerValue(message, 'CSeq')?.endsWith('REGISTER') ? [message] : [],
    );
    const refused = statuses.filter(({ status }) => status === 503);
    expect(statuses.length - refused.length).toBeLessThanOrEqual(21);
    expect(refused.every((response) => Number(headerValue(response, 'Retry-After')) >= 5)).toBe(true);
    expect(lab.eventsOf('overload')).toMatchObject([
      { reason: 'registrations', nextStep: expect.stringContaining('limits.registrationsPerSecond') },
    ]);
    lab.act((now) =>
      alice.session.reoffer(now, octets(description([cryptoLine(1)], { direction: 'sendonly', version: 2 }))),
    );
    expect(bob.happened).toContain('offer');
    lab.act((now) => bob.session.answerOffer(now, octets(description([cryptoLine(2)], { version: 2 }))));
    lab.act((now) => alice.session.bye(now));
    expect(bob.happened.at(-1)).toBe('ended');
    clock.advance(1_000);
    alice.register();
    expect(alice.answerTo('REGISTER').status).toBe(200);
  });

  test('strangers on the clear port take no place from phones that proved themselves by certificate', () => {
    const { lab, alice } = setUp({ registrationsPerSecond: 20 });
    const stranger = lab.phone('SEP00000000000F', '1099', { securityMode: 'non-secure', transport: 'udp' });
    for (let turn = 0; turn < 100; turn += 1) stranger.register();
    expect(stranger.answerTo('REGISTER').status).toBe(503);
    alice.register();
    expect(alice.answerTo('REGISTER').status).toBe(200);
  });

  test('too many new calls are answered 503 with Retry-After', () => {
    const { lab, alice } = setUp({ callsPerSecond: 1 });
    alice.call('1002', description([cryptoLine(1)]));
    alice.call('1002', description([cryptoLine(3)]));
    expect(alice.answerTo('INVITE').status).toBe(503);
    expect(headerValue(alice.answerTo('INVITE'), 'Retry-After')).toBeDefined();
    expect(lab.core.calls()).toHaveLength(1);
  });

  test('a call for help is taken when others are turned away', () => {
    const target = { kind: 'emergency', devices: ['GW1'], discardAccessCode: false, prefix: '' } as const;
    const { lab, alice } = setUp({ callsPerSecond: 1, entries: [{ pattern: '112', target }] });
    const gateway = lab.phone('GW1', '112', { kind: 'trunk' });
    alice.call('1002', description([cryptoLine(1)]));
    alice.call('112', description([cryptoLine(3)]));
    expect(gateway.requests('INVITE')).toMatchObject([{ uri: expect.stringContaining('112@') }]);
    expect(lab.eventsOf('emergency-call')).toHaveLength(1);
  });
});

describe('a graceful drain', () => {
  test('refuses new calls with words, lets the running one end, and says when it is done', () => {
    const { lab, alice, talking } = setUp();
    talking();
    const running = alice.session;
    lab.act((now) => lab.core.drain(now, 60_000));
    alice.call('1002', description([cryptoLine(5)]));
    expect(alice.answerTo('INVITE').status).toBe(503);
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toMatch(/399 .*"\S+ .*"/);
    expect(headerValue(alice.answerTo('INVITE'), 'Retry-After')).toBeDefined();
    expect(lab.drained).toBe(false);
    lab.act((now) => running.bye(now));
    expect(lab.drained).toBe(true);
  });

  test('ends what runs too long', () => {
    const { clock, lab, alice, bob, talking } = setUp();
    talking();
    lab.act((now) => lab.core.drain(now, 60_000));
    clock.advance(60_001);
    expect(lab.drained).toBe(true);
    for (const phone of [alice, bob]) expect(phone.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'interrupted' }]);
  });
});

describe('a device that is lost', () => {
  test('during a call and comes back goes on with it on its new connection', () => {
    const { clock, lab, alice, bob, talking, nothingLeft } = setUp();
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
    const { clock, lab, alice, bob, talking, nothingLeft } = setUp();
    talking();
    lab.disconnect(bob.flow.id);
    clock.advance(41_000);
    expect(alice.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.records).toMatchObject([{ reason: 'destination-out-of-order' }]);
    nothingLeft();
  });

  test('while it rings ends the call at the caller', () => {
    const { clock, lab, alice, bob, ringing, nothingLeft } = setUp();
    ringing();
    lab.disconnect(bob.flow.id);
    clock.advance(1);
    expect(alice.answerTo('INVITE').status).toBe(502);
    nothingLeft();
  });

  test('is not rung, and its caller hears 480 at once; its binding serves again when it comes back (RFC 5626)', () => {
    const { clock, lab, alice, bob, answer, nothingLeft } = setUp();
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
    const { lab, alice, bob } = setUp();
    const carol = lab.phone('SEP000000000003', '1002');
    carol.register();
    lab.disconnect(bob.flow.id);
    alice.call('1002', description([cryptoLine(3)]));
    expect([bob.sessions.length, carol.sessions.length]).toEqual([0, 1]);
    lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(2)]))));
    expect(alice.answerTo('INVITE').status).toBe(200);
  });

  test('is reached over an older connection when the newest is gone', () => {
    const { lab, alice, bob } = setUp();
    const older = bob.flow;
    bob.connect();
    lab.disconnect(bob.flow.id);
    bob.flow = older;
    alice.call('1002', description([cryptoLine(3)]));
    expect(bob.sessions).toHaveLength(1);
  });

  test('by removal gets a BYE, its connection is closed, and nothing stays', () => {
    const { lab, alice, bob, talking, nothingLeft } = setUp();
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
    const { lab, bob } = setUp();
    lab.act((now) =>
      lab.core.rejudge(now, ({ device }) => (device === bob.name ? 'was revoked yesterday' : undefined)),
    );
    expect(lab.isConnected(bob.flow.id)).toBe(false);
    expect(lab.eventsOf('connection-closed')).toMatchObject([
      { device: bob.name, cause: `the connection of ${bob.name} was closed: its certificate was revoked yesterday` },
    ]);
  });
});

describe('a device that proves itself by password', () => {
  function clearPhone(lab: Simulation, name: string, line: string) {
    const random = new SeededRandom(Number(line)).bytes;
    const digest = new DigestClient({ username: name, password: new Redacted('secret'), random });
    const password = { sha256: digestHa1('SHA-256', name, simulatedRealm, 'secret'), md5: undefined };
    const phone = lab.phone(name, line, {
      securityMode: 'non-secure',
      transport: 'tcp',
      password,
      agent: { answerChallenge: (request, response) => digest.answer(request, response) },
    });
    const register = () => {
      phone.register();
      const request = phone.sent.findLast((sent): sent is SipRequest => sent.kind === 'request');
      const header = request && digest.answer(request, phone.answerTo('REGISTER'));
      if (header !== undefined) phone.register(600, [header]);
    };
    register();
    return { phone, register };
  }

  function talkingInTheClear() {
    const clock = new VirtualClock(1_000);
    const lab = new Simulation(clock, new SeededRandom(7).bytes);
    const [alice, bob] = [clearPhone(lab, 'SEP00000000000A', '2001'), clearPhone(lab, 'SEP00000000000B', '2002')];
    alice.phone.call('2002', description([]));
    lab.act((now) => bob.phone.session.accept(now, octets(description([]))));
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'non-secure' }]);
    return { clock, lab, alice, bob };
  }

  test('is challenged, registers, and calls in the clear, shown as non-secure', () => {
    const { alice, bob } = talkingInTheClear();
    expect(alice.phone.answerTo('REGISTER').status).toBe(200);
    expect(headerValue(alice.phone.answerTo('INVITE'), 'Call-Info')).toContain('security=NotAuthenticated');
    expect(text(bob.phone.session.initialOffer)).not.toContain('a=crypto');
  });

  test('goes on with its call on a new connection once it has proved itself there', () => {
    const { clock, lab, alice, bob } = talkingInTheClear();
    lab.disconnect(bob.phone.flow.id);
    clock.advance(10_000);
    bob.phone.connect();
    bob.register();
    clock.advance(60_000);
    expect(lab.core.calls()).toMatchObject([{ state: 'connected' }]);
    lab.act((now) => bob.phone.session.moveTo(now, bob.phone.flow));
    lab.act((now) => alice.phone.session.bye(now));
    expect(bob.phone.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
  });

  describe('that is secure, and registered while the cluster was non-secure', () => {
    const [name, lines] = ['SEP00000000000A', [{ number: '2001', displayName: undefined }]] as const;
    const password = { sha256: digestHa1('SHA-256', name, simulatedRealm, 'secret'), md5: undefined };

    function toMixedMode({ lab, clock }: { lab: Simulation; clock: VirtualClock }) {
      lab.core.addDevice({ name, kind: 'phone', securityMode: 'encrypted', lines }, password);
      lab.act((now) => lab.core.endClearRegistrations(now));
      clock.advance(1_000);
    }

    test('is registered no longer in mixed mode: its connection is closed, nobody reaches it, and the event says so', () => {
      const clock = new VirtualClock(1_000);
      const lab = new Simulation(clock, new SeededRandom(7).bytes);
      const { phone } = clearPhone(lab, name, '2001');
      const other = clearPhone(lab, 'SEP00000000000B', '2002');
      expect(lab.core.directory.registrations(name)).toHaveLength(1);
      toMixedMode({ lab, clock });
      expect(lab.core.directory.registrations(name)).toEqual([]);
      expect(lab.core.directory.flowsOf(name)).toEqual([]);
      expect(lab.core.directory.registrations('SEP00000000000B')).toHaveLength(1);
      other.phone.call('2001', description([]));
      expect(other.phone.answerTo('INVITE').status).toBe(480);
      expect(lab.eventsOf('unregistration')).toMatchObject([{ device: phone.name, reason: 'mixed-mode' }]);
    });

    test('may not register in the clear again with the right password, and is told to restart', () => {
      const clock = new VirtualClock(1_000);
      const lab = new Simulation(clock, new SeededRandom(7).bytes);
      const { phone, register } = clearPhone(lab, name, '2001');
      toMixedMode({ lab, clock });
      phone.connect();
      register();
      expect(phone.answerTo('REGISTER').status).toBe(403);
      expect(lab.core.directory.registrations(name)).toEqual([]);
      expect(lab.eventsOf('registration-refused')).toMatchObject([
        { reason: 'not-non-secure', device: name, nextStep: expect.stringContaining('Restart the phone') },
      ]);
      lab.core.addDevice({ name, kind: 'phone', securityMode: 'non-secure', lines }, password);
      register();
      expect(phone.answerTo('REGISTER').status).toBe(200);
    });

    test('and is being stored when mixed mode comes is refused after all', () => {
      const clock = new VirtualClock(1_000);
      const lab = new Simulation(clock, new SeededRandom(7).bytes);
      lab.store = 'held';
      const { phone } = clearPhone(lab, name, '2001');
      toMixedMode({ lab, clock });
      for (const pending of lab.held) lab.act((now) => lab.core.registrationStored(now, pending));
      expect(lab.core.directory.registrations(name)).toEqual([]);
      expect(lab.eventsOf('registration')).toEqual([]);
      expect(phone.sent).not.toEqual([]);
    });

    test('ends its running call first, and makes no other', () => {
      const world = talkingInTheClear();
      const { lab, clock, alice, bob } = world;
      toMixedMode(world);
      clock.advance(30_000);
      expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'non-secure' }]);
      lab.act((now) => bob.phone.session.bye(now));
      expect(alice.phone.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
      clock.advance(2_000);
      expect(lab.core.directory.flowsOf(name)).toEqual([]);
      expect(lab.core.calls()).toEqual([]);
    });
  });

  test('with a wrong password is refused 403, and the event says so', () => {
    const clock = new VirtualClock(1_000);
    const lab = new Simulation(clock, new SeededRandom(7).bytes);
    const { phone, register } = clearPhone(lab, 'SEP00000000000A', '2001');
    const password = { sha256: digestHa1('SHA-256', phone.name, simulatedRealm, 'other'), md5: undefined };
    const lines = [{ number: '2001', displayName: undefined }];
    lab.core.addDevice({ name: phone.name, kind: 'phone', securityMode: 'non-secure', lines }, password);
    clock.advance(600_000);
    register();
    expect(phone.answerTo('REGISTER').status).toBe(403);
    expect(lab.eventsOf('authentication-failed').at(-1)?.cause).toBe('REGISTER was refused: the password is wrong');
  });
});

describe('phones that are told to boot again', () => {
  const orders = (phone: ReturnType<typeof setUp>['alice']) =>
    phone.received.filter(
      (message): message is SipRequest => message.kind === 'request' && message.method === 'NOTIFY',
    );

  test('get one NOTIFY with the Call-ID of their own REGISTER, down their own connection; others get none', () => {
    const { lab, alice, bob, nothingLeft } = setUp();
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

describe('the clock', () => {
  test('jumping back an hour harms no registration, no call and no timer', () => {
    const { clock, lab, alice, bob, talking, nothingLeft } = setUp();
    talking();
    lab.wallOffset = -3_600_000;
    clock.advance(300_000);
    alice.register();
    bob.register();
    expect(lab.core.calls()).toMatchObject([{ state: 'connected' }]);
    clock.advance(590_000);
    expect(lab.eventsOf('unregistration')).toEqual([]);
    clock.advance(20_000);
    expect(lab.eventsOf('unregistration')).toHaveLength(2);
    lab.act((now) => alice.session.bye(now));
    nothingLeft();
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

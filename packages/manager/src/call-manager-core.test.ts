/** Calls of phones, each a SIP user agent, through the whole core of the manager on a virtual clock: no sockets. */
import { headerValue, parseWarnings, type SipRequest, withHeader } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { aliceAndBob, crypto } from './alice-and-bob.fixture.ts';
import { cryptoLine, description, octets, text } from './simulation.fixture.ts';

const sound = description([cryptoLine(1)]);

describe('a call', () => {
  test('shows a phone that knows no UPDATE the level in the ACK of its answer', () => {
    const { bob, ringing, answer } = aliceAndBob();
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
    const { lab, alice, bob, ringing, answer, nothingLeft } = aliceAndBob();
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
    const { lab, alice, bob, talking, nothingLeft } = aliceAndBob();
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
    const { lab, alice, bob, ringing, nothingLeft } = aliceAndBob();
    ringing();
    lab.act((now) => bob.session.ring(now, 180));
    lab.act((now) => alice.session.cancel(now));
    expect(bob.event('ended')).toMatchObject({ cause: 'cancelled' });
    expect(alice.answerTo('INVITE').status).toBe(487);
    expect(lab.records).toMatchObject([{ outcome: 'cancelled' }]);
    nothingLeft();
  });

  test('to a phone that is busy is answered 486', () => {
    const { lab, alice, bob, ringing, nothingLeft } = aliceAndBob();
    ringing();
    lab.act((now) => bob.session.reject(now, 486));
    expect(alice.answerTo('INVITE').status).toBe(486);
    expect(lab.records).toMatchObject([{ outcome: 'busy' }]);
    nothingLeft();
  });

  test('without an offer gets the called one’s, and the ACK brings the answer', () => {
    const { lab, alice, bob, nothingLeft } = aliceAndBob();
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
    const { lab, alice, nothingLeft } = aliceAndBob();
    alice.call('1002', sdp);
    expect(alice.answerTo('INVITE').status).toBe(400);
    const [warning, ...others] = parseWarnings(headerValue(alice.answerTo('INVITE'), 'Warning') ?? '') ?? [];
    expect([warning?.code, warning?.agent, others]).toEqual([399, '192.0.2.1:5061', []]);
    expect(warning?.text).toBe(`The session description is malformed: ${why}`);
    expect(lab.eventsOf('malformed-input')).toMatchObject([{ device: alice.name }]);
    nothingLeft();
  });

  test('goes on when an offer within it cannot be read: 400 with a Warning (RFC 3261 §14.2)', () => {
    const { lab, alice, talking } = aliceAndBob();
    talking();
    lab.act((now) => alice.session.reoffer(now, octets('v=0\r\no=nobody\r\n')));
    expect(alice.answerTo('INVITE').status).toBe(400);
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toBe(
      '399 192.0.2.1:5061 "The session description is malformed: o= is malformed (line 2)"',
    );
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
  });

  test('whose answer cannot be read is ended at both ends, and its BYE says why', () => {
    const { alice, bob, ringing, answer, nothingLeft } = aliceAndBob();
    ringing();
    answer('v=0\r\n');
    const [bye] = bob.requests('BYE');
    expect(bye === undefined ? undefined : headerValue(bye, 'Warning')).toMatch(/"The session .*: o= is missing/);
    expect(alice.answerTo('INVITE').status).toBeGreaterThanOrEqual(400);
    nothingLeft();
  });

  test('ends by itself when nobody answers', () => {
    const { clock, alice, ringing, nothingLeft } = aliceAndBob();
    ringing();
    clock.advance(91_000);
    expect(alice.answerTo('INVITE').status).toBe(480);
    nothingLeft();
  });

  test('is one that only its devices may speak in: a request from another connection is answered 403', () => {
    const { lab, alice, bob, talking } = aliceAndBob();
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

describe('policy', () => {
  test('under prefer a called that answers 488 to keys in AVP is asked again without', () => {
    const { lab, alice, bob, answer } = aliceAndBob();
    alice.call('1002', description([cryptoLine(1)], { transport: 'RTP/AVP' }));
    lab.act((now) => bob.session.reject(now, 488));
    expect(text(bob.session.initialOffer)).toContain('RTP/AVP');
    answer(description([]));
    expect(lab.core.calls()).toMatchObject([{ state: 'connected' }]);
    expect(lab.core.calls()[0]?.level).not.toBe('encrypted');
  });

  test('a key that was seen in another call is refused', () => {
    const { lab, alice, talking } = aliceAndBob();
    talking();
    lab.act((now) => alice.session.bye(now));
    alice.call('1002', description([cryptoLine(2)]));
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(lab.eventsOf('key-reuse-refused')).toHaveLength(1);
  });
});

describe('a graceful drain', () => {
  test('refuses new calls with words, lets the running one end, and says when it is done', () => {
    const { lab, alice, talking } = aliceAndBob();
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
    const { clock, lab, alice, bob, talking } = aliceAndBob();
    talking();
    lab.act((now) => lab.core.drain(now, 60_000));
    clock.advance(60_001);
    expect(lab.drained).toBe(true);
    for (const phone of [alice, bob]) expect(phone.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'interrupted' }]);
  });
});

describe('the clock', () => {
  test('jumping back an hour harms no registration, no call and no timer', () => {
    const { clock, lab, alice, bob, talking, nothingLeft } = aliceAndBob();
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

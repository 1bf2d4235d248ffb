/** Policy `require`: whatever is offered, answered or forged, nothing becomes clear. */
import { headerValue } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { aliceAndBob, crypto } from './alice-and-bob.fixture.ts';
import { cryptoLine, description, octets, text } from './simulation.fixture.ts';

describe('under require nothing becomes clear', () => {
  const require = { policy: 'require' } as const;

  test('not by an offer without keys', () => {
    const { lab, alice, bob, nothingLeft } = aliceAndBob(require);
    alice.call('1002', description([]));
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toMatch(/^399 /);
    expect(bob.requests('INVITE')).toEqual([]);
    expect(lab.records).toHaveLength(1);
    nothingLeft();
  });

  const weak = ['unencrypted_srtp', '-UNENCRYPTED_SRTP', '-Unauthenticated_Srtp', 'UNENCRYPTED_SRTCP', 'NEW_THING=1'];

  test.each(weak)('not by a line with %s, offered or answered (RFC 4568 §6.3, RFC 5234 §2.3)', (parameter) => {
    const { lab, alice, bob, ringing, answer, nothingLeft } = aliceAndBob(require);
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
    const { lab, alice, bob, nothingLeft } = aliceAndBob(require);
    alice.call('1002', description([`1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}`]));
    expect(headerValue(alice.answerTo('INVITE'), 'Warning')).toContain('without a usable key');
    expect(lab.eventsOf('malformed-input')[0]?.cause).toContain('the master key is all zeros');
    expect(bob.requests('INVITE')).toEqual([]);
    nothingLeft();
  });

  test('not by a 488 retry', () => {
    const { lab, alice, bob, ringing, nothingLeft } = aliceAndBob(require);
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
    const { lab, alice, bob, ringing, answer, nothingLeft } = aliceAndBob(require);
    ringing();
    answer(sdp);
    expect(alice.answerTo('INVITE').status).toBe(488);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye' });
    expect(lab.eventsOf('downgrade-refused')).toHaveLength(1);
    nothingLeft();
  });

  test.each(['INVITE', 'UPDATE'] as const)('not by an offer in AVP within the call (%s)', (method) => {
    const { lab, alice, bob, talking } = aliceAndBob(require);
    talking();
    const before = bob.received.length;
    lab.act((now) => alice.session.reoffer(now, octets(description([], { version: 2 })), { method }));
    expect(alice.event('reoffer-rejected').status).toBe(488);
    expect(bob.received.slice(before).filter(({ body }) => body.length > 0)).toEqual([]);
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted' }]);
  });

  test('not by a fork: of two answers the second, clear one is hung up and told to nobody', () => {
    const { lab, alice, bob, ringing, answer, nothingLeft } = aliceAndBob(require);
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
    const { lab, alice, bob, ringing, nothingLeft } = aliceAndBob(require);
    ringing();
    lab.act((now) => bob.session.ring(now, 183, { earlyAnswer: octets(description([])) }));
    expect(alice.answerTo('INVITE').status).toBe(488);
    nothingLeft();
  });
});

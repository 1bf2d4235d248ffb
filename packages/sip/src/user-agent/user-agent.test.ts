import { describe, expect, test } from 'vitest';
import { cseq } from '../message/cseq.ts';
import { headerValue, withBody, withHeader, withoutHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { bytes, clean, event, events, kinds, setUp, text } from './user-agent.fixture.ts';

describe('a call', () => {
  test('rings with early media, is answered and hung up, and leaves nothing behind', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp();
    const session = place('offer', [{ name: 'P-Asserted-Identity', value: '<sip:1001@x>' }]);
    clock.advance(10);
    expect(text(callee().initialOffer)).toBe('offer');
    expect(headerValue(callee().invite, 'P-Asserted-Identity')).toBe('<sip:1001@x>');
    pair.act(() => callee().ring(clock.now, 183, { earlyAnswer: bytes('early') }));
    clock.advance(10);
    const progress = event(pair.left, 'progress');
    expect([progress.status, text(progress.earlyAnswer)]).toEqual([183, 'early']);
    expect(progress.toTag).toBe(callee().localTag);
    const info = { name: 'Call-Info', value: '<urn:x>; security=Encrypted' };
    pair.act(() => callee().accept(clock.now, bytes('answer'), { headers: [info] }));
    clock.advance(10);
    const accepted = event(pair.left, 'accepted');
    expect(text(accepted.answer)).toBe('answer');
    expect(headerValue(accepted.response, 'Call-Info')).toBe(info.value);
    expect(event(pair.right, 'acknowledged').answer).toBeUndefined();
    pair.act(() => session.bye(clock.now, { reason: 'Q.850;cause=16' }));
    expect(event(pair.left, 'ended')).toMatchObject({ cause: 'bye', by: 'local' });
    clock.advance(10);
    const ended = event(pair.right, 'ended');
    expect(ended).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(ended.message?.kind === 'request' && headerValue(ended.message, 'Reason')).toBe('Q.850;cause=16');
    expectNothingLeft();
  });

  test('without an offer: the 2xx offers and the ACK answers (RFC 3261 §13.2.1)', () => {
    const { clock, pair, callee, left, expectNothingLeft } = setUp();
    const session = pair.act(() =>
      left.place(clock.now, pair.left.flow, { requestUri: 'sip:right@x', from: '<sip:l@x>', to: '<sip:r@x>' }),
    );
    clock.advance(10);
    expect(callee().initialOffer).toBeUndefined();
    pair.act(() => callee().accept(clock.now, bytes('late offer')));
    clock.advance(3_000);
    // The 2xx has been repeated meanwhile and is reported once.
    expect(text(event(pair.left, 'accepted-with-offer').offer)).toBe('late offer');
    pair.act(() => session.answerOffer(clock.now, bytes('late answer')));
    clock.advance(10);
    expect(text(event(pair.right, 'acknowledged').answer)).toBe('late answer');
    pair.act(() => callee().bye(clock.now));
    expectNothingLeft();
  });

  test('refused: the status, phrase and headers reach the caller (RFC 3261 §13.3.1.3)', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp();
    place();
    clock.advance(10);
    const warning = { name: 'Warning', value: '304 cm.example "SAVP refused"' };
    pair.act(() => callee().reject(clock.now, 488, { headers: [warning] }));
    clock.advance(10);
    const rejected = event(pair.left, 'rejected');
    expect([rejected.status, headerValue(rejected.response, 'Warning')]).toEqual([488, warning.value]);
    expect(kinds(pair.left)).toEqual(['rejected', 'ended']);
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'rejected', by: 'local' });
    expectNothingLeft();
  });

  test('to an end that never answers: a timeout', () => {
    const { clock, pair, place, expectNothingLeft } = setUp();
    pair.network.conditions = { ...clean, loss: 1 };
    place();
    clock.advance(40_000);
    expect(event(pair.left, 'ended')).toMatchObject({ cause: 'timeout' });
    expectNothingLeft();
  });

  test('cancelled while ringing: 487, and both know why (RFC 3261 §9)', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp();
    const session = place();
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180));
    clock.advance(10);
    pair.act(() => session.cancel(clock.now, { reason: 'SIP;cause=200' }));
    clock.advance(10);
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'cancelled', by: 'remote' });
    expect(event(pair.left, 'ended')).toMatchObject({ cause: 'cancelled', by: 'local' });
    expect(pair.right.sentNames).toContain(487);
    expectNothingLeft();
  });

  test('a 2xx that crosses the CANCEL is acknowledged, then ended by BYE (RFC 3261 §9.1)', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp();
    const session = place();
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180));
    clock.advance(10);
    pair.act(() => callee().accept(clock.now, bytes('answer')));
    pair.act(() => session.cancel(clock.now));
    clock.advance(50);
    expect(pair.left.sentNames.slice(-3)).toEqual(['CANCEL', 'ACK', 'BYE']);
    expect(event(pair.left, 'ended')).toMatchObject({ cause: 'cancelled' });
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expectNothingLeft();
  });

  test('ringing for long is shown every minute (RFC 3261 §13.3.1.1)', () => {
    const { clock, pair, place, callee } = setUp();
    place();
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180));
    clock.advance(125_000);
    expect(pair.right.sentNames.filter((name) => name === 180)).toHaveLength(3);
  });
});

describe('the 2xx and its ACK', () => {
  test('is repeated until the ACK comes, over TCP too, and each is acknowledged (RFC 3261 §13.3.1.4)', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp();
    const session = place();
    clock.advance(10);
    pair.network.conditions = { ...clean, loss: 1 };
    pair.act(() => callee().accept(clock.now, bytes('answer')));
    clock.advance(1_600);
    expect(pair.right.sentNames.filter((name) => name === 200)).toHaveLength(3);
    pair.network.conditions = clean;
    clock.advance(5_000);
    expect(kinds(pair.left)).toEqual(['accepted']);
    expect(kinds(pair.right)).toEqual(['acknowledged']);
    const accepted = pair.right.sent.find(({ message }) => message.kind === 'response' && message.status === 200);
    if (accepted !== undefined) pair.act(() => pair.inject(pair.left, accepted.message));
    expect(pair.left.sentNames.filter((name) => name === 'ACK')).toHaveLength(2);
    pair.act(() => session.bye(clock.now));
    expectNothingLeft();
  });

  test('waits for its user where that wants to say something in the ACK, and nothing overtakes it', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp({ left: { holdAcks: true } });
    const session = place();
    clock.advance(10);
    pair.act(() => callee().accept(clock.now, bytes('answer')));
    clock.advance(600); // the 2xx comes a second time
    expect(pair.left.sentNames).not.toContain('ACK');
    const info = { name: 'Call-Info', value: '<urn:x>; security=Encrypted' };
    pair.act(() => expect(session.acknowledge(clock.now, { headers: [info] })).toBe(true));
    clock.advance(10);
    expect(headerValue(event(pair.right, 'acknowledged').message, 'Call-Info')).toBe(info.value);
    pair.act(() => expect(session.acknowledge(clock.now)).toBe(false));
    pair.act(() => session.reoffer(clock.now, bytes('reoffer')));
    clock.advance(10);
    pair.act(() => callee().answerOffer(clock.now, bytes('reanswer')));
    clock.advance(10);
    pair.act(() => session.bye(clock.now));
    clock.advance(10);
    expect(pair.left.sentNames.slice(-2)).toEqual(['ACK', 'BYE']);
    expectNothingLeft();
  });

  test('never acknowledged within 64*T1: BYE, and the session ends (RFC 3261 §13.3.1.4)', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp({ transport: 'tcp' });
    place();
    clock.advance(10);
    const invite = callee().invite;
    const lonely = withHeader(
      withHeader(invite, 'Call-ID', 'lonely'),
      'Via',
      'SIP/2.0/TCP nowhere;branch=z9hG4bKlonely',
    );
    pair.inject(pair.right, lonely);
    pair.act(() => callee().accept(clock.now, bytes('answer')));
    clock.advance(33_000);
    const ended = pair.right.outputsOf('session').filter(({ event: { kind } }) => kind === 'ended');
    expect(ended.map((output) => output.event)).toMatchObject([{ kind: 'ended', cause: 'no-ack' }]);
    expect(pair.right.sentNames).toContain('BYE');
    const first = pair.right.outputsOf('incoming')[0];
    pair.act(() => first?.session.reject(clock.now, 486));
    expectNothingLeft();
  });

  test('a callee that hangs up at once waits for the ACK with its BYE (RFC 3261 §15)', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp();
    place();
    clock.advance(10);
    pair.act(() => {
      callee().accept(clock.now, bytes('answer'));
      callee().bye(clock.now);
    });
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'bye', by: 'local' });
    expect(pair.right.sentNames).not.toContain('BYE');
    clock.advance(10);
    expect(pair.right.sentNames).toContain('BYE');
    expect(event(pair.left, 'ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expectNothingLeft();
  });
});

/** Responses to the caller's INVITE as two phones behind a forking proxy would send them. */
function forks(invite: SipRequest) {
  return (status: number, toTag: string, sdp?: string): SipResponse => {
    const response = createResponse(invite, status, {
      toTag,
      headers: [{ name: 'Contact', value: `<sip:${toTag}@x>` }],
    });
    return sdp === undefined ? response : withBody(response, 'application/sdp', bytes(sdp));
  };
}

describe('a forked INVITE', () => {
  test('each branch rings with its own tag; a second 2xx gets its ACK and a BYE (RFC 3261 §13.2.2.4)', () => {
    const { clock, pair, place, left } = setUp({ transport: 'tcp' });
    const session = place();
    const sent = pair.left.sent[0]?.message;
    if (sent?.kind !== 'request') throw new Error('no INVITE');
    const fork = forks(sent);
    pair.inject(pair.left, fork(180, 'one'));
    pair.inject(pair.left, fork(183, 'two', 'early two'));
    pair.inject(pair.left, fork(200, 'two', 'answer two'));
    pair.inject(pair.left, fork(200, 'one', 'answer one'));
    pair.inject(pair.left, fork(200, 'one', 'answer one'));
    expect(kinds(pair.left)).toEqual(['progress', 'progress', 'accepted', 'fork-accepted']);
    expect(text(event(pair.left, 'accepted').answer)).toBe('answer two');
    expect(event(pair.left, 'fork-accepted').toTag).toBe('one');
    const targets = pair.left.sent.map(
      ({ message }) => message.kind === 'request' && `${message.method} ${message.uri}`,
    );
    expect(targets.slice(1)).toEqual(['ACK sip:two@x', 'ACK sip:one@x', 'BYE sip:one@x', 'ACK sip:one@x']);
    expect(session.dialog?.remoteTag).toBe('two');
    pair.act(() => session.bye(clock.now));
    clock.advance(70_000);
    expect(left.sessionCount).toBe(0);
  });

  test('an answer that came in the provisional response alone is taken; none at all ends the call', () => {
    const { pair, place } = setUp({ transport: 'tcp' });
    place();
    place();
    const invites = pair.left.sent.map(({ message }) => message).filter((message) => message.kind === 'request');
    const [one, two] = invites.map(forks);
    if (one === undefined || two === undefined) throw new Error('no INVITE');
    pair.inject(pair.left, one(183, 'a', 'early'));
    pair.inject(pair.left, one(200, 'a'));
    expect(text(event(pair.left, 'accepted').answer)).toBe('early');
    pair.inject(pair.left, two(200, 'b'));
    expect(event(pair.left, 'ended')).toMatchObject({ cause: 'protocol' });
    expect(pair.left.sentNames.slice(-2)).toEqual(['ACK', 'BYE']);
  });
});

describe('offers within the session', () => {
  test.each(['INVITE', 'UPDATE'] as const)('by %s: the answer comes back, and headers go along', (method) => {
    const { clock, pair, connect, expectNothingLeft } = setUp();
    const { caller, callee } = connect();
    const headers = [{ name: 'Call-Info', value: '<urn:x>' }];
    pair.act(() => callee.reoffer(clock.now, bytes('hold'), { method, headers }));
    clock.advance(10);
    const offer = event(pair.left, 'offer');
    expect([text(offer.offer), headerValue(offer.message, 'Call-Info')]).toEqual(['hold', '<urn:x>']);
    pair.act(() => caller.answerOffer(clock.now, bytes('held')));
    clock.advance(10);
    expect(text(event(pair.right, 'reoffer-answered').answer)).toBe('held');
    expect(caller.answerOffer(clock.now, bytes('again'))).toBe(false);
    pair.act(() => caller.bye(clock.now));
    expectNothingLeft();
  });

  test('a re-INVITE that is refused leaves the session as it was (RFC 3261 §14.1)', () => {
    const { clock, pair, connect, expectNothingLeft } = setUp();
    const { caller, callee } = connect();
    pair.act(() => caller.reoffer(clock.now, bytes('video')));
    clock.advance(10);
    pair.act(() => callee.rejectOffer(clock.now, 488));
    clock.advance(10);
    expect(event(pair.left, 'reoffer-rejected').status).toBe(488);
    expect([caller.phase, callee.phase]).toEqual(['established', 'established']);
    pair.act(() => caller.reoffer(clock.now, bytes('audio')));
    clock.advance(10);
    expect(events(pair.right).filter(({ kind }) => kind === 'offer')).toHaveLength(2);
    pair.act(() => callee.bye(clock.now));
    expectNothingLeft();
  });

  test('asking the peer to offer: the 2xx offers, the ACK answers (RFC 3261 §14.1)', () => {
    const { clock, pair, connect, expectNothingLeft } = setUp();
    const { caller, callee } = connect();
    pair.act(() => caller.requestOffer(clock.now));
    clock.advance(10);
    expect(kinds(pair.right)).toEqual(['offer-requested']);
    pair.act(() => callee.answerOffer(clock.now, bytes('my offer')));
    clock.advance(10);
    expect(text(event(pair.left, 'offer').offer)).toBe('my offer');
    pair.act(() => caller.answerOffer(clock.now, bytes('my answer')));
    clock.advance(10);
    expect(text(event(pair.right, 'reoffer-answered').answer)).toBe('my answer');
    pair.act(() => caller.bye(clock.now));
    expectNothingLeft();
  });

  test('offers that meet are refused with 491 and tried again, the Call-ID owner later (RFC 3261 §14.1)', () => {
    const { clock, pair, connect, expectNothingLeft } = setUp();
    const { caller, callee } = connect();
    pair.left.onOutput = (output) => {
      if (output.kind === 'session' && output.event.kind === 'offer')
        caller.answerOffer(clock.now, bytes('left answer'));
    };
    pair.right.onOutput = (output) => {
      if (output.kind === 'session' && output.event.kind === 'offer')
        callee.answerOffer(clock.now, bytes('right answer'));
    };
    pair.act(() => {
      caller.reoffer(clock.now, bytes('left'));
      callee.reoffer(clock.now, bytes('right'));
    });
    clock.advance(5);
    expect(pair.left.sentNames).toContain(491);
    expect(pair.right.sentNames).toContain(491);
    clock.advance(10_000);
    expect(kinds(pair.left)).toEqual(['offer', 'reoffer-answered']);
    expect(kinds(pair.right)).toEqual(['reoffer-answered', 'offer']);
    pair.act(() => caller.bye(clock.now));
    expectNothingLeft();
  });

  test('an offer while we owe an answer gets 500 with Retry-After (RFC 3261 §14.2, RFC 3311 §5.2)', () => {
    const { clock, pair, connect } = setUp({ transport: 'tcp' });
    const { caller } = connect();
    pair.act(() => caller.reoffer(clock.now, bytes('first')));
    clock.advance(10);
    const reinvite = pair.left.sent.at(-1)?.message;
    if (reinvite?.kind !== 'request') throw new Error('no re-INVITE');
    const next = withHeader(withHeader(reinvite, 'CSeq', '50 UPDATE'), 'Via', 'SIP/2.0/TCP h;branch=z9hG4bKu');
    pair.inject(pair.right, { ...next, method: 'UPDATE' });
    const refusal = pair.right.sent.at(-1)?.message;
    expect(refusal).toMatchObject({ kind: 'response', status: 500 });
    expect(refusal !== undefined && Number(headerValue(refusal, 'Retry-After'))).toBeLessThanOrEqual(10);
  });

  test('an offer that the peer hangs up on is void on both sides, and its INVITE is answered 487 (RFC 3261 §15.1.2)', () => {
    const { clock, pair, connect, expectNothingLeft } = setUp();
    const { caller, callee } = connect();
    pair.act(() => caller.reoffer(clock.now, bytes('offer')));
    clock.advance(10);
    pair.act(() => caller.bye(clock.now));
    clock.advance(10);
    expect(pair.right.sentNames).toContain(487);
    expect(kinds(pair.right)).toEqual(['offer', 'ended']);
    expect(callee.answerOffer(clock.now, bytes('late'))).toBe(false);
    expectNothingLeft();
  });

  test('an UPDATE that its user does not answer is refused 504 while there is time', () => {
    const { clock, pair, connect } = setUp();
    const { caller } = connect();
    pair.act(() => caller.reoffer(clock.now, bytes('offer'), { method: 'UPDATE' }));
    clock.advance(25_000);
    expect(kinds(pair.right)).toEqual(['offer', 'offer-withdrawn']);
    expect(event(pair.left, 'reoffer-rejected').status).toBe(504);
  });

  test('a re-INVITE that the peer never settles is cancelled', () => {
    const { clock, pair, connect } = setUp();
    const { caller } = connect();
    pair.act(() => caller.reoffer(clock.now, bytes('offer')));
    clock.advance(61_000);
    expect(kinds(pair.right)).toEqual(['offer', 'offer-withdrawn']);
    expect(event(pair.left, 'reoffer-rejected').status).toBe(487);
    expect(caller.phase).toBe('established');
  });
});

describe('other requests within the session', () => {
  test('INFO in order, one at a time; an unknown type gets 415 and a package 469 (RFC 6086)', () => {
    const { clock, pair, connect } = setUp();
    const { caller } = connect();
    pair.act(() => {
      for (const digit of '12') caller.info(clock.now, { contentType: 'application/dtmf-relay', body: bytes(digit) });
      caller.info(clock.now, { contentType: 'image/png', body: bytes('x') });
      const headers = [{ name: 'Info-Package', value: 'x' }];
      caller.info(clock.now, { contentType: 'text/plain', body: bytes('x'), headers });
    });
    clock.advance(100);
    const infos = events(pair.right).flatMap((each) => (each.kind === 'info' ? [text(each.message.body)] : []));
    expect(infos).toEqual(['1', '2']);
    const answers = events(pair.left).flatMap((each) => (each.kind === 'info-answered' ? [each.status] : []));
    expect(answers).toEqual([200, 200, 415, 469]);
  });

  test('an UPDATE without an offer shows a changed header, also while an offer is pending', () => {
    const { clock, pair, connect } = setUp();
    const { caller, callee } = connect();
    pair.act(() => caller.reoffer(clock.now, bytes('offer')));
    clock.advance(10);
    pair.act(() =>
      callee.update(clock.now, { headers: [{ name: 'Call-Info', value: '<urn:x>; security=NotAuthenticated' }] }),
    );
    clock.advance(10);
    expect(headerValue(event(pair.left, 'updated').message, 'Call-Info')).toContain('NotAuthenticated');
    expect(event(pair.right, 'update-answered').status).toBe(200);
  });

  test('a request with a number that is not higher is out of order: 500 (RFC 3261 §12.2.2)', () => {
    const { clock, pair, connect } = setUp({ transport: 'tcp' });
    const { caller } = connect();
    pair.act(() => caller.info(clock.now, { contentType: 'application/dtmf', body: bytes('1') }));
    clock.advance(10);
    const info = pair.left.sent.at(-1)?.message;
    if (info?.kind !== 'request') throw new Error('no INFO');
    pair.inject(pair.right, withHeader(info, 'Via', 'SIP/2.0/TCP h;branch=z9hG4bKagain'));
    expect(pair.right.sentNames.at(-1)).toBe(500);
  });

  test.each([
    [481, 'gone', false],
    [408, 'timeout', true],
  ] as const)('a %i to a request within the dialog ends it (RFC 3261 §12.2.1.2)', (status, cause, withBye) => {
    const { clock, pair, connect } = setUp({ transport: 'tcp', right: {} });
    const { caller } = connect();
    pair.act(() => caller.info(clock.now, { contentType: 'application/dtmf', body: bytes('1') }));
    const info = pair.left.sent.at(-1)?.message;
    if (info?.kind !== 'request') throw new Error('no INFO');
    pair.inject(pair.left, createResponse(info, status));
    expect(event(pair.left, 'ended')).toMatchObject({ cause });
    expect(pair.left.sentNames.at(-1) === 'BYE').toBe(withBye);
  });

  test('BYEs that cross are both answered 200', () => {
    const { clock, pair, connect, expectNothingLeft } = setUp();
    const { caller, callee } = connect();
    pair.act(() => {
      caller.bye(clock.now);
      callee.bye(clock.now);
    });
    clock.advance(10);
    expect(pair.left.sentNames.at(-1)).toBe(200);
    expect(pair.right.sentNames.at(-1)).toBe(200);
    expect([kinds(pair.left), kinds(pair.right)]).toEqual([['ended'], ['ended']]);
    expectNothingLeft();
  });

  test('a BYE in the early dialog ends the call at the callee, whose INVITE is answered 487 (RFC 3261 §15.1.2)', () => {
    const { clock, pair, place, callee } = setUp({ transport: 'tcp' });
    place();
    clock.advance(10);
    const invite = callee().invite;
    const to = `${headerValue(invite, 'To')};tag=${callee().localTag}`;
    const numbered = withHeader(withHeader(invite, 'CSeq', '2 BYE'), 'Via', 'SIP/2.0/TCP h;branch=z9hG4bKbye');
    const bye = withoutHeader(withHeader(numbered, 'To', to), 'Content-Type');
    pair.inject(pair.right, { ...bye, method: 'BYE', body: new Uint8Array(0) });
    expect(pair.right.sentNames.slice(-2)).toEqual([200, 487]);
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'bye', by: 'remote' });
  });
});

describe('requests that need no user', () => {
  const request = (method: string, headers: readonly SipHeader[] = []): SipRequest => ({
    kind: 'request',
    method,
    uri: 'sip:right@192.0.2.2',
    headers: [
      { name: 'From', value: '<sip:left@x>;tag=f' },
      { name: 'To', value: '<sip:right@x>' },
      { name: 'Call-ID', value: `call-${method}` },
      { name: 'CSeq', value: `1 ${method}` },
      ...headers,
    ],
    body: new Uint8Array(0),
  });

  test.each([
    ['OPTIONS', [], 200],
    ['REFER', [], 405],
    ['FROBNICATE', [], 501],
    ['BYE', [], 481],
    ['OPTIONS', [{ name: 'Require', value: '100rel, timer' }], 420],
    ['INFO', [{ name: 'To', value: '<sip:right@x>;tag=unknown' }], 481],
    ['INVITE', [], 400],
  ] as const)('%s with %j is answered %i (RFC 3261 §8.2, §11.2, §12.2.2)', (method, headers, status) => {
    const { clock, pair, left } = setUp();
    const to = headers.find(({ name }) => name === 'To')?.value;
    const plain = request(
      method,
      headers.filter(({ name }) => name !== 'To'),
    );
    pair.act(() => left.sendRequest(clock.now, pair.left.flow, to === undefined ? plain : withHeader(plain, 'To', to)));
    clock.advance(10);
    const [output] = pair.left.outputsOf('response');
    expect(output?.response.status).toBe(status);
    expect(output && headerValue(output.response, 'Allow')).toContain('UPDATE');
    if (status === 420) expect(output && headerValue(output.response, 'Unsupported')).toBe('100rel, timer');
  });

  test('a method its user takes is handed out and answered by it', () => {
    const { clock, pair, left, right } = setUp({ right: { methods: ['REGISTER'] } });
    pair.act(() => left.sendRequest(clock.now, pair.left.flow, request('REGISTER')));
    clock.advance(10);
    const [output] = pair.right.outputsOf('request');
    if (output === undefined) throw new Error('no request');
    pair.act(() => right.respond(clock.now, output.transaction, createResponse(output.request, 200, { toTag: 't' })));
    clock.advance(10);
    expect(pair.left.outputsOf('response').map(({ response }) => response.status)).toEqual([200]);
  });

  test('every request is judged first, in a session with that session, and a refusal is sent as it is', () => {
    const judged: [string, boolean][] = [];
    let allowed = true;
    const { clock, pair, connect } = setUp({
      right: {
        authorize: (_now, _flow, { method }, session) => {
          judged.push([method, session !== undefined]);
          return allowed ? { kind: 'allow' } : { kind: 'refuse', status: 403, reason: 'Not This Device' };
        },
      },
    });
    const { caller, callee } = connect();
    allowed = false;
    pair.act(() => caller.bye(clock.now));
    clock.advance(10);
    expect(judged).toEqual([
      ['INVITE', false],
      ['ACK', true],
      ['BYE', true],
    ]);
    expect(callee.phase).toBe('established');
    expect(pair.right.sent.at(-1)?.message).toMatchObject({ status: 403, reason: 'Not This Device' });
  });

  test('a challenged INVITE is sent once more with credentials and the next number (RFC 3261 §22.2)', () => {
    const credentials = { name: 'Authorization', value: 'Digest response="x"' };
    const { clock, pair, place, callee } = setUp({
      left: { answerChallenge: () => credentials },
      right: {
        authorize: (_now, _flow, request) =>
          headerValue(request, 'Authorization') === credentials.value
            ? { kind: 'allow' }
            : { kind: 'refuse', status: 401, headers: [{ name: 'WWW-Authenticate', value: 'Digest realm="x"' }] },
      },
    });
    const session = place();
    clock.advance(10);
    expect(cseq(callee().invite)?.sequence).toBe(2);
    pair.act(() => callee().accept(clock.now, bytes('answer')));
    clock.advance(10);
    expect(kinds(pair.left)).toEqual(['accepted']);
    pair.act(() => session.bye(clock.now));
    clock.advance(10);
    expect(kinds(pair.right)).toEqual(['acknowledged', 'ended']);
  });
});

describe('a flow that closes', () => {
  test('makes an offer void that came by UPDATE, and nothing of it stays', () => {
    const { clock, pair, connect, expectNothingLeft } = setUp({ transport: 'tls' });
    const { caller, callee } = connect();
    pair.act(() => caller.reoffer(clock.now, bytes('offer'), { method: 'UPDATE' }));
    clock.advance(10);
    pair.act(() => pair.disconnect());
    expect(kinds(pair.right)).toEqual(['offer', 'offer-withdrawn', 'flow-lost']);
    expect(kinds(pair.left)).toEqual(['reoffer-rejected', 'flow-lost']);
    pair.act(() => [caller.bye(clock.now), callee.bye(clock.now)]);
    expectNothingLeft();
  });

  test('ends calls that are not established, and tells those that are (they may move)', () => {
    const { clock, pair, place, connect } = setUp({ transport: 'tls' });
    const { caller } = connect();
    place();
    clock.advance(10);
    pair.act(() => pair.disconnect());
    expect(kinds(pair.left)).toEqual(['ended', 'flow-lost']);
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'transport' });
    expect(caller.phase).toBe('established');
    const flow = { ...pair.left.flow, id: 'left-2' };
    caller.moveTo(clock.now, flow);
    pair.act(() => caller.bye(clock.now));
    expect(pair.left.sentNames.at(-1)).toBe('BYE');
  });
});

import { describe, expect, test } from 'vitest';
import { cseq } from '../message/cseq.ts';
import { headerValue, withBody, withHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/types.ts';
import { bytes, clean, event, events, kinds, setUp, text } from './user-agent.fixture.ts';

const reliable = { reliableProvisionals: true } as const;
const both = { left: reliable, right: reliable };
const required = [{ name: 'Require', value: '100rel' }];

type End = ReturnType<typeof setUp>['pair']['left'];
const requests = (end: End, method: string): SipRequest[] =>
  end.sent.flatMap(({ message }) => (message.kind === 'request' && message.method === method ? [message] : []));
const responses = (end: End, status: number, method = 'INVITE'): SipResponse[] =>
  end.sent.flatMap(({ message }) =>
    message.kind === 'response' && message.status === status && cseq(message)?.method === method ? [message] : [],
  );
const required100rel = (message: SipMessage | undefined) => message && headerValue(message, 'Require');

describe('RFC 3262 §3: the called', () => {
  test('sends early media reliably to a caller that can, and the 2xx without them after the PRACK', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp(both);
    const caller = place();
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 183, { earlyAnswer: bytes('early') }));
    pair.act(() => callee().accept(clock.now, bytes('early')));
    expect(responses(pair.right, 200)).toHaveLength(0); // the PRACK is not there yet
    clock.advance(10);
    const [ringing] = responses(pair.right, 183);
    expect(required100rel(ringing)).toBe('100rel');
    const [prack] = requests(pair.left, 'PRACK');
    expect(headerValue(prack as SipRequest, 'RAck')).toBe(`${headerValue(ringing as SipResponse, 'RSeq')} 1 INVITE`);
    expect(responses(pair.right, 200, 'PRACK')).toHaveLength(1);
    expect(text(responses(pair.right, 200)[0]?.body)).toBe('');
    expect(text(event(pair.left, 'accepted').answer)).toBe('early');
    pair.act(() => caller.bye(clock.now));
    expectNothingLeft();
  });

  test('rings unreliably without early media, and wherever the caller has not said that it can', () => {
    for (const left of [{}, reliable]) {
      const { clock, pair, place, callee } = setUp({ left, right: reliable });
      place();
      clock.advance(10);
      const early = left === reliable ? {} : { earlyAnswer: bytes('early') };
      pair.act(() => callee().ring(clock.now, 180, early));
      clock.advance(2_000);
      expect(responses(pair.right, 180).map(required100rel)).toEqual([undefined]);
    }
  });

  test('rings reliably whoever requires it, one response after the other, each with the next number', () => {
    const { clock, pair, place, callee } = setUp(both);
    place('offer', required);
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180));
    pair.act(() => callee().ring(clock.now, 183, { earlyAnswer: bytes('early') }));
    expect(responses(pair.right, 183)).toHaveLength(0);
    clock.advance(10);
    const numbers = [180, 183].map((status) =>
      Number(headerValue(responses(pair.right, status)[0] as SipResponse, 'RSeq')),
    );
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 1);
    expect(requests(pair.left, 'PRACK')).toHaveLength(2);
    expect(events(pair.left).flatMap((one) => (one.kind === 'progress' ? [one.status] : []))).toEqual([180, 183]);
  });

  test('repeats after T1, doubling, and gives the INVITE up with 504 after 64*T1', () => {
    const { clock, pair, place, callee, expectNothingLeft } = setUp(both);
    place('offer', required);
    clock.advance(10);
    pair.network.conditions = { ...clean, loss: 1 };
    pair.act(() => callee().ring(clock.now, 180));
    clock.advance(31_900);
    // At 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s.
    expect(responses(pair.right, 180)).toHaveLength(7);
    pair.network.conditions = clean;
    clock.advance(200);
    expect(responses(pair.right, 504)).toHaveLength(1);
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'no-ack' });
    expectNothingLeft();
  });

  test('answers a PRACK that acknowledges nothing with 481, and repeats on', () => {
    const { clock, pair, place, callee } = setUp(both);
    place('offer', required);
    clock.advance(10);
    pair.network.conditions = { ...clean, loss: 1 };
    pair.act(() => callee().ring(clock.now, 180));
    const [sent] = responses(pair.right, 180);
    const prack = withHeader(
      callee().invite,
      'RAck',
      `${Number(headerValue(sent as SipResponse, 'RSeq')) + 1} 1 INVITE`,
    );
    const stray = withHeader(withHeader(prack, 'To', headerValue(sent as SipResponse, 'To') ?? ''), 'CSeq', '2 PRACK');
    pair.inject(pair.right, {
      ...withHeader(stray, 'Via', 'SIP/2.0/UDP x;branch=z9hG4bKstray'),
      method: 'PRACK',
      body: bytes(''),
    });
    expect(responses(pair.right, 481, 'PRACK')).toHaveLength(1);
    clock.advance(600);
    expect(responses(pair.right, 180)).toHaveLength(2);
  });

  test('repeats nothing after a final response, and knows the PRACK that comes then', () => {
    const { clock, pair, place, callee } = setUp(both);
    place('offer', required);
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180));
    pair.act(() => callee().accept(clock.now, bytes('answer')));
    clock.advance(5_000);
    expect(responses(pair.right, 180)).toHaveLength(1);
    expect(responses(pair.right, 200, 'PRACK')).toHaveLength(1);
    expect(text(event(pair.left, 'accepted').answer)).toBe('answer');
  });
});

describe('RFC 3262 §4: the caller', () => {
  test('takes each reliable response once, and none that skips a number', () => {
    const { clock, pair, place, callee } = setUp(both);
    place('offer', required);
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180));
    clock.advance(10);
    const [first] = responses(pair.right, 180) as [SipResponse];
    pair.inject(pair.left, first);
    pair.inject(pair.left, withHeader(first, 'RSeq', String(Number(headerValue(first, 'RSeq')) + 2)));
    clock.advance(10);
    expect(requests(pair.left, 'PRACK')).toHaveLength(1);
    expect(kinds(pair.left)).toEqual(['progress']);
  });

  test('acknowledges each fork in its own dialog', () => {
    const { clock, pair, place, callee } = setUp(both);
    place('offer', required);
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180));
    clock.advance(10);
    const [first] = responses(pair.right, 180) as [SipResponse];
    const other = (headerValue(first, 'To') ?? '').replace(/tag=.*/, 'tag=other');
    pair.inject(pair.left, withHeader(withHeader(first, 'To', other), 'RSeq', '7'));
    const pracks = requests(pair.left, 'PRACK');
    expect(pracks.map((prack) => cseq(prack)?.sequence)).toEqual([2, 2]);
    expect(headerValue(pracks[1] as SipRequest, 'RAck')).toBe('7 1 INVITE');
    expect(headerValue(pracks[1] as SipRequest, 'To')).toBe(other);
  });

  test('RFC 3311 §4: knows what the called allowed before its 2xx, where that says nothing of it', () => {
    const { pair, place } = setUp(both);
    const caller = place();
    pair.network.conditions = { ...clean, loss: 1 }; // the called is heard through what is injected alone
    const invite = requests(pair.left, 'INVITE')[0] as SipRequest;
    const said = (status: number) => {
      const response = createResponse(invite, status, { toTag: 'called' });
      return withBody(withHeader(response, 'Contact', '<sip:r@x>'), 'application/sdp', bytes('answer'));
    };
    pair.inject(pair.left, withHeader(said(183), 'Allow', 'INVITE, ACK, BYE'));
    pair.inject(pair.left, said(200));
    expect(kinds(pair.left)).toEqual(['progress', 'accepted']);
    expect(caller.peerAllows('UPDATE')).toBe(false);
    expect(caller.peerAllows('BYE')).toBe(true);
  });

  test('offers none of it without an offer of its own, for the called would have to make it there (§5)', () => {
    const { clock, pair, left } = setUp(both);
    pair.act(() =>
      left.place(clock.now, pair.left.flow, { requestUri: 'sip:r@x', from: '<sip:l@x>', to: '<sip:r@x>' }),
    );
    expect(requests(pair.left, 'INVITE').map((invite) => headerValue(invite, 'Supported'))).toEqual([undefined]);
  });
});

describe('RFC 3262 §5: descriptions', () => {
  test('what is described after the reliable answer is ignored', () => {
    const { clock, pair, place, callee } = setUp(both);
    place();
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 183, { earlyAnswer: bytes('first') }));
    clock.advance(10);
    const [first] = responses(pair.right, 183) as [SipResponse];
    const next = String(Number(headerValue(first, 'RSeq')) + 1);
    pair.inject(pair.left, { ...withHeader(first, 'RSeq', next), body: bytes('second') });
    const heard = events(pair.left).flatMap((one) => (one.kind === 'progress' ? [text(one.earlyAnswer)] : []));
    expect(heard).toEqual(['first', 'first']);
  });

  test('an offer in a PRACK is answered in its 2xx', () => {
    const { clock, pair, place, callee } = setUp(both);
    place();
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 183, { earlyAnswer: bytes('early') }));
    // The caller's PRACK on its way brings an offer.
    const sdp = [{ name: 'Content-Type', value: 'application/sdp' }];
    clock.advance(1);
    const [prack] = requests(pair.left, 'PRACK') as [SipRequest];
    pair.inject(pair.right, { ...prack, headers: [...prack.headers, ...sdp], body: bytes('new offer') });
    expect(text(event(pair.right, 'offer').offer)).toBe('new offer');
    pair.act(() => callee().answerOffer(clock.now, bytes('new answer')));
    expect(responses(pair.right, 200, 'PRACK').map(({ body }) => text(body))).toEqual(['new answer']);
  });
});

describe('RFC 3262 §5: a caller without an offer that requires 100rel', () => {
  function ringing() {
    const lab = setUp(both);
    const { clock, pair, callee } = lab;
    const caller = pair.act(() =>
      lab.left.place(clock.now, pair.left.flow, {
        requestUri: 'sip:r@x',
        from: '<sip:l@x>',
        to: '<sip:r@x>',
        headers: required,
      }),
    );
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 180, { offer: () => bytes('first offer') }));
    return { ...lab, caller };
  }

  test('is offered in the reliable response, answers in its PRACK, and is offered the true media after its ACK', () => {
    const { clock, pair, callee } = ringing();
    const [rung] = responses(pair.right, 180) as [SipResponse];
    expect(text(rung.body)).toBe('first offer');
    expect(required100rel(rung)).toBe('100rel');
    clock.advance(10);
    pair.act(() => callee().accept(clock.now, bytes('true offer')));
    clock.advance(10);
    expect(text(responses(pair.right, 200)[0]?.body)).toBe('');
  });
});

describe('RFC 3311 §5.1: an offer before the final response', () => {
  function early() {
    const lab = setUp(both);
    const { clock, pair, place, callee } = lab;
    const caller = place();
    clock.advance(10);
    pair.act(() => callee().ring(clock.now, 183, { earlyAnswer: bytes('early') }));
    clock.advance(10);
    expect(event(pair.left, 'progress').takesOffers).toBe(true);
    pair.act(() => caller.reoffer(clock.now, bytes('second offer'), { method: 'UPDATE' }));
    clock.advance(10);
    return { ...lab, caller };
  }

  test('goes in an UPDATE to a called that has answered reliably and allows it, and its answer is that of the call', () => {
    const { clock, pair, caller, callee, expectNothingLeft } = early();
    expect(text(event(pair.right, 'offer').offer)).toBe('second offer');
    pair.act(() => callee().answerOffer(clock.now, bytes('second answer')));
    clock.advance(10);
    expect(text(event(pair.left, 'reoffer-answered').answer)).toBe('second answer');
    pair.act(() => callee().accept(clock.now, bytes('second answer')));
    clock.advance(10);
    expect(text(event(pair.left, 'accepted').answer)).toBe('second answer');
    pair.act(() => caller.bye(clock.now));
    expectNothingLeft();
  });

  test('that is refused leaves the early dialog as it was', () => {
    const { clock, pair, caller, callee, expectNothingLeft } = early();
    pair.act(() => callee().rejectOffer(clock.now, 488));
    clock.advance(10);
    expect(event(pair.left, 'reoffer-rejected').status).toBe(488);
    pair.act(() => callee().accept(clock.now, bytes('early')));
    clock.advance(10);
    expect(text(event(pair.left, 'accepted').answer)).toBe('early');
    pair.act(() => caller.bye(clock.now));
    expectNothingLeft();
  });

  test('whose answer comes after the final response is answered in the session', () => {
    const { clock, pair, caller, callee, expectNothingLeft } = early();
    pair.act(() => callee().accept(clock.now, bytes('early')));
    clock.advance(10);
    pair.act(() => callee().answerOffer(clock.now, bytes('second answer')));
    clock.advance(10);
    expect(kinds(pair.left)).toEqual(['progress', 'accepted', 'reoffer-answered']);
    pair.act(() => caller.bye(clock.now));
    expectNothingLeft();
  });

  test('is void when the INVITE is given up or refused', () => {
    for (const way of ['cancel', 'reject'] as const) {
      const { clock, pair, caller, callee, expectNothingLeft } = early();
      pair.act(() => (way === 'cancel' ? caller.cancel(clock.now) : callee().reject(clock.now, 486)));
      clock.advance(10);
      expect(kinds(pair.left).at(-1)).toBe('ended');
      expectNothingLeft();
    }
  });
});

describe('RFC 3261 §8.2.2.3: whoever requires 100rel', () => {
  test('of one that has it not is refused 420, which names it', () => {
    const { clock, pair, place } = setUp({ left: reliable });
    place('offer', required);
    clock.advance(10);
    expect(headerValue(responses(pair.right, 420)[0] as SipResponse, 'Unsupported')).toBe('100rel');
  });
});

test('on a network that loses every third message calls with early media come about', () => {
  const { clock, pair, place, callee, expectNothingLeft } = setUp(both);
  pair.network.conditions = { loss: 0.33, duplication: 0.1, minimumDelay: 1, maximumDelay: 300 };
  const caller = place('offer', required);
  clock.advance(15_000);
  pair.act(() => callee().ring(clock.now, 183, { earlyAnswer: bytes('early') }));
  pair.act(() => callee().accept(clock.now, bytes('early')));
  clock.advance(30_000);
  expect(text(event(pair.left, 'accepted').answer)).toBe('early');
  pair.act(() => caller.bye(clock.now));
  expectNothingLeft();
});

import { describe, expect, test } from 'vitest';
import { createCalleeDialog } from '../dialog/dialog.ts';
import { headerValue, withHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { grantExpiry } from './expiry.ts';
import { type NotifierOptions, NotifierSubscription } from './notifier-subscription.ts';
import { Subscriber, type SubscriberOptions, type SubscriberOutput, type SubscriberToken } from './subscriber.ts';
import { subscriptionStateOf } from './subscription-state.ts';

const event = { package: 'dialog', id: undefined, parameters: [] };
const expiry = { minimum: 60, maximum: 3_600, default: 600 };
let last = 0;
const random = (length: number) =>
  Uint8Array.from({ length }, () => {
    last += 37;
    return last % 256;
  });

function made<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value');
  return value;
}

/** A subscriber, and a notifier that a test moves by hand. */
class Pair {
  now = 0;
  readonly subscriber: Subscriber;
  readonly outputs: SubscriberOutput[] = [];
  state = 'idle';
  notifier: NotifierSubscription | undefined;
  ended: string | undefined;

  constructor(options: Partial<SubscriberOptions> = {}) {
    this.subscriber = new Subscriber({
      resource: 'sip:1002@cm.example',
      from: '<sip:1001@cm.example>',
      contact: '<sip:1001@192.0.2.9>',
      event,
      expires: 600,
      forks: 'one',
      random,
      ...options,
    });
  }

  /** The SUBSCRIBE that is to be sent next. */
  sent(): { readonly token: SubscriberToken; readonly request: SipRequest } {
    for (let output = this.subscriber.poll(); output !== undefined; output = this.subscriber.poll()) {
      this.outputs.push(output);
      if (output.kind === 'send') return output;
    }
    throw new Error('nothing was sent');
  }

  drain(): readonly SubscriberOutput[] {
    for (let output = this.subscriber.poll(); output !== undefined; output = this.subscriber.poll()) {
      this.outputs.push(output);
    }
    return this.outputs;
  }

  /** A notifier that accepts a SUBSCRIBE outside a dialog. */
  accept(request: SipRequest, tag = 'n1', options: Partial<NotifierOptions> = {}): NotifierSubscription {
    const grant = grantExpiry(request, expiry);
    if (!grant.granted) throw new Error('refused');
    return new NotifierSubscription(this.now, made(createCalleeDialog(request, tag)), grant.expires, {
      event,
      expiry,
      contact: '<sip:192.0.2.1>',
      writeState: (_now, version) => ({
        contentType: 'text/plain',
        body: new TextEncoder().encode(`${version} ${this.state}`),
      }),
      ...options,
    });
  }

  /** Subscribes, accepted and told once. */
  establish(options: Partial<NotifierOptions> = {}): NotifierSubscription {
    this.subscriber.start();
    const { token, request } = this.sent();
    const notifier = this.accept(request, 'n1', options);
    this.subscriber.handleResponse(this.now, token, ok(request, [{ name: 'Expires', value: '600' }]));
    expect(this.deliver(notifier)).toEqual([200]);
    return notifier;
  }

  /** Carries the NOTIFY requests across; what the subscriber answers. */
  deliver(notifier: NotifierSubscription): readonly number[] {
    const statuses: number[] = [];
    for (let output = notifier.poll(); output !== undefined; output = notifier.poll()) {
      if (output.kind === 'ended') {
        this.ended = output.cause;
        continue;
      }
      const status = this.subscriber.isFor(output.request) ? this.subscriber.notify(this.now, output.request) : 481;
      statuses.push(status);
      notifier.handleResponse(this.now, createResponse(output.request, status));
    }
    return statuses;
  }

  /** What the subscriber has been told, last. */
  told(): string {
    const heard = this.drain().filter((output) => output.kind === 'notified');
    return new TextDecoder().decode(made(heard.at(-1)).request.body);
  }
}

function ok(request: SipRequest, headers: SipResponse['headers'] = []): SipResponse {
  return createResponse(request, 200, { toTag: 'n1', headers });
}

function notifyOf(notifier: NotifierSubscription): SipRequest {
  const output = notifier.poll();
  if (output?.kind !== 'notify') throw new Error(`expected a NOTIFY, not ${output?.kind}`);
  return output.request;
}

describe('the notifier', () => {
  test('RFC 6665 §4.2.1.2: it notifies at once, after every refresh too, with the seconds that are left', () => {
    const pair = new Pair();
    const notifier = pair.establish();
    expect(pair.told()).toBe('0 idle');
    pair.now = 300_000;
    pair.subscriber.handleTime(pair.now);
    const refresh = pair.sent();
    expect(headerValue(refresh.request, 'Expires')).toBe('600');
    const answer = notifier.subscribe(pair.now, withHeader(refresh.request, 'Expires', '120'));
    expect(answer).toEqual({ status: 200, headers: [{ name: 'Expires', value: '120' }] });
    const notify = notifyOf(notifier);
    expect(subscriptionStateOf(notify)).toMatchObject({ state: 'active', expires: 120 });
  });

  test('changes while a NOTIFY is on its way become one, of what is true when it is sent', () => {
    const pair = new Pair();
    const notifier = pair.establish();
    pair.state = 'ringing';
    notifier.changed(pair.now);
    const first = notifyOf(notifier);
    for (pair.state of ['busy', 'idle', 'busy again']) notifier.changed(pair.now);
    expect(notifier.poll()).toBeUndefined();
    expect(pair.subscriber.notify(pair.now, first)).toBe(200);
    notifier.handleResponse(pair.now, createResponse(first, 200));
    expect(pair.deliver(notifier)).toEqual([200]);
    expect(pair.told()).toBe('2 busy again');
    expect(notifier.poll()).toBeUndefined();
  });

  test('RFC 3856 §6.10: changes come no closer together than the package says', () => {
    const pair = new Pair();
    const notifier = pair.establish({ leastInterval: 5_000 });
    pair.state = 'busy';
    notifier.changed(1_000);
    expect(notifier.poll()).toBeUndefined();
    expect(notifier.nextDeadline()).toBe(5_000);
    pair.now = 5_000;
    notifier.handleTime(pair.now);
    expect(pair.deliver(notifier)).toEqual([200]);
    expect(pair.told()).toBe('1 busy');
  });

  test('RFC 6665 §4.2.1.1: a shorter time than the least is 423, zero is not, a longer one is cut', () => {
    const asking = (value: string) => withHeader(subscribe, 'Expires', value);
    expect(grantExpiry(asking('59'), expiry)).toEqual({
      granted: false,
      answer: { status: 423, headers: [{ name: 'Min-Expires', value: '60' }] },
    });
    expect(grantExpiry(asking('0'), expiry)).toEqual({ granted: true, expires: 0 });
    expect(grantExpiry(asking('7200'), expiry)).toEqual({ granted: true, expires: 3_600 });
    expect(grantExpiry(asking('soon'), expiry)).toMatchObject({ granted: false, answer: { status: 400 } });
    expect(grantExpiry(subscribe, expiry)).toEqual({ granted: true, expires: 600 });
  });

  test('RFC 6665 §4.1.2.3: Expires: 0 ends it with one NOTIFY that says so, and then it knows nobody', () => {
    const pair = new Pair();
    const notifier = pair.establish();
    pair.subscriber.stop();
    const { token, request } = pair.sent();
    expect(notifier.subscribe(pair.now, request)).toMatchObject({ status: 200 });
    pair.subscriber.handleResponse(pair.now, token, ok(request));
    expect(pair.deliver(notifier)).toEqual([200]);
    expect(pair.ended).toBe('unsubscribed');
    expect(pair.drain().at(-1)).toEqual({ kind: 'ended', reason: 'timeout', retryAt: undefined });
    expect(notifier.subscribe(pair.now, request).status).toBe(481);
    expect(notifier.nextDeadline()).toBeUndefined();
  });

  test('RFC 6665 §4.4.3: a SUBSCRIBE that asks once is told once', () => {
    const pair = new Pair();
    const notifier = pair.accept(withHeader(subscribe, 'Expires', '0'));
    const notify = notifyOf(notifier);
    expect(subscriptionStateOf(notify)).toMatchObject({ state: 'terminated', reason: 'timeout' });
    expect(new TextDecoder().decode(notify.body)).toBe('0 idle');
    notifier.handleResponse(0, createResponse(notify, 200));
    expect(notifier.poll()).toEqual({ kind: 'ended', cause: 'unsubscribed' });
  });

  test('RFC 6665 §4.4.1: one that is not refreshed is over, and the subscriber is told the reason', () => {
    const pair = new Pair();
    const notifier = pair.establish();
    expect(notifier.nextDeadline()).toBe(600_000);
    pair.now = 600_000;
    notifier.handleTime(pair.now);
    const notify = notifyOf(notifier);
    expect(headerValue(notify, 'Subscription-State')).toBe('terminated;reason=timeout');
    notifier.handleResponse(pair.now, createResponse(notify, 200));
    expect(notifier.poll()).toEqual({ kind: 'ended', cause: 'expired' });
  });

  test.each([
    [
      '481',
      (notifier: NotifierSubscription, notify: SipRequest) => notifier.handleResponse(0, createResponse(notify, 481)),
    ],
    ['no answer', (notifier: NotifierSubscription) => notifier.handleFailure()],
  ])('RFC 6665 §4.2.2: a NOTIFY that gets %s ends the subscription, and nobody is told', (_, answer) => {
    const notifier = new Pair().accept(subscribe);
    answer(notifier, notifyOf(notifier));
    expect(notifier.poll()).toEqual({ kind: 'ended', cause: 'failed' });
    expect(notifier.poll()).toBeUndefined();
  });

  test('RFC 5057 §5.1: a subscriber that says when to come again is told then what is true then', () => {
    const pair = new Pair();
    const notifier = pair.accept(subscribe);
    const notify = notifyOf(notifier);
    const headers = [{ name: 'Retry-After', value: '7' }];
    notifier.handleResponse(0, createResponse(notify, 503, { headers }));
    notifier.changed(1_000);
    expect(notifier.poll()).toBeUndefined();
    expect(notifier.nextDeadline()).toBe(7_000);
    pair.state = 'busy';
    notifier.handleTime(7_000);
    expect(new TextDecoder().decode(notifyOf(notifier).body)).toBe('1 busy');
  });

  test('RFC 3261 §12.2.2: a SUBSCRIBE that is older than the last is 500', () => {
    const notifier = new Pair().accept(subscribe);
    expect(notifier.subscribe(0, subscribe).status).toBe(500);
  });

  test('one that is ended from here says why, and when to come again', () => {
    const pair = new Pair();
    const notifier = pair.establish();
    notifier.terminate(pair.now, 'probation', 90);
    expect(pair.deliver(notifier)).toEqual([200]);
    expect(pair.ended).toBe('terminated');
    expect(pair.drain().at(-1)).toEqual({ kind: 'ended', reason: 'probation', retryAt: 90_000 });
  });
});

describe('the subscriber', () => {
  const refused = (pair: Pair, status: number, headers: SipResponse['headers'] = []) => {
    pair.subscriber.start();
    const { token, request } = pair.sent();
    pair.subscriber.handleResponse(0, token, createResponse(request, status, { headers }));
  };

  test('RFC 6665 §4.4.1: a NOTIFY before the response to its SUBSCRIBE makes the dialog', () => {
    const pair = new Pair();
    pair.subscriber.start();
    const { token, request } = pair.sent();
    expect(pair.deliver(pair.accept(request))).toEqual([200]);
    pair.subscriber.handleResponse(0, token, ok(request));
    expect(pair.told()).toBe('0 idle');
    expect(pair.subscriber.nextDeadline()).toBe(300_000);
  });

  test('RFC 6665 §4.1.2.4: without a NOTIFY within Timer N it has failed, and asks again later', () => {
    const pair = new Pair();
    pair.subscriber.start();
    const { token, request } = pair.sent();
    pair.subscriber.handleResponse(0, token, ok(request));
    expect(pair.subscriber.nextDeadline()).toBe(32_000);
    pair.subscriber.handleTime(32_000);
    expect(pair.drain().at(-1)).toEqual({ kind: 'ended', reason: 'no-notify', retryAt: 62_000 });
    pair.subscriber.handleTime(62_000);
    expect(headerValue(pair.sent().request, 'Call-ID')).not.toBe(headerValue(request, 'Call-ID'));
  });

  test('RFC 6665 §4.5.2: of forks the first is kept, or all, as the package says', () => {
    for (const [forks, statuses] of [
      ['one', [200, 481]],
      ['all', [200, 200]],
    ] as const) {
      const pair = new Pair({ forks });
      pair.subscriber.start();
      const { request } = pair.sent();
      const notifiers = ['n1', 'n2'].map((tag) => pair.accept(request, tag));
      expect(notifiers.flatMap((notifier) => pair.deliver(notifier))).toEqual(statuses);
      expect(pair.subscriber.size).toBe(forks === 'one' ? 1 : 2);
    }
  });

  test('each fork is refreshed in its own dialog, and one that is gone leaves the others', () => {
    const pair = new Pair({ forks: 'all' });
    pair.subscriber.start();
    const { request } = pair.sent();
    for (const tag of ['n1', 'n2']) pair.deliver(pair.accept(request, tag));
    pair.subscriber.handleTime(300_000);
    const refreshes = [pair.sent(), pair.sent()];
    expect(refreshes.map(({ request }) => headerValue(request, 'To')?.replace(/.*tag=/, ''))).toEqual(['n1', 'n2']);
    const [first] = refreshes;
    pair.subscriber.handleResponse(300_000, made(first).token, createResponse(made(first).request, 481));
    expect(pair.drain().at(-1)).toEqual({ kind: 'left', notifier: 'n1' });
    expect(pair.subscriber.size).toBe(1);
  });

  test('423: it asks for as long as is wanted; a minimum above an hour is not believed (RFC 6665 §4.2.1.1)', () => {
    const pair = new Pair();
    refused(pair, 423, [{ name: 'Min-Expires', value: '1200' }]);
    const { token, request } = pair.sent();
    expect(headerValue(request, 'Expires')).toBe('1200');
    pair.subscriber.handleResponse(
      0,
      token,
      createResponse(request, 423, { headers: [{ name: 'Min-Expires', value: '9999' }] }),
    );
    expect(pair.drain().at(-1)).toMatchObject({ kind: 'ended', reason: '423' });
  });

  test.each([
    [489, undefined],
    [403, undefined],
    [480, 30_000],
    [503, 30_000],
  ])('a refusal with %i is final, or comes again later', (status, retryAt) => {
    const pair = new Pair();
    refused(pair, status);
    expect(pair.drain().at(-1)).toEqual({ kind: 'ended', reason: String(status), retryAt });
  });

  test.each([
    ['deactivated', 0],
    ['timeout', 0],
    ['giveup', 30_000],
    ['rejected', undefined],
    ['noresource', undefined],
    ['invariant', undefined],
  ] as const)('RFC 6665 §4.1.3: what `%s` asks for', (reason, retryAt) => {
    const pair = new Pair();
    const notifier = pair.establish();
    notifier.terminate(pair.now, reason);
    pair.deliver(notifier);
    expect(pair.drain().at(-1)).toEqual({ kind: 'ended', reason, retryAt });
  });

  test('the expiry that a NOTIFY names is the one that counts (RFC 6665 §4.1.3)', () => {
    const pair = new Pair();
    const notifier = pair.establish();
    const refresh = withHeader(subscribe, 'Expires', '120');
    expect(notifier.subscribe(0, withHeader(refresh, 'CSeq', '9 SUBSCRIBE')).status).toBe(200);
    pair.deliver(notifier);
    expect(pair.subscriber.nextDeadline()).toBe(60_000);
  });

  test('a NOTIFY of another event, call or tag is not its own; one without a state is 400, an old one 500', () => {
    const pair = new Pair();
    pair.subscriber.start();
    const notify = notifyOf(pair.accept(pair.sent().request));
    expect(pair.subscriber.isFor(withHeader(notify, 'Event', 'presence'))).toBe(false);
    expect(pair.subscriber.isFor(withHeader(notify, 'Event', 'dialog;id=4'))).toBe(false);
    expect(pair.subscriber.isFor(withHeader(notify, 'Call-ID', 'other'))).toBe(false);
    expect(pair.subscriber.isFor(withHeader(notify, 'To', '<sip:a@b>;tag=other'))).toBe(false);
    expect(pair.subscriber.notify(0, withHeader(notify, 'Subscription-State', ';'))).toBe(400);
    expect(pair.subscriber.notify(0, notify)).toBe(200);
    expect(pair.subscriber.notify(0, notify)).toBe(500);
  });

  test('a dialog that nobody refreshes for it is over when it expires, and asks anew at once', () => {
    const pair = new Pair();
    pair.establish();
    pair.subscriber.handleTime(300_000);
    pair.sent();
    pair.subscriber.handleTime(600_000);
    expect(pair.drain().at(-1)).toEqual({ kind: 'ended', reason: 'timeout', retryAt: 600_000 });
    pair.subscriber.handleTime(600_000);
    expect(headerValue(pair.sent().request, 'CSeq')).toBe('1 SUBSCRIBE');
  });
});

const subscribe: SipRequest = {
  kind: 'request',
  method: 'SUBSCRIBE',
  uri: 'sip:1002@cm.example',
  headers: [
    { name: 'Via', value: 'SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1' },
    { name: 'From', value: '<sip:1001@cm.example>;tag=s1' },
    { name: 'To', value: '<sip:1002@cm.example>' },
    { name: 'Call-ID', value: 'subscription@192.0.2.9' },
    { name: 'CSeq', value: '1 SUBSCRIBE' },
    { name: 'Contact', value: '<sip:1001@192.0.2.9>' },
    { name: 'Event', value: 'dialog' },
  ],
  body: new Uint8Array(0),
};

/** Phones that watch lines, against the whole core of the manager on a virtual clock: no sockets. */
import {
  createResponse,
  headerValue,
  parseDialogInfo,
  parseMessageSummary,
  parsePresence,
  parseRegInfo,
  parseWarnings,
  type SipHeader,
  type SipMessage,
  type SipRequest,
  Subscriber,
  subscriptionStateOf,
} from '@trustline/sip';
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

const reception = { name: 'reception', lines: ['1001'], devices: [], of: ['100X'], identities: true };
const chief = {
  name: 'chief',
  lines: [],
  devices: ['SEP000000000004'],
  of: ['1002'],
  identities: false,
  pickUp: false,
};
const pickUpGroups = [{ name: 'sales', lines: ['1002', '1005'] }];
const entries = [{ pattern: '1006', target: { kind: 'lines' }, partition: 'board' } as const];

function setUp(options: SimulationOptions = {}) {
  const clock = new VirtualClock(1_000);
  const random = new SeededRandom(11).bytes;
  const lab = new Simulation(clock, random, {
    watchers: [reception, chief],
    numbering: { entries, pickUpGroups },
    ...options,
  });
  const phones = [1, 2, 3, 4, 5, 6].map((number) => {
    const phone = lab.phone(`SEP00000000000${number}`, `100${number}`, { agent: { methods: ['NOTIFY'] } });
    phone.register();
    return phone;
  });
  const [alice, bob, carol, dave, erin] = phones as [SimulatedPhone, ...SimulatedPhone[]] & SimulatedPhone[];
  return {
    clock,
    lab,
    random,
    alice,
    bob: bob as SimulatedPhone,
    carol: carol as SimulatedPhone,
    dave: dave as SimulatedPhone,
    erin: erin as SimulatedPhone,
  };
}

/** A phone's subscription, with what it was told. */
class Watch {
  readonly notified: SipRequest[] = [];
  readonly answers: SipMessage[] = [];
  readonly ends: string[] = [];
  readonly subscriber: Subscriber;
  readonly #lab: Simulation;
  readonly #phone: SimulatedPhone;

  constructor(
    { lab, random }: { lab: Simulation; random: (length: number) => Uint8Array },
    phone: SimulatedPhone,
    event: string,
    number: string,
    options: { expires?: number; accept?: readonly string[]; from?: string } = {},
  ) {
    this.#lab = lab;
    this.#phone = phone;
    this.subscriber = new Subscriber({
      resource: `sip:${number === '' ? '' : `${number}@`}192.0.2.1`,
      from: options.from ?? `<sip:${phone.line}@cm.example>`,
      contact: `<sip:${phone.line}@192.0.2.9>`,
      event: { package: event, id: undefined, parameters: [] },
      expires: options.expires ?? 600,
      ...(options.accept === undefined ? {} : { accept: options.accept }),
      forks: 'one',
      random,
    });
    const others = phone.onRequest;
    phone.onRequest = (request) =>
      this.subscriber.isFor(request)
        ? createResponse(request, this.subscriber.notify(lab.time.now, request))
        : others(request);
    this.subscriber.start();
    this.run();
  }

  /** Carries what the subscriber sends until there is no more. */
  run(): this {
    for (let output = this.subscriber.poll(); output !== undefined; output = this.subscriber.poll()) {
      if (output.kind === 'ended') this.ends.push(output.reason);
      if (output.kind === 'notified') this.notified.push(output.request);
      if (output.kind !== 'send') continue;
      const { request, token } = output;
      this.#phone.onResponse = (response) => {
        this.answers.push(response);
        this.subscriber.handleResponse(this.#lab.time.now, token, response);
      };
      this.#lab.act((now) => this.#phone.agent.sendRequest(now, this.#phone.flow, request));
      this.#phone.onResponse = () => {};
    }
    return this;
  }

  get status(): number {
    const last = this.answers.at(-1);
    return last?.kind === 'response' ? last.status : 0;
  }

  get warning(): string | undefined {
    const last = this.answers.at(-1) as SipMessage;
    return parseWarnings(headerValue(last, 'Warning') ?? '')?.[0]?.text;
  }

  /** The body of the last NOTIFY. */
  last(): Uint8Array {
    return this.run().notified.at(-1)?.body ?? new Uint8Array(0);
  }

  dialogs() {
    return parseDialogInfo(this.last())?.dialogs;
  }

  presence() {
    const { note, activities, tuples } = parsePresence(this.last()) ?? {};
    return [note, tuples?.[0]?.basic, ...(activities ?? [])];
  }
}

const offer = description([cryptoLine(1)]);
const answer = octets(description([cryptoLine(2)]));

describe('the dialog event (RFC 4235)', () => {
  test('a watcher with the right sees a call begin, be answered and end, in documents that count from 0', () => {
    const lab = setUp();
    const { alice, bob, carol } = lab;
    const watch = new Watch(lab, alice, 'dialog', '1002');
    expect(watch.status).toBe(200);
    expect(parseDialogInfo(watch.last())).toEqual({
      version: 0,
      state: 'full',
      entity: 'sip:1002@192.0.2.1',
      dialogs: [],
    });
    bob.onIncoming = (session) => void session.ring(lab.clock.now, 180);
    carol.call('1002', offer);
    expect(watch.dialogs()).toMatchObject([
      {
        state: 'early',
        direction: 'recipient',
        local: { uri: 'sip:1002@192.0.2.1' },
        remote: { uri: 'sip:1003@192.0.2.1' },
      },
    ]);
    lab.lab.act((now) => bob.session.accept(now, answer));
    expect(watch.dialogs()).toMatchObject([{ state: 'confirmed' }]);
    lab.lab.act((now) => carol.session.bye(now));
    expect(watch.dialogs()).toEqual([]);
    expect(watch.notified.map(({ body }) => parseDialogInfo(body)?.version)).toEqual(watch.notified.map((_, at) => at));
  });

  test('a caller’s own line shows whom it calls, as initiator', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.carol, 'dialog', '1003');
    lab.carol.call('1002', offer);
    expect(watch.dialogs()).toMatchObject([{ direction: 'initiator', remote: { uri: 'sip:1002@192.0.2.1' } }]);
  });

  test('without the right it is 403 with the reason, and an event; existence is not told', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.carol, 'dialog', '1002');
    expect(watch.status).toBe(403);
    expect(watch.warning).toBe('There is no right to watch the calls of this line');
    expect(new Watch(lab, lab.carol, 'dialog', '7777').status).toBe(403);
    expect(lab.lab.eventsOf('request-refused')).toMatchObject([
      { device: 'SEP000000000003', reason: 'no-watching-right' },
      { device: 'SEP000000000003', reason: 'no-watching-right' },
    ]);
  });

  test('who sees no identities is told that there is a call, and not with whom', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.dave, 'dialog', '1002');
    lab.carol.call('1002', offer);
    const [dialog] = watch.dialogs() ?? [];
    expect(dialog).toEqual({
      id: dialog?.id,
      state: 'trying',
      direction: 'recipient',
      local: { uri: 'sip:1002@192.0.2.1' },
    });
  });

  test('identifiers for Replaces are for the pick-up right alone; keys are for nobody', () => {
    const lab = setUp();
    const { bob } = lab;
    bob.onIncoming = (session) => void session.ring(lab.clock.now, 180);
    const watches = [lab.alice, lab.dave, lab.erin].map((phone) => new Watch(lab, phone, 'dialog', '1002'));
    lab.carol.call('1002', offer);
    const [seen, hidden, full] = watches.map((watch) => watch.dialogs()?.[0]);
    for (const dialog of [seen, hidden]) expect(dialog).not.toHaveProperty('callId');
    expect(full).toMatchObject({
      callId: bob.session.callId,
      localTag: bob.session.localTag,
      remoteTag: expect.stringMatching(/^[0-9a-f]{16}$/),
      remote: { uri: 'sip:1003@192.0.2.1' },
    });
    for (const watch of watches) expect(new TextDecoder().decode(watch.last())).not.toContain('inline:');
  });

  test('what a watcher is told picks the call up: INVITE with Replaces as RFC 4235 names the dialog (RFC 3891 §3)', () => {
    const lab = setUp();
    const { bob, erin, carol } = lab;
    bob.onIncoming = (session) => void session.ring(lab.clock.now, 180);
    const watch = new Watch(lab, erin, 'dialog', '1002');
    carol.call('1002', offer);
    const { callId, localTag, remoteTag } = watch.dialogs()?.[0] ?? {};
    const replaces = `${callId};to-tag=${localTag};from-tag=${remoteTag};early-only`;
    lab.lab.act((now) =>
      erin.agent.place(now, erin.flow, {
        requestUri: 'sip:1002@cm.example',
        from: '<sip:1005@cm.example>',
        to: '<sip:1002@cm.example>',
        offer: octets(description([cryptoLine(3)])),
        headers: [{ name: 'Replaces', value: replaces }],
      }),
    );
    expect(erin.answerTo('INVITE').status).toBe(200);
    expect(lab.lab.core.calls()).toMatchObject([{ legs: [{ line: '1003' }, { line: '1005' }] }]);
    expect(watch.dialogs()).toEqual([]);
  });

  test('who withholds the number stays unknown to watchers too (RFC 3323)', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.alice, 'dialog', '1002');
    const { carol } = lab;
    carol.alter = (message) =>
      message.kind === 'request' && message.method === 'INVITE'
        ? [{ ...message, headers: [...message.headers, { name: 'Privacy', value: 'id' }] }]
        : [message];
    carol.call('1002', offer);
    expect(watch.dialogs()).toHaveLength(1);
    expect(watch.dialogs()?.[0]).not.toHaveProperty('remote');
  });
});

describe('presence (RFC 3856)', () => {
  test('a line that may be called is seen idle, ringing, on the phone, and gone', () => {
    const lab = setUp();
    const { bob, clock } = lab;
    const watch = new Watch(lab, lab.carol, 'presence', '1002');
    expect(watch.presence()).toEqual(['Available', 'open']);
    bob.onIncoming = (session) => void session.ring(clock.now, 180);
    lab.dave.call('1002', offer);
    clock.advance(5_000);
    expect(watch.presence()).toEqual(['Ringing', 'open']);
    lab.lab.act((now) => bob.session.accept(now, answer));
    clock.advance(5_000);
    expect(watch.presence()).toEqual(['On the phone', 'open', 'on-the-phone']);
    lab.lab.act((now) => bob.session.bye(now));
    bob.register(0);
    clock.advance(5_000);
    expect(watch.presence()).toEqual(['Not registered', 'closed']);
  });

  test('a line that is not to be disturbed says so, also while it is free', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.carol, 'presence', '1002');
    lab.lab.act((now) => lab.lab.core.setForwarding(now, '1002', { doNotDisturb: true }));
    lab.clock.advance(5_000);
    expect(watch.presence()).toEqual(['Do not disturb', 'open', 'busy']);
    lab.lab.act((now) => lab.lab.core.setForwarding(now, '1002', undefined));
    lab.clock.advance(5_000);
    expect(watch.presence()).toEqual(['Available', 'open']);
  });

  test('a line behind a partition that the watcher may not dial is 403 and why; one that is not there 404', () => {
    const lab = setUp();
    const barred = new Watch(lab, lab.carol, 'presence', '1006');
    expect([barred.status, barred.warning]).toEqual([
      403,
      'The calling line has no right to dial this number (partition board)',
    ]);
    expect(new Watch(lab, lab.carol, 'presence', '7777').status).toBe(404);
  });

  test('a registration that is only refreshed is no news', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.carol, 'presence', '1002');
    lab.clock.advance(10_000);
    lab.bob.register();
    lab.clock.advance(10_000);
    expect(watch.run().notified).toHaveLength(1);
  });
});

describe('messages that wait (RFC 3842)', () => {
  test('are told to the line’s own phones, at once and when they change', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.bob, 'message-summary', '1002');
    expect(parseMessageSummary(watch.last())).toMatchObject({ waiting: false });
    lab.lab.act((now) => lab.lab.core.setWaitingMessages(now, '1002', { new: 2, old: 1 }));
    expect(parseMessageSummary(watch.last())).toEqual({
      waiting: true,
      account: 'sip:1002@192.0.2.1',
      counts: { 'voice-message': { new: 2, old: 1 } },
    });
    expect(new Watch(lab, lab.carol, 'message-summary', '1002').status).toBe(403);
  });
});

describe('registrations (RFC 3680)', () => {
  test('are told to the phone that made them, when they begin and end', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.bob, 'reg', '');
    expect(parseRegInfo(watch.last())).toMatchObject({
      state: 'full',
      registrations: [
        { addressOfRecord: 'sip:1002@192.0.2.1', state: 'active', contacts: [{ state: 'active', expires: 600 }] },
      ],
    });
    lab.bob.register(0);
    expect(parseRegInfo(watch.last())).toMatchObject({ registrations: [{ state: 'init', contacts: [] }] });
    expect(new Watch(lab, lab.carol, 'reg', '1002').status).toBe(403);
  });
});

describe('a subscription', () => {
  test('to an event that is not served is 489 and names those that are (RFC 6665 §7.2)', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.bob, 'conference', '1002');
    expect(watch.status).toBe(489);
    expect(headerValue(watch.answers[0] as SipMessage, 'Allow-Events')).toBe('dialog, presence, message-summary, reg');
  });

  test('for too short a time is 423, and is taken for the time that is asked for', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.bob, 'reg', '', { expires: 10 });
    expect(watch.answers.map((answer) => answer.kind === 'response' && answer.status)).toEqual([423, 200]);
  });

  test('whose Accept does not name the document’s type is 406', () => {
    const lab = setUp();
    expect(new Watch(lab, lab.bob, 'presence', '1002', { accept: ['text/plain'] }).status).toBe(406);
    expect(new Watch(lab, lab.bob, 'presence', '1002', { accept: ['application/pidf+xml;q=0.5'] }).status).toBe(200);
  });

  test('lives by its refreshes, and ends by unsubscribing: nothing is left', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.alice, 'dialog', '1002');
    for (let round = 0; round < 3; round += 1) {
      lab.clock.advance(300_000);
      lab.alice.register();
      watch.subscriber.handleTime(lab.clock.now);
      watch.run();
    }
    expect(watch.notified).toHaveLength(4);
    watch.subscriber.stop();
    watch.run();
    expect(watch.ends).toEqual(['timeout']);
    expect(lab.lab.core.subscriptionCount).toBe(0);
  });

  test('that is not refreshed is told that it is over', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.alice, 'dialog', '1002', { expires: 60 });
    lab.clock.advance(60_000);
    watch.run();
    expect(subscriptionStateOf(watch.notified.at(-1) as SipRequest)).toMatchObject({
      state: 'terminated',
      reason: 'timeout',
    });
    expect(lab.lab.core.subscriptionCount).toBe(0);
  });

  test('is of the device that made it: another one’s SUBSCRIBE within it is 403, and an event', () => {
    const lab = setUp();
    const watch = new Watch(lab, lab.alice, 'dialog', '1002');
    const [told] = watch.run().notified;
    const stolen: readonly SipHeader[] = [
      { name: 'Call-ID', value: headerValue(told as SipRequest, 'Call-ID') ?? '' },
      { name: 'CSeq', value: '9 SUBSCRIBE' },
      { name: 'Contact', value: '<sip:1003@192.0.2.9>' },
      { name: 'Event', value: 'dialog' },
      { name: 'Expires', value: '0' },
    ];
    const plain = lab.carol.request('SUBSCRIBE', stolen, 'sip:1002@192.0.2.1');
    const tagOf = (value: string | undefined) => /;tag=.*/.exec(value ?? '')?.[0] ?? '';
    const headers = plain.headers.map(({ name, value }) => {
      if (name === 'From')
        return { name, value: `<sip:1003@cm.example>${tagOf(headerValue(told as SipRequest, 'To'))}` };
      if (name === 'To')
        return { name, value: `<sip:1002@192.0.2.1>${tagOf(headerValue(told as SipRequest, 'From'))}` };
      return { name, value };
    });
    lab.lab.act((now) => lab.carol.agent.sendRequest(now, lab.carol.flow, { ...plain, headers }));
    expect(lab.carol.answerTo('SUBSCRIBE').status).toBe(403);
    expect(lab.lab.eventsOf('request-refused')).toMatchObject([{ reason: 'subscription-of-another-device' }]);
    expect(lab.lab.core.subscriptionCount).toBe(1);
  });

  test('is one of so many that a device may have: further ones are 403, and an event', () => {
    const lab = setUp({ subscriptions: { perDevice: 2, expiry: { minimum: 60, maximum: 600, default: 600 } } });
    const statuses = [1, 2, 3].map(() => new Watch(lab, lab.alice, 'dialog', '1002').status);
    expect(statuses).toEqual([200, 200, 403]);
    expect(lab.lab.eventsOf('request-refused')).toMatchObject([{ reason: 'too-many-subscriptions' }]);
    expect(new Watch(lab, lab.bob, 'reg', '').status).toBe(200);
  });

  test('goes with its device’s last connection, and with the device', () => {
    const lab = setUp();
    new Watch(lab, lab.alice, 'dialog', '1002');
    new Watch(lab, lab.erin, 'dialog', '1002');
    expect(lab.lab.core.subscriptionCount).toBe(2);
    lab.lab.act((now) => lab.lab.core.removeDevice(now, 'SEP000000000005'));
    expect(lab.lab.core.subscriptionCount).toBe(1);
    lab.lab.disconnect(lab.alice.flow.id);
    lab.carol.call('1002', offer);
    expect(lab.lab.core.subscriptionCount).toBe(0);
  });

  test('that its phone knows no longer ends with the next NOTIFY (RFC 6665 §4.2.2)', () => {
    const lab = setUp();
    new Watch(lab, lab.alice, 'dialog', '1002');
    lab.alice.onRequest = (request) => createResponse(request, 481);
    lab.carol.call('1002', offer);
    expect(lab.lab.core.subscriptionCount).toBe(0);
  });
});

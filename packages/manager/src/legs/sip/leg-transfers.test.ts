/** REFER at SIP's door: three phones and the whole core on a virtual clock. */
import {
  formatReferTo,
  headerValue,
  type InviteSession,
  parseReplaces,
  parseWarnings,
  type SipHeader,
  type SipMessage,
  type SipRequest,
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
  text,
} from '../../simulation.fixture.ts';

function setUp(options: SimulationOptions = {}) {
  const clock = new VirtualClock(1_000);
  const lab = new Simulation(clock, new SeededRandom(7).bytes, options);
  const [alice, bob, carol] = ['1001', '1002', '1003'].map((line) => {
    const phone = lab.phone(`SEP00000000${line}`, line, { agent: { methods: ['NOTIFY'], supported: ['replaces'] } });
    phone.register();
    return phone;
  }) as [SimulatedPhone, SimulatedPhone, SimulatedPhone];
  /** What Bob was notified of, as it came; he answers each. */
  const notified: string[] = [];
  bob.onEvent = (session, event) => {
    if (event.kind !== 'request') return;
    notified.push(`${text(event.message.body).trim()} (${headerValue(event.message, 'Subscription-State')})`);
    lab.act((now) => session.answerRequest(now, event.transaction, event.message, 200));
  };
  // Whatever is offered to Alice and Carol they take, each with another key than before.
  for (const [phone, seed] of [
    [alice, 51],
    [carol, 52],
  ] as const) {
    phone.onEvent = (session, event) => {
      const sdp = octets(description([cryptoLine(seed)], { version: seed }));
      if (event.kind === 'offer' || event.kind === 'offer-requested') lab.act((now) => session.answerOffer(now, sdp));
    };
  }
  alice.call('1002', description([cryptoLine(1)]));
  lab.act((now) => bob.session.accept(now, octets(description([cryptoLine(2)]))));
  const nothingLeft = () => {
    for (const phone of [alice, bob, carol]) {
      for (const session of phone.sessions) if (session.phase === 'established') lab.act((now) => session.bye(now));
    }
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
  return { clock, lab, alice, bob, carol, notified, nothingLeft };
}

function refer(lab: Simulation, session: InviteSession, referTo: string, more: readonly SipHeader[] = []): void {
  lab.act((now) => session.request(now, { method: 'REFER', headers: [{ name: 'Refer-To', value: referTo }, ...more] }));
}

/** The Refer-To of the one with whom this session talks. */
function toPartnerOf({ dialog }: InviteSession): string {
  if (dialog === undefined) throw new Error('no dialog');
  const replaces = { callId: dialog.callId, toTag: dialog.remoteTag, fromTag: dialog.localTag, earlyOnly: false };
  return formatReferTo({ uri: 'sip:1003@cm.example', replaces });
}

const number = '<sip:1003@cm.example>';
const warnings = (message: SipMessage) => parseWarnings(headerValue(message, 'Warning') ?? '')?.map(({ text }) => text);
const keysIn = (requests: readonly SipRequest[]) =>
  requests.flatMap(({ body }) =>
    text(body)
      .split('\r\n')
      .filter((line) => line.startsWith('a=crypto')),
  );

describe('RFC 3515: REFER in a call', () => {
  test('§2.4.4: is answered 202 and followed by NOTIFY of 100, 180 and 200, then by BYE', () => {
    const { lab, alice, bob, carol, notified, nothingLeft } = setUp();
    refer(lab, bob.session, number);
    expect(bob.answerTo('REFER').status).toBe(202);
    expect(headerValue(bob.answerTo('REFER'), 'Contact')).toContain('sip:192.0.2.1');
    expect(notified).toEqual(['SIP/2.0 100 Trying (active;expires=600)']);
    lab.act((now) => carol.session.ring(now, 180));
    lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(3)]))));
    expect(notified.slice(1)).toEqual([
      'SIP/2.0 180 Ringing (active;expires=600)',
      'SIP/2.0 200 OK (terminated;reason=noresource)',
    ]);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(headerValue(bob.requests('NOTIFY')[0] ?? bob.answerTo('REFER'), 'Event')).toBe('refer');
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    expect(keysIn(alice.requests('INVITE'))).toEqual([`a=crypto:${cryptoLine(3)}`]);
    nothingLeft();
  });

  test('RFC 3892 §3: the INVITE that it leads to says by whom, as was proved, and for whom', () => {
    const { lab, bob, carol } = setUp();
    refer(lab, bob.session, number, [{ name: 'Referred-By', value: '<sip:boss@elsewhere.example>' }]);
    const [invite] = carol.requests('INVITE');
    expect(invite && headerValue(invite, 'Referred-By')).toBe('<sip:1002@192.0.2.1>');
    expect(invite && headerValue(invite, 'From')).toContain('<sip:1001@192.0.2.1>');
    expect(invite?.body).toHaveLength(0);
  });

  test('§2.4.5: a call that is refused is notified with its status, and the old call goes on', () => {
    const { lab, alice, bob, carol, notified, nothingLeft } = setUp();
    refer(lab, bob.session, number);
    lab.act((now) => carol.session.reject(now, 486));
    expect(notified.at(-1)).toBe('SIP/2.0 486 every line is busy (terminated;reason=noresource)');
    expect([alice.session.phase, bob.session.phase]).toEqual(['established', 'established']);
    nothingLeft();
  });

  test('§2.4.6: a second one in the dialog has an id of its own', () => {
    const { lab, bob, carol } = setUp();
    refer(lab, bob.session, number);
    lab.act((now) => carol.session.reject(now, 486));
    refer(lab, bob.session, number);
    const id = headerValue(bob.requests('NOTIFY').at(-1) ?? bob.answerTo('REFER'), 'Event');
    expect(id).toMatch(/^refer;id=\d+$/);
  });

  test('one that cannot be followed is refused, and the phone reads why', () => {
    const { lab, bob } = setUp();
    for (const [referTo, status] of [
      ['<http://example.com>', 400],
      ['<sip:cm.example>', 404],
      ['<sip:1003@cm.example?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>', 481],
      ['<sip:1003@cm.example;method=BYE>', 501],
    ] as const) {
      refer(lab, bob.session, referTo);
      expect(bob.answerTo('REFER').status).toBe(status);
    }
    expect(bob.requests('NOTIFY')).toEqual([]);
  });

  test('outside a call is refused 403, and the phone reads why', () => {
    const { lab, bob } = setUp();
    const headers = [
      { name: 'Call-ID', value: 'x' },
      { name: 'CSeq', value: '1 REFER' },
      { name: 'Contact', value: '<sip:1002@192.0.2.9>' },
      { name: 'Refer-To', value: number },
    ];
    lab.act((now) => bob.agent.sendRequest(now, bob.flow, bob.request('REFER', headers, 'sip:1001@cm.example')));
    expect(bob.answerTo('REFER').status).toBe(403);
    expect(warnings(bob.answerTo('REFER'))).toEqual(['A REFER is taken within a call only']);
  });

  test('in the call leg of another device is refused 403', () => {
    const { lab, alice, bob } = setUp();
    const dialog = bob.session.dialog;
    const stolen = alice.request('REFER', [
      { name: 'Call-ID', value: dialog?.callId ?? '' },
      { name: 'CSeq', value: '99 REFER' },
      { name: 'Contact', value: '<sip:1001@192.0.2.9>' },
      { name: 'Refer-To', value: number },
    ]);
    const headers = stolen.headers.map(({ name, value }) => {
      if (name === 'From') return { name, value: dialog?.localAddress ?? '' };
      return name === 'To' ? { name, value: dialog?.remoteAddress ?? '' } : { name, value };
    });
    lab.act((now) => alice.agent.sendRequest(now, alice.flow, { ...stolen, headers }));
    expect(alice.answerTo('REFER').status).toBe(403);
    expect(lab.eventsOf('request-refused')).toMatchObject([{ reason: 'leg-of-another-device' }]);
  });

  test('a phone that hangs up at once is let go, and the call comes about', () => {
    const { lab, bob, carol, nothingLeft } = setUp();
    refer(lab, bob.session, number);
    lab.act((now) => bob.session.bye(now));
    lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(3)]))));
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    nothingLeft();
  });

  test('the final NOTIFY is answered before the phone is hung up, however long that takes', () => {
    const { clock, lab, bob, carol } = setUp();
    bob.onEvent = () => {};
    refer(lab, bob.session, number);
    lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(3)]))));
    expect(bob.session.phase).toBe('established');
    clock.advance(100_000); // neither NOTIFY is ever answered
    expect(bob.session.phase).toBe('ended');
  });
});

describe('RFC 3891: REFER with Replaces', () => {
  /** Bob asks Carol first. */
  function consulted(answers: boolean) {
    const world = setUp();
    const { lab, bob, carol } = world;
    const first = bob.session;
    bob.call('1003', description([cryptoLine(4)]));
    lab.act((now) => carol.session.ring(now, 180));
    if (answers) lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(5)]))));
    return { ...world, first, second: bob.session };
  }

  test('joins the two others, each with a new key, and hangs up both calls of the transferor', () => {
    const { lab, alice, carol, first, second, notified, nothingLeft } = consulted(true);
    const before = keysIn(carol.requests('INVITE'));
    refer(lab, first, toPartnerOf(second));
    expect(notified.at(-1)).toContain('200 OK');
    expect([first.phase, second.phase]).toEqual(['ended', 'ended']);
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    const toCarol = keysIn(carol.requests('INVITE')).slice(before.length);
    expect(toCarol).not.toContain(`a=crypto:${cryptoLine(1)}`);
    expect(text(alice.requests('INVITE')[0]?.body)).toBe(''); // asked to offer
    nothingLeft();
  });

  test('of a call that rings takes the ringing over, and the transferor’s INVITE ends 487', () => {
    const { lab, bob, carol, first, notified, nothingLeft } = consulted(false);
    const early = bob.events.find(({ event }) => event.kind === 'progress')?.event;
    const toTag = early?.kind === 'progress' ? early.toTag : undefined;
    const [invite] = carol.requests('INVITE');
    expect(invite).toBeDefined();
    const replaces = parseReplaces(`${bob.session.callId};to-tag=${toTag};from-tag=${bob.session.localTag}`);
    refer(lab, first, formatReferTo({ uri: 'sip:1003@cm.example', replaces }));
    expect(bob.answerTo('INVITE').status).toBe(487);
    lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(6)]))));
    expect(notified.at(-1)).toContain('200 OK');
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    nothingLeft();
  });

  test('of a call of another device is refused 403, and the phone reads why', () => {
    const { lab, bob, carol, first } = consulted(true);
    refer(lab, first, toPartnerOf(carol.session));
    expect(bob.answerTo('REFER').status).toBe(403);
    expect(warnings(bob.answerTo('REFER'))).toEqual(['The other call belongs to another device']);
    expect(lab.eventsOf('transfer-refused')).toHaveLength(1);
  });
});

describe('RFC 3264 §8: the number of streams of a session never falls', () => {
  test('a transferee with more streams than the new partner is offered the rest refused, and nobody sees it', () => {
    const { lab, alice, bob, carol, nothingLeft } = setUp();
    const video = 'm=video 4002 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n';
    lab.act((now) => alice.session.reoffer(now, octets(`${description([cryptoLine(1)], { version: 2 })}${video}`)));
    lab.act((now) =>
      bob.session.answerOffer(now, octets(`${description([cryptoLine(2)], { version: 2 })}m=video 0 RTP/AVP 31\r\n`)),
    );
    alice.onEvent = (session, event) => {
      if (event.kind !== 'offer') return;
      expect(text(event.offer).match(/^m=.*$/gm)).toEqual(['m=audio 4000 RTP/SAVP 0', 'm=video 0 RTP/AVP 31']);
      const sdp = `${description([cryptoLine(9)], { version: 3 })}m=video 0 RTP/AVP 31\r\n`;
      lab.act((now) => session.answerOffer(now, octets(sdp)));
    };
    refer(lab, bob.session, number);
    lab.act((now) => carol.session.accept(now, octets(description([cryptoLine(3)]))));
    expect(text(carol.event('acknowledged').answer).match(/^m=.*$/gm)).toEqual(['m=audio 4000 RTP/SAVP 0']);
    nothingLeft();
  });
});

describe('RFC 3891 §3: INVITE with Replaces', () => {
  const numbering = {
    entries: [{ pattern: '*8', target: { kind: 'pick-up' as const } }],
    pickUpGroups: [{ name: 'sales', lines: ['1002', '1003'] }],
  };

  /** Alice calls Bob a second time; he rings. */
  function ringing(options: SimulationOptions = { numbering }) {
    const world = setUp(options);
    const { lab, alice, bob } = world;
    lab.act((now) => alice.session.bye(now));
    alice.call('1002', description([cryptoLine(7)]));
    lab.act((now) => bob.session.ring(now, 180));
    return world;
  }

  /** Carol’s INVITE for the dialog that Bob has, as a dialog event tells it (RFC 4235 §4.1.2). */
  function take(lab: Simulation, carol: SimulatedPhone, replaces: string, destination = '1002'): void {
    const session = lab.act((now) =>
      carol.agent.place(now, carol.flow, {
        requestUri: `sip:${destination}@cm.example`,
        from: '<sip:1003@cm.example>',
        to: `<sip:${destination}@cm.example>`,
        offer: octets(description([cryptoLine(8)])),
        headers: replaces === '' ? [] : [{ name: 'Replaces', value: replaces }],
      }),
    );
    carol.sessions.push(session);
  }

  const dialogOf = ({ session }: SimulatedPhone) =>
    `${session.callId};to-tag=${session.dialog?.remoteTag};from-tag=${session.dialog?.localTag}`;

  test.each(['Replaces', 'the number for it'])('takes a ringing call by %s; the phone that rang is told', (how) => {
    const { lab, alice, bob, carol, nothingLeft } = ringing();
    if (how === 'Replaces') take(lab, carol, `${dialogOf(bob)};early-only`);
    else take(lab, carol, '', '*8');
    expect(carol.answerTo('INVITE').status).toBe(200);
    expect(alice.answerTo('INVITE').status).toBe(200);
    expect(headerValue(bob.requests('CANCEL')[0] ?? bob.answerTo('REGISTER'), 'Reason')).toContain('elsewhere');
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1001' }, { line: '1003' }] }]);
    nothingLeft();
  });

  test('takes the place of one who talks, who gets a BYE', () => {
    const { lab, bob, carol, nothingLeft } = ringing();
    lab.act((now) => bob.session.accept(now, octets(description([cryptoLine(9)]))));
    take(lab, carol, dialogOf(bob));
    expect(carol.answerTo('INVITE').status).toBe(200);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', legs: [{ line: '1003' }, { line: '1001' }] }]);
    nothingLeft();
  });

  test.each([
    [403, 'without a pick-up group together', (bob: SimulatedPhone) => dialogOf(bob)],
    [481, 'of a dialog that is not there', () => 'x;to-tag=1;from-tag=2'],
    [400, 'that cannot be read', () => 'x;to-tag=1'],
  ])('is refused %i %s, and the phone reads why', (status, _, replaces) => {
    const { lab, bob, carol, nothingLeft } = ringing({});
    take(lab, carol, replaces(bob));
    expect(carol.answerTo('INVITE').status).toBe(status);
    expect(warnings(carol.answerTo('INVITE'))).toHaveLength(1);
    expect(bob.session.phase).toBe('incoming');
    lab.act((now) => bob.session.reject(now, 486));
    nothingLeft();
  });
});

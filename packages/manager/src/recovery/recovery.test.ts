/** The manager's process dies during calls, and another begins: phones against the whole core, on a virtual clock. */
import { Redacted } from '@trustline/base';
import { cseq, DigestClient, digestHa1, headerValue, parseWarnings, type SipRequest } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import {
  cryptoLine,
  description,
  octets,
  type SimulatedPhone,
  Simulation,
  type SimulationOptions,
  simulatedRealm,
  text,
} from '../simulation.fixture.ts';

const watching = { sessionTimer: { interval: 1_800, minimum: 90 } } as const;

/** Two phones: over TLS with keys, or over UDP with passwords and in the clear. */
function pair(transport: 'tls' | 'udp' | 'tcp' = 'tls', options: SimulationOptions = {}, agent = {}) {
  const clock = new VirtualClock(1_000);
  const lab = new Simulation(clock, new SeededRandom(7).bytes, options);
  const phone = (name: string, line: string) => {
    if (transport === 'tls') {
      const made = lab.phone(name, line, { agent });
      made.register();
      return made;
    }
    const digest = new DigestClient({
      username: name,
      password: new Redacted('secret'),
      random: new SeededRandom(Number(line)).bytes,
    });
    const made = lab.phone(name, line, {
      securityMode: 'non-secure',
      transport,
      password: { sha256: digestHa1('SHA-256', name, simulatedRealm, 'secret'), md5: undefined },
      agent: { answerChallenge: (request, response) => digest.answer(request, response), ...agent },
    });
    made.register();
    const request = made.sent.findLast((sent): sent is SipRequest => sent.kind === 'request') as SipRequest;
    const header = digest.answer(request, made.answerTo('REGISTER'));
    if (header !== undefined) made.register(600, [header]);
    return made;
  };
  const [alice, bob] = [phone('SEP000000000001', '1001'), phone('SEP000000000002', '1002')];
  const keys = (seed: number) => (transport === 'tls' ? [cryptoLine(seed)] : []);
  const back = (one: SimulatedPhone) => {
    one.connect();
    lab.act((now) => one.session.moveTo(now, one.flow));
  };
  const nothingLeft = () => {
    clock.advance(120_000);
    expect(lab.core.calls()).toEqual([]);
    expect(Object.values(lab.core.tableSizes).filter((size) => size > 0)).toEqual([]);
    expect(lab.kept.size).toBe(0);
    for (const one of [alice, bob]) expect(one.agent.tableSizes).toMatchObject({ sessions: 0, dialogs: 0 });
  };
  return { clock, lab, alice, bob, keys, back, nothingLeft };
}

/** The two talk. */
function talking(...setUp: Parameters<typeof pair>) {
  const made = pair(...setUp);
  const { lab, alice, bob, keys } = made;
  alice.call('1002', description(keys(1)));
  lab.act((now) => bob.session.accept(now, octets(description(keys(2)))));
  expect(lab.core.calls()).toMatchObject([{ state: 'connected' }]);
  return made;
}

/** One calls the other, which has rung for a while. */
function ringing(transport: 'tls' | 'udp') {
  const made = pair(transport);
  const { clock, lab, alice, bob, keys } = made;
  alice.call('1002', description(keys(1)));
  lab.act((now) => bob.session.ring(now, 180));
  clock.advance(4_000);
  return made;
}

test('one state is kept of a call that is answered, without a key, and nothing before', () => {
  const { lab } = talking();
  const [kept, ...others] = [...lab.kept.values()];
  expect(others).toEqual([]);
  const key = cryptoLine(1).replace(/.*inline:/, '');
  expect(kept).not.toContain(key.slice(0, 10));
  expect(kept).not.toContain('inline');
});

test('a call is written down when it is answered and when it is over, and not for its ACK or for the level being shown', () => {
  const { lab, alice, bob, keys } = pair();
  const poll = lab.core.poll.bind(lab.core);
  const written: string[] = [];
  lab.core.poll = () => {
    const output = poll();
    if (output?.kind === 'keep-call') written.push(output.state.record === undefined ? 'answered' : 'over');
    return output;
  };
  alice.call(bob.line, description(keys(1)));
  lab.act((now) => bob.session.accept(now, octets(description(keys(2)))));
  expect(bob.requests('UPDATE')).toHaveLength(1);
  expect(written).toEqual(['answered']);
  lab.act((now) => alice.session.bye(now));
  expect(written).toEqual(['answered', 'over']);
});

describe('a call that rings when the process dies', () => {
  test.each(['udp', 'tls'] as const)('rings no longer at the called, and the caller hears why (%s)', (transport) => {
    const { lab, alice, bob, back, nothingLeft } = ringing(transport);
    const kept = [...lab.kept.values()].join();
    expect(lab.kept.size).toBe(2);
    expect(kept).not.toContain('inline');
    lab.restart(2_000);
    if (transport === 'tls') for (const one of [alice, bob]) back(one);
    expect(bob.requests('CANCEL').length).toBeGreaterThan(0);
    const refusal = alice.answerTo('INVITE');
    expect(refusal.status).toBe(503);
    // Over a connection that was lost our phones have given up by themselves (RFC 3261 §17.1.4).
    if (transport === 'udp') {
      expect(bob.event('ended')).toMatchObject({ cause: 'cancelled' });
      expect(alice.event('ended')).toMatchObject({ cause: 'rejected', by: 'remote' });
      expect(headerValue(refusal, 'Retry-After')).toBe('5');
      expect(headerValue(refusal, 'Warning')).toContain('call again');
    }
    expect(lab.core.calls()).toEqual([]);
    nothingLeft();
  });

  test('and is picked up meanwhile: the called is acknowledged and hung up, and does not talk to nobody', () => {
    const { lab, bob, keys, nothingLeft } = ringing('udp');
    lab.transit = () => []; // nobody is there
    lab.act((now) => bob.session.accept(now, octets(description(keys(2)))));
    lab.transit = () => [0];
    lab.restart(2_000);
    nothingLeft();
    expect(bob.event('ended')).toMatchObject({ by: 'remote' });
    expect(bob.requests('ACK').length).toBeGreaterThan(0);
  });

  test('is kept once it has rung for a second, and no longer than it rings', () => {
    const { clock, lab, alice, bob, keys, nothingLeft } = pair('udp');
    alice.call('1002', description(keys(1)));
    lab.act((now) => bob.session.ring(now, 180));
    expect(lab.kept.size).toBe(0);
    clock.advance(3_000);
    expect(lab.kept.size).toBe(2);
    lab.act((now) => alice.session.cancel(now));
    expect(lab.kept.size).toBe(0);
    nothingLeft();
  });
});

describe('a call with direct media, after the process has died', () => {
  test.each(['alice', 'bob'] as const)('is hung up by %s at the other end too (UDP)', (end) => {
    const { lab, nothingLeft, ...phones } = talking('udp');
    lab.restart(5_000);
    expect(lab.eventsOf('call-recovered')).toHaveLength(1);
    lab.act((now) => phones[end].session.bye(now));
    const other = phones[end === 'alice' ? 'bob' : 'alice'];
    expect(other.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(phones[end].event('ended')).toMatchObject({ cause: 'bye', by: 'local' });
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'normal-clearing', legs: [{}, {}] }]);
    expect(lab.records[0]?.recoveredAt).toBeDefined();
    nothingLeft();
  });

  test('is hung up at a phone with TLS as soon as that is back', () => {
    const { clock, lab, alice, bob, back, nothingLeft } = talking();
    lab.restart();
    back(alice);
    lab.act((now) => alice.session.bye(now));
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'normal-clearing', level: 'encrypted' }]);
    clock.advance(600_000);
    expect(bob.happened).not.toContain('ended');
    back(bob);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    nothingLeft();
  });

  test('who comes back on a new connection and hangs up at once has to prove who he is, and may (TCP, digest)', () => {
    const { lab, alice, bob, back, nothingLeft } = talking('tcp');
    lab.restart();
    back(bob);
    back(alice);
    lab.act((now) => alice.session.bye(now));
    expect(alice.received.some((message) => message.kind === 'response' && message.status === 401)).toBe(true);
    expect(bob.happened).not.toContain('ended');
    expect(lab.core.calls()).toEqual([]);
    bob.register();
    lab.act((now) => bob.session.bye(now));
    nothingLeft();
  });

  test('another device does not hang it up, whatever it knows', () => {
    const { lab, alice, back } = talking();
    const mallory = lab.phone('SEP00000000000F', '1009');
    mallory.register();
    lab.restart();
    back(alice);
    mallory.connect();
    lab.act((now) => {
      alice.session.moveTo(now, mallory.flow);
      alice.session.bye(now);
    });
    expect(lab.eventsOf('request-refused')).toMatchObject([{ reason: 'leg-of-another-device' }]);
    expect(lab.core.calls()).toHaveLength(1);
  });

  test('is held and resumed as any other, with the level of its media', () => {
    const { lab, alice, bob, back, nothingLeft } = talking();
    lab.restart();
    for (const one of [alice, bob]) back(one);
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', recovered: { isMediaKnown: false } }]);
    lab.act((now) =>
      alice.session.reoffer(now, octets(description([cryptoLine(3)], { direction: 'sendonly', version: 2 }))),
    );
    expect(text(bob.event('offer').offer)).toContain(cryptoLine(3));
    lab.act((now) => bob.session.answerOffer(now, octets(description([cryptoLine(4)], { direction: 'recvonly' }))));
    expect(text(alice.event('reoffer-answered').answer)).toContain(cryptoLine(4));
    expect(lab.core.calls()).toMatchObject([{ level: 'encrypted', recovered: { isMediaKnown: true } }]);
    lab.act((now) => bob.session.bye(now));
    nothingLeft();
  });

  test('is refreshed for hours where the phones know session timers (RFC 4028)', () => {
    const { clock, lab, alice, bob, nothingLeft } = talking('udp', {}, watching);
    lab.restart(60_000);
    clock.advance(4 * 3_600_000);
    expect(lab.core.calls()).toHaveLength(1);
    expect(alice.happened).not.toContain('ended');
    lab.act((now) => bob.session.bye(now));
    nothingLeft();
  });

  test('is refreshed by us where the phones do not, by offers of theirs to each other when they take no UPDATE', () => {
    const { clock, lab, alice, bob, nothingLeft } = talking('udp');
    for (const one of [alice, bob]) {
      one.onEvent = (session, event) => {
        if (event.kind === 'offer' || event.kind === 'offer-requested') {
          session.answerOffer(clock.now, octets(description([])));
        }
      };
      one.alter = (message) => {
        const headers = message.headers.map((header) =>
          header.name === 'Allow' ? { ...header, value: 'INVITE, ACK, BYE, CANCEL' } : header,
        );
        return [{ ...message, headers }];
      };
    }
    lab.act((now) => alice.session.reoffer(now, octets(description([], { version: 2 })))); // says what it allows
    lab.restart(60_000);
    clock.advance(4 * 3_600_000);
    expect(lab.core.calls()).toMatchObject([{ recovered: { isMediaKnown: true } }]);
    lab.act((now) => bob.session.bye(now));
    nothingLeft();
  });

  test('is over when neither end gives a sign until its session has expired, and its record says so', () => {
    const { clock, lab, alice, bob } = talking();
    lab.restart(600_000);
    clock.advance(1_000_000);
    expect(lab.core.calls()).toHaveLength(1);
    clock.advance(800_000);
    expect(lab.core.calls()).toEqual([]);
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'timer-expired' }]);
    expect([...alice.happened, ...bob.happened]).not.toContain('ended');
    expect(lab.kept.size).toBe(0);
  });

  test('survives the process after that as well', () => {
    const { lab, alice, bob, back, nothingLeft } = talking();
    for (let time = 0; time < 3; time += 1) lab.restart(1_000);
    for (const one of [alice, bob]) back(one);
    lab.act((now) => bob.session.bye(now));
    expect(alice.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    nothingLeft();
  });

  test('is not hung up at a phone that is away by a process that dies, but by the next one, which has its record too', () => {
    const { lab, alice, bob, back, nothingLeft } = talking();
    lab.restart();
    back(alice);
    lab.act((now) => alice.session.bye(now));
    const [kept] = [...lab.kept.values()].map((state) => JSON.parse(state));
    expect(kept.record).toEqual(lab.records[0]);
    lab.restart();
    expect(lab.records).toHaveLength(1);
    back(bob);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    nothingLeft();
  });
});

describe('whether a phone still has a call that was taken up it is asked as soon as it is back (RFC 4028 §7.4)', () => {
  /** The phone has forgotten its calls: it never heard that this one was answered, and its connection is gone. */
  const forgetful = (one: SimulatedPhone) => {
    one.alter = (message) => {
      if (message.kind === 'request' || message.status >= 300) return [message];
      const method = cseq(message)?.method;
      if (method !== 'UPDATE' && method !== 'OPTIONS') return [message];
      return [{ ...message, status: 481, reason: 'Call/Transaction Does Not Exist' }];
    };
  };
  const asked = (one: SimulatedPhone) => [...one.requests('UPDATE'), ...one.requests('OPTIONS')].slice(-1)[0];

  test.each(['udp', 'tls'] as const)('one that has goes on untouched, with its keys (%s)', (transport) => {
    const { clock, lab, alice, bob, back, nothingLeft } = talking(transport);
    const before = [alice, bob].map((one) => one.requests('UPDATE').length);
    const level = lab.core.calls()[0]?.level;
    lab.restart(2_000);
    if (transport === 'tls') for (const one of [alice, bob]) back(one);
    clock.advance(60_000);
    for (const [index, one] of [alice, bob].entries()) {
      expect(one.requests('UPDATE')).toHaveLength((before[index] ?? 0) + 1);
      const update = asked(one) as SipRequest;
      expect(update.body).toHaveLength(0);
      expect(headerValue(update, 'Session-Expires')).toBeDefined();
      expect(one.happened).not.toContain('offer');
      expect(one.happened).not.toContain('ended');
    }
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level, recovered: { isMediaKnown: false } }]);
    lab.act((now) => bob.session.bye(now));
    nothingLeft();
  });

  test('by OPTIONS in the dialog where it takes no UPDATE (RFC 3261 §11)', () => {
    const { clock, lab, alice, bob } = talking('udp');
    for (const one of [alice, bob]) {
      one.alter = (message) => {
        const headers = message.headers.map((header) =>
          header.name === 'Allow' ? { ...header, value: 'INVITE, ACK, BYE, CANCEL' } : header,
        );
        return [{ ...message, headers }];
      };
    }
    lab.act((now) => alice.session.reoffer(now, octets(description([], { version: 2 })))); // says what it allows
    lab.act((now) => bob.session.answerOffer(now, octets(description([]))));
    lab.restart(2_000);
    clock.advance(60_000);
    for (const one of [alice, bob]) expect(one.requests('OPTIONS')).toHaveLength(1);
    expect(lab.core.calls()).toHaveLength(1);
    forgetful(alice);
    lab.restart(2_000);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'interrupted' }]);
    expect(lab.core.calls()).toEqual([]);
  });

  test('one that has given it up ends it at the other end, and the record says interrupted', () => {
    const { lab, alice, bob, back } = talking();
    lab.restart();
    forgetful(alice);
    back(bob);
    expect(lab.core.calls()).toHaveLength(1);
    back(alice);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    const [bye] = bob.requests('BYE');
    expect(bye && headerValue(bye, 'Reason')).toContain('SEP000000000001 has given the call up');
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'interrupted', level: 'encrypted' }]);
    expect(lab.core.calls()).toEqual([]);
    expect(lab.kept.size).toBe(0);
  });

  test('both have given it up: it is over with the first of them, and the second is told when it comes', () => {
    const { clock, lab, alice, bob, back } = talking('tls', {}, watching);
    lab.restart();
    for (const one of [alice, bob]) forgetful(one);
    back(alice);
    expect(lab.records).toMatchObject([{ reason: 'interrupted' }]);
    expect(lab.core.calls()).toEqual([]);
    expect(lab.kept.size).toBe(1);
    back(bob);
    expect(bob.requests('BYE')).toHaveLength(1);
    clock.advance(120_000);
    expect(lab.kept.size).toBe(0);
    expect(lab.records).toHaveLength(1);
  });

  test('one that does not answer at all has no call either (408, RFC 3261 §12.2.1.2)', () => {
    const { clock, lab, alice, bob } = talking('udp');
    lab.transit = (flow) => (flow.remote.port === alice.flow.local.port ? [] : [0]);
    lab.restart(2_000);
    clock.advance(31_000);
    expect(lab.core.calls()).toHaveLength(1);
    clock.advance(2_000);
    expect(lab.core.calls()).toEqual([]);
    expect(bob.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'interrupted' }]);
  });

  test('one whose connection is lost before it has answered is asked again on the next', () => {
    const { lab, alice, bob, back } = talking();
    lab.restart();
    back(bob);
    alice.alter = () => []; // it is slow
    back(alice);
    const before = alice.requests('UPDATE').length;
    expect(lab.core.calls()).toHaveLength(1);
    forgetful(alice);
    lab.disconnect(alice.flow.id);
    expect(lab.core.calls()).toHaveLength(1);
    back(alice);
    expect(alice.requests('UPDATE')).toHaveLength(before + 1);
    expect(lab.records).toMatchObject([{ reason: 'interrupted' }]);
  });
});

describe('a call whose media went over the relay', () => {
  const relayed = (transport: 'tls' | 'udp') => {
    let side = 0;
    const relay = { allocate: () => ({ side: ++side, address: '198.51.100.1', port: 20_000 + 2 * side }) };
    return talking(transport, { relay, calls: { mediaPath: 'relayed' } });
  };

  test.each(['udp', 'tls'] as const)(
    'is ended at both phones, with a reason that a person understands (%s)',
    (transport) => {
      const { lab, alice, bob, back, nothingLeft } = relayed(transport);
      lab.restart(2_000);
      expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'interrupted' }]);
      if (transport === 'tls') for (const one of [alice, bob]) back(one);
      for (const one of [alice, bob]) {
        const [bye] = one.requests('BYE');
        expect(bye && headerValue(bye, 'Reason')).toBe('Q.850;cause=41;text="interrupted"');
        expect(parseWarnings((bye && headerValue(bye, 'Warning')) ?? '')).toMatchObject([
          { text: 'the call manager has started anew, and the media that went through it are gone' },
        ]);
      }
      nothingLeft();
    },
  );
});

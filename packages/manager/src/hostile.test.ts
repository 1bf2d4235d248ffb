/**
 * What comes from people who mean no good, each with a bound on the memory that it takes, and with what shows that nobody
 * else was hurt: Alice and Bob, who talk, hold, resume and hang up meanwhile. The sockets' part of it is in the tests of
 * `sip/src/node` (slow messages, silent connections, handshakes, UDP amplification) and in `faults/`.
 */
import { headerValue, type SipRequest, withHeader, withoutHeader } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { cryptoLine, description, octets, type PhoneOptions, Simulation, text } from './simulation.fixture.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
const flood = isFull ? 100_000 : 2_000;
const stranger: PhoneOptions = { securityMode: 'non-secure', transport: 'udp' };

function underAttack() {
  const clock = new VirtualClock(1_000);
  const lab = new Simulation(clock, new SeededRandom(9).bytes);
  const [alice, bob] = [lab.phone('SEP000000000001', '1001'), lab.phone('SEP000000000002', '1002')];
  for (const phone of [alice, bob]) phone.register();
  alice.call('1002', description([cryptoLine(1)]));
  lab.act((now) => bob.session.accept(now, octets(description([cryptoLine(2)]))));
  const mallory = lab.phone('SEP00000000000E', '1066', stranger);
  clock.advance(40_000);
  const before = lab.core.tableSizes;
  return {
    clock,
    lab,
    alice,
    bob,
    mallory,
    /** Nothing of what came is left, and the call of the others goes on as if nothing had been. */
    nobodyWasHurt() {
      clock.advance(40_000);
      expect(lab.core.tableSizes).toEqual(before);
      expect(lab.core.openTransactions).toBeLessThan(20);
      const offer = description([cryptoLine(1)], { direction: 'sendonly', version: 2 });
      lab.act((now) => alice.session.reoffer(now, octets(offer)));
      expect(bob.happened.at(-1)).toBe('offer');
      lab.act((now) => bob.session.answerOffer(now, octets(description([cryptoLine(2)], { version: 2 }))));
      lab.act((now) => alice.session.bye(now));
      expect(bob.happened.at(-1)).toBe('ended');
      expect(lab.records.at(-1)).toMatchObject({ level: 'encrypted', outcome: 'answered' });
    },
  };
}

/** A request that is another one each time, as from somebody who varies what he can. */
function varied(request: SipRequest, turn: number): SipRequest {
  const via = `SIP/2.0/UDP 192.0.2.${turn % 250}:${5_060 + (turn % 1_000)};branch=z9hG4bK${turn};rport`;
  const user = `<sip:${100 + turn}@cm.example>`;
  let changed = withHeader(request, 'Via', via);
  for (const [name, value] of [
    ['From', `${user};tag=${turn}`],
    ['To', user],
    ['Call-ID', `flood-${turn}`],
    ['CSeq', `1 ${request.method}`],
  ] as const) {
    changed = withHeader(changed, name, value);
  }
  return changed;
}

describe('floods before authentication leave nothing behind (RFC 3261 §8.2.7)', () => {
  test.each(['REGISTER', 'INVITE', 'OPTIONS', 'SUBSCRIBE', 'MESSAGE'])('%s with random users', (method) => {
    const { lab, mallory, nobodyWasHurt } = underAttack();
    const request = mallory.request(method, [{ name: 'Contact', value: '<sip:x@192.0.2.66>' }]);
    for (let turn = 0; turn < flood; turn += 1) {
      lab.inject(mallory, varied(request, turn));
      mallory.received.length = 0;
    }
    nobodyWasHurt();
  });

  test('each gets one answer, which is not sent again and has its To tag from the request', () => {
    const { clock, lab, mallory } = underAttack();
    const request = varied(mallory.request('INVITE', [{ name: 'Contact', value: '<sip:x@192.0.2.66>' }]), 1);
    for (let turn = 0; turn < 2; turn += 1) lab.inject(mallory, request);
    clock.advance(40_000);
    const tags = mallory.received.map((message) => headerValue(message, 'To'));
    expect(mallory.received.map((message) => message.kind === 'response' && message.status)).toEqual([401, 401]);
    expect(new Set(tags).size).toBe(1);
  });
});

test('RFC 3261 §22.1: an ACK of no call, with the credentials of its INVITE, is answered by nothing and is no event', () => {
  const { lab, mallory, nobodyWasHurt } = underAttack();
  const credentials = 'Digest username="SEP1", realm="trustline", nonce="n", uri="sip:1002@cm.example", response="0"';
  const events = lab.events.length;
  lab.inject(mallory, withHeader(varied(mallory.request('ACK', []), 1), 'Authorization', credentials));
  lab.inject(mallory, varied(mallory.request('ACK', []), 2));
  expect([lab.events.length - events, mallory.received]).toEqual([0, []]);
  nobodyWasHurt();
});

test('who tries names and passwords one after the other is pointed out, with the address to block', () => {
  const { lab, mallory, nobodyWasHurt } = underAttack();
  const credentials = (nonce: string, turn: number) =>
    `Digest username="SEP0000000000${turn}", realm="trustline", nonce="${nonce}", uri="sip:cm.example", ` +
    `response="${'0'.repeat(64)}", algorithm=SHA-256, cnonce="x", qop=auth, nc=00000001`;
  for (let turn = 0; turn < 100; turn += 1) {
    const request = varied(mallory.request('REGISTER', []), turn);
    lab.inject(mallory, { ...withHeader(request, 'Authorization', credentials('guess', turn)), uri: 'sip:cm.example' });
  }
  expect(lab.eventsOf('scan-suspected')).toMatchObject([
    { remoteAddress: '192.0.2.9', nextStep: expect.stringContaining('firewall') },
  ]);
  nobodyWasHurt();
});

describe('headers cannot be written by names', () => {
  test.each([
    'Eve" <sip:1001@cm.example>;tag=a, "',
    'Eve\\',
    'Eve\u0000',
    'Eve%0d%0aVia: SIP/2.0/TLS evil',
    'Eve;security=Encrypted',
    '=?utf-8?q?Eve?=',
  ])('a caller who calls himself %j', (name) => {
    const { lab, bob, nobodyWasHurt } = underAttack();
    const eve = lab.phone('SEP000000000003', '1003');
    eve.register();
    const quoted = `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\u0000', '')}"`;
    const calls = bob.requests('INVITE').length;
    eve.alter = (message) => [
      message.kind === 'request' && message.method === 'INVITE'
        ? withHeader(message, 'From', headerValue(message, 'From')?.replace('<', `${quoted} <`) ?? '')
        : message,
    ];
    eve.call('1002', description([cryptoLine(50)]));
    const [invite, ...more] = bob.requests('INVITE').slice(calls);
    expect(more).toEqual([]);
    expect(headerValue(invite as SipRequest, 'From')).toMatch(/<sip:1003@[^<>]*>;tag=[0-9a-f]+$/);
    expect(invite?.headers.filter(({ name: header }) => header === 'Via')).toHaveLength(1);
    expect(headerValue(invite as SipRequest, 'Call-Info')).not.toContain('Encrypted');
    lab.act((now) => eve.session.cancel(now));
    lab.act((now) => bob.session.reject(now, 486));
    bob.sessions.pop();
    lab.disconnect(eve.flow.id);
    nobodyWasHurt();
  });
});

describe('loops', () => {
  test.each([
    ['12', ['11']],
    ['1', ['0']],
    ['0', []],
  ])('RFC 7332 §4: a call that has %s hops left goes on with one less, and with none it does not', (left, expected) => {
    const { alice, bob } = underAttack();
    bob.forget();
    alice.alter = (message) => [message.kind === 'request' ? withHeader(message, 'Max-Forwards', left) : message];
    alice.call('1002', description([cryptoLine(20)]));
    expect(bob.requests('INVITE').map((invite) => headerValue(invite, 'Max-Forwards'))).toEqual(expected);
    if (expected.length === 0) expect(alice.answerTo('INVITE').status).toBe(483);
  });

  test('a trunk that sends every call back ends it after so many rounds, and no call is left', () => {
    const clock = new VirtualClock(1_000);
    const target = { kind: 'trunk', devices: ['GW1'], discardAccessCode: false, prefix: '' } as const;
    const lab = new Simulation(clock, new SeededRandom(2).bytes, { entries: [{ pattern: '9XXX', target }] });
    const alice = lab.phone('SEP000000000001', '1001');
    const mirror = lab.phone('GW1', '9999', { kind: 'trunk' });
    alice.register();
    let rounds = 0;
    mirror.onIncoming = (session, request) => {
      rounds += 1;
      const left = Number(headerValue(request, 'Max-Forwards'));
      if (left === 0) lab.act((now) => session.reject(now, 483));
      else {
        lab.act((now) =>
          mirror.agent.place(now, mirror.flow, {
            requestUri: 'sip:9001@cm.example',
            from: '<sip:1001@cm.example>',
            to: '<sip:9001@cm.example>',
            offer: octets(description([cryptoLine(100 + rounds)])),
            maxForwards: left - 1,
          }),
        );
      }
    };
    alice.call('9001', description([cryptoLine(1)]));
    expect(rounds).toBeLessThanOrEqual(40);
    lab.act((now) => alice.session.cancel(now));
    clock.advance(200_000);
    expect(lab.core.calls()).toEqual([]);
  });
});

describe('RFC 5393: forks that come back', () => {
  function mirrored(change: (request: SipRequest) => SipRequest) {
    const clock = new VirtualClock(1_000);
    const target = { kind: 'trunk', devices: ['GW1'], discardAccessCode: false, prefix: '' } as const;
    const lab = new Simulation(clock, new SeededRandom(2).bytes, { entries: [{ pattern: '9XXX', target }] });
    const alice = lab.phone('SEP000000000001', '1001');
    const proxy = lab.phone('GW1', '9999', { kind: 'trunk' });
    alice.register();
    // A proxy that sends every INVITE back to where it came from, with a Via of its own.
    proxy.isDeaf = true;
    let seen = 0;
    const send = () => {
      for (const invite of proxy.requests('INVITE').slice(seen)) {
        seen += 1;
        if (seen > 20) continue;
        const via = `SIP/2.0/TLS proxy.example;branch=z9hG4bKproxy${seen}`;
        const back = { ...change(invite), headers: [{ name: 'Via', value: via }, ...change(invite).headers] };
        lab.inject(proxy, back);
        send();
      }
    };
    alice.call('9001', description([]));
    send();
    return { lab, alice, proxy, rounds: () => seen };
  }
  const to = (number: string) => (request: SipRequest) => ({ ...request, uri: `sip:${number}@cm.example` });

  test('§4.2: an INVITE that comes back by a proxy and asks the same again is a loop: 482', () => {
    const { proxy, rounds } = mirrored(to('9001'));
    expect(rounds()).toBe(2); // what Alice may dial the trunk might not have been
    expect(proxy.answerTo('INVITE').status).toBe(482);
    expect(headerValue(proxy.answerTo('INVITE'), 'Warning')).toContain('has come back');
  });

  test('§4.2: one that asks for another number is a spiral, and goes on', () => {
    const { proxy } = mirrored((request) => to(request.uri.startsWith('sip:9001@') ? '9002' : '1001')(request));
    expect(proxy.requests('INVITE').map(({ uri }) => uri.slice(0, 9))).toEqual(['sip:9001@', 'sip:9002@']);
  });

  test('§5.3: what a call may fork to is shared among the phones that ring, and no more ring than it says', () => {
    const clock = new VirtualClock(1_000);
    const lab = new Simulation(clock, new SeededRandom(2).bytes);
    const alice = lab.phone('SEP000000000001', '1001');
    const bobs = ['B', 'C', 'D'].map((name) => lab.phone(`SEP00000000000${name}`, '1002'));
    for (const phone of [alice, ...bobs]) phone.register();
    const rung = (breadth: string | undefined) => {
      for (const phone of bobs) phone.forget();
      alice.alter = (message) => [
        message.kind === 'request' && breadth !== undefined ? withHeader(message, 'Max-Breadth', breadth) : message,
      ];
      alice.call('1002', description([cryptoLine(Number(breadth ?? 9) + 1)]));
      const shares = bobs.flatMap((phone) => phone.requests('INVITE').map((one) => headerValue(one, 'Max-Breadth')));
      alice.alter = (message) => [message];
      clock.advance(1_000); // no CANCEL goes before a provisional response
      lab.act((now) => alice.session.cancel(now));
      return shares;
    };
    expect(rung(undefined)).toEqual(['20', '20', '20']);
    expect(rung('8')).toEqual(['2', '3', '3']);
    expect(rung('2')).toEqual(['1', '1']);
    expect(rung('0')).toEqual([]);
    expect(alice.answerTo('INVITE').status).toBe(440);
  });
});

test.each([
  ['two thousand and more lines', `v=0\r\n${'a=x\r\n'.repeat(3_000)}`],
  ['a line of a hundred thousand octets', description([]).replace('s=-', `s=${'x'.repeat(100_000)}`)],
  ['more streams than anybody has', description([]) + 'm=audio 4000 RTP/AVP 0\r\n'.repeat(200)],
  ['a thousand keys', description(Array.from({ length: 1_000 }, (_, at) => cryptoLine(1_000 + at, undefined, at + 1)))],
])('a description of %s is refused or cut, and costs no more than its own call', (_what, sdp) => {
  const { lab, bob, nobodyWasHurt } = underAttack();
  const eve = lab.phone('SEP000000000003', '1003');
  eve.register();
  const calls = bob.requests('INVITE').length;
  eve.call('1002', sdp);
  const offered = bob
    .requests('INVITE')
    .slice(calls)
    .map(({ body }) => text(body).length);
  expect(Math.max(0, ...offered)).toBeLessThan(120_000);
  lab.act((now) => eve.session.cancel(now));
  if (offered.length > 0) bob.sessions.pop();
  lab.disconnect(eve.flow.id);
  nobodyWasHurt();
});

test('a request without Max-Forwards is served as one with 70 (RFC 3261 §16.6)', () => {
  const { alice, bob } = underAttack();
  bob.forget();
  alice.alter = (message) => [message.kind === 'request' ? withoutHeader(message, 'Max-Forwards') : message];
  alice.call('1002', description([cryptoLine(77)]));
  expect(bob.requests('INVITE').map((invite) => headerValue(invite, 'Max-Forwards'))).toEqual(['70']);
});

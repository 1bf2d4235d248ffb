import { headerValue, overloadFeedback, withOverloadFeedback, withOverloadSupport } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { aliceAndBob } from './alice-and-bob.fixture.ts';
import { cryptoLine, description, octets, Simulation } from './simulation.fixture.ts';

/** A manager with a running call, on a machine that comes to its work half a second late. */
function late() {
  const clock = new VirtualClock(1_000);
  const target = { kind: 'emergency', devices: ['GW1'], discardAccessCode: false, prefix: '' } as const;
  const lab = new Simulation(clock, new SeededRandom(5).bytes, {
    entries: [
      { pattern: '112', target },
      { pattern: '0X', target: { ...target, kind: 'trunk' } },
    ],
  });
  const [alice, bob] = [lab.phone('SEP000000000001', '1001'), lab.phone('SEP000000000002', '1002')];
  const gateway = lab.phone('GW1', '112', { kind: 'trunk' });
  for (const phone of [alice, bob]) phone.register();
  alice.call('1002', description([cryptoLine(1)]));
  lab.act((now) => bob.session.accept(now, octets(description([cryptoLine(2)]))));
  const talking = alice.session;
  let now = clock.now;
  /** An interval in which this was asked for, so many milliseconds late. */
  const interval = (ask: () => void, delay: number) => {
    ask();
    now += 100 + delay;
    lab.core.handleTime(now);
    lab.pump();
  };
  const registers = (count: number) => {
    for (let turn = 0; turn < count; turn += 1) bob.register();
  };
  return { lab, alice, bob, gateway, talking, interval, registers };
}

describe('RFC 7339: a machine that has no time', () => {
  test('refuses a growing share of new work, and says so; running calls and calls for help are served', () => {
    const { lab, alice, bob, gateway, talking, interval, registers } = late();
    for (let turn = 0; turn < 40; turn += 1) interval(() => registers(50), 500);
    bob.forget();
    registers(100);
    const statuses = bob.received.map((message) => (message.kind === 'response' ? message.status : 0));
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(10);
    expect(headerValue(bob.answerTo('REGISTER'), 'Retry-After')).toBeDefined();
    expect(lab.eventsOf('overload')).toMatchObject([{ reason: 'processor' }]);

    for (let turn = 0; turn < 20; turn += 1) alice.call('112', description([cryptoLine(10 + turn)]));
    expect(gateway.sessions).toHaveLength(20);
    lab.act((now) => talking.bye(now));
    expect(bob.happened.at(-1)).toBe('ended');
  });

  test('takes everything again within seconds once it is in time', () => {
    const { bob, interval, registers } = late();
    for (let turn = 0; turn < 40; turn += 1) interval(() => registers(50), 500);
    for (let turn = 0; turn < 80; turn += 1) interval(() => registers(5), 0);
    bob.forget();
    registers(50);
    expect(bob.received.every((message) => message.kind === 'response' && message.status === 200)).toBe(true);
  });

  test('§5.2: tells those who say that they obey, how much not to send, and nobody else', () => {
    const { bob, gateway, interval, registers } = late();
    for (let turn = 0; turn < 40; turn += 1) interval(() => registers(50), 500);
    gateway.alter = (message) => [
      message.kind === 'request' && message.method === 'OPTIONS' ? withOverloadSupport(message) : message,
    ];
    const options = gateway.request('OPTIONS', [
      { name: 'Call-ID', value: 'load' },
      { name: 'CSeq', value: '1 OPTIONS' },
    ]);
    interval(() => gateway.agent.sendRequest(0, gateway.flow, options), 500);
    const feedback = overloadFeedback(gateway.answerTo('OPTIONS'));
    expect(feedback).toMatchObject({ validity: 500 });
    expect(feedback?.loss).toBeGreaterThan(80);
    expect(headerValue(bob.answerTo('REGISTER'), 'Via')).not.toContain('oc');
  });
});

describe('RFC 7339 §5.9: a trunk that has no time', () => {
  /** Its answers say how much it wants kept back. */
  function saying(loss: number) {
    const lab = late();
    let [sequence, key] = [0, 100];
    lab.gateway.alter = (message) => {
      if (message.kind === 'request') return [message];
      sequence += 1;
      return [withOverloadFeedback(message, () => ({ loss, validity: 60_000, sequence }))];
    };
    const calls = (number: string, count: number) => {
      const before = lab.gateway.sessions.length;
      for (let turn = 0; turn < count; turn += 1) {
        key += 1;
        lab.alice.call(number, description([cryptoLine(key)]));
        const [ringing] = lab.gateway.sessions.slice(-1);
        if (ringing !== undefined && ringing.phase === 'incoming') lab.lab.act((now) => ringing.reject(now, 486));
      }
      return lab.gateway.sessions.length - before;
    };
    return { ...lab, calls };
  }

  test('is told that we obey, and is sent so much less', () => {
    const { gateway, calls } = saying(50);
    expect(calls('01', 1)).toBe(1);
    expect(headerValue(gateway.session.invite, 'Via')).toContain(';oc;oc-algo="loss"');
    expect(calls('01', 20)).toBe(10);
  });

  test('is sent calls for help all the same, and other callers hear 503', () => {
    const { alice, calls } = saying(100);
    calls('01', 1);
    expect(calls('01', 5)).toBe(0);
    expect(alice.answerTo('INVITE').status).toBe(503);
    expect(calls('112', 5)).toBe(5);
  });
});

describe('overload', () => {
  test('a registration storm is answered 503 with Retry-After, and existing calls are unharmed', () => {
    const { clock, lab, alice, bob, talking } = aliceAndBob({ registrationsPerSecond: 20 });
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
    const { lab, alice } = aliceAndBob({ registrationsPerSecond: 20 });
    const stranger = lab.phone('SEP00000000000F', '1099', { securityMode: 'non-secure', transport: 'udp' });
    for (let turn = 0; turn < 100; turn += 1) stranger.register();
    expect(stranger.answerTo('REGISTER').status).toBe(503);
    alice.register();
    expect(alice.answerTo('REGISTER').status).toBe(200);
  });

  test('too many new calls are answered 503 with Retry-After', () => {
    const { lab, alice } = aliceAndBob({ callsPerSecond: 1 });
    alice.call('1002', description([cryptoLine(1)]));
    alice.call('1002', description([cryptoLine(3)]));
    expect(alice.answerTo('INVITE').status).toBe(503);
    expect(headerValue(alice.answerTo('INVITE'), 'Retry-After')).toBeDefined();
    expect(lab.core.calls()).toHaveLength(1);
  });

  test('a call for help is taken when others are turned away', () => {
    const target = { kind: 'emergency', devices: ['GW1'], discardAccessCode: false, prefix: '' } as const;
    const { lab, alice } = aliceAndBob({ callsPerSecond: 1, entries: [{ pattern: '112', target }] });
    const gateway = lab.phone('GW1', '112', { kind: 'trunk' });
    alice.call('1002', description([cryptoLine(1)]));
    alice.call('112', description([cryptoLine(3)]));
    expect(gateway.requests('INVITE')).toMatchObject([{ uri: expect.stringContaining('112@') }]);
    expect(lab.eventsOf('emergency-call')).toHaveLength(1);
  });
});

/** Floods of strangers beside phones that prove themselves by password. */
import { Redacted } from '@trustline/base';
import { DigestClient, digestHa1, type SipFlow, type SipRequest } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { description, Simulation, simulatedRealm } from './simulation.fixture.ts';

const phones = 50;
const floodPerSecond = 5_000;
/** The defaults of `limits`. */
const limits = { registrationsPerSecond: 1_000, callsPerSecond: 300 };

/** Fifty phones by UDP, registered, and strangers beside them. */
function besieged() {
  const clock = new VirtualClock(1_000);
  const target = { kind: 'emergency', devices: ['GW1'], discardAccessCode: false, prefix: '' } as const;
  const lab = new Simulation(clock, new SeededRandom(3).bytes, { ...limits, entries: [{ pattern: '112', target }] });
  const gateway = lab.phone('GW1', '112', { kind: 'trunk' });
  const registered = Array.from({ length: phones }, (_, at) => {
    const [name, line] = [`SEP${String(at).padStart(12, '0')}`, String(2_000 + at)];
    const digest = new DigestClient({
      username: name,
      password: new Redacted('secret'),
      random: new SeededRandom(at + 1).bytes,
    });
    const phone = lab.phone(name, line, {
      securityMode: 'non-secure',
      transport: 'udp',
      password: { sha256: digestHa1('SHA-256', name, simulatedRealm, 'secret'), md5: undefined },
      agent: { answerChallenge: (request, response) => digest.answer(request, response) },
    });
    const register = () => {
      phone.register();
      const request = phone.sent.findLast((sent): sent is SipRequest => sent.kind === 'request');
      const header = request && digest.answer(request, phone.answerTo('REGISTER'));
      if (header !== undefined) phone.register(600, [header]);
      return phone.answerTo('REGISTER').status;
    };
    expect(register()).toBe(200);
    return { phone, register };
  });
  let sent = 0;
  const answers = new Map<number, number>();
  /** A stranger's request; its answers are counted. */
  const stranger = (method: string, number: string, host: string) => {
    sent += 1;
    const [phone] = registered;
    if (phone === undefined) return;
    const request = phone.phone.request(
      method,
      [
        { name: 'Via', value: `SIP/2.0/UDP ${host}:5060;branch=z9hG4bK${sent};rport` },
        { name: 'Call-ID', value: `stranger-${sent}` },
        { name: 'CSeq', value: `1 ${method}` },
        { name: 'Contact', value: `<sip:x@${host}>` },
      ],
      `sip:${number}@cm.example`,
    );
    const local = { host: '192.0.2.1', port: 5060 };
    const flow: SipFlow = { id: `stranger ${host}`, transport: 'udp', local, remote: { host, port: 5060 } };
    lab.core.receive(clock.now, flow, request);
    for (let output = lab.core.poll(); output !== undefined; output = lab.core.poll()) {
      if (output.kind === 'event') lab.events.push(output.event);
      if (output.kind === 'transmit' && output.message.kind === 'response') {
        const { status } = output.message;
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    }
  };
  /** A second of the flood, in which each phone does something. */
  const flood = (method: string, number: string, hostOf: (at: number) => string, act: (at: number) => void) => {
    const each = floodPerSecond / phones;
    for (let turn = 0; turn < phones; turn += 1) {
      for (let at = 0; at < each; at += 1) stranger(method, number, hostOf(turn * each + at));
      act(turn);
      clock.advance(1_000 / phones);
    }
  };
  /** Whether a call comes to the next phone: nobody refused it. */
  const rings = (at: number) => {
    const [caller, called] = [registered[at]?.phone, registered[(at + 1) % phones]?.phone];
    if (caller === undefined || called === undefined) return false;
    const before = called.requests('INVITE').length;
    caller.call(called.line, description([]));
    return called.requests('INVITE').length === before + 1;
  };
  return { lab, gateway, registered, flood, rings, answered: (status: number) => answers.get(status) ?? 0 };
}

const oneHost = () => '198.51.100.7';
const manyHosts = (at: number) => `10.9.${at >> 8}.${at & 255}`;

describe.each([
  ['one address', oneHost],
  ['an address for each request', manyHosts],
  ['the address of the phones', () => '192.0.2.9'],
] as const)('5,000 requests a second of strangers from %s', (_, hostOf) => {
  test('INVITE: no call of a registered phone is refused, and the flood is challenged within its limits', () => {
    const { lab, flood, rings, answered } = besieged();
    const calls: boolean[] = [];
    flood('INVITE', '2001', hostOf, (at) => calls.push(rings(at)));
    expect(calls).toEqual(calls.map(() => true));
    expect(answered(401)).toBeGreaterThan(0);
    // A second's worth at once and one in the second that passes.
    expect(answered(401)).toBeLessThanOrEqual(4 * limits.callsPerSecond);
    expect(answered(401) + answered(503)).toBe(floodPerSecond);
    expect(lab.eventsOf('overload')).toMatchObject([{ reason: 'strangers', remoteAddress: expect.any(String) }]);
  });

  test('REGISTER: no registration of a registered phone is refused', () => {
    const { registered, flood, answered } = besieged();
    const statuses: (number | undefined)[] = [];
    flood('REGISTER', '', hostOf, (at) => statuses.push(registered[at]?.register()));
    expect(statuses).toEqual(statuses.map(() => 200));
    expect(answered(401)).toBeLessThanOrEqual(4 * limits.registrationsPerSecond);
    expect(answered(503)).toBeGreaterThan(0);
  });

  test('INVITE to a number for help: is challenged within its limits, and phones reach help and each other', () => {
    const { gateway, registered, flood, rings, answered } = besieged();
    const calls: boolean[] = [];
    flood('INVITE', '112', hostOf, (at) => {
      if (at % 2 === 0) registered[at]?.phone.call('112', description([]));
      else calls.push(rings(at));
    });
    expect(calls).toEqual(calls.map(() => true));
    expect(gateway.requests('INVITE')).toHaveLength(phones / 2);
    expect(answered(401)).toBeLessThanOrEqual(4 * limits.callsPerSecond);
    expect(answered(503)).toBeGreaterThan(0);
  });
});

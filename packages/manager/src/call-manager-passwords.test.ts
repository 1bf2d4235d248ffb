/** Devices that prove themselves by password, and what mixed mode makes of them. */
import { Redacted } from '@trustline/base';
import { DigestClient, digestHa1, headerValue, type SipRequest } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { description, octets, Simulation, simulatedRealm, text } from './simulation.fixture.ts';

describe('a device that proves itself by password', () => {
  function clearPhone(lab: Simulation, name: string, line: string) {
    const random = new SeededRandom(Number(line)).bytes;
    const digest = new DigestClient({ username: name, password: new Redacted('secret'), random });
    const password = { sha256: digestHa1('SHA-256', name, simulatedRealm, 'secret'), md5: undefined };
    const phone = lab.phone(name, line, {
      securityMode: 'non-secure',
      transport: 'tcp',
      password,
      agent: { answerChallenge: (request, response) => digest.answer(request, response) },
    });
    const register = () => {
      phone.register();
      const request = phone.sent.findLast((sent): sent is SipRequest => sent.kind === 'request');
      const header = request && digest.answer(request, phone.answerTo('REGISTER'));
      if (header !== undefined) phone.register(600, [header]);
    };
    register();
    return { phone, register };
  }

  function talkingInTheClear() {
    const clock = new VirtualClock(1_000);
    const lab = new Simulation(clock, new SeededRandom(7).bytes);
    const [alice, bob] = [clearPhone(lab, 'SEP00000000000A', '2001'), clearPhone(lab, 'SEP00000000000B', '2002')];
    alice.phone.call('2002', description([]));
    lab.act((now) => bob.phone.session.accept(now, octets(description([]))));
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'non-secure' }]);
    return { clock, lab, alice, bob };
  }

  test('is challenged, registers, and calls in the clear, shown as non-secure', () => {
    const { alice, bob } = talkingInTheClear();
    expect(alice.phone.answerTo('REGISTER').status).toBe(200);
    expect(headerValue(alice.phone.answerTo('INVITE'), 'Call-Info')).toContain('security=NotAuthenticated');
    expect(text(bob.phone.session.initialOffer)).not.toContain('a=crypto');
  });

  test('goes on with its call on a new connection once it has proved itself there', () => {
    const { clock, lab, alice, bob } = talkingInTheClear();
    lab.disconnect(bob.phone.flow.id);
    clock.advance(10_000);
    bob.phone.connect();
    bob.register();
    clock.advance(60_000);
    expect(lab.core.calls()).toMatchObject([{ state: 'connected' }]);
    lab.act((now) => bob.phone.session.moveTo(now, bob.phone.flow));
    lab.act((now) => alice.phone.session.bye(now));
    expect(bob.phone.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
  });

  describe('that is secure, and registered while the cluster was non-secure', () => {
    const [name, lines] = ['SEP00000000000A', [{ number: '2001', displayName: undefined }]] as const;
    const password = { sha256: digestHa1('SHA-256', name, simulatedRealm, 'secret'), md5: undefined };

    function toMixedMode({ lab, clock }: { lab: Simulation; clock: VirtualClock }) {
      lab.core.addDevice({ name, kind: 'phone', securityMode: 'encrypted', lines }, password);
      lab.act((now) => lab.core.endClearRegistrations(now));
      clock.advance(1_000);
    }

    test('is registered no longer in mixed mode: its connection is closed, nobody reaches it, and the event says so', () => {
      const clock = new VirtualClock(1_000);
      const lab = new Simulation(clock, new SeededRandom(7).bytes);
      const { phone } = clearPhone(lab, name, '2001');
      const other = clearPhone(lab, 'SEP00000000000B', '2002');
      expect(lab.core.directory.registrations(name)).toHaveLength(1);
      toMixedMode({ lab, clock });
      expect(lab.core.directory.registrations(name)).toEqual([]);
      expect(lab.core.directory.flowsOf(name)).toEqual([]);
      expect(lab.core.directory.registrations('SEP00000000000B')).toHaveLength(1);
      other.phone.call('2001', description([]));
      expect(other.phone.answerTo('INVITE').status).toBe(480);
      expect(lab.eventsOf('unregistration')).toMatchObject([{ device: phone.name, reason: 'mixed-mode' }]);
    });

    test('may not register in the clear again with the right password, and is told to restart', () => {
      const clock = new VirtualClock(1_000);
      const lab = new Simulation(clock, new SeededRandom(7).bytes);
      const { phone, register } = clearPhone(lab, name, '2001');
      toMixedMode({ lab, clock });
      phone.connect();
      register();
      expect(phone.answerTo('REGISTER').status).toBe(403);
      expect(lab.core.directory.registrations(name)).toEqual([]);
      expect(lab.eventsOf('registration-refused')).toMatchObject([
        { reason: 'not-non-secure', device: name, nextStep: expect.stringContaining('Restart the phone') },
      ]);
      lab.core.addDevice({ name, kind: 'phone', securityMode: 'non-secure', lines }, password);
      register();
      expect(phone.answerTo('REGISTER').status).toBe(200);
    });

    test('and is being stored when mixed mode comes is refused after all', () => {
      const clock = new VirtualClock(1_000);
      const lab = new Simulation(clock, new SeededRandom(7).bytes);
      lab.store = 'held';
      const { phone } = clearPhone(lab, name, '2001');
      toMixedMode({ lab, clock });
      for (const pending of lab.held) lab.act((now) => lab.core.registrationStored(now, pending));
      expect(lab.core.directory.registrations(name)).toEqual([]);
      expect(lab.eventsOf('registration')).toEqual([]);
      expect(phone.sent).not.toEqual([]);
    });

    test('ends its running call first, and makes no other', () => {
      const world = talkingInTheClear();
      const { lab, clock, alice, bob } = world;
      toMixedMode(world);
      clock.advance(30_000);
      expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'non-secure' }]);
      lab.act((now) => bob.phone.session.bye(now));
      expect(alice.phone.event('ended')).toMatchObject({ cause: 'bye', by: 'remote' });
      clock.advance(2_000);
      expect(lab.core.directory.flowsOf(name)).toEqual([]);
      expect(lab.core.calls()).toEqual([]);
    });
  });

  test('with a wrong password is refused 403, and the event says so', () => {
    const clock = new VirtualClock(1_000);
    const lab = new Simulation(clock, new SeededRandom(7).bytes);
    const { phone, register } = clearPhone(lab, 'SEP00000000000A', '2001');
    const password = { sha256: digestHa1('SHA-256', phone.name, simulatedRealm, 'other'), md5: undefined };
    const lines = [{ number: '2001', displayName: undefined }];
    lab.core.addDevice({ name: phone.name, kind: 'phone', securityMode: 'non-secure', lines }, password);
    clock.advance(600_000);
    register();
    expect(phone.answerTo('REGISTER').status).toBe(403);
    expect(lab.eventsOf('authentication-failed').at(-1)?.cause).toBe('REGISTER was refused: the password is wrong');
  });
});

import { headerValue, type SipResponse } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import { cryptoLine, description, octets, type SimulatedPhone, Simulation } from '../../simulation.fixture.ts';
import { callWaitingHeader, saysCallWaiting } from './alert-info.ts';

const callWaiting = '<urn:alert:service:call-waiting>';

const saying = (...values: readonly string[]): SipResponse => ({
  kind: 'response',
  status: 180,
  reason: 'Ringing',
  headers: values.map((value) => ({ name: 'Alert-Info', value })),
  body: new Uint8Array(0),
});

test.each([
  [[callWaiting], true],
  [['<URN:ALERT:service:call-waiting>;appearance=2'], true],
  [[`<urn:alert:source:internal>, ${callWaiting}`], true],
  [['<http://example.com/ring.wav>', callWaiting], true],
  [['<urn:alert:service:forward>'], false],
  [['urn:alert:service:call-waiting'], false],
  [['<', ''], false],
  [[], false],
])('RFC 7462: the Alert-Info %j says call waiting: %s', (values, isWaiting) => {
  expect(saysCallWaiting(saying(...values))).toBe(isWaiting);
});

test('RFC 3261 §20.4: what is written is read, and there is no header where nothing waits', () => {
  expect(saysCallWaiting(saying(...callWaitingHeader(true).map(({ value }) => value)))).toBe(true);
  expect(callWaitingHeader(false)).toEqual([]);
});

function threePhones() {
  const lab = new Simulation(new VirtualClock(1_000), new SeededRandom(7).bytes);
  const [alice, bob, carol] = ['1001', '1002', '1003'].map((line) => {
    const phone = lab.phone(`SEP00000000${line}`, line);
    phone.register();
    return phone;
  }) as [SimulatedPhone, SimulatedPhone, SimulatedPhone];
  return { lab, alice, bob, carol };
}

test('a 180 of a phone that has another call tells so to its caller, and no other 180 does', () => {
  const { lab, alice, bob, carol } = threePhones();
  alice.call('1002', description([cryptoLine(1)]));
  lab.act((now) => bob.session.ring(now, 180));
  expect(headerValue(alice.answerTo('INVITE'), 'Alert-Info')).toBeUndefined();
  lab.act((now) => bob.session.accept(now, octets(description([cryptoLine(2)]))));
  carol.call('1002', description([cryptoLine(3)]));
  lab.act((now) => bob.session.ring(now, 180));
  expect(carol.answerTo('INVITE').status).toBe(180);
  expect(headerValue(carol.answerTo('INVITE'), 'Alert-Info')).toBe(callWaiting);
});

test('what a phone says of a call that is not ours goes on to the caller', () => {
  const { lab, alice, bob } = threePhones();
  alice.call('1002', description([cryptoLine(1)]));
  lab.act((now) => bob.session.ring(now, 180, { headers: callWaitingHeader(true) }));
  expect(headerValue(alice.answerTo('INVITE'), 'Alert-Info')).toBe(callWaiting);
});

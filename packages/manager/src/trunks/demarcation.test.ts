import { demarcationsOf } from '@trustline/evidence';
import { headerValue } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import { cryptoLine, description, octets, Simulation } from '../simulation.fixture.ts';

/** A phone talks by a trunk or gateway of this kind. */
function talking(kind: 'trunk' | 'gateway') {
  const target = { kind: 'trunk', devices: ['carrier-a'], discardAccessCode: true, prefix: '' } as const;
  const lab = new Simulation(new VirtualClock(1_000), new SeededRandom(7).bytes, {
    entries: [{ pattern: '0.!', target, policy: 'require' }],
  });
  const outside = lab.phone('carrier-a', '0', { kind });
  const alice = lab.phone('SEP000000000001', '1001');
  alice.register();
  alice.call('0555', description([cryptoLine(1)]));
  lab.act((now) => outside.session.accept(now, octets(description([cryptoLine(2)]))));
  return { lab, outside, alice };
}

test('the lock of a phone is for the way to the trunk: it is told by which, and the trunk nothing of who is here', () => {
  const { alice, outside } = talking('trunk');
  expect(headerValue(alice.answerTo('INVITE'), 'Call-Info')).toBe(
    '<urn:x-cisco-remotecc:callinfo>; orientation=to; security=Encrypted; until="carrier-a"',
  );
  const told = outside.received.map((message) => headerValue(message, 'Call-Info') ?? '');
  expect(told.join()).not.toContain('until');
});

test.each([
  ['trunk', 'trunk carrier-a: TLS and SRTP to carrier-a, beyond is theirs'],
  ['gateway', 'encrypted to gateway carrier-a; beyond it the public network'],
] as const)('the record of a call by a %s says where protection ends', (kind, words) => {
  const { lab, alice } = talking(kind);
  expect(lab.core.calls()[0]?.legs.map(({ demarcation }) => demarcation)).toEqual([undefined, { kind }]);
  lab.act((now) => alice.session.bye(now));
  const [record] = lab.records;
  expect([record?.level, demarcationsOf(record?.legs ?? [])]).toEqual(['encrypted', [words]]);
});

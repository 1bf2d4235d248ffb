import { CallSecurityStatus } from '@trustline/sccp';
import { expect, test } from 'vitest';
import { cryptoLine, description, octets } from '../../simulation.fixture.ts';
import { two } from './skinny-lab.fixture.ts';

test('a Skinny phone hears from the relay that its call leaves protection, and then talks to the trunk straight, with other keys', () => {
  const target = { kind: 'trunk', devices: ['carrier'], discardAccessCode: true, prefix: '' } as const;
  let side = 0;
  const { lab, one } = two({
    entries: [{ pattern: '0.!', target: { ...target, leavingProtection: 'announce' }, policy: 'require' }],
    calls: { announcement: 1_500, suites: ['AES_CM_128_HMAC_SHA1_80'] },
    relay: { allocate: () => ({ side: ++side, address: '198.51.100.1', port: 20_000 + 2 * side }) },
  });
  const carrier = lab.simulation.phone('carrier', '0', { kind: 'trunk' });
  one.does((session) => session.dial('0555'));
  expect([one.sending?.address, carrier.sessions.length]).toEqual(['198.51.100.1', 0]);
  const heard = one.sending?.key;
  lab.clock.advance(1_500);
  lab.settle();
  lab.simulation.act((now) => carrier.session.accept(now, octets(description([cryptoLine(5)]))));
  lab.settle();
  expect(one.sending?.address).toBe('192.0.2.9');
  expect(one.sending?.key).not.toEqual(heard);
  expect([one.state, one.call?.securityStatus]).toEqual(['Connected', CallSecurityStatus.Encrypted]);
  expect(one.call?.prompt).toBe('Encrypted up to carrier');
});

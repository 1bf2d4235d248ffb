import { expect, test } from 'vitest';
import { demarcationsOf } from './demarcation.ts';
import type { CallRecordLeg } from './record.ts';

const leg: CallRecordLeg = {
  leg: 'b',
  role: 'called',
  protocol: 'h323',
  signalling: 'ipsec',
  proof: 'ipsec',
  keying: 'h235',
  level: 'encrypted',
  demarcation: { kind: 'gateway', port: '0/1:7' },
  party: { device: 'gw1', line: '555', remoteAddress: '192.0.2.5:1720' },
};
const { demarcation: _, ...inside } = leg;

test.each<[Partial<CallRecordLeg>, string]>([
  [{}, 'encrypted to gateway gw1, port 0/1:7; beyond it the public network'],
  [{ demarcation: { kind: 'gateway' } }, 'encrypted to gateway gw1; beyond it the public network'],
  [{ level: 'non-secure' }, 'not protected to gateway gw1, port 0/1:7; beyond it the public network'],
  [
    {
      demarcation: { kind: 'trunk' },
      signalling: 'tls-mutual',
      party: { device: 'carrier-a', provenIdentity: 'O=A,CN=sip.carrier-a', remoteAddress: '192.0.2.9:5061' },
    },
    'trunk carrier-a: TLS and SRTP to sip.carrier-a, beyond is theirs',
  ],
  [
    {
      demarcation: { kind: 'trunk' },
      signalling: 'none',
      keying: 'none',
      party: { device: 'carrier-b', remoteAddress: '[2001:db8::9]:5060' },
    },
    'trunk carrier-b: no TLS and no SRTP to [2001:db8::9], beyond is theirs',
  ],
])('a record says where protection ends: %j', (changes, words) => {
  expect(demarcationsOf([inside, { ...leg, ...changes }])).toEqual([words]);
});

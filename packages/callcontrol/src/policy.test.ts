import type { SecurityPolicy, SignallingProtection } from '@trustline/evidence';
import { describe, expect, test } from 'vitest';
import type { OfferedSecurity } from './media.ts';
import { decide, decideLateOffer, type PolicyEnd } from './policy.ts';
import type { DeviceSecurityMode } from './protection.ts';

const modes: readonly DeviceSecurityMode[] = ['non-secure', 'authenticated', 'encrypted'];
const signallings: readonly SignallingProtection[] = ['none', 'tls-server-only', 'tls-mutual', 'ipsec'];
const offers: readonly OfferedSecurity[] = ['secure', 'clear-with-keys', 'clear'];
const policies: readonly SecurityPolicy[] = ['require', 'prefer', 'forbid'];
const ends: readonly PolicyEnd[] = modes.flatMap((mode) => signallings.map((signalling) => ({ mode, signalling })));

/** The table as ARCHITECTURE's sentence on policy reads, written down by hand and not computed. */
const table: Record<SecurityPolicy, Record<OfferedSecurity, { both: string; notBoth: string }>> = {
  require: {
    secure: { both: 'secure', notBoth: 'refuse security-required' },
    'clear-with-keys': { both: 'secure', notBoth: 'refuse security-required' },
    clear: { both: 'refuse security-required', notBoth: 'refuse security-required' },
  },
  prefer: {
    secure: { both: 'secure', notBoth: 'refuse not-acceptable-here' },
    'clear-with-keys': { both: 'secure retry', notBoth: 'clear' },
    clear: { both: 'clear', notBoth: 'clear' },
  },
  forbid: {
    secure: { both: 'refuse not-acceptable-here', notBoth: 'refuse not-acceptable-here' },
    'clear-with-keys': { both: 'clear', notBoth: 'clear' },
    clear: { both: 'clear', notBoth: 'clear' },
  },
};

const capable = (end: PolicyEnd) => end.mode === 'encrypted' && end.signalling !== 'none';

describe('policy', () => {
  for (const policy of policies) {
    for (const offered of offers) {
      test(`${policy}, an offer that is ${offered}: every pair of ends`, () => {
        for (const offerer of ends) {
          for (const answerer of ends) {
            const decision = decide(policy, offered, offerer, answerer);
            const words =
              decision.kind === 'refuse'
                ? `refuse ${decision.cause}`
                : decision.kind === 'secure' && decision.retryInClear
                  ? 'secure retry'
                  : decision.kind;
            const cell = table[policy][offered];
            expect(words, JSON.stringify({ offerer, answerer })).toBe(
              capable(offerer) && capable(answerer) ? cell.both : cell.notBoth,
            );
          }
        }
      });
    }
  }

  test('keys that came over unprotected signalling are never used, and the reason says so', () => {
    const answerer: PolicyEnd = { mode: 'encrypted', signalling: 'tls-mutual' };
    for (const mode of modes) {
      const offerer: PolicyEnd = { mode, signalling: 'none' };
      expect(decide('require', 'secure', offerer, answerer)).toMatchObject({ event: 'unprotected-keys-refused' });
      expect(decide('prefer', 'secure', offerer, answerer)).toMatchObject({
        cause: 'not-acceptable-here',
        event: 'unprotected-keys-refused',
      });
      expect(decide('prefer', 'clear-with-keys', offerer, answerer)).toEqual({
        kind: 'clear',
        downgrade: 'keys-unprotected',
      });
    }
  });

  test('RTP/AVP is invited only where it would be taken: under require never', () => {
    for (const policy of policies) {
      for (const offerer of ends) {
        for (const answerer of ends) {
          const decision = decide(policy, 'secure', offerer, answerer);
          const invites = decision.kind === 'refuse' && decision.warning.includes('RTP/AVP may be offered');
          if (invites) expect(decide(policy, 'clear', offerer, answerer).kind, policy).toBe('clear');
        }
      }
    }
  });

  test('under require a late offer is asked for only where both ends can have keys', () => {
    for (const caller of ends) {
      for (const called of ends) {
        const refused = decideLateOffer('require', caller, called) !== undefined;
        expect(refused).toBe(!(capable(caller) && capable(called)));
        expect(decideLateOffer('prefer', caller, called)).toBeUndefined();
      }
    }
  });

  test('and of the two the one that cannot is named', () => {
    const [able, unable] = [ends.find(capable), ends.find((end) => !capable(end) && end.mode === 'non-secure')];
    if (able === undefined || unable === undefined) throw new Error('no ends');
    expect(decideLateOffer('require', unable, able)?.warning).toBe(
      'Encryption is required and the caller cannot use SRTP',
    );
    expect(decideLateOffer('require', able, unable)?.warning).not.toContain('the caller');
  });

  test('a gateway whose signalling is not proven is given no key, and that is what is said', () => {
    const phone: PolicyEnd = { mode: 'encrypted', signalling: 'tls-mutual' };
    const gateway: PolicyEnd = { mode: 'encrypted', signalling: 'none', isGateway: true };
    expect(decide('require', 'secure', phone, gateway)).toMatchObject({
      kind: 'refuse',
      warning: 'Encryption is required and IPsec to the gateway is not proven, so it is given no keys',
    });
    expect(decide('prefer', 'clear-with-keys', phone, gateway)).toEqual({
      kind: 'clear',
      downgrade: 'gateway-not-proven',
    });
    expect(decide('require', 'secure', phone, { ...gateway, signalling: 'ipsec' }).kind).toBe('secure');
  });
});

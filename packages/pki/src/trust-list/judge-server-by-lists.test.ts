import { beforeAll, describe, expect, test } from 'vitest';
import { craftedNow } from '../crafted-certificate.fixture.ts';
import type { HeldTrust } from './acceptance-types.ts';
import { certificatesFor, expectsSecureSignalling, expectsSignedFiles, nothingHeld } from './held.ts';
import { judgeServerByLists } from './judge-server-by-lists.ts';
import { type Cast, holding, makeCast, makeList } from './lists.fixture.ts';
import { type TrustService, trustRoles } from './roles.ts';

let cast: Cast;
let held: HeldTrust;
const now = craftedNow;

beforeAll(async () => {
  cast = await makeCast();
  const ctl = await makeList('CTL', cast.token1, [
    { role: 'CCM+TFTP', dnsName: 'node-1', certificate: cast.node1.certificate },
    { role: 'CAPF', dnsName: 'node-1', certificate: cast.capf.certificate },
    { role: 'CCM', dnsName: 'old', certificate: cast.expiredToken.certificate },
  ]);
  const itl = await makeList('ITL', cast.node1, [
    { role: 'TFTP', certificate: cast.node1.certificate },
    { role: 'TVS', certificate: cast.tvs.certificate },
  ]);
  held = holding(ctl, itl);
});

const judge = (service: TrustService, der: Uint8Array) => judgeServerByLists(held, service, der, { now });

describe('roles in the lists that a phone holds', () => {
  test('CCM+TFTP answers for both of its services', () => {
    const fingerprint = cast.node1.certificate.fingerprint;
    expect(certificatesFor(held, 'CCM').map((one) => one.fingerprint)).toContain(fingerprint);
    expect(certificatesFor(held, 'TFTP').map((one) => one.fingerprint)).toEqual([fingerprint]);
    expect(certificatesFor(held, 'SRST')).toEqual([]);
  });

  test('say whether files are signed and signalling is secure', async () => {
    expect([expectsSignedFiles(held), expectsSecureSignalling(held)]).toEqual([true, true]);
    expect([expectsSignedFiles(nothingHeld), expectsSecureSignalling(nothingHeld)]).toEqual([false, false]);
    // The marker of a non-secure cluster: the phone registers in the clear, although the CTL stays.
    const marker = await makeList('CTL', cast.token1, [{ role: 'CCM+TFTP', dnsName: 'node-1' }]);
    expect(expectsSecureSignalling({ ...held, ctl: holding(marker).ctl })).toBe(false);
  });
});

describe('a server', () => {
  test.each([
    ['CCM', 'node1', 'CTL'],
    ['TFTP', 'node1', 'CTL'],
    ['CAPF', 'capf', 'CTL'],
    ['TVS', 'tvs', 'ITL'],
  ] as const)('is believed as %s by its own record: %s in the %s', (service, name, by) => {
    expect(judge(service, cast[name].certificate.der)).toMatchObject({ accepted: true, by });
  });

  test.each([
    ['CCM', 'capf', 'server-role'],
    ['CAPF', 'node1', 'server-role'],
    ['APP-SERVER', 'node1', 'server-role'],
    ['TVS', 'node1', 'server-role'],
    ['CCM', 'node2', 'server-unknown'],
    ['TVS', 'node2', 'server-unknown'],
    ['CCM', 'expiredToken', 'server-expired'],
    ['CCM', 'futureToken', 'server-not-yet-valid'],
  ] as const)('is refused as %s: %s, %s', (service, name, rule) => {
    expect(judge(service, cast[name].certificate.der)).toMatchObject({ accepted: false, rule });
  });

  test('says which role it has, for people', () => {
    expect(judge('CCM', cast.capf.certificate.der).ourWords).toMatch(/^CN=CAPF is listed as CAPF, not as CCM\. /);
  });

  test('with octets that are no certificate is refused', () => {
    expect(judge('CCM', Uint8Array.of(1, 2, 3))).toMatchObject({ accepted: false, rule: 'server-unreadable' });
  });

  test('that no list names is believed when TVS vouches for that very certificate and role', () => {
    const { der } = cast.node2.certificate;
    expect(judge('CCM', der)).toHaveProperty('askTvs');
    expect(judge('TVS', der)).not.toHaveProperty('askTvs'); // TVS cannot vouch for itself
    const vouched = (certificate: Uint8Array, ...roles: readonly number[]) =>
      judgeServerByLists(held, 'CCM', der, { now, tvs: () => ({ certificate, roles }) }).accepted;
    expect(vouched(der, trustRoles.CCM)).toBe(true);
    expect(vouched(der, trustRoles['CCM+TFTP'])).toBe(true);
    expect(vouched(der, trustRoles.TFTP)).toBe(false);
    expect(vouched(cast.node1.certificate.der, trustRoles.CCM)).toBe(false);
  });
});

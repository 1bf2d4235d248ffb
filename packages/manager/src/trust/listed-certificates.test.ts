import { trustRoles } from '@trustline/pki';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listedCertificates } from './listed-certificates.ts';
import { type Cast, makeCast, makeCtl, read } from './trust.fixture.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
}, 60_000);
afterAll(() => cast.dispose());

const rolesOf = (found: ReturnType<typeof listedCertificates>, fingerprint: string | undefined) =>
  found.find(({ certificate }) => certificate.fingerprint === fingerprint)?.roles;

test('TVS vouches for what stands in the lists and what the servers show, each once with all its roles', async () => {
  const list = read(await makeCtl(cast));
  const tftp = cast.tftp.certificate;
  const found = listedCertificates([list, list], [{ certificate: tftp, roles: [trustRoles.TFTP, trustRoles.SAST] }]);
  expect(rolesOf(found, tftp.fingerprint)).toEqual([trustRoles.TFTP, trustRoles.SAST]);
  expect(rolesOf(found, cast.tokens[1].certificate.fingerprint)).toEqual([trustRoles.SAST]);
  expect(rolesOf(found, cast.strangersToken.certificate.fingerprint)).toBeUndefined();
  const fingerprints = found.map(({ certificate }) => certificate.fingerprint);
  expect(new Set(fingerprints).size).toBe(fingerprints.length);
});

test('TVS vouches for nothing where nothing is listed or shown, and passes over markers without certificate', async () => {
  const list = read(await makeCtl(cast, { mode: 'non-secure', tokens: [cast.tokens[0]] }));
  expect(listedCertificates([list], [])).toHaveLength(4);
  expect(listedCertificates([], [])).toEqual([]);
});

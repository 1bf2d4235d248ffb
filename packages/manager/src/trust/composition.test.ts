import { expectsSecureSignalling, type RecordRequest, rolesForService, trustRoles } from '@trustline/pki';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ctlRecords, itlRecords, saysTheSame } from './composition.ts';
import { type Cast, holding, makeCast, makeCtl, makeList, read } from './trust.fixture.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
}, 60_000);
afterAll(() => cast.dispose());

const tokensOf = ({ tokens }: Cast) => tokens.map(({ certificate }) => certificate);
const told = (records: readonly RecordRequest[]) =>
  records.map(({ role, certificate, dnsName }) => [role, certificate?.subject.split(',')[0] ?? null, dnsName]);

describe('the records of a CTL', () => {
  test('of mixed mode name every server with each certificate that it shows, tokens first', () => {
    const records = ctlRecords(cast.servers, tokensOf(cast), cast.cluster.trust.issuersFor('manufacturer'), 'mixed');
    expect(records.map(({ role }) => role)).toEqual(['SAST', 'SAST', 'CCM', 'CCM', 'TFTP', 'CAPF', 'TVS', 'CAPF']);
    const shown = [...cast.servers.callManager, ...cast.servers.tftp, ...cast.servers.capf, ...cast.servers.tvs];
    const listed = records.map(({ certificate }) => certificate?.fingerprint);
    expect(shown.filter(({ fingerprint }) => !listed.includes(fingerprint))).toEqual([]);
  });

  test('carry name and address of the node where there is one, and none for tokens and makers of phones', () => {
    const records = ctlRecords(cast.servers, tokensOf(cast), cast.cluster.trust.issuersFor('manufacturer'), 'mixed');
    const places = records.map(({ dnsName, ipAddress }) => [dnsName, ipAddress]);
    const [token, server] = [places[0], places[2]];
    expect(token).toEqual(['', undefined]);
    expect(server).toEqual(['cm.example.org', '192.0.2.1']);
    expect(places.at(-1)).toEqual(['', undefined]);
    const nameless = ctlRecords({ ...cast.servers, ipAddress: undefined }, [], [], 'mixed');
    expect(nameless.filter((record) => 'ipAddress' in record)).toEqual([]);
  });

  test('cisco-phones §1.3: of a non-secure cluster leave the server without a certificate', async () => {
    const records = ctlRecords(cast.servers, tokensOf(cast), [], 'non-secure');
    const markers = told(records).filter(([, subject]) => subject === null);
    expect(markers).toEqual([['CCM+TFTP', null, 'cm.example.org']]);
    expect(records.filter(({ role }) => role === 'CCM')).toEqual([]);
    expect(expectsSecureSignalling(holding(await makeCtl(cast, { mode: 'non-secure' })))).toBe(false);
    expect(expectsSecureSignalling(holding(await makeCtl(cast)))).toBe(true);
  });

  test('put no manufacturing authority where a phone looks for a server that it connects to by TLS', () => {
    const records = ctlRecords(cast.servers, tokensOf(cast), cast.cluster.trust.issuersFor('manufacturer'), 'mixed');
    const maker = records.at(-1);
    const role = trustRoles[maker?.role as keyof typeof trustRoles];
    for (const service of ['CCM', 'TFTP', 'TVS'] as const) expect(rolesForService(service)).not.toContain(role);
  });
});

test('cisco-phones §1.5: the records of an ITL name its signer as who signs lists and as who signs files', () => {
  const records = itlRecords(cast.servers, cast.tftp.certificate);
  expect(records.map(({ role }) => role)).toEqual(['SAST', 'TFTP', 'TVS', 'CAPF']);
  const [sast, tftp] = records;
  expect(sast?.certificate).toBe(cast.tftp.certificate);
  expect(tftp?.certificate?.fingerprint).toBe(cast.tftp.certificate.fingerprint);
});

describe('a list says the same', () => {
  test('in whatever order its records stand, and none is missing or more', async () => {
    const records = itlRecords(cast.servers, cast.tftp.certificate);
    const list = read(await makeList(cast.tftp, records, { kind: 'ITL', timestamp: 1 }));
    fc.assert(
      fc.property(fc.shuffledSubarray([...records], { minLength: 0, maxLength: records.length }), (some) => {
        expect(saysTheSame(list, some)).toBe(some.length === records.length);
        expect(saysTheSame(list, [...some, ...records])).toBe(some.length === 0);
      }),
    );
  });

  test('not of another name, address, role or certificate', async () => {
    const records = ctlRecords(cast.servers, tokensOf(cast), [], 'mixed');
    const list = read(await makeCtl(cast));
    const manufacturing = cast.cluster.trust.issuersFor('manufacturer');
    const whole = (servers: Cast['servers']) => ctlRecords(servers, tokensOf(cast), manufacturing, 'mixed');
    expect(saysTheSame(list, whole(cast.servers))).toBe(true);
    expect(saysTheSame(list, records)).toBe(false);
    const { servers } = cast;
    const others = [
      { ...servers, hostName: 'other.example.org' },
      { ...servers, ipAddress: '192.0.2.2' },
      { ...servers, ipAddress: undefined },
      { ...servers, tftp: servers.capf, capf: servers.tftp },
      { ...servers, tvs: [cast.strangersToken.certificate] },
    ];
    for (const other of others) expect(saysTheSame(list, whole(other))).toBe(false);
  });
});

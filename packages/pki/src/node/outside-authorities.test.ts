import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Certificate } from '../certificate.ts';
import { type Crafted, craft, craftAuthority } from '../crafted-certificate.fixture.ts';
import { judgeDeviceCertificate } from '../judge.ts';
import { encodeCertificatesPem } from '../pem.ts';
import { keyPurpose } from '../profiles.ts';
import { issueRevocationList } from '../revocation/issue-revocation-list.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterOptions, createCluster, openCluster } from './open.ts';

const now = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const names = { cluster: 'Test lab', hosts: ['cm.example'], addresses: [], domains: [] } as const;
const forLists = { keyUsage: ['keyCertSign', 'cRLSign', 'digitalSignature'], notAfter: now + 3650 * DAY } as const;
const phone = { ca: false, keyUsage: ['digitalSignature'], extendedKeyUsage: [keyPurpose.clientAuth] } as const;

let home: string;
let root: Crafted;
let room: Crafted;
let vendor: Crafted;
let mic: Crafted;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-outside-'));
  root = await craftAuthority('Outside Root', forLists);
  room = await craft({ ...phone, commonName: 'room', issuer: root });
  vendor = await craftAuthority('Vendor Manufacturing CA', forLists);
  mic = await craft({ ...phone, commonName: 'CP-8861-SEP0000000000AA', issuer: vendor });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const pem = (...certificates: Crafted[]) => encodeCertificatesPem(certificates.map(({ certificate }) => certificate));
const newCluster = (options: ClusterOptions = {}) =>
  createCluster(join(home, String(Math.random()).slice(2)), names, now, options);
const listOf = ({ certificate, privateKey }: Crafted, number: bigint, at: number, ...revoked: Certificate[]) =>
  issueRevocationList(
    { kind: 'authority', certificate, privateKey },
    number,
    revoked.map(({ serialNumber }) => ({ serialNumber, at, reason: 'keyCompromise' as const })),
    at,
  );

/** Every file of the cluster with its contents: equal snapshots mean that nothing was changed. */
function snapshot({ directory }: Cluster): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((file) => [file, readFileSync(join(directory, file), 'latin1')]),
  );
}

describe('the revocation list of an authority of ours', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await newCluster();
  });

  test('names what was revoked, each by its own authority alone, and is made anew with every revocation', async () => {
    const lsc = await cluster.issueDeviceCertificate('SEP000000000001', now);
    const operator = await cluster.issueOperatorCertificate('ada', now);
    const empty = await cluster.certificateRevocationList('capf-ca', now);
    expect(empty.entries.size).toBe(0);
    await cluster.revokeDevice('SEP000000000001', 'lost', now);
    await cluster.revokeDevice('SEP000000000001', 'lost again', now);
    await cluster.revokeOperator('ada', 'left', now);
    const capf = await cluster.certificateRevocationList('capf-ca', now);
    const operators = await cluster.certificateRevocationList('operator-ca', now);
    expect([...capf.entries.values()]).toEqual([{ at: now, reason: 'cessationOfOperation' }]);
    expect([...operators.entries.values()]).toEqual([{ at: now, reason: 'affiliationChanged' }]);
    expect([...capf.entries.keys()]).toEqual([lsc.certificate.serialNumber.replace(/^0+/, '')]);
    expect([...operators.entries.keys()]).toEqual([operator.certificate.serialNumber.replace(/^0+/, '')]);
    expect((await cluster.certificateRevocationList('callmanager-ca', now)).entries.size).toBe(0);
    expect((await cluster.certificateRevocationList('manufacturing-ca', now)).entries.size).toBe(0);
  });

  test('RFC 5280 §5.2.3: its number rises, also after a restart and with the clock set back', async () => {
    const numbers: bigint[] = [];
    const take = async (one: Cluster | undefined, at: number) =>
      numbers.push((await one?.certificateRevocationList('capf-ca', at))?.number ?? 0n);
    await take(cluster, now);
    await take(cluster, now + DAY); // the same one still
    await cluster.issueDeviceCertificate('SEP000000000001', now);
    await cluster.revokeDevice('SEP000000000001', 'lost', now);
    await take(cluster, now);
    const again = await openCluster(cluster.directory);
    await take(again, now + 1000);
    await take(again, now - DAY);
    await take(again, now + 20 * DAY);
    const [first = 0n, same, second = 0n, reread, back = 0n, late = 0n] = numbers;
    expect(same).toBe(first);
    expect(second).toBeGreaterThan(first);
    expect(reread).toBe(second);
    expect(back).toBeGreaterThan(second);
    expect(late).toBeGreaterThan(back);
  });
});

describe('what an outside authority revokes', () => {
  const accepted = (cluster: Cluster, at = now) => judgeDeviceCertificate(cluster.trust, [room.certificate.der], at);

  test('no longer proves its device, at once and after a restart', async () => {
    const cluster = await newCluster();
    await cluster.pinDeviceCertificate('ROOM7', pem(room), pem(root), now);
    expect(accepted(cluster)).toMatchObject({ accepted: true, device: 'ROOM7' });
    const list = await listOf(root, 1n, now, room.certificate);
    await cluster.importRevocationList(list.der, now);
    for (const one of [cluster, await openCluster(cluster.directory)]) {
      expect(one && accepted(one)).toMatchObject({
        accepted: false,
        code: 'revoked',
        reason: expect.stringMatching(/keyCompromise/),
      });
    }
    // RFC 5280 §5.3.1: what was on hold is taken off the next list.
    await cluster.importRevocationList((await listOf(root, 2n, now)).der, now);
    expect(accepted(cluster)).toMatchObject({ accepted: true });
    expect(cluster.importedRevocationLists().map(({ number }) => number)).toEqual([2n]);
  });

  test.each([
    ['refuse', false],
    ['warn', true],
  ] as const)('with stale lists and the policy %s, a certificate is believed: %s', async (stale, isBelieved) => {
    const cluster = await newCluster({ outsidePolicy: { stale, ocsp: false } });
    await cluster.pinDeviceCertificate('ROOM7', pem(room), pem(root), now);
    await cluster.importRevocationList((await listOf(root, 1n, now)).der, now);
    expect(accepted(cluster, now + 6 * DAY).accepted).toBe(true);
    expect(cluster.staleRevocations(now + 6 * DAY)).toEqual([]);
    expect(accepted(cluster, now + 8 * DAY).accepted).toBe(isBelieved);
    if (!isBelieved) expect(accepted(cluster, now + 8 * DAY)).toMatchObject({ code: 'revocation-unknown' });
    expect(cluster.staleRevocations(now + 8 * DAY)).toMatchObject([
      { device: 'ROOM7', reason: expect.stringMatching(/ended yesterday/) },
    ]);
    // LSCs of our own CA are none of its business.
    const { certificate } = await cluster.issueDeviceCertificate('SEP000000000001', now);
    expect(judgeDeviceCertificate(cluster.trust, [certificate.der], now + 8 * DAY).accepted).toBe(true);
  });

  test('a list that is altered, older or a stranger’s changes nothing', async () => {
    const cluster = await newCluster();
    await cluster.pinDeviceCertificate('ROOM7', pem(room), pem(root), now);
    await cluster.importRevocationList((await listOf(root, 5n, now)).der, now);
    const before = snapshot(cluster);
    const altered = Uint8Array.from((await listOf(root, 6n, now, room.certificate)).der);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    for (const octets of [altered, (await listOf(root, 4n, now)).der, (await listOf(vendor, 9n, now)).der]) {
      await expect(cluster.importRevocationList(octets, now)).rejects.toMatchObject({
        code: 'pki.revocation-list-refused',
        message: expect.stringMatching(/nothing was changed/),
      });
    }
    await expect(cluster.importRevocationList(Uint8Array.of(0x30, 1), now)).rejects.toMatchObject({
      code: 'pki.malformed-revocation-list',
    });
    expect(snapshot(cluster)).toEqual(before);
  });
});

describe('manufacturing authorities from outside', () => {
  const enrols = (cluster: Cluster) =>
    judgeDeviceCertificate(cluster.trust, [mic.certificate.der], now, { purpose: 'enrolment' });

  test('their MICs enrol, register nothing unless policy says so, and enrol no more once removed', async () => {
    const cluster = await newCluster();
    expect(enrols(cluster)).toMatchObject({ accepted: false, code: 'unknown-issuer' });
    const added = await cluster.importManufacturers(pem(vendor, root), now);
    expect(added.map(({ subject }) => subject)).toEqual(['CN=Vendor Manufacturing CA', 'CN=Outside Root']);
    expect(await cluster.importManufacturers(pem(vendor), now)).toEqual([]);
    const reopened = await openCluster(cluster.directory);
    for (const one of [cluster, reopened]) {
      expect(one && enrols(one)).toMatchObject({ accepted: true, device: 'SEP0000000000AA', means: 'MIC' });
      expect(one?.manufacturers().map(({ origin }) => origin)).toEqual(['imported', 'imported', 'generated']);
    }
    const registers = () => judgeDeviceCertificate(cluster.trust, [mic.certificate.der], now);
    expect(registers()).toMatchObject({ accepted: false, code: 'proof-not-allowed' });
    await cluster.setRegistrationProofs(['LSC', 'MIC']);
    expect(registers()).toMatchObject({ accepted: true, means: 'MIC' });

    await cluster.removeManufacturer(vendor.certificate.fingerprint.slice(0, 12));
    for (const one of [cluster, await openCluster(cluster.directory)]) {
      expect(one && enrols(one)).toMatchObject({ accepted: false, code: 'unknown-issuer' });
    }
  });

  test('the lab’s stand-in can be removed, and production has none until a token needs an issuer', async () => {
    const lab = await newCluster();
    const standIn = await lab.issueManufacturerCertificate('SEP0000000000AB', now);
    const enrolsByStandIn = () =>
      judgeDeviceCertificate(lab.trust, [standIn.certificate.der], now, { purpose: 'enrolment' }).accepted;
    expect(enrolsByStandIn()).toBe(true);
    await lab.removeManufacturer(lab.manufacturers()[0]?.certificate.fingerprint ?? '');
    expect([enrolsByStandIn(), lab.manufacturers()]).toEqual([false, []]);
    expect((await openCluster(lab.directory))?.manufacturers()).toEqual([]);

    const production = await newCluster({ kind: 'production' });
    expect(production.manufacturers()).toEqual([]);
    await production.importManufacturers(pem(vendor), now);
    expect(enrols(production)).toMatchObject({ accepted: true });
    await production.issueManufacturerCertificate('SEP0000000000AC', now);
    expect(production.manufacturers().map(({ origin }) => origin)).toEqual(['imported', 'generated']);
  });

  test('a stand-in is renewed beside the one before, whose MICs are believed until it is removed', async () => {
    const lab = await newCluster();
    const judged = ({ certificate }: { readonly certificate: Certificate }, one = lab) =>
      judgeDeviceCertificate(one.trust, [certificate.der], now, { purpose: 'enrolment' }).accepted;
    const before = await lab.issueManufacturerCertificate('SEP0000000000AB', now);
    const next = await lab.renewManufacturer(now);
    const after = await lab.issueManufacturerCertificate('SEP0000000000AB', now);
    expect(after.certificate.issuerHash).toBe(next.subjectHash);
    const again = await openCluster(lab.directory);
    expect([judged(before), judged(after), again && judged(before, again)]).toEqual([true, true, true]);
    const [, old] = lab.manufacturers();
    await lab.removeManufacturer(old?.certificate.fingerprint ?? '');
    expect([judged(before), judged(after)]).toEqual([false, true]);
    await lab.importManufacturers(old === undefined ? '' : encodeCertificatesPem([old.certificate]), now);
    expect([judged(before), judged(after)]).toEqual([true, true]);
  });

  test('the manufacturing authority of production goes by the cluster’s name, and nothing in it is called a lab’s', async () => {
    const lab = await newCluster();
    expect(lab.status().map((one) => [one.role, one.lab])).toContainEqual(['manufacturing-ca', true]);
    expect(lab.manufacturers()[0]?.certificate.subject).toMatch(/^CN=LAB STAND-IN .*, O=LAB STAND-IN$/);
    const production = await newCluster({ kind: 'production' });
    await production.issueManufacturerCertificate('SEP0000000000AC', now);
    for (const one of [production, await openCluster(production.directory)]) {
      const [own] = one?.manufacturers() ?? [];
      expect(own?.certificate.subject).toMatch(/^CN=.* Manufacturing CA [0-9a-f]{8}, OU=Manufacturing, O=/);
      expect(one?.status().filter(({ lab, subject }) => lab || subject.includes('LAB'))).toEqual([]);
    }
  });

  test('the vendor revokes a MIC by its list', async () => {
    const cluster = await newCluster();
    await cluster.importManufacturers(pem(vendor), now);
    await cluster.importRevocationList((await listOf(vendor, 1n, now, mic.certificate)).der, now);
    expect(enrols(cluster)).toMatchObject({ accepted: false, code: 'revoked' });
  });

  test('what is no authority, or has another purpose here, is refused whole', async () => {
    const cluster = await newCluster();
    const before = snapshot(cluster);
    const expired = await craftAuthority('Old CA', { notAfter: now - DAY });
    const [capf] = cluster.trust.issuersFor('locally-significant');
    const ownCapf = capf === undefined ? '' : encodeCertificatesPem([capf]);
    for (const [text, reason] of [
      [pem(vendor, mic), /SEP0000000000AA was refused.*is no certificate authority/],
      [pem(vendor, expired), /Old CA was refused.*expired yesterday/],
      [pem(vendor) + ownCapf, /vouches for LSCs of this cluster already/],
    ] as const) {
      await expect(cluster.importManufacturers(text, now)).rejects.toMatchObject({
        code: 'pki.manufacturer-refused',
        message: expect.stringMatching(reason),
        nextStep: expect.stringMatching(/vendor/),
      });
    }
    for (const fingerprint of ['', 'ffff', vendor.certificate.fingerprint]) {
      await expect(cluster.removeManufacturer(fingerprint)).rejects.toMatchObject({ code: 'pki.manufacturer-refused' });
    }
    expect(snapshot(cluster)).toEqual(before);
  });
});

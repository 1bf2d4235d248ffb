import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Craft,
  type Crafted,
  craft,
  craftAuthority,
  newEcKey,
  newRsaKey,
} from '../crafted-certificate.fixture.ts';
import { spkiOf } from '../issue.ts';
import { judgeDeviceCertificate } from '../judge.ts';
import { judgeEnrolmentCertificate } from '../judge-enrolment.ts';
import { encodeCertificatesPem } from '../pem.ts';
import { keyPurpose } from '../profiles.ts';
import { issueRevocationList } from '../revocation/issue-revocation-list.ts';
import type { Cluster } from './cluster.ts';
import { createCluster, openCluster } from './open.ts';

const now = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const names = { cluster: 'Test lab', hosts: ['cm.example'], addresses: [], domains: [] } as const;
const [device, other] = ['SEP001122334455', 'SEP001122334466'] as const;
const authority = { keyUsage: ['keyCertSign', 'cRLSign', 'digitalSignature'], notAfter: now + 3650 * DAY } as const;
const profile = { ca: false, keyUsage: ['digitalSignature'], extendedKeyUsage: [keyPurpose.clientAuth] } as const;
const [key, otherKey] = [newEcKey(), newEcKey()];
const waiting = [
  { device, publicKey: spkiOf(createPublicKey(key)) },
  { device: other, publicKey: spkiOf(createPublicKey(otherKey)) },
];

let home: string;
let root: Crafted;
let issuing: Crafted;
let cluster: Cluster;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-lsc-authority-'));
  root = await craftAuthority('Outside Root', authority);
  issuing = await craftAuthority('Outside Issuing CA', { ...authority, issuer: root });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach(async () => {
  cluster = await createCluster(join(home, String(Math.random()).slice(2)), names, now);
});

const pem = (...certificates: Crafted[]) => encodeCertificatesPem(certificates.map(({ certificate }) => certificate));
const file = (...certificates: Crafted[]) => new TextEncoder().encode(pem(...certificates));
const issue = (how: Craft = {}) =>
  craft({ ...profile, commonName: device, issuer: issuing, spki: spkiOf(createPublicKey(key)), ...how });
const judged = (one: Cluster, lsc: Crafted, at = now) => judgeDeviceCertificate(one.trust, [lsc.certificate.der], at);

/** Every file of the cluster with its contents: equal snapshots mean that nothing was changed. */
const snapshot = () =>
  readdirSync(cluster.directory).map((name) => [name, readFileSync(join(cluster.directory, name), 'latin1')]);

describe('an LSC that an outside authority has issued', () => {
  test('registers its device once it was imported, as an LSC, after a restart too', async () => {
    const lsc = await issue();
    await cluster.importLscAuthorities(pem(root), now);
    expect(judged(cluster, lsc)).toMatchObject({ accepted: false, code: 'unknown-issuer' });
    const imported = await cluster.importLsc(file(issuing, lsc), waiting, now);
    expect(imported).toMatchObject({ device, certificate: { fingerprint: lsc.certificate.fingerprint } });
    for (const one of [cluster, await openCluster(cluster.directory)]) {
      expect(one && judged(one, lsc)).toMatchObject({ accepted: true, device, means: 'LSC' });
      expect(one && judgeEnrolmentCertificate(one.trust, [lsc.certificate.der], device, now)).toMatchObject({
        accepted: true,
        means: 'LSC',
      });
      expect(one?.importedLscs().map(({ device: name }) => name)).toEqual([device]);
      expect(one?.lscAuthorities().map(({ subject }) => subject)).toEqual(['CN=Outside Root']);
    }
  });

  test('and was not imported proves nothing, whatever name it bears', async () => {
    await cluster.importLscAuthorities(pem(issuing), now);
    await cluster.importLsc(file(await issue()), waiting, now);
    const forged = await craft({ ...profile, commonName: device, issuer: issuing });
    expect(judged(cluster, forged)).toMatchObject({
      accepted: false,
      code: 'wrong-issuer-for-purpose',
      reason: expect.stringContaining('capf import'),
    });
  });

  test('registers nothing where policy lets no LSC register', async () => {
    const lsc = await issue();
    await cluster.importLscAuthorities(pem(issuing), now);
    await cluster.importLsc(file(lsc), waiting, now);
    await cluster.setRegistrationProofs(['pinned']);
    expect(judged(cluster, lsc)).toMatchObject({ accepted: false, code: 'proof-not-allowed' });
  });

  test('stops when its device is removed, when it is forgotten, and when its authority is', async () => {
    const lsc = await issue();
    await cluster.importLscAuthorities(pem(issuing), now);
    const importAgain = () => cluster.importLsc(file(lsc), waiting, now);
    await importAgain();
    await cluster.revokeDevice(device, 'the device was removed', now);
    expect(judged(cluster, lsc).accepted).toBe(false);
    await importAgain();
    await importAgain(); // twice is once
    expect(cluster.importedLscs()).toHaveLength(1);
    await cluster.forgetLsc(lsc.certificate.fingerprint);
    expect(judged(cluster, lsc).accepted).toBe(false);
    await importAgain();
    const removed = await cluster.removeLscAuthority(issuing.certificate.fingerprint.slice(0, 12));
    expect(removed.fingerprint).toBe(issuing.certificate.fingerprint);
    expect(judged(cluster, lsc)).toMatchObject({ accepted: false, code: 'unknown-issuer' });
    expect(judged((await openCluster(cluster.directory)) as Cluster, lsc).accepted).toBe(false);
  });

  test('is revoked by the list of its authority, and refused at import then', async () => {
    const lsc = await issue();
    await cluster.importLscAuthorities(pem(issuing), now);
    await cluster.importLsc(file(lsc), waiting, now);
    const { certificate, privateKey } = issuing;
    const list = await issueRevocationList(
      { kind: 'authority', certificate, privateKey },
      1n,
      [{ serialNumber: lsc.certificate.serialNumber, at: now, reason: 'keyCompromise' }],
      now,
    );
    await cluster.importRevocationList(list.der, now);
    expect(judged(cluster, lsc)).toMatchObject({ accepted: false, code: 'revoked' });
    await cluster.forgetLsc(lsc.certificate.fingerprint);
    await expect(cluster.importLsc(file(lsc), waiting, now)).rejects.toMatchObject({
      code: 'pki.lsc-refused',
      message: expect.stringMatching(/was revoked.*keyCompromise/),
    });
  });

  test('ends with its authority, and with itself', async () => {
    const short = await craftAuthority('Short CA', { ...authority, notAfter: now + DAY });
    const lsc = await issue({ issuer: short });
    await cluster.importLscAuthorities(pem(short), now);
    await cluster.importLsc(file(lsc), waiting, now);
    expect(judged(cluster, lsc, now + 2 * DAY)).toMatchObject({ accepted: false, code: 'issuer-expired' });
    expect(judged(cluster, lsc, now + 366 * DAY).accepted).toBe(false);
  });
});

describe('an import is refused with everything that is wrong, and changes nothing:', () => {
  const rows: readonly [string, () => Promise<Crafted>, RegExp][] = [
    [
      'for another key',
      () => issue({ spki: spkiOf(createPublicKey(newEcKey())) }),
      /another key \(SHA-256 [0-9a-f]{64}\)/,
    ],
    [
      'for a phone that waits for nothing',
      () => issue({ commonName: 'SEP009999999999', spki: undefined }),
      /no phone waits/,
    ],
    ['with the name of another phone', () => issue({ commonName: other }), /SEP001122334455 has made.*SEP001122334466/],
    ['with two names', () => issue({ commonName: [device, other] }), /made out to/],
    [
      'of the key of another phone',
      () => issue({ spki: spkiOf(createPublicKey(otherKey)) }),
      /SEP001122334466 has made/,
    ],
    ['of another authority', () => issue({ issuer: strangers }), /leads to no outside authority.*unknown issuer/],
    ['expired', () => issue({ notAfter: now - DAY }), /expired/],
    ['not yet valid', () => issue({ notBefore: now + DAY }), /not valid before/],
    ['for servers only', () => issue({ extendedKeyUsage: [keyPurpose.serverAuth] }), /lacks clientAuth/],
    ['that may not sign', () => issue({ keyUsage: ['keyEncipherment'] }), /lacks digitalSignature/],
    ['that may sign certificates', () => issue({ keyUsage: ['digitalSignature', 'keyCertSign'] }), /sign certificates/],
    ['an authority', () => issue({ ca: true }), /of authorities, and none of a phone/],
    ['signed by SHA-1', () => issue({ hash: 'SHA-1' }), /SHA-1/],
  ];
  let strangers: Crafted;
  beforeAll(async () => {
    strangers = await craftAuthority('Strangers', authority);
  });
  test.each(rows)('one %s', async (_title, make, problem) => {
    await cluster.importLscAuthorities(pem(issuing), now);
    const before = snapshot();
    await expect(cluster.importLsc(file(await make()), waiting, now)).rejects.toMatchObject({
      code: 'pki.lsc-refused',
      message: expect.stringMatching(problem),
      nextStep: expect.stringMatching(/./),
    });
    expect(snapshot()).toEqual(before);
  });

  test('one whose RSA key may not decipher, for configurations are encrypted to it', async () => {
    await cluster.importLscAuthorities(pem(issuing), now);
    const rsa = spkiOf(createPublicKey(newRsaKey(2048)));
    const keys = [{ device, publicKey: rsa }];
    await expect(cluster.importLsc(file(await issue({ spki: rsa })), keys, now)).rejects.toThrow(/keyEncipherment/);
    const granted = await issue({ spki: rsa, keyUsage: ['digitalSignature', 'keyEncipherment'] });
    await expect(cluster.importLsc(file(granted), keys, now)).resolves.toMatchObject({ device });
  });

  test('two at once, and one without any authority that may issue', async () => {
    const [one, two] = [await issue(), await issue({ commonName: other, spki: spkiOf(createPublicKey(otherKey)) })];
    await expect(cluster.importLsc(file(one, two), waiting, now)).rejects.toThrow(/certificates of 2 phones/);
    await expect(cluster.importLsc(file(one), waiting, now)).rejects.toMatchObject({
      nextStep: expect.stringContaining('trustline pki lsc-authority import'),
    });
  });
});

describe('an authority may issue LSCs or something else, not both:', () => {
  test('one of the cluster itself, one of a manufacturer', async () => {
    const manufacturer = await craftAuthority('Vendor', authority);
    await cluster.importManufacturers(pem(manufacturer), now);
    const capf = cluster.trust.issuersFor('locally-significant').map(({ der }) => ({ der }));
    for (const offered of [encodeCertificatesPem(capf), pem(manufacturer), pem(await issue())]) {
      const before = snapshot();
      await expect(cluster.importLscAuthorities(offered, now)).rejects.toMatchObject({
        code: 'pki.lsc-authority-refused',
      });
      expect(snapshot()).toEqual(before);
    }
    await cluster.importLscAuthorities(pem(issuing), now);
    expect(await cluster.importLscAuthorities(pem(issuing), now)).toEqual([]);
    await expect(cluster.importManufacturers(pem(issuing), now)).rejects.toThrow(/LSCs that are imported/);
    await expect(cluster.removeLscAuthority('ff')).rejects.toMatchObject({ code: 'pki.lsc-authority-refused' });
  });
});

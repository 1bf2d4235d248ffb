import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { craft, craftAuthority } from '../crafted-certificate.fixture.ts';
import { type DeviceKeyPolicy, defaultDeviceKeyPolicy } from '../device-keys.ts';
import { judgeDeviceCertificate } from '../judge.ts';
import { judgeEnrolmentCertificate } from '../judge-enrolment.ts';
import { encodeCertificatesPem } from '../pem.ts';
import { Pkcs10CertificateRequest } from '../x509-library.ts';
import type { Cluster } from './cluster.ts';
import { IssuedLedger } from './ledger.ts';
import { createCluster, openCluster } from './open.ts';

const now = Date.now();
const device = 'SEP001122334455';
const old: DeviceKeyPolicy = { ...defaultDeviceKeyPolicy, smallestRsa: 1024 };

let home: string;
let cluster: Cluster;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-issue-for-'));
  const names = { cluster: 'Test lab', hosts: ['localhost'] as const, addresses: [], domains: [] };
  cluster = await createCluster(join(home, 'pki'), names, now);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const rsa = (bits: number): KeyObject => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey;
const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).publicKey;
const spki = (key: KeyObject): Uint8Array => key.export({ type: 'spki', format: 'der' });

describe('an LSC for a key that the phone has made', () => {
  const rows: readonly [string, () => KeyObject, readonly string[]][] = [
    ['RSA-2048', () => rsa(2048), ['digitalSignature', 'keyEncipherment']],
    ['RSA-4096', () => rsa(4096), ['digitalSignature', 'keyEncipherment']],
    ['P-256', () => ec('prime256v1'), ['digitalSignature']],
    ['P-384', () => ec('secp384r1'), ['digitalSignature']],
    ['P-521', () => ec('secp521r1'), ['digitalSignature']],
  ];
  test.each(rows)(
    '%s: for that key and no other, an hour in the past, in the ledger (RFC 5480 §3: usages by key)',
    async (_name, make, usages) => {
      const key = make();
      const certificate = await cluster.issueDeviceCertificateFor(device, spki(key), now);
      expect(spki(certificate.publicKey)).toEqual(spki(key));
      expect(certificate.commonNames).toEqual([device]);
      expect(certificate.keyUsage).toEqual(usages);
      expect(now - certificate.notBefore).toBeGreaterThanOrEqual(3_600_000);
      expect(judgeDeviceCertificate(cluster.trust, [certificate.der], now)).toMatchObject({
        accepted: true,
        means: 'LSC',
      });
      expect(cluster.issuedTo(device).at(-1)).toMatchObject({ serialNumber: certificate.serialNumber });
      const again = await openCluster(cluster.directory);
      expect(again?.issuedTo(device).at(-1)).toMatchObject({ fingerprint: certificate.fingerprint });
    },
  );

  const refused: readonly [string, () => Uint8Array, DeviceKeyPolicy | undefined, RegExp][] = [
    ['RSA-1024, by default', () => spki(rsa(1024)), undefined, /RSA-1024 is not among the keys allowed/],
    ['RSA-1024 and less, by any policy', () => spki(rsa(1016)), { ...old, smallestRsa: 512 }, /RSA-1016 is not among/],
    [
      'a curve that policy has not',
      () => spki(ec('secp384r1')),
      { ...old, curves: ['P-256'] },
      /P-384 is not on a curve/,
    ],
    ['a curve that nobody knows', () => spki(ec('secp256k1')), undefined, /not on a curve that is allowed/],
    ['Ed25519', () => spki(generateKeyPairSync('ed25519').publicKey), undefined, /no key of a phone/],
    ['octets that are no key', () => Uint8Array.of(0x30, 1, 2), undefined, /cannot be read/],
  ];
  test.each(refused)('not for %s', async (_name, make, policy, message) => {
    const before = cluster.issuedTo(device).length;
    await expect(cluster.issueDeviceCertificateFor(device, make(), now, policy)).rejects.toMatchObject({
      code: 'pki.refused-request',
      message: expect.stringMatching(message),
    });
    expect(cluster.issuedTo(device)).toHaveLength(before);
  });

  test('RSA-1024 where policy says so; legacy listeners alone believe it', async () => {
    const { der } = await cluster.issueDeviceCertificateFor(device, spki(rsa(1024)), now, old);
    expect(judgeDeviceCertificate(cluster.trust, [der], now)).toMatchObject({ accepted: false, code: 'weak-key' });
    expect(judgeDeviceCertificate(cluster.trust, [der], now, { legacy: true })).toMatchObject({ accepted: true });
  });

  test('not for a name that is no device', async () => {
    const issued = cluster.issueDeviceCertificateFor('not a device', spki(ec('prime256v1')), now);
    await expect(issued).rejects.toMatchObject({ code: 'pki.invalid-device-name' });
  });
});

describe('what may authenticate an enrolment', () => {
  const key = () => spki(ec('prime256v1'));

  test('the MIC of the device, which registers nothing; not that of another', async () => {
    const { certificate } = await cluster.issueManufacturerCertificate(device, now, 'CP-8861');
    const chain = [certificate.der];
    expect(judgeEnrolmentCertificate(cluster.trust, chain, device, now)).toMatchObject({
      accepted: true,
      means: 'MIC',
    });
    expect(judgeDeviceCertificate(cluster.trust, chain, now)).toMatchObject({ code: 'proof-not-allowed' });
    expect(judgeEnrolmentCertificate(cluster.trust, chain, 'SEP001122334466', now)).toMatchObject({
      accepted: false,
      code: 'wrong-name',
      reason: 'it is the MIC of SEP001122334455, not of SEP001122334466',
    });
  });

  test('an LSC of the device until it is revoked', async () => {
    const certificate = await cluster.issueDeviceCertificateFor(device, key(), now);
    const judge = () => judgeEnrolmentCertificate(cluster.trust, [certificate.der], device, now);
    expect(judge()).toMatchObject({ accepted: true, means: 'LSC' });
    await cluster.revoke(certificate, 'lost', now);
    expect(judge()).toMatchObject({ accepted: false, code: 'revoked' });
  });

  test('no certificate of a stranger who calls himself a manufacturer', async () => {
    const issuer = await craftAuthority('Cisco Manufacturing CA');
    const { certificate } = await craft({ commonName: device, issuer });
    expect(judgeEnrolmentCertificate(cluster.trust, [certificate.der], device, now)).toMatchObject({
      accepted: false,
      code: 'unknown-issuer',
    });
  });
});

test('RFC 5280 §4.1.2.2: the ledger takes no serial number of an issuer twice, after a restart either', async () => {
  const certificate = await cluster.issueDeviceCertificateFor(device, spki(ec('prime256v1')), now);
  const ledger = await IssuedLedger.open(cluster.directory);
  await expect(ledger.add('locally-significant', device, certificate)).rejects.toMatchObject({
    code: 'pki.refused-result',
    message: expect.stringContaining(certificate.serialNumber),
  });
});

test('a CAPF CA that an outside authority has signed issues for phones: RFC 5280 §6.1, its root is above', async () => {
  const root = await craftAuthority('Outside Root', { notBefore: now - 86_400_000, notAfter: now + 86_400_000 });
  const request = await cluster.createCertificateRequest('capf-ca');
  const publicKey = requestedKey(request);
  const subordinate = await craft({
    commonName: 'CAPF of the outside',
    issuer: root,
    ca: true,
    pathLength: 0,
    keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
    spki: publicKey,
    notBefore: now - 86_400_000,
    notAfter: now + 86_400_000,
  });
  const pem = encodeCertificatesPem([subordinate.certificate]);
  await cluster.importCertificate('capf-ca', pem, encodeCertificatesPem([root.certificate]), now);
  const certificate = await cluster.issueDeviceCertificateFor(device, spki(ec('prime256v1')), now);
  expect(certificate.issuer).toContain('CAPF of the outside');
  expect(certificate.notAfter).toBeLessThanOrEqual(subordinate.certificate.notAfter);
  expect(judgeDeviceCertificate(cluster.trust, [certificate.der], now)).toMatchObject({ accepted: true, means: 'LSC' });
});

function requestedKey(pem: string): Uint8Array {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return new Uint8Array(new Pkcs10CertificateRequest(Uint8Array.from(der)).publicKey.rawData);
}

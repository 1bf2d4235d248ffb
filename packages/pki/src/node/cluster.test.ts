import { createPublicKey, sign, verify } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCertificate } from '../certificate.ts';
import { craft, craftAuthority } from '../crafted-certificate.fixture.ts';
import { judgeDeviceCertificate, judgeOperatorCertificate } from '../judge.ts';
import { decodeCertificatesPem, encodeCertificatesPem } from '../pem.ts';
import { keyPurpose, profiles } from '../profiles.ts';
import { decodeCertificateRequestPem } from '../read-request.ts';
import { describeTrustSource } from '../trust-source.contract.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterOptions, createCluster, openCluster } from './open.ts';

const now = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const names = {
  cluster: 'Test lab',
  hosts: ['localhost', 'cm.example'],
  addresses: ['127.0.0.1', '::1', '192.0.2.5'],
  domains: ['example.org'],
} as const;

let home: string;
let count = 0;
const newPlace = () => join(home, `cluster-${++count}`);
const make = (place = newPlace(), options?: ClusterOptions) => createCluster(place, names, now, options);

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'trustline-pki-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describeTrustSource('a lab cluster in a folder', async () => {
  const cluster = await make();
  const outside = await craftAuthority('Outside CA');
  const pinned = await craft({ commonName: 'room-7', issuer: outside });
  const sibling = await craft({ commonName: 'room-8', issuer: outside });
  await cluster.pinDeviceCertificate(
    'ROOM7',
    encodeCertificatesPem([pinned.certificate]),
    encodeCertificatesPem([outside.certificate]),
    now,
  );
  const device = 'SEP001122334455';
  const revoked = await cluster.issueDeviceCertificate('SEP0000000000FF', now);
  await cluster.revokeDevice('SEP0000000000FF', 'stolen', now);
  const [rsa] = cluster.callManagerIdentities();
  if (rsa === undefined) throw new Error('no identity');
  return {
    trust: cluster.trust,
    now,
    device: { name: device, certificate: (await cluster.issueDeviceCertificate(device, now)).certificate },
    manufacturerInstalled: (await cluster.issueManufacturerCertificate(device, now, 'CP-8861')).certificate,
    operator: { name: 'alice', certificate: (await cluster.issueOperatorCertificate('alice', now)).certificate },
    pinned: { device: 'ROOM7', certificate: pinned.certificate, sibling: sibling.certificate },
    revoked: revoked.certificate,
    callManager: rsa.certificate,
  };
});

describe('the first start', () => {
  test('makes a lab cluster in mixed mode that says so, and the second start opens the same one', async () => {
    const place = newPlace();
    const cluster = await make(place);
    expect(cluster.trust.securityMode()).toBe('mixed');
    expect(cluster.trust.statusNotice()).toBe('lab trust');
    const again = await make(place);
    expect(again.status()).toEqual(cluster.status());
    expect(again.recordSigner().keyId).toBe(cluster.recordSigner().keyId);
  });

  test('a production cluster begins in non-secure mode and says nothing of a lab, over a restart too', async () => {
    const place = newPlace();
    await make(place, { kind: 'production' });
    const again = await make(place);
    expect(again.kind).toBe('production');
    expect(again.trust.securityMode()).toBe('non-secure');
    expect(again.trust.statusNotice()).toBeUndefined();
  });

  test('a lab whose trust comes from real tokens says `lab trust` no longer, until it does not', async () => {
    const place = newPlace();
    const cluster = await make(place);
    await cluster.setTokenTrust(true);
    expect(cluster.trust.statusNotice()).toBeUndefined();
    expect((await make(place)).trust.statusNotice()).toBeUndefined();
    await cluster.setTokenTrust(false);
    expect(cluster.trust.statusNotice()).toBe('lab trust');
  });

  test('derives the same secret over a restart, another for another purpose and in another cluster, and keeps none', async () => {
    const place = newPlace();
    const passphrase = new Redacted('a passphrase of a test');
    const cluster = await make(place, { passphrase });
    const secret = async (one: Cluster, purpose = 'a') =>
      Buffer.from((await one.deriveSecret(purpose, 24)).reveal()).toString('hex');
    const [first, beside] = await Promise.all([secret(cluster), secret(cluster)]);
    expect(first).toMatch(/^[0-9a-f]{48}$/);
    expect([beside, await secret(await make(place, { passphrase }))]).toEqual([first, first]);
    expect(await secret(cluster, 'b')).not.toBe(first);
    expect(await secret(await make())).not.toBe(first);
    const [keyFile = ''] = readdirSync(place).filter((file) => file.startsWith('device-secrets-'));
    expect(readFileSync(join(place, keyFile), 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
    expect(readdirSync(place).filter((file) => file.startsWith('device-secrets-'))).toHaveLength(1);
  });

  test('keeps every file from others, and refuses a key that others can read, naming the chmod', async () => {
    const place = newPlace();
    await make(place);
    expect(statSync(place).mode & 0o777).toBe(0o700);
    const files = readdirSync(place);
    for (const file of files) expect(statSync(join(place, file)).mode & 0o777, file).toBe(0o600);
    const exposed = join(place, files.find((file) => file.startsWith('capf-ca') && file.endsWith('.key.pem')) ?? '');
    chmodSync(exposed, 0o640);
    await expect(openCluster(place)).rejects.toMatchObject({
      code: 'pki.key-file-exposed',
      message: `${exposed} has mode 0640: others on this machine can reach the key`,
      nextStep: expect.stringContaining(`chmod 600 '${exposed}'`),
    });
    chmodSync(exposed, 0o600);
    chmodSync(place, 0o755);
    await expect(openCluster(place)).rejects.toMatchObject({
      nextStep: expect.stringContaining(`chmod 700 '${place}'`),
    });
  });

  test('serves RSA-2048 and ECDSA P-256 side by side under one issuer, with every name of the cluster', async () => {
    const cluster = await make();
    const [rsa, ecdsa] = cluster.callManagerIdentities();
    expect(rsa?.certificate.key).toEqual({ kind: 'RSA', bits: 2048 });
    expect(ecdsa?.certificate.key).toEqual({ kind: 'EC', curve: 'prime256v1' });
    expect(ecdsa?.certificate.issuer).toBe(rsa?.certificate.issuer);
    for (const identity of [rsa, ecdsa]) {
      const found = identity?.certificate.subjectNames.map(({ kind, value }) => `${kind}:${value}`);
      expect(found).toEqual(
        expect.arrayContaining([
          'dns:localhost',
          'dns:cm.example',
          'dns:example.org',
          'ip:127.0.0.1',
          'uri:sip:example.org',
        ]),
      );
      const own = createPublicKey(identity?.privateKeyPem.reveal() ?? '');
      expect(identity?.certificate.publicKey.equals(own)).toBe(true);
    }
  });

  test('gives CallManager, CAPF, operators, IPsec and the stand-in manufacturer issuers and keys of their own', async () => {
    const cluster = await make();
    const issued = [
      cluster.callManagerIdentities()[0]?.certificate,
      (await cluster.identity('capf', now)).certificate,
      (await cluster.identity('ipsec', now)).certificate,
      (await cluster.issueOperatorCertificate('alice', now)).certificate,
      (await cluster.issueManufacturerCertificate('SEP001122334455', now)).certificate,
    ];
    expect(new Set(issued.map((one) => one?.authorityKeyIdentifier)).size).toBe(issued.length);
    expect(new Set(issued.map((one) => one?.issuerHash)).size).toBe(issued.length);
    expect(issued[4]?.issuer).toMatch(/LAB STAND-IN/);
    expect(issued[4]?.subject).toMatch(/LAB STAND-IN/);
    const bundle = decodeCertificatesPem(cluster.trustBundlePem()).map(readCertificate);
    expect(bundle.map(({ subject }) => subject)).toEqual([issued[0]?.issuer]);
  });

  test('gives gateways IPsec certificates of their names, for a key of theirs or one that is made here', async () => {
    const cluster = await make();
    const names = { hosts: ['gw1.example.org'], addresses: ['192.0.2.2'] };
    const whole = await cluster.issueGatewayCertificate('gw1', names, undefined, now);
    const own = createPublicKey(whole.privateKeyPem?.reveal() ?? '');
    expect(whole.certificate.publicKey.equals(own)).toBe(true);
    expect(whole.certificate.subjectNames).toEqual([
      { kind: 'dns', value: 'gw1.example.org' },
      { kind: 'ip', value: '192.0.2.2' },
    ]);
    expect(whole.certificate.extendedKeyUsage).toEqual([keyPurpose.ipsecIke]);
    const [authority] = await cluster.ipsecAuthorities(now);
    expect(authority && whole.certificate.signedBy(authority)).toBe(true);
    const request = decodeCertificateRequestPem(await cluster.createCertificateRequest('capf'));
    const asked = await cluster.issueGatewayCertificate('gw1', names, request, now);
    expect(asked.privateKeyPem).toBeUndefined();
    expect(cluster.issuedTo('gw1').map(({ role }) => role)).toEqual(['ipsec-gateway', 'ipsec-gateway']);
    for (const wrong of [
      { hosts: [], addresses: [] },
      { hosts: ['gw 1'], addresses: [] },
      { hosts: [], addresses: ['x'] },
    ]) {
      const refusal = cluster.issueGatewayCertificate('gw1', wrong, undefined, now);
      await expect(refusal).rejects.toMatchObject({ code: 'pki.refused-request' });
    }
  });

  test('whatever will sign trust lists or phone files is RSA-2048', () => {
    const signers = ['callmanager-ca', 'callmanager-rsa', 'capf-ca', 'capf', 'locally-significant'] as const;
    for (const role of signers) expect(profiles[role].key).toBe('RSA-2048');
  });

  test('what an interrupted attempt left is thrown away; nothing is open before it is whole', async () => {
    const place = newPlace();
    mkdirSync(`${place}.creating`, { mode: 0o700 });
    writeFileSync(join(`${place}.creating`, 'capf-ca-0.key.pem'), 'half a k');
    expect(await openCluster(place)).toBeUndefined();
    const cluster = await make(place);
    expect(cluster.status().length).toBeGreaterThan(5);
    expect(readdirSync(home)).not.toContain(`${place}.creating`);
  });

  test('a folder without its manifest, of other times or of a newer version is refused, never rebuilt', async () => {
    const place = newPlace();
    await make(place);
    const manifest = join(place, 'cluster.json');
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, text.replace('"schema": 1', '"schema": 2'));
    await expect(make(place)).rejects.toMatchObject({ code: 'pki.store-newer' });
    writeFileSync(manifest, text.replace(/"pathFile": "/, '"pathFile": "../'));
    await expect(make(place)).rejects.toMatchObject({ code: 'pki.store-damaged' });
    const other = await make();
    const stolen = readdirSync(other.directory).find((file) => /^capf-ca.*key/.test(file)) ?? '';
    const own = readdirSync(place).find((file) => /^capf-ca.*key/.test(file)) ?? '';
    writeFileSync(manifest, text);
    writeFileSync(join(place, own), readFileSync(join(other.directory, stolen)));
    await expect(make(place)).rejects.toMatchObject({ code: 'pki.key-mismatch' });
    rmSync(manifest);
    await expect(make(place)).rejects.toMatchObject({ code: 'pki.store-damaged' });
  });

  test('the record signer signs with Ed25519, and its public key alone verifies', async () => {
    const signer = (await make()).recordSigner();
    const head = Buffer.from('head');
    expect(verify(null, head, signer.publicKey, sign(null, head, signer.privateKey))).toBe(true);
    expect(signer.privateKey.asymmetricKeyType).toBe('ed25519');
  });
});

describe('a passphrase', () => {
  const passphrase = new Redacted('canary-passphrase');

  test('encrypts every key; without it, or with another, nothing opens and no error quotes it', async () => {
    const place = newPlace();
    await make(place, { passphrase });
    for (const file of readdirSync(place).filter((one) => one.endsWith('.key.pem'))) {
      expect(readFileSync(join(place, file), 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    }
    expect((await openCluster(place, { passphrase }))?.status().length).toBeGreaterThan(5);
    await expect(openCluster(place)).rejects.toMatchObject({ code: 'pki.passphrase-needed' });
    const wrong = await openCluster(place, { passphrase: new Redacted('canary-wrong') }).catch((error) => error);
    expect(wrong).toMatchObject({ code: 'pki.passphrase-wrong' });
    expect(`${wrong.stack} ${JSON.stringify(wrong)} ${wrong.cause}`).not.toMatch(/canary/);
  });
});

describe('issuing', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await make();
  });

  test('a device gets a key of its own, RSA-2048, for clients only, begun an hour ago for wrong clocks', async () => {
    const { certificate, privateKeyPem, chainPem } = await cluster.issueDeviceCertificate('SEP001122334455', now);
    expect(certificate).toMatchObject({
      commonNames: ['SEP001122334455'],
      key: { kind: 'RSA', bits: 2048 },
      keyUsage: ['digitalSignature', 'keyEncipherment'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
      authority: undefined,
      notBefore: now - 3_600_000,
      notAfter: now + 1825 * DAY,
    });
    expect(createPublicKey(privateKeyPem.reveal()).equals(certificate.publicKey)).toBe(true);
    expect(decodeCertificatesPem(chainPem)).toHaveLength(1);
  });

  test('serial numbers are random, positive and never repeat', async () => {
    const serials = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      const { certificate } = await cluster.issueOperatorCertificate(`operator ${index}`, now);
      expect(certificate.serialNumber).toMatch(/^[0-9a-f]{26,32}$/);
      serials.add(certificate.serialNumber);
    }
    expect(serials.size).toBe(20);
  });

  test('no certificate outlives its issuer, and an ended issuer issues nothing', async () => {
    const late = now + 9 * 365 * DAY;
    const [authority] = cluster.trust.issuersFor('locally-significant');
    const { certificate } = await cluster.issueDeviceCertificate('SEP00000000000A', late);
    expect(certificate.notAfter).toBe(authority?.notAfter);
    await expect(cluster.issueDeviceCertificate('SEP00000000000B', now + 11 * 365 * DAY)).rejects.toMatchObject({
      code: 'pki.refused-result',
    });
  });

  test('names that do not read back as one device are refused', async () => {
    for (const name of ['', 'sep001122334455', 'gw-SEP001122334455', 'a/b', 'x\ny', 'é'.repeat(3)]) {
      await expect(cluster.issueDeviceCertificate(name, now), name).rejects.toMatchObject({
        code: 'pki.invalid-device-name',
      });
    }
    await expect(cluster.issueManufacturerCertificate('gateway', now)).rejects.toMatchObject({
      code: 'pki.invalid-device-name',
    });
  });

  test('a removed device is believed no more, from the very next question on and after a restart', async () => {
    const name = 'SEP0000000000EE';
    const first = await cluster.issueDeviceCertificate(name, now);
    const second = await cluster.issueDeviceCertificate(name, now);
    expect(judgeDeviceCertificate(cluster.trust, [first.certificate.der], now).accepted).toBe(true);
    expect(await cluster.revokeDevice(name, 'removed', now)).toBe(2);
    const reopened = await openCluster(cluster.directory);
    for (const trust of [cluster.trust, reopened?.trust]) {
      for (const { certificate } of [first, second]) {
        expect(trust && judgeDeviceCertificate(trust, [certificate.der], now)).toMatchObject({ code: 'revoked' });
      }
    }
  });

  test('removing an operator revokes every certificate once, and none of a device of the same name', async () => {
    const name = 'SEP0000000000AB';
    const person = (await cluster.issueOperatorCertificate(name, now)).certificate;
    const phone = (await cluster.issueDeviceCertificate(name, now)).certificate;
    expect(await cluster.revokeOperator(name, 'left', now)).toBe(1);
    expect(await cluster.revokeOperator(name, 'left', now)).toBe(0);
    expect(judgeOperatorCertificate(cluster.trust, [person.der], now)).toMatchObject({ code: 'revoked' });
    expect(judgeDeviceCertificate(cluster.trust, [phone.der], now)).toMatchObject({ accepted: true });
    const roles = cluster.issued().flatMap(({ holder, role }) => (holder === name ? [role] : []));
    expect(roles).toEqual(['operator', 'locally-significant']);
  });

  test('a ledger line cut off by a power failure is dropped, and a damaged one refused', async () => {
    const place = newPlace();
    const one = await make(place);
    await one.issueDeviceCertificate('SEP000000000001', now);
    const ledger = join(place, 'issued.jsonl');
    const whole = readFileSync(ledger, 'utf8');
    writeFileSync(ledger, `${whole}{"role":"locally-si`);
    const reopened = await openCluster(place);
    expect(reopened?.issuedTo('SEP000000000001')).toHaveLength(1);
    await reopened?.issueDeviceCertificate('SEP000000000001', now);
    expect((await openCluster(place))?.issuedTo('SEP000000000001')).toHaveLength(2);
    writeFileSync(ledger, `nonsense\n${whole}`);
    await expect(openCluster(place)).rejects.toMatchObject({ code: 'pki.store-damaged' });
  });

  test('new names of the cluster bring new certificates, and the same names none', async () => {
    const one = await make();
    const before = one.callManagerIdentities()[0]?.certificate.fingerprint;
    expect(await one.coverNames(names, now)).toEqual([]);
    expect(one.callManagerIdentities()[0]?.certificate.fingerprint).toBe(before);
    const more = { ...names, addresses: [...names.addresses, '192.0.2.9'] };
    expect(await one.coverNames(more, now)).toEqual(['callmanager-rsa', 'callmanager-ecdsa']);
    expect(one.callManagerIdentities()[0]?.certificate.subjectNames).toContainEqual({ kind: 'ip', value: '192.0.2.9' });
  });

  test('LSCs and MICs open no door for operators', async () => {
    const lsc = await cluster.issueDeviceCertificate('SEP001122334455', now);
    expect(judgeOperatorCertificate(cluster.trust, [lsc.certificate.der], now)).toMatchObject({
      accepted: false,
      code: 'wrong-issuer-for-purpose',
    });
  });
});

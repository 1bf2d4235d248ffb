import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Certificate } from '../certificate.ts';
import { type Craft, type Crafted, craft, craftAuthority } from '../crafted-certificate.fixture.ts';
import { judgeDeviceCertificate } from '../judge.ts';
import { encodeCertificatesPem } from '../pem.ts';
import { keyPurpose } from '../profiles.ts';
import { Pkcs10CertificateRequest } from '../x509-library.ts';
import type { Cluster } from './cluster.ts';
import { createCluster, openCluster } from './open.ts';

const now = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const names = {
  cluster: 'Test lab',
  hosts: ['cm.example', 'localhost'],
  addresses: [],
  domains: ['example.org'],
} as const;

let home: string;
let cluster: Cluster;
let root: Crafted;
let middle: Crafted;
let before: Readonly<Record<string, string>>;

/** Every file of the cluster with its contents: equal snapshots mean that nothing was changed. */
function snapshot(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(cluster.directory)
      .sort()
      .map((file) => [file, readFileSync(join(cluster.directory, file), 'utf8')]),
  );
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-import-'));
  root = await craftAuthority('Outside Root', { notAfter: now + 3650 * DAY });
  middle = await craftAuthority('Outside Issuing CA', { issuer: root, pathLength: 1 });
});
beforeEach(async () => {
  cluster = await createCluster(join(home, String(Math.random()).slice(2)), names, now);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The outside CA: signs for the key of a request, as the row says. */
async function answer(request: string, how: Craft = {}): Promise<Certificate> {
  const { publicKey } = new Pkcs10CertificateRequest(request);
  const server = {
    commonName: 'cm.example',
    ca: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: [keyPurpose.serverAuth, keyPurpose.clientAuth],
    dnsNames: ['cm.example', 'example.org'],
    issuer: middle,
  } as const;
  return (await craft({ ...server, spki: new Uint8Array(publicKey.rawData), ...how })).certificate;
}

const pem = (...certificates: (Certificate | Crafted)[]) =>
  encodeCertificatesPem(certificates.map((one) => ('certificate' in one ? one.certificate : one)));

describe('a certificate of an outside CA', () => {
  test('asks for what the role needs: names, usages and a key of its own', async () => {
    const request = new Pkcs10CertificateRequest(await cluster.createCertificateRequest('callmanager-rsa'));
    expect(await request.verify()).toBe(true);
    expect(request.subject).toBe('O=Test lab, OU=CallManager, CN=cm.example');
    expect(cluster.status().find(({ role }) => role === 'callmanager-rsa')?.requestPending).toBe(true);
    expect(
      cluster.callManagerIdentities()[0]?.certificate.publicKey.export({ type: 'spki', format: 'der' }),
    ).not.toEqual(Buffer.from(request.publicKey.rawData));
  });

  test('takes the place of the generated one, chain and root included, and stays after a restart', async () => {
    const certificate = await answer(await cluster.createCertificateRequest('callmanager-rsa'));
    await cluster.importCertificate('callmanager-rsa', pem(certificate, middle), pem(root), now);
    for (const one of [cluster, await openCluster(cluster.directory)]) {
      const identity = one?.callManagerIdentities()[0];
      expect(identity?.certificate.fingerprint).toBe(certificate.fingerprint);
      expect(identity?.chainPem).toBe(pem(certificate, middle));
      expect(one?.trust.phoneTrustBundle().map(({ subject }) => subject)).toContain('CN=Outside Root');
      const status = one?.status().find(({ role }) => role === 'callmanager-rsa');
      expect(status).toMatchObject({ origin: 'imported', lab: false, requestPending: false });
    }
  });

  test('renews with the key in use as well', async () => {
    const certificate = await answer(await cluster.createCertificateRequest('callmanager-rsa'));
    await cluster.importCertificate('callmanager-rsa', pem(certificate, middle), pem(root), now);
    const key = cluster.callManagerIdentities()[0]?.certificate.publicKey;
    const renewed = await craft({
      commonName: 'cm.example',
      issuer: middle,
      dnsNames: ['cm.example', 'example.org'],
      spki: key?.export({ type: 'spki', format: 'der' }) ?? new Uint8Array(),
    });
    await cluster.importCertificate('callmanager-rsa', pem(renewed, middle), pem(root), now);
    expect(cluster.callManagerIdentities()[0]?.certificate.fingerprint).toBe(renewed.certificate.fingerprint);
  });

  test('replaces an authority; what the earlier one issued is believed until it is forgotten', async () => {
    const early = await cluster.issueDeviceCertificate('SEP000000000001', now);
    const request = await cluster.createCertificateRequest('capf-ca');
    const authority = await answer(request, {
      commonName: 'Outside CAPF',
      ca: true,
      keyUsage: ['keyCertSign', 'digitalSignature'],
      extendedKeyUsage: [keyPurpose.clientAuth],
      dnsNames: ['capf.example'],
    });
    await cluster.importCertificate('capf-ca', pem(authority, middle), pem(root), now);
    const late = await cluster.issueDeviceCertificate('SEP000000000002', now);
    expect(late.certificate.issuer).toBe('CN=Outside CAPF');
    expect(late.chainPem).toBe(pem(late.certificate, authority, middle));
    const accepted = (one: typeof late) => judgeDeviceCertificate(cluster.trust, [one.certificate.der], now).accepted;
    expect([accepted(early), accepted(late)]).toEqual([true, true]);
    expect(
      cluster
        .status()
        .filter(({ role }) => role === 'capf-ca')
        .map(({ state }) => state),
    ).toEqual(['in use', 'replaced']);
    await cluster.forgetReplaced('capf-ca');
    expect([accepted(early), accepted(late)]).toEqual([false, true]);
  });

  test('is refused when phones would come to believe servers by the CAPF CA', async () => {
    const capf = await selfSignedBy(cluster, 'capf-ca');
    await cluster.importCertificate('capf-ca', pem(capf.certificate), pem(capf.certificate), now);
    const identity = await answer(await cluster.createCertificateRequest('callmanager-rsa'), { issuer: capf });
    await expect(
      cluster.importCertificate('callmanager-rsa', pem(identity), pem(capf.certificate), now),
    ).rejects.toMatchObject({ code: 'pki.refused-result' });
    expect(cluster.callManagerIdentities()[0]?.certificate.issuer).toMatch(/Test lab CallManager CA/);
  });
});

/** A root that the cluster's own pending key signs for itself, as an outside CA would hand a key over. */
async function selfSignedBy(one: Cluster, role: 'capf-ca'): Promise<Crafted> {
  const request = new Pkcs10CertificateRequest(await one.createCertificateRequest(role));
  const keyFile = readdirSync(one.directory).filter((file) => file.startsWith(role) && file.endsWith('.key.pem'));
  for (const file of keyFile) {
    const privateKey = createPrivateKey(readFileSync(join(one.directory, file)));
    const crafted = await craftAuthority('Own CAPF Root', { privateKey });
    const spki = crafted.certificate.publicKey.export({ type: 'spki', format: 'der' });
    if (spki.equals(Buffer.from(request.publicKey.rawData))) return crafted;
  }
  throw new Error('the pending key is not in the folder');
}

describe('an import is refused whole, with everything that is wrong, and leaves the folder as it was', () => {
  const rows: readonly [
    title: string,
    how: Craft,
    chain: (leaf: Certificate) => string,
    roots: () => string,
    reason: RegExp,
  ][] = [
    [
      'for another key',
      { spki: undefined },
      (leaf) => pem(leaf, middle),
      () => pem(root),
      /not for the key of the request/,
    ],
    ['expired', { notAfter: now - DAY }, (leaf) => pem(leaf, middle), () => pem(root), /expired yesterday/],
    [
      'not yet valid',
      { notBefore: now + DAY },
      (leaf) => pem(leaf, middle),
      () => pem(root),
      /not valid before tomorrow/,
    ],
    [
      'for servers only',
      { extendedKeyUsage: [keyPurpose.serverAuth] },
      (leaf) => pem(leaf, middle),
      () => pem(root),
      /extended key usage lacks clientAuth/,
    ],
    [
      'without digitalSignature',
      { keyUsage: ['keyEncipherment'] },
      (leaf) => pem(leaf, middle),
      () => pem(root),
      /key usage lacks digitalSignature/,
    ],
    ['that is an authority', { ca: true }, (leaf) => pem(leaf, middle), () => pem(root), /is a certificate authority/],
    [
      'without the names',
      { dnsNames: ['cm.example'] },
      (leaf) => pem(leaf, middle),
      () => pem(root),
      /lacks dns example\.org/,
    ],
    [
      'with a wildcard for a name (RFC 5922 §7.2)',
      { dnsNames: ['*.example', 'example.org'] },
      (leaf) => pem(leaf, middle),
      () => pem(root),
      /lacks dns cm\.example/,
    ],
    [
      'in the wrong order',
      {},
      (leaf) => pem(leaf, root, middle),
      () => pem(root),
      /out of order: certificate 2 \(CN=Outside Root\)/,
    ],
    [
      'with the leaf last',
      {},
      (leaf) => pem(middle, leaf),
      () => pem(root),
      /not for the key of the request.*out of order/,
    ],
    [
      'with a gap in the chain',
      {},
      (leaf) => pem(leaf),
      () => pem(root),
      /does not reach a root.*CN=Outside Issuing CA/,
    ],
    ['under another root', {}, (leaf) => pem(leaf, middle), () => cluster.trustBundlePem(), /does not reach a root/],
    ['with an intermediate as root', {}, (leaf) => pem(leaf), () => pem(middle), /self-signed and so no root/],
    ['signed with SHA-1', { hash: 'SHA-1' }, (leaf) => pem(leaf, middle), () => pem(root), /signed with SHA-1/],
    ['with no PEM in the file', {}, () => 'hello', () => pem(root), /certificate file: there is no certificate/],
    ['with an empty root bundle', {}, (leaf) => pem(leaf, middle), () => '', /root bundle: there is no certificate/],
    [
      'with a broken block',
      {},
      (leaf) => pem(leaf).replace('MII', 'M!I'),
      () => pem(root),
      /certificate file: 1 certificate block/,
    ],
  ];

  test.each(rows)('%s', async (title, how, chain, roots, reason) => {
    const request = await cluster.createCertificateRequest('callmanager-rsa');
    const leaf =
      title === 'for another key' ? (await craft({ issuer: middle })).certificate : await answer(request, how);
    before = snapshot();
    const error = await cluster.importCertificate('callmanager-rsa', chain(leaf), roots(), now).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'pki.import-refused', nextStep: expect.stringMatching(/./) });
    expect(error.message).toMatch(/^CallManager identity \(RSA\) was refused and nothing was changed: /);
    expect(error.message).toMatch(reason);
    expect(snapshot()).toEqual(before);
    expect(cluster.callManagerIdentities()[0]?.certificate.issuer).toMatch(/Test lab CallManager CA/);
  });

  test('for a role that has no key yet', async () => {
    const leaf = (await craft({ issuer: middle })).certificate;
    await expect(cluster.importCertificate('ipsec', pem(leaf, middle), pem(root), now)).rejects.toMatchObject({
      code: 'pki.no-request-pending',
      nextStep: 'Make a request first: trustline pki csr ipsec',
    });
  });

  test('names several faults at once', async () => {
    const leaf = await answer(await cluster.createCertificateRequest('callmanager-rsa'), {
      notAfter: now - DAY,
      dnsNames: ['other.example'],
      extendedKeyUsage: [keyPurpose.clientAuth],
    });
    await expect(cluster.importCertificate('callmanager-rsa', pem(leaf), pem(root), now)).rejects.toThrow(
      /lacks serverAuth; it expired yesterday.*; its subjectAltName lacks dns cm\.example, dns example\.org; the chain does not/,
    );
  });

  test('when the manifest cannot be put in place, the old certificate is still served and no file is left over', async () => {
    const leaf = await answer(await cluster.createCertificateRequest('callmanager-rsa'));
    const served = cluster.callManagerIdentities()[0]?.certificate.fingerprint;
    const files = readdirSync(cluster.directory);
    const manifest = join(cluster.directory, 'cluster.json');
    renameSync(manifest, `${manifest}.aside`);
    mkdirSync(manifest); // no file can be renamed over a folder, not even by root
    await expect(cluster.importCertificate('callmanager-rsa', pem(leaf, middle), pem(root), now)).rejects.toMatchObject(
      { code: 'pki.write-failed' },
    );
    rmdirSync(manifest);
    renameSync(`${manifest}.aside`, manifest);
    expect(readdirSync(cluster.directory)).toEqual(files);
    expect(cluster.callManagerIdentities()[0]?.certificate.fingerprint).toBe(served);
    await cluster.importCertificate('callmanager-rsa', pem(leaf, middle), pem(root), now);
    expect(cluster.callManagerIdentities()[0]?.certificate.fingerprint).toBe(leaf.fingerprint);
  });
});

describe('pinning', () => {
  const pinnable = { ca: false, keyUsage: ['digitalSignature'], extendedKeyUsage: [keyPurpose.clientAuth] } as const;

  test('believes one outside certificate for one device, until it is unpinned', async () => {
    const room = await craft({ ...pinnable, commonName: 'room', issuer: middle });
    await cluster.pinDeviceCertificate('ROOM7', pem(room, middle), pem(root), now);
    const judge = () => judgeDeviceCertificate(cluster.trust, [room.certificate.der], now);
    expect(judge()).toMatchObject({ device: 'ROOM7', means: 'pinned' });
    await expect(cluster.pinDeviceCertificate('ROOM8', pem(room, middle), pem(root), now)).rejects.toMatchObject({
      code: 'pki.pin-refused',
      message: 'this certificate is already pinned to ROOM7',
    });
    await cluster.unpinDevice('ROOM7');
    expect(judge()).toMatchObject({ accepted: false, code: 'unknown-issuer' });
  });

  test('takes a self-signed certificate that is given as its own root', async () => {
    const room = await craft({ ...pinnable, commonName: 'room' });
    await cluster.pinDeviceCertificate('ROOM7', pem(room), pem(room), now);
    expect(judgeDeviceCertificate(cluster.trust, [room.certificate.der], now)).toMatchObject({ device: 'ROOM7' });
  });

  test("refuses a broken chain, an expired certificate, and the cluster's own certificates", async () => {
    const room = await craft({ ...pinnable, commonName: 'room', issuer: middle, notAfter: now - DAY });
    await expect(cluster.pinDeviceCertificate('ROOM7', pem(room), pem(root), now)).rejects.toThrow(
      /expired yesterday.*; the chain does not reach a root/,
    );
    const { certificate } = await cluster.issueDeviceCertificate('SEP000000000001', now);
    const [capf] = cluster.trust.issuersFor('locally-significant');
    await expect(
      cluster.pinDeviceCertificate('ROOM7', pem(certificate), pem(...(capf === undefined ? [] : [capf])), now),
    ).rejects.toThrow(/was issued by this cluster and needs no pin/);
  });
});

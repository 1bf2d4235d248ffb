import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Redacted } from '@trustline/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../../testing/src/node/programs.ts';
import { craft, craftAuthority, newRsaKey } from '../crafted-certificate.fixture.ts';
import { findPath } from '../path.ts';
import { encodeCertificatesPem } from '../pem.ts';
import type { Cluster } from './cluster.ts';
import { createCluster } from './open.ts';
import { encodePkcs12 } from './pkcs12.ts';

const now = Date.now();
const DAY = 86_400_000;

let home: string;
let cluster: Cluster;

function write(name: string, data: string | Uint8Array): string {
  const path = join(home, name);
  writeFileSync(path, data, { mode: 0o600 });
  return path;
}

function openssl(...args: string[]): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 20_000 });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

describe.skipIf(missingPrograms('openssl'))('openssl agrees', () => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'trustline-openssl-'));
    cluster = await createCluster(
      join(home, 'pki'),
      {
        cluster: 'Test lab',
        hosts: ['cm.example', 'localhost'],
        addresses: ['127.0.0.1', '::1'],
        domains: ['example.org'],
      },
      now,
    );
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test("that phones can verify both of the call manager's certificates by the bundle, under each of its names", () => {
    const bundle = write('bundle.pem', cluster.trustBundlePem());
    for (const [index, identity] of cluster.callManagerIdentities().entries()) {
      const leaf = write(`identity-${index}.pem`, identity.chainPem);
      for (const name of [
        ['-verify_hostname', 'cm.example'],
        ['-verify_ip', '127.0.0.1'],
        ['-verify_ip', '::1'],
      ]) {
        for (const purpose of ['sslserver', 'sslclient']) {
          const args = ['verify', '-x509_strict', '-CAfile', bundle, '-purpose', purpose, ...name, leaf];
          expect(openssl(...args)).toMatchObject({ ok: true, output: `${leaf}: OK\n` });
        }
      }
      expect(openssl('verify', '-CAfile', bundle, '-verify_hostname', 'other.example', leaf).ok).toBe(false);
      expect(openssl('x509', '-in', leaf, '-noout', '-ext', 'subjectAltName').output).toContain('URI:sip:example.org');
    }
  });

  test('that an LSC is a client by the CAPF CA, never a server, and nothing at all by the phone bundle', async () => {
    const { certificatePem, certificate } = await issued('SEP001122334455');
    const leaf = write('lsc.pem', certificatePem);
    const capf = write('capf.pem', encodeCertificatesPem(cluster.trust.issuersFor('locally-significant')));
    const bundle = write('bundle.pem', cluster.trustBundlePem());
    const strict = ['verify', '-x509_strict', '-CAfile'];
    expect(openssl(...strict, capf, '-purpose', 'sslclient', leaf)).toMatchObject({ ok: true });
    expect(openssl(...strict, capf, '-purpose', 'sslserver', leaf).ok).toBe(false);
    expect(openssl(...strict, bundle, leaf).ok).toBe(false);
    const { output } = openssl('x509', '-in', leaf, '-noout', '-serial', '-fingerprint', '-sha256', '-subject');
    expect(output.toLowerCase().replaceAll(':', '')).toContain(certificate.fingerprint);
    expect(output.toLowerCase()).toContain(`serial=${certificate.serialNumber}`);
    expect(output).toContain('CN = SEP001122334455');
  });

  test('that a PKCS#12 file holds key, certificate and bundle under its name, and opens by its password only', async () => {
    const credentials = await cluster.issueDeviceCertificate('SEP0000000000AA', now);
    const { device, certificate, privateKeyPem, trustBundle } = credentials;
    const contents = { friendlyName: device, certificate, privateKeyPem, authorities: trustBundle };
    const file = write('device.p12', await encodePkcs12(contents, new Redacted('pässword 1')));
    const open = (password: string, ...more: string[]) =>
      openssl('pkcs12', '-in', file, '-passin', `pass:${password}`, ...more);
    expect(open('wrong', '-noout').ok).toBe(false);
    const all = open('pässword 1', '-nodes');
    expect(all).toMatchObject({ ok: true });
    expect(all.output).toContain('friendlyName: SEP0000000000AA');
    expect(all.output.match(/BEGIN CERTIFICATE/g)).toHaveLength(1 + trustBundle.length);
    const key = write('from-p12.key', open('pässword 1', '-nodes', '-nocerts').output);
    const leaf = write('from-p12.pem', encodeCertificatesPem([certificate]));
    const ofKey = openssl('pkey', '-in', key, '-pubout').output;
    expect(ofKey).toBe(openssl('x509', '-in', leaf, '-noout', '-pubkey').output);
    expect(open('pässword 1', '-noout', '-info').output).toMatch(/PBES2.*AES-256-CBC/);
  });

  test('that encrypted key files are PKCS#8 with PBES2, opened by the passphrase only', async () => {
    const folder = join(home, 'encrypted');
    await createCluster(folder, cluster.names, now, { passphrase: new Redacted('correct horse') });
    const file = join(folder, readdirSync(folder).find((one) => /^callmanager-ecdsa.*key/.test(one)) ?? '');
    expect(openssl('pkey', '-in', file, '-passin', 'pass:correct horse', '-noout', '-check').ok).toBe(true);
    expect(openssl('pkey', '-in', file, '-passin', 'pass:wrong', '-noout').ok).toBe(false);
    expect(openssl('asn1parse', '-in', file).output).toMatch(/PBES2[\s\S]*scrypt[\s\S]*aes-256-cbc/);
  });

  test('with a CA of its own: it signs our request, and the import serves the answer', async () => {
    const request = write('cm.csr', await cluster.createCertificateRequest('callmanager-rsa'));
    expect(openssl('req', '-in', request, '-noout', '-verify').ok).toBe(true);
    const key = join(home, 'ca.key');
    const root = join(home, 'ca.pem');
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', root, '-days', '30'];
    expect(openssl(...made, '-subj', '/O=Outside/CN=OpenSSL Root').ok).toBe(true);
    const answer = [
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      root,
      '-CAkey',
      key,
      '-days',
      '10',
      '-copy_extensions',
      'copyall',
    ];
    const { ok, output } = openssl(...answer);
    expect(ok).toBe(true);
    const { output: rootPem } = openssl('x509', '-in', root);
    await cluster.importCertificate('callmanager-rsa', output, rootPem, Date.now() + 1000);
    expect(cluster.callManagerIdentities()[0]?.certificate.issuer).toBe('CN=OpenSSL Root, O=Outside');
    const leaf = write('imported.pem', cluster.callManagerIdentities()[0]?.chainPem ?? '');
    expect(openssl('verify', '-CAfile', write('bundle.pem', cluster.trustBundlePem()), leaf).ok).toBe(true);
  });

  test('that both identities are served side by side, each to the client that asks for it', async () => {
    const identities = cluster.callManagerIdentities();
    const server = createServer(
      {
        cert: identities.map(({ chainPem }) => chainPem),
        key: identities.map(({ privateKeyPem }) => privateKeyPem.reveal()),
      },
      (socket) => socket.on('error', () => undefined).end(),
    );
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const bundle = write('bundle.pem', cluster.trustBundlePem());
    try {
      for (const [signature, index] of [
        ['RSA-PSS+SHA256', 0],
        ['ECDSA+SHA256', 1],
      ] as const) {
        const connect = [
          '-connect',
          `127.0.0.1:${port}`,
          '-CAfile',
          bundle,
          '-verify_return_error',
          '-sigalgs',
          signature,
        ];
        const output = await connecting('s_client', ...connect);
        expect(output).toContain('Verify return code: 0 (ok)');
        const leaf = write('served.pem', output);
        const { output: serial } = openssl('x509', '-in', leaf, '-noout', '-serial');
        expect(
          serial
            .trim()
            .toLowerCase()
            .replace(/^serial=0*/, ''),
        ).toBe(identities[index]?.certificate.serialNumber.replace(/^0*/, ''));
      }
    } finally {
      server.close();
    }
  });

  test('about which paths are sound (RFC 5280 §6.1)', async () => {
    const at = { notBefore: now - 30 * DAY, notAfter: now + 30 * DAY };
    const root = await craftAuthority('Root', at);
    const short = await craftAuthority('Root', { ...at, pathLength: 0, privateKey: root.privateKey });
    const middle = await craftAuthority('Middle', { ...at, issuer: root });
    const rows = {
      sound: { root, middle, leaf: await craft({ ...at, issuer: middle }) },
      'a leaf as an issuer': await below(await craft({ ...at, commonName: 'Middle', ca: false, issuer: root }), root),
      'an issuer without keyCertSign': await below(
        await craftAuthority('Middle', { ...at, issuer: root, keyUsage: ['digitalSignature'] }),
        root,
      ),
      'an expired issuer': await below(
        await craftAuthority('Middle', { ...at, issuer: root, notAfter: now - DAY }),
        root,
      ),
      'too long a path': { root: short, middle, leaf: await craft({ ...at, issuer: middle }) },
      'another key of the same name': {
        root,
        middle,
        leaf: await craft({
          ...at,
          issuer: await craftAuthority('Middle', { ...at, issuer: root, privateKey: newRsaKey(2048) }),
        }),
      },
    };
    for (const [title, { root: top, middle: between, leaf }] of Object.entries(rows)) {
      const files = { top, between, leaf };
      const [topFile, betweenFile, leafFile] = Object.entries(files).map(([name, one]) =>
        write(`path-${name}.pem`, encodeCertificatesPem([one.certificate])),
      );
      const theirs = openssl('verify', '-CAfile', topFile ?? '', '-untrusted', betweenFile ?? '', leafFile ?? '').ok;
      const ours = findPath(leaf.certificate, [between.certificate], [top.certificate], now, false).found;
      expect([title, ours, theirs]).toEqual([title, title === 'sound', title === 'sound']);
    }

    async function below(issuer: typeof root, top: typeof root) {
      return { root: top, middle: issuer, leaf: await craft({ ...at, issuer }) };
    }
  });
});

async function issued(device: string) {
  const { certificate } = await cluster.issueDeviceCertificate(device, now);
  return { certificate, certificatePem: encodeCertificatesPem([certificate]) };
}

/** Runs openssl beside our own server, which needs this process's event loop. */
function connecting(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { judgeEnrolmentCertificate, readCertificate } from '@trustline/pki';
import { type Cluster, createCluster, type Identity } from '@trustline/pki/node';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TvsQuestion } from '../tvs/client-session.ts';
import { type TvsDirectoryEntry, tvsDirectory } from '../tvs/directory.ts';
import { askTvs, type TvsAskOptions } from './tvs-client.ts';
import { TvsServer, type TvsServerOptions } from './tvs-server.ts';

const phone = 'SEP001122334455';
const device = `CP-8861-${phone}`;
const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

let home: string;
let cluster: Cluster;
let tvs: Identity;
let lsc: Identity;
let server: TvsServer;
let events: unknown[];
let directory: TvsDirectoryEntry[];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-tvs-'));
  const names = { cluster: 'Test lab', hosts: ['localhost'] as const, addresses: ['127.0.0.1'], domains: [] };
  cluster = await createCluster(join(home, 'pki'), names, Date.now());
  tvs = await cluster.identity('tvs', Date.now());
  lsc = await cluster.issueDeviceCertificate(phone, Date.now());
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function open(change: Partial<TvsServerOptions> = {}): Promise<TvsServer> {
  return TvsServer.open({
    where: { host: '127.0.0.1', port: 0 },
    identities: [tvs],
    judgePhone: (chain) => {
      const judgment = judgeEnrolmentCertificate(cluster.trust, chain, phone, Date.now());
      return judgment.accepted ? { accepted: true } : { accepted: false, reason: judgment.reason };
    },
    lookup: tvsDirectory(() => directory),
    onEvent: (event) => events.push(event),
    ...change,
  });
}

beforeEach(async () => {
  events = [];
  const [{ certificate }] = cluster.callManagerIdentities() as [Identity];
  const { der, issuer, serialNumber } = certificate;
  directory = [{ certificate: der, roles: [2, 3], timeToLive: 86_400, issuer, serialNumber }];
  server = await open();
});
afterEach(() => server.close());

const ask = (question: TvsQuestion, change: Partial<TvsAskOptions> = {}) =>
  askTvs({
    host: '127.0.0.1',
    port: server.port,
    device,
    question,
    identity: lsc,
    judgeServer: ([certificate]) =>
      certificate !== undefined && readCertificate(certificate).fingerprint === tvs.certificate.fingerprint
        ? { accepted: true }
        : { accepted: false, reason: 'its certificate has no TVS role' },
    ...change,
  });

const verify = (certificate: Uint8Array): TvsQuestion => ({ kind: 'verify', certificate });
const signer = (): Uint8Array => directory[0]?.certificate ?? new Uint8Array();

describe('phones ask over TLS, with their LSC', () => {
  test('whether a certificate is one of the cluster, and with which roles', async () => {
    const answer = { outcome: 'valid', certificate: signer(), roles: [2, 3], timeToLive: 86_400 };
    expect(await ask(verify(signer()))).toEqual(answer);
    expect(await ask(verify(lsc.certificate.der))).toEqual({ outcome: 'invalid', timeToLive: 60 });
    await soon(() =>
      expect(events).toMatchObject([
        { kind: 'vouched', device, address: '127.0.0.1' },
        { kind: 'not-vouched', device, address: '127.0.0.1' },
      ]),
    );
  });

  test('which certificate signed a list, after the cluster changed its signer: the answer is current', async () => {
    const { issuer, subject, serialNumber, der } = await cluster.reissue('callmanager-rsa', Date.now());
    const question: TvsQuestion = {
      kind: 'query',
      subject: subject.replaceAll(', ', ';'),
      issuer: issuer.replaceAll(', ', ';'),
      serialNumber: new Uint8Array(Buffer.from(serialNumber, 'hex')),
    };
    expect(await ask(question)).toMatchObject({ outcome: 'invalid' });
    directory.push({ certificate: der, roles: [0, 2], timeToLive: 3600, issuer, serialNumber });
    expect(await ask(question)).toEqual({ outcome: 'valid', certificate: der, roles: [0, 2], timeToLive: 3600 });
  });
});

describe('the server answers nobody', () => {
  test('without a certificate, or with one that is revoked', async () => {
    expect(await ask(verify(signer()), { identity: undefined })).toMatchObject({ outcome: 'failed' });
    const lost = await cluster.issueDeviceCertificate(phone, Date.now());
    await cluster.revoke(lost.certificate, 'the phone was lost', Date.now());
    expect(await ask(verify(signer()), { identity: lost })).toMatchObject({ outcome: 'failed' });
    await soon(() =>
      expect(events).toMatchObject([
        { kind: 'connection-refused', cause: 'no certificate was presented' },
        { kind: 'connection-refused', cause: expect.stringContaining('the phone was lost') },
      ]),
    );
  });

  test('who asks nothing', async () => {
    await server.close();
    server = await open({ idleTimeout: 200, judgePhone: () => ({ accepted: true }) });
    await silent(server.port);
    await soon(() => expect(events).toMatchObject([{ kind: 'session-failed', cause: 'it asked nothing' }]));
  });

  test.skipIf(missingPrograms('openssl'))(
    'garbage of openssl s_client: it is counted and the connection closed',
    async () => {
      await server.close();
      server = await open({ judgePhone: () => ({ accepted: true }) });
      const client = spawn('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${server.port}`], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
      client.stdin.on('error', () => {});
      client.stdin.write('GET / HTTP/1.1\r\n\r\n');
      await closed;
      await soon(() => expect(events).toMatchObject([{ cause: expect.stringContaining('begins with 0x57') }]));
    },
  );
});

test('a phone asks no server that it does not believe', async () => {
  const judgeServer = () => ({ accepted: false, reason: 'its certificate has no TVS role' }) as const;
  expect(await ask(verify(signer()), { judgeServer })).toEqual({
    outcome: 'failed',
    reason: 'the server is not believed: its certificate has no TVS role',
  });
  expect(await ask(verify(signer()), { port: 1 })).toEqual({ outcome: 'failed', reason: 'nothing listens there' });
});

test('a phone of the TLS 1.0 era is answered by a listener that says legacy', async () => {
  await server.close();
  server = await open({ legacy: true });
  expect(await ask(verify(signer()), { oldestTls: 'TLSv1' })).toMatchObject({ outcome: 'valid' });
});

/** Finishes the handshake and says nothing until the server closes. */
function silent(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

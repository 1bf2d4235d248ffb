import { spawn, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Redacted } from '@trustline/base';
import {
  type DeviceKeyPolicy,
  encodeCertificatesPem,
  encodePem,
  judgeDeviceCertificate,
  judgeEnrolmentCertificate,
  PkiError,
  readCertificate,
} from '@trustline/pki';
import { type Cluster, createCluster, type Identity } from '@trustline/pki/node';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CapfClientResult, CapfCredential } from '../capf/client-session.ts';
import type { CapfKeyRequest } from '../capf/elements.ts';
import { Enrolments } from '../capf/enrolment.ts';
import type { EnrolmentAuthentication, EnrolmentEvent } from '../capf/enrolment-types.ts';
import { capfCommand, decodeCapfMessage } from '../capf/message.ts';
import { makeCapfProof } from '../capf/proof.ts';
import { type CapfEnrolOptions, enrolByCapf } from './capf-client.ts';
import { CapfServer, type CapfServerOptions } from './capf-server.ts';
import type { ListenerEvent } from './tls/listener.ts';

const keys: DeviceKeyPolicy = { smallestRsa: 1024, largestRsa: 4096, curves: ['P-256', 'P-384', 'P-521'] };
const string = new Redacted('8675309');
const ecKey = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

let home: string;
let cluster: Cluster;
let identity: Identity;
let enrolments: Enrolments;
let server: CapfServer;
let events: (EnrolmentEvent | ListenerEvent)[];

/** Events come a moment after the phone has its answer. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });
const inHome = (name: string) => join(home, name);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-capf-'));
  const names = { cluster: 'Test lab', hosts: ['localhost'] as const, addresses: ['127.0.0.1'], domains: [] };
  cluster = await createCluster(inHome('pki'), names, Date.now());
  identity = await cluster.identity('capf', Date.now());
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function open(change: Partial<CapfServerOptions> = {}): Promise<CapfServer> {
  return CapfServer.open({
    where: { host: '127.0.0.1', port: 0 },
    identities: [identity],
    enrolments,
    issue: async (device, publicKey) =>
      (await cluster.issueDeviceCertificateFor(device, publicKey, Date.now(), keys)).der,
    onEvent: (event) => events.push(event),
    ...change,
  });
}

beforeEach(async () => {
  events = [];
  enrolments = new Enrolments({
    isKnown: (device) => device.startsWith('SEP0011'),
    judge: (certificate, device) => {
      const judgment = judgeEnrolmentCertificate(cluster.trust, [certificate], device, Date.now());
      return judgment.accepted
        ? { accepted: true, kind: judgment.means === 'MIC' ? 'MIC' : 'LSC' }
        : { accepted: false, reason: judgment.reason };
    },
  });
  server = await open();
});
afterEach(() => server.close());

function pending(device: string, authentication: EnrolmentAuthentication, key: CapfKeyRequest): void {
  enrolments.setOperation(device, { id: `op-${device}`, action: { kind: 'install', key }, authentication });
}

interface Enrolled {
  readonly result: CapfClientResult;
  readonly certificate: Uint8Array | undefined;
  readonly privateKey: KeyObject | undefined;
}

/** A phone that knows this very CAPF certificate by its trust list, as phones do. */
async function enrol(
  device: string,
  credential: CapfCredential,
  change: Partial<CapfEnrolOptions> = {},
): Promise<Enrolled> {
  let kept: { certificate: Uint8Array; privateKey: KeyObject } | undefined;
  const result = await enrolByCapf({
    host: '127.0.0.1',
    port: server.port,
    device,
    credential,
    judgeServer: ([certificate]) =>
      certificate !== undefined && readCertificate(certificate).fingerprint === identity.certificate.fingerprint
        ? { accepted: true }
        : { accepted: false, reason: 'its certificate has no CAPF role' },
    keep: async (certificate, privateKey) => {
      kept = { certificate, privateKey };
    },
    ...change,
  });
  return { result, certificate: kept?.certificate, privateKey: kept?.privateKey };
}

const alarms = () => events.filter((event) => 'severity' in event && event.severity === 'alarm');
const rules = () => events.flatMap((event) => ('rule' in event && event.rule !== undefined ? [event.rule] : []));

describe('phones enrol over TLS', () => {
  const rows: readonly [string, CapfKeyRequest][] = [
    ['by string', { type: 'RSA', bits: 2048 }],
    ['by string', { type: 'RSA', bits: 1024 }],
    ['by string', { type: 'RSA', bits: 4096 }],
    ['by string', { type: 'EC', curve: 'P-256' }],
    ['in a window', { type: 'EC', curve: 'P-384' }],
    ['by MIC', { type: 'RSA', bits: 3072 }],
    ['by MIC', { type: 'EC', curve: 'P-521' }],
    ['by an RSA LSC', { type: 'EC', curve: 'P-256' }],
    ['by an EC LSC', { type: 'RSA', bits: 2048 }],
  ];

  test.skipIf(missingPrograms('openssl')).each(rows)(
    '%s, with a key of %o, and openssl verifies what they got',
    async (how, key) => {
      const device = 'SEP001122334455';
      const { credential, authentication } = await waysIn(device, how);
      pending(device, authentication, key);
      const { result, certificate, privateKey } = await enrol(device, credential);
      expect(result).toMatchObject({ outcome: 'installed' });
      await soon(() => expect(events.at(-1)).toMatchObject({ kind: 'certificate-stored' }));
      if (certificate === undefined || privateKey === undefined) throw new Error('nothing was kept');
      const spki = (one: KeyObject) => one.export({ type: 'spki', format: 'der' });
      expect(spki(readCertificate(certificate).publicKey)).toEqual(spki(createPublicKey(privateKey)));

      const authority = inHome('capf-ca.pem');
      const leaf = inHome('lsc.pem');
      writeFileSync(authority, encodeCertificatesPem(cluster.trust.issuersFor('locally-significant')));
      writeFileSync(leaf, encodePem('CERTIFICATE', certificate));
      // OpenSSL's own lowest level of security takes RSA-1024; nothing else is loosened.
      const level = key.type === 'RSA' && key.bits < 2048 ? ['-auth_level', '0'] : [];
      const verified = openssl('verify', '-x509_strict', '-purpose', 'sslclient', ...level, '-CAfile', authority, leaf);
      expect(verified).toContain('OK');
      expect(openssl('verify', '-purpose', 'sslserver', '-CAfile', authority, leaf)).not.toContain('OK');
      const text = openssl('x509', '-in', leaf, '-noout', '-text', '-startdate', '-serial');
      expect(text).toMatch(/Subject: O ?= ?Test lab, OU ?= ?Devices, CN ?= ?SEP001122334455/);
      expect(text).toContain(key.type === 'RSA' ? `Public-Key: (${key.bits} bit)` : `NIST CURVE: ${key.curve}`);
      const begins = Date.parse(/notBefore=(.*)/.exec(text)?.[1] ?? '');
      expect(Date.now() - begins).toBeGreaterThanOrEqual(3_600_000);
      const serial = /serial=(.*)/.exec(text)?.[1]?.toLowerCase();
      expect(cluster.issuedTo(device).map(({ serialNumber }) => serialNumber)).toContain(serial);
      const judgment = judgeDeviceCertificate(cluster.trust, [certificate], Date.now(), { legacy: level.length > 0 });
      expect(judgment).toMatchObject({ accepted: true, device, means: 'LSC' });
    },
  );

  test('a hundred at once, from one address, each with a serial number of its own', async () => {
    const devices = Array.from(
      { length: 100 },
      (_, index) => `SEP0011000000${index.toString(16).padStart(2, '0').toUpperCase()}`,
    );
    for (const device of devices) pending(device, { by: 'string', string }, { type: 'EC', curve: 'P-256' });
    const enrolled = await Promise.all(
      devices.map((device) => enrol(device, { by: 'string', string }, { makeKey: async () => ecKey })),
    );
    expect(enrolled.map(({ result }) => result.outcome)).toEqual(devices.map(() => 'installed'));
    const serials = enrolled.map(({ certificate }) => certificate && readCertificate(certificate).serialNumber);
    expect(new Set(serials).size).toBe(100);
  });

  test('and are asked to delete, or to show, what they have', async () => {
    const device = 'SEP001122334455';
    const shown: Uint8Array[] = [];
    await server.close();
    server = await open({ fetched: (_device, certificate) => shown.push(certificate) });
    const authentication = { by: 'string', string } as const;
    enrolments.setOperation(device, { id: 'a', action: { kind: 'fetch' }, authentication });
    const ownCertificate = async () => ({ type: 1, der: Uint8Array.of(0x30, 0) });
    expect(await enrol(device, authentication, { ownCertificate })).toMatchObject({ result: { outcome: 'fetched' } });
    expect(shown).toEqual([Uint8Array.of(0x30, 0)]);
    enrolments.setOperation(device, { id: 'b', action: { kind: 'delete' }, authentication });
    let removed = false;
    const remove = async () => {
      removed = true;
    };
    expect(await enrol(device, authentication, { remove })).toMatchObject({ result: { outcome: 'deleted' } });
    expect(removed).toBe(true);
  });
});

async function waysIn(
  device: string,
  how: string,
): Promise<{ credential: CapfCredential; authentication: EnrolmentAuthentication }> {
  switch (how) {
    case 'by string':
      return { credential: { by: 'string', string }, authentication: { by: 'string', string } };
    case 'in a window':
      return {
        credential: { by: 'nothing' },
        authentication: { by: 'nothing', until: performance.now() + 60_000 },
      };
    case 'by MIC': {
      const mic = await cluster.issueManufacturerCertificate(device, Date.now(), 'CP-8861');
      return { credential: byCertificate(device, 2, mic), authentication: { by: 'certificate', kinds: ['MIC'] } };
    }
    case 'by an RSA LSC': {
      const lsc = await cluster.issueDeviceCertificate(device, Date.now());
      return {
        credential: byCertificate(device, 1, lsc),
        authentication: { by: 'certificate', kinds: ['LSC', 'MIC'] },
      };
    }
    default: {
      const spki = createPublicKey(ecKey).export({ type: 'spki', format: 'der' });
      const { der } = await cluster.issueDeviceCertificateFor(device, spki, Date.now());
      return {
        credential: { by: 'certificate', proof: makeCapfProof(device, { type: 1, der }, ecKey) },
        authentication: { by: 'certificate', kinds: ['LSC'] },
      };
    }
  }
}

function byCertificate(device: string, type: number, { certificate, privateKeyPem }: Identity): CapfCredential {
  const key = createPrivateKey(privateKeyPem.reveal());
  return { by: 'certificate', proof: makeCapfProof(device, { type, der: certificate.der }, key) };
}

function openssl(...args: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 20_000 });
  return `${stdout}${stderr}`;
}

describe('nobody enrols', () => {
  const device = 'SEP001122334455';
  const key: CapfKeyRequest = { type: 'EC', curve: 'P-256' };

  test('by a recorded proof: after the first success it is refused, with an alarm', async () => {
    const { credential, authentication } = await waysIn(device, 'by MIC');
    pending(device, authentication, key);
    expect(await enrol(device, credential)).toMatchObject({ result: { outcome: 'installed' } });
    const issued = cluster.issuedTo(device).length;
    expect(await enrol(device, credential)).toMatchObject({ result: { outcome: 'no-action' } });
    await soon(() => expect(alarms()).toMatchObject([{ device, rule: 'replay-suspected' }]));
    expect(cluster.issuedTo(device)).toHaveLength(issued);
  });

  test('by an LSC that is revoked, or by the MIC of another phone', async () => {
    const { credential, authentication } = await waysIn(device, 'by an RSA LSC');
    await cluster.revokeDevice(device, 'the phone was lost', Date.now());
    pending(device, authentication, key);
    expect(await enrol(device, credential)).toMatchObject({ result: { outcome: 'declined' } });
    const other = await cluster.issueManufacturerCertificate('SEP001122334466', Date.now());
    expect(await enrol(device, byCertificate(device, 2, other))).toMatchObject({ result: { outcome: 'declined' } });
    await soon(() => expect(rules()).toEqual(['certificate-refused', 'certificate-refused']));
    const causes = events.map(({ cause }) => cause).join('\n');
    expect(causes).toContain('the phone was lost');
    expect(causes).toContain('not of SEP001122334455');
  });

  test('by guessing: after five strings even the right one is refused', async () => {
    pending(device, { by: 'string', string }, key);
    for (const guess of ['0000', '0001', '0002', '0003', '0004', '8675309']) {
      const credential = { by: 'string', string: new Redacted(guess) } as const;
      expect(await enrol(device, credential)).toMatchObject({ result: { outcome: 'declined' } });
    }
    await soon(() => expect(alarms()).toMatchObject([{ kind: 'locked', device }]));
    expect(JSON.stringify(events)).not.toContain('8675309');
  });

  test('with a key that policy does not allow: the operator hears why, and the operation stays', async () => {
    await server.close();
    server = await open({
      issue: async (name, publicKey) => (await cluster.issueDeviceCertificateFor(name, publicKey, Date.now())).der,
    });
    pending(device, { by: 'string', string }, { type: 'RSA', bits: 1024 });
    expect(await enrol(device, { by: 'string', string })).toMatchObject({ result: { outcome: 'declined' } });
    await soon(() =>
      expect(alarms()).toMatchObject([{ kind: 'certificate-not-issued', cause: expect.stringContaining('RSA-1024') }]),
    );
    expect(enrolments.pendingOf(device)).toBeDefined();
  });

  test('when the authority fails: what it said stays inside unless it was said for people', async () => {
    await server.close();
    let error: Error = new Error('canary-of-the-driver');
    server = await open({ issue: () => Promise.reject(error) });
    pending(device, { by: 'string', string }, key);
    await enrol(device, { by: 'string', string });
    error = new PkiError('pki.write-failed', 'the disk is full; nothing was changed');
    await enrol(device, { by: 'string', string });
    await soon(() => expect(alarms()).toHaveLength(2));
    expect(JSON.stringify(events)).not.toContain('canary');
    expect(alarms().at(-1)).toMatchObject({ cause: expect.stringContaining('disk is full') });
  });

  test('at a server that the phone does not believe: nothing is shown to it', async () => {
    pending(device, { by: 'string', string }, key);
    const judgeServer = () => ({ accepted: false, reason: 'its certificate has no CAPF role' }) as const;
    const { result } = await enrol(device, { by: 'string', string }, { judgeServer });
    expect(result).toEqual({
      outcome: 'failed',
      reason: 'the server is not believed: its certificate has no CAPF role',
    });
    // Whether the server saw the end of the handshake first is a race; that nobody was named is not.
    await soon(() => expect(events).toContainEqual(expect.objectContaining({ address: '127.0.0.1' })));
    expect(rules()).toEqual([]);
    expect(enrolments.pendingOf(device)).toBeDefined();
  });
});

describe('the port', () => {
  const device = 'SEP001122334455';
  const key: CapfKeyRequest = { type: 'EC', curve: 'P-256' };

  test('each message leaves whole: a phone never sees a head without its body', async () => {
    const chunk = await new Promise<Uint8Array>((resolve) => {
      const socket = connectTls({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
      socket.once('data', (first: Uint8Array) => {
        resolve(first);
        socket.destroy();
      });
    });
    expect(decodeCapfMessage(chunk)).toMatchObject({ ok: true, value: { command: capfCommand.AUTH_REQ } });
  });

  test('session ids are not to be guessed', async () => {
    const ids = new Set<number>();
    for (let count = 0; count < 8; count += 1) {
      await new Promise<void>((resolve) => {
        const socket = connectTls({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
        socket.once('data', (chunk: Uint8Array) => {
          const result = decodeCapfMessage(chunk);
          if (result.ok) ids.add(result.value.sessionId);
          socket.destroy();
          resolve();
        });
      });
    }
    expect(ids.size).toBe(8);
  });

  test.skipIf(missingPrograms('openssl'))(
    'garbage of openssl s_client is counted and the connection closed',
    async () => {
      const client = spawn('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${server.port}`], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
      client.stdin.on('error', () => {});
      client.stdin.write('GET / HTTP/1.1\r\n\r\n');
      await closed;
      await soon(() =>
        expect(events.at(-1)).toMatchObject({
          kind: 'session-failed',
          cause: expect.stringContaining('begins with 0x55'),
        }),
      );
    },
  );

  test('what is no TLS is refused, and said in words', async () => {
    const socket = connectTcp(server.port, '127.0.0.1', () => socket.write('\x55\x02 this is no TLS record'));
    socket.on('error', () => {});
    await soon(() =>
      expect(events).toMatchObject([
        { kind: 'connection-refused', cause: expect.stringContaining('does not speak TLS') },
      ]),
    );
  });

  test('phones of the TLS 1.0 era need a listener that says legacy', async () => {
    pending(device, { by: 'string', string }, key);
    const old = { oldestTls: 'TLSv1', makeKey: async () => ecKey } as const;
    const credential = { by: 'string', string } as const;
    expect(await enrol(device, credential, old)).toMatchObject({ result: { outcome: 'failed' } });
    await server.close();
    server = await open({ legacy: true });
    expect(await enrol(device, credential, old)).toMatchObject({ result: { outcome: 'installed' } });
  });

  test('silent connections make room for a phone, and it enrols', async () => {
    await server.close();
    server = await open({ limits: { connections: 4 } });
    const silent = Array.from({ length: 12 }, () => {
      const socket = connectTls({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
      return socket.on('error', () => {});
    });
    const sentAway = () => events.filter((event) => 'reason' in event && event.reason === 'connection-limit');
    await soon(() => expect(sentAway().length).toBeGreaterThanOrEqual(8));
    pending(device, { by: 'string', string }, key);
    expect(await enrol(device, { by: 'string', string })).toMatchObject({ result: { outcome: 'installed' } });
    for (const socket of silent) socket.destroy();
  });

  test('a renewed certificate is shown from the next connection on', async () => {
    const serialOf = () =>
      new Promise<string | undefined>((resolve) => {
        const socket = connectTls({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false }, () => {
          resolve(socket.getPeerX509Certificate()?.serialNumber.toLowerCase());
          socket.destroy();
        });
      });
    expect(await serialOf()).toBe(identity.certificate.serialNumber);
    await cluster.reissue('capf', Date.now());
    identity = await cluster.identity('capf', Date.now());
    server.setIdentities([identity]);
    expect(await serialOf()).toBe(identity.certificate.serialNumber);
  });

  test('that is taken is an error with a next step', async () => {
    const where = { host: '127.0.0.1', port: server.port };
    await expect(open({ where })).rejects.toMatchObject({
      code: 'provisioning.port-in-use',
      nextStep: expect.stringContaining('ss -lnp'),
    });
  });
});

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { type SecurityEvent, verifyExport } from '@trustline/evidence';
import { decodeCertificateRequestPem, decodeCertificatesPem, encodePem, initialiseToken } from '@trustline/pki';
import { createSoftwareToken } from '@trustline/pki/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallAnswer } from '../../api/contract.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { type RunningManager, startManager } from '../manager.ts';
import type { Signalling } from '../parts.ts';
import { ManagerClient } from './client.ts';

const name = 'SEP001122334455';
let scratch: string;
let socket: string;
let manager: RunningManager;
let client: ManagerClient;

/** Where devices would connect; who listens there is another room's affair. */
const listeners = [
  { transport: 'tls', host: '127.0.0.1', port: 5061, legacy: false, digestAlgorithms: [] },
  { transport: 'udp', host: '127.0.0.1', port: 5060, legacy: false, digestAlgorithms: ['SHA-256'] },
] as const;
const known: string[] = [];
const signalling: Signalling = {
  start: async () => undefined,
  stop: async () => undefined,
  listeners: () => listeners,
  registrations: () => [],
  connections: () => 3,
  calls: (): readonly CallAnswer[] => [],
  gatewaySet: () => undefined,
  deviceAdded: (device) => void known.push(device.name),
  lineForwarded: () => undefined,
  lineLimited: () => undefined,
  messagesWait: () => undefined,
  watchMessages: () => () => undefined,
  resetPhones: () => undefined,
  trunk: () => ({ connections: [], channels: null, inUse: 0, setAside: null, gatekeeper: null }),
  deviceRemoved: (device) => void known.splice(known.indexOf(device), 1),
  trustChanged: () => undefined,
  modeChanged: () => undefined,
  drain: async () => undefined,
};

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-api-'));
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.port=0',
    'provisioning={host: 127.0.0.1, tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0}',
    'api.https={host: 127.0.0.1, port: 0}',
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  socket = loaded.apiSocket;
  manager = await startManager({ loaded, signalling: () => signalling, environment: {} });
  client = new ManagerClient({ kind: 'socket', path: socket });
}, 60_000);
afterAll(async () => {
  await manager.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test('the local socket is for its owner alone', () => {
  expect(statSync(socket).mode & 0o777).toBe(0o600);
});

test('status says lab trust, mode, listeners and records', async () => {
  expect(await client.status()).toMatchObject({
    schema: 1,
    node: 'node-1',
    state: 'running',
    securityMode: 'mixed',
    trustNotice: 'lab trust',
    listeners: [...listeners, { transport: 'https' }],
    records: { full: false, lost: 0 },
  });
});

describe('devices', () => {
  test('are added, listed, given credentials and removed, each with an event', async () => {
    const added = await client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: '1001' }] });
    expect(added).toMatchObject({ password: null, device: { name, lines: [{ number: '1001' }] } });
    expect(known).toEqual([name]);
    const { proof, server, trustBundlePem } = await client.deviceCredentials(name);
    expect(server).toEqual({ host: '127.0.0.1', port: 5061, transport: 'tls' });
    expect(trustBundlePem).toContain('BEGIN CERTIFICATE');
    expect(proof).toMatchObject({ kind: 'certificate', privateKeyPem: expect.stringContaining('BEGIN PRIVATE KEY') });
    expect((await client.devices()).devices.map((device) => device.name)).toEqual([name]);
    await client.removeDevice(name);
    expect(known).toEqual([]);
    const kinds: string[] = [];
    for await (const event of client.events()) kinds.push(event.kind);
    // A lab publishes an ITL and a CTL before it starts.
    const published = ['trust-list-published', 'trust-list-published'];
    const about = ['device-added', 'credentials-written', 'device-removed'];
    expect(kinds).toEqual([...published, 'started', 'lab-trust', ...about]);
  });

  test('that speak Skinny want a listener of it: the one that is missing is named as it is written', async () => {
    for (const [securityMode, transport] of [
      ['encrypted', 'sccp-tls'],
      ['non-secure', 'sccp'],
    ] as const) {
      const lines = [{ number: '1001' }];
      const { device } = await client.addDevice({ name, securityMode, protocol: 'sccp', lines });
      expect(device.protocol).toBe('sccp');
      await expect(client.deviceCredentials(name)).rejects.toMatchObject({
        code: 'manager.no-listener',
        message: `No listener takes ${securityMode} devices that speak Skinny.`,
        nextStep: expect.stringContaining(`{ transport: ${transport} }`),
      });
      await client.removeDevice(name);
    }
  });

  test('that are not secure get a password, once', async () => {
    const device = { name, securityMode: 'non-secure', lines: [{ number: '1001' }] } as const;
    const { password } = await client.addDevice(device);
    expect(password).toMatch(/^[a-z2-9]{24}$/);
    expect(JSON.stringify(await client.devices())).not.toContain(password);
    const { proof, server } = await client.deviceCredentials(name);
    expect(server.transport).toBe('udp');
    expect(proof).toMatchObject({ kind: 'password', user: name });
    expect(proof.kind === 'password' && proof.password).not.toBe(password);
    await client.removeDevice(name);
  });

  test.each([
    [{ name: 'SEP1', securityMode: 'encrypted', lines: [{ number: '1' }] }, /MAC address/],
    [{ name, securityMode: 'encrypted', lines: [] }, /needs a line/],
    [{ name, securityMode: 'encrypted', lines: [{ number: 'x\r\n' }] }, /a line is of digits/],
    [{ name: 'GW1', kind: 'gateway', securityMode: 'encrypted', lines: [{ number: '1' }] }, /no lines/],
  ] as const)('with wrong fields are refused: %j', async (device, reason) => {
    await expect(client.addDevice(device)).rejects.toMatchObject({
      code: 'manager.request-invalid',
      message: expect.stringMatching(reason),
    });
  });

  test('that are not there are said so', async () => {
    for (const work of [client.removeDevice('SEP000000000000'), client.deviceCredentials('..%2f')]) {
      await expect(work).rejects.toMatchObject({ code: 'manager.device-unknown', nextStep: expect.any(String) });
    }
  });
});

test('events are followed from the last ones on, none missed and none twice', async () => {
  const seen: string[] = [];
  for await (const event of client.events({ limit: 1, follow: true })) {
    seen.push(event.cause);
    if (seen.length === 1) {
      await client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: '7' }] });
      await client.removeDevice(name);
    }
    if (seen.length === 3) break;
  }
  expect(seen[1]).toMatch(/was added as encrypted with line 7/);
  expect(seen[2]).toMatch(/was removed/);
});

test('the export of the records verifies against the head, elsewhere', async () => {
  const { head } = await client.recordsHead();
  const chunks: string[] = [];
  for await (const chunk of client.exportRecords()) chunks.push(chunk);
  expect(await verifyExport(chunks, { head })).toMatchObject({ ok: true, count: head.count });
});

test('a certificate that does not fit is refused whole, with an event', async () => {
  const { request: pem } = await client.requestCertificate('callmanager-rsa');
  expect(pem).toContain('BEGIN CERTIFICATE REQUEST');
  await expect(client.importCertificate('callmanager-rsa', 'nonsense', 'nonsense')).rejects.toMatchObject({
    code: expect.stringMatching(/^pki\./),
  });
  const { certificates } = await client.pki();
  expect(certificates.find(({ role }) => role === 'callmanager-rsa')).toMatchObject({
    origin: 'generated',
    requestPending: true,
  });
});

test.each([
  ['GET', '/v1/nothing', '', 404],
  ['GET', '/v2/status', '', 404],
  ['POST', '/v1/devices', '{', 400],
  ['POST', '/v1/devices', '{"nme":"x"}', 400],
  ['POST', '/v1/devices', `"${'x'.repeat(2_000_000)}"`, 413],
  ['DELETE', '/v1/devices/%', '', 404],
])('%s %s is answered as an error of its own', async (method, path, body, status) => {
  const answered = await new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket, method, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end(body);
  });
  expect(answered).toBe(status);
});

test('without a manager the client says how to start one', async () => {
  const nobody = new ManagerClient({ kind: 'socket', path: join(scratch, 'none.sock') });
  await expect(nobody.status()).rejects.toMatchObject({
    code: 'manager.not-running',
    nextStep: expect.stringContaining('npm start'),
  });
});

describe('the certificate of a security token', () => {
  const pin = new Redacted('canary-771904');

  test('is made for the key that signed the request, and the evidence says for which token', async () => {
    const token = createSoftwareToken(join(scratch, 'blue.token'), 'blue', pin);
    const certificate = await initialiseToken(token, async (request, identity) => {
      const answer = await client.issueTokenCertificate({ request, ...identity, manufacturer: 'Trustline' });
      expect(answer).toMatchObject({
        schema: 1,
        node: 'node-1',
        subject: expect.stringContaining('LAB SOFTWARE TOKEN'),
      });
      const [one = new Uint8Array()] = decodeCertificatesPem(answer.certificatePem);
      const [issuer = new Uint8Array()] = decodeCertificatesPem(answer.issuerPem);
      return { certificate: one, issuer };
    });
    await token.close();
    const told = await eventsOf('token-certificate-issued');
    expect(told).toMatchObject([{ reason: token.serial, cause: expect.stringContaining(certificate.fingerprint) }]);
  });

  test('is refused without proof of the key, and the evidence says so', async () => {
    const token = createSoftwareToken(join(scratch, 'green.token'), 'green', pin);
    const refused = initialiseToken(token, async (request, identity) => {
      const der = decodeCertificateRequestPem(request);
      der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
      await client.issueTokenCertificate({ request: encodePem('CERTIFICATE REQUEST', der), ...identity });
      throw new Error('a certificate was made');
    });
    await expect(refused).rejects.toMatchObject({ code: 'pki.refused-request', message: /not signed by its own key/ });
    expect(await eventsOf('token-certificate-refused')).toMatchObject([{ reason: token.serial }]);
  });

  test.each(['', 'a\nb', 'x'.repeat(65)])('for the serial number %j is refused', async (serial) => {
    const refused = client.issueTokenCertificate({ request: 'none', serial, lab: false });
    await expect(refused).rejects.toMatchObject({ code: 'manager.request-invalid' });
  });

  test('for a serial number that would make it a phone’s is refused', async () => {
    const token = createSoftwareToken(join(scratch, 'red.token'), 'red', pin);
    const refused = initialiseToken(token, async (request) => {
      await client.issueTokenCertificate({ request, serial: name, lab: false });
      throw new Error('a certificate was made');
    });
    await expect(refused).rejects.toMatchObject({ code: 'pki.refused-request' });
  });

  async function eventsOf(kind: string): Promise<readonly SecurityEvent[]> {
    const found: SecurityEvent[] = [];
    for await (const event of client.events({ limit: 1_000 })) if (event.kind === kind) found.push(event);
    return found;
  }
});

describe('trust lists and enrolments', () => {
  test('say what is published, by which tokens, and that no phone holds it yet', async () => {
    await client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: '1001' }] });
    const { lists, phones, noKeysBecause } = await client.trust();
    expect(lists).toMatchObject([
      { kind: 'CTL', state: 'current', tokens: [{ lab: true }, { lab: true }], wave: [] },
      { kind: 'ITL', state: 'current', tokens: [] },
    ]);
    expect(phones).toMatchObject([{ device: name, state: 'unknown', ctl: null, locked: null }]);
    expect(noKeysBecause).toBeNull();
    const services = (await client.trustServers()).servers.map(({ service }) => service);
    expect(services).toEqual(['CCM', 'CCM', 'TFTP', 'CAPF', 'TVS']);
    const { list, content } = await client.trustList(lists[0]?.number ?? 0);
    expect([list.kind, Buffer.from(content, 'base64').length > 1_000]).toEqual(['CTL', true]);
    await expect(client.trustList(99)).rejects.toMatchObject({ code: 'manager.not-found' });
  });

  test('a list that is none is refused with its rule, and published it is not', async () => {
    const list = Buffer.from('no list').toString('base64');
    const refused = await client.publishList({ list });
    expect(refused).toMatchObject({
      published: null,
      problems: [{ rule: 'list-broken', nextStep: expect.any(String) }],
    });
    const wave = client.publishList({ list, wave: ['SEP0000000000FF'] });
    await expect(wave).rejects.toMatchObject({ code: 'manager.device-unknown' });
    await expect(client.completeWave()).rejects.toMatchObject({ code: 'manager.no-wave' });
  });

  test.each([
    ['publishList', { list: '§' }],
    ['publishList', { list: '', wave: [] }],
    ['publishList', { list: '', dryRun: 'yes' }],
  ] as const)('%s with wrong fields is refused: %j', async (_, body) => {
    const publish = client.publishList(body as Parameters<ManagerClient['publishList']>[0]);
    await expect(publish).rejects.toMatchObject({ code: 'manager.request-invalid' });
  });

  test.each([
    { by: 'faith' },
    { by: 'nothing' },
    { by: 'nothing', minutes: 1_441 },
    { by: 'mic', minutes: 1 },
    { by: 'string', string: '123' },
    { by: 'string', key: 'RSA-512' },
    { by: 'mic', action: 'renew' },
  ])('an enrolment with wrong fields is refused: %j', async (body) => {
    const opened = client.openEnrolment(name, body as Parameters<ManagerClient['openEnrolment']>[1]);
    await expect(opened).rejects.toMatchObject({ code: 'manager.request-invalid' });
  });

  test('an enrolment is opened, listed and taken back; of no device and no phone there is none', async () => {
    const { string, enrolment } = await client.openEnrolment(name, { by: 'string' });
    expect(string).toMatch(/^[0-9]{8}$/);
    expect((await client.enrolments()).enrolments).toEqual([enrolment]);
    await client.cancelEnrolment(name);
    await expect(client.cancelEnrolment(name)).rejects.toMatchObject({ code: 'manager.enrolment-unknown' });
    await expect(client.unlockEnrolment(name)).rejects.toMatchObject({ code: 'manager.enrolment-not-locked' });
    await expect(client.openEnrolment('SEP0000000000FF', { by: 'mic' })).rejects.toMatchObject({
      code: 'manager.device-unknown',
    });
    await client.addDevice({ name: 'GW1', kind: 'gateway', securityMode: 'encrypted', lines: [] });
    await expect(client.openEnrolment('GW1', { by: 'mic' })).rejects.toMatchObject({ code: 'manager.request-invalid' });
    await expect(client.publishList({ list: '', wave: ['GW1'] })).rejects.toMatchObject({
      code: 'manager.device-unknown',
    });
    await expect(client.manufacture('GW1')).rejects.toMatchObject({ code: 'pki.invalid-device-name' });
    for (const device of [name, 'GW1']) await client.removeDevice(device);
  });
});

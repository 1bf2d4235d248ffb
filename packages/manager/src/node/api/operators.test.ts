import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecurityEvent } from '@trustline/evidence';
import { createCluster, openCluster } from '@trustline/pki/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mayUse, neededRoles, type OperatorRole, operatorRoles } from '../../api/roles.ts';
import { type LoadedConfiguration, loadConfiguration } from '../load-configuration.ts';
import { type RunningManager, startManager } from '../manager.ts';
import type { Signalling } from '../parts.ts';
import { ManagerClient } from './client.ts';
import { routes } from './routes.ts';

const device = 'SEP001122334455';
const signalling: Signalling = {
  start: async () => undefined,
  stop: async () => undefined,
  listeners: () => [{ transport: 'tls', host: '127.0.0.1', port: 5061, legacy: false, digestAlgorithms: [] }],
  registrations: () => [],
  connections: () => 3,
  calls: () => [],
  gatewaySet: () => undefined,
  deviceAdded: () => undefined,
  trunk: () => ({ connections: [], channels: null, inUse: 0, setAside: null, gatekeeper: null }),
  deviceRemoved: () => undefined,
  lineForwarded: () => undefined,
  lineLimited: () => undefined,
  messagesWait: () => undefined,
  watchMessages: () => () => undefined,
  resetPhones: () => undefined,
  trustChanged: () => undefined,
  modeChanged: () => undefined,
  drain: async () => undefined,
};

interface Proof {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly trustBundlePem: string;
}

let scratch: string;
let loaded: LoadedConfiguration;
let manager: RunningManager;
let local: ManagerClient;
let url: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-operators-'));
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.port=0',
    'provisioning.enabled=false',
    'api.https={host: 127.0.0.1, port: 0}',
  ];
  loaded = loadConfiguration({ set, environment: {} });
  manager = await startManager({ loaded, signalling: () => signalling, environment: {} });
  local = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  const { listeners } = await local.status();
  url = `https://127.0.0.1:${listeners.find(({ transport }) => transport === 'https')?.port}`;
}, 60_000);
afterAll(async () => {
  await manager.stop();
  rmSync(scratch, { recursive: true, force: true });
});

function clientOf(proof: Proof, reason?: string): ManagerClient {
  const { certificatePem: certificate, privateKeyPem: privateKey, trustBundlePem: trustBundle } = proof;
  return new ManagerClient({ kind: 'https', url, certificate, privateKey, trustBundle }, reason);
}

async function eventsOf(client = local): Promise<SecurityEvent[]> {
  const all: SecurityEvent[] = [];
  for await (const event of client.events({ limit: 1_000 })) all.push(event);
  return all;
}

/** The status of one request as it is on the socket. */
function ask({ certificatePem, privateKeyPem, trustBundlePem }: Proof, method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { method, cert: certificatePem, key: privateKeyPem, ca: trustBundlePem, agent: false };
    const asked = request(new URL(`/v1${path}`, url), options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', reject).end();
  });
}

describe('the table of roles', () => {
  test('has a row for every operation of the interface, and none for what is not there', () => {
    const operations = routes.map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(neededRoles).sort()).toEqual(operations.sort());
  });

  test('lets a viewer change nothing', () => {
    const changes = routes.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
    expect(changes.filter((one) => mayUse('viewer', neededRoles[one] as OperatorRole))).toEqual([]);
  });
});

describe('an operator', () => {
  test.each(operatorRoles)('of role %s is answered 403 to exactly what the table denies the role', async (role) => {
    const proof = await local.addOperator(`a-${role}`, role);
    for (const { method, path } of routes) {
      const allowed = mayUse(role, neededRoles[`${method} ${path}`] as OperatorRole);
      if (allowed && method !== 'GET') continue; // done elsewhere, and not by accident
      const status = await ask(proof, method, path.replace(':name', 'nobody'));
      expect({ operation: `${method} ${path}`, refused: status === 403 }).toEqual({
        operation: `${method} ${path}`,
        refused: !allowed,
      });
    }
    await local.removeOperator(`a-${role}`);
  });

  test('who is refused is told the role that is needed and who holds it; it is an event', async () => {
    const viewer = clientOf(await local.addOperator('vera', 'viewer'));
    await local.addOperator('olga', 'operator');
    const message = 'POST /devices needs the role operator; vera is viewer.';
    const nextStep = expect.stringMatching(
      /^Ask olga, who holds it; or run the command where the manager runs, as its user\. The role is given there: .* --role operator$/,
    );
    const added = viewer.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: '1001' }] });
    await expect(added).rejects.toMatchObject({ code: 'manager.role-needed', message, nextStep });
    expect((await local.devices()).devices).toEqual([]);
    expect((await eventsOf()).at(-1)).toMatchObject({
      kind: 'operation-refused',
      cause: message,
      actor: 'operator vera',
    });
    const bundle = viewer.importCertificate('callmanager-rsa', 'x', 'x');
    await expect(bundle).rejects.toMatchObject({ nextStep: expect.stringMatching(/^Nobody holds it; /) });
    await local.addOperator('tove', 'trust-officer');
    await expect(viewer.importCertificate('callmanager-rsa', 'x', 'x')).rejects.toMatchObject({
      nextStep: expect.stringMatching(/^Ask tove, .* is given by tove, or there: .* --role trust-officer$/),
    });
    await local.removeOperator('tove');
    for (const name of ['vera', 'olga']) await local.removeOperator(name);
  });

  test('may ask whether the role allows it before anything is done for it, and is answered as if it were done', async () => {
    const viewer = clientOf(await local.addOperator('vera', 'viewer'), 'to know');
    for (const asked of [viewer.mayPublishLists(), viewer.mayIssueTokenCertificates()]) {
      await expect(asked).rejects.toMatchObject({
        code: 'manager.role-needed',
        message: expect.stringMatching(/ needs the role trust-officer; vera is viewer\.$/),
      });
    }
    const officer = clientOf(await local.addOperator('tove', 'trust-officer'));
    const before = await eventsOf();
    expect(await officer.mayPublishLists()).toMatchObject({ done: true });
    expect(await officer.mayIssueTokenCertificates()).toMatchObject({ done: true });
    expect(await eventsOf()).toEqual(before);
    for (const name of ['vera', 'tove']) await local.removeOperator(name);
  });

  test('does what the role allows, and who, when and why stand in the event', async () => {
    const olga = clientOf(await local.addOperator('olga', 'operator'), 'a new desk');
    await olga.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: '1001' }] });
    await olga.deviceCredentials(device);
    await olga.removeDevice(device);
    await olga.eraseRecords(365);
    const said = (await eventsOf()).filter(({ actor }) => actor === 'operator olga');
    expect(said.map(({ kind, statedReason }) => [kind, statedReason])).toEqual([
      ['device-added', 'a new desk'],
      ['credentials-written', 'a new desk'],
      ['device-removed', 'a new desk'],
    ]);
    await local.removeOperator('olga');
  });

  test('cannot give a reason that would forge a line', async () => {
    const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket }, 'a\nb');
    await expect(client.removeDevice(device)).rejects.toMatchObject({ code: 'manager.request-invalid' });
  });

  test('is listed with role and end of the certificate, and added once', async () => {
    await local.addOperator('tove', 'trust-officer');
    expect((await local.operators()).operators).toEqual([
      { name: 'tove', role: 'trust-officer', addedAt: expect.any(String), notAfter: expect.stringMatching(/^20/) },
    ]);
    await expect(local.addOperator('tove', 'viewer')).rejects.toMatchObject({ code: 'manager.operator-exists' });
    await local.removeOperator('tove');
    await expect(local.removeOperator('tove')).rejects.toMatchObject({
      code: 'manager.operator-unknown',
      nextStep: expect.stringContaining('trustline operator add tove --role ROLE'),
    });
    await expect(local.addOperator('to\nve', 'viewer')).rejects.toMatchObject({ code: 'manager.request-invalid' });
  });

  test('who is removed loses running connections at once, and the certificate for ever', async () => {
    const proof = await local.addOperator('vera', 'viewer');
    const vera = clientOf(proof);
    const seen: string[] = [];
    const following = (async () => {
      for await (const event of vera.events({ limit: 1, follow: true })) {
        if (seen.push(event.kind) === 1) await local.removeOperator('vera');
      }
    })();
    await expect(following).rejects.toMatchObject({ code: 'manager.api-unreachable' });
    await expect(vera.status()).rejects.toMatchObject({
      code: 'manager.api-unreachable',
      message: expect.stringMatching(/closed the connection unanswered/),
      nextStep: expect.stringMatching(/an operator who was removed.*trustline operator add NAME --role ROLE/),
    });
    // Not even when the name is given to somebody again.
    const next = clientOf(await local.addOperator('vera', 'viewer'));
    expect(await next.status()).toMatchObject({ node: 'node-1' });
    await expect(vera.status()).rejects.toMatchObject({ code: 'manager.api-unreachable' });
    await local.removeOperator('vera');
  });

  test('who trusts another cluster is told so, and of no option of Node.js', async () => {
    const proof = await local.addOperator('tove', 'viewer');
    const names = { cluster: 'Other', hosts: ['cm.example.org'] as const, addresses: [], domains: [] };
    const other = await createCluster(join(scratch, 'other'), names, Date.now());
    const asked = clientOf({ ...proof, trustBundlePem: other.trustBundlePem() }).status();
    await expect(asked).rejects.toMatchObject({
      code: 'manager.api-untrusted',
      message: `${url} answers with a certificate that the trust bundle does not vouch for; nothing was asked of it.`,
      nextStep: expect.stringMatching(/^Give with --trust the trust\.pem/),
    });
    await local.removeOperator('tove');
  });

  test('whose certificate holds but who was given no role is refused everything', async () => {
    const cluster = await openCluster(join(loaded.dataFolder, 'pki'));
    const issued = await cluster?.issueOperatorCertificate('nemo', Date.now());
    if (issued === undefined) throw new Error('the manager has no identity');
    const proof = {
      certificatePem: issued.chainPem,
      privateKeyPem: issued.privateKeyPem.reveal(),
      trustBundlePem: cluster?.trustBundlePem() ?? '',
    };
    expect(await ask(proof, 'GET', '/status')).toBe(403);
  });
});

test('whoever owns the local socket may do everything, and is named by user', async () => {
  await new ManagerClient({ kind: 'socket', path: loaded.apiSocket }, 'a try').requestCertificate('callmanager-ecdsa');
  expect((await eventsOf()).at(-1)).toMatchObject({
    kind: 'certificate-requested',
    actor: expect.stringMatching(/^local user \S+ \(uid \d+\)$/),
    statedReason: 'a try',
  });
});

describe('a phone never opens the interface, and the refusal is an event:', () => {
  async function refused(proof: Proof): Promise<void> {
    const before = (await eventsOf()).length;
    await expect(clientOf(proof).status()).rejects.toMatchObject({ code: 'manager.api-unreachable' });
    const added = (await eventsOf()).slice(before);
    expect(added).toMatchObject([{ kind: 'handshake-refused', reason: 'wrong-issuer-for-purpose' }]);
    expect(added[0]?.actor).toBeUndefined();
  }

  test('by LSC', async () => {
    await local.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: '7' }] });
    const { proof, trustBundlePem } = await local.deviceCredentials(device);
    if (proof.kind !== 'certificate') throw new Error('a secure device has a certificate');
    await refused({ ...proof, trustBundlePem });
    await local.removeDevice(device);
  });

  test('by MIC', async () => {
    const cluster = await openCluster(join(loaded.dataFolder, 'pki'));
    const mic = await cluster?.issueManufacturerCertificate(device, Date.now(), 'CP-8861');
    if (mic === undefined) throw new Error('the manager has no identity');
    const { chainPem: certificatePem, privateKeyPem, trustBundlePem } = mic;
    await refused({ certificatePem, privateKeyPem: privateKeyPem.reveal(), trustBundlePem });
  });
});

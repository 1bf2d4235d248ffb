import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { Redacted } from '@trustline/base';
import { judgeEnrolmentCertificate } from '@trustline/pki';
import type { EnrolmentEvent, EnrolmentOperation } from '@trustline/provisioning';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningTrust, TrustFolder } from '../trust/running.fixture.ts';
import { type EnrolmentRequest, EnrolmentService } from './enrolment-service.ts';

const device = 'SEP001122334455';
const install: EnrolmentRequest['action'] = { kind: 'install', key: { type: 'RSA', bits: 2_048 } };
const byString = { action: install, authentication: { by: 'string', string: new Redacted('5551202') } } as const;
const publicKey = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey).export({
  type: 'spki',
  format: 'der',
});

let folder: TrustFolder;
let running: RunningTrust;
let service: EnrolmentService;
let events: EnrolmentEvent[];

async function open(): Promise<void> {
  running = await folder.start('production');
  events = [];
  service = new EnrolmentService(running.context, (event) => {
    events.push(event);
    following.push(service.follow(event));
  });
  await service.restore();
}
const following: Promise<void>[] = [];
async function reopen(): Promise<void> {
  await Promise.all(following.splice(0));
  await running.close();
  await open();
}
/** What a server does with the decisions: the events are told, and what they changed is stored. */
async function told(): Promise<readonly EnrolmentEvent['kind'][]> {
  const kinds: EnrolmentEvent['kind'][] = [];
  for (let event = service.enrolments.poll(); event !== undefined; event = service.enrolments.poll()) {
    kinds.push(event.kind);
    await service.follow(event);
  }
  return kinds;
}

beforeEach(async () => {
  folder = new TrustFolder();
  await open();
  await running.store.devices.add({
    name: device,
    kind: 'phone',
    securityMode: 'encrypted',
    protocol: 'sip',
    description: '',
    lines: [],
    digest: undefined,
    addedAt: 0,
  });
  service.deviceAdded(device);
});
afterEach(async () => {
  await running.close();
  folder.remove();
});

const pending = () => service.enrolments.pendingOf(device);
const attempt = (string: string) =>
  service.enrolments.attempt(performance.now(), {
    device,
    address: '192.0.2.7',
    string: new Redacted(string),
    proof: undefined,
  }).outcome;
function proceed(): EnrolmentOperation {
  const claim = { device, address: '192.0.2.7', string: new Redacted('5551202'), proof: undefined };
  const decision = service.enrolments.attempt(performance.now(), claim);
  if (decision.outcome !== 'proceed') throw new Error(decision.outcome);
  return decision.operation;
}

describe('what is pending', () => {
  test('is pending after a restart, and nothing is told of it again', async () => {
    await service.open(device, byString);
    expect(events.map(({ kind }) => kind)).toEqual(['operation-pending']);
    await reopen();
    expect(pending()).toMatchObject({ action: install, locked: false });
    expect(await told()).toEqual([]);
    expect(attempt('5551202')).toBe('proceed');
  });

  test('by window ends when it was to end, whatever restart comes between', async () => {
    await service.open(device, { action: install, authentication: { by: 'nothing', milliseconds: 600_000 } });
    folder.ahead = 540_000;
    await reopen();
    const left = (service.enrolments.nextDeadline() ?? 0) - performance.now();
    expect(left).toBeGreaterThan(30_000);
    expect(left).toBeLessThan(60_001);
    folder.ahead = 601_000;
    await reopen();
    service.enrolments.expire(performance.now());
    expect([pending(), await told()]).toEqual([undefined, ['operation-closed']]);
    await reopen();
    expect([pending(), await told()]).toEqual([undefined, []]);
  });

  test('by a string that was sealed by another key is over after a restart, and never open to any string', async () => {
    await service.open(device, byString);
    const { id = '', action = install } = pending() ?? {};
    await running.store.enrolments.set(device, { id, action, authentication: { by: 'string', sealed: '5551202' } });
    await reopen();
    expect(pending()).toBeUndefined();
    expect([attempt('5551202'), attempt('')]).toEqual(['no-action', 'no-action']);
    expect(await running.store.enrolments.list()).toEqual([]);
  });

  test('stays locked after five wrong strings until somebody unlocks it, restarts included', async () => {
    await service.open(device, byString);
    for (let turn = 0; turn < 5; turn += 1) expect(attempt('0000')).toBe('declined');
    await told();
    await reopen();
    expect(pending()?.locked).toBe(true);
    expect(attempt('5551202')).toBe('declined');
    await told();
    expect([service.unlock(device), service.unlock(device)]).toEqual([true, false]);
    await reopen();
    expect(pending()?.locked).toBe(false);
    expect(attempt('5551202')).toBe('proceed');
  });

  test('gives nobody his tries back by a restart: four wrong strings before it and one after lock', async () => {
    await service.open(device, byString);
    for (let turn = 0; turn < 4; turn += 1) expect(attempt('0000')).toBe('declined');
    await told();
    await reopen();
    expect(pending()?.locked).toBe(false);
    expect(attempt('0000')).toBe('declined');
    expect(pending()?.locked).toBe(true);
    await told();
    service.unlock(device);
    await told();
    await reopen();
    expect(attempt('0000')).toBe('declined');
    expect(pending()?.locked).toBe(false);
  });

  test('a certificate that the phone has replaced, or deleted, is believed no more', async () => {
    const made: Uint8Array[] = [];
    const isBelieved = (certificate: Uint8Array) =>
      judgeEnrolmentCertificate(running.cluster.trust, [certificate], device, Date.now()).accepted;
    for (let turn = 0; turn < 2; turn += 1) {
      await service.open(device, { ...byString, action: { kind: 'install', key: { type: 'EC', curve: 'P-256' } } });
      const operation = proceed();
      made.push(await service.issue(device, publicKey, operation));
      service.enrolments.done(device, '192.0.2.7', operation, 'certificate-issued', 'made');
      service.enrolments.stored(device, '192.0.2.7', operation, undefined);
      await told();
    }
    expect(made.map(isBelieved)).toEqual([false, true]);
    await service.open(device, { ...byString, action: { kind: 'delete' } });
    service.enrolments.done(device, '192.0.2.7', proceed(), 'certificate-deleted', 'deleted');
    await told();
    expect(made.map(isBelieved)).toEqual([false, false]);
  });

  test('certifies a key of RSA-1024 where an operator has asked for one, and nowhere else', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const key = new Uint8Array(weak.publicKey.export({ type: 'spki', format: 'der' }));
    const action = { kind: 'install', key: { type: 'RSA', bits: 1_024 } } as const;
    await service.open(device, { ...byString, action });
    const certificate = await service.issue(device, key, proceed());
    expect(new X509Certificate(certificate).publicKey.asymmetricKeyDetails?.modulusLength).toBe(1_024);
    await service.open(device, byString);
    await expect(service.issue(device, key, proceed())).rejects.toMatchObject({ code: 'pki.refused-request' });
  });

  test('gives way to another, which stays', async () => {
    await service.open(device, byString);
    await service.open(device, { action: { kind: 'fetch' }, authentication: { by: 'certificate', kinds: ['MIC'] } });
    expect(events.map(({ kind }) => kind)).toEqual(['operation-pending', 'operation-closed', 'operation-pending']);
    await reopen();
    expect(pending()?.action).toEqual({ kind: 'fetch' });
  });

  test('that was taken back is gone, and only once', async () => {
    await service.open(device, byString);
    expect([await service.cancel(device), await service.cancel(device)]).toEqual([true, false]);
    await reopen();
    expect(pending()).toBeUndefined();
  });

  test.each([{ kind: 'delete' }, { kind: 'fetch' }] as const)(
    'that was carried out is over for ever: %j',
    async (action) => {
      await service.open(device, { ...byString, action });
      const operation = proceed();
      expect(service.enrolments.done(device, '192.0.2.7', operation, 'certificate-fetched', 'done')).toBe(true);
      expect(await told()).toEqual(['authenticated', 'certificate-fetched', 'operation-closed']);
      await reopen();
      expect(pending()).toBeUndefined();
    },
  );

  test('that was given up after sessions that broke off does not come back', async () => {
    await service.open(device, byString);
    for (let turn = 0; turn < 3; turn += 1) {
      service.enrolments.release(performance.now(), device, '192.0.2.7', proceed(), 'it went away');
    }
    await told();
    await reopen();
    expect(pending()).toBeUndefined();
  });
});

describe('a certificate', () => {
  test('begins an hour in the past, for phones with wrong clocks, and ends what was pending', async () => {
    await service.open(device, byString);
    await service.issue(device, publicKey, proceed());
    const [issued] = running.cluster.issuedTo(device);
    expect((issued?.notBefore ?? Number.POSITIVE_INFINITY) <= Date.now() - 3_600_000).toBe(true);
    expect(await running.store.enrolments.list()).toEqual([]);
    expect(await running.store.enrolments.certificateOf(device)).toBeDefined();
  });

  test('that was made while its operation gave way to another leaves the other pending', async () => {
    await service.open(device, byString);
    const operation = proceed();
    await service.open(device, { ...byString, authentication: { by: 'string', string: new Redacted('7777') } });
    await service.issue(device, publicKey, operation);
    expect(service.enrolments.done(device, '', operation, 'certificate-issued', '')).toBe(false);
    await reopen();
    expect(pending()).toBeDefined();
    expect(attempt('7777')).toBe('proceed');
  });

  test('that the phone has deleted is one to which no file is encrypted any more', async () => {
    await service.open(device, byString);
    await service.issue(device, publicKey, proceed());
    await service.open(device, { ...byString, action: { kind: 'delete' } });
    service.enrolments.done(device, '192.0.2.7', proceed(), 'certificate-deleted', 'deleted');
    await told();
    expect(await running.store.enrolments.certificateOf(device)).toBeUndefined();
    expect((await running.store.enrolments.certificates()).size).toBe(0);
  });

  test('that was made while its device was removed is believed by nobody', async () => {
    await service.open(device, byString);
    const operation = proceed();
    service.deviceRemoved(device);
    await running.store.devices.remove(device);
    await expect(service.issue(device, publicKey, operation)).rejects.toThrow();
    const [issued] = running.cluster.issuedTo(device);
    const [some] = running.cluster.callManagerIdentities().map(({ certificate }) => certificate);
    if (issued === undefined || some === undefined) throw new Error('a certificate was made');
    const revoked = running.cluster.trust.revocationOf({
      ...some,
      issuerHash: issued.issuerHash,
      serialNumber: issued.serialNumber,
    });
    expect(revoked).toMatchObject({ reason: 'it was made and not handed out' });
  });
});

test('a removed device has nothing pending and no certificate, also when it is added again', async () => {
  await service.open(device, byString);
  await service.issue(device, publicKey, proceed());
  await service.open(device, byString);
  service.deviceRemoved(device);
  expect(attempt('5551202')).toBe('unknown-device');
  const [row] = await running.store.devices.list();
  await running.store.devices.remove(device);
  if (row !== undefined) await running.store.devices.add(row);
  await reopen();
  expect([pending(), await running.store.enrolments.certificateOf(device)]).toEqual([undefined, undefined]);
});

describe('what cannot be is refused with nothing changed:', () => {
  test('a string that no phone can take', async () => {
    await service.open(device, byString);
    const authentication = { by: 'string', string: new Redacted('12a4') } as const;
    const refused = service.open(device, { ...byString, authentication });
    await expect(refused).rejects.toMatchObject({
      code: 'capf.bad-operation',
      message: expect.not.stringContaining('12a4'),
    });
    expect(attempt('5551202')).toBe('proceed');
  });

  test('an operation that the disk has no room for', async () => {
    await service.open(device, byString);
    running.store.setMaximumPages(1); // SQLite raises it to what the file has already
    const long = Array.from({ length: 300 }, (_, index) => `SEP${String(index).padStart(12, '0')}`);
    const row = (await running.store.devices.list())[0];
    if (row === undefined) throw new Error('a device was added');
    await expect(
      (async () => {
        for (const name of long) await running.store.devices.add({ ...row, name, description: 'x'.repeat(200) });
      })(),
    ).rejects.toThrow(/full/);
    const kinds = ['LSC', 'MIC', ...Array.from({ length: 2_000 }, () => 'MIC' as const)] as const;
    const authentication = { by: 'certificate', kinds } as const;
    await expect(service.open(device, { ...byString, authentication })).rejects.toThrow(/full/);
    expect(events.map(({ kind }) => kind)).toEqual(['operation-pending']);
    expect(attempt('5551202')).toBe('proceed');
    running.store.setMaximumPages(1_000_000);
  });
});

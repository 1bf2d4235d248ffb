import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { Redacted } from '@trustline/base';
import {
  encodeCertificatesPem,
  issueCertificate,
  judgeDeviceCertificate,
  keyFingerprint,
  readDeviceRequestInfo,
  type Signer,
  signedDeviceRequest,
} from '@trustline/pki';
import type { EnrolmentOperation, OutsideIssue } from '@trustline/provisioning';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningTrust, TrustFolder } from '../trust/running.fixture.ts';
import { EnrolmentService } from './enrolment-service.ts';

const device = 'SEP001122334455';
const string = new Redacted('5551202');
const byString = {
  action: { kind: 'install', key: { type: 'EC', curve: 'P-256' } },
  authentication: { by: 'string', string },
} as const;
const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const publicKey = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));

let authority: Extract<Signer, { kind: 'authority' }>;
let folder: TrustFolder;
let running: RunningTrust;
let service: EnrolmentService;

/** An authority outside, and what it issues. */
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = await issueCertificate(
    {
      role: 'capf-ca',
      commonName: 'Outside CA',
      organization: 'Outside',
      subjectNames: [],
      publicKey: createPublicKey(privateKey),
    },
    { kind: 'self', privateKey },
    { now: Date.now(), random: randomBytes },
  );
  authority = { kind: 'authority', certificate, privateKey };
});

async function issue(name = device, forKey = createPublicKey(key)): Promise<Uint8Array> {
  const request = {
    role: 'locally-significant',
    commonName: name,
    organization: 'Outside',
    subjectNames: [],
    publicKey: forKey,
    deviceKeys: { smallestRsa: 2048, largestRsa: 4096, curves: ['P-256'] },
  } as const;
  return (await issueCertificate(request, authority, { now: Date.now(), random: randomBytes })).der;
}

async function open(issuer: 'cluster' | 'outside' = 'outside'): Promise<void> {
  running = await folder.start('production', [`provisioning.capfIssuer=${issuer}`]);
  service = new EnrolmentService(running.context, (event) => void service.follow(event));
  await service.restore();
}
async function reopen(issuer: 'cluster' | 'outside' = 'outside'): Promise<void> {
  await running.close();
  await open(issuer);
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
  await running.cluster.importLscAuthorities(encodeCertificatesPem([authority.certificate]), Date.now());
});
afterEach(async () => {
  await running.close();
  folder.remove();
});

const pending = () => service.enrolments.pendingOf(device);
const attempt = () =>
  service.enrolments.attempt(performance.now(), { device, address: '192.0.2.7', string, proof: undefined });
const believed = (certificate: Uint8Array) => judgeDeviceCertificate(running.cluster.trust, [certificate], Date.now());

function proceed(): EnrolmentOperation {
  const decision = attempt();
  if (decision.outcome !== 'proceed') throw new Error(decision.outcome);
  return decision.operation;
}

/** A phone has been at CAPF, has made its key and signed. */
async function bind(): Promise<OutsideIssue> {
  await service.open(device, byString);
  const operation = proceed();
  const info = service.outside.request?.(device, publicKey) ?? new Uint8Array();
  const request = signedDeviceRequest(info, sign('sha256', info, key));
  const outside = { publicKey, request, certificate: undefined };
  await service.outside.record(device, operation, outside);
  service.enrolments.bound(device, '192.0.2.7', operation, outside, 'it waits');
  return outside;
}

describe('a key that waits for an outside authority', () => {
  test('is asked for in the name of the device and of the cluster, where an outside authority issues alone', async () => {
    const info = service.outside.request?.(device, publicKey) ?? new Uint8Array();
    expect(readDeviceRequestInfo(info)).toEqual({ commonNames: [device], publicKey });
    await reopen('cluster');
    expect(service.outside.request).toBeUndefined();
  });

  test('waits over restarts with its request, also when the cluster issues by itself again', async () => {
    const outside = await bind();
    for (const issuer of ['outside', 'cluster'] as const) {
      await reopen(issuer);
      expect(pending()?.outside).toEqual(outside);
      expect(attempt()).toEqual({ outcome: 'later', after: 300_000 });
    }
  });

  test('is replaced by no other operation, and the disk keeps the one that there is', async () => {
    const outside = await bind();
    await expect(service.open(device, byString)).rejects.toMatchObject({ code: 'capf.key-bound' });
    await reopen();
    expect(pending()?.outside).toEqual(outside);
    expect(await service.cancel(device)).toBe(true);
    await service.open(device, byString);
    await reopen();
    expect(pending()).toMatchObject({ outside: undefined });
    expect(attempt()).toMatchObject({ outcome: 'proceed', outside: undefined });
  });
});

describe('what the outside authority has issued', () => {
  test('is the LSC of its device once it was imported, is handed out over a restart, and ends the operation', async () => {
    await bind();
    const certificate = await issue();
    expect(believed(certificate).accepted).toBe(false);
    await service.outside.import(certificate);
    expect(believed(certificate)).toMatchObject({ accepted: true, device, means: 'LSC' });
    await reopen();
    const decision = attempt();
    if (decision.outcome !== 'proceed') throw new Error(decision.outcome);
    expect(decision.outside?.certificate).toEqual(certificate);
    await service.outside.handOut(device, decision.operation, certificate);
    expect(await running.store.enrolments.certificateOf(device)).toEqual(certificate);
    // The phone has not said that it has it: it may come again.
    await reopen();
    expect(pending()?.outside?.certificate).toEqual(certificate);
    const operation = proceed();
    service.enrolments.done(device, '', operation, 'certificate-issued', 'it has it');
    for (let event = service.enrolments.poll(); event !== undefined; event = service.enrolments.poll()) {
      await service.follow(event);
    }
    await reopen();
    expect(pending()).toBeUndefined();
    expect(believed(certificate).accepted).toBe(true);
  });

  test('is refused for another key, another name or nobody, and nothing is changed', async () => {
    await bind();
    const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const rows: readonly [Uint8Array, RegExp][] = [
      [
        await issue(device, other),
        new RegExp(`than the one that ${device} has made \\(${keyFingerprint(publicKey)}\\)`),
      ],
      [await issue('SEP009999999999'), /made out to/],
      [await issue('SEP009999999999', other), /no phone waits/],
    ];
    for (const [file, problem] of rows) {
      await expect(service.outside.import(file)).rejects.toMatchObject({
        code: 'pki.lsc-refused',
        message: expect.stringMatching(problem),
      });
      expect([pending()?.outside?.certificate, running.cluster.importedLscs()]).toEqual([undefined, []]);
    }
  });

  test('takes the place of what was imported before and not handed out', async () => {
    await bind();
    const [first, second] = [await issue(), await issue()];
    await service.outside.import(first);
    await service.outside.import(first);
    await service.outside.import(second);
    expect([believed(first).accepted, believed(second).accepted]).toEqual([false, true]);
    expect(pending()?.outside?.certificate).toEqual(second);
  });

  test('is believed no more when its enrolment is taken back, or its device removed', async () => {
    await bind();
    const certificate = await issue();
    await service.outside.import(certificate);
    await service.cancel(device);
    expect(believed(certificate).accepted).toBe(false);
    await bind();
    await service.outside.import(certificate);
    service.deviceRemoved(device);
    await running.cluster.revokeDevice(device, 'the device was removed', Date.now());
    expect(believed(certificate).accepted).toBe(false);
    await expect(service.outside.import(certificate)).rejects.toMatchObject({ code: 'pki.lsc-refused' });
  });

  test('is believed by nobody when its enrolment was taken back while it was imported', async () => {
    await bind();
    const certificate = await issue();
    const importing = service.outside.import(certificate);
    await service.cancel(device);
    await expect(importing).rejects.toMatchObject({ code: expect.stringMatching(/enrolment-unknown|lsc-refused/) });
    expect(believed(certificate).accepted).toBe(false);
  });
});

import { spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Redacted } from '@trustline/base';
import { encodeCertificatesPem, issueCertificate, verifyTrustList } from '@trustline/pki';
import { openCluster } from '@trustline/pki/node';
import { expect, test, vi } from 'vitest';
import { openStore } from '../store/store.ts';
import { ManagerFolder, phoneKey } from './running-manager.fixture.ts';

const device = 'SEP001122334455';
const string = new Redacted('12345678');

/** Starts a manager, says that it runs, and publishes list after list if it is told to. */
const program = `
  const [, managerModule, signallingModule, set, publish] = process.argv;
  const { startManager, loadConfiguration } = await import(managerModule);
  const { createSignalling } = await import(signallingModule);
  const loaded = loadConfiguration({ set: JSON.parse(set), environment: {} });
  let context;
  const signalling = (given, seen) => createSignalling((context = given), seen);
  await startManager({ loaded, environment: {}, signalling });
  process.stdout.write('running\\n');
  if (publish === 'publish') {
    const { ManagerClient } = await import(managerModule);
    const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
    const phone = { name: 'SEP0000000000AA', securityMode: 'encrypted', lines: [{ number: '9' }] };
    for (;;) {
      for (const role of ['tvs', 'capf']) await context.cluster.reissue(role, Date.now());
      await client.addDevice(phone);
      await client.removeDevice(phone.name);
      process.stdout.write('published\\n');
    }
  }
`;

function run(manager: ManagerFolder, publish: boolean) {
  const modules = ['../index.ts', '../signalling.ts'].map((module) => new URL(module, import.meta.url).href);
  const args = [
    '--input-type=module',
    '-e',
    program,
    ...modules,
    JSON.stringify(manager.set),
    publish ? 'publish' : '',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return {
    saying: (line: string, times = 1) =>
      vi.waitFor(() => expect(said.split('\n').filter((one) => one === line).length).toBeGreaterThanOrEqual(times), {
        timeout: 60_000,
        interval: 20,
      }),
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

test('an enrolment that was carried out is over after kill -9, and its certificate is known', async () => {
  const manager = new ManagerFolder();
  const child = run(manager, false);
  await child.saying('running');
  await manager.addPhone(device, '1001');
  await manager.client.openEnrolment(device, { by: 'string', string: string.reveal() });
  const { result } = await manager.enrol(device, { by: 'string', string });
  await child.kill();
  expect(result).toMatchObject({ outcome: 'installed' });
  await manager.start();
  expect((await manager.client.enrolments()).enrolments).toEqual([]);
  expect((await manager.enrol(device, { by: 'string', string })).result).toMatchObject({ outcome: 'no-action' });
  expect(await manager.context.store.enrolments.certificateOf(device)).toBeDefined();
  expect(manager.context.cluster.issuedTo(device)).toHaveLength(1);
  await manager.remove();
}, 120_000);

/** Milliseconds after the first list; in full more of them. */
const waits = process.env['TRUSTLINE_FULL'] === '1' ? [5, 40, 130, 310] : [40, 130];

test.each(waits)(
  'kill -9 (after %i ms) in the middle of publishing leaves old lists or new ones, whole',
  async (wait) => {
    const manager = new ManagerFolder();
    const child = run(manager, true);
    await child.saying('published');
    await new Promise((resolve) => setTimeout(resolve, wait));
    await child.kill();

    const store = await openStore(manager.storeFile, { node: 'node-1', now: Date.now() });
    for (const kind of ['CTL', 'ITL'] as const) {
      const lists = await store.trustLists.list(kind);
      expect(lists.filter(({ state }) => state === 'current')).toHaveLength(1);
      for (const { content } of lists) expect(verifyTrustList(content).ok).toBe(true);
      const stamps = lists.map(({ content }) => {
        const read = verifyTrustList(content);
        return read.ok ? (read.list.header.timestamp ?? 0) : 0;
      });
      expect(stamps).toEqual([...new Set(stamps)].sort((one, other) => one - other));
    }
    await store.close();
    const serials = (await openCluster(manager.identityFolder))?.issued().map(({ serialNumber }) => serialNumber) ?? [];
    expect(new Set(serials).size).toBe(serials.length);

    await manager.start();
    const { lists, securityMode } = await manager.client.trust();
    expect([lists.length, securityMode]).toEqual([2, 'mixed']);
    const published = new Set((await manager.context.store.trustLists.list('CTL')).map(({ hash }) => hash));
    expect(published.size).toBeGreaterThan(1);
    // What the servers show after the crash stands in what phones get.
    expect((await manager.events()).filter(({ kind }) => kind === 'trust-list-outdated')).toEqual([]);
    await manager.remove();
  },
  120_000,
);

/** An authority outside, and what it issues for the key of the phone. */
async function outsideAuthority() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const environment = { now: Date.now(), random: randomBytes };
  const common = { organization: 'Outside', subjectNames: [] };
  const request = { ...common, role: 'capf-ca', commonName: 'Outside CA', publicKey } as const;
  const certificate = await issueCertificate(request, { kind: 'self', privateKey }, environment);
  const lsc = {
    ...common,
    role: 'locally-significant',
    commonName: device,
    publicKey: createPublicKey(phoneKey),
  } as const;
  const issued = await issueCertificate(lsc, { kind: 'authority', certificate, privateKey }, environment);
  return { pem: encodeCertificatesPem([certificate]), issued: issued.der };
}

test('a key that waits for an outside authority waits on after kill -9, and so does its certificate', async () => {
  const manager = new ManagerFolder(['provisioning.capfIssuer=outside']);
  const credential = { by: 'string', string } as const;
  const outside = await outsideAuthority();
  const started = async () => {
    const child = run(manager, false);
    await child.saying('running');
    return child;
  };
  let child = await started();
  await manager.addPhone(device, '1001');
  await manager.client.openEnrolment(device, { by: 'string', string: string.reveal() });
  expect((await manager.enrol(device, credential)).result).toMatchObject({ outcome: 'retry-later' });
  await child.kill();
  child = await started();
  const [waiting] = (await manager.client.waitingRequests()).requests;
  expect(waiting).toMatchObject({ device, phase: 'waiting-for-outside-authority' });
  expect((await manager.enrol(device, credential)).result).toMatchObject({ outcome: 'retry-later' });
  await manager.client.importLscAuthorities(outside.pem);
  await manager.client.importLsc(outside.issued);
  await child.kill();
  child = await started();
  expect((await manager.client.enrolments()).enrolments).toMatchObject([{ device, phase: 'certificate-ready' }]);
  const { result, certificate } = await manager.enrol(device, credential);
  expect(result).toMatchObject({ outcome: 'installed' });
  expect(certificate).toEqual(outside.issued);
  await child.kill();
  await manager.start();
  // Killed before it was written down that the phone has it, it is had again, and is the same.
  expect(['installed', 'no-action']).toContain((await manager.enrol(device, credential)).result.outcome);
  expect(await manager.context.store.enrolments.certificateOf(device)).toEqual(outside.issued);
  await manager.remove();
}, 120_000);

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { loadConfiguration, ManagerClient, type RunningManager, startManager } from '@trustline/manager/node';
import { Phone, type PhoneConnection, silence } from '@trustline/phone/node';
import { artefactFolder, eventually } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';

const folder = artefactFolder('cli-backup');
const file = join(folder, 'trustline.backup');
const passphrase = 'correct horse battery staple';
const environment = { TRUSTLINE_BACKUP_PASSPHRASE: passphrase };
const keyPassphrase = { TRUSTLINE_PASSPHRASE: 'the keys have one of their own' };
/** What is stopped at the end, in the opposite order. */
const undo: (() => Promise<void>)[] = [];

interface Machine {
  readonly manager: RunningManager;
  readonly client: ManagerClient;
  readonly data: string;
  readonly tlsPort: number;
}

async function startOn(data: string, document: string): Promise<Machine> {
  const loaded = loadConfiguration({ file: document, set: [`dataFolder=${data}`], environment: keyPassphrase });
  const manager = await startManager({ loaded, environment: keyPassphrase });
  undo.push(() => manager.stop());
  const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  const tlsPort = (await client.status()).listeners.find(({ transport }) => transport === 'tls')?.port ?? 0;
  return { manager, client, data, tlsPort };
}

async function register(line: string, connection: PhoneConnection, port: number): Promise<Phone> {
  const phone: Phone = Phone.start({
    line,
    connection,
    device: `SEP00112233${line}`,
    server: { host: '127.0.0.1', port },
    security: 'require',
    onEvent: (event) => {
      if (event.kind === 'incoming') void phone.answer(event.call, { source: silence });
    },
  });
  undo.push(() => phone.stop());
  await phone.registered();
  return phone;
}

const credentials = new Map<string, PhoneConnection>();
let first: Machine;

beforeAll(async () => {
  const document = join(folder, 'first.yaml');
  const lines = [
    'node: first',
    'log: { level: error }',
    'api: { metrics: { port: 0 } }',
    'provisioning: { enabled: false }',
    'listeners: [{ transport: tls, host: 127.0.0.1, port: 0 }]',
  ];
  writeFileSync(document, `${lines.join('\n')}\n`);
  first = await startOn(join(folder, 'first'), document);
  for (const line of ['1001', '1002']) {
    const name = `SEP00112233${line}`;
    await first.client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: line }] });
    const { proof, trustBundlePem } = await first.client.deviceCredentials(name);
    if (proof.kind !== 'certificate') throw new Error('no certificate');
    const { certificatePem, privateKeyPem } = proof;
    credentials.set(line, { kind: 'tls', certificatePem, privateKeyPem, trustBundlePem });
  }
  await first.client.addOperator('ada', 'trust-officer');
});
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

function connectionOf(line: string): PhoneConnection {
  const connection = credentials.get(line);
  if (connection === undefined) throw new Error('no credentials');
  return connection;
}

const backup = (out: string, environment_: Record<string, string> = environment) =>
  trustline(['backup', '--out', out, '--data', first.data, '--reason', 'before the move'], environment_);
const restore = (from: string, to: string, environment_: Record<string, string> = environment) =>
  trustline(['restore', from, '--data-folder', to], environment_);

test('a backup taken in the middle of a call, with all busy, restores on another machine and goes on there', async () => {
  const caller = await register('1001', connectionOf('1001'), first.tlsPort);
  await register('1002', connectionOf('1002'), first.tlsPort);
  const call = await caller.call('1002', { source: silence });
  await call.established;
  await eventually('an encrypted call', async () => (await first.client.calls()).calls[0]?.level === 'encrypted');

  const head = join(folder, 'head.json');
  expect((await trustline(['records', 'head', '--out', head, '--data', first.data])).code).toBe(0);
  // Devices come and get certificates while the backup is written.
  let busy = true;
  const coming = (async () => {
    for (let index = 0; busy; index += 1) {
      const name = `SEP0000000${String(index).padStart(5, '0')}`;
      await first.client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: String(5_000 + index) }] });
      await first.client.deviceCredentials(name);
    }
  })();
  const outcome = await backup(file);
  busy = false;
  await coming;
  expect(outcome).toEqual({
    code: 0,
    out: expect.stringMatching(/holds \d+ files of first; .* holds\.\n$/),
    error: '',
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(first.data)).not.toContain('backup.unfinished');
  expect((await first.client.calls()).calls).toHaveLength(1);
  const certificates = (await first.client.pki()).certificates;
  call.hangUp();
  await call.ended;
  for (const step of undo.splice(1).reverse()) await step(); // the phones
  await undo.pop()?.(); // the first machine is gone

  const data = join(folder, 'second', 'data');
  const restored = await restore(file, data);
  expect(restored).toMatchObject({ code: 0, error: '' });
  expect(restored.out).toMatch(/Its private keys are encrypted besides/);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(join(data, 'pki'))) expect(statSync(join(data, 'pki', name)).mode & 0o777).toBe(0o600);

  const second = await startOn(data, join(data, 'trustline.yaml'));
  expect((await second.client.pki()).certificates).toEqual(certificates);
  expect((await second.client.operators()).operators).toMatchObject([{ name: 'ada', role: 'trust-officer' }]);
  // Nothing of what there was before it is missing.
  expect(await trustline(['records', 'verify', '--head', head, '--data', data])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Verified/),
  });
  const events = (await trustline(['events', '--limit', '1000', '--data', data])).out;
  expect(events).toMatch(/backup-taken: .* By local user .*: before the move\./);
  expect(events).toMatch(/backup-restored: This manager goes on from the backup that first wrote on /);
  // Every device has its certificate in the ledger: it could be revoked.
  const ledger = readFileSync(join(data, 'pki', 'issued.jsonl'), 'utf8');
  const kinds = new DatabaseSync(join(data, 'trustline.sqlite'), { readOnly: true });
  const named = kinds.prepare("SELECT entry FROM evidence WHERE kind = 'credentials-written'").all();
  kinds.close();
  expect(named.length).toBeGreaterThan(1);
  for (const { entry } of named) expect(ledger).toContain(JSON.parse(String(entry)).personal.fields.device);

  // The phones register with what they have, and call.
  const again = await register('1001', connectionOf('1001'), second.tlsPort);
  await register('1002', connectionOf('1002'), second.tlsPort);
  const next = await again.call('1002', { source: silence });
  await next.established;
  next.hangUp();
  await next.ended;
});

describe('a restore is refused, and nothing is written,', () => {
  const place = join(folder, 'refused', 'data');
  const damaged = join(folder, 'damaged.backup');
  const whole = () => readFileSync(file);

  async function expectRefusal(from: string, message: RegExp, environment_ = environment): Promise<void> {
    const before = readdirSync(folder);
    const outcome = await restore(from, place, environment_);
    expect(outcome).toEqual({ code: exitCodes.failed, out: '', error: expect.stringMatching(message) });
    expect(outcome.error).toMatch(/\n {2}next: /);
    expect(readdirSync(folder)).toEqual(before);
  }

  test('with another passphrase', () =>
    expectRefusal(file, /was made with another passphrase/, { TRUSTLINE_BACKUP_PASSPHRASE: `${passphrase}!` }));

  test('without any', () => expectRefusal(file, /There is no passphrase, and nobody here/, {} as typeof environment));

  test.each([0, 7, 30, 51, 52, 60, 65_604, -1])('of a file cut at octet %i', async (at) => {
    writeFileSync(damaged, whole().subarray(0, at));
    await expectRefusal(damaged, /is no backup of Trustline|was altered or cut off/);
  });

  test.each([0, 8, 9, 20, 30, 45, 60, 70_000, -1])('of a file altered at octet %i', async (at) => {
    const octets = whole();
    const index = at < 0 ? octets.byteLength + at : at;
    octets.writeUInt8(octets.readUInt8(index) ^ 0x10, index);
    writeFileSync(damaged, octets);
    await expectRefusal(damaged, /no backup of Trustline|later Trustline|altered/);
  });

  test('into a folder that holds something', async () => {
    const outcome = await restore(file, folder);
    expect(outcome).toMatchObject({ code: exitCodes.failed, error: expect.stringMatching(/is not empty/) });
  });
});

test('a backup holds no key, name or number that could be read in it', () => {
  const octets = readFileSync(file).toString('latin1');
  for (const word of ['PRIVATE KEY', 'SEP0011', 'SQLite format', 'trustline.sqlite', passphrase]) {
    expect(octets).not.toContain(word);
  }
});

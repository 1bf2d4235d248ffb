import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { ManagerClient } from '@trustline/manager/node';
import { parseTrustList } from '@trustline/pki';
import {
  artefactFolder,
  type FaultyModule,
  missingPrograms,
  missingSoftHsm,
  SoftHsm,
  softHsmModule,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { fetchList, startPhone } from './phone-visit.fixture.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const pin = 'canary-90417';
const own = '73910264';
/** Ports that the system gives, on loopback. */
const settings = [
  'listeners=[{transport: tls, host: 127.0.0.1, port: 0}, {transport: tcp, host: 127.0.0.1, port: 0}]',
  'api.metrics.port=0',
  'api.https={host: 127.0.0.1, port: 0}',
  'log.level=debug',
  'provisioning.host=127.0.0.1',
  ...['tftp', 'http', 'https', 'capf', 'tvs'].map((service) => `provisioning.${service}Port=0`),
];

/** Each test goes on from where the one before left the cluster, as an operator does. */
describe.skipIf(missingPrograms('gcc') || missingSoftHsm())('a production cluster and three tokens of SoftHSM', () => {
  const artefacts = artefactFolder('cli-ctl');
  let scratch: string;
  let data: string;
  let document: string;
  let manager: ChildProcess;
  let client: ManagerClient;
  let hsm: SoftHsm;
  let faulty: FaultyModule;
  /** Everything that any command or the manager said. */
  const said: string[] = [];
  const phones = ['SEP001122334401', 'SEP001122334402', 'SEP001122334403', 'SEP001122334404'] as const;

  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'trustline-ctl-'));
    data = join(scratch, 'data');
    document = join(scratch, 'trustline.yaml');
    hsm = new SoftHsm(scratch);
    for (const label of ['blue', 'green', 'red']) hsm.formatToken(label, pin);
  });
  afterAll(async () => {
    if (manager !== undefined && manager.exitCode === null) {
      manager.kill('SIGKILL');
      await once(manager, 'exit');
    }
    rmSync(scratch, { recursive: true, force: true });
  });

  async function run(...argv: readonly string[]) {
    const outcome = await trustline([...argv, '--config', document], { TRUSTLINE_TOKEN_PIN: pin });
    said.push(outcome.out, outcome.error);
    return outcome;
  }

  /** A command of the CTL client, which says yes. */
  const ctl = (...argv: readonly string[]) => run('ctl', ...argv, '--module', softHsmModule, '--yes');

  async function start(): Promise<void> {
    const flags = settings.flatMap((one) => ['--set', one]);
    manager = spawn(process.execPath, [main, 'start', '--config', document, ...flags], { stdio: 'pipe' });
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const log = join(artefacts, 'manager.log');
    let text = '';
    const hear = (chunk: Buffer) => {
      said.push(String(chunk));
      appendFileSync(log, chunk);
      text += String(chunk);
      if (text.includes('Ctrl-C stops it.')) resolve();
    };
    manager.stdout?.on('data', hear);
    manager.stderr?.on('data', hear);
    manager.once('exit', (code) => reject(new Error(`the manager ended with ${code}: ${text}`)));
    await ready;
  }

  /** What is given to whoever asks in the name of a phone. */
  async function fetched(device: string, kind: 'CTL' | 'ITL' = 'CTL') {
    const read = parseTrustList(await fetchList(client, device, kind));
    if (!read.ok) throw new Error(read.message);
    return read.list;
  }

  const boot = (device: string) => startPhone(client, device);

  const stateOf = async (device: string) =>
    (await client.trust()).phones.find((phone) => phone.device === device)?.state;

  test('init makes a cluster that begins non-secure, and a document that starts it', async () => {
    const made = await run('init', '--data', data, '--name', 'example', '--host', '127.0.0.1');
    expect(made).toMatchObject({ code: 0, error: '' });
    expect(made.out).toContain('trustline ctl create');
    expect(readFileSync(document, 'utf8')).toContain('cluster: "example"');
    await start();
    expect(said.join('')).toMatch(/In another terminal:\n {2}trustline token init --token LABEL --config /);
    client = new ManagerClient({ kind: 'socket', path: join(data, 'api.sock') });
    expect((await run('status')).out).toMatch(/non-secure mode\n {2}No device is given keys: no CTL is published/);
    expect((await run('trust', 'status')).out).toMatch(
      /No device is given keys: no CTL is published: trustline ctl create/,
    );
    expect((await run('init', '--data', data)).error).toMatch(/Another manager/);
    expect((await run('init', '--name', 'other')).error).toMatch(/trustline.yaml is there already/);
  });

  test('no device is given keys before mixed mode, and the reason is shown', async () => {
    for (const [index, name] of phones.entries()) await run('device', 'add', name, '--line', String(1001 + index));
    const refused = await run('device', 'credentials', phones[0], '--out', join(scratch, 'credentials'));
    expect(refused).toMatchObject({
      code: 1,
      error: expect.stringMatching(/No device is given keys: no CTL is published/),
    });
    expect(existsSync(join(scratch, 'credentials'))).toBe(false);
  });

  test('a CTL needs two tokens', async () => {
    expect((await ctl('create')).error).toMatch(/needs two security tokens; none is here.*\n {2}next: .*token init/);
    for (const label of ['blue', 'green']) {
      expect((await run('token', 'init', '--module', softHsmModule, '--token', label)).code).toBe(0);
      if (label === 'blue') expect((await ctl('create')).error).toMatch(/needs two security tokens; one is here/);
    }
    expect((await ctl('update')).error).toMatch(/has no CTL yet.\n {2}next: .*ctl create/);
  });

  test('nothing is published by a dry run, without a yes, by a wrong PIN or with a PIN on the command line', async () => {
    const tried = await run('ctl', 'create', '--module', softHsmModule, '--dry-run');
    expect(tried.out).toMatch(/Security token \(SAST\) of SAST-.*: added/);
    expect(tried.out).toMatch(/CCM certificate of 127.0.0.1: added/);
    expect(tried.out).toMatch(/TVS .* [0-9a-f]{64}\n/);
    expect(tried.out).toMatch(/Nothing was published/);
    expect((await run('ctl', 'create', '--module', softHsmModule)).error).toMatch(/nobody at a terminal to say yes/);
    expect((await ctl('create', '--pin', 'canary-90417')).error).toMatch(/never taken on the command line/);
    writeFileSync(join(scratch, 'wrong'), 'canary-11111\n', { mode: 0o600 });
    expect((await ctl('create', '--token', 'green', '--pin-file', join(scratch, 'wrong'))).error).toMatch(
      /PIN .* is wrong/,
    );
    expect((await client.trustServers()).published).toBeNull();
  });

  test('whose role does not allow it is told before a PIN is read, a key made or anything signed', async () => {
    const folder = join(scratch, 'vera');
    expect((await run('operator', 'add', 'vera', '--role', 'viewer', '--out', folder)).code).toBe(0);
    const { listeners } = await client.status();
    const from = [
      ...['--manager', `https://127.0.0.1:${listeners.find(({ transport }) => transport === 'https')?.port}`],
      ...['--certificate', join(folder, 'operator.crt.pem'), '--key', join(folder, 'operator.key.pem')],
      ...['--trust', join(folder, 'trust.pem'), '--pin-file', join(scratch, 'no-such-file')],
    ];
    const publishing = [['create'], ['update'], ['add-token'], ['remove-token', 'x'], ['rollback']] as const;
    for (const argv of [...publishing, ['set-cluster', 'mixed'], ['create', '--dry-run']] as const) {
      expect(await ctl(...argv, ...from)).toMatchObject({
        code: 1,
        out: '',
        error: expect.stringMatching(
          /needs the role trust-officer; vera is viewer\.\n {2}next: .* operator add NAME --role trust-officer/,
        ),
      });
    }
    const made = join(scratch, 'vera.token');
    expect((await run('token', 'init', '--software', made, ...from)).error).toMatch(/needs the role trust-officer/);
    expect(existsSync(made)).toBe(false);
    // What is only signed may be published by somebody else: here it fails for the PIN.
    const out = join(scratch, 'signed.tlv');
    expect((await ctl('create', '--out', out, ...from)).error).toMatch(/no-such-file/);
    expect((await run('operator', 'remove', 'vera')).code).toBe(0);
  });

  test('a token that is pulled out while it signs leaves the list that is published', async () => {
    faulty = hsm.buildFaultyModule();
    faulty.fault = 'removed';
    const pulled = await run('ctl', 'create', '--module', faulty.path, '--token', 'blue', '--yes');
    expect(pulled.code).toBe(1);
    expect(pulled.error).toMatch(/was removed while it signed/);
    expect((await client.trustServers()).published).toBeNull();
    faulty.fault = undefined;
  });

  test('ctl create enters mixed mode', async () => {
    const created = await ctl('create', '--token', 'blue');
    expect(created).toMatchObject({ code: 0 });
    expect(created.out).toMatch(
      /Published to all phones as number \d+. The list says mixed mode\.\nPhones take it when they next start; .*device reset --behind\n$/,
    );
    const status = (await run('trust', 'status')).out;
    expect(status).toMatch(/^mixed mode\n/);
    expect(status).not.toMatch(/No device is given keys/);
    expect(status).toMatch(/unknown +4 +SEP001122334401, /);
    const { published } = await client.trustServers();
    faulty.fault = 'removed';
    const pulled = await run('ctl', 'update', '--module', faulty.path, '--yes');
    expect(pulled).toMatchObject({ code: 1, error: expect.stringMatching(/was removed while it signed/) });
    faulty.fault = undefined;
    expect((await client.trustServers()).published).toBe(published);
    expect((await ctl('create')).error).toMatch(/has a CTL already.*\n {2}next: .*ctl update/);
    expect((await ctl('set-cluster', 'mixed')).error).toMatch(/says mixed mode already/);
    for (const phone of phones.slice(0, 3)) await boot(phone);
    expect((await run('trust', 'status')).out).toMatch(
      /up to date +3 .*\nbehind +0\nlocked +0\nunknown +1 +SEP001122334404\n/,
    );
    expect((await run('device', 'credentials', phones[0], '--out', join(scratch, 'credentials'))).code).toBe(0);
  });

  test('certificates are renewed, seen on their listeners, and put into the CTL', async () => {
    const dry = await run('pki', 'renew', 'callmanager-rsa', '--dry-run');
    expect(dry.out).toMatch(/3 ask TVS, which vouches for it: SEP001122334401, /);
    expect(dry.out).toMatch(/Nothing was changed/);
    for (const role of ['callmanager-rsa', 'callmanager-ecdsa', 'capf', 'tftp']) {
      const renewed = await run('pki', 'renew', role);
      expect(renewed, role).toMatchObject({ code: 0, error: '' });
      expect(renewed.out).toMatch(/seen on (SIP|CAPF|HTTPS) \d+ by connecting to it.\nNext: .*ctl update\n$/);
      const lagging = await run('trust', 'status');
      expect(lagging).toMatchObject({ code: 1, out: expect.stringMatching(/lags behind.*\n {2}(CCM|CAPF|TFTP) CN=/) });
      expect(lagging.out).toContain('next: Sign a list of the present certificates');
      for (const how of [[], ['--dry-run']]) {
        const again = await run('pki', 'renew', role, ...how);
        expect(again).toMatchObject({ code: 1, error: expect.stringMatching(/is not in the published CTL yet/) });
        expect(again.error).toMatch(/\n {2}next: .*trustline ctl update/);
      }
      const updated = await ctl('update');
      expect(updated.out, role).toMatch(/certificate of 127.0.0.1: replaced/);
      expect(updated.out).toMatch(/3 take it, knowing who signed/);
      const status = await run('trust', 'status', '--json');
      expect([status.code, JSON.parse(status.out).unlisted]).toEqual([0, []]);
      for (const phone of phones.slice(0, 3)) await boot(phone);
    }
    expect(JSON.stringify(await allEvents())).toMatch(/The certificate of callmanager-rsa was renewed: .*shown on SIP/);
    expect(await stateOf(phones[0])).toBe('up-to-date');
  });

  test('nobody vouches for TVS: its next certificate is shown after the phones have lists that hold it', async () => {
    const staged = await run('pki', 'renew', 'tvs');
    expect(staged.code).toBe(1);
    expect(staged.out).toMatch(/3 would refuse it: SEP001122334401, /);
    expect(staged.out).toMatch(/NOT shown yet.*\nNext: The ITL holds both certificates now/);
    for (const phone of phones.slice(0, 2)) await boot(phone);
    expect((await run('pki', 'renew', 'tvs')).out).toMatch(
      /2 know it from their lists.\n {2}1 would refuse it: SEP001122334403/,
    );
    await boot(phones[2]);
    const renewed = await run('pki', 'renew', 'tvs');
    expect(renewed).toMatchObject({ code: 0 });
    expect(renewed.out).toMatch(
      /3 know it from their lists.\n.*None would refuse it.\nIt is shown now, seen on TVS \d+ by connecting to it/,
    );
    expect((await ctl('update')).code).toBe(0);
    for (const phone of phones.slice(0, 3)) await boot(phone);
    expect(await stateOf(phones[2])).toBe('up-to-date');
  });

  test('tokens come and go, and one that phones do not know signs nothing', async () => {
    expect((await ctl('remove-token', 'green')).error).toMatch(/Without green only SAST-.* would stand/);
    expect((await ctl('add-token')).error).toMatch(/stands in the published list already/);
    expect((await ctl('add-token', 'red')).error).toMatch(
      /The token red is here, and has no certificate of this cluster yet\.\n {2}next: .*trustline token init --token red/,
    );
    expect((await run('token', 'init', '--module', softHsmModule, '--token', 'red')).code).toBe(0);
    const unknown = await ctl('add-token', 'red', '--token', 'red');
    expect(unknown.error).toMatch(
      /may not sign this list: phones do not know it.*\n {2}next: Sign with one of these: CN=SAST-/,
    );
    const pem = await run('token', 'show', '--module', softHsmModule, '--token', 'red', '--pem');
    writeFileSync(join(scratch, 'red.pem'), pem.out);
    const added = await ctl('add-token', '--token-certificate', join(scratch, 'red.pem'));
    expect(added.out).toMatch(/Security token \(SAST\) of SAST-.*: added/);
    for (const phone of phones.slice(0, 3)) await boot(phone);
    expect((await ctl('remove-token', 'purple')).error).toMatch(/There is no token purple among SAST-/);
    // Blue is lost: another that phones know signs without it.
    const removed = await ctl('remove-token', 'blue', '--token', 'green');
    expect(removed.out).toMatch(/Security token \(SAST\) of SAST-.*: removed/);
    for (const phone of phones.slice(0, 3)) await boot(phone);
    expect((await ctl('update', '--token', 'purple')).error).toMatch(
      /no token purple of this cluster here\.\n {2}next: Sign with one of these: CN=SAST-\S+ .*\(here\)/,
    );
    expect((await ctl('update', '--token', 'blue')).error).toMatch(/may not sign this list: it is not in the list/);
  });

  test('a wave first, then everybody', async () => {
    const before = await fetched(phones[1]);
    const waved = await ctl('update', '--token', 'green', '--wave', phones[0]);
    expect(waved.out).toMatch(
      /Published to 1 of them \(SEP001122334401\).*\nWhen they are back: trustline ctl wave complete\n$/,
    );
    expect((await run('trust', 'status')).out).toMatch(
      /for a wave of 1: SEP001122334401, .*\n {2}0 of 1 are back, not yet: SEP001122334401\n/,
    );
    expect(await run('ctl', 'wave', 'status')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/wave of 1: 0 back.\n.*\nSEP001122334401 +was not given it yet\nNot back: SEP/),
    });
    const first = await fetched(phones[0]);
    expect(first.header.timestamp).toBeGreaterThan(before.header.timestamp ?? 0);
    expect((await fetched(phones[1])).header.timestamp).toBe(before.header.timestamp);
    const each = (await run('trust', 'status', '--phones')).out;
    expect(each).toMatch(/SEP001122334401: a list was given in this name, and the phone was not seen since/);
    expect(each).toMatch(/SEP001122334401 +behind +holds CTL number \d+ since .* UTC, seen at 127.0.0.1\n/);
    expect(each).toMatch(/\n +was given CTL number \d+ at .* UTC, to 127.0.0.1\n/);
    expect(each).toMatch(/SEP001122334404 +unknown +holds nothing that is known\n/);
    expect((await ctl('wave', 'complete')).code).toBe(2); // --module belongs to what signs
    const early = await run('ctl', 'wave', 'complete');
    expect(early.error).toMatch(/1 of the 1 phones .* not known to hold its list: SEP001122334401\.\n {2}next: Watch/);
    expect((await run('ctl', 'wave', 'complete', '--without', phones[0])).error).toMatch(/nobody says why/);
    const watched = run('ctl', 'wave', 'status', '--follow');
    await boot(phones[0]);
    expect(await watched).toMatchObject({
      code: 0,
      out: expect.stringMatching(/SEP001122334401 holds it since .*seen at 127.0.0.1 \(1 of 1\)\nAll of them are back/),
    });
    expect((await run('ctl', 'wave', 'status')).out).toMatch(/wave of 1: 1 back/);
    expect((await run('ctl', 'wave', 'complete')).out).toMatch(/is that of all phones now/);
    expect((await fetched(phones[1])).header.timestamp).toBe(first.header.timestamp);
    expect((await run('ctl', 'wave', 'complete')).error).toMatch(/No CTL is published to a wave/);
    expect((await run('ctl', 'wave', 'status', '--follow')).error).toMatch(/No CTL is published to a wave/);
    expect((await ctl('update', '--follow')).error).toMatch(/none was asked for/);
    await ctl('update', '--wave', phones[1]);
    const given = await run('ctl', 'wave', 'complete', '--without', phones[1], '--reason', 'struck by lightning');
    expect(given).toMatchObject({ code: 0, error: '' });
    expect(JSON.stringify(await allEvents())).toMatch(/without waiting for SEP001122334402.*struck by lightning/);
    const share = await ctl('update', '--wave', '50%', '--dry-run');
    expect(share).toMatchObject({ code: 0 });
    expect((await ctl('update', '--wave', 'SEP00000000FFFF')).error).toMatch(/no phone SEP00000000FFFF/);
  });

  test('rollback signs what an earlier list said anew, so that phones take it', async () => {
    expect((await ctl('set-cluster', 'non-secure')).out).toMatch(/The list says non-secure mode/);
    for (const phone of phones.slice(0, 3)) await boot(phone);
    expect((await run('status')).out).toMatch(/non-secure mode\n {2}No device is given keys: the CTL says/);
    const back = await ctl('rollback');
    expect(back.out).toMatch(/3 take it, knowing who signed/);
    expect(back.out).toMatch(/The list says mixed mode/);
    for (const phone of phones.slice(0, 3)) await boot(phone);
    expect(await stateOf(phones[2])).toBe('up-to-date');
    expect((await ctl('rollback', '--to', '1')).error).toMatch(/List 1 is an ITL/);
    expect((await ctl('rollback', '--to', '999')).error).toMatch(/There is no trust list 999/);
  });

  test('in a non-secure cluster a device is not let in by TLS, whatever certificate it has; then it is again', async () => {
    const { proof, trustBundlePem } = await client.deviceCredentials(phones[0]);
    const { listeners } = await client.status();
    const port = listeners.find(({ transport }) => transport === 'tls')?.port ?? 0;
    if (proof.kind !== 'certificate') throw new Error('no certificate was given');
    const shown = { ca: trustBundlePem, cert: proof.certificatePem, key: proof.privateKeyPem };
    const options =
      'OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKa\r\nMax-Forwards: 70\r\nFrom: <sip:1001@127.0.0.1>;tag=a\r\nTo: <sip:127.0.0.1>\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n';
    const answered = () =>
      new Promise<string>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, ...shown }, () => socket.write(options));
        socket.once('data', (data) => {
          socket.destroy();
          resolve(String(data));
        });
        socket.once('error', () => resolve(''));
        socket.once('close', () => resolve(''));
      });
    expect(await answered()).toMatch(/^SIP\/2.0 \d{3} /);
    expect((await ctl('set-cluster', 'non-secure')).code).toBe(0);
    expect(await answered()).toBe('');
    expect(JSON.stringify(await allEvents())).toMatch(/the cluster is non-secure, and SEP001122334401 may not use TLS/);
    expect((await ctl('set-cluster', 'mixed')).code).toBe(0);
    expect(await answered()).toMatch(/^SIP\/2.0 \d{3} /);
  });

  test('a phone that first comes to a cluster which left mixed mode is not locked out', async () => {
    expect((await ctl('set-cluster', 'non-secure')).code).toBe(0);
    await boot(phones[3]);
    expect(await stateOf(phones[3])).toBe('up-to-date');
    expect((await ctl('set-cluster', 'mixed')).out).toMatch(/The list says mixed mode/);
    for (const phone of phones) await boot(phone);
    expect((await run('trust', 'status')).out).toMatch(/up to date +4 /);
  });

  test('a list is signed here and published there, and an old one is refused', async () => {
    const file = join(scratch, 'CTLFile.tlv');
    const written = await run('ctl', 'update', '--module', softHsmModule, '--out', file, '--digest', 'SHA-1');
    expect(written.out).toMatch(/Signed, and written to .*CTLFile.tlv; nothing is published/);
    expect((await run('ctl', 'verify', file)).out).toMatch(/signature with SHA-1/);
    expect((await ctl('update', '--out', file)).error).toMatch(/exists already/);
    const published = await run('ctl', 'publish', file, '--yes', '--json');
    expect(JSON.parse(published.out)).toMatchObject({ problems: [], securityMode: 'mixed' });
    const again = await run('ctl', 'publish', file, '--yes');
    expect(again).toMatchObject({ code: 1, error: expect.stringMatching(/not newer than the one published/) });
  });

  test('from elsewhere by HTTPS, with a trust officer’s certificate and no other', async () => {
    const { listeners } = await client.status();
    const port = listeners.find(({ transport }) => transport === 'https')?.port;
    const as = (name: string) => [
      ...['--manager', `https://127.0.0.1:${port}`, '--certificate', join(scratch, name, 'operator.crt.pem')],
      ...['--key', join(scratch, name, 'operator.key.pem'), '--trust', join(scratch, name, 'trust.pem')],
    ];
    for (const [name, role] of [
      ['ada', 'trust-officer'],
      ['bob', 'operator'],
    ] as const) {
      expect((await run('operator', 'add', name, '--role', role, '--out', join(scratch, name))).code).toBe(0);
    }
    expect((await ctl('update', ...as('bob'))).error).toMatch(/trust-officer/);
    expect((await ctl('update', ...as('ada'), '--reason', 'yearly')).out).toMatch(/Published to all phones/);
    expect(JSON.stringify(await allEvents())).toMatch(/A CTL signed by .*operator.*ada|ada.*yearly|yearly.*ada/);
  });

  test('lost both tokens: recovery, by the word of TVS', async () => {
    for (const phone of phones.slice(0, 3)) await boot(phone);
    for (const name of ['white', 'black']) {
      expect((await run('token', 'init', '--software', join(scratch, `${name}.token`))).code).toBe(0);
    }
    const software = ['white', 'black'].flatMap((name) => ['--software', join(scratch, `${name}.token`)]);
    const refused = await run('ctl', 'update', ...software, '--yes');
    expect(refused.error).toMatch(/No token that may sign this list is here.*\n {2}next: .*ctl create --recovery/);
    for (const more of [[], ['--dry-run']]) {
      const needless = await ctl('create', '--recovery', ...software, '--token', 'white', ...more);
      expect(needless.code).toBe(1);
      expect(needless.error).toMatch(
        /This is no recovery: .*SAST-.* not lost.\n {2}next: .*without --recovery: .*ctl update/,
      );
    }
    const recovered = await run('ctl', 'create', '--recovery', ...software, '--yes');
    expect(recovered.out).toMatch(/4 take it because TVS vouches for the signer/);
    expect(recovered.out).toMatch(/LAB SOFTWARE TOKEN/);
    expect(recovered.code).toBe(0);
    expect(JSON.stringify(await allEvents())).toMatch(
      /in recovery \(an operator says that no token of the list before is left\)/,
    );
    for (const phone of phones) await boot(phone);
    expect((await run('trust', 'status', '--json')).out).toContain('"state": "up-to-date"');
    expect((await run('trust', 'status')).out).toMatch(/up to date +4 /);
  });

  test('enrolments are opened, listed, unlocked and taken back', async () => {
    const opened = await run('enrolment', 'open', phones[0], '--by', 'string');
    expect(opened.out).toMatch(
      /^SEP001122334401 may install its certificate once, by string.\nAuthentication string: \d+ \(shown once\)\n$/,
    );
    writeFileSync(join(scratch, 'string'), `${own}\n`, { mode: 0o600 });
    const brought = await run(
      'enrolment',
      'open',
      phones[1],
      '--by',
      'string',
      '--string-file',
      join(scratch, 'string'),
    );
    expect(brought).toMatchObject({ code: 0, out: 'SEP001122334402 may install its certificate once, by string.\n' });
    expect((await run('enrolment', 'open', phones[2], '--by', 'nothing')).error).toMatch(/needs its length in minutes/);
    expect(
      (await run('enrolment', 'open', phones[2], '--by', 'nothing', '--minutes', '5', '--key-kind', 'EC-P-256')).code,
    ).toBe(0);
    expect((await run('enrolment', 'open', phones[3], '--by', 'certificate', '--json')).out).toContain('"LSC"');
    expect((await run('enrolment', 'list')).out).toMatch(/SEP001122334404 +install +LSC or MIC +open/);
    expect((await run('enrolment', 'unlock', phones[0])).error).toMatch(/is not locked/);
    expect((await run('enrolment', 'cancel', phones[0])).out).toBe('SEP001122334401 may not enrol any more.\n');
    expect((await run('enrolment', 'cancel', phones[0])).error).toMatch(/No enrolment of SEP001122334401 is pending/);
    expect((await run('enrolment', 'list', '--json')).out).not.toContain(phones[0]);
  });

  test('neither PIN nor authentication string is in what was said, an event or a file of the manager', async () => {
    said.push(JSON.stringify(await allEvents()));
    for await (const line of client.exportRecords()) said.push(line);
    expect(said.join('')).toContain('trust-list-published');
    manager.kill('SIGTERM');
    await once(manager, 'exit');
    for (const secret of [pin, 'canary-11111', own]) {
      expect(said.join('')).not.toContain(secret);
      for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        // A string that is pending must outlive a restart: it is in the store, and nowhere else.
        if (secret === own && entry.name.startsWith('trustline.sqlite')) continue;
        expect(readFileSync(join(entry.parentPath, entry.name)).includes(secret), entry.name).toBe(false);
      }
    }
  });

  async function allEvents(): Promise<unknown[]> {
    const events: unknown[] = [];
    for await (const event of client.events({ limit: 1_000 })) events.push(event);
    return events;
  }
});

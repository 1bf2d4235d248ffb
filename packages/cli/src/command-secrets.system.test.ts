import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Redacted } from '@trustline/base';
import { ManagerClient } from '@trustline/manager/node';
import { artefactFolder, eventually, missingPrograms } from '@trustline/testing/node';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OutsideAuthority } from './outside-authority.fixture.ts';
import { createProgram, runCommandLine } from './program.ts';
import { filesUnder, type SecretPlace, SecretScan } from './secret-scan.fixture.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const folder = artefactFolder('cli-command-secrets');
const data = join(folder, 'data');
const document = join(folder, 'trustline.yaml');
const client = new ManagerClient({ kind: 'socket', path: join(data, 'api.sock') });
const settings = [
  'listeners=[{transport: tls, host: 127.0.0.1, port: 0}, {transport: tcp, host: 127.0.0.1, port: 0}]',
  'api.metrics.port=0',
  'api.https={host: 127.0.0.1, port: 0}',
  'provisioning.host=127.0.0.1',
  ...['tftp', 'http', 'https', 'capf', 'tvs'].map((service) => `provisioning.${service}Port=0`),
  'alarms.webhook={url: "http://127.0.0.1:9/", authorizationFile: given/authorization}',
  'log.level=debug',
];

/** What is given to the commands. Each is looked for in everything that they and the manager say and write. */
const canaries = {
  'the passphrase of the keys': 'canary of the keys on the disk',
  'the passphrase of a backup': 'canary of a backup, four words',
  'a wrong passphrase of a backup': 'canary of nothing at all, four words',
  'the PIN of blue': 'canary-blue-90417',
  'the PIN of green': 'canary-green-55123',
  'the PIN of red': 'canary-red-31870',
  'a wrong PIN': 'canary-wrong-11111',
  'a PIN on the command line': 'canary-argv-22222',
  'an authentication string': '5551202777318094',
  'a wrong authentication string': '9990004441112223',
  'what the webhook is sent': 'Bearer canary-of-the-webhook',
} as const;

/** Files whose purpose is to hold a secret: what the commands were given, and what they were asked to write. */
const places: readonly SecretPlace[] = [
  { file: /^given\//, mayHold: /./ },
  { file: /^outside\//, mayHold: /^a key of outside/ },
  { file: /\/operator\.key\.pem$/, mayHold: /^a key of ada/ },
  { file: /^ipsec-gw1\/gateway\.key\.pem$/, mayHold: /^a key of ipsec-gw1/ },
  { file: /\/mic\.key\.pem$/, mayHold: /^a key of (mic|phone-1003)/ },
  { file: /^credentials-1005\/device(\.key)?\.pem$/, mayHold: /^a key of credentials-1005/ },
  { file: /^credentials-1006\/accounts$/, mayHold: /^the digest password of 1006, its second/ },
  { file: /^(phone-\d+|fleet\/SEP[0-9A-F]+)\/state\.json$/, mayHold: /^a key of (phone-|fleet|mic)/ },
];

/**
 * Commands that touch no secret of anybody. Every other command has to be run below: whoever adds one runs it here, with a
 * canary wherever it takes or makes a secret.
 */
const withoutSecrets: Readonly<Record<string, string>> = {
  demo: 'it takes none; its manager and phones, with their keys, are made and gone within it',
  'gateway run': 'it asks no manager; that the password of a carrier is not shown is tested where it is run',
  'gateway call': 'it asks a gateway of ours for a call from a simulated network, which has no keys',
  'audit explain': 'it prints the catalogue',
  'audit diff': 'it compares reports, which hold no secret but what the auditor had revealed in them',
  'audit schema': 'it prints how a report is built',
  'trunk test': 'it asks a carrier whether it is there, and tells it nothing',
  'gateway config check': 'the document names files of secrets and holds none',
  'gateway config reference': 'it takes none',
};

const scan = new SecretScan();
const ran = new Set<string>();
let manager: ChildProcess;

interface Given {
  readonly environment?: Readonly<Record<string, string>>;
  /** What a person types at the prompts, one after the other. */
  readonly typed?: readonly string[];
}

/** Every command that can be run, as it is typed. */
function commandsOf(command: Command, before: readonly string[] = []): readonly string[] {
  if (command.commands.length === 0) return [before.join(' ')];
  return command.commands.flatMap((child) => commandsOf(child, [...before, child.name()]));
}
const commands = commandsOf(await createProgram({ out: () => {}, error: () => {}, environment: {}, exitCode: 0 }));

/** The command of a command line, noted as run. */
function noted(argv: readonly string[]): string {
  const line = `${argv.join(' ')} `;
  const [command = ''] = commands.filter((one) => line.startsWith(`${one} `)).sort((a, b) => b.length - a.length);
  ran.add(command);
  return command;
}

/** Runs one in this process; what it says is scanned. */
async function run(argv: readonly string[], { environment = {}, typed = [] }: Given = {}) {
  const prompts = [...typed];
  let [out, error] = ['', ''];
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
    environment,
    askSecret: async () => new Redacted(prompts.shift() ?? ''),
    exitCode: 0,
  };
  const code = await runCommandLine([...argv, '--config', document, '--set', 'log.level=debug'], terminal);
  const said = { code, out, error, prompts };
  scan.say(`trustline ${noted(argv)}`, out + error);
  return said;
}

/** As {@link run}, of one that has to work; returns what it said. */
async function done(argv: readonly string[], given: Given = {}): Promise<string> {
  const { code, out, error, prompts } = await run(argv, given);
  expect({ argv, code, error, prompts }).toEqual({ argv, code: 0, error: '', prompts: [] });
  return out;
}

/** As {@link done}, of one that shows a secret once: that is found, scanned for from then on, and taken out of what was said. */
async function shown(what: string, pattern: RegExp, argv: readonly string[]): Promise<string> {
  const where = `trustline ${noted(argv)}`;
  const before = scan.said.get(where) ?? '';
  const out = await done(argv);
  const secret = pattern.exec(out)?.[1] ?? '';
  expect(out.split(secret)).toHaveLength(2);
  scan.said.set(where, before + out.replace(secret, ''));
  scan.plant(what, secret);
  return secret;
}

/** As {@link run}, of one that has to be refused, with these words. */
async function refused(words: RegExp, argv: readonly string[], given: Given = {}): Promise<void> {
  const { code, error } = await run(argv, given);
  expect({ argv, code, error }).toEqual({ argv, code: expect.any(Number), error: expect.stringMatching(words) });
  expect(code).not.toBe(0);
}

/** Starts the program as a process, until it has said something; what it says is scanned. */
async function startProcess(argv: readonly string[], until: string, environment = {}): Promise<ChildProcess> {
  const command = noted(argv);
  const child = spawn(process.execPath, [main, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...environment,
    },
  });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${scan.said.get(command)}`)));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      scan.say(command, text);
      if (scan.said.get(command)?.includes(until)) resolve();
    });
  }
  await ready;
  return child;
}

/** A file with one line, readable by its owner alone. */
function given(name: string, line: string): string {
  const path = join(folder, 'given', name);
  writeFileSync(path, `${line}\n`, { mode: 0o600 });
  return path;
}

/** The keys in this file are secrets from now on, called after its folder; there is one at least. */
function plantKeysOf(name: string, passphrase?: string): void {
  const [owner = name] = name.split('/');
  const count = scan.plantKeysOf(`a key of ${owner}, ${name}`, readFileSync(join(folder, name), 'utf8'), passphrase);
  expect([name, count > 0]).toEqual([name, true]);
}

async function placeOfFiles(): Promise<readonly string[]> {
  const { provisioning } = await client.status();
  const port = (service: string) => String(provisioning.find((one) => one.service === service)?.port);
  return ['--tftp', `127.0.0.1:${port('TFTP')}`, '--http-port', port('HTTP')];
}

const blue = canaries['the PIN of blue'];
const software = ['blue', 'green', 'red'].map((name) => ['--software', join(folder, `${name}.token`)]);
const tokens = [...software.flat(), '--yes'];
/** The authentication string that a phone is told, and a MAC address for each phone. */
const macOf = (line: string) => `02000000${line}`;

beforeAll(() => {
  mkdirSync(join(folder, 'given'), { recursive: true });
  for (const [what, text] of Object.entries(canaries)) scan.plant(what, text);
  given('authorization', canaries['what the webhook is sent']);
});
afterAll(async () => {
  if (manager !== undefined && manager.exitCode === null && manager.kill('SIGKILL')) await once(manager, 'exit');
});

/** Each goes on from where the one before left the cluster. */
describe.skipIf(missingPrograms('openssl'))('everything at debug level, with a canary for each secret:', () => {
  test('a cluster whose keys have a passphrase', async () => {
    const environment = { TRUSTLINE_PASSPHRASE: canaries['the passphrase of the keys'] };
    await done(['init', '--data', data, '--name', 'example', '--host', '127.0.0.1'], { environment });
    await done(['config', 'check', document]);
    const flags = settings.flatMap((setting) => ['--set', setting]);
    manager = await startProcess(['start', '--config', document, ...flags], 'Ctrl-C stops it.', environment);
    for (const path of filesUnder(join(data, 'pki'))) {
      if (readFileSync(path, 'utf8').includes('PRIVATE KEY'))
        plantKeysOf(relative(folder, path), canaries['the passphrase of the keys']);
    }
    expect(scan.size).toBeGreaterThan(Object.keys(canaries).length + 5);
  });

  test('security tokens, whose PINs come by prompt, file and environment', async () => {
    const init = (name: string) => ['token', 'init', '--software', join(folder, `${name}.token`)];
    await refused(/the two PINs differ/i, init('blue'), { typed: [blue, canaries['a wrong PIN']] });
    await done(init('blue'), { typed: [blue, blue] });
    await done([...init('green'), '--pin-file', given('green', canaries['the PIN of green'])]);
    await done(init('red'), { environment: { TRUSTLINE_TOKEN_PIN: canaries['the PIN of red'] } });
    await refused(/never taken on the command line/, [
      ...init('other'),
      '--pin',
      canaries['a PIN on the command line'],
    ]);
    const show = ['token', 'show', '--software', join(folder, 'blue.token'), '--prove'];
    await refused(/PIN does not open/, show, { typed: [canaries['a wrong PIN']] });
    await done(show, { typed: [blue] });
    await done(['token', 'list', '--software', join(folder, 'blue.token'), '--json']);
  });

  test('certificates of an outside authority, and keys where none belong', async () => {
    const outside = new OutsideAuthority(join(folder, 'outside'), 'Outside');
    const { certificatePem, keyPem } = outside.issue('/CN=SEP020000001007', ['extendedKeyUsage=clientAuth']);
    for (const name of ['outside/root.key', 'outside/intermediate.key']) plantKeysOf(name);
    scan.plantKeysOf('a key of outside, of a phone', keyPem);
    const chain = join(folder, 'outside', 'chain.pem');
    writeFileSync(chain, outside.sign(await done(['pki', 'csr', 'operator-ca'])) + outside.intermediatePem);
    const roots = ['--roots', outside.rootFile];
    await done(['pki', 'import', 'operator-ca', '--chain', chain, ...roots]);
    const withKey = given('certificate-and-key.pem', keyPem + certificatePem);
    for (const argv of [
      ['pki', 'import', 'callmanager-rsa', '--chain', withKey, '--roots', withKey],
      ['device', 'pin', 'SEP020000001007', '--chain', withKey, '--roots', withKey],
      ['pki', 'revoke', given('key.pem', keyPem)],
      ['pki', 'crl-import', withKey],
      ['pki', 'manufacturer', 'import', withKey],
      ['pki', 'manufacturer', 'remove', 'ffff'],
      ['pki', 'lsc-authority', 'import', given('authority-key.pem', keyPem)],
      ['pki', 'lsc-authority', 'remove', 'ffff'],
      ['capf', 'csr', 'SEP020000001007'],
    ]) {
      await refused(/^trustline: /, argv);
    }
    await refused(/\ntrustline: /, ['capf', 'import', withKey]);
    await done(['pki', 'lsc-authority', 'import', outside.rootFile]);
    await done(['pki', 'lsc-authority', 'list']);
    await done(['pki', 'manufacturer', 'list']);
    await done(['pki', 'manufacturer', 'renew']);
    const { manufacturers } = await client.manufacturers();
    await done(['pki', 'manufacturer', 'export', manufacturers.at(-1)?.fingerprint ?? '']);
    await done(['pki', 'renew', 'capf']);
    await done(['pki', 'crl', 'capf-ca', '--out', join(folder, 'capf-ca.crl')]);
  });

  test('the certificate of a gateway for IPsec, with its key', async () => {
    const out = ['--out', join(folder, 'ipsec-gw1')];
    await done(['ipsec', 'certificate', 'gw1', '--address', '192.0.2.2', '--host', 'gw1.example.org', ...out]);
    plantKeysOf('ipsec-gw1/gateway.key.pem');
    for (const argv of [['status'], ['explain', 'gw1'], ['check', 'gw1']]) {
      await refused(/IPsec is not enabled here/, ['ipsec', ...argv]);
    }
    await refused(/There is no group nobody-has-it/, ['ipsec', 'helper', '--set', 'ipsec.group=nobody-has-it']);
  });

  test('trust lists, signed by each way to give a PIN', async () => {
    await refused(/PIN does not open/, ['ctl', 'create', ...tokens, '--token', 'blue'], {
      typed: [canaries['a wrong PIN']],
    });
    await done(['ctl', 'create', ...tokens, '--token', 'blue'], { typed: [blue] });
    await done(['ctl', 'update', ...tokens, '--token', 'green', '--pin-file', join(folder, 'given', 'green')]);
    const byEnvironment = { environment: { TRUSTLINE_TOKEN_PIN: blue } };
    const byBlue = [...tokens, '--token', 'blue'];
    await done(['ctl', 'remove-token', 'red', ...byBlue], byEnvironment);
    await done(['ctl', 'add-token', 'red', ...byBlue], byEnvironment);
    await done(['ctl', 'set-cluster', 'non-secure', ...byBlue], byEnvironment);
    await done(['ctl', 'rollback', ...byBlue], byEnvironment);
    const list = join(folder, 'signed.tlv');
    await done(['ctl', 'update', ...byBlue, '--out', list], byEnvironment);
    await done(['ctl', 'publish', list, '--yes']);
    await done(['ctl', 'show', list]);
    await done(['ctl', 'verify', list]);
    await done(['ctl', 'diff', list, list]);
    await done(['trust', 'sign-itl']);
    await done(['trust', 'status']);
  });

  test('phones: digits typed, in a file, wrong and right, a MIC, a password', async () => {
    const here = await placeOfFiles();
    const boot = (line: string, ...words: string[]) => {
      const state = ['--state', join(folder, `phone-${line}`)];
      return ['phone', 'boot', ...here, '--once', '--mac', macOf(line), ...state, ...words];
    };
    for (const line of ['1001', '1002', '1003', '1005'])
      await done(['device', 'add', `SEP${macOf(line)}`, '--line', line]);
    const open = (line: string, ...words: string[]) => [
      'enrolment',
      'open',
      `SEP${macOf(line)}`,
      '--key-kind',
      'EC-P-256',
      ...words,
    ];

    const digits = given('digits', canaries['an authentication string']);
    await done(open('1001', '--by', 'string', '--string-file', digits));
    await refused(/^trustline: /, open('1001', '--by', 'string', '--string-file', given('no-digits', `${blue}x`)));
    const wrong = { typed: [canaries['a wrong authentication string']] };
    await refused(/declined/, boot('1001', '--authentication-string'), wrong);
    await done(boot('1001', '--authentication-string-file', digits));
    const made = await shown('the digits that were made', /string: (\d+) /, open('1002', '--by', 'string'));
    await done(boot('1002', '--authentication-string', '--json'), { typed: [made] });
    await done(['phone', 'mic', `SEP${macOf('1003')}`, '--out', join(folder, 'mic')]);
    plantKeysOf('mic/mic.key.pem');
    await done(open('1003', '--by', 'mic'));
    await done(['enrolment', 'list']);
    await done(['enrolment', 'cancel', `SEP${macOf('1003')}`]);
    await refused(/not locked|no enrolment|nothing/i, ['enrolment', 'unlock', `SEP${macOf('1003')}`]);
    await done(open('1003', '--by', 'mic'));
    await done(boot('1003', '--mic', join(folder, 'mic')));
    for (const line of ['1001', '1002', '1003']) plantKeysOf(`phone-${line}/state.json`);

    const add = (line: string) => ['device', 'add', `SEP${macOf(line)}`, '--line', line, '--security', 'non-secure'];
    const password = await shown('the digest password of 1004', /password (\S+) /, add('1004'));
    await done(boot('1004', '--password-file', given('password', password)));
    await shown('the digest password of 1006', /password (\S+) /, add('1006'));
    const trunk = ['trunk', 'add', 'carrier', '--server', '127.0.0.1:9', '--transport', 'udp'];
    await shown('the digest password of a carrier', /password (\S+) /, trunk);
    const credentials = (line: string) => [
      'device',
      'credentials',
      `SEP${macOf(line)}`,
      '--out',
      join(folder, `credentials-${line}`),
    ];
    await shown('the PKCS#12 password of 1005', /p12: (\S+) /, credentials('1005'));
    plantKeysOf('credentials-1005/device.key.pem');
    await done(credentials('1006'));
    const second = /auth_pass=([^;\s]+)/.exec(readFileSync(join(folder, 'credentials-1006', 'accounts'), 'utf8'))?.[1];
    scan.plant('the digest password of 1006, its second', second ?? '');
    expect(second?.length).toBeGreaterThan(10);
    const fleet = ['phone', 'fleet', '2', ...here, '--states', join(folder, 'fleet'), '--prepare', '--by', 'string'];
    await done(fleet);
    for (const device of ['SEP020000000000', 'SEP020000000001']) plantKeysOf(`fleet/${device}/state.json`);
  });

  test('a call, and phones that wait for one', async () => {
    const state = (line: string) => ['--state', join(folder, `phone-${line}`), '--duration', '1', '--json'];
    const answering = done(['phone', 'answer', ...state('1002')]);
    await eventually('1002 is registered', async () =>
      (await client.devices()).devices.some(
        ({ lines, registrations }) => lines[0]?.number === '1002' && registrations.some((one) => one.remoteAddress),
      ),
    );
    const trace = ['sip', 'trace', '--device', `SEP${macOf('1002')}`, '--decrypted', '--reason', 'a look', '--json'];
    const watching = startProcess([...trace, '--config', document], 'INVITE 1002');
    await eventually('somebody watches', async () => (await done(['events'])).includes('signalling-traced'));
    await done(['phone', 'call', '1002', ...state('1001'), '--capture', join(folder, 'call.pcapng')]);
    await answering;
    const watch = await watching;
    watch.kill('SIGINT');
    await once(watch, 'close');
    const [ended] = (await client.calls()).ended;
    await done(['call', ended?.call ?? '']);
    const waiting = ['phone', 'run', '--credentials', join(folder, 'credentials-1005'), '--json'];
    const phone = await startProcess(waiting, 'registered');
    phone.kill('SIGINT');
    await once(phone, 'close');
    await done(['calls']);
  });

  test('a wave of a list, and devices that go', async () => {
    const wave = [...tokens, '--token', 'blue', '--wave', `SEP${macOf('1001')}`];
    await done(['ctl', 'update', ...wave], { typed: [blue] });
    await done(['phone', 'boot', '--state', join(folder, 'phone-1001'), '--once']);
    await done(['ctl', 'wave', 'status', '--follow']);
    await done(['ctl', 'wave', 'status']);
    await done(['ctl', 'wave', 'complete']);
    await done(['device', 'reset', '--behind']);
    await done(['devices']);
    await done(['device', 'list', '--json']);
    await done(['line', 'forward', '1001', '--always', '1002']);
    await done(['line', 'limit', '1001', '--busy-from', '1']);
    await done(['line', 'message-waiting', '1001', '--new', '2']);
    await done(['line', 'list']);
    await done(['gateway', 'add', 'gw1', '--address', '127.0.0.9', '--no-tunnelling', '--codec', 'g711Alaw64k']);
    await done(['gateway', 'show', 'gw1']);
    await done(['gateway', 'list']);
    await done(['gateway', 'remove', 'gw1']);
    await done(['device', 'remove', `SEP${macOf('1003')}`]);
  });

  test('an operator, who asks from elsewhere', async () => {
    await done(['operator', 'add', 'ada', '--role', 'trust-officer', '--out', join(folder, 'ada')]);
    plantKeysOf('ada/operator.key.pem');
    const { listeners } = await client.status();
    const port = listeners.find(({ transport }) => transport === 'https')?.port;
    const file = (name: string) => join(folder, 'ada', name);
    const keys = ['--certificate', file('operator.crt.pem'), '--key', file('operator.key.pem')];
    const from = ['--manager', `https://127.0.0.1:${port}`, ...keys, '--trust', file('trust.pem')];
    await done(['status', ...from]);
    await done(['pki', 'status', ...from]);
    await done(['operator', 'list', ...from]);
    await done(['operator', 'remove', 'ada', '--reason', 'left']);
    await refused(/^trustline: /, ['status', ...from]);
    await refused(/^trustline: /, ['status', ...from.slice(0, -1), file('operator.key.pem')]);
  });

  test('a backup, whose passphrase comes by prompt, file and environment, and is wrong', async () => {
    const passphrase = canaries['the passphrase of a backup'];
    const wrong = canaries['a wrong passphrase of a backup'];
    const to = (name: string) => ['backup', '--out', join(folder, name)];
    await refused(/differ/, to('a.backup'), { typed: [passphrase, wrong] });
    await done(to('a.backup'), { typed: [passphrase, passphrase] });
    await done([...to('b.backup'), '--passphrase-file', given('backup', passphrase)]);
    const environment = { TRUSTLINE_BACKUP_PASSPHRASE: passphrase };
    await done([...to('c.backup'), '--json'], { environment });
    const restore = ['restore', join(folder, 'a.backup'), '--data-folder', join(folder, 'restored')];
    await refused(/passphrase/, restore, { typed: [wrong] });
    await done(restore, { environment });
  });

  test('what is told of all that', async () => {
    await run(['alarms', 'test']); // nobody listens where it is sent
    await done(['events', '--limit', '1000', '--json']);
    await done(['config', 'show']);
    await done(['config', 'show', '--running']);
    await done(['config', 'reference']);
    const exported = join(folder, 'records.jsonl');
    await done(['records', 'export', '--out', exported]);
    await done(['records', 'verify', exported]);
    await done(['records', 'head', '--out', join(folder, 'head.json')]);
    await done(['records', 'key', '--out', join(folder, 'records-key.pem')]);
    await done(['records', 'erase', '--older-than', '30']);
    await done(['stop', '--seconds', '1']);
    await once(manager, 'close');
  });

  test('every command was run or is known to touch no secret', () => {
    expect([...ran, ...Object.keys(withoutSecrets)].sort()).toEqual([...commands].sort());
  });

  test('none of them stands in anything that was said', () => {
    expect([...scan.said.keys()]).toContain('start');
    expect(scan.said.get('start')).toContain('Ctrl-C stops it.');
    expect(scan.leaks()).toEqual([]);
    scan.say('a planted line', `the PIN is ${blue}`);
    scan.say('a planted key', readFileSync(join(folder, 'ada', 'operator.key.pem'), 'utf8'));
    expect(scan.leaks()).toEqual([
      'a planted line holds the PIN of blue',
      'a planted key holds a key of ada, ada/operator.key.pem (1)',
    ]);
  });

  test('none of them stands in a file that is not there to hold it', () => {
    expect(filesUnder(folder).length).toBeGreaterThan(80);
    expect(scan.leaksInFiles(folder, places)).toEqual([]);
    // Each place does hold what it may, so that looking elsewhere means something.
    const held = scan.leaksInFiles(folder, []);
    for (const { file, mayHold } of places) {
      const found = held.some((leak) => {
        const [name = '', what = ''] = leak.split(' holds ');
        return file.test(name) && mayHold.test(what);
      });
      expect([file, found]).toEqual([file, true]);
    }
  });
});

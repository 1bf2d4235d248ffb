import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallAnswer } from '@trustline/manager';
import { loadConfiguration, type RunningManager, type Signalling, startManager } from '@trustline/manager/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { exitCodes } from '../exit-codes.ts';

const phone = 'SEP001122334455';
let scratch: string;
let manager: RunningManager;

/** The calls that the manager says it has. */
const running: CallAnswer[] = [];

/** Listeners as they would be bound: the commands only read them. */
const signalling: Signalling = {
  start: async () => undefined,
  stop: async () => undefined,
  listeners: () => [
    { transport: 'tls', host: '127.0.0.1', port: 15061, legacy: false, digestAlgorithms: [] },
    { transport: 'udp', host: '127.0.0.1', port: 15060, legacy: false, digestAlgorithms: ['SHA-256'] },
  ],
  registrations: () => [],
  connections: () => 3,
  calls: () => running,
  gatewaySet: () => undefined,
  deviceAdded: () => undefined,
  trunk: (name) => ({
    connections: name === 'nowhere' ? [] : [{ transport: 'udp', remoteAddress: '192.0.2.5:5060' }],
    channels: 30,
    inUse: 7,
    setAside: name === 'carrier' ? null : { since: '2026-01-01T10:00:00.123Z', cause: 'timer-expired' },
    gatekeeper:
      name === 'gw-lost'
        ? { address: '192.0.2.5:1719', state: 'lost', since: '2026-01-01T10:00:00.123Z', cause: 'it does not answer' }
        : null,
  }),
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

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-cli-'));
  const loaded = loadConfiguration({
    set: [`dataFolder=${join(scratch, 'data')}`, 'log.level=error', 'api.metrics.port=0', 'provisioning.enabled=false'],
    environment: {},
  });
  manager = await startManager({ loaded, signalling: () => signalling, environment: {} });
}, 60_000);
afterAll(async () => {
  await manager.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const run = (...argv: string[]) => trustline(argv);
const here = (...argv: string[]) => run(...argv, '--data', join(scratch, 'data'));

test('status says lab trust, and as JSON carries node and schema', async () => {
  expect((await here('status')).out).toMatch(/^Trustline \S+ · node-1 · mixed mode · lab trust\n/);
  expect(JSON.parse((await here('status', '--json')).out)).toMatchObject({ node: 'node-1', schema: 1 });
});

test('a line is forwarded to a number that leads nowhere, with a warning; to one that is there without', async () => {
  await here('device', 'add', 'SEP001122334470', '--line', '1070');
  await here('device', 'add', 'SEP001122334471', '--line', '1071');
  const nowhere = await here('line', 'forward', '1070', '--busy', '9999', '--always', '1071');
  expect(nowhere.code).toBe(0);
  expect(nowhere.error).toBe('warning: 9999 is no line, and no row of the dial plan leads anywhere for it.\n');
  expect((await here('line', 'forward', '1070', '--off', 'busy')).error).toBe('');
  for (const name of ['SEP001122334470', 'SEP001122334471']) await here('device', 'remove', name);
});

test('devices and status say of a trunk where it is connected, how full it is, and since when it is set aside', async () => {
  for (const name of ['carrier', 'other', 'nowhere']) await here('device', 'add', name, '--kind', 'trunk');
  const { out } = await here('devices');
  expect(out).toMatch(/^carrier +trunk .* udp 192\.0\.2\.5:5060, 7 of 30 channels *$/m);
  expect(out).toMatch(/^other .* set aside since 2026-01-01 10:00:00 UTC: timer-expired *$/m);
  expect(out).toMatch(/^nowhere .* not connected, 7 of 30 channels, set aside/m);
  expect((await here('status')).out).toContain(
    'trunks       2 trunks and gateways connected; OUT: nowhere, other (trustline devices)\n',
  );
  for (const name of ['carrier', 'other', 'nowhere']) await here('device', 'remove', name);
});

test('of a gateway behind a gatekeeper that is lost, gateway list, show and devices say so and since when', async () => {
  const far = ['--address', '192.0.2.40', '--gatekeeper', '192.0.2.5', '--no-ipsec'];
  expect((await here('gateway', 'add', 'gw-lost', ...far)).code).toBe(0);
  const lost = 'gatekeeper 192.0.2.5:1719 lost since 2026-01-01 10:00:00 UTC: it does not answer';
  for (const command of [['gateway', 'list'], ['gateway', 'show', 'gw-lost'], ['devices']]) {
    expect((await here(...command)).out).toContain(lost);
  }
  const [gateway] = JSON.parse((await here('gateway', 'list', '--json')).out).gateways;
  expect(gateway.device.trunk.gatekeeper).toMatchObject({ state: 'lost', cause: 'it does not answer' });
  await here('gateway', 'remove', 'gw-lost');
});

test.each([
  [
    ['gateway', 'add', 'gw1', '--address', 'foo'],
    /^trustline: Signalling address "foo": .*\n {2}next: .*--address 192\.0\.2\.10/,
  ],
  [['gateway', 'show', 'gw9'], /^trustline: There is no H\.323 gateway gw9\.\n {2}next: trustline gateway list/],
  [['gateway', 'remove', 'gw9'], /^trustline: There is no H\.323 gateway gw9\.\n {2}next: /],
  [['gateway', 'run', '/no/such/document'], /^trustline: \/no\/such\/document does not exist\.\n {2}next: /],
  [['trunk', 'add', 'carrier', '--server', ':::'], /^trustline: ::: is no name of a server\n {2}next: /],
  [['trunk', 'test', 'carrier'], /^trustline: The configuration has no address of a trunk carrier\n {2}next: /],
])('a refusal says what is wrong and what to do: %j', async (command, words) => {
  const { code, error } = await here(...command);
  expect(code).not.toBe(0);
  expect(error).toMatch(words);
});

describe('a phone we did not write', () => {
  test('gets certificate, key, trust bundle, PKCS#12 and a baresip configuration, for its owner alone', async () => {
    expect((await here('device', 'add', phone, '--line', '1001', '--display-name', 'Ada "A"')).code).toBe(0);
    const folder = join(scratch, 'phone');
    const { code, out } = await here('device', 'credentials', phone, '--out', folder);
    expect(code).toBe(0);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    expect(read('accounts')).toBe(
      '"Ada A" <sip:1001@127.0.0.1:15061;transport=tls>;regint=300;audio_codecs=PCMA/8000/1,PCMU/8000/1;mediaenc=srtp-mand\n',
    );
    expect(read('config')).toContain(`sip_certificate         ${folder}/device.pem\n`);
    expect(read('config')).toContain(`sip_cafile              ${folder}/trust.pem\n`);
    expect(read('device.pem')).toBe(read('device.crt.pem') + read('device.key.pem'));
    // A second opinion: OpenSSL opens the PKCS#12 file with the password that was shown.
    const password = /Password of device\.p12: (\S+)/.exec(out)?.[1] ?? '';
    const opened = execFileSync(
      'openssl',
      ['pkcs12', '-in', join(folder, 'device.p12'), '-passin', `pass:${password}`, '-nodes'],
      { encoding: 'utf8' },
    );
    expect(opened).toContain('BEGIN PRIVATE KEY');
    expect(JSON.parse((await here('devices', '--json')).out)).toMatchObject({ devices: [{ name: phone }], schema: 1 });
    expect((await here('device', 'list')).out).toMatch(/SEP001122334455 +phone +encrypted +sip +1001/);
  });

  test('that is not secure gets a digest password, shown once', async () => {
    const added = await here('device', 'add', 'SEP001122334456', '--line', '1002', '--security', 'non-secure');
    expect(added.out).toMatch(/Digest user SEP001122334456, password [a-z2-9]{24} /);
    const folder = join(scratch, 'clear');
    expect((await here('device', 'credentials', 'SEP001122334456', '--out', folder)).code).toBe(0);
    const accounts = readFileSync(join(folder, 'accounts'), 'utf8');
    expect(accounts).toMatch(
      /^<sip:1002@127\.0\.0\.1:15060;transport=udp>.*;auth_user=SEP001122334456;auth_pass=\S+\n$/,
    );
    expect(accounts).not.toContain('mediaenc');
  });

  test('is no trunk: of a trunk, which has no line, nobody is told to start baresip with it', async () => {
    expect((await here('device', 'add', 'GW9', '--kind', 'trunk')).code).toBe(0);
    const folder = join(scratch, 'trunk');
    const { code, out } = await here('device', 'credentials', 'GW9', '--out', folder);
    expect(code).toBe(0);
    expect(out).toMatch(/^Credentials of GW9 are in /);
    expect(out).not.toContain('baresip');
    expect((await here('device', 'remove', 'GW9')).code).toBe(0);
  });

  test('is removed, and said so in words or as JSON', async () => {
    for (const name of ['SEP00112233AA01', 'SEP00112233AA02'])
      expect(await here('device', 'add', name, '--line', `19${name.slice(-2)}`)).toMatchObject({ code: 0, error: '' });
    expect((await here('device', 'remove', 'SEP00112233AA01')).out).toBe('SEP00112233AA01 was removed.\n');
    const { out } = await here('device', 'remove', 'SEP00112233AA02', '--json');
    expect(JSON.parse(out)).toEqual({ schema: 1, node: 'node-1', done: true });
  });

  test('that is not registered cannot be told to boot again, and none that is behind is told so', async () => {
    const { code, error } = await here('device', 'reset', phone);
    expect(code).toBe(exitCodes.failed);
    expect(error).toMatch(/SEP001122334455 is not connected and cannot be told\.\n {2}next: .*switch it off and on/);
    expect((await here('device', 'reset', '--behind')).out).toBe('No phone is behind.\n');
  });

  test('keeps what it has: nothing is written over a key, unless told to, and no password is made for it', async () => {
    const folder = join(scratch, 'kept');
    const name = 'SEP001122334457';
    await here('device', 'add', name, '--line', '1003', '--security', 'non-secure');
    expect((await here('device', 'credentials', name, '--out', folder)).code).toBe(0);
    const before = readFileSync(join(folder, 'accounts'), 'utf8');
    const events = (await here('events', '--limit', '1000')).out;
    expect(await here('device', 'credentials', name, '--out', folder)).toEqual({
      code: exitCodes.failed,
      out: '',
      error: expect.stringMatching(
        /kept holds config, accounts already; nothing was made.*\n {2}next: .*--out.*--force/,
      ),
    });
    expect(readFileSync(join(folder, 'accounts'), 'utf8')).toBe(before);
    expect((await here('events', '--limit', '1000')).out).toBe(events);
    chmodSync(join(folder, 'accounts'), 0o644);
    expect((await here('device', 'credentials', name, '--out', folder, '--force')).code).toBe(0);
    expect(readFileSync(join(folder, 'accounts'), 'utf8')).not.toBe(before);
    expect(statSync(join(folder, 'accounts')).mode & 0o777).toBe(0o600);
  });

  test('with a wrong name or line is refused in words, with an example', async () => {
    expect(await here('device', 'add', phone, '--line', '10O1')).toEqual({
      code: exitCodes.failed,
      out: '',
      error:
        'trustline: Line number "10O1": a line is of digits, *, # and +.\n  next: Correct it, for example: --line 1001\n',
    });
  });

  test('is removed', async () => {
    expect((await here('device', 'remove', phone)).out).toBe(`${phone} was removed.\n`);
    expect(await here('device', 'remove', phone)).toMatchObject({
      code: exitCodes.failed,
      error: expect.stringMatching(/^trustline: There is no device.*\n {2}next: /),
    });
  });
});

test('events and calls are lines for people and JSON for scripts', async () => {
  const { out } = await here('events');
  expect(out).toMatch(/notice device-added SEP001122334455: The phone was added as encrypted with line 1001\./);
  const last = (await here('events', '--json', '--limit', '1')).out;
  expect(JSON.parse(last)).toMatchObject({ kind: 'device-removed', node: 'node-1', schema: 1 });
  expect((await here('calls')).out).toBe('No call is running.\n');
  expect(JSON.parse((await here('calls', '--json')).out)).toMatchObject({ calls: [], ended: [], schema: 1 });
});

test('a call whose device has lost its connection is marked, with the reason and until when it waits', async () => {
  const leg = (line: string, lost: CallAnswer['legs'][number]['lost']): CallAnswer['legs'][number] => ({
    leg: line,
    role: lost === null ? 'calling' : 'called',
    demarcation: null,
    device: `SEP00000000${line}`,
    line,
    signalling: 'tls-mutual',
    proof: 'certificate',
    keying: 'sdes',
    suite: 'AES_CM_128_HMAC_SHA1_80',
    level: 'encrypted',
    unprotected: null,
    lost,
  });
  const lost = { cause: 'the connection to SEP000000001002 was lost', until: '2026-11-23T19:50:13.000Z' };
  running.push({
    call: '75df',
    state: 'answered',
    startedAt: '2026-11-23T19:49:00.000Z',
    answeredAt: '2026-11-23T19:49:02.000Z',
    level: 'encrypted',
    policy: 'prefer',
    destination: '1002',
    levels: [{ at: '2026-11-23T19:49:02.000Z', level: 'encrypted', cause: 'the call was answered' }],
    protection: [],
    route: [{ at: '2026-11-23T19:49:00.000Z', cause: '1002 is line 1002; encryption: prefer.' }],
    recovered: null,
    relayed: 'transcoding',
    transcoded: { caller: 'opus', called: 'PCMU' },
    legs: [leg('1001', null), leg('1002', lost)],
  });
  const { out } = await here('calls');
  expect(out).toMatch(/^75df +answered \(!\) +encrypted /m);
  expect(out).toContain(' relayed (transcoding, opus - PCMU) ');
  expect(out).toContain(`\n(!) 75df: ${lost.cause}; waited for until ${lost.until}\n`);
  expect(JSON.parse((await here('calls', '--json')).out)).toMatchObject({
    calls: [{ legs: [{ lost: null }, { lost }] }],
  });
  expect((await here('call', '75')).out.split('\n').slice(0, 8)).toEqual([
    'Call 75df to 1002 is answered, encrypted; encryption: prefer.',
    '',
    'Its way',
    '  19:49:00.000  1002 is line 1002; encryption: prefer.',
    '',
    'Its level',
    '  19:49:02.000  encrypted: the call was answered',
    '',
  ]);
  running.pop();
  expect(await here('call', '75')).toMatchObject({ code: 1, error: expect.stringMatching(/There is no call 75\./) });
});

describe('records', () => {
  test('verify here and offline; an altered export and a cut tail are found', async () => {
    expect((await here('records', 'verify')).out).toMatch(/^Verified: \d+ entries/);
    const [file, head] = [join(scratch, 'records.jsonl'), join(scratch, 'head.json')];
    expect((await here('records', 'export', '--out', file)).code).toBe(0);
    expect((await here('records', 'head', '--out', head)).code).toBe(0);
    expect(await run('records', 'verify', file, '--head', head)).toMatchObject({ code: 0 });
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      lines.map((line, index) => (index === 2 ? line.replace('"at":"2', '"at":"3') : line)).join('\n'),
    );
    expect(await run('records', 'verify', file)).toMatchObject({
      code: exitCodes.notVerified,
      error: expect.stringMatching(/^NOT verified: Entry 2 was altered/),
    });
    writeFileSync(file, `${lines.slice(0, 3).join('\n')}\n`);
    expect((await run('records', 'verify', file)).code).toBe(0);
    expect(await run('records', 'verify', file, '--head', head)).toMatchObject({ code: exitCodes.notVerified });
  });

  test('are never exported over a file that is there', async () => {
    const file = join(scratch, 'there');
    writeFileSync(file, 'evidence of yesterday');
    expect((await here('records', 'export', '--out', file)).code).toBe(exitCodes.failed);
    expect(readFileSync(file, 'utf8')).toBe('evidence of yesterday');
  });

  test('are erased by age', async () => {
    expect((await here('records', 'erase', '--older-than', '1')).out).toMatch(/^Personal fields of 0 entries/);
  });
});

test('pki status, and a request for an outside authority', async () => {
  expect((await here('pki', 'status')).out).toMatch(/^lab trust\n\nROLE[\s\S]*callmanager-rsa +RSA-2048/);
  expect((await here('pki', 'csr', 'callmanager-ecdsa')).out).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----/);
});

test('an operator is added with role and certificate, listed and removed, and why stands in the record', async () => {
  const folder = join(scratch, 'operator');
  const add = (name: string, ...more: string[]) => here('operator', 'add', name, '--out', folder, ...more);
  expect((await add('ada')).code).toBe(exitCodes.usage);
  expect((await here('operator', 'list')).out).toBe('There is no operator yet.\n');
  const { code, out } = await add('ada', '--role', 'trust-officer', '--reason', 'keeps the tokens');
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(/^ada was added as trust-officer\. Written to /),
  });
  expect(readdirSync(folder).sort()).toEqual(['operator.crt.pem', 'operator.key.pem', 'trust.pem']);
  const key = readFileSync(join(folder, 'operator.key.pem'), 'utf8');
  expect(await add('ben', '--role', 'viewer')).toMatchObject({
    code: exitCodes.failed,
    error: expect.stringMatching(/operator holds operator\.crt\.pem, operator\.key\.pem, trust\.pem already/),
  });
  expect(readFileSync(join(folder, 'operator.key.pem'), 'utf8')).toBe(key);
  expect((await here('operator', 'list')).out).toMatch(/^NAME +ROLE +ADDED +UNTIL\nada +trust-officer +\d{4}/);
  expect((await here('events')).out).toMatch(
    /operator-added: The operator ada was added as trust-officer\. By local user .*: keeps the tokens\.\n$/,
  );
  expect((await here('operator', 'remove', 'ada')).out).toBe('ada was removed.\n');
});

describe('config', () => {
  test('check lists every problem with its line', async () => {
    const file = join(scratch, 'bad.yaml');
    writeFileSync(file, 'nod: x\nlog:\n  level: loud\n');
    const { code, error } = await run('config', 'check', file);
    expect(code).toBe(exitCodes.failed);
    expect(error).toMatch(/bad\.yaml:1: nod: There is no such key\. Did you mean node\?\n.*bad\.yaml:3: log\.level/);
    writeFileSync(file, 'node: n\n');
    expect(await run('config', 'check', file)).toMatchObject({ code: 0, out: `${file}: no error.\n` });
  });

  test('show hides what leads to secrets', async () => {
    const hook = 'alarms.webhook={url: "https://chat.example/secret-path", authorizationFile: /secret/place}';
    const { out } = await run('config', 'show', '--set', 'identity.passphraseFile=/secret/place', '--set', hook);
    expect(out).toContain('https://chat.example/[redacted]');
    expect(out).not.toMatch(/secret.(place|path)/);
    expect(JSON.parse(out)).toMatchObject({ identity: { passphraseFile: '[redacted]' } });
    expect(JSON.parse((await here('config', 'show', '--running')).out)).toMatchObject({ node: 'node-1' });
  });
});

test('without a manager a command says how to start one', async () => {
  expect(await run('status', '--data', join(scratch, 'nothing'))).toMatchObject({
    code: exitCodes.noManager,
    error: expect.stringContaining('npm start'),
  });
});

test('a wrong command line is told, with another exit code', async () => {
  expect((await run('statsu')).code).toBe(exitCodes.usage);
  expect((await run('device', 'add')).code).toBe(exitCodes.usage);
  expect((await here('device', 'add', phone, '--security', 'secret')).code).toBe(exitCodes.usage);
});

describe('a line', () => {
  test('has as many calls as was said, until it has as many as all again', async () => {
    expect((await here('device', 'add', 'SEP0011223344F9', '--line', '1812')).code).toBe(0);
    expect((await here('line', 'limit', '1812', '--busy-from', '1')).out).toMatch(/^1812 .*busy from 1 /m);
    const both = await here('line', 'limit', '1812', '--most', '3');
    expect(both.out).toMatch(/^1812 .*busy from 1, 3 at most/m);
    expect((await here('line', 'list')).out).toMatch(/^1812 .*busy from 1, 3 at most/m);
    expect((await here('line', 'limit', '1812', '--usual')).out).not.toContain('busy from');
    expect((await here('line', 'limit', '1812', '--most', '0')).code).not.toBe(0);
    expect((await here('line', 'limit', '1819', '--most', '1')).error).toContain('No device has the line 1819');
  });

  test('has messages that wait, until none do', async () => {
    expect((await here('device', 'add', 'SEP0011223344F3', '--line', '1811')).code).toBe(0);
    const told = await here('line', 'message-waiting', '1811', '--new', '2', '--old', '1');
    expect(told.out).toMatch(/^1811 .*2 new, 1 old$/m);
    expect((await here('line', 'list')).out).toMatch(/^1811 .*2 new, 1 old$/m);
    expect((await here('line', 'message-waiting', '1811')).out).toMatch(/^1811 .* -$/m);
    expect((await here('line', 'message-waiting', '1819')).error).toContain('No device has the line 1819');
  });

  test('forwards its calls where it is told, keeps what is not named, and says so', async () => {
    expect((await here('device', 'add', 'SEP0011223344F1', '--line', '1801', '--display-name', 'Eve')).code).toBe(0);
    const first = await here('line', 'forward', '1801', '--busy', '1802', '--unanswered', '0555', '--after', '15');
    expect(first.out).toMatch(/^1801 +Eve +SEP0011223344F1 +busy 1802, unanswered after 15 s 0555 +- +-$/m);
    await here('line', 'forward', '1801', '--always', '1803', '--off', 'unanswered');
    const { lines } = JSON.parse((await here('line', 'list', '--json')).out);
    expect(lines.find((line: { number: string }) => line.number === '1801').forwarding).toEqual({
      always: '1803',
      busy: '1802',
      noAnswer: null,
      unregistered: null,
      noAnswerSeconds: null,
      doNotDisturb: false,
    });
    const quiet = await here('line', 'forward', '1801', '--do-not-disturb');
    expect(quiet.out).toMatch(/do not disturb, always 1803, busy 1802/);
    expect((await here('events', '--limit', '1')).out).toContain(
      'Calls of line 1801: it is not to be disturbed, all go',
    );
    expect((await here('line', 'forward', '1801', '--off', 'do-not-disturb')).out).not.toContain('disturb');
    expect((await here('line', 'forward', '1801', '--off', 'all')).out).toMatch(/^1801 .* -$/m);
    expect((await here('events', '--limit', '5')).out).toContain('Calls of line 1801: none are forwarded.');
    await here('device', 'remove', 'SEP0011223344F1');
  });

  test('that loses its last device leaves nothing to whoever gets the number next', async () => {
    const add = (name: string) => here('device', 'add', name, '--line', '1805');
    await add('SEP0011223344F3');
    await add('SEP0011223344F4');
    await here('line', 'forward', '1805', '--always', '1806');
    await here('device', 'remove', 'SEP0011223344F3');
    expect((await here('line', 'list')).out).toMatch(/^1805 .* always 1806 /m);
    await here('device', 'remove', 'SEP0011223344F4');
    await add('SEP0011223344F3');
    expect((await here('line', 'list')).out).toMatch(/^1805 .* - {2,}-$/m);
    await here('device', 'remove', 'SEP0011223344F3');
  });

  test('that is not there, or would forward to itself, is refused with the next step', async () => {
    expect((await here('line', 'forward', '1999', '--always', '1')).error).toMatch(/next: .*trustline line list/);
    await here('device', 'add', 'SEP0011223344F2', '--line', '1804');
    expect((await here('line', 'forward', '1804', '--always', '1804')).error).toMatch(/cannot forward .* to itself/);
    await here('device', 'remove', 'SEP0011223344F2');
  });
});

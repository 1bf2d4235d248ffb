import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { loadConfiguration, type RunningManager, type Signalling, startManager } from '@trustline/manager/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { exitCodes } from '../exit-codes.ts';
import { readPin } from './token-pin.ts';

const pin = 'canary-664208';
let scratch: string;
let manager: RunningManager;

const signalling: Signalling = {
  start: async () => undefined,
  stop: async () => undefined,
  listeners: () => [],
  registrations: () => [],
  connections: () => 0,
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

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-token-'));
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.port=0',
    'provisioning.enabled=false',
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  manager = await startManager({ loaded, signalling: () => signalling, environment: {} });
}, 60_000);
afterAll(async () => {
  await manager.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const here = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  trustline(['token', ...argv, '--data', join(scratch, 'data')], environment);
const withPin = { TRUSTLINE_TOKEN_PIN: pin };

describe('a software token', () => {
  test('is made, listed and shown, always with its lab mark, and proves its key', async () => {
    const file = join(scratch, 'blue.token');
    const made = await here(['init', '--software', file], withPin);
    expect(made).toMatchObject({ code: 0, error: '' });
    expect(made.out).toMatch(/^Token LAB[0-9A-F]{12} is ready: CN=SAST-LAB.*LAB SOFTWARE TOKEN.*marked so\.\n/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await here(['list', '--software', file])).out).toMatch(
      /blue +LAB\S+ +Trustline software token +ready, LAB SOFTWARE TOKEN +CN=SAST-/,
    );
    const shown = await here(['show', '--software', file, '--prove'], withPin);
    expect(shown.out).toMatch(/SHA-256 +[0-9a-f]{64}\n.*\n +signs +yes: a signature was made and verified\n$/);
  });

  test('is shown as JSON with the manager’s node where one was asked', async () => {
    const file = join(scratch, 'json.token');
    const made = JSON.parse((await here(['init', '--software', file, '--label', 'green', '--json'], withPin)).out);
    expect(made).toMatchObject({ schema: 1, node: 'node-1', token: { label: 'green', attestation: { lab: true } } });
    const listed = JSON.parse((await here(['list', '--software', file, '--json'])).out);
    expect(listed).toMatchObject({ schema: 1, node: null, tokens: [made.token] });
    const shown = JSON.parse((await here(['show', '--software', file, '--prove', '--json'], withPin)).out);
    expect(shown).toMatchObject({ token: made.token, signsWith: [made.token.certificates[0].fingerprint] });
  });

  test('is never overwritten', async () => {
    const file = join(scratch, 'once.token');
    expect((await here(['init', '--software', file], withPin)).code).toBe(0);
    const before = readFileSync(file, 'utf8');
    expect(await here(['init', '--software', file], withPin)).toMatchObject({
      code: exitCodes.failed,
      error: expect.stringMatching(/is a token already and is not overwritten\n {2}next: /),
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('without its right PIN proves nothing', async () => {
    const file = join(scratch, 'wrong.token');
    await here(['init', '--software', file], withPin);
    expect(await here(['show', '--software', file, '--prove'], { TRUSTLINE_TOKEN_PIN: 'canary-000000' })).toMatchObject(
      {
        code: exitCodes.failed,
        out: '',
        error: expect.stringMatching(/^trustline: the PIN does not open .*\n {2}next: .*Tries are not counted/),
      },
    );
  });
});

describe('a PIN', () => {
  test.each([
    ['init', '--pin', pin],
    ['init', `--pin=${pin}`],
    ['show', '--pin', pin],
    ['show', '--pin'],
  ])('on the command line is refused, and not repeated: %s %s', async (...argv) => {
    const refused = await here([...argv, '--software', join(scratch, 'none.token')], withPin);
    expect(refused).toMatchObject({ code: exitCodes.failed, out: '' });
    expect(refused.error).toMatch(/never taken on the command line.*\n {2}next: Give it at the prompt, by --pin-file/);
    expect(refused.error).not.toContain(pin);
  });

  test('comes from a file that its owner alone can read', async () => {
    const file = join(scratch, 'pin');
    writeFileSync(file, `${pin}\n`, { mode: 0o600 });
    const token = join(scratch, 'file.token');
    expect((await here(['init', '--software', token, '--pin-file', file])).code).toBe(0);
    chmodSync(file, 0o644);
    const refused = await here(['show', '--software', token, '--prove', '--pin-file', file]);
    expect(refused.error).toMatch(/Others on this machine can read the PIN.*\n {2}next: Run: chmod 600 '/);
    expect(refused.error).not.toContain(pin);
    const empty = join(scratch, 'empty-pin');
    writeFileSync(empty, '\n', { mode: 0o600 });
    const nothing = await here(['show', '--software', token, '--prove', '--pin-file', empty]);
    expect(nothing.error).toMatch(/holds no PIN in its first line\.\n {2}next: Write the PIN/);
    const missing = await here(['show', '--software', token, '--prove', '--pin-file', join(scratch, 'no-pin')]);
    expect(missing.error).toMatch(/no-pin cannot be read \(ENOENT\)\.\n {2}next: Name with --pin-file/);
  });

  test('that nobody can be asked for is an error before anything is made', async () => {
    const refused = await here(['init', '--software', join(scratch, 'nobody.token')]);
    expect(refused.error).toMatch(/nobody at a terminal to ask/);
    expect(readdirSync(scratch)).not.toContain('nobody.token');
  });

  test('is asked for twice when it is new, once when it is not, and never empty', async () => {
    const asked: string[] = [];
    const terminal = (...answers: string[]) => ({
      out: () => undefined,
      error: () => undefined,
      environment: {},
      exitCode: 0,
      askSecret: async (prompt: string) => {
        asked.push(prompt);
        return new Redacted(answers.shift() ?? '');
      },
    });
    expect((await readPin({}, terminal(pin), 'PIN')).reveal()).toBe(pin);
    expect(asked).toEqual(['PIN: ']);
    expect((await readPin({}, terminal(pin, pin), 'New', true)).reveal()).toBe(pin);
    await expect(readPin({}, terminal(pin, 'other'), 'New', true)).rejects.toThrow(/two PINs differ/);
    await expect(readPin({}, terminal(''), 'PIN')).rejects.toThrow(/No PIN was given/);
  });
});

test('a module that is not there is named, with the next step', async () => {
  expect(await here(['list', '--module', '/nowhere/module.so'])).toMatchObject({
    code: exitCodes.failed,
    error: expect.stringMatching(/no PKCS#11 module at \/nowhere\/module\.so\n {2}next: /),
  });
});

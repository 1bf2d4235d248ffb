import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const passphrase = 'four words of a passphrase';

let scratch: string;
let data: string;
const running: ChildProcess[] = [];
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-passphrase-'));
  data = join(scratch, 'data');
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(scratch, { recursive: true, force: true });
});

/** Runs `trustline start` until it is ready or has ended; returns what it said. */
async function start(flags: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const listeners = 'listeners=[{transport: tls, host: 127.0.0.1, port: 0}]';
  const settings = [
    '--data',
    data,
    '--set',
    listeners,
    '--set',
    'api.metrics.port=0',
    '--set',
    'provisioning.enabled=false',
  ];
  const child = spawn(process.execPath, [main, 'start', ...settings, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...environment,
    },
  });
  running.push(child);
  let [out, error] = ['', ''];
  const exited = once(child, 'close') as Promise<[number | null]>;
  const ready = new Promise<undefined>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('Ctrl-C stops it.')) resolve(undefined);
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  const code = await Promise.race([ready, exited.then(([status]) => status)]);
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { code, out: () => out, error: () => error, stop };
}

/** Every private key of the data folder, as it is on the disk. */
function privateKeys(): readonly string[] {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .filter((text) => text.includes('PRIVATE KEY'));
}

const sources = [
  {
    source: 'a file',
    give: (text: string) => {
      const file = join(scratch, 'passphrase');
      writeFileSync(file, `${text}\n`, { mode: 0o600 });
      return { flags: ['--set', `identity.passphraseFile=${file}`], environment: {} };
    },
  },
  {
    source: 'TRUSTLINE_PASSPHRASE',
    give: (text: string) => ({ flags: [], environment: { TRUSTLINE_PASSPHRASE: text } }),
  },
] as const;

// A manager whose passphrase comes by the environment runs in the tests of the commands' secrets as well; in full both do here.
describe.each(process.env['TRUSTLINE_FULL'] === '1' ? sources : sources.slice(0, 1))(
  'a passphrase from $source',
  ({ give }) => {
    test('encrypts every key on the disk; the manager starts again by it, and by no other', async () => {
      const { flags, environment } = give(passphrase);
      const first = await start(flags, environment);
      expect(first.code).toBeUndefined();
      // The first device has the cluster make its key for secrets.
      expect((await trustline(['device', 'add', 'SEP001122334455', '--line', '1001', '--data', data])).code).toBe(0);
      const keys = privateKeys();
      expect(keys.length).toBeGreaterThan(5);
      for (const key of keys) {
        expect(key).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
        expect(() => createPrivateKey({ key, passphrase })).not.toThrow();
        expect(() => createPrivateKey({ key, passphrase: 'another' })).toThrow();
      }
      await first.stop();

      const wrong = give('another');
      const refused = await start(wrong.flags, wrong.environment);
      expect(refused.code).toBe(1);
      expect(refused.error()).toMatch(/^trustline: .*passphrase.*\n {2}next: Give the passphrase that was in use/);
      const without = await start([]);
      expect(without.code).toBe(1);
      expect(without.error()).toMatch(
        /^trustline: .*encrypted.*\n {2}next: Give it in the variable TRUSTLINE_PASSPHRASE/,
      );
      expect(privateKeys()).toEqual(keys);

      const right = give(passphrase);
      const again = await start(right.flags, right.environment);
      expect(again.code).toBeUndefined();
      expect((await trustline(['devices', '--data', data])).out).toContain('SEP001122334455');
      await again.stop();
      for (const said of [first, refused, again]) expect(said.out() + said.error()).not.toContain(passphrase);
    });
  },
);

test('a passphrase file that others can read is refused with the command that helps', async () => {
  const file = join(scratch, 'passphrase');
  writeFileSync(file, `${passphrase}\n`, { mode: 0o644 });
  const refused = await start(['--set', `identity.passphraseFile=${file}`]);
  expect(refused.code).toBe(1);
  expect(refused.error()).toMatch(/^trustline: [\s\S]*\n {2}next: Run: chmod 600 /);
});

test('an empty passphrase is refused, not taken for none', async () => {
  const refused = await start([], { TRUSTLINE_PASSPHRASE: '' });
  expect(refused.code).toBe(1);
  expect(refused.error()).toMatch(/TRUSTLINE_PASSPHRASE holds no passphrase\n {2}next: /);
});

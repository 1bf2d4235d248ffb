import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPrograms } from '../../testing/src/node/programs.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
/** Ports that the system gives, on loopback: several managers may run beside each other. */
const settings = ['--set', 'listeners=[{transport: tls, host: 127.0.0.1, port: 0}]', '--set', 'drainSeconds=5'];

let scratch: string;
let data: string;
const running: ChildProcess[] = [];
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-start-'));
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

/** Starts a manager and waits until it has said what it is. */
async function start(): Promise<{ readonly child: ChildProcess; readonly said: () => string }> {
  const child = spawn(process.execPath, [main, 'start', '--data', data, ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let said = '';
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('Ctrl-C stops it.')) resolve();
  });
  child.once('exit', (code) => reject(new Error(`the manager ended with ${code}`)));
  await ready;
  return { child, said: () => said };
}

function trustline(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args, '--data', data], { encoding: 'utf8' });
}

test('a first start says what it is and what to do next; SIGTERM ends it in order', async () => {
  const { child, said } = await start();
  expect(said()).toMatch(/mixed mode · lab trust/);
  expect(said()).toContain(data);
  expect(said()).toContain('./trustline device add SEP001122334455 --line 1001 --security encrypted');
  expect(trustline('status').stdout).toMatch(/mixed mode · lab trust/);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(said()).toMatch(/Stopped\.\n$/);
  expect(trustline('status').status).toBe(3);
});

test('a second manager on the folder is refused and told who holds it', async () => {
  const { child } = await start();
  const second = trustline('start', ...settings);
  expect(second.status).toBe(1);
  expect(second.stderr).toMatch(new RegExp(`^trustline: Another manager \\(process ${child.pid}\\) is using`));
  expect(second.stderr).toMatch(/\n {2}next: /);
});

test('after kill -9 the devices and records that were acknowledged are there, and still verify', async () => {
  const first = await start();
  expect(trustline('device', 'add', 'SEP001122334455', '--line', '1001').status).toBe(0);
  const head = join(scratch, 'head.json');
  expect(trustline('records', 'head', '--out', head).status).toBe(0);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  await start();
  expect(JSON.parse(trustline('devices', '--json').stdout).devices).toMatchObject([{ name: 'SEP001122334455' }]);
  expect(trustline('records', 'verify', '--head', head).stdout).toMatch(/^Verified: /);
});

test('trustline stop ends it', async () => {
  const { child } = await start();
  expect(trustline('stop', '--seconds', '1').status).toBe(0);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

test.skipIf(missingPrograms('baresip'))(
  'baresip registers with nothing but the credentials that were written',
  async () => {
    await start();
    const folder = join(scratch, 'phone');
    expect(trustline('device', 'add', 'SEP001122334455', '--line', '1001').status).toBe(0);
    expect(trustline('device', 'credentials', 'SEP001122334455', '--out', folder).status).toBe(0);
    const baresip = spawnSync('baresip', ['-f', folder, '-t', '3'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(baresip.stdout + baresip.stderr).toMatch(/1001@127\.0\.0\.1: .*200 OK/);
    expect(trustline('events').stdout).toMatch(/ registration SEP001122334455 line 1001 /);
  },
);

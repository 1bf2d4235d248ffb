import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPrograms } from '@trustline/testing/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const main = new URL('./main.ts', import.meta.url).pathname;
/** Ports that the system gives, on loopback: several managers may run beside each other. */
const listener = '{transport: tls, host: 127.0.0.1, port: 0}';
const settings = [
  '--set',
  `listeners=[${listener}]`,
  '--set',
  'drainSeconds=5',
  '--set',
  'api.metrics.port=0',
  '--set',
  'provisioning.enabled=false',
];

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
async function start(flags = settings): Promise<{ readonly child: ChildProcess; readonly said: () => string }> {
  const child = spawn(process.execPath, [main, 'start', '--data', data, ...flags], {
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

describe.skipIf(missingPrograms('baresip'))('baresip, with nothing but what was written,', () => {
  /** Runs it for three seconds; what it says comes back. */
  function baresip(folder: string): string {
    const { stdout, stderr } = spawnSync('baresip', ['-f', folder, '-t', '3'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return stdout + stderr;
  }

  function credentials(security: string): { readonly folder: string; readonly said: string } {
    const folder = join(scratch, 'phone');
    expect(trustline('device', 'add', 'SEP001122334455', '--line', '1001', '--security', security).status).toBe(0);
    const { status, stdout } = trustline('device', 'credentials', 'SEP001122334455', '--out', folder);
    expect(status).toBe(0);
    return { folder, said: stdout };
  }

  test('registers by certificate', async () => {
    await start();
    const { folder } = credentials('encrypted');
    expect(baresip(folder)).toMatch(/1001@127\.0\.0\.1: .*200 OK/);
    expect(trustline('events').stdout).toMatch(/ registration SEP001122334455 line 1001 /);
  });

  const udp = (algorithms: string) => [
    '--set',
    `listeners=[${listener}, {transport: udp, host: 127.0.0.1, port: 0, digestAlgorithms: ${algorithms}}]`,
    '--set',
    'api.metrics.port=0',
    '--set',
    'provisioning.enabled=false',
  ];

  test('registers by password where the listener takes MD5 alone', async () => {
    await start(udp('[MD5]'));
    const { folder, said } = credentials('non-secure');
    expect(said).toMatch(/With baresip: baresip -f /);
    expect(baresip(folder)).toMatch(/1001@127\.0\.0\.1: .*200 OK/);
    expect(trustline('events').stdout).toMatch(/ registration SEP001122334455 line 1001 /);
  });

  test('cannot answer SHA-256, and the credentials say so with the key to set', async () => {
    await start(udp('[SHA-256, MD5]'));
    const { folder, said } = credentials('non-secure');
    expect(said).toMatch(/baresip 1\.0\.0 knows digest by MD5 alone, and port \d+ takes SHA-256 and MD5\.\n {2}next: /);
    expect(said).toContain('digestAlgorithms: [MD5]');
    expect(baresip(folder)).toContain('Function not implemented');
  });
});

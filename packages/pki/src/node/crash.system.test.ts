import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterNames, createCluster, openCluster } from './index.ts';

const entry = new URL('./index.ts', import.meta.url).href;
const names: ClusterNames = { cluster: 'Test lab', hosts: ['localhost'], addresses: ['127.0.0.1'], domains: [] };

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'trustline-crash-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs a program of ours and kills it (-9), `delay` milliseconds after it says that it begins. */
async function killedAfter(delay: number, program: string): Promise<void> {
  const code = `import { createCluster } from ${JSON.stringify(entry)};
    const names = ${JSON.stringify(names)};
    console.log('begin');
    ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  await new Promise((resolve) => setTimeout(resolve, delay));
  child.kill('SIGKILL');
  await ended;
}

test('a first start killed at any moment leaves a whole cluster or none, and the next start makes one', async () => {
  for (const delay of [0, 40, 80, 120, 160, 200, 260, 320, 400, 500]) {
    const place = join(home, `first-${delay}`);
    await killedAfter(delay, `await createCluster(${JSON.stringify(place)}, names, Date.now());`);
    const found = await openCluster(place);
    if (found !== undefined) expect(found.status().length).toBeGreaterThan(5);
    const next = await createCluster(place, names, Date.now());
    if (found !== undefined) expect(next.status()).toEqual(found.status());
    expect(readdirSync(home)).not.toContain(`first-${delay}.creating`);
  }
});

test('a cluster killed while it changes opens with the old or the new, and serves what it holds', async () => {
  const place = join(home, 'changing');
  await createCluster(place, names, Date.now());
  for (const delay of [20, 60, 100, 150, 210, 280]) {
    await killedAfter(
      delay,
      `const cluster = await createCluster(${JSON.stringify(place)}, names, Date.now());
      for (;;) {
        await cluster.reissue('callmanager-ecdsa', Date.now());
        await cluster.createCertificateRequest('callmanager-ecdsa');
        await cluster.issueOperatorCertificate('alice', Date.now());
      }`,
    );
    const cluster = await openCluster(place);
    expect(cluster?.callManagerIdentities()).toHaveLength(2);
    expect(readdirSync(place).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    const serials = cluster?.issuedTo('alice').map(({ serialNumber }) => serialNumber) ?? [];
    expect(new Set(serials).size).toBe(serials.length);
  }
});

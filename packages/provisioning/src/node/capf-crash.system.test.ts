import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCertificate } from '@trustline/pki';
import { createCluster, openCluster } from '@trustline/pki/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enrolByCapf } from './capf-client.ts';

const module = (specifier: string) => JSON.stringify(new URL(specifier, import.meta.url).href);
const names = { cluster: 'Test lab', hosts: ['localhost'] as const, addresses: ['127.0.0.1'], domains: [] };
const devices = Array.from({ length: 60 }, (_, index) => `SEP0011000000${(index + 16).toString(16).toUpperCase()}`);
const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

let home: string;
let place: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-capf-crash-'));
  place = join(home, 'pki');
  const cluster = await createCluster(place, names, Date.now());
  await cluster.identity('capf', Date.now());
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** An enrolment service in a process of its own, with a window open for every phone; says its port. */
const program = () => `
  import { Enrolments } from ${module('../index.ts')};
  import { CapfServer } from ${module('./index.ts')};
  import { openCluster } from '@trustline/pki/node';
  const cluster = await openCluster(${JSON.stringify(place)});
  const enrolments = new Enrolments({ isKnown: () => true, judge: () => ({ accepted: false, reason: 'none' }) });
  for (const device of ${JSON.stringify(devices)}) {
    enrolments.setOperation(device, {
      id: device,
      action: { kind: 'install', key: { type: 'EC', curve: 'P-256' } },
      authentication: { by: 'nothing', until: performance.now() + 600_000 },
    });
  }
  const server = await CapfServer.open({
    where: { host: '127.0.0.1', port: 0 },
    identities: [await cluster.identity('capf', Date.now())],
    enrolments,
    issue: async (device, spki) => (await cluster.issueDeviceCertificateFor(device, spki, Date.now())).der,
    onEvent: () => {},
  });
  console.log(server.port);
`;

async function start(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program()], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
  const port = await new Promise<number>((resolve) => child.stdout?.once('data', (text) => resolve(Number(text))));
  return { child, port };
}

test('killed (-9) at any moment, CAPF issues no serial number twice, and whatever a phone got is in the ledger', async () => {
  const received: Uint8Array[] = [];
  let interrupted = 0;
  // Killed while certificates are made, sent and written down for the other phones: by how many have theirs.
  for (const enough of [0, 1, 2, 5, 11, 23]) {
    let kept = 0;
    const { child, port } = await start();
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    const results = await Promise.all(
      devices.map((device) =>
        enrolByCapf({
          host: '127.0.0.1',
          port,
          device,
          credential: { by: 'nothing' },
          judgeServer: () => ({ accepted: true }),
          makeKey: async () => {
            if (enough === 0) child.kill('SIGKILL');
            return key;
          },
          keep: async (certificate) => {
            received.push(certificate);
            kept += 1;
            if (kept === enough) child.kill('SIGKILL');
          },
        }),
      ),
    );
    await ended;
    interrupted += results.filter(({ outcome }) => outcome !== 'installed').length;
  }
  expect(interrupted).toBeGreaterThan(0);
  expect(received.length).toBeGreaterThan(0);

  const cluster = await openCluster(place);
  const ledger = devices.flatMap((device) => cluster?.issuedTo(device) ?? []);
  const serials = ledger.map(({ serialNumber }) => serialNumber);
  expect(new Set(serials).size).toBe(serials.length);
  const got = received.map((certificate) => readCertificate(certificate).serialNumber);
  expect(new Set(got).size).toBe(got.length);
  for (const serial of got) expect(serials).toContain(serial);

  // The next start goes on where the last one stopped: every phone can still enrol.
  const { child, port } = await start();
  const [device = ''] = devices;
  const result = await enrolByCapf({
    host: '127.0.0.1',
    port,
    device,
    credential: { by: 'nothing' },
    judgeServer: () => ({ accepted: true }),
    keep: async (certificate) => {
      received.push(certificate);
    },
  });
  child.kill('SIGKILL');
  expect(result).toMatchObject({ outcome: 'installed' });
  const last = received.at(-1);
  expect(last && serials.includes(readCertificate(last).serialNumber)).toBe(false);
});

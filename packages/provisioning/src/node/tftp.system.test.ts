import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTestCertificates, SeededRandom, type TestIdentity } from '@trustline/testing';
import {
  artefactFolder,
  Dumpcap,
  eventually,
  freeUdpPort,
  missingCapture,
  missingPrograms,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileCache } from '../files/file-cache.ts';
import { type FileEvent, FileService } from '../files/file-service.ts';
import { defaultTftpLimits } from '../tftp/limits.ts';
import { type FetchWay, fetchFile } from './fetch-file.ts';
import { HttpFileServer } from './http-server.ts';
import { LossyRelay } from './lossy-relay.fixture.ts';
import { StaticFolder } from './static-folder.ts';
import { fetchFileByTftp } from './tftp-client.ts';
import { TftpFileServer } from './tftp-server.ts';

const run = promisify(execFile);
const folder = artefactFolder('tftp');
const served = join(folder, 'served');
/** An address that nothing else here uses, so that a capture holds this test alone. */
const host = '127.0.69.1';
const missing = missingPrograms('tftp', 'atftp', 'curl');

/** More than 65,535 blocks of 512 octets: block numbers wrap. */
const largeSize = 65_540 * 512 + 100;
const sizes = [0, 511, 512, 513, 40_000];
const events: FileEvent[] = [];
let server: TftpFileServer;
let web: HttpFileServer;
let port: string;
let copies = 0;

beforeAll(async () => {
  mkdirSync(served, { recursive: true });
  const random = new SeededRandom(1);
  for (const size of sizes) writeFileSync(join(served, `file-${size}`), random.bytes(size));
  const piece = random.bytes(65_521);
  const large = Buffer.alloc(largeSize);
  for (let at = 0; at < largeSize; at += piece.length) large.set(piece.subarray(0, largeSize - at), at);
  writeFileSync(join(served, 'large'), large);
  writeFileSync(join(served, 'lines'), 'one\ntwo\nthree\n');
  const source = new FileCache(await StaticFolder.open(served));
  const service = new FileService({ source, onEvent: (event) => events.push(event) });
  server = await TftpFileServer.open({ service, host, port: 0 });
  web = await HttpFileServer.open({ service, host, port: 0 });
  port = String(server.local.port);
});

afterAll(async () => {
  server.close();
  await web.close();
});

/** A path for the copy that a client makes. */
function copyPath(): string {
  copies += 1;
  return join(folder, `copy-${copies}`);
}

function expectSame(copy: string, name: string): void {
  const same = Buffer.compare(readFileSync(copy), readFileSync(join(served, name))) === 0;
  expect(same, `${name} arrived as it is`).toBe(true);
  rmSync(copy);
}

type Client = (name: string, copy: string, serverPort: string, at: string) => Promise<unknown>;

const curl: (...options: readonly string[]) => Client =
  (...options) =>
  (name, copy, serverPort, at) =>
    run('curl', ['-sS', '--fail', ...options, '-o', copy, `tftp://${at}:${serverPort}/${name}`]);

const atftp: (...options: readonly string[]) => Client =
  (...options) =>
  (name, copy, serverPort, at) =>
    run('atftp', [...options.flatMap((one) => ['--option', one]), '-g', '-r', name, '-l', copy, at, serverPort]);

const hpa: Client = async (name, copy, serverPort, at) => {
  // It says errors on standard output, and ends with 0.
  const { stdout } = await run('tftp', ['-m', 'binary', at, serverPort, '-c', 'get', name, copy]);
  if (/error|timed out/i.test(stdout)) throw new Error(stdout);
};

const clients: readonly (readonly [string, Client])[] = [
  ['tftp-hpa', hpa],
  ['atftp', atftp()],
  ['atftp, blksize and tsize', atftp('blksize 1428', 'tsize')],
  ['atftp, windowsize', atftp('windowsize 8')],
  ['atftp, all options', atftp('blksize 1024', 'windowsize 16', 'tsize', 'timeout 2')],
  ['curl', curl()],
  ['curl, without options', curl('--tftp-no-options')],
  ['curl, blksize', curl('--tftp-blksize', '1428')],
  ['curl, the largest blksize', curl('--tftp-blksize', '65464')],
];

const isFull = process.env['TRUSTLINE_FULL'] === '1';
/** Those that take blocks of 512 octets, so that the numbers of a large file wrap; each takes seconds. */
const inBlocks = isFull ? ['tftp-hpa', 'atftp', 'atftp, windowsize', 'curl'] : ['tftp-hpa', 'atftp, windowsize'];
const wrapping = clients.filter(([name]) => inBlocks.includes(name));
/** curl asks again only after seconds. */
const patient: readonly [string, Client][] = isFull ? [['curl', curl('--tftp-blksize', '1428')]] : [];

describe.skipIf(missing)('clients we did not write', () => {
  test.each(clients)('%s gets files of every length', async (_name, client) => {
    for (const size of sizes) {
      const copy = copyPath();
      await client(`file-${size}`, copy, port, host);
      // tftp-hpa and curl make no file when nothing comes.
      if (size === 0) writeFileSync(copy, '', { flag: 'a' });
      expectSame(copy, `file-${size}`);
    }
  });

  test.each(wrapping)('%s gets a file whose block numbers wrap', async (_name, client) => {
    const copy = copyPath();
    await client('large', copy, port, host);
    expectSame(copy, 'large');
  });

  test('each of them is in the events, with what was served', async () => {
    await eventually('the event of the last', () => server.running === 0);
    const octets = events.map((event) => (event.kind === 'file-served' ? event.octets : event));
    expect(octets).toEqual([...clients.flatMap(() => sizes), ...wrapping.map(() => largeSize)]);
  });

  test('netascii: tftp-hpa gets text', async () => {
    const copy = copyPath();
    await run('tftp', ['-m', 'ascii', host, port, '-c', 'get', 'lines', copy]);
    expectSame(copy, 'lines');
  });

  // The exit codes of curl for the error codes of TFTP: 68 file not found, 69 access violation.
  test.each([
    ['nothing', 68],
    ['/etc/passwd', 69],
    ['a/../../secret', 69],
  ])('curl is told that it does not get %s', async (name, code) => {
    const asked = run('curl', ['-sS', '--path-as-is', '-o', copyPath(), `tftp://${host}:${port}/${name}`]);
    await expect(asked).rejects.toMatchObject({ code });
  });

  test('tftp-hpa and atftp are told too', async () => {
    await expect(hpa('nothing', copyPath(), port, host)).rejects.toThrow(/file not found/i);
    await expect(atftp()('nothing', copyPath(), port, host)).rejects.toThrow(/file not found/i);
  });

  test('nobody writes', async () => {
    const put = run('curl', ['-sS', '-T', join(served, 'file-513'), `tftp://${host}:${port}/new`]);
    await expect(put).rejects.toMatchObject({ code: 69 });
    expect(events.at(-1)).toMatchObject({ kind: 'file-refused', cause: 'write', name: 'new' });
  });

  test('curl gets the same by HTTP', async () => {
    const copy = copyPath();
    await run('curl', ['-sS', '--fail', '-o', copy, `http://${host}:${web.local.port}/large`]);
    expectSame(copy, 'large');
    const traversal = run('curl', [
      '-sS',
      '--fail',
      '--path-as-is',
      `http://${host}:${web.local.port}/../served/large`,
    ]);
    await expect(traversal).rejects.toThrow(/400/);
  });

  test('curl gets it by HTTPS, and the renewed certificate without a restart', async () => {
    const { callManager } = await makeTestCertificates();
    const { rsa, ecdsa } = callManager;
    const source = await StaticFolder.open(served);
    const transports: string[] = [];
    const service = new FileService({
      source: {
        find: (request) => {
          transports.push(request.transport);
          return source.find(request);
        },
      },
      onEvent: () => {},
    });
    const tlsOf = (identity: TestIdentity) => ({ cert: identity.certificatePem, key: identity.privateKeyPem });
    const secure = await HttpFileServer.open({ service, host, port: 0, tls: tlsOf(rsa) });
    const ways = (issued: TestIdentity): FetchWay[] => [
      {
        transport: 'https',
        port: secure.local.port,
        tls: { ca: issued.certificatePem, allowPartialTrustChain: true },
        checkServer: () => undefined,
      },
    ];
    const copy = copyPath();
    const url = `https://${host}:${secure.local.port}/large`;
    // --insecure: the names in the certificate are another matter; who it is, our client checks below.
    await run('curl', ['-sS', '--fail', '--insecure', '-o', copy, url]);
    expectSame(copy, 'large');
    expect(transports).toEqual(['https']);
    const fetchBy = async (issued: TestIdentity) =>
      (await fetchFile({ host, name: 'lines', order: ways(issued) })).answer.kind;
    expect(await fetchBy(rsa)).toBe('found');
    expect(await fetchBy(ecdsa)).toBe('failed');
    secure.renew(tlsOf(ecdsa));
    expect(await fetchBy(ecdsa)).toBe('found');
    expect(await fetchBy(rsa)).toBe('failed');
    await secure.close();
  });

  test.each<[string, Client]>([['tftp-hpa', hpa], ['atftp', atftp('windowsize 4')], ...patient])(
    '%s gets its file through a network that loses and doubles',
    async (_name, client) => {
      const plain = await TftpFileServer.open({
        service: new FileService({ source: await StaticFolder.open(served), onEvent: () => {} }),
        host: '127.0.0.1',
        port: 0,
      });
      const relay = await LossyRelay.open(plain.local.port, new SeededRandom(7), 0.04);
      const copy = copyPath();
      await client('file-40000', copy, String(relay.port), '127.0.0.1');
      expect(relay.disturbed).toBeGreaterThan(0);
      relay.close();
      plain.close();
      expectSame(copy, 'file-40000');
    },
  );
});

describe.skipIf(missing || missingCapture())('on the wire', () => {
  test('tshark finds nothing malformed in what we send, with options and without', async () => {
    const file = join(folder, 'tftp.pcapng');
    const capture = await Dumpcap.start(file, `udp and host ${host}`);
    for (const client of [hpa, atftp('blksize 1024', 'windowsize 4', 'tsize', 'timeout 2'), curl()]) {
      await client('file-40000', copyPath(), port, host);
    }
    await expect(curl()('nothing', copyPath(), port, host)).rejects.toThrow();
    const ours = await fetchFileByTftp({ address: host, port: Number(port), name: 'file-40000' });
    expect(ours).toMatchObject({ kind: 'found' });
    await capture.stop();
    const ask = (filter: string, field: string): string[] => {
      const args = ['-r', file, '-d', `udp.port==${port},tftp`, '-Y', filter, '-T', 'fields', '-e', field];
      return spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 64e6 }).stdout.split('\n').filter(Boolean);
    };
    expect(ask('_ws.malformed', 'frame.number')).toEqual([]);
    expect(ask('udp && !tftp && !icmp', 'frame.number')).toEqual([]);
    expect(new Set(ask('tftp', 'tftp.opcode'))).toEqual(new Set(['1', '3', '4', '5', '6']));
    expect(ask('tftp.opcode == 3', 'frame.number').length).toBeGreaterThan(200);
  });
});

describe.skipIf(missingPrograms('atftpd'))('our client and atftpd', () => {
  let foreign: ReturnType<typeof spawn>;
  let foreignPort: number;

  beforeAll(async () => {
    foreignPort = await freeUdpPort();
    const args = ['--daemon', '--no-fork', '--logfile', '-', '--verbose=7', '--bind-address', '127.0.0.1'];
    const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim();
    const group = spawnSync('id', ['-gn'], { encoding: 'utf8' }).stdout.trim();
    args.push('--port', String(foreignPort), '--user', `${user}.${group}`, served);
    foreign = spawn('/usr/sbin/atftpd', args, { stdio: 'ignore' });
    await eventually('atftpd', async () => {
      const limits = { ...defaultTftpLimits, firstTimeout: 200, retransmissions: 0 };
      const asked = await fetchFileByTftp({ address: '127.0.0.1', port: foreignPort, name: 'file-0', limits });
      return asked.kind === 'found';
    });
  });

  afterAll(async () => {
    foreign.kill();
    if (foreign.exitCode === null && foreign.signalCode === null) await once(foreign, 'exit');
  });

  const get = (name: string, wishes: Parameters<typeof fetchFileByTftp>[0]['wishes'] = {}) =>
    fetchFileByTftp({ address: '127.0.0.1', port: foreignPort, name, wishes });

  test.each([
    ['without options', {}],
    ['blksize and tsize', { blockSize: 1_428, transferSize: true }],
    ['windowsize', { windowSize: 8 }],
    ['all options', { blockSize: 1_024, windowSize: 16, transferSize: true, timeoutSeconds: 2 }],
  ])('%s', async (_what, wishes) => {
    for (const size of sizes) {
      const found = await get(`file-${size}`, wishes);
      expect(found).toEqual({ kind: 'found', content: new Uint8Array(readFileSync(join(served, `file-${size}`))) });
    }
  });

  test('a file whose block numbers wrap', async () => {
    const found = await get('large');
    const same = found.kind === 'found' && Buffer.compare(found.content, readFileSync(join(served, 'large'))) === 0;
    expect(same).toBe(true);
  });

  test('a file that is not there', async () => {
    expect(await get('nothing')).toEqual({ kind: 'not-found' });
  });

  test('through a network that loses and doubles', async () => {
    const relay = await LossyRelay.open(foreignPort, new SeededRandom(3), 0.08);
    const found = await fetchFileByTftp({ address: '127.0.0.1', port: relay.port, name: 'file-40000' });
    relay.close();
    expect(found).toEqual({ kind: 'found', content: new Uint8Array(readFileSync(join(served, 'file-40000'))) });
  });
});

import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileCache, FileService } from '@trustline/provisioning';
import { StaticFolder, TftpFileServer } from '@trustline/provisioning/node';
import { Dumpcap, missingCapture, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCapture } from '../read-capture.fixture.ts';
import { provisioningReaders } from './readers.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'transfers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const served = join(folder, 'served');
const capture = join(folder, 'boot.pcapng');
/** An address that nothing else here uses, so that the capture holds this test alone. */
const host = '127.0.71.1';
const name = 'SEP001122334455.cnf.xml';
const password = 'hunter2 hunter2';
const configuration = `<device>${' '.repeat(3_000)}<sshUserId>cisco</sshUserId><sshPassword>${password}</sshPassword></device>\n`;

/** Our file server gives out no configuration of a phone that is known to hold a secret: one of another make it does. */
const otherName = 'y000000000028.cfg';
const otherConfiguration = `#!version:1.0.0.1\n${'\n'.repeat(5_000)}account.1.auth_name = cisco\naccount.1.password = ${password}\n`;

/** What an HTTP server says of a file: with its length, in chunks, compressed. */
const variants = ['length', 'chunks', 'gzip'];

const missing = missingPrograms('tshark', 'curl', 'tftp', 'atftp') || missingCapture();

describe.skipIf(missing)('a phone boots, as dumpcap captures it', () => {
  beforeAll(async () => {
    mkdirSync(served);
    writeFileSync(join(served, otherName), otherConfiguration);
    const service = new FileService({ source: new FileCache(await StaticFolder.open(served)), onEvent: () => {} });
    const tftp = await TftpFileServer.open({ service, host, port: 0 });
    const port = String(tftp.local.port);
    const web = createServer(async ({ url = '', headers }, response) => {
      response.setHeader('content-type', 'text/xml');
      if (url.startsWith('/length')) response.setHeader('content-length', configuration.length);
      if (url.startsWith('/gzip') && headers['accept-encoding']?.includes('gzip')) {
        const { gzipSync } = await import('node:zlib');
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(configuration));
        return;
      }
      response.write(configuration.slice(0, 1_000));
      response.end(configuration.slice(1_000));
    }).listen(0, host);
    await once(web, 'listening');
    const { port: webPort } = web.address() as AddressInfo;
    const dumpcap = await Dumpcap.start(capture, `host ${host}`);
    const [one, two, three] = ['one', 'two', 'three'].map((copy) => join(folder, copy)) as [string, string, string];
    await Promise.all([
      run('tftp', ['-m', 'binary', host, port, '-c', 'get', otherName, one]),
      run('atftp', [
        '--option',
        'blksize 1428',
        '--option',
        'windowsize 2',
        '-g',
        '-r',
        otherName,
        '-l',
        two,
        host,
        port,
      ]),
      run('curl', ['-sS', '--tftp-blksize', '1024', '-o', three, `tftp://${host}:${port}/${otherName}`]),
    ]);
    const urls = variants.flatMap((variant) => [
      '-o',
      join(folder, variant),
      `http://${host}:${webPort}/${variant}/${name}`,
    ]);
    await run('curl', ['-sS', '--compressed', '-u', `admin:${password}`, ...urls]);
    await dumpcap.stop();
    tftp.close();
    web.close();
    web.closeAllConnections();
  });

  test('each file is put together, and told with its secret; the password of the page once', async () => {
    const { observations, tally } = await readCapture(capture, provisioningReaders);
    const told = observations.disclosures();
    expect(told.filter(({ kind, protocol }) => kind === 'phone-configuration' && protocol === 'tftp')).toHaveLength(3);
    expect(told.filter(({ kind, protocol }) => kind === 'phone-configuration' && protocol === 'http')).toHaveLength(3);
    const secrets = told.filter(({ detail }) => /^(?:sshPassword|account\.1\.password), user cisco$/.test(detail));
    expect(secrets.map(({ secret }) => secret)).toEqual(Array(6).fill(password));
    expect(told.filter(({ detail }) => detail === 'Basic authentication')).toMatchObject([
      { subject: 'admin', secret: password },
    ]);
    expect(told.some(({ detail }) => detail.includes('not all'))).toBe(false);
    expect(tally.of('http').connections).toBe(1);
  });

  test('the packets of TFTP are those that tshark takes for it', async () => {
    const { tally } = await readCapture(capture, provisioningReaders);
    const rows = execFileSync('tshark', ['-n', '-r', capture, '-Y', 'udp', '-T', 'fields', '-e', 'udp.payload'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const operations = rows.split('\n').filter((row) => /^000[1-6]/.test(row));
    expect(tally.of('tftp').packets).toBe(operations.length);
    expect(operations.length).toBeGreaterThan(20);
  });
});

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type SecureContextOptions } from 'node:tls';
import { type CaptureItem, secretsTypes } from '@trustline/capture';
import { readCaptureFile } from '@trustline/capture/node';
import { makeTestCertificates } from '@trustline/testing';
import { Dumpcap, missingCapture, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Traffic } from '../../traffic/traffic.ts';
import { cipherSuiteNames } from './cipher-suite-names.ts';
import { cipherSuiteName } from './cipher-suites.ts';
import { versionNumbers } from './names.ts';
import { secretsOf } from './reading.fixture.ts';
import type { TlsSecrets } from './secrets.ts';
import { type TlsFacts, TlsReader } from './tls-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-tshark-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [capture, withSecrets, keyLog] = ['tls.pcapng', 'with-secrets.pcapng', 'keys.log'].map((name) =>
  join(folder, name),
) as [string, string, string];

const tshark = (...args: readonly string[]) =>
  execFileSync('tshark', args, { maxBuffer: 1 << 28, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe.skipIf(missingPrograms('tshark'))('names', () => {
  test('suites have the names that tshark has for them', () => {
    const theirs = new Map<number, string>();
    for (const row of tshark('-G', 'values').split('\n')) {
      const [kind, field, code, name] = row.split('\t');
      if (kind === 'V' && field === 'tls.handshake.ciphersuite') theirs.set(Number(code), name ?? '');
    }
    for (const [code, name] of Object.entries(cipherSuiteNames)) expect(theirs.get(Number(code))).toBe(name);
  });
});

describe.skipIf(missingPrograms('tshark') || missingCapture())('captured by dumpcap', () => {
  beforeAll(async () => {
    const { callManager } = await makeTestCertificates();
    const { certificatePem: cert, privateKeyPem: key } = callManager.rsa;
    const server = createServer({ cert, key, ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1' }, (socket) => {
      socket.on('data', (octets) => socket.write(`answer to ${octets}`));
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dumpcap = await Dumpcap.start(capture, `port ${port}`);
    const kinds: readonly SecureContextOptions[] = [
      {},
      { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' },
      { maxVersion: 'TLSv1.2' },
      { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256' },
      { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'AES256-SHA:@SECLEVEL=0' },
      { maxVersion: 'TLSv1', minVersion: 'TLSv1', ciphers: 'ECDHE-RSA-AES128-SHA:@SECLEVEL=0' },
    ];
    writeFileSync(keyLog, '');
    for (const [at, kind] of kinds.entries()) {
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: `host${at}.test`,
        rejectUnauthorized: false,
        ...kind,
      });
      socket.on('keylog', (line) => appendFileSync(keyLog, line));
      await once(socket, 'secureConnect');
      socket.write(`question ${at}`);
      await once(socket, 'data');
      socket.destroy();
    }
    await dumpcap.stop();
    server.close();
    execFileSync('editcap', ['--inject-secrets', `tls,${keyLog}`, capture, withSecrets], { stdio: 'ignore' });
  });

  test('versions, suites and names of each connection are those that tshark reads', async () => {
    const fields = ['tls.handshake.ciphersuite', 'tls.handshake.extensions.supported_version', 'tls.handshake.version'];
    const rows = tshark(
      '-r',
      capture,
      '-Y',
      'tls.handshake.type == 2',
      '-T',
      'fields',
      ...fields.flatMap((one) => ['-e', one]),
    );
    const theirs = rows
      .trim()
      .split('\n')
      .map((row) => {
        const [suite, later, version] = row.split('\t').map((cell) => Number(cell.split(',')[0]));
        return [cipherSuiteName(suite ?? 0), later || version];
      });
    const ours = (await read(capture, secretsOf(''))).map(({ facts }) => [
      facts.suite,
      facts.version === undefined ? undefined : versionNumbers[facts.version],
    ]);
    expect(ours).toHaveLength(6);
    expect(ours).toEqual(theirs);
    const names = tshark(
      '-r',
      capture,
      '-Y',
      'tls.handshake.type == 1',
      '-T',
      'fields',
      '-e',
      'tls.handshake.extensions_server_name',
    );
    expect((await read(capture, secretsOf(''))).map(({ facts }) => facts.serverName)).toEqual(names.trim().split('\n'));
  });

  test('what is read with the keys in the capture is what tshark decrypts', async () => {
    const ours = await read(withSecrets, secretsOf(''));
    const follows = ours.flatMap((_, stream) => ['-z', `follow,tls,raw,${stream}`]);
    const theirs = tshark('-q', '-r', withSecrets, ...follows)
      .split(/^={3,}$/m)
      .filter((part) => part.includes('Follow: tls'))
      .map((part) =>
        part
          .split('\n')
          .filter((row) => /^\t?[0-9a-f]+$/.test(row))
          .map((row) => row.trim()),
      )
      .reverse();
    expect(ours.map(({ heard }) => heard)).toEqual(theirs);
    expect(ours.map(({ facts }) => facts.opening.kind)).toEqual(ours.map(() => 'opened'));
  });
});

interface Read {
  readonly facts: TlsFacts;
  /** As tshark follows a stream: pieces in hexadecimal. Which side it indents is not always the server. */
  readonly heard: string[];
}

async function read(file: string, given: TlsSecrets): Promise<readonly Read[]> {
  let secrets = given;
  const readers: { reader: TlsReader; heard: string[] }[] = [];
  const traffic = new Traffic({
    openDatagrams: () => ({ datagram: () => {} }),
    openConnection: () => {
      const heard: string[] = [];
      const reader = new TlsReader({
        secrets,
        inner: {
          data: (_from, octets) => heard.push(Buffer.from(octets).toString('hex')),
          gap: () => {},
          ended: () => {},
        },
      });
      readers.push({ reader, heard });
      return reader;
    },
  });
  for await (const item of readCaptureFile(file) as AsyncIterable<CaptureItem>) {
    if (item.kind === 'secrets' && item.type === secretsTypes.tlsKeyLog) {
      secrets = secretsOf(new TextDecoder().decode(item.data));
    }
    if (item.kind === 'packet') traffic.handle(item);
  }
  traffic.end();
  return readers.map(({ reader, heard }) => ({ facts: reader.facts(), heard }));
}

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexadecimal } from '@trustline/base';
import { eventually, freeUdpPort, missingPrograms } from '@trustline/testing/node';
import { afterAll, describe, expect, test } from 'vitest';
import type { ConnectionSide } from '../../traffic/connections.ts';
import { looksLikeDtls } from '../recognise.ts';
import { fingerprintsOf } from '../tls/certificate.ts';
import { makeServerCertificate } from '../tls/openssl-conversation.fixture.ts';
import { NOON, secretsOf } from '../tls/reading.fixture.ts';
import type { Said } from '../tls/recorded-tls.fixture.ts';
import type { TlsSecrets } from '../tls/secrets.ts';
import { DtlsReader } from './dtls-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-dtls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const both = ['-use_srtp', 'SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80', '-mtu', '400'];

/** A handshake of openssl with itself by DTLS through a relay, and what both exported by RFC 5764. */
async function converse(terms: readonly string[], materialLength: number) {
  const port = await freeUdpPort();
  const exported = ['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', String(materialLength)];
  const server = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      `127.0.0.1:${port}`,
      '-cert',
      'server.pem',
      '-key',
      'server-key.pem',
      ...terms,
      ...exported,
    ],
    { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (output += text));
  await eventually('s_server by DTLS', async () => output.includes('ACCEPT'));
  const said: Said[] = [];
  const [near, far] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4')];
  await once(near, 'listening');
  let clientPort = 0;
  near.on('message', (octets, { port: from }) => {
    clientPort = from;
    said.push({ from: 'client', octets: Uint8Array.from(octets) });
    far.send(octets, port, '127.0.0.1');
  });
  far.on('message', (octets) => {
    said.push({ from: 'server', octets: Uint8Array.from(octets) });
    near.send(octets, clientPort, '127.0.0.1');
  });
  const keyLogFile = join(folder, `${port}.log`);
  const client = spawn(
    'openssl',
    ['s_client', '-connect', `127.0.0.1:${near.address().port}`, '-keylogfile', keyLogFile, ...terms, ...exported],
    { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let told = '';
  for (const stream of [client.stdout, client.stderr]) stream.on('data', (text) => (told += text));
  await eventually('keys that s_client exports', async () => /Keying material: [0-9A-F]+/.test(told));
  client.stdin.write('hello\n');
  await eventually('a word by DTLS', async () => output.includes('hello'));
  const gone = [once(client, 'close'), once(server, 'close')];
  for (const one of [client, server]) one.kill('SIGKILL');
  await Promise.all(gone);
  for (const socket of [near, far]) socket.close();
  const material = /Keying material: ([0-9A-F]+)/.exec(told)?.[1]?.toLowerCase();
  return { said, keyLog: readFileSync(keyLogFile, 'utf8'), material };
}

function read(said: readonly Said[], secrets?: TlsSecrets): DtlsReader {
  const reader = new DtlsReader(secrets);
  for (const [at, { from, octets }] of said.entries()) {
    reader.datagram(from, octets, { number: at + 1, microseconds: NOON });
  }
  return reader;
}

const swapped: Readonly<Record<ConnectionSide, ConnectionSide>> = { client: 'server', server: 'client' };

describe.skipIf(missingPrograms('openssl'))('DTLS as openssl speaks it', () => {
  makeServerCertificate(folder);

  test.each([
    ['DTLS 1.2', ['-dtls1_2', ...both], 'AEAD_AES_128_GCM', 56],
    [
      'DTLS 1.2',
      ['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_32', '-cipher', 'AES128-SHA256'],
      'AES_CM_128_HMAC_SHA1_32',
      60,
    ],
    [
      'DTLS 1.0',
      ['-dtls1', ...both.slice(2), '-use_srtp', 'SRTP_AES128_CM_SHA1_80', '-cipher', 'ALL:@SECLEVEL=0'],
      'AES_CM_128_HMAC_SHA1_80',
      60,
    ],
  ] as const)('%s with %j', async (version, terms, profile, length) => {
    const { said, keyLog, material } = await converse(terms, length);
    for (const { octets } of said) expect(looksLikeDtls(octets)).toBe('yes');
    const reader = read(said, secretsOf(keyLog));
    const facts = reader.facts();
    expect(facts).toMatchObject({ version, handshake: 'complete', clientSide: 'client', mutual: 'no', malformed: 0 });
    const printed = readFileSync(join(folder, 'server.pem'), 'utf8');
    const der = Buffer.from(printed.replace(/-----.*?-----|\s/g, ''), 'base64');
    expect(facts.serverCertificates[0]?.der).toEqual(new Uint8Array(der));
    expect(fingerprintsOf(der)['sha-256']).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);

    const [keys] = reader.srtpKeys();
    expect(keys?.profile).toBe(profile);
    const parts = [keys?.client.masterKey, keys?.server.masterKey, keys?.client.masterSalt, keys?.server.masterSalt];
    expect(parts.map((part) => hexadecimal(part ?? new Uint8Array(0))).join('')).toBe(material);

    // The private key of the server does it, too, where the suite lets it.
    const byKey = read(said, secretsOf(readFileSync(join(folder, 'server-key.pem'), 'utf8'))).srtpKeys();
    expect(byKey.map(({ client }) => client)).toEqual(facts.forwardSecrecy ? [] : [keys?.client]);

    // Lost datagrams that are sent again, others twice, and the ends named the other way round.
    const twice = said.flatMap((one) => [one, one]).map(({ from, octets }) => ({ from: swapped[from], octets }));
    const again = read(twice, secretsOf(keyLog));
    expect(again.facts()).toMatchObject({ version, suite: facts.suite, clientSide: 'server', handshakes: 1 });
    expect(again.srtpKeys()[0]?.client).toEqual(keys?.client);
  });
});

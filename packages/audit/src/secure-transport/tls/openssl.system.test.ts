import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, describe, expect, test } from 'vitest';
import { Handshake } from './handshake.ts';
import { converse, makeServerCertificate, OpensslServer } from './openssl-conversation.fixture.ts';
import { readSaid, secretsOf } from './reading.fixture.ts';
import type { TlsFacts } from './tls-reader.ts';
import { weaknessesOf } from './weaknesses.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
const folder = mkdtempSync(join(tmpdir(), 'trustline-openssl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const proof = ['-cert', 'server.pem', '-key', 'server-key.pem'];
const spoken = { client: 'hello\nagain\n', server: 'olleh\nniaga\n' };
const nothing = { client: '', server: '' };
const codes = ({ weaknesses }: TlsFacts) => weaknesses.map(({ code }) => code);

/** Suites by their names in OpenSSL; the last of each says whether it is read without any key. */
const suites: readonly (readonly [suite: string, name: string, weak: readonly string[], open: boolean])[] = [
  ['NULL-SHA256', 'TLS_RSA_WITH_NULL_SHA256', ['null-cipher', 'no-forward-secrecy'], true],
  ['AECDH-NULL-SHA', 'TLS_ECDH_anon_WITH_NULL_SHA', ['null-cipher', 'anonymous-key-exchange'], true],
  [
    'ADH-AES128-SHA256',
    'TLS_DH_anon_WITH_AES_128_CBC_SHA256',
    ['anonymous-key-exchange', 'small-diffie-hellman-group'],
    false,
  ],
  ['DHE-RSA-AES256-GCM-SHA384', 'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384', [], false],
  ...(isFull
    ? ([
        ['NULL-MD5', 'TLS_RSA_WITH_NULL_MD5', ['null-cipher', 'md5-mac', 'no-forward-secrecy'], true],
        ['NULL-SHA', 'TLS_RSA_WITH_NULL_SHA', ['null-cipher', 'no-forward-secrecy'], true],
        ['ECDHE-RSA-NULL-SHA', 'TLS_ECDHE_RSA_WITH_NULL_SHA', ['null-cipher'], true],
        ['AECDH-AES256-SHA', 'TLS_ECDH_anon_WITH_AES_256_CBC_SHA', ['cbc-with-sha-1', 'anonymous-key-exchange'], false],
        ['DHE-RSA-CHACHA20-POLY1305', 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256', [], false],
        ['DHE-RSA-AES128-CCM8', 'TLS_DHE_RSA_WITH_AES_128_CCM_8', [], false],
        ['ECDHE-ARIA128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256', [], false],
        ['DHE-RSA-CAMELLIA256-SHA256', 'TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256', [], false],
      ] as const)
    : []),
];

describe.skipIf(missingPrograms('openssl'))('what openssl says to itself', () => {
  makeServerCertificate(folder);
  const privateKey = readFileSync(join(folder, 'server-key.pem'), 'utf8');

  test.each(suites)('%s', async (suite, name, weak, isOpen) => {
    const weakest = `${suite}:@SECLEVEL=0`;
    const server = await OpensslServer.start(folder, [...proof, '-tls1_2', '-cipher', weakest]);
    const { said, keyLog } = await converse(folder, server, ['-tls1_2', '-cipher', weakest]);
    await server.stop();
    const blind = readSaid(said);
    expect(blind.facts).toMatchObject({
      version: 'TLS 1.2',
      suite: name,
      handshake: 'complete',
      encrypts: !isOpen,
      authenticates: !weak.includes('anonymous-key-exchange'),
      opening: { kind: isOpen ? 'clear' : 'no-keys' },
    });
    const others = ['certificate-self-signed', 'certificate-not-yet-valid'];
    expect(codes(blind.facts).filter((code) => !others.includes(code))).toEqual(weak);
    expect(blind.heard).toEqual(isOpen ? spoken : nothing);
    expect(readSaid(said, secretsOf(keyLog)).heard).toEqual(spoken);
  });

  test('a session without tickets: its identity leads to the keys', async () => {
    const terms = ['-tls1_2', '-cipher', 'AES256-SHA256'];
    const server = await OpensslServer.start(folder, [...proof, ...terms, '-no_ticket']);
    const first = await converse(folder, server, [...terms, '-sess_out', 'session.pem']);
    const second = await converse(folder, server, [...terms, '-sess_in', 'session.pem']);
    await server.stop();
    const secrets = secretsOf(privateKey);
    expect(readSaid(first.said, secrets).heard).toEqual(spoken);
    const { facts, heard } = readSaid(second.said, secrets);
    expect(facts).toMatchObject({ resumed: 'session-id', opening: { kind: 'opened', by: 'session' } });
    expect(heard).toEqual(spoken);
  });

  test('TLS 1.3: a resumed session, data before its handshake (0-RTT), and keys that are updated', async () => {
    const server = await OpensslServer.start(folder, [...proof, '-tls1_3', '-early_data', '-no_anti_replay']);
    const first = await converse(folder, server, ['-sess_out', 'session13.pem'], ['hello', 'K', 'again']);
    writeFileSync(join(folder, 'early.txt'), 'first\n');
    const second = await converse(folder, server, ['-sess_in', 'session13.pem', '-early_data', 'early.txt']);
    await server.stop();
    const updated = readSaid(first.said, secretsOf(first.keyLog));
    expect(updated.heard).toEqual({ client: spoken.client, server: '' });
    expect(updated.facts.recordsNotOpened).toBe(0);
    const { facts, heard } = readSaid(second.said, secretsOf(second.keyLog));
    expect(facts).toMatchObject({ resumed: 'pre-shared-key', earlyData: true, forwardSecrecy: true });
    expect(codes(facts)).toContain('early-data');
    expect(heard.client).toBe(`first\n${spoken.client}`);
    expect(facts.recordsNotOpened).toBe(0);
  });

  test.each([
    ['sha1', '1024', ['rsa-key-below-2048', 'sha-1-certificate-signature']],
    ['md5', '2048', ['md5-certificate-signature']],
    ['sha256', '2048', []],
  ] as const)('a certificate that was signed with %s, its key of %s bits', (digest, bits, weak) => {
    const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    openssl(
      'req',
      '-newkey',
      `rsa:${bits}`,
      '-nodes',
      '-keyout',
      'k.pem',
      '-out',
      'r.pem',
      '-subj',
      '/CN=old.example.net',
    );
    const signer = ['-CA', 'server.pem', '-CAkey', 'server-key.pem', '-CAcreateserial', '-days', '20', `-${digest}`];
    const der = openssl('x509', '-req', '-in', 'r.pem', ...signer, '-outform', 'DER');
    const u24 = (value: number) => [value >> 16, (value >> 8) & 0xff, value & 0xff];
    const body = Uint8Array.of(...u24(der.byteLength + 3), ...u24(der.byteLength), ...der);
    const handshake = new Handshake(false, false);
    handshake.message('server', 11, body, body, { number: 7, microseconds: 1_000 * (Date.now() + 60_000) });
    expect(weaknessesOf(handshake).map(({ code }) => code)).toEqual(weak);
    expect(handshake.certificates.server?.[0]?.certificate?.subject).toBe('CN=old.example.net');
  });

  test('a key that both were given beforehand proves them, and has no forward secrecy', async () => {
    const terms = ['-tls1_2', '-psk', '0badcafe', '-cipher', 'PSK-AES128-GCM-SHA256:@SECLEVEL=0'];
    const server = await OpensslServer.start(folder, ['-nocert', ...terms]);
    const { said, keyLog } = await converse(folder, server, terms);
    await server.stop();
    const { facts, heard } = readSaid(said, secretsOf(keyLog));
    expect(facts).toMatchObject({
      suite: 'TLS_PSK_WITH_AES_128_GCM_SHA256',
      forwardSecrecy: false,
      authenticates: true,
    });
    expect(heard).toEqual(spoken);
  });
});

import { spawnSync } from 'node:child_process';
import { createPublicKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../../testing/src/node/programs.ts';
import { newRsaKey } from '../crafted-certificate.fixture.ts';
import { buildEncryptedFile } from '../signed-file/build.ts';
import { parseSignedFile } from '../signed-file/parse.ts';
import { buildTrustList } from '../trust-list/build.ts';
import { type Cast, listNow, makeCast, tokenRecord } from '../trust-list/lists.fixture.ts';
import { parseTrustList } from '../trust-list/parse.ts';
import { type SignOctets, signFile } from '../trust-list/sign.ts';
import { verifyTrustList } from '../trust-list/verify.ts';

let home: string;
let cast: Cast;

function write(name: string, data: string | Uint8Array): string {
  const path = join(home, name);
  writeFileSync(path, data, { mode: 0o600 });
  return path;
}

function openssl(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 20_000 });
  expect({ args, status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

/** A token that is the command line of OpenSSL: the key never enters this process's signing. */
const tokenOf =
  (key: string): SignOctets =>
  async (digest, octets) => {
    const signature = join(home, 'signature');
    openssl(
      'dgst',
      digest === 'SHA-1' ? '-sha1' : '-sha512',
      '-sign',
      key,
      '-out',
      signature,
      write('to-sign', octets),
    );
    return new Uint8Array(readFileSync(signature));
  };

describe.skipIf(missingPrograms('openssl'))('openssl agrees', () => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'trustline-trust-files-'));
    cast = await makeCast();
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test.each(['SHA-1', 'SHA-512'] as const)('with a list that it signed itself, with %s', async (digest) => {
    const { certificate, privateKey } = cast.token1;
    const key = write('token.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const unsigned = buildTrustList({
      kind: 'CTL',
      timestamp: listNow,
      digest,
      signer: certificate,
      records: [tokenRecord(cast.token1), { role: 'TFTP', dnsName: 'node-1', certificate: cast.node1.certificate }],
    });
    const octets = await signFile(unsigned, tokenOf(key));
    expect(verifyTrustList(octets).ok).toBe(true);

    // And the other way: what stands in the file is verified by OpenSSL with the certificate that stands in it.
    const read = parseTrustList(octets);
    if (!read.ok) return expect.fail(read.message);
    const { offset, length } = read.layout.signature;
    const covered = write('covered', Buffer.concat([octets.subarray(0, offset), octets.subarray(offset + length)]));
    const signature = write('signature', octets.subarray(offset + 3, offset + length));
    const [sast, tftp] = read.list.records.map(({ certificate: der }, index) =>
      write(`${index}.der`, der ?? new Uint8Array()),
    );
    const publicKey = write('public.pem', openssl('x509', '-inform', 'DER', '-in', sast ?? '', '-noout', '-pubkey'));
    const hash = digest === 'SHA-1' ? '-sha1' : '-sha512';
    expect(openssl('dgst', hash, '-verify', publicKey, '-signature', signature, covered)).toBe('Verified OK\n');
    expect(openssl('x509', '-inform', 'DER', '-in', tftp ?? '', '-noout', '-subject')).toMatch(/CN ?= ?node-1\n/);
    return undefined;
  });

  test('on what stands in an encrypted file, and opens it with the key of the phone', async () => {
    const phoneKey = newRsaKey(2048);
    const plain = new TextEncoder().encode('<device><fullConfig>true</fullConfig></device>\n');
    const unsigned = buildEncryptedFile({
      fileName: 'SEP001122334455.cnf.xml.enc.sgn',
      timestamp: listNow,
      digest: 'SHA-1',
      signer: cast.node1.certificate,
      payload: plain,
      recipient: createPublicKey(phoneKey),
      random: (length) => new Uint8Array(randomBytes(length)),
    });
    const signer = write('node.pem', String(cast.node1.privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const read = parseSignedFile(await signFile(unsigned, tokenOf(signer)));
    const encryption = read.ok ? read.file.header.encryption : undefined;
    if (!read.ok || encryption === undefined) return expect.fail('encrypted');

    const key = write('phone.pem', String(phoneKey.export({ type: 'pkcs8', format: 'pem' })));
    const unwrapped = join(home, 'unwrapped');
    openssl('pkeyutl', '-decrypt', '-inkey', key, '-in', write('wrapped', encryption.wrappedKey), '-out', unwrapped);
    const opened = join(home, 'opened');
    const [aes, iv] = [readFileSync(unwrapped), encryption.initializationVector].map((one) =>
      Buffer.from(one).toString('hex'),
    );
    const input = write('ciphertext', read.file.payload);
    openssl('enc', '-d', '-aes-128-cbc', '-nopad', '-K', aes ?? '', '-iv', iv ?? '', '-in', input, '-out', opened);
    const padded = new Uint8Array(readFileSync(opened));
    expect(aes).toHaveLength(32);
    expect(padded.subarray(0, plain.length)).toEqual(plain);
    expect([...padded.subarray(plain.length)]).toEqual(new Array(encryption.paddingLength).fill(0x0d));
    const hash = openssl('dgst', '-sha1', '-r', write('plain', plain)).slice(0, 40);
    expect(hash).toBe(Buffer.from(encryption.plainHash).toString('hex'));
    return undefined;
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../testing/src/node/programs.ts';
import { MAX_CERTIFICATE_FILE_LENGTH, readCertificateFile } from './certificate-file.ts';
import { type Crafted, craft, craftAuthority } from './crafted-certificate.fixture.ts';
import { PkiError } from './error.ts';
import { encodeCertificatesPem, encodePem } from './pem.ts';

let folder: string;
let leaf: Crafted;
let root: Crafted;
let pem: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trustline-certificate-file-'));
  root = await craftAuthority('Outside Root');
  leaf = await craft({ issuer: root });
  pem = encodeCertificatesPem([leaf.certificate, root.certificate]);
  writeFileSync(join(folder, 'chain.pem'), pem);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const octets = (text: string) => new TextEncoder().encode(text);
const fingerprints = (file: Uint8Array) => new Set(readCertificateFile(file).map(({ fingerprint }) => fingerprint));
const both = () => new Set([leaf, root].map(({ certificate }) => certificate.fingerprint));

describe('certificates are read from', () => {
  test('PEM with text between, and DER', () => {
    expect(fingerprints(octets(`subject=SEP\n${pem}`))).toEqual(both());
    expect(fingerprints(leaf.certificate.der)).toEqual(new Set([leaf.certificate.fingerprint]));
  });

  describe.skipIf(missingPrograms('openssl'))('PKCS#7 as openssl writes it,', () => {
    test.each(['DER', 'PEM'])('in %s', (form) => {
      const file = join(folder, `chain.${form}`);
      const args = ['crl2pkcs7', '-nocrl', '-certfile', join(folder, 'chain.pem'), '-outform', form, '-out', file];
      execFileSync('openssl', args);
      const written = new Uint8Array(readFileSync(file));
      expect(fingerprints(written)).toEqual(both());
      for (let end = 0; end < written.length - 2; end += 1) {
        expect(() => readCertificateFile(written.subarray(0, end))).toThrow(PkiError);
      }
    });
  });
});

describe('what holds no certificate is refused:', () => {
  const sequence = (...hex: string[]) => new Uint8Array(Buffer.from(hex.join(''), 'hex'));
  const rows: readonly [string, () => Uint8Array][] = [
    ['nothing', () => new Uint8Array()],
    ['text', () => octets('no certificate')],
    ['a key', () => octets('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')],
    ['PKCS#7 that is no base64', () => octets('-----BEGIN PKCS7-----\nA=A=A\n-----END PKCS7-----\n')],
    ['PKCS#7 of data', () => sequence('300d', '06092a864886f70d010701', 'a000')],
    ['PKCS#7 that ends early', () => sequence('300d', '06092a864886f70d010702', 'a000')],
    ['PKCS#7 with something else for a certificate', () => octets(encodePem('PKCS7', sequence('3000')))],
    ['octets behind a certificate', () => Uint8Array.from([...leaf.certificate.der, 0])],
    ['a file that is too large', () => new Uint8Array(MAX_CERTIFICATE_FILE_LENGTH + 1)],
  ];
  test.each(rows)('%s', (_title, file) => {
    expect(() => readCertificateFile(file())).toThrow(PkiError);
  });
});

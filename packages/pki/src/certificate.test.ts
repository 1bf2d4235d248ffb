import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCertificate } from './certificate.ts';
import { PkiError } from './error.ts';
import { decodeCertificatesPem, encodeCertificatesPem, encodePem } from './pem.ts';

const sample = readFileSync(new URL('../vectors/lsc-chain.pem', import.meta.url), 'utf8');

test('reads a certificate that OpenSSL made', () => {
  const [lsc, capf] = decodeCertificatesPem(sample).map(readCertificate);
  expect(lsc).toMatchObject({
    subject: 'CN=SEP001122334455, OU=Devices, O=Vectors',
    issuer: 'CN=Vector CAPF CA, OU=CAPF, O=Vectors',
    commonNames: ['SEP001122334455'],
    serialNumber: '1122334455667788',
    key: { kind: 'RSA', bits: 2048 },
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
    authority: undefined,
    signatureHash: 'SHA-256',
    unknownCriticalExtensions: [],
  });
  expect(capf).toMatchObject({ authority: { pathLength: 0 }, key: { kind: 'EC', curve: 'prime256v1' } });
  expect(capf && lsc?.signedBy(capf)).toBe(true);
  expect(lsc && capf?.signedBy(lsc)).toBe(false);
});

test('what is read once is read the same again, and never in the place of another', () => {
  const [first = new Uint8Array()] = decodeCertificatesPem(sample);
  const again = readCertificate(Uint8Array.from(first));
  expect(again).toBe(readCertificate(first));
  const other = Uint8Array.from(first);
  other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1;
  expect(readCertificate(other).fingerprint).not.toBe(again.fingerprint);
});

test('certificates survive PEM, whatever text stands between them (RFC 7468 §2)', () => {
  const ders = decodeCertificatesPem(`Bag Attributes\n${sample}\ntrailing words`);
  expect(decodeCertificatesPem(encodeCertificatesPem(ders.map(readCertificate)))).toEqual(ders);
});

test('PEM of any octets decodes to the same octets', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (der) => {
      expect(decodeCertificatesPem(encodePem('CERTIFICATE', der))).toEqual([der]);
    }),
  );
});

test('any octets are a certificate or the typed error, and any text is certificates or the typed error', () => {
  const isTyped = (read: () => unknown) => {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(PkiError);
    }
  };
  const [der = new Uint8Array()] = decodeCertificatesPem(sample);
  for (let length = 0; length < der.length; length += 1) {
    expect(() => readCertificate(der.subarray(0, length))).toThrow(PkiError);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => isTyped(() => readCertificate(octets))));
  fc.assert(fc.property(fc.string(), (text) => isTyped(() => decodeCertificatesPem(text))));
});

import { createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { newEcKey, newRsaKey } from './crafted-certificate.fixture.ts';
import { PkiError } from './error.ts';
import { decodeCertificateRequestPem, readCertificateRequest } from './read-request.ts';
import { writeCertificateRequest } from './request.ts';
import { hashNameOf } from './token/digest-info.ts';
import { writeTokenRequest } from './token/write-token-request.ts';

const key = newRsaKey(2048);
const publicKey = createPublicKey(key);
let request: Uint8Array;

beforeAll(async () => {
  const pem = await writeTokenRequest('sast', 'SAST-1', {
    publicKey,
    sign: async (digest, data) => new Uint8Array(sign(hashNameOf(digest), data, key)),
  });
  request = decodeCertificateRequestPem(pem);
});

describe('RFC 2986 §4: a request proves that who asks holds the key', () => {
  test('a token’s request is read, and one of a key in a file', async () => {
    expect(readCertificateRequest(request).publicKey.equals(publicKey)).toBe(true);
    const subject = { commonName: 'x', organization: 'y' };
    const other = decodeCertificateRequestPem(await writeCertificateRequest('callmanager-rsa', subject, [], key));
    expect(readCertificateRequest(other).publicKey.equals(publicKey)).toBe(true);
  });

  test('OpenSSL’s request with SHA-512 is read', () => {
    const pem = readFileSync(new URL('../vectors/token-request.pem', import.meta.url), 'utf8');
    expect(readCertificateRequest(decodeCertificateRequestPem(pem)).publicKey.asymmetricKeyDetails?.modulusLength).toBe(
      2048,
    );
  });

  test('signed by another key it is refused', async () => {
    const thief = newRsaKey(2048);
    const pem = await writeTokenRequest('sast', 'SAST-1', {
      publicKey,
      sign: async (digest, data) => new Uint8Array(sign(hashNameOf(digest), data, thief)),
    });
    expect(() => readCertificateRequest(decodeCertificateRequestPem(pem))).toThrow(/not signed by its own key/);
  });

  test('every octet counts: changed or left out, it is refused', () => {
    for (let index = 0; index < request.length; index += 1) {
      const changed = Uint8Array.from(request);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => readCertificateRequest(changed), `octet ${index}`).toThrow(PkiError);
      expect(() => readCertificateRequest(request.subarray(0, index)), `length ${index}`).toThrow(PkiError);
    }
    expect(() => readCertificateRequest(Uint8Array.of(...request, 0))).toThrow(/not one DER structure/);
  });

  test('for a key of another kind it is refused', async () => {
    const pem = await writeCertificateRequest('operator', { commonName: 'x', organization: 'y' }, [], newEcKey());
    expect(() => readCertificateRequest(decodeCertificateRequestPem(pem))).toThrow(PkiError);
  });

  test('any octets give a request or the typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
        expect(() => readCertificateRequest(octets)).toThrow(PkiError);
      }),
    );
  });

  test('any changes of a request give its own key or the typed error', () => {
    const change = fc.tuple(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = Uint8Array.from(request);
        for (const [position, bits] of changes) changed[position] = (changed[position] ?? 0) ^ bits;
        try {
          expect(readCertificateRequest(changed).publicKey.equals(publicKey)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PkiError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['', 'nothing', '-----BEGIN CERTIFICATE REQUEST-----\nA\n-----END CERTIFICATE REQUEST-----'])(
    'PEM %j is refused',
    (pem) => {
      expect(() => decodeCertificateRequestPem(pem)).toThrow(expect.objectContaining({ code: 'pki.malformed-pem' }));
    },
  );
});

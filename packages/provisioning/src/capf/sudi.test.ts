import { constants, createHash, publicDecrypt } from 'node:crypto';
import { makeTestCertificates, type TestIdentity } from '@trustline/testing';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CapfSudi, decodeCapfSudi, encodeCapfSudi, makeCapfSudi, verifyCapfSudi } from './sudi.ts';

const device = 'SEP001122334455';
const session = 0xc0ffee01;

let rsa: TestIdentity;
let other: TestIdentity;
let ec: TestIdentity;

beforeAll(async () => {
  const certificates = await makeTestCertificates();
  rsa = await certificates.manufacturerInstalled(device);
  other = await certificates.manufacturerInstalled('SEP001122334466');
  ec = certificates.callManager.ecdsa; // any EC certificate will do: what it is for is not looked at here
});

const made = ({ certificate, privateKey }: TestIdentity, id = session) => makeCapfSudi(id, certificate.der, privateKey);

describe('SUDI data', () => {
  test('hold the certificate under 0, and under 1 and 3 the bare hash of session number, little-endian, and certificate', () => {
    const octets = encodeCapfSudi(made(rsa));
    const { der, publicKey } = rsa.certificate;
    const view = new DataView(octets.buffer, octets.byteOffset);
    expect([view.getUint8(0), view.getUint16(1)]).toEqual([0, der.byteLength]);
    let at = 3 + der.byteLength;
    for (const [tag, hash] of [
      [1, 'sha1'],
      [3, 'sha512'],
    ] as const) {
      expect([view.getUint8(at), view.getUint16(at + 1)]).toEqual([tag, 256]);
      const signature = octets.subarray(at + 3, at + 259);
      const recovered = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
      expect(recovered).toEqual(
        createHash(hash)
          .update(Uint8Array.of(0x01, 0xee, 0xff, 0xc0, ...der))
          .digest(),
      );
      at += 259;
    }
    expect(at).toBe(octets.byteLength);
  });

  test('prove with both signatures or with either, by RSA and EC keys', () => {
    for (const identity of [rsa, ec]) {
      const sudi = made(identity);
      expect(verifyCapfSudi(session, sudi)).toEqual({ proven: true, hashes: ['SHA-1', 'SHA-512'] });
      expect(verifyCapfSudi(session, { ...sudi, sha1Signature: undefined })).toEqual({
        proven: true,
        hashes: ['SHA-512'],
      });
      expect(verifyCapfSudi(session, { ...sudi, sha512Signature: undefined })).toEqual({
        proven: true,
        hashes: ['SHA-1'],
      });
    }
  });

  test('prove nothing without a signature, with one that is altered, or with another certificate', () => {
    const sudi = made(rsa);
    const altered = sudi.sha512Signature?.map((octet, at) => (at === 9 ? octet ^ 1 : octet));
    const bad: readonly CapfSudi[] = [
      { ...sudi, sha1Signature: undefined, sha512Signature: undefined },
      { ...sudi, sha512Signature: altered },
      { ...sudi, sha1Signature: sudi.sha512Signature },
      { ...sudi, certificate: other.certificate.der },
      { ...sudi, certificate: new Uint8Array(3) },
      { ...sudi, sha1Signature: new Uint8Array() },
    ];
    for (const one of bad) expect(verifyCapfSudi(session, one)).toMatchObject({ proven: false });
  });

  test('prove in their own session and in no other', () => {
    const sudi = made(rsa);
    const number = fc.nat(0xffff_ffff);
    fc.assert(
      fc.property(number, (id) => {
        expect(verifyCapfSudi(id, sudi).proven).toBe(id === session);
      }),
      { examples: [[session], [0x01eeffc0], [0]] },
    );
  });
});

describe('their octets', () => {
  const octets = fc.uint8Array({ maxLength: 40 });
  const signature = fc.option(octets, { nil: undefined });
  const sudi = fc.record({ certificate: octets, sha1Signature: signature, sha512Signature: signature });

  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(sudi, (value) => {
        expect(decodeCapfSudi(encodeCapfSudi(value))).toEqual(value);
      }),
    );
  });

  test('whatever comes: nothing, or encode(decode(octets)) = octets', () => {
    const mangled = fc.tuple(sudi, fc.nat(100), fc.nat(255)).map(([value, place, octet]) => {
      const encoded = encodeCapfSudi(value);
      encoded[place % encoded.byteLength] = octet;
      return encoded;
    });
    fc.assert(
      fc.property(fc.oneof(octets, mangled), (value) => {
        const read = decodeCapfSudi(value);
        if (read !== undefined) expect(encodeCapfSudi(read)).toEqual(value);
      }),
    );
  });

  test.each([
    ['nothing', []],
    ['no certificate', [1, 0, 1, 9]],
    ['another order', [1, 0, 1, 9, 0, 0, 1, 9]],
    ['an item twice', [0, 0, 1, 9, 0, 0, 1, 9]],
    ['an unknown item', [0, 0, 1, 9, 2, 0, 1, 9]],
    ['a length past the end', [0, 0, 2, 9]],
    ['half a head', [0, 0, 1, 9, 1, 0]],
  ])('are none with %s', (_, value) => {
    expect(decodeCapfSudi(Uint8Array.from(value))).toBeUndefined();
  });
});

import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign,
  verify,
} from 'node:crypto';
import { makeTestCertificates, type TestIdentity } from '@trustline/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { capfCertificateType } from './elements.ts';
import { makeCapfProof, verifyCapfProof } from './proof.ts';

const device = 'SEP001122334455';

let rsa: TestIdentity;
let ec: TestIdentity;
let data: (der: Uint8Array) => Uint8Array;

beforeAll(async () => {
  const certificates = await makeTestCertificates();
  rsa = await certificates.manufacturerInstalled(device);
  ec = certificates.callManager.ecdsa; // any EC certificate will do: what it is for is not looked at here
  data = (der) => new Uint8Array([...new TextEncoder().encode(device), 0, ...der]);
});

const certificateOf = ({ certificate }: TestIdentity) => ({ type: capfCertificateType.MIC, der: certificate.der });

describe('a proof', () => {
  test('of an RSA key is the bare hash in type 1 padding, without a DigestInfo', () => {
    const { sha1Signature, sha2Signature } = makeCapfProof(device, certificateOf(rsa), rsa.privateKey);
    const recover = (signature: Uint8Array | undefined) =>
      publicDecrypt(
        { key: rsa.certificate.publicKey, padding: constants.RSA_PKCS1_PADDING },
        signature ?? new Uint8Array(),
      );
    const hash = (name: string) => createHash(name).update(data(rsa.certificate.der)).digest();
    expect(recover(sha1Signature)).toEqual(hash('sha1'));
    expect(recover(sha2Signature?.signature)).toEqual(hash('sha512'));
    expect(sha2Signature?.hash).toBe(3);
  });

  test('of an EC key is ordinary ECDSA', () => {
    const { sha2Signature } = makeCapfProof(device, certificateOf(ec), ec.privateKey);
    const isGood = verify(
      'sha512',
      data(ec.certificate.der),
      ec.certificate.publicKey,
      sha2Signature?.signature ?? data(new Uint8Array()),
    );
    expect(isGood).toBe(true);
  });

  test('is accepted with both signatures, or with either alone', () => {
    for (const identity of [rsa, ec]) {
      const proof = makeCapfProof(device, certificateOf(identity), identity.privateKey);
      expect(verifyCapfProof(device, proof)).toEqual({ proven: true, hashes: ['SHA-1', 'SHA-512'] });
      const old = { ...proof, sha2Signature: undefined };
      expect(verifyCapfProof(device, old)).toEqual({ proven: true, hashes: ['SHA-1'] });
      const young = { ...proof, sha1Signature: undefined };
      expect(verifyCapfProof(device, young)).toEqual({ proven: true, hashes: ['SHA-512'] });
    }
  });
});

describe('a proof is refused', () => {
  test('without any signature, for another device, and with another key', () => {
    for (const identity of [rsa, ec]) {
      const proof = makeCapfProof(device, certificateOf(identity), identity.privateKey);
      const none = { ...proof, sha1Signature: undefined, sha2Signature: undefined };
      expect(verifyCapfProof(device, none)).toMatchObject({ proven: false });
      expect(verifyCapfProof('SEP001122334466', proof)).toMatchObject({ proven: false });
      const stolen = makeCapfProof(device, certificateOf(identity), otherKey(identity.privateKey));
      expect(verifyCapfProof(device, stolen)).toMatchObject({ proven: false });
    }
  });

  test('when one of its two signatures is bad, whichever', () => {
    for (const identity of [rsa, ec]) {
      const proof = makeCapfProof(device, certificateOf(identity), identity.privateKey);
      const bad = (signature: Uint8Array) => signature.with(20, (signature[20] ?? 0) ^ 1);
      expect(
        verifyCapfProof(device, { ...proof, sha1Signature: bad(proof.sha1Signature ?? data(new Uint8Array())) }),
      ).toMatchObject({
        proven: false,
      });
      const sha2Signature = { hash: 3, signature: bad(proof.sha2Signature?.signature ?? data(new Uint8Array())) };
      expect(verifyCapfProof(device, { ...proof, sha2Signature })).toMatchObject({ proven: false });
    }
  });

  test('RFC 8017 §9.2: a DigestInfo, a longer text and another padding are not the bare hash', () => {
    const certificate = certificateOf(rsa);
    const bytes = data(certificate.der);
    const hash = createHash('sha1').update(bytes).digest();
    const key = rsa.privateKey;
    const forged = [
      sign('sha1', bytes, key),
      privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([hash, Buffer.from([0])])),
      privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, hash.subarray(0, 19)),
      privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, Buffer.concat([Buffer.alloc(236), hash])),
      new Uint8Array(0),
      new Uint8Array(256),
      new Uint8Array(257).fill(1),
    ];
    for (const sha1Signature of forged) {
      const proof = { certificate, sha1Signature, sha2Signature: undefined };
      expect(verifyCapfProof(device, proof)).toMatchObject({ proven: false });
    }
  });

  test('when its second signature names a hash that is not SHA-512, or its certificate cannot be read', () => {
    const proof = makeCapfProof(device, certificateOf(rsa), rsa.privateKey);
    const signature = proof.sha2Signature?.signature ?? new Uint8Array();
    expect(verifyCapfProof(device, { ...proof, sha2Signature: { hash: 1, signature } })).toMatchObject({
      proven: false,
    });
    const certificate = { type: 2, der: Uint8Array.of(0x30, 0x03, 1, 2, 3) };
    expect(verifyCapfProof(device, { ...proof, certificate })).toMatchObject({ proven: false });
  });
});

function otherKey(like: KeyObject): KeyObject {
  return like.asymmetricKeyType === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

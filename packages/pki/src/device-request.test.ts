import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newEcKey, newRsaKey } from './crafted-certificate.fixture.ts';
import { deviceRequestInfo, readDeviceRequestInfo, signedDeviceRequest } from './device-request.ts';
import { spkiOf } from './issue.ts';
import { readCertificateRequest } from './read-request.ts';

const device = 'SEP001122334455';
const keys: readonly [string, KeyObject][] = [
  ['RSA-2048', newRsaKey(2048)],
  ['ECDSA P-256', newEcKey()],
  ['ECDSA P-521', generateKeyPairSync('ec', { namedCurve: 'secp521r1' }).privateKey],
];
const spki = (key: KeyObject) => spkiOf(createPublicKey(key));

describe('the request of a device (RFC 2986 §4)', () => {
  test.each(keys)('names the device and its key, and is made when that key has signed: %s', (_title, key) => {
    const info = deviceRequestInfo(device, 'Test lab', spki(key));
    const read = readDeviceRequestInfo(info);
    expect(read?.commonNames).toEqual([device]);
    expect(Buffer.compare(read?.publicKey ?? new Uint8Array(), spki(key))).toBe(0);
    expect(signedDeviceRequest(info, sign('sha256', info, key))).toBeDefined();
  });

  test('of an RSA key is one that our own reader takes too', () => {
    const [[, key]] = keys as [[string, KeyObject]];
    const info = deviceRequestInfo(device, 'Test lab', spki(key));
    const request = signedDeviceRequest(info, sign('sha256', info, key)) ?? new Uint8Array();
    expect(readCertificateRequest(request).publicKey.equals(createPublicKey(key))).toBe(true);
  });

  test.each(keys)('is not made by a signature of another key, of another hash, or of other octets: %s', (_t, key) => {
    const info = deviceRequestInfo(device, 'Test lab', spki(key));
    const thief = key.asymmetricKeyType === 'rsa' ? newRsaKey(2048) : newEcKey();
    for (const signature of [
      sign('sha256', info, thief),
      sign('sha1', info, key),
      sign('sha256', info.slice(1), key),
      new Uint8Array(),
      new Uint8Array(70).fill(0x30),
    ]) {
      expect(signedDeviceRequest(info, signature)).toBeUndefined();
    }
  });

  test('every octet of what is signed counts', () => {
    const [, [, key]] = keys as [unknown, [string, KeyObject]];
    const info = deviceRequestInfo(device, 'Test lab', spki(key));
    const signature = sign('sha256', info, key);
    for (let at = 0; at < info.length; at += 1) {
      const changed = Uint8Array.from(info);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(signedDeviceRequest(changed, signature)).toBeUndefined();
      expect(signedDeviceRequest(info.slice(0, at), signature)).toBeUndefined();
    }
  });

  test('is made for RSA and EC keys alone', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(() => deviceRequestInfo(device, 'Test lab', spkiOf(publicKey))).toThrow(
      expect.objectContaining({ code: 'pki.refused-request' }),
    );
  });
});

import { inspect } from 'node:util';
import { Redacted } from '@trustline/base';
import { describe, expect, test } from 'vitest';
import { h245Codec } from '../h245/messages.ts';
import { vectors } from '../vectors.fixture.ts';
import { SRTP_CAPABILITY } from './object-identifiers.ts';
import { srtpCapability, usableSrtpSuites } from './srtp-capability.ts';
import { decodeSrtpKey, encodeSrtpKey } from './srtp-keys.ts';

const vector = (name: string) => vectors.find((one) => one.name === name)?.octets ?? new Uint8Array(0);
const hex = (octets: Uint8Array | undefined) => Buffer.from(octets ?? []).toString('hex');
const secret = (octets: string) => new Redacted(Uint8Array.from(Buffer.from(octets.replaceAll(' ', ''), 'hex')));
const key = 'ba25cd0a04d9a6ff691a4d746c67b37f';
const salt = '63bc176628105e7961228bb6e38c';

describe('H.235.8: the key field', () => {
  test.each([
    ['direct', 'h2358-SrtpKeys'],
    ['genericKeyMaterial', 'h2358-H235Key-standard-form'],
  ] as const)('%s is read and written as the vector', (form, name) => {
    const result = decodeSrtpKey(new Redacted(vector(name)));
    if (!result.ok) throw new Error(result.because);
    expect([result.form, hex(result.masterKey.key.reveal()), hex(result.masterKey.salt.reveal())]).toEqual([
      form,
      key,
      salt,
    ]);
    expect(hex(encodeSrtpKey(result.masterKey, form).reveal())).toBe(hex(vector(name)));
  });

  test.each([
    ['no key', '00'],
    ['two keys', `02 00 10${key} 0e${salt} 00 10${key} 0e${salt}`],
    ['a lifetime', `01 40 10${key} 0e${salt} 00 01 1f`],
    ['an MKI', `01 20 10${key} 0e${salt} 00 01 07`],
    ['a key of 15 octets', `01 00 0f${key.slice(2)} 0e${salt}`],
    ['a salt of 12 octets', `01 00 10${key} 0c${salt.slice(4)}`],
    ['octets that are left over', `01 00 10${key} 0e${salt} 00`],
    ['a key that is cut', `01 00 10${key}`],
    ['another form of H.235', '00 07 80'],
    ['nothing', ''],
  ])('%s is refused, and nothing of it told', (_, octets) => {
    const result = decodeSrtpKey(secret(octets));
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.because).not.toContain(key.slice(0, 4));
  });

  test('a channel with a key shows it nowhere', () => {
    const result = h245Codec.decode(vector('olc-h2358-srtp-key'));
    if (!result.ok) throw result.error;
    expect(hex(vector('olc-h2358-srtp-key'))).toContain(key);
    const shown = JSON.stringify(result.value) + inspect(result.value, { depth: 20 });
    expect(shown).toContain('[redacted]');
    for (const part of ['ba25', '186, 37', '186,37', '"186"']) expect(shown).not.toContain(part);
  });
});

describe('H.235.8: suites', () => {
  test('two suites are written as OPAL writes them, and read in its order', () => {
    const capability = srtpCapability(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']);
    expect(hex(capability.nonCollapsingRaw)).toBe(hex(vector('h2358-SrtpCryptoCapability-2-suites')));
    expect(usableSrtpSuites(capability)).toEqual(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']);
  });

  test.each([
    ['a suite that means two things, .93', '01 40 07 0008816b00045d'],
    ['without encryption', '01 60 07 0008816b00045b 20 80'],
    ['without encryption of RTCP', '01 60 07 0008816b00045b 10 80'],
    ['without authentication', '01 60 07 0008816b00045b 08 80'],
    ['with a key derivation rate', '01 60 07 0008816b00045b 40 80'],
    ['no suite', '01 00'],
    ['what is no capability', 'ff'],
  ])('%s is none that is usable', (_, octets) => {
    expect(usableSrtpSuites({ ...srtpCapability([]), nonCollapsingRaw: secret(octets).reveal() })).toEqual([]);
  });

  test('another capability, or one without its parameter, has none', () => {
    const [standard] = [srtpCapability(['AES_CM_128_HMAC_SHA1_80'])];
    const other = { kind: 'standard', value: '0.0.8.239.1.1' } as const;
    expect(usableSrtpSuites({ ...standard, capabilityIdentifier: other })).toEqual([]);
    expect(usableSrtpSuites({ capabilityIdentifier: { kind: 'standard', value: SRTP_CAPABILITY } })).toEqual([]);
  });

  test('without session parameters the defaults hold, which protect everything', () => {
    const minimal = secret('01 40 07 0008816b00045c').reveal();
    expect(usableSrtpSuites({ ...srtpCapability([]), nonCollapsingRaw: minimal })).toEqual(['AES_CM_128_HMAC_SHA1_32']);
  });
});

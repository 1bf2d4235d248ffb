import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import examples from '../../vectors/rfc4568-examples.json' with { type: 'json' };
import type { CryptoAttribute, SdesKey, SdesSessionParameter } from './attribute.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { parseCryptoAttribute } from './parse.ts';
import { serializeCryptoAttribute } from './serialize.ts';
import { type SdesSuiteName, sdesSuites } from './suites.ts';

const key30 = 'PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR';

function parsed(value: string): CryptoAttribute {
  const attribute = parseCryptoAttribute(value);
  if (attribute.kind !== 'crypto') throw new Error(`${attribute.code}: ${attribute.reason}`);
  return attribute;
}

function unpadded(text: string): string {
  return text.replace(/=+$/, '');
}

describe('reading a=crypto (RFC 4568 §9.2)', () => {
  test.each(examples.lines.filter((line) => line.ok))('reads $line', ({ line, tag, keys, sessionParams }) => {
    const value = line.slice('a=crypto:'.length);
    const attribute = parsed(value);
    expect(attribute.tag).toBe(tag);
    expect(attribute.keys.length).toBe(keys?.length);
    for (const [i, expected] of (keys ?? []).entries()) {
      const key = attribute.keys[i] as SdesKey;
      const details: { b64: string; lifetime?: number; mki?: string; mkiLength?: number } = expected;
      expect(unpadded(encodeBase64(key.material.reveal()))).toBe(unpadded(details.b64));
      expect(key.lifetime).toBe(details.lifetime);
      expect(key.mki?.byteLength).toBe(details.mkiLength);
      if (details.mki !== undefined) expect(key.mki?.at(-1)).toBe(Number(details.mki) % 256);
    }
    expect(attribute.sessionParameters).toHaveLength(sessionParams?.length ?? 0);
    expect(serializeCryptoAttribute(attribute)).toBe(value);
  });

  test.each(examples.lines.filter((line) => !line.ok))('refuses $line ($why)', ({ line, tag }) => {
    const outcome = parseCryptoAttribute(line.slice('a=crypto:'.length));
    expect(outcome).toMatchObject({ kind: 'rejected', tag, section: 'RFC 4568 §6.1' });
  });

  test.each([
    ['', 'sdes.bad-tag'],
    [`x AES_CM_128_HMAC_SHA1_80 inline:${key30}`, 'sdes.bad-tag'],
    [`1234567890 AES_CM_128_HMAC_SHA1_80 inline:${key30}`, 'sdes.bad-tag'],
    ['1', 'sdes.bad-syntax'],
    ['1 AES_CM_128_HMAC_SHA1_80', 'sdes.bad-syntax'],
    [`1 AES_CM_128_HMAC_SHA1_80 ${key30}`, 'sdes.bad-syntax'],
    [`1 AES_CM_128_HMAC_SHA1_80 uri:${key30}`, 'sdes.unknown-key-method'],
    ['1 AES_CM_128_HMAC_SHA1_80 inline:', 'sdes.bad-key'],
    ['1 AES_CM_128_HMAC_SHA1_80 inline:PS1u*CVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR', 'sdes.bad-key'],
    [`1 AES_CM_256_HMAC_SHA1_80 inline:${key30}`, 'sdes.bad-key-length'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30}|2^49`, 'sdes.bad-lifetime'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30}|0`, 'sdes.bad-lifetime'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30}|1:4|2^20`, 'sdes.bad-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30}|256:1`, 'sdes.bad-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30}|1:129`, 'sdes.bad-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30};inline:${key30}`, 'sdes.bad-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30}|1:1;inline:${key30}|1:1`, 'sdes.bad-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30} KDR=25`, 'sdes.bad-session-parameter'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30} KDR=1 KDR=2`, 'sdes.bad-session-parameter'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30} UNENCRYPTED_SRTP=1`, 'sdes.bad-session-parameter'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30} -unencrypted_srtp=1`, 'sdes.bad-session-parameter'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${key30} UNENCRYPTED_SRTP -unencrypted_srtp`, 'sdes.bad-session-parameter'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}`, 'sdes.zero-key'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(24)}${key30.slice(24)}`, 'sdes.zero-key'],
    [`1 X inline:${'A'.repeat(9000)}`, 'sdes.too-large'],
  ])('refuses %s', (value, code) => {
    expect(parseCryptoAttribute(value)).toMatchObject({ kind: 'rejected', code });
  });

  test('reads both spellings of the longer suites, and writes the one it read', () => {
    const key = encodeBase64(new Uint8Array(46).fill(7));
    for (const name of ['AES_256_CM_HMAC_SHA1_80', 'AES_CM_256_HMAC_SHA1_80']) {
      const attribute = parsed(`2 ${name} inline:${key}`);
      expect(attribute.suite?.name).toBe('AES_256_CM_HMAC_SHA1_80');
      expect(serializeCryptoAttribute(attribute)).toBe(`2 ${name} inline:${key}`);
    }
  });

  test('reads a key without the padding that some peers leave out', () => {
    const key = encodeBase64(new Uint8Array(44).fill(7));
    expect(key.endsWith('=')).toBe(true);
    const attribute = parsed(`1 AEAD_AES_256_GCM inline:${unpadded(key)}`);
    expect(serializeCryptoAttribute(attribute)).toBe(`1 AEAD_AES_256_GCM inline:${key}`);
  });

  test('writes a window size as it may be read, in two digits at least (RFC 4568 §9.2)', () => {
    for (const hint of ['WSH=00', 'WSH=07', 'WSH=64', 'WSH=1024']) {
      const value = `1 AES_CM_128_HMAC_SHA1_80 inline:${key30} ${hint}`;
      expect(serializeCryptoAttribute(parsed(value))).toBe(value);
    }
  });

  test.each([
    ['UNENCRYPTED_SRTP', 'unencrypted-srtp'],
    ['UNENCRYPTED_SRTCP', 'unencrypted-srtcp'],
    ['UNAUTHENTICATED_SRTP', 'unauthenticated-srtp'],
    ['KDR=3', 'key-derivation-rate'],
    ['FEC_ORDER=SRTP_FEC', 'fec-order'],
    ['WSH=128', 'window-size-hint'],
  ])('knows %s in any case and with a dash, and writes it as it was (RFC 5234 §2.3)', (text, kind) => {
    const [name = '', ...value] = text.split(/(?==)/);
    const mixed = `${name.slice(0, 2)}${name.slice(2).toLowerCase()}`;
    for (const written of [name, name.toLowerCase(), mixed, `-${name}`, `-${name.toLowerCase()}`, `--${mixed}`]) {
      const line = `1 AES_CM_128_HMAC_SHA1_80 inline:${key30} ${written}${value.join('')}`;
      expect(parsed(line).sessionParameters).toMatchObject([{ kind }]);
      expect(serializeCryptoAttribute(parsed(line))).toBe(line);
    }
  });

  test.each(['-UNENCRYPTED', '-UNENCRYPTED_ALL', '-unauthenticated_srtcp', '--Unencrypted_X=1'])(
    'lets nobody ignore %s, though it is unknown',
    (text) => {
      const line = `1 AES_CM_128_HMAC_SHA1_80 inline:${key30} ${text}`;
      expect(parsed(line).sessionParameters).toEqual([{ kind: 'unknown', optional: false, text }]);
    },
  );

  test('keeps a suite it has never heard of', () => {
    expect(parsed('9 SEED_CTR_128_HMAC_SHA1_80 inline:AAAA').suite).toBeUndefined();
  });

  test('no key reaches a rejection, a JSON text or an inspection', () => {
    const bad = parseCryptoAttribute(`1 AES_CM_256_HMAC_SHA1_80 inline:${key30}`);
    const good = parsed(`1 AES_CM_128_HMAC_SHA1_80 inline:${key30}`);
    expect(JSON.stringify(bad)).not.toContain('PS1u');
    expect(JSON.stringify(good)).not.toMatch(/PS1u|61,45/);
  });
});

describe('properties', () => {
  const base64Text = fc.stringMatching(/^[A-Za-z0-9+/=*\n]{0,12}$/);
  test('base64 has one spelling for each octet string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(base64Text, (text) => {
        const bytes = decodeBase64(text);
        if (bytes !== undefined) expect(unpadded(encodeBase64(bytes))).toBe(unpadded(text));
      }),
    );
  });

  const parameter: fc.Arbitrary<SdesSessionParameter> = fc.oneof(
    fc.record({ kind: fc.constant('key-derivation-rate' as const), exponent: fc.nat({ max: 24 }) }),
    fc.record({ kind: fc.constantFrom('unencrypted-srtp' as const, 'unencrypted-srtcp' as const) }),
    fc.record({ kind: fc.constant('window-size-hint' as const), packets: fc.integer({ min: 64, max: 99_999 }) }),
    fc.record({
      kind: fc.constant('unknown' as const),
      optional: fc.constant(true),
      text: fc.stringMatching(/^-[A-Z]{1,9}$/),
    }),
  );
  const attribute = fc
    .record({
      tag: fc.nat({ max: 999_999_999 }),
      suiteName: fc.constantFrom(...(Object.keys(sdesSuites) as SdesSuiteName[])),
      lifetime: fc.option(fc.oneof(fc.integer({ min: 2, max: 2 ** 31 }), fc.constant(2 ** 48)), { nil: undefined }),
      mkis: fc.uniqueArray(fc.nat({ max: 0xffff }), { minLength: 1, maxLength: 4 }),
      withMki: fc.boolean(),
      random: fc.uint8Array({ minLength: 46, maxLength: 46 }),
      sessionParameters: fc.uniqueArray(parameter, { selector: ({ kind }) => kind }),
    })
    .map(({ tag, suiteName, lifetime, mkis, withMki, random, sessionParameters }): CryptoAttribute => {
      const suite = sdesSuites[suiteName];
      const key = (mki: number | undefined): SdesKey => ({
        material: new Redacted(random.slice(0, suite.keyLength + suite.saltLength)),
        lifetime,
        mki: mki === undefined ? undefined : Uint8Array.of(0, 0, mki >> 8, mki),
      });
      const [first, ...others] = mkis;
      const keys: CryptoAttribute['keys'] = withMki ? [key(first), ...others.map(key)] : [key(undefined)];
      return { kind: 'crypto', tag, suiteName, suite, keys, sessionParameters };
    });

  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(attribute, (written) => {
        const value = serializeCryptoAttribute(written);
        const read = parsed(value);
        const secrets = (from: CryptoAttribute) => from.keys.map((key) => key.material.reveal());
        expect(read).toEqual(written);
        expect(secrets(read)).toEqual(secrets(written));
      }),
    );
  });

  test('any text gives an attribute or a rejection, never an exception', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\d{0,3} [A-Z_0-9]{0,8} inline:[A-Za-z0-9+/=]{0,44}([|;: ][0-9^:|;a-z=-]{0,9}){0,4}$/),
    );
    fc.assert(fc.property(text, (value) => ['crypto', 'rejected'].includes(parseCryptoAttribute(value).kind)));
  });
});

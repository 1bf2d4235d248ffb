import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyMaterial } from './key-material.ts';

const random = '01'.repeat(32);
const secret48 = 'ab'.repeat(48);
const secret32 = 'cd'.repeat(32);
const inline = 'inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pem = (format: 'pkcs1' | 'pkcs8', passphrase?: string) =>
  rsa
    .export({ type: format, format: 'pem', ...(passphrase === undefined ? {} : { cipher: 'aes-128-cbc', passphrase }) })
    .toString();

test('each kind of line is read, and what is not is told by its line and never by its content', () => {
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const text = [
    '# a comment',
    '',
    `CLIENT_RANDOM ${random} ${secret48}`,
    `CLIENT_TRAFFIC_SECRET_0 ${random.toUpperCase()} ${secret32}`,
    `RSA ${'0a'.repeat(8)} ${secret48}`,
    `CLIENT_RANDOM ${random} ${secret32}`,
    `NO_SUCH_LABEL ${random} ${secret48}`,
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${inline}`,
    `AEAD_AES_128_GCM ${inline}`,
    inline,
    `a=crypto:1 NO_SUCH_SUITE ${inline}`,
    'password hunter2',
  ].join('\r\n');
  const keys = new KeyMaterial();
  const { read, refused, refusedLines } = keys.add(text);
  expect(read).toEqual({ 'key-log': 3, 'rsa-private-key': 0, sdes: 2, certificate: 0 });
  expect(refused).toEqual([6, 7, 9, 11, 12].map((line) => ({ line, why: 'not understood' })));
  expect(refusedLines).toBe(5);
  expect(keys.keyLog.secret('CLIENT_TRAFFIC_SECRET_0', random)).toEqual(new Uint8Array(32).fill(0xcd));
  expect(keys.keyLog.secret('CLIENT_RANDOM', random)).toHaveLength(48);
  expect(keys.keyLog.secret('RSA', '0a'.repeat(8))).toHaveLength(48);
  // The length of the key of the bare line fits AES-128 in counter mode and F8.
  expect(new Set(keys.sdes.map(({ suiteName }) => suiteName))).toEqual(
    new Set(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'F8_128_HMAC_SHA1_80']),
  );

  const files = new KeyMaterial().add(
    [pem('pkcs1'), pem('pkcs8'), pem('pkcs1', 'x'), pem('pkcs8', 'x'), elliptic.export({ type: 'sec1', format: 'pem' })]
      .join('')
      .concat('-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n'),
  );
  expect(files.read['rsa-private-key']).toBe(2);
  expect(files.refused.map(({ why }) => why)).toEqual([
    'encrypted private key',
    'encrypted private key',
    'private key that is not RSA',
    'not understood',
  ]);
});

test('a PEM block without its end is refused once, and what follows is still read', () => {
  const { read, refused } = new KeyMaterial().add(`-----BEGIN PRIVATE KEY-----\nCLIENT_RANDOM ${random} ${secret48}\n`);
  expect(read['key-log']).toBe(1);
  expect(refused).toEqual([{ line: 1, why: 'not understood' }]);
});

test('what was given is not shown by printing it', () => {
  const keys = new KeyMaterial();
  keys.add(`CLIENT_RANDOM ${random} ${secret48}\na=crypto:1 AES_CM_128_HMAC_SHA1_80 ${inline}\n${pem('pkcs1')}`);
  const shown = inspect(keys, { depth: 10 }) + JSON.stringify(keys);
  expect(shown).not.toContain('171');
  expect(shown).not.toContain('ab ab');
  expect(shown).not.toContain('WVNf');
});

test('any text is read without an exception, and every line is counted once', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      `CLIENT_RANDOM ${random} ${secret48}`,
      inline,
      '-----BEGIN PRIVATE KEY-----',
      '#',
      'a=crypto:1 X Y',
    ),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { refused, refusedLines } = new KeyMaterial().add(lines.join('\n'));
      expect(refused).toHaveLength(refusedLines);
      for (const { line } of refused) expect(line).toBeLessThanOrEqual(lines.join('\n').split(/\r\n|\r|\n/).length);
    }),
  );
});

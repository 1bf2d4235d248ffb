import { expect, test } from 'vitest';
import { cipherSuiteNames } from './cipher-suite-names.ts';
import { cipherSuite, cipherSuiteName, isEphemeral, provesServer } from './cipher-suites.ts';

const named = (name: string) => {
  const code = Object.entries(cipherSuiteNames).find(([, known]) => known === name)?.[0];
  const suite = code === undefined ? undefined : cipherSuite(Number(code));
  if (suite === undefined) throw new Error(`${name} is not known`);
  return suite;
};

test.each([
  ['TLS_RSA_WITH_NULL_SHA256', { keyExchange: 'RSA', cipher: 'NULL', mode: 'none', mac: 'SHA256', hash: 'SHA256' }],
  ['TLS_RSA_EXPORT_WITH_RC4_40_MD5', { cipher: 'RC4_40', mode: 'stream', mac: 'MD5', isExport: true }],
  ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', { cipher: '3DES_EDE_CBC', mode: 'cbc', mac: 'SHA', isExport: false }],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', { keyExchange: 'ECDHE_RSA', mode: 'cbc', mac: 'SHA384', hash: 'SHA384' }],
  ['TLS_DHE_RSA_WITH_AES_128_CCM_8', { cipher: 'AES_128_CCM_8', mode: 'aead', mac: undefined, hash: 'SHA256' }],
  ['TLS_CHACHA20_POLY1305_SHA256', { keyExchange: undefined, isTls13: true, mode: 'aead', hash: 'SHA256' }],
])('what %s says', (name, expected) => {
  expect(named(name)).toMatchObject(expected);
});

test('which suites have forward secrecy, and which prove the server', () => {
  const judged = (name: string) => [isEphemeral(named(name)), provesServer(named(name))];
  expect(judged('TLS_RSA_WITH_AES_128_GCM_SHA256')).toEqual([false, true]);
  expect(judged('TLS_ECDH_RSA_WITH_AES_128_CBC_SHA')).toEqual([false, true]);
  expect(judged('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA')).toEqual([true, true]);
  expect(judged('TLS_DH_anon_WITH_AES_128_CBC_SHA')).toEqual([true, false]);
  expect(judged('TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA')).toEqual([true, true]);
  expect(judged('TLS_RSA_PSK_WITH_AES_128_CBC_SHA')).toEqual([false, true]);
  expect(judged('TLS_AES_128_GCM_SHA256')).toEqual([undefined, true]);
});

test('a value that is no suite has a name and no properties', () => {
  expect(cipherSuite(0x00ff)).toBeUndefined();
  expect(cipherSuite(0x1234)).toBeUndefined();
  expect(cipherSuiteName(0x1234)).toBe('suite 0x1234');
});

test('every suite that is known says how it encrypts', () => {
  for (const code of Object.keys(cipherSuiteNames)) {
    const suite = cipherSuite(Number(code));
    if (suite === undefined) continue;
    if (suite.mode === 'cbc') expect(suite.cipher).toMatch(/CBC/);
    if (suite.mode !== 'aead') expect(suite.mac ?? suite.name).toBeTruthy();
  }
});

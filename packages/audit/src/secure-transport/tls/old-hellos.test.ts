import { createCipheriv, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { cipherSuite } from './cipher-suites.ts';
import { Handshake } from './handshake.ts';
import { concatenated, prf } from './key-derivation.ts';
import { openerFromMaster } from './make-openers.ts';
import { NOON, readSaid } from './reading.fixture.ts';
import type { Said } from './recorded-tls.fixture.ts';

const place = { number: 1, microseconds: NOON };
const u16 = (value: number) => [value >> 8, value & 0xff];
const record = (type: number, version: number, body: readonly number[]) =>
  Uint8Array.of(type, ...u16(version), ...u16(body.length), ...body);
const message = (type: number, body: readonly number[]) => [type, 0, ...u16(body.length), ...body];
const random = (octet: number) => Array<number>(32).fill(octet);

function clientHello(version: number, suite: number): readonly number[] {
  return message(1, [...u16(version), ...random(1), 0, 0, 2, ...u16(suite), 1, 0]);
}

function serverHello(version: number, suite: number, compression = 0): readonly number[] {
  return message(2, [...u16(version), ...random(2), 0, ...u16(suite), compression]);
}

const codes = (said: readonly Said[]) => readSaid(said).facts.weaknesses.map(({ code }) => code);

test.each([
  [0x0300, 0x0004, ['ssl-3', 'rc4-cipher', 'md5-mac', 'no-forward-secrecy']],
  [0x0301, 0x0003, ['tls-1-0', 'export-cipher', 'rc4-cipher', 'md5-mac', 'no-forward-secrecy']],
  [0x0302, 0x0009, ['tls-1-1', 'des-cipher', 'cbc-with-sha-1', 'no-forward-secrecy']],
  [0x0303, 0x000a, ['triple-des-cipher', 'cbc-with-sha-1', 'no-forward-secrecy']],
  [0x0303, 0x0005, ['rc4-cipher', 'no-forward-secrecy']],
  [0x0301, 0x0006, ['tls-1-0', 'export-cipher', 'rc2-cipher', 'md5-mac', 'no-forward-secrecy']],
])('version %i with suite %i is named for what it is', (version, suite, weak) => {
  const said: readonly Said[] = [
    { from: 'client', octets: record(22, version, clientHello(version, suite)) },
    { from: 'server', octets: record(22, version, serverHello(version, suite)) },
  ];
  expect(codes(said)).toEqual(weak);
});

test('a suite of TLS 1.3 that encrypts nothing is read without a key (RFC 9150)', () => {
  const chosen = [...u16(0x0303), ...random(2), 0, ...u16(0xc0b4), 0, ...u16(6), 0, 43, 0, 2, ...u16(0x0304)];
  const text = [...new TextEncoder().encode('a word')];
  const said: readonly Said[] = [
    { from: 'client', octets: record(22, 0x0303, clientHello(0x0303, 0xc0b4)) },
    { from: 'server', octets: record(22, 0x0303, message(2, chosen)) },
    { from: 'server', octets: record(23, 0x0303, [...text, 23, 0, 0, ...random(8)]) },
  ];
  const { facts, heard } = readSaid(said);
  expect(facts).toMatchObject({
    version: 'TLS 1.3',
    suite: 'TLS_SHA256_SHA256',
    encrypts: false,
    opening: { kind: 'clear' },
  });
  expect(heard.server).toBe('a word');
});

test('compression is named, and what is compressed is not read', () => {
  const said: readonly Said[] = [
    { from: 'client', octets: record(22, 0x0303, clientHello(0x0303, 0x003c)) },
    { from: 'server', octets: record(22, 0x0303, serverHello(0x0303, 0x003c, 1)) },
    { from: 'client', octets: record(20, 0x0303, [1]) },
    { from: 'client', octets: record(23, 0x0303, random(9)) },
  ];
  expect(codes(said)).toContain('compression');
  expect(readSaid(said).facts.opening).toEqual({ kind: 'not-supported' });
});

test('data by RC4 is said not to be opened here, whatever keys there are', () => {
  const said: readonly Said[] = [
    { from: 'client', octets: record(22, 0x0303, clientHello(0x0303, 0x0005)) },
    { from: 'server', octets: record(22, 0x0303, serverHello(0x0303, 0x0005)) },
    { from: 'client', octets: record(20, 0x0303, [1]) },
    { from: 'client', octets: record(23, 0x0303, random(9)) },
  ];
  expect(readSaid(said).facts.opening).toEqual({ kind: 'not-supported' });
});

test('a hello in the form of SSL 2 offers what it names (RFC 5246 appendix E.2)', () => {
  const hello = [
    1,
    ...u16(0x0301),
    ...u16(9),
    ...u16(0),
    ...u16(16),
    0,
    0,
    4,
    1,
    0,
    0x80,
    0,
    0,
    0x2f,
    ...random(7).slice(16),
  ];
  const octets = Uint8Array.of(0x80, hello.length, ...hello);
  const said: readonly Said[] = [
    { from: 'client', octets: octets.subarray(0, 2) },
    { from: 'client', octets: octets.subarray(2) },
    { from: 'server', octets: record(22, 0x0301, serverHello(0x0301, 0x002f)) },
  ];
  expect(readSaid(said).facts).toMatchObject({
    version: 'TLS 1.0',
    offeredVersions: ['TLS 1.0'],
    offeredSuites: ['TLS_RSA_WITH_RC4_128_MD5', 'TLS_RSA_WITH_AES_128_CBC_SHA'],
    suite: 'TLS_RSA_WITH_AES_128_CBC_SHA',
  });
  const answer: Said = { from: 'server', octets: Uint8Array.of(0x80, 11, 4, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0) };
  const old = readSaid([...said.slice(0, 2), answer]);
  expect(old.facts).toMatchObject({ version: 'SSL 2', suite: undefined });
  expect(old.facts.weaknesses.map(({ code }) => code)).toEqual(['ssl-2']);
});

test('a record by 3DES is opened (RFC 5246 §6.2.3.2)', () => {
  const suite = cipherSuite(0x000a);
  const handshake = new Handshake(false, false);
  for (const [from, raw] of [
    ['client', clientHello(0x0303, 0x000a)],
    ['server', serverHello(0x0303, 0x000a)],
  ] as const) {
    handshake.message(from, raw[0] ?? 0, Uint8Array.from(raw.slice(4)), Uint8Array.from(raw), place);
  }
  const master = new Uint8Array(48).fill(5);
  if (suite === undefined) throw new Error('3DES is known');
  const seed = concatenated(Uint8Array.from(random(2)), Uint8Array.from(random(1)));
  const block = prf({ version: 0x0303, suite }, master, 'key expansion', seed, 2 * (20 + 24));
  const [mac, key] = [block.subarray(0, 20), block.subarray(40, 64)];
  const text = new TextEncoder().encode('a word by 3DES');
  const head = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 23, 3, 3, 0, text.byteLength);
  const tagged = concatenated(text, createHmac('sha1', mac).update(head).update(text).digest());
  const paddingLength = 8 - (tagged.byteLength % 8);
  const iv = new Uint8Array(8).fill(3);
  const cipher = createCipheriv('des-ede3-cbc', key, iv).setAutoPadding(false);
  const plain = concatenated(tagged, new Uint8Array(paddingLength).fill(paddingLength - 1));
  const fragment = concatenated(iv, cipher.update(plain), cipher.final());
  const sealed = { type: 23, version: 0x0303, fragment, header: new Uint8Array(5), whole: fragment, place };
  const opener = openerFromMaster(handshake, 'client', master);
  expect(opener?.open(sealed, 0, 1)?.octets).toEqual(text);
  expect(opener?.open(sealed, 1, 1)).toBeUndefined();
});

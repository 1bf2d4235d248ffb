import { makeTestCertificates } from '@trustline/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzz as fuzzKeyMaterial } from '../../fuzz/key-material.ts';
import { fuzz as fuzzDatagrams } from '../../fuzz/secure-datagrams.ts';
import { fuzz as fuzzTls } from '../../fuzz/tls.ts';
import { recordTls } from './tls/recorded-tls.fixture.ts';

const { callManager } = await makeTestCertificates();
const server = { cert: callManager.ecdsa.certificatePem, key: callManager.ecdsa.privateKeyPem };

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'the target of TLS holds on a connection with %s and octets changed',
  async (version) => {
    const { said } = await recordTls({ server: { ...server, maxVersion: version }, words: ['a word', 'another'] });
    const input: number[] = [];
    for (const { from, octets } of said) {
      for (let at = 0; at < octets.byteLength; at += 255) {
        const part = octets.subarray(at, at + 255);
        input.push(from === 'client' ? 0 : 1, part.byteLength, ...part);
      }
    }
    const sample = Uint8Array.from(input);
    expect(sample.byteLength).toBeGreaterThan(1_000);
    fuzzTls(sample);
    for (let at = 0; at < sample.byteLength; at += 7) {
      for (const octet of [0, 6, 0xff]) fuzzTls(sample.with(at, octet));
      fuzzTls(sample.subarray(0, at));
    }
  },
);

test('the targets hold for any octets', () => {
  const octets = fc.uint8Array({ maxLength: 400 });
  fc.assert(fc.property(octets, (data) => fuzzTls(data)));
  fc.assert(fc.property(octets, (data) => fuzzDatagrams(data)));
  fc.assert(fc.property(octets, (data) => fuzzKeyMaterial(data)));
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster } from '@trustline/pki/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';

let scratch: string;
const here = (name: string) => join(scratch, name);

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-target-'));
  const names = { cluster: 'T', hosts: ['cm.example.org'] as const, addresses: ['192.0.2.2'], domains: [] };
  const cluster = await createCluster(here('pki'), names, Date.now());
  for (const name of ['ada', 'ben']) {
    const issued = await cluster.issueOperatorCertificate(name, Date.now());
    writeFileSync(here(`${name}.crt.pem`), issued.chainPem);
    writeFileSync(here(`${name}.key.pem`), issued.privateKeyPem.reveal());
  }
  writeFileSync(here('trust.pem'), cluster.trustBundlePem());
  writeFileSync(here('text'), 'a README');
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const manager = 'https://192.0.2.2:5443';

test.each([
  ['192.0.2.2:5443', {}, 'is no https:// address', `--manager ${manager}`],
  ['http://192.0.2.2:5443', {}, 'is no https:// address', `--manager ${manager}`],
  ['not a host', {}, 'is no https:// address', '--manager https://192.0.2.1:5443'],
  [manager, { certificate: 'text' }, 'text holds no certificate', '--certificate the operator.crt.pem'],
  [manager, { key: 'text' }, 'text holds no private key', '--key the operator.key.pem'],
  [manager, { trust: 'text' }, 'text holds no certificate', '--trust the trust.pem'],
  [manager, { key: 'ben.key.pem' }, 'ben.key.pem is not that of the certificate in', 'two files of one folder'],
])('%s with %j is refused before anything is connected to, with the next step', async (url, wrong, message, next) => {
  const { certificate, key, trust } = { certificate: 'ada.crt.pem', key: 'ada.key.pem', trust: 'trust.pem', ...wrong };
  const files = ['--certificate', here(certificate), '--key', here(key), '--trust', here(trust)];
  const { code, out, error } = await trustline(['status', '--manager', url, ...files]);
  expect({ code, out }).toEqual({ code: exitCodes.failed, out: '' });
  const [first = '', second = '', ...rest] = error.split('\n');
  expect(first).toContain(message);
  expect(second).toMatch(/^ {2}next: /);
  expect(second).toContain(next);
  expect(rest).toEqual(['']);
  expect(error).not.toContain(readFileSync(here('ada.key.pem'), 'utf8').split('\n')[1] ?? '');
});

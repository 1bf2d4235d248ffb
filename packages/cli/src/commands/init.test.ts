import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '@trustline/pki/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';

let scratch: string;
let document: string;
let data: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-init-'));
  document = join(scratch, 'trustline.yaml');
  data = join(scratch, 'data');
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const init = (...argv: readonly string[]) => trustline(['init', '--config', document, '--data', data, ...argv]);

test('the cluster is one of production and non-secure, and its document is read by every later command', async () => {
  const made = await init('--name', 'example', '--host', 'voice.example.net', '--host', '192.0.2.10');
  expect(made).toMatchObject({ code: 0, error: '' });
  expect(made.out).toContain(`trustline ctl create --config ${document}`);
  const cluster = await openCluster(join(data, 'pki'));
  expect(cluster?.kind).toBe('production');
  expect(cluster?.trust.securityMode()).toBe('non-secure');
  expect(cluster?.names).toMatchObject({ cluster: 'example', hosts: expect.arrayContaining(['voice.example.net']) });
  expect(statSync(data).mode & 0o777).toBe(0o700);
  const shown = JSON.parse((await trustline(['config', 'show', '--config', document])).out);
  expect(shown).toMatchObject({ dataFolder: data, identity: { hosts: ['voice.example.net', '192.0.2.10'] } });
});

test('a folder that holds a cluster is refused, and no document is left behind', async () => {
  await init();
  const before = readFileSync(document, 'utf8');
  rmSync(document);
  expect(await init()).toMatchObject({
    code: 1,
    error: `trustline: ${data} holds a production cluster already.\n  next: Run it with: trustline start\n`,
  });
  expect(existsSync(document)).toBe(false);
  expect(before).toContain('cluster: "Trustline"');
});

test('a host that is none is refused as the option that it is, before anything is written', async () => {
  const refused = await init('--host', 'not a host');
  expect(refused).toMatchObject({ code: 2, error: expect.stringMatching(/option '--host <name>'.*'not a host'.*DNS/) });
  expect(readdirSync(scratch)).toEqual([]);
});

test('a document that is there is never changed', async () => {
  await init('--name', 'first');
  const before = readFileSync(document, 'utf8');
  const refused = await init('--name', 'second', '--data', join(scratch, 'other'));
  expect(refused).toMatchObject({ code: 1, error: expect.stringMatching(/is there already, and is not changed/) });
  expect(existsSync(join(scratch, 'other'))).toBe(false);
  expect(await init('--data', join(scratch, 'other'))).toMatchObject({ code: 0 });
  expect(readFileSync(document, 'utf8')).toBe(before);
});

test('the keys are encrypted where a passphrase is given', async () => {
  const environment = { TRUSTLINE_PASSPHRASE: 'correct horse battery staple' };
  expect((await trustline(['init', '--config', document, '--data', data], environment)).code).toBe(0);
  await expect(openCluster(join(data, 'pki'))).rejects.toMatchObject({ code: 'pki.passphrase-needed' });
});

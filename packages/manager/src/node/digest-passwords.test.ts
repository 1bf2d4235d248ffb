import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHa1 } from '@trustline/sip';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completeDigestPasswords, digestPasswordOf, digestRealm, newDigestPassword } from './digest-passwords.ts';
import { type RunningTrust, TrustFolder } from './trust/running.fixture.ts';

const folder = new TrustFolder();
const device = 'SEP001122334455';
let running: RunningTrust;

async function add(name: string, digest: Awaited<ReturnType<typeof newDigestPassword>>['digest'] | undefined) {
  const common = {
    kind: 'phone',
    securityMode: 'encrypted',
    protocol: 'sip',
    description: '',
    lines: [],
    addedAt: 0,
  } as const;
  await running.store.devices.add({ ...common, name, digest });
}

const stored = async (name: string) => {
  const found = await running.store.devices.find(name);
  if (found === undefined) throw new Error('it was added');
  return found;
};

beforeAll(async () => {
  running = await folder.start('lab');
});
afterAll(async () => {
  await running.close();
  folder.remove();
});

test('the password of a device is known again from its salt, over a restart, and stands in no file', async () => {
  const { password, digest } = await newDigestPassword(running.context, device);
  expect(password.reveal()).toMatch(/^[a-km-z2-9]{24}$/);
  await add(device, digest);
  await running.close();
  running = await folder.start('lab');
  const again = await digestPasswordOf(running.context, await stored(device));
  expect(again?.reveal()).toBe(password.reveal());
  expect(digest.sha256).toBe(digestHa1('SHA-256', device, digestRealm, password.reveal()));
  expect(readFileSync(join(folder.path, 'store.sqlite')).includes(password.reveal())).toBe(false);
});

test('another one is another one, and so is that of another device', async () => {
  const made = [
    await newDigestPassword(running.context, device),
    await newDigestPassword(running.context, device),
    await newDigestPassword(running.context, 'SEP001122334456'),
  ];
  expect(new Set(made.map(({ password }) => password.reveal())).size).toBe(3);
});

test('a device of an earlier version that has none is given one; one that nobody here knows stays as it is', async () => {
  const old = { realm: digestRealm, sha256: 'a'.repeat(64), md5: undefined, salt: undefined };
  await add('SEP0011223344AA', undefined);
  await add('SEP0011223344BB', old);
  await completeDigestPasswords(running.context);
  expect(await digestPasswordOf(running.context, await stored('SEP0011223344AA'))).toBeDefined();
  expect((await stored('SEP0011223344BB')).digest).toEqual(old);
  expect(await digestPasswordOf(running.context, await stored('SEP0011223344BB'))).toBeUndefined();
});

test('a listener that takes MD5 since finds what MD5 needs, of the same password', async () => {
  const before = await stored(device);
  expect(before.digest?.md5).toBeUndefined();
  const md5 = ['listeners=[{ transport: tcp, host: 127.0.0.1, port: 0, digestAlgorithms: [MD5] }]'];
  await running.close();
  running = await folder.start('lab', md5);
  await completeDigestPasswords(running.context);
  const password = await digestPasswordOf(running.context, before);
  const { digest } = await stored(device);
  expect(digest?.sha256).toBe(before.digest?.sha256);
  expect(digest?.md5).toBe(digestHa1('MD5', device, digestRealm, password?.reveal() ?? ''));
});

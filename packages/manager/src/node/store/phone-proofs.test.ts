import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from './store.ts';

const phone = 'SEP001122334455';
let scratch: string;
let store: Store;
const reopen = () => openStore(join(scratch, 'store.sqlite'), { node: 'node-1', now: 0 });

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-phone-proofs-'));
  store = await reopen();
  await store.devices.add({
    name: phone,
    kind: 'phone',
    securityMode: 'encrypted',
    protocol: 'sip',
    description: '',
    lines: [],
    digest: undefined,
    addedAt: 0,
  });
});
afterEach(async () => {
  await store.close();
  rmSync(scratch, { recursive: true, force: true });
});

test('what a phone has shown of itself is kept over a restart, each part by itself, and forgotten with the phone', async () => {
  await store.phoneProofs.noteMic(phone, Uint8Array.of(1));
  await store.phoneProofs.noteMic(phone, Uint8Array.of(2));
  await store.phoneProofs.noteSignsSessions(phone);
  await store.phoneProofs.noteMic('SEP00112233FFFF', Uint8Array.of(3)); // a device that was removed meanwhile
  await store.close();
  store = await reopen();
  expect(await store.phoneProofs.list()).toEqual([{ device: phone, mic: Uint8Array.of(2), signsSessions: true }]);
  await store.devices.remove(phone);
  expect(await store.phoneProofs.list()).toEqual([]);
});

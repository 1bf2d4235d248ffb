import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verifyExport } from '@trustline/evidence';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Journal, type JournalNotice } from '../journal.ts';
import type { StoredDevice } from './devices.ts';
import type { StoredRegistration } from './registrations.ts';
import { openStore, type Store } from './store.ts';

const now = Date.parse('2026-11-23T18:42:00.000Z');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

let scratch: string;
let path: string;
const open: Store[] = [];
async function reopen(): Promise<Store> {
  for (const store of open.splice(0)) await store.close();
  const store = await openStore(path, { node: 'node-1', now });
  open.push(store);
  return store;
}
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-store-'));
  path = join(scratch, 'store.sqlite');
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  rmSync(scratch, { recursive: true, force: true });
});

const device: StoredDevice = {
  name: 'SEP001122334455',
  kind: 'phone',
  securityMode: 'encrypted',
  protocol: 'sip',
  description: 'Reception',
  lines: [
    { number: '1002', displayName: undefined },
    { number: '1001', displayName: 'Ada' },
  ],
  digest: undefined,
  addedAt: now,
};
const binding: StoredRegistration = {
  line: '1001',
  device: device.name,
  contact: 'sip:1001@192.0.2.7:49152;transport=tls',
  callId: 'a@b',
  sequence: 1,
  path: ['<sip:p1;lr>', '<sip:p2;lr>'],
  transport: 'tls',
  remoteAddress: '192.0.2.7:49152',
  registeredAt: now,
  expiresAt: now + 600_000,
};

describe('the store', () => {
  test('is readable by its owner alone, and gives back what was put in, lines in order', async () => {
    let store = await reopen();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await store.devices.add(device);
    await store.registrations.apply({ put: [binding], remove: [] });
    store = await reopen();
    expect(await store.devices.list()).toEqual([device]);
    expect(await store.devices.find(device.name)).toEqual(device);
    expect(await store.devices.find('SEP00112233FFFF')).toBeUndefined();
    expect(await store.registrations.list(now)).toEqual([binding]);
    expect(await store.registrations.list(binding.expiresAt)).toEqual([]);
  });

  test('refuses a device twice, and leaves the first as it was', async () => {
    const store = await reopen();
    await store.devices.add(device);
    await expect(store.devices.add({ ...device, lines: [] })).rejects.toMatchObject({ code: 'manager.device-exists' });
    expect(await store.devices.list()).toEqual([device]);
  });

  test('removes registrations with their device', async () => {
    const store = await reopen();
    await store.devices.add(device);
    await store.registrations.apply({ put: [binding], remove: [] });
    expect(await store.devices.remove(device.name)).toBe(true);
    expect(await store.devices.remove(device.name)).toBe(false);
    expect(await store.registrations.list(now)).toEqual([]);
  });

  test('takes registrations together, and one it refuses fails alone', async () => {
    const store = await reopen();
    await store.devices.add(device);
    const fates = await Promise.allSettled(
      ['SEP001122334455', 'SEP000000000000', 'SEP001122334455'].map((name, index) =>
        store.registrations.apply({ put: [{ ...binding, device: name, sequence: index }], remove: [] }),
      ),
    );
    expect(fates.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.registrations.list(now)).toMatchObject([{ sequence: 2 }]);
  });

  test('of a newer version is refused', async () => {
    await reopen();
    for (const store of open.splice(0)) await store.close();
    const file = new DatabaseSync(path);
    file.exec("INSERT INTO migration VALUES (999, 'future', 0)");
    file.close();
    await expect(reopen()).rejects.toMatchObject({ code: 'manager.store-newer' });
  });
});

describe('the journal', () => {
  const complaints: string[] = [];
  const openJournal = (store: Store, memoryLimit = 100) =>
    Journal.open({
      store,
      node: 'n',
      privateKey,
      memoryLimit,
      now: () => now,
      complain: (text) => complaints.push(text),
    });
  const say = (journal: Journal, cause: string) => journal.event('registration', { device: 'SEP1', cause });

  test('writes notes that come together at once and in their order, and takes them along with what is waited for', async () => {
    const store = await reopen();
    const journal = await openJournal(store);
    const append = vi.spyOn(store.evidence, 'append');
    const note = (cause: string) => journal.note('registration', { device: 'SEP1', cause });
    expect(await Promise.all(['one', 'two', 'three'].map(note))).toEqual(['stored', 'stored', 'stored']);
    expect(append).toHaveBeenCalledTimes(1);
    const later = note('four');
    await say(journal, 'five');
    expect(await later).toBe('stored');
    expect(append).toHaveBeenCalledTimes(2);
    const causes = append.mock.calls.flatMap(([entries]) => entries.map((entry) => JSON.stringify(entry)));
    for (const [index, cause] of ['one', 'two', 'three', 'four', 'five'].entries()) {
      expect(causes[index]).toContain(cause);
    }
    const last = note('six');
    await journal.close();
    expect(await last).toBe('stored');
  });

  test('keeps one chain over a restart, in order, signed', async () => {
    const first = await openJournal(await reopen());
    const fates = await Promise.all([say(first, 'a'), say(first, 'b'), say(first, 'c')]);
    expect(fates).toEqual(['stored', 'stored', 'stored']);
    const second = await openJournal(await reopen());
    expect(await say(second, 'd')).toBe('stored');
    const lines = await all(second.exportLines());
    expect(lines.slice(1).map((line) => JSON.parse(line).personal.fields.cause)).toEqual(['a', 'b', 'c', 'd']);
    expect(await verifyExport(lines, { publicKey, head: await second.head() })).toMatchObject({ ok: true, count: 4 });
  });

  test('is not continued with another key', async () => {
    await openJournal(await reopen());
    const other = generateKeyPairSync('ed25519').privateKey;
    const store = await reopen();
    const options = {
      store,
      node: 'n',
      privateKey: other,
      memoryLimit: 100,
      now: () => now,
      complain: () => undefined,
    };
    await expect(Journal.open(options)).rejects.toMatchObject({ code: 'manager.records-key-changed' });
  });

  test('erases by rule, says so, and still verifies', async () => {
    const journal = await openJournal(await reopen());
    await say(journal, 'It is SEP1.');
    expect(await journal.erase(now, 'older than 90 days')).toBe(0);
    expect(await journal.erase(now + 1, 'older than 90 days')).toBe(1);
    const lines = await all(journal.exportLines());
    expect(lines.join('')).not.toContain('SEP1');
    expect(await verifyExport(lines, { publicKey })).toMatchObject({ ok: true, count: 3, erased: 1 });
  });

  test('a disk that fails after the commit has the entry once: the chain goes on behind it', async () => {
    const store = await reopen();
    const journal = await openJournal(store);
    const append = store.evidence.append.bind(store.evidence);
    store.evidence.append = async (entries) => {
      store.evidence.append = append;
      await append(entries);
      throw new Error('EIO: i/o error, fdatasync');
    };
    expect(await say(journal, 'first')).toBe('kept');
    await say(journal, 'second');
    await journal.flush();
    const lines = await all(journal.exportLines());
    const causes = lines.slice(1).map((line) => JSON.parse(line).personal.fields.cause);
    expect(causes.filter((cause) => cause === 'first' || cause === 'second')).toEqual(['first', 'second']);
    expect(await verifyExport(lines, { publicKey })).toMatchObject({ ok: true });
  });

  test('on a full disk keeps what it can, counts what it cannot, and goes on when there is room', async () => {
    const store = await reopen();
    store.setMaximumPages(40);
    const journal = await openJournal(store, 20);
    const seen: JournalNotice[] = [];
    journal.subscribe((notice) => seen.push(notice));
    const long = 'x'.repeat(2_000);
    const fates: string[] = [];
    for (let turn = 0; turn < 100; turn += 1) fates.push(await say(journal, `${turn} ${long}`));
    const lost = fates.filter((fate) => fate === 'lost').length;
    expect(new Set(fates)).toEqual(new Set(['stored', 'kept', 'lost']));
    expect(journal.status()).toMatchObject({ full: true, lost });
    const said = seen.flatMap(({ content }) => (content.kind === 'event' ? [content.event] : []));
    expect(said.find(({ kind }) => kind === 'store-full')?.cause).toMatch(/^The disk is full: /);
    expect(complaints.join()).toMatch(/kept in memory.*are lost/s);

    store.setMaximumPages(1_000_000);
    await journal.flush();
    await journal.flush();
    const lines = await all(journal.exportLines());
    const kinds = lines.slice(1).map((line) => JSON.parse(line).body);
    expect(kinds.filter(({ kind }) => kind === 'registration').length).toBe(100 - lost);
    expect(kinds.find(({ kind }) => kind === 'records-lost')).toMatchObject({ lost });
    expect(kinds.at(-1)).toMatchObject({ kind: 'records-recovered' });
    expect(await verifyExport(lines, { publicKey })).toMatchObject({ ok: true });
    expect(journal.status()).toMatchObject({ full: false, kept: 0 });
  });
});

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

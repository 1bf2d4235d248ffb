import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GivenList, HeldList } from './phone-lists.ts';
import { openStore, type Store } from './store.ts';
import type { StoredTrustList } from './trust-lists.ts';

const now = Date.parse('2026-11-23T18:42:00.000Z');
const first = 'SEP001122334455';
const second = 'SEP001122334456';

let scratch: string;
let file: string;
let store: Store;
let ctl: StoredTrustList;
let itl: StoredTrustList;

const reopen = () => openStore(file, { node: 'node-1', now });

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-phone-lists-'));
  file = join(scratch, 'store.sqlite');
  store = await reopen();
  for (const name of [first, second]) {
    await store.devices.add({
      name,
      kind: 'phone',
      securityMode: 'encrypted',
      protocol: 'sip',
      description: '',
      lines: [],
      digest: undefined,
      addedAt: now,
    });
  }
  ctl = await store.trustLists.publish('CTL', Uint8Array.of(1), now);
  itl = await store.trustLists.publish('ITL', Uint8Array.of(2), now);
});
afterEach(async () => {
  await store.close();
  rmSync(scratch, { recursive: true, force: true });
});

const heldBy = (device: string, list: StoredTrustList, takenAt = now): HeldList => ({
  device,
  kind: list.kind,
  list: list.number,
  takenAt,
  remoteAddress: '192.0.2.7',
});
const givenTo = (device: string, list: StoredTrustList, remoteAddress: string, givenAt = now): GivenList => ({
  device,
  kind: list.kind,
  list: list.number,
  givenAt,
  remoteAddress,
});

describe('the lists of phones', () => {
  test('what a phone holds is remembered for each kind, over a restart too, and forgotten with the phone', async () => {
    const later = await store.trustLists.publish('CTL', Uint8Array.of(3), now);
    await store.phoneLists.noteHeld(first, [heldBy(first, ctl), heldBy(first, itl)], []);
    await store.phoneLists.noteHeld(first, [heldBy(first, later, now + 1)], []);
    await store.close();
    store = await reopen();
    expect(await store.phoneLists.held()).toEqual([heldBy(first, later, now + 1), heldBy(first, itl)]);
    expect(Object.fromEntries(await store.phoneLists.heldBy(first))).toEqual({ CTL: 3, ITL: 2 });
    expect(await store.phoneLists.holders(3)).toEqual([heldBy(first, later, now + 1)]);
    await store.devices.remove(first);
    expect(await store.phoneLists.held()).toEqual([]);
  });

  test('what was given is remembered for each address, the first time of each, and forgotten with the phone', async () => {
    await store.phoneLists.noteGiven(givenTo(first, ctl, '192.0.2.7'));
    await store.phoneLists.noteGiven(givenTo(first, ctl, '192.0.2.7', now + 1));
    await store.phoneLists.noteGiven(givenTo(first, ctl, '192.0.2.66', now + 2));
    await store.close();
    store = await reopen();
    const given = [givenTo(first, ctl, '192.0.2.7'), givenTo(first, ctl, '192.0.2.66', now + 2)];
    expect(await store.phoneLists.given()).toEqual(given);
    await store.devices.remove(first);
    expect(await store.phoneLists.given()).toEqual([]);
  });

  test('what is held and what is settled by it change together', async () => {
    const given = [givenTo(first, ctl, '192.0.2.7'), givenTo(first, itl, '192.0.2.66')] as const;
    for (const one of given) await store.phoneLists.noteGiven(one);
    await store.phoneLists.noteHeld(first, [heldBy(first, ctl)], [given[0]]);
    expect(await store.phoneLists.held()).toEqual([heldBy(first, ctl)]);
    expect(await store.phoneLists.given()).toEqual([given[1]]);
    await store.phoneLists.forgetGiven(given[1]);
    expect(await store.phoneLists.given()).toEqual([]);
  });

  test('notes that come together are all there, whatever became of one of the devices', async () => {
    const stranger = 'SEP00112233FFFF';
    await Promise.all([
      store.phoneLists.noteHeld(first, [heldBy(first, ctl)], []),
      store.phoneLists.noteHeld(stranger, [heldBy(stranger, ctl)], []),
      store.phoneLists.noteGiven(givenTo(second, itl, '192.0.2.7')),
    ]);
    expect(await store.phoneLists.held()).toEqual([heldBy(first, ctl)]);
    expect(await store.phoneLists.given()).toEqual([givenTo(second, itl, '192.0.2.7')]);
  });
});

test('what an earlier version noted as taken was only given', async () => {
  await store.close();
  const database = new DatabaseSync(file);
  // As it was before this migration and those that came after.
  const given = "(SELECT number FROM migration WHERE name = 'lists that were given in the name of a phone')";
  database.exec(
    `DELETE FROM migration WHERE number >= ${given}; DROP TABLE given_list; DROP TABLE gateway; DROP TABLE phone_proof; DROP TABLE waiting_messages; DROP TABLE line_limit; DROP TABLE running_call; DROP INDEX evidence_call; ALTER TABLE evidence DROP COLUMN call; ALTER TABLE line_forwarding DROP COLUMN do_not_disturb; ALTER TABLE device DROP COLUMN protocol`,
  );
  for (const column of ['outside_key', 'outside_request', 'outside_certificate', 'wrong_strings']) {
    database.exec(`ALTER TABLE enrolment DROP COLUMN ${column}`);
  }
  const columns = 'device, kind, list, taken_at, remote_address, node, schema';
  const insert = database.prepare(`INSERT INTO phone_trust (${columns}) VALUES (?, ?, ?, ?, ?, 'node-1', 1)`);
  insert.run(first, 'CTL', ctl.number, now, '192.0.2.7:49152');
  insert.run(second, 'ITL', itl.number, now, '2001:db8::7:49152');
  database.close();
  store = await reopen();
  expect(await store.phoneLists.held()).toEqual([]);
  expect(await store.phoneLists.given()).toEqual([
    givenTo(first, ctl, '192.0.2.7'),
    givenTo(second, itl, '2001:db8::7'),
  ]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store } from './store.ts';

const now = Date.parse('2026-11-23T18:42:00.000Z');
const first = 'SEP001122334455';
const second = 'SEP001122334456';

let scratch: string;
let store: Store;

const reopen = () => openStore(join(scratch, 'store.sqlite'), { node: 'node-1', now });

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-trust-lists-'));
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
});
afterEach(async () => {
  await store.close();
  rmSync(scratch, { recursive: true, force: true });
});

const octets = (...values: number[]) => Uint8Array.of(...values);

describe('published trust lists', () => {
  test('the last published list is the current one, the earlier ones stay, over a restart too', async () => {
    await store.trustLists.publish('CTL', octets(1), now);
    await store.trustLists.publish('ITL', octets(9), now + 1);
    await store.trustLists.publish('CTL', octets(2, 3), now + 2);
    await store.close();
    store = await reopen();
    expect(await store.trustLists.current('CTL')).toMatchObject({ number: 3, content: octets(2, 3), state: 'current' });
    expect(await store.trustLists.current('ITL')).toMatchObject({ number: 2, publishedAt: now + 1 });
    expect(await store.trustLists.list('CTL')).toMatchObject([
      { number: 1, state: 'earlier', content: octets(1) },
      { number: 3, state: 'current' },
    ]);
  });

  test('a wave is for its devices alone, until it is completed', async () => {
    await store.trustLists.publish('CTL', octets(1), now);
    const wave = await store.trustLists.publish('CTL', octets(2), now, [first]);
    expect(await store.trustLists.wave(wave.number)).toEqual([first]);
    expect(await store.trustLists.forDevice('CTL', first)).toMatchObject({ content: octets(2), state: 'wave' });
    expect(await store.trustLists.forDevice('CTL', second)).toMatchObject({ content: octets(1) });
    await store.trustLists.completeWave('CTL');
    expect(await store.trustLists.forDevice('CTL', second)).toMatchObject({ content: octets(2), state: 'current' });
    expect(await store.trustLists.list('CTL')).toMatchObject([{ state: 'earlier' }, { state: 'current' }]);
  });

  test('another list ends a wave, and one for all phones ends it too', async () => {
    await store.trustLists.publish('CTL', octets(1), now);
    await store.trustLists.publish('CTL', octets(2), now, [first]);
    await store.trustLists.publish('CTL', octets(3), now, [second]);
    expect(await store.trustLists.forDevice('CTL', first)).toMatchObject({ content: octets(1) });
    expect(await store.trustLists.forDevice('CTL', second)).toMatchObject({ content: octets(3) });
    await store.trustLists.publish('CTL', octets(4), now);
    expect(await store.trustLists.forDevice('CTL', second)).toMatchObject({ content: octets(4) });
  });
});

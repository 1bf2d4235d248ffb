import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type CaptureEnd, type CaptureItem, linkTypes, timeFromMilliseconds } from '../index.ts';
import { CaptureFile, readCaptureFile } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function readAll(path: string): Promise<{ items: CaptureItem[]; end: CaptureEnd }> {
  const items: CaptureItem[] = [];
  const reading = readCaptureFile(path);
  for (;;) {
    const step = await reading.next();
    if (step.done) return { items, end: step.value };
    items.push(step.value);
  }
}

test('a file is written, flushed, read while open, appended to, and only its owner may read it', async () => {
  const path = join(folder, 'call.pcapng');
  const file = await CaptureFile.open(path, { section: { application: 'test' } });
  const [phone, manager] = ['phone', 'manager'].map((name) =>
    file.addInterface({ linkType: linkTypes.ethernet, name }),
  );
  for (let index = 0; index < 1000; index++) {
    const data = new Uint8Array(200).fill(index);
    file.write({ interface: (index % 2 === 0 ? phone : manager) ?? 0, time: timeFromMilliseconds(index), data });
  }
  await file.flush();
  const { items, end } = await readAll(path);
  const packets = items.filter((item) => item.kind === 'packet');
  expect(end.kind).toBe('complete');
  expect(packets.map((packet) => packet.data[0])).toEqual(Array.from({ length: 1000 }, (_, index) => index & 255));
  expect(new Set(packets.map((packet) => packet.interface.name))).toEqual(new Set(['phone', 'manager']));
  await file.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const more = await CaptureFile.open(path, { append: true });
  more.addInterface({ linkType: linkTypes.raw });
  more.write({ interface: 0, time: timeFromMilliseconds(1), data: Uint8Array.of(1) });
  await more.close();
  const longer = await readAll(path);
  expect(longer.end.kind).toBe('complete');
  expect(longer.items.filter((item) => item.kind === 'packet')).toHaveLength(1001);
});

test('a full disk fails the flush and the close, and writing goes on without harm', async () => {
  const full = await open('/dev/full', 'a').catch(() => undefined);
  if (full === undefined) return; // a system without it
  await full.close();
  const file = await CaptureFile.open('/dev/full');
  file.addInterface({ linkType: linkTypes.ethernet });
  await expect(file.flush()).rejects.toMatchObject({ code: 'ENOSPC' });
  const data = new Uint8Array(1024 * 1024);
  for (let index = 0; index < 30; index++) file.write({ interface: 0, time: timeFromMilliseconds(1), data });
  expect(file.dropped).toBeGreaterThan(0);
  await expect(file.close()).rejects.toMatchObject({ code: 'ENOSPC' });
});

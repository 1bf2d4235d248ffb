import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openStore } from '../store/store.ts';
import { sendError } from './answers.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-answers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the database itself throws when it has no page left. */
async function fullStoreError(): Promise<unknown> {
  const store = await openStore(join(folder, 'store.sqlite'), { node: 'node-1', now: 0 });
  store.setMaximumPages(1); // SQLite raises it to what the file has already
  try {
    await store.settings.set('public-key-of-records', 'x'.repeat(1_000_000));
  } catch (error) {
    return error;
  } finally {
    await store.close();
  }
  throw new Error('the store took everything');
}

/** What a client gets of an error, and what the log says. */
async function answered(error: unknown): Promise<{ status: number; body: unknown; log: string }> {
  let log = '';
  const server = createServer((_, response) => {
    sendError(response, error, (sentence) => {
      log += sentence;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return { status: response.status, body: await response.json(), log };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('a full disk is said in an operator’s words, with the next step and without a stack', () => {
  test.each([
    ['of the store', fullStoreError],
    ['of a file beside it', async () => Object.assign(new Error('ENOSPC: no space left, write'), { code: 'ENOSPC' })],
  ])('%s', async (_, make) => {
    const { status, body, log } = await answered(await make());
    expect(status).toBe(507);
    expect(body).toMatchObject({
      error: {
        code: 'manager.disk-full',
        message: expect.stringMatching(/^The disk of the data folder is full: /),
        nextStep: expect.stringMatching(/^Make room/),
      },
    });
    expect(log).toMatch(/^A request failed: The disk of the data folder is full: .* Make room on the disk/);
    expect(log).not.toMatch(/\n|kysely/i);
  });

  test('and anything else unexpected is a bug: no insides for the client, the stack for the log', async () => {
    const { status, body, log } = await answered(new Error('secret insides'));
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('insides');
    expect(log).toContain('answers.test.ts');
  });
});

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-nobody-'));
  writeFileSync(join(scratch, 'some.pem'), 'some PEM');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.each([
  'status',
  'stop',
  'devices',
  'device list',
  'device add SEP001122334455 --line 1001',
  'device remove SEP001122334455',
  'device credentials SEP001122334455 --out OUT',
  'device pin SEP001122334455 --chain FILE --roots FILE',
  'calls',
  'events',
  'events --follow --json',
  'records export',
  'records export --out OUT',
  'records head',
  'records verify',
  'records erase --older-than 1',
  'pki status',
  'pki csr callmanager-rsa',
  'pki import callmanager-rsa --chain FILE --roots FILE',
  'token init --software OUT',
  'operator add ada --role viewer --out OUT',
  'alarms test',
  'backup --out OUT',
  'operator list',
  'operator remove ada',
  'config show --running',
])('without a manager `%s` says how to start one, ends with 3, and leaves nothing behind', async (command) => {
  const argv = command.replaceAll('FILE', join(scratch, 'some.pem')).replace('OUT', join(scratch, 'out')).split(' ');
  const outcome = await trustline([...argv, '--data', join(scratch, 'data')]);
  expect(outcome).toEqual({
    code: exitCodes.noManager,
    out: '',
    error: expect.stringMatching(
      /^trustline: No manager is running on this data folder \(.*\)\.\n {2}next: Start one with: npm start .*\n$/,
    ),
  });
  expect(readdirSync(scratch)).toEqual(['some.pem']);
});

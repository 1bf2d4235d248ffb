import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlSocket, type NetworkCallEvent, type NetworkCallRequest } from '@trustline/gateway/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { phoneExitCodes } from '../phone/exit-codes.ts';

let folder: string;
let document: string;
let control: ControlSocket;
let ends: (request: NetworkCallRequest) => NetworkCallEvent;
const asked: NetworkCallRequest[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trustline-gateway-call-'));
  document = join(folder, 'gateway.yaml');
  writeFileSync(document, 'name: gw/1\nports:\n  - { name: 0/1, kind: pri, line: simulation }\ndialPeers: []\n');
  asked.length = 0;
  control = await ControlSocket.listen(join(folder, 'gw%2F1.sock'), (request, told) => {
    asked.push(request);
    told({ kind: 'placed', port: '0/1' });
    told(ends(request));
    return () => {};
  });
});
afterEach(() => {
  control.stop();
  rmSync(folder, { recursive: true, force: true });
});

const released = (cause: number, words: string, isAnswered: boolean): NetworkCallEvent => ({
  kind: 'released',
  cause,
  words,
  by: 'called',
  isAnswered,
  seconds: 0,
  heardSeconds: 0,
});

test.each([
  [16, 'normal clearing', true, phoneExitCodes.completed],
  [17, 'busy', false, phoneExitCodes.busy],
  [19, 'no answer', false, phoneExitCodes.noAnswer],
  [1, 'the number is not allocated', false, phoneExitCodes.noSuchNumber],
  [57, 'not allowed', false, phoneExitCodes.refusedForSecurity],
  [38, 'out of order', false, phoneExitCodes.unreachable],
  [21, 'rejected', false, phoneExitCodes.refused],
])('a call that ends with cause %i says so in words, and by its exit code', async (cause, words, isAnswered, code) => {
  ends = () => released(cause, words, isAnswered);
  const told = await trustline(['gateway', 'call', document, '2001']);
  expect(told.out).toContain('Somebody behind port 0/1 calls 2001.');
  expect(told.out).toContain(`The call ended: cause ${cause} (${words}), by the called`);
  expect(told.code).toBe(code);
});

test('who calls, by which port and what is pressed goes to the gateway; --json tells each step and the exit code', async () => {
  ends = () => released(17, 'busy', false);
  const options = ['--from', '030123', '--anonymous', '--port', '0/1', '--digits', '12#', '--seconds', '3', '--json'];
  const { out } = await trustline(['gateway', 'call', document, '2001', ...options]);
  expect(asked).toEqual([
    { number: '2001', calling: '030123', isAnonymous: true, port: '0/1', digits: '12#', seconds: 3 },
  ]);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { schema: 1, gateway: 'gw/1', kind: 'placed' },
    { kind: 'released', cause: 17, words: 'busy', exitCode: phoneExitCodes.busy },
  ]);
});

test('where no gateway runs it says what to do', async () => {
  control.stop();
  const { error, code } = await trustline(['gateway', 'call', document, '2001']);
  expect(error).toMatch(
    /^trustline: No gateway runs from this document here .*\n {2}next: Start it: trustline gateway run/,
  );
  expect(code).toBe(phoneExitCodes.failed);
});

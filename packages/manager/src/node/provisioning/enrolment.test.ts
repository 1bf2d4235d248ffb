import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { readCertificate } from '@trustline/pki';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ManagerFolder } from './running-manager.fixture.ts';

const canary = '5551202777';
const string = new Redacted(canary);
const device = 'SEP001122334455';
const manager = new ManagerFolder(['log.level=debug']);
let said = '';

beforeAll(async () => {
  const write = process.stderr.write.bind(process.stderr);
  vi.spyOn(process.stderr, 'write').mockImplementation((...chunk: Parameters<typeof write>) => {
    said += String(chunk[0]);
    return true;
  });
  await manager.start();
  await manager.addPhone(device, '1001');
}, 60_000);
afterAll(async () => {
  vi.restoreAllMocks();
  await manager.remove();
});

/** Events come a moment after the phone has its answer. */
const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 100 });
const kindsOf = async (name = device) =>
  (await manager.events()).filter((event) => event.device === name).map(({ kind, reason }) => `${kind} ${reason}`);
const enrolments = async () => (await manager.client.enrolments()).enrolments;

/** Files of the data folder in which these digits are to be found, write-ahead log and free pages included. */
function filesWith(digits: string): readonly string[] {
  const paths = readdirSync(join(manager.path, 'data'), { recursive: true, encoding: 'utf8' });
  const files = paths.map((path) => join(manager.path, 'data', path)).filter((path) => statSync(path).isFile());
  expect(files.length).toBeGreaterThan(20);
  return files.filter((path) => readFileSync(path, 'latin1').includes(digits));
}

describe('a phone enrols', () => {
  test('by the string that the operator set, once, and for ever; every step is an event, the operator’s by name', async () => {
    const opened = await manager.client.openEnrolment(device, { by: 'string', string: canary });
    expect(opened).toMatchObject({
      string: canary,
      enrolment: { device, by: 'string', action: 'install', locked: false },
    });
    expect(filesWith(canary)).toEqual([]);
    await manager.restart();
    expect(await enrolments()).toMatchObject([{ device, by: 'string' }]);
    const { result, certificate } = await manager.enrol(device, { by: 'string', string });
    expect(result).toMatchObject({ outcome: 'installed' });
    const lsc = readCertificate(certificate ?? new Uint8Array());
    expect(lsc.notBefore).toBeLessThanOrEqual(Date.now() - 3_600_000);
    expect(await enrolments()).toEqual([]);
    expect(filesWith(canary)).toEqual([]);
    expect((await manager.enrol(device, { by: 'string', string })).result).toMatchObject({ outcome: 'no-action' });
    await soon(async () => expect(await kindsOf()).toContain('enrolment-step nothing-pending'));
    await manager.restart();
    expect(await enrolments()).toEqual([]);
    const events = (await manager.events()).filter((event) => event.device === device);
    expect(events.find(({ kind }) => kind === 'enrolment-pending')?.actor).toMatch(/^local user /);
    // Once, though there were restarts.
    expect(events.filter(({ kind }) => kind === 'enrolment-pending')).toHaveLength(1);
    expect(events.find(({ reason }) => reason === 'certificate-issued')?.actor).toBeUndefined();
    expect(await kindsOf()).toEqual(
      expect.arrayContaining(['enrolment-closed done', 'enrolment-step certificate-stored']),
    );
  });

  test('by its MIC; the recording of its proof is an alarm, before and after a restart', async () => {
    const { recorded: mic } = await manager.micOf(device);
    await manager.client.openEnrolment(device, { by: 'mic' });
    expect((await manager.enrol(device, mic)).result).toMatchObject({ outcome: 'installed' });
    expect((await manager.enrol(device, mic)).result).toMatchObject({ outcome: 'no-action' });
    const replays = async () =>
      (await manager.events()).filter(
        ({ kind, reason }) => kind === 'enrolment-alarm' && reason === 'replay-suspected',
      );
    await soon(async () => expect(await replays()).toHaveLength(1));
    await manager.restart();
    expect((await manager.enrol(device, mic)).result).toMatchObject({ outcome: 'no-action' });
    await soon(async () => expect(await replays()).toHaveLength(2));
    expect((await replays()).every((event) => event.device === device && event.severity === 'alert')).toBe(true);
    // Something that was opened and taken back since does not make the recording innocent.
    await manager.client.openEnrolment(device, { by: 'mic' });
    await manager.client.cancelEnrolment(device);
    await manager.enrol(device, mic);
    await soon(async () => expect(await replays()).toHaveLength(3));
  });

  test('by the number of its session once: a recording without it is an alarm, after a restart too', async () => {
    const signer = 'SEP001122334499';
    await manager.addPhone(signer, '1099');
    const mic = await manager.micOf(signer);
    await manager.client.openEnrolment(signer, { by: 'mic' });
    expect((await manager.enrol(signer, mic.signing)).result).toMatchObject({ outcome: 'installed' });
    await manager.restart();
    await manager.client.openEnrolment(signer, { by: 'mic' });
    expect((await manager.enrol(signer, mic.recorded)).result).toMatchObject({ outcome: 'declined' });
    await soon(async () => expect(await kindsOf(signer)).toContain('enrolment-alarm replay-suspected'));
    expect((await manager.enrol(signer, mic.signing)).result).toMatchObject({ outcome: 'installed' });
    // Another phone by that name begins anew.
    await manager.client.removeDevice(signer);
    await manager.addPhone(signer, '1099');
    await manager.client.openEnrolment(signer, { by: 'mic' });
    expect((await manager.enrol(signer, mic.recorded)).result).toMatchObject({ outcome: 'installed' });
  });

  test('in a window without proof, which is closed by the first who comes', async () => {
    await manager.client.openEnrolment(device, { by: 'nothing', minutes: 10 });
    await manager.restart();
    expect((await manager.enrol(device, { by: 'nothing' })).result).toMatchObject({ outcome: 'installed' });
    expect((await manager.enrol(device, { by: 'nothing' })).result).toMatchObject({ outcome: 'no-action' });
  });
});

test('five wrong strings lock, as an alarm and over a restart; the operator unlocks, by name', async () => {
  const name = 'SEP001122334456';
  await manager.addPhone(name, '1002');
  await manager.client.openEnrolment(name, { by: 'string', string: canary });
  for (let turn = 0; turn < 5; turn += 1) {
    const wrong = await manager.enrol(name, { by: 'string', string: new Redacted(`9999${turn}`) });
    expect(wrong.result).toMatchObject({ outcome: 'declined' });
  }
  await soon(async () => expect(await kindsOf(name)).toContain('enrolment-alarm locked'));
  await manager.restart();
  expect(await enrolments()).toMatchObject([{ device: name, locked: true }]);
  expect((await manager.enrol(name, { by: 'string', string })).certificate).toBeUndefined();
  await manager.client.unlockEnrolment(name);
  await expect(manager.client.unlockEnrolment(name)).rejects.toMatchObject({ code: 'manager.enrolment-not-locked' });
  const unlocked = (await manager.events()).find((event) => event.device === name && event.reason === 'unlocked');
  expect(unlocked?.actor).toMatch(/^local user /);
  expect((await manager.enrol(name, { by: 'string', string })).result).toMatchObject({ outcome: 'installed' });
});

test('a removed device enrols no more, and what was pending ends in the name of who removed it', async () => {
  const name = 'SEP001122334457';
  await manager.addPhone(name, '1003');
  await manager.client.openEnrolment(name, { by: 'string', string: canary });
  await manager.client.removeDevice(name);
  expect((await manager.enrol(name, { by: 'string', string })).certificate).toBeUndefined();
  const closed = (await manager.events()).find((event) => event.device === name && event.kind === 'enrolment-closed');
  expect(closed?.actor).toMatch(/^local user /);
  await manager.addPhone(name, '1003');
  expect((await enrolments()).filter((one) => one.device === name)).toEqual([]);
});

test('the authentication string is in no event, log line or error, at debug level', async () => {
  const errors: string[] = [];
  for (const wrong of [
    { by: 'string', string: `${canary}x` },
    { by: 'mic', string: canary },
  ] as const) {
    const refused = manager.client.openEnrolment(device, wrong);
    errors.push(await refused.then(String, (error: Error) => `${error.message} ${JSON.stringify(error)}`));
  }
  expect(errors).toEqual([
    expect.stringMatching(/^Authentication string: an authentication string has 4 to 16 digits/),
    expect.stringMatching(/^Only an enrolment by string has one/),
  ]);
  const events = await manager.events();
  expect(events.length).toBeGreaterThan(20);
  expect(JSON.stringify(events)).not.toContain(canary);
  expect(errors.join()).not.toContain(canary);
  expect(said).not.toContain(canary);
  expect(filesWith(canary)).toEqual([]);
});

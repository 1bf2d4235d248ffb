import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Phone, type PhoneConnection, silence } from '@trustline/phone/node';
import { artefactFolder, Lab } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';

const folder = artefactFolder('cli-records');
const exported = join(folder, 'records.jsonl');
const head = join(folder, 'head.json');
let lab: Lab;
const phones: Phone[] = [];

const here = (...argv: string[]) => trustline([...argv, '--data', lab.dataFolder]);
/** Offline: on a data folder where no manager runs. */
const offline = (...argv: string[]) => trustline([...argv, '--data', join(folder, 'nowhere')]);
const lines = () => readFileSync(exported, 'utf8').split('\n').slice(0, -1);

async function phone(line: string): Promise<Phone> {
  const { name, certificateFile, trustFile } = await lab.secureDevice(line);
  const both = readFileSync(certificateFile, 'utf8');
  const connection: PhoneConnection = {
    kind: 'tls',
    certificatePem: both,
    privateKeyPem: both,
    trustBundlePem: readFileSync(trustFile, 'utf8'),
  };
  const server = { host: '127.0.0.1', port: lab.ports.tls };
  const started: Phone = Phone.start({
    line,
    connection,
    device: name,
    server,
    onEvent: (event) => {
      if (event.kind === 'incoming') void started.answer(event.call, { source: silence });
    },
  });
  phones.push(started);
  await started.registered();
  return started;
}

beforeAll(async () => {
  lab = await Lab.start(join(folder, 'manager'));
  const caller = await phone('1001');
  await phone('1002');
  for (let calls = 0; calls < 2; calls += 1) {
    const call = await caller.call('1002', { source: silence });
    await call.established;
    await lab.call('is encrypted', ({ level, state }) => level === 'encrypted' && state === 'answered');
    call.hangUp();
    await lab.idle();
  }
  await caller.call('1999').then((call) => call.ended);
  await lab.idle();
});
afterAll(async () => {
  for (const one of phones) await one.stop();
  await lab?.stop();
});

describe('for scripts', () => {
  test.each([['status'], ['devices'], ['device', 'list'], ['calls'], ['pki', 'status'], ['records', 'verify']])(
    '%s %s --json is one document that carries node and schema',
    async (...command) => {
      const { code, out, error } = await here(...command.filter((word) => word !== undefined), '--json');
      expect({ code, error }).toEqual({ code: 0, error: '' });
      expect(JSON.parse(out)).toMatchObject({ node: 'node-1', schema: 1 });
    },
  );

  test('calls --json tells what was encrypted, by which suite, and how each end proved itself', async () => {
    const { ended } = JSON.parse((await here('calls', '--json')).out);
    expect(ended).toHaveLength(3);
    for (const record of ended) expect(record).toMatchObject({ node: 'node-1', schema: 1 });
    const leg = (line: string) => ({
      party: { line, device: expect.stringMatching(/^SEP/) },
      signalling: 'tls-mutual',
      proof: 'certificate',
      keying: 'sdes',
      suite: 'AEAD_AES_256_GCM',
    });
    expect(ended[0]).toMatchObject({ outcome: 'answered', level: 'encrypted', legs: [leg('1001'), leg('1002')] });
  });

  test('events --json is one object a line; --follow goes on until the manager stops', async () => {
    const other = await Lab.start(join(folder, 'followed'));
    const following = trustline(['events', '--follow', '--json', '--data', other.dataFolder]);
    await other.secureDevice('1001');
    await other.event('the device', ({ kind }) => kind === 'device-added');
    await other.stop();
    const { code, out, error } = await following;
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out.endsWith('\n')).toBe(true);
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const event of events) expect(event).toMatchObject({ node: 'node-1', schema: 1, kind: expect.any(String) });
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['started', 'device-added', 'credentials-written', 'stopped']));
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});

describe('the records of a manager on which calls were made', () => {
  test('are exported with a head and verified without the manager', async () => {
    expect((await here('calls')).out).toMatch(/Ended:\n(.*encrypted.*\n){2}/);
    const written = await here('records', 'export', '--out', exported);
    expect(written).toMatchObject({ code: 0, error: '' });
    expect(written.out).toBe(
      `${lines().length - 1} entries are in ${exported}. Verify them anywhere: trustline records verify ${exported}\n`,
    );
    expect(await here('records', 'head', '--out', head)).toEqual({
      code: 0,
      out: `The head of ${lines().length - 1} entries is in ${head}. Keep it elsewhere.\n`,
      error: '',
    });
    expect(JSON.parse(readFileSync(head, 'utf8'))).toMatchObject({ schema: 2, node: 'node-1' });
    const verified = await offline('records', 'verify', exported, '--head', head);
    expect(verified).toMatchObject({ code: 0, out: expect.stringMatching(/^Verified: \d+ entries; none altered/) });
    const json = JSON.parse((await offline('records', 'verify', exported, '--json')).out);
    expect(json).toMatchObject({
      schema: 1,
      node: 'node-1',
      ok: true,
      count: lines().length - 1,
      erased: 0,
      keyPinned: false,
    });
    expect(readFileSync(exported, 'utf8')).toContain('"1002"');
  });

  test('are told from a chain that somebody signed anew: by the key kept elsewhere, and by no word of the file', async () => {
    const keyFile = join(folder, 'records-key.pem');
    expect((await here('records', 'key', '--out', keyFile)).code).toBe(0);
    const mine = await offline('records', 'verify', exported, '--public-key', keyFile);
    expect(mine.out).toMatch(/^Verified: .*\nSigned by the key [0-9a-f]{64}\.\n/);
    expect(mine.out).not.toContain('stands in the file itself');
    const unpinned = await offline('records', 'verify', exported);
    expect(unpinned.out).toContain('whose it is shows only against one kept elsewhere: --public-key FILE');
    const stranger = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' });
    const otherKey = join(folder, 'other-key.pem');
    writeFileSync(otherKey, stranger);
    expect((await offline('records', 'verify', exported, '--public-key', otherKey)).code).toBe(4);
  });

  test.each([
    {
      title: 'an altered header',
      tamper: (all: string[]) => all.with(0, (all[0] ?? '').replace('"node-1"', '"node-2"')),
      index: () => 0,
      rule: 'header',
    },
    {
      title: 'an altered line',
      tamper: (all: string[]) => all.with(-2, (all.at(-2) ?? '').replace(/"at":"2/, '"at":"3')),
      index: () => lines().length - 3,
      rule: 'content',
    },
    {
      title: 'an altered number in the call record',
      tamper: (all: string[]) => all.map((line) => line.replaceAll('"1002"', '"1003"')),
      index: () => lines().findIndex((line) => line.includes('"1002"')) - 1,
      rule: 'personal',
    },
    { title: 'a removed line', tamper: (all: string[]) => all.toSpliced(4, 1), index: () => 3, rule: 'sequence' },
    {
      title: 'two lines that were swapped',
      tamper: (all: string[]) => all.with(5, all[6] ?? '').with(6, all[5] ?? ''),
      index: () => 4,
      rule: 'sequence',
    },
    {
      title: 'a line that was put in twice',
      tamper: (all: string[]) => all.toSpliced(5, 0, all[5] ?? ''),
      index: () => 5,
      rule: 'sequence',
    },
  ])('with $title do not verify, and the first wrong entry is named', async ({ tamper, index, rule }) => {
    const file = join(folder, 'tampered.jsonl');
    writeFileSync(file, `${tamper(lines()).join('\n')}\n`);
    const verdict = await offline('records', 'verify', file);
    expect(verdict).toMatchObject({ code: exitCodes.notVerified, out: '' });
    expect(verdict.error).toMatch(/^NOT verified: .*([Ee]ntry \d+|header)/);
    const { out } = await offline('records', 'verify', file, '--json');
    expect(JSON.parse(out)).toMatchObject({ ok: false, index: index(), rule });
  });

  test('with a cut tail verify as far as they go; a head that was kept elsewhere finds it', async () => {
    const file = join(folder, 'cut.jsonl');
    const all = lines();
    // Entries that were stored together are signed together, by the last of them.
    const signed = all.slice(0, -1).findLastIndex((line) => line.includes('"signature":"'));
    writeFileSync(file, `${all.slice(0, signed + 1).join('\n')}\n`);
    expect((await offline('records', 'verify', file)).code).toBe(0);
    const found = await offline('records', 'verify', file, '--head', head);
    expect(found.code).toBe(exitCodes.notVerified);
    expect(found.error).toMatch(/^NOT verified: The tail was cut: entry \d+ is missing/);
  });

  test('are not verified by the head of another manager', async () => {
    const other = await Lab.start(join(folder, 'other'));
    const text = await trustline(['records', 'head', '--data', other.dataFolder]);
    await other.stop();
    const file = join(folder, 'other-head.json');
    writeFileSync(file, text.out);
    const refused = await offline('records', 'verify', exported, '--head', file);
    expect(refused).toMatchObject({
      code: exitCodes.notVerified,
      error: expect.stringMatching(/not signed with the key/),
    });
  });

  test('are erased by rule: names and numbers go, and what remains verifies, with the earlier head too', async () => {
    const erased = await here('records', 'erase', '--older-than', '0');
    expect(erased.out).toMatch(/^Personal fields of [1-9]\d* entries were erased\.\n$/);
    const file = join(folder, 'erased.jsonl');
    expect((await here('records', 'export', '--out', file)).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('"erased"');
    for (const name of ['"1001"', '"1002"', 'SEP001122330001', '127.0.0.1']) expect(text).not.toContain(name);
    const verdict = await offline('records', 'verify', file, '--head', head);
    expect(verdict.out).toMatch(/^Verified: \d+ entries, [1-9]\d* of them with personal fields erased by rule/);
    expect((await here('records', 'verify', '--head', head)).code).toBe(0);
    expect((await here('calls')).code).toBe(0);
    expect((await here('events')).code).toBe(0);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { speechLike } from '@trustline/phone';
import { parseWav, serializeWav } from '@trustline/rtp';
import { artefactFolder, eventually, freeTcpPort, Lab } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { runCommandLine } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { writeCredentials } from './credentials.fixture.ts';

const folder = artefactFolder('phone-commands');
let lab: Lab;
let caller: string;
let called: string;
let other: string;

class Recorded implements Terminal {
  readonly environment = {};
  exitCode = 0;
  text = '';
  errors = '';
  readonly out = (text: string) => {
    this.text += text;
  };
  readonly error = (text: string) => {
    this.errors += text;
  };

  get objects(): Record<string, unknown>[] {
    return this.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

async function phone(...words: string[]): Promise<{ code: number; terminal: Recorded }> {
  const terminal = new Recorded();
  const code = await runCommandLine(['phone', ...words], terminal);
  return { code, terminal };
}

async function skinnyPort(transport: 'sccp' | 'sccp-tls'): Promise<number> {
  return (await lab.client.status()).listeners.find((one) => one.transport === transport)?.port ?? 0;
}

async function registered(line: string): Promise<void> {
  await eventually('the registration', async () =>
    (await lab.client.devices()).devices.some(
      ({ lines, registrations }) => lines[0]?.number === line && registrations.length > 0,
    ),
  );
}

beforeAll(async () => {
  lab = await Lab.start(join(folder, 'manager'), [], '127.0.0.1', [
    '  - { transport: sccp, host: 127.0.0.1, port: 0 }',
    '  - { transport: sccp-tls, host: 127.0.0.1, port: 0 }',
  ]);
  caller = (await writeCredentials(lab, folder, '1001')).path;
  called = (await writeCredentials(lab, folder, '1002')).path;
  other = (await writeCredentials(lab, folder, '1003')).path;
});
afterAll(() => lab?.stop());

describe('trustline phone', () => {
  test('calls, plays, sends digits, records and captures, and says all of it in JSON', async () => {
    const sound = join(folder, 'said.wav');
    writeFileSync(sound, serializeWav(speechLike(2, 1)));
    const heard = join(folder, 'heard.wav');
    const answering = phone('answer', '--credentials', called, '--record', heard, '--json');
    await registered('1002');
    const capture = join(folder, 'call.pcapng');
    const { code, terminal } = await phone(
      ...['call', '1002', '--credentials', caller, '--play', sound, '--digits', '42#', '--capture', capture, '--json'],
    );
    expect(code).toBe(0);
    expect(terminal.objects.at(-2)?.['kind']).toBe('result');
    for (const object of terminal.objects) expect(object).toMatchObject({ schema: 1, node: basename(caller) });
    expect(terminal.objects.find(({ kind }) => kind === 'result')).toMatchObject({
      level: 'encrypted',
      suite: 'AEAD_AES_256_GCM',
      ending: 'completed',
      packetsRefused: 0,
      exitCode: 0,
    });
    const other = await answering;
    expect(other.code).toBe(0);
    expect(other.terminal.objects.find(({ kind }) => kind === 'result')).toMatchObject({ digitsReceived: '42#' });
    expect(parseWav(readFileSync(heard)).samples.length).toBeGreaterThan(14_000);
    expect(readFileSync(capture).length).toBeGreaterThan(20_000);
    expect(terminal.text + other.terminal.text).not.toContain('inline:');
  });

  test.each([
    ['--transfer', ['--transfer', '1003']],
    ['--hold, then --transfer --attended', ['--hold', '0.2', '--duration', '0.5', '--transfer', '1003', '--attended']],
  ])('%s has the two others talk, encrypted, and both see it through', async (_, words) => {
    const answering = phone('answer', '--credentials', called, '--json');
    const sound = join(folder, 'short.wav');
    writeFileSync(sound, serializeWav(speechLike(1, 1)));
    const third = phone('answer', '--credentials', other, '--play', sound, '--json');
    await registered('1002');
    await registered('1003');
    const { code, terminal } = await phone('call', '1002', '--credentials', caller, ...words);
    expect(code).toBe(0);
    expect(terminal.text).toContain('The call is transferred.');
    for (const end of await Promise.all([answering, third])) {
      expect(end.code).toBe(0);
      expect(end.terminal.objects.find(({ kind }) => kind === 'result')).toMatchObject({ level: 'encrypted' });
    }
    await lab.idle();
  });

  test('`clear` towards a phone that takes encrypted media only exits with 13, and both ends say why', async () => {
    const answering = phone('answer', '--credentials', called, '--json');
    await registered('1002');
    const { code, terminal } = await phone('call', '1002', '--credentials', caller, '--security', 'clear', '--json');
    expect(code).toBe(13);
    expect(terminal.objects.find(({ kind }) => kind === 'result')).toMatchObject({
      ending: 'refused-for-security',
      reason: 'The called phone takes encrypted media only',
    });
    expect((await answering).code).toBe(13);
    const refusal = (await lab.events()).findLast(({ kind }) => kind === 'call-refused');
    expect(refusal?.reason).toBe('security-required');
  });

  test.each([
    ['no such number', 16, (path: string) => ['call', '4711', '--credentials', path]],
    ['nobody registered there', 11, (path: string) => ['call', '1002', '--credentials', path]],
    ['the command line was wrong', 2, (path: string) => ['call', '1002', '--credentials', path, '--digits', 'x']],
    ['no credentials', 1, () => ['call', '1002', '--credentials', join(folder, 'none')]],
  ])('exits when there is %s with %i', async (_, expected, words) => {
    const { code, terminal } = await phone(...words(caller));
    expect(code).toBe(expected);
    if (expected !== 2) expect(terminal.text + terminal.errors).toContain('next: ');
  });

  test('by Skinny: the same exit codes, codec and suite after the far end has hung up, and no level before it is known', async () => {
    const [name, path] = ['SEP0200000000AA', join(folder, 'skinny')];
    const lines = [{ number: '1010' }];
    await lab.client.addDevice({ name, securityMode: 'encrypted', protocol: 'sccp', lines });
    const written = await trustline(['device', 'credentials', name, '--out', path, '--data', lab.dataFolder]);
    expect(written).toMatchObject({ code: 0, out: expect.stringContaining('by sccp-tls') });
    const skinny = (...words: string[]) => phone('call', '1002', '--credentials', path, ...words);
    const nobody = await skinny();
    expect(nobody).toMatchObject({
      code: 11,
      terminal: { text: expect.stringContaining('no-answer (Not registered)') },
    });
    const answering = phone('answer', '--credentials', called, '--duration', '0.5', '--json');
    await registered('1002');
    const { code, terminal } = await skinny('--json');
    expect(code).toBe(0);
    const result = { ending: 'completed', by: 'remote', level: 'encrypted', codec: 'PCMA', suite: 'AEAD_AES_128_GCM' };
    expect(terminal.objects.find(({ kind }) => kind === 'result')).toMatchObject(result);
    const levels = terminal.objects.filter(({ kind }) => kind === 'call.level').map(({ level }) => level);
    expect(levels).toEqual(['encrypted']);
    expect((await answering).code).toBe(0);

    const port = await skinnyPort('sccp');
    for (const [words, exit, sentence] of [
      [['--suite', 'AEAD_AES_256_GCM'], 1, 'Skinny cannot carry the keys of AEAD_AES_256_GCM'],
      [['--protocol', 'sip'], 1, 'These are the credentials of a phone that speaks Skinny'],
      [['--server', `127.0.0.1:${port}`], 14, 'That port does not speak TLS'],
      [['--server', `127.0.0.1:${await freeTcpPort()}`], 14, 'Add { transport: sccp-tls } to the listeners'],
    ] as const) {
      const refused = await skinny(...words);
      expect(refused).toMatchObject({ code: exit, terminal: { errors: expect.stringContaining(sentence) } });
    }
  });

  test('by Skinny without TLS: a name and a server are enough, said to be clear; and other ports are told apart', async () => {
    const name = 'SEP0200000000AB';
    const lines = [{ number: '1011' }];
    await lab.client.addDevice({ name, securityMode: 'non-secure', protocol: 'sccp', lines });
    const unproven = ['call', '4711', '--protocol', 'sccp', '--device', name];
    const clear = (port: number) => phone(...unproven, '--security', 'clear', '--server', `127.0.0.1:${port}`);
    expect((await clear(await skinnyPort('sccp'))).code).toBe(16);
    const closed = await clear(await skinnyPort('sccp-tls'));
    expect(closed).toMatchObject({ code: 14, terminal: { errors: expect.stringContaining('A port that speaks TLS') } });
    const refused = await clear(await freeTcpPort());
    expect(refused.terminal.errors).toContain('Add { transport: sccp } to the listeners');
    const unsaid = await phone(...unproven, '--server', '127.0.0.1');
    expect(unsaid).toMatchObject({ code: 1, terminal: { errors: expect.stringContaining('--security clear') } });
  });

  test('a manager that cannot be reached, and one that is not believed', async () => {
    const away = `127.0.0.1:${await freeTcpPort()}`;
    const unreachable = await phone('call', '1002', '--credentials', caller, '--server', away);
    expect(unreachable.code).toBe(14);
    expect(unreachable.terminal.errors.match(/next: /g)).toHaveLength(1);
    const elsewhere = await phone('call', '1002', '--state', join(called, 'none'), '--server', away);
    expect(elsewhere.terminal.errors).toContain('--server does not go with --state');
    writeFileSync(join(called, 'trust.pem'), readFileSync(join(called, 'device.crt.pem')));
    const strange = await phone('call', '1001', '--credentials', called, '--json');
    expect(strange.code).toBe(15);
    expect(strange.terminal.objects.find(({ kind }) => kind === 'result')).toMatchObject({
      code: 'sip.server-refused',
    });
  });
});

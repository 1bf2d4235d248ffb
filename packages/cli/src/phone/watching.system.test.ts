import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { TracedMessage, TracedText } from '@trustline/manager';
import { artefactFolder, eventually, Lab, missingPrograms } from '@trustline/testing/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CommandOutcome, trustline } from '../command-line.fixture.ts';
import { writeCredentials } from './credentials.fixture.ts';

const folder = artefactFolder('watching');

/** A call between two secure phones, while three people watch it. */
describe.skipIf(missingPrograms('tshark'))('people who watch a call', () => {
  let lab: Lab;
  const capture = join(folder, 'trace.pcapng');
  const watches: Promise<CommandOutcome>[] = [];
  let caller = '';
  const outcomes: CommandOutcome[] = [];
  let explained: CommandOutcome;
  let events: readonly { readonly kind: string; readonly cause: string; readonly reason?: string }[] = [];

  const run = (...argv: readonly string[]) => trustline([...argv, '--data', lab.dataFolder]);

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'));
    const [one, two] = [await writeCredentials(lab, folder, '1001'), await writeCredentials(lab, folder, '1002')];
    caller = one.name;
    const decrypted = ['--decrypted', '--pcap', capture, '--json', '--reason', 'no ringing tone'];
    watches.push(
      run('calls', '--follow'),
      run('sip', 'trace', '--device', two.name, '--pcap', join(folder, 'nothing.pcapng')),
      run('sip', 'trace', '--device', one.name, ...decrypted),
    );
    await eventually(
      'the watches are told',
      async () => (await lab.events()).filter(({ kind }) => kind === 'signalling-traced').length === 2,
    );
    const answering = trustline(['phone', 'answer', '--credentials', two.path, '--duration', '1']);
    await eventually('1002 is registered', async () =>
      (await lab.client.devices()).devices.some(
        (device) => device.name === two.name && device.registrations.length > 0,
      ),
    );
    await trustline(['phone', 'call', '1002', '--credentials', one.path, '--duration', '1']);
    await answering;
    await trustline(['phone', 'call', '1999', '--credentials', one.path, '--duration', '1']);
    events = await lab.events();
    const [ended] = (await lab.client.calls()).ended;
    explained = await run('call', ended?.call.slice(0, 8) ?? '');
    await lab.stop();
    outcomes.push(...(await Promise.all(watches)));
  }, 60_000);

  test('see a ladder of both legs, a rung a message, with the level and no key', () => {
    const rungs = outcomes[0]?.out.split('\n') ?? [];
    const said = rungs.map((rung) => rung.replace(/^\S+ \S+ +/, ''));
    const before = said.filter((rung) => / INVITE /.test(rung) || /200 OK\b/.test(rung) || / BYE/.test(rung));
    expect(before[0]).toMatch(/^authenticated +1001 ──▶ │ +INVITE 1002 {2}RTP\/SAVP [A-Z0-9_]+ and \d more$/);
    expect(before[1]).toMatch(/^authenticated +│ ──▶ 1002 +INVITE 1002 {2}RTP\/SAVP/);
    expect(before[2]).toMatch(/^encrypted +│ ◀── 1002 +200 OK {2}RTP\/SAVP [A-Z0-9_]+$/);
    expect(before[3]).toMatch(/^encrypted +1001 ◀── │ +200 OK {2}RTP\/SAVP/);
    expect(said.some((rung) => /BYE$/.test(rung))).toBe(true);
    expect(outcomes[0]?.out).not.toContain('inline');
  });

  test('see a call that is refused at once, and why', () => {
    const refused = outcomes[0]?.out.split('\n').filter((rung) => /INVITE 1999| 404 /.test(rung)) ?? [];
    expect(refused[0]).toMatch(/ [0-9a-f]{6} authenticated +1001 ──▶ │ +INVITE 1999/);
    expect(refused[1]).toMatch(
      / [0-9a-f]{6} authenticated +1001 ◀── │ +404 .* {2}\(no line or route has this number\)$/,
    );
  });

  test('see that messages pass over TLS, and not into it unless they say why', async () => {
    const hidden = outcomes[1]?.out ?? '';
    expect(hidden).toMatch(/ ──▶ 1002 +INVITE 1002/);
    expect(hidden).not.toContain('Call-ID');
    expect(outcomes[1]?.error).toMatch(
      /^note: what SEP\w+ says over TLS is not written to .*nothing\.pcapng; --decrypted --reason TEXT does\.\n$/,
    );
    expect(events.filter(({ kind }) => kind === 'signalling-traced').map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['without-tls', 'decrypted']),
    );
  });

  test('see all of it, keys hidden, in a capture that Wireshark reads as SIP', () => {
    const messages = (outcomes[2]?.out ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TracedText);
    const invite = messages.find(({ words }) => words === 'INVITE 1002');
    expect(invite).toMatchObject({
      direction: 'received',
      transport: 'tls',
      device: caller,
    } satisfies Partial<TracedMessage>);
    expect(invite?.text).toMatch(/a=crypto:1 \S+ inline:x{40,}/);
    expect(statSync(capture).mode & 0o777).toBe(0o600);
    const read = execFileSync('tshark', [
      '-r',
      capture,
      '-Y',
      'sip',
      '-T',
      'fields',
      '-e',
      'sip.Method',
      '-e',
      'sip.Status-Code',
    ]);
    expect(String(read)).toMatch(/^REGISTER/);
    expect(String(read)).toMatch(/^INVITE\t$/m);
    expect(String(read).trim().split('\n')).toHaveLength(messages.length);
  });

  test('are told why a call went as it did', () => {
    expect(explained.out).toMatch(/^Call [0-9a-f]{32} is over: answered, encrypted; encryption: prefer\.\n/);
    expect(explained.out).toMatch(
      /\nIts way\n {2}[\d:.]+ {2}1002 is line 1002; encryption: prefer\.\n {2}[\d:.]+ {2}It rings at 1002 on SEP/,
    );
    expect(explained.out).toMatch(/\nIts level\n(.*\n)* {2}[\d:.]+ {2}encrypted: /);
    expect(explained.out).toMatch(
      /\n {2}called +1002 +SEP\w+ +tls-mutual, proved by certificate +AEAD_AES_256_GCM, key by sdes +encrypted\n/,
    );
    expect(explained.out).toMatch(
      /\nIts times\n {2}began .* UTC\n {2}answered after \d\.\d{3} s\n {2}over after \d\.\d{3} s\n/,
    );
    expect(explained.out).toMatch(/\nWhy it ended\n {2}.*\(normal-clearing\), by the call(er|ed), \d+\n/);
    expect(explained.out).toMatch(/\nWhat was said of it\n(.*\n)* {2}.* call-ended /);
  });
});

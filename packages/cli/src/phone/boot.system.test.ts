import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artefactFolder, eventually, Lab } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';

const folder = artefactFolder('phone-boot-commands');
const noPorts = 'tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0';
let lab: Lab;
/** Where the files are, and whom to ask. */
let place: readonly string[];
let asked: readonly string[];

beforeAll(async () => {
  const configuration = [
    `provisioning: { host: 127.0.0.1, ${noPorts} }`,
    'phoneKeys:',
    "  - { device: SEP020000000005, speedDials: [{ number: '1001', label: Ann, busyLamp: true }, { number: '1002', label: Bob }] }",
    "watchers: [{ name: desk, lines: ['1005'], of: ['1001'] }]",
  ];
  const skinny = ['  - { transport: sccp-tls, host: 127.0.0.1, port: 0 }'];
  lab = await Lab.start(join(folder, 'manager'), configuration, '127.0.0.1', skinny);
  const { provisioning, dataFolder } = await lab.client.status();
  const port = (service: string) => String(provisioning.find((one) => one.service === service)?.port);
  place = ['--tftp', `127.0.0.1:${port('TFTP')}`, '--http-port', port('HTTP')];
  asked = ['--data', dataFolder];
});
afterAll(() => lab?.stop());

async function addPhone(digits: string, line: string, protocol: 'sip' | 'sccp' = 'sip'): Promise<string> {
  const name = `SEP${digits}`;
  await lab.client.addDevice({ name, securityMode: 'encrypted', protocol, lines: [{ number: line }] });
  return name;
}

const boot = (...words: string[]) => trustline(['phone', 'boot', ...place, '--once', ...words]);
const results = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ kind }) => kind === 'result');

describe('trustline phone boot', () => {
  test('a MIC from the factory, an enrolment, a boot, and a call between two phones that have booted', async () => {
    const states: string[] = [];
    for (const [digits, line] of [
      ['020000000001', '1001'],
      ['020000000002', '1002'],
    ] as const) {
      const name = await addPhone(digits, line);
      const mic = join(folder, `mic-${line}`);
      const made = await trustline(['phone', 'mic', name, '--out', mic, ...asked]);
      expect(made).toMatchObject({
        code: 0,
        out: expect.stringContaining(`trustline enrolment open ${name} --by mic`),
      });
      const opened = await trustline(['enrolment', 'open', name, '--by', 'mic', '--key-kind', 'EC-P-256', ...asked]);
      expect(opened).toMatchObject({ code: 0, error: '' });
      const state = join(folder, `phone-${line}`);
      states.push(state);
      const booted = await boot('--mac', digits, '--mic', mic, '--state', state);
      expect(booted).toMatchObject({ code: 0, error: '' });
      expect(booted.out).toContain('blindly');
      expect(booted.out).toContain('LSC: installed');
      expect(booted.out).toContain(`${name} is registered.`);
      expect(booted.out).toContain(`trustline phone call NUMBER --state ${state}`);
    }
    const [near = '', far = ''] = states;
    const answering = trustline(['phone', 'answer', '--state', far, '--duration', '1', '--json']);
    await eventually('1002 is registered', async () =>
      (await lab.client.devices()).devices.some(
        ({ lines, registrations }) => lines[0]?.number === '1002' && registrations.some((one) => one.remoteAddress),
      ),
    );
    const call = await trustline(['phone', 'call', '1002', '--state', near, '--duration', '1', '--json']);
    expect(results(call.out)).toMatchObject([{ ending: 'completed', level: 'encrypted', node: 'SEP020000000001' }]);
    expect((await answering).code).toBe(0);

    const again = await trustline(['phone', 'boot', '--state', near, '--once', '--json']);
    expect(again.code).toBe(0);
    expect(again.out).not.toContain('blindly');
    expect(results(again.out)).toMatchObject([{ outcome: 'registered', exitCode: 0 }]);
  });

  test('--protocol sccp: registers by Skinny over TLS, and does so in the commands after it', async () => {
    const name = await addPhone('020000000005', '1005', 'sccp');
    await lab.client.openEnrolment(name, { by: 'string', string: '13579135', key: 'EC-P-256' });
    const file = join(folder, 'digits-of-1005');
    writeFileSync(file, '13579135\n', { mode: 0o600 });
    const state = join(folder, 'phone-1005');
    const words = ['--mac', '020000000005', '--state', state, '--authentication-string-file', file];
    const booted = await boot(...words, '--protocol', 'sccp');
    expect(booted).toMatchObject({ code: 0, error: '' });
    expect(booted.out).toMatch(/^Keys: 1 line 1005, 2 busy-lamp Ann \((dark|idle)\), 3 speed-dial Bob 1002\.$/m);
    const call = await trustline(['phone', 'call', '9999', '--state', state, '--json']);
    expect(call.code).toBe(16);
    expect(results(call.out)).toMatchObject([{ ending: 'no-such-number', reason: 'No such number' }]);
    expect(call.out).toContain('"use":"busy-lamp","label":"Ann"');
  });

  test('without an enrolment: 17, and the command that opens one', async () => {
    const name = await addPhone('020000000003', '1003');
    const outcome = await boot('--mac', '02:00:00:00:00:03', '--state', join(folder, 'not-enrolled'));
    expect(outcome.code).toBe(17);
    expect(outcome.error).toContain(`trustline enrolment open ${name} --by mic`);
    // With that enrolment open, the same words again would lead nowhere.
    await lab.client.openEnrolment(name, { by: 'mic', key: 'EC-P-256' });
    const again = await boot('--state', join(folder, 'not-enrolled'));
    expect(again).toMatchObject({
      code: 17,
      error: expect.stringContaining(`trustline phone mic ${name} --out FOLDER`),
    });
  });

  test('a wrong string: 18; the right one from a file: registered; no secret is shown', async () => {
    const name = await addPhone('020000000004', '1004');
    await lab.client.openEnrolment(name, { by: 'string', string: '20406080', key: 'EC-P-256' });
    const file = join(folder, 'digits');
    const words = ['--mac', '020000000004', '--state', join(folder, 'by-string'), '--authentication-string-file', file];
    writeFileSync(file, '11223344\n', { mode: 0o600 });
    const wrong = await boot(...words, '--json');
    expect(wrong.code).toBe(18);
    expect(results(wrong.out)).toMatchObject([{ code: 'phone.enrolment-declined', exitCode: 18 }]);
    writeFileSync(file, '20406080\n');
    const right = await boot(...words);
    expect(right.code).toBe(0);
    expect(wrong.out + wrong.error + right.out + right.error).not.toMatch(/20406080|11223344|PRIVATE KEY/);
  });

  test('a phone that the manager does not know: 20, and the command that adds it', async () => {
    const outcome = await boot('--mac', '020000000FFF', '--state', join(folder, 'unknown'));
    expect(outcome.code).toBe(20);
    expect(outcome.error).toContain('trustline device add SEP020000000FFF');
  });

  test('a fleet is prepared, boots, and boots again from its memory', async () => {
    const fleet = [
      'phone',
      'fleet',
      '5',
      ...place,
      '--states',
      join(folder, 'fleet'),
      '--json',
      ...asked,
      '--first-mac',
      '020000100000',
    ];
    const first = await trustline([...fleet, '--prepare']);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ schema: 1, phones: 5, registered: 5, failed: [] });
    const second = await trustline(fleet);
    expect(JSON.parse(second.out)).toMatchObject({ registered: 5, bootMilliseconds: { p99: expect.any(Number) } });
  });

  test.each([
    ['no phone is named', ['phone', 'boot', '--once'], 'Which phone, and where are its files?'],
    [
      'the memory is that of nobody',
      ['phone', 'call', '1', '--state', '/nonexistent'],
      'holds no phone that has booted',
    ],
    ['neither credentials nor state', ['phone', 'run'], 'either --credentials FOLDER or --state FOLDER'],
  ])('%s: it says so', async (_, words, sentence) => {
    const outcome = await trustline(words);
    expect(outcome.code).toBe(1);
    expect(outcome.error).toContain(sentence);
  });
});

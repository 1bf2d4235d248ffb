import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artefactFolder, Lab, missingPrograms, missingSoftHsm, SoftHsm, softHsmModule } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const pin = 'canary-90417';

describe.skipIf(missingPrograms('script') || missingSoftHsm())('two tokens of SoftHSM', () => {
  const artefacts = artefactFolder('cli-token');
  let scratch: string;
  let lab: Lab;
  let hsm: SoftHsm;
  /** Everything that any command said. */
  const said: string[] = [];

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'trustline-token-'));
    lab = await Lab.start(join(artefacts, 'manager'));
    hsm = new SoftHsm(scratch);
    hsm.formatToken('blue', pin);
    hsm.formatToken('green', pin);
  });
  afterAll(async () => {
    await lab?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  async function token(argv: readonly string[], given: string | undefined = pin) {
    const place = ['--module', softHsmModule, '--data', lab.dataFolder];
    const outcome = await trustline(
      ['token', ...argv, ...place],
      given === undefined ? {} : { TRUSTLINE_TOKEN_PIN: given },
    );
    said.push(outcome.out, outcome.error);
    return outcome;
  }

  test('are listed, given a key and a certificate each, and prove them', async () => {
    expect((await token(['list'])).out).toMatch(/blue .*SoftHSM project SoftHSM v2 +no certificate +-\n/);
    expect((await token(['init'])).error).toMatch(
      /There are 2 tokens: .*blue.*\n {2}next: Name one by its serial number/,
    );
    for (const label of ['blue', 'green']) {
      const made = await token(['init', '--token', label]);
      expect(made).toMatchObject({ code: 0, error: '' });
      expect(made.out).toMatch(
        /^Token [0-9a-f]{16} is ready: CN=SAST-[0-9a-f]{16}, OU=Security tokens, O=.*, until 20/,
      );
    }
    expect((await token(['list'])).out).toMatch(/green .* ready +CN=SAST-/);
    expect((await token(['show', '--token', 'green', '--prove'])).out).toMatch(/signs +yes/);
    expect((await token(['init', '--token', 'blue'])).error).toMatch(/has CN=SAST-.* already\n {2}next: /);
  });

  test('show their own warning after wrong PINs, and clear it by the right one', async () => {
    const wrong = await token(['show', '--token', 'blue', '--prove'], 'canary-11111');
    expect(wrong).toMatchObject({
      code: 1,
      error: expect.stringMatching(/^trustline: the PIN of token "blue" .* is wrong/),
    });
    expect((await token(['list'])).out).toMatch(/blue .* ready, PIN count low/);
    expect((await token(['show', '--token', 'blue', '--prove'])).error).toMatch(
      /^trustline: token "blue" .*: PIN count low/,
    );
    expect((await token(['list'])).out).not.toMatch(/PIN count low/);
  });

  test('a PIN is asked for at a terminal and not shown as it is typed', async () => {
    const command = `'${process.execPath}' '${main}' token show --module ${softHsmModule} --token green --prove`;
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...process.env, ...hsm.environment },
    });
    let shown = '';
    let answered = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (answered || !shown.includes('PIN of token "green"')) return;
      answered = true;
      child.stdin.write(`x\u007f${pin}\r`); // a mistyped character is taken back
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    said.push(shown);
    expect(shown).toMatch(/signs +yes/);
    expect(code).toBe(0);
  });

  test('the PIN is nowhere: not in what was said, nor in the evidence, nor in any file of the manager', async () => {
    for await (const line of lab.client.exportRecords()) said.push(line);
    expect(said.join('')).toContain('token-certificate-issued');
    for (const secret of [pin, 'canary-11111']) expect(said.join('')).not.toContain(secret);
    for (const folder of [lab.dataFolder, artefacts]) {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        expect(readFileSync(join(entry.parentPath, entry.name)).includes(pin), entry.name).toBe(false);
      }
    }
  });
});

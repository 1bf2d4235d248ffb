import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { missingPrograms } from '@trustline/testing/node';
import { describe, expect, test } from 'vitest';
import { confirm } from './confirm.ts';
import type { Terminal } from './terminal.ts';

function terminal(answer?: string): Terminal {
  const silent = { out: () => {}, error: () => {}, environment: {}, exitCode: 0 };
  return answer === undefined ? silent : { ...silent, ask: async () => answer };
}

describe('a change is made', () => {
  test.each(['y', 'Y', ' yes '])('when a person says %j', async (said) => {
    await expect(confirm('Publish it?', {}, terminal(said))).resolves.toBeUndefined();
  });

  test('when it was said beforehand, without a question', async () => {
    await expect(confirm('Publish it?', { yes: true }, terminal())).resolves.toBeUndefined();
  });
});

describe('nothing is changed', () => {
  test.each(['', 'n', 'no', 'yesterday', 'ja'])('when a person says %j', async (said) => {
    await expect(confirm('Publish it?', {}, terminal(said))).rejects.toThrow(/Not confirmed; nothing was changed/);
  });

  test('when there is nobody to ask', async () => {
    await expect(confirm('Publish it?', {}, terminal())).rejects.toThrow(/^Publish it\? There is nobody/);
  });
});

describe.skipIf(missingPrograms('script'))('at a real terminal', () => {
  const module = new URL('./ask-line.ts', import.meta.url).href;
  const program = `
    import { askLine } from '${module}';
    await askLine('Go on? ').then((said) => console.log('said', said), (error) => console.log(error.code));
  `;

  test.each([
    ['y\r', /said y/],
    ['\u0004', /cli\.not-confirmed/],
    ['\u0003', /cli\.not-confirmed/],
  ])('%j is understood', async (typed, outcome) => {
    const command = `'${process.execPath}' --input-type=module --eval "$PROGRAM"`;
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...process.env, PROGRAM: program },
    });
    let shown = '';
    let answered = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (answered || !shown.includes('Go on?')) return;
      answered = true;
      child.stdin.write(typed);
    });
    await once(child, 'close');
    expect(shown).toMatch(outcome);
  });
});

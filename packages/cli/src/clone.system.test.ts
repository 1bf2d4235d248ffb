import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = new URL('../../..', import.meta.url).pathname;
/** Installing takes its time. */
const patience = 600_000;

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Installs from the registry, a minute or more each: the long run only (`npm run test:full`). */
describe.skipIf(process.env['TRUSTLINE_FULL'] !== '1')('a fresh clone of what is committed', () => {
  let scratch: string;
  let clone: string;

  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'trustline-clone-'));
    clone = join(scratch, 'trustline');
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', repository, clone]);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** A person's shell: neither this repository's programs nor what npm tells its scripts. */
  function environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(npm_|TRUSTLINE_|VITEST|NODE_|INIT_CWD)/.test(name));
    const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
    return { ...Object.fromEntries(own), PATH: path.join(':') };
  }

  async function run(
    command: string,
    args: readonly string[],
    watch: (child: ChildProcess, out: string) => void = () => undefined,
  ): Promise<Outcome> {
    const child = spawn(command, args, {
      cwd: clone,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own, as a terminal gives
    });
    let [out, error] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      watch(child, out);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      error += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, error };
  }

  test(
    'two commands at once: one installs and shows how far it is, the other waits, both do their work',
    async () => {
      const both = await Promise.all([run('./trustline', ['--version']), run('./trustline', ['--version'])]);
      for (const { code, out } of both) expect({ code, out }).toEqual({ code: 0, out: '0.1.0\n' });
      const said = both.map(({ error }) => error).join('');
      expect(said.match(/installing \d+ packages/g)).toHaveLength(1);
      expect(said.match(/process \d+ is installing; waiting for it/g)).toHaveLength(1);
      expect(said).toMatch(/\d+ of \d+ packages are there/);
      expect(said).not.toMatch(/EBADENGINE|npm warn/);
    },
    patience,
  );

  test(
    'what is installed is not installed again; what is missing is',
    async () => {
      expect(await run('./trustline', ['--version'])).toEqual({ code: 0, out: '0.1.0\n', error: '' });
      rmSync(join(clone, 'node_modules/yaml'), { recursive: true });
      const again = await run('./trustline', ['--version']);
      expect(again).toMatchObject({ code: 0, out: '0.1.0\n', error: expect.stringContaining('installing') });
    },
    patience,
  );

  test(
    'npm start runs a manager, and Ctrl-C ends it in order',
    async () => {
      const listeners = 'listeners=[{transport: tls, host: 127.0.0.1, port: 0}]';
      const flags = ['--', '--set', listeners, '--set', 'api.metrics.port=0', '--set', 'provisioning.enabled=false'];
      let asked = false;
      const { out } = await run('npm', ['start', ...flags], (child, said) => {
        if (asked || !said.includes('Ctrl-C stops it.')) return;
        asked = true;
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      });
      expect(out).toMatch(/mixed mode · lab trust/);
      expect(out).toMatch(/Stopped\.\n/);
    },
    patience,
  );

  test.each([{ npm: 'npm' }, { npm: 'npx -y npm@10' }])(
    'npm test runs tests and counts them ($npm)',
    async ({ npm }) => {
      rmSync(join(clone, 'node_modules'), { recursive: true });
      const [command = npm, ...first] = npm.split(' ');
      const { code, out } = await run(command, [...first, 'test', '--', 'packages/base']);
      expect(out).toMatch(/\n[1-9]\d* passed, 0 failed, 0 skipped\n/);
      expect(code).toBe(0);
    },
    patience,
  );
});

import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach } from 'vitest';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/**
 * An empty folder under `artefacts/` for the logs, recordings and captures of the tests of this file or `describe`
 * block. It stays when one of them fails, and is removed otherwise. Call it before the hooks that write into it.
 */
export function artefactFolder(name: string): string {
  const folder = join(repository, 'artefacts', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let ran = 0;
  let failed = 0;
  afterEach(({ task }) => {
    ran += 1;
    if (task.result?.state === 'fail') failed += 1;
  });
  afterAll(() => {
    // When no test ran, the hook before them failed: what it left says why.
    if (ran > 0 && failed === 0) rmSync(folder, { recursive: true, force: true });
    else process.stderr.write(`kept: ${resolve(folder)}\n`);
  });
  return folder;
}

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { missingPrograms } from './programs.ts';

const require = createRequire(import.meta.url);

/**
 * What is missing for tests with SoftHSM, as the reason to skip them: the program, or the built `pkcs11js`, which is
 * an optional dependency. Under CI (`CI=true`) either is an error.
 */
export function missingSoftHsm(): string | false {
  const missing = missingPrograms('softhsm2');
  if (missing !== false) return missing;
  try {
    require('pkcs11js');
    return false;
  } catch (cause) {
    const sentence = 'pkcs11js is not built here: npm rebuild pkcs11js';
    if (process.env['CI'] === 'true') throw new Error(sentence, { cause });
    process.stderr.write(`skipped: ${sentence}\n`);
    return sentence;
  }
}

/** Debian's place of SoftHSM's module. */
export const softHsmModule = '/usr/lib/softhsm/libsofthsm2.so';

/**
 * SoftHSM with token files of its own in a folder. It reads its configuration by the environment of this process, so
 * there is one in a process at a time.
 */
export class SoftHsm {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, 'tokens'), { recursive: true });
    const configuration = join(folder, 'softhsm2.conf');
    writeFileSync(configuration, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
    process.env['SOFTHSM2_CONF'] = configuration;
  }

  /** What a program needs in its environment to see the same tokens. */
  get environment(): Readonly<Record<string, string>> {
    return { SOFTHSM2_CONF: join(this.#folder, 'softhsm2.conf') };
  }

  /** Formats a token, as its owner does with its maker's tool. */
  formatToken(label: string, pin: string): void {
    const command = ['--init-token', '--free', '--label', label, '--so-pin', '87654321', '--pin', pin];
    execFileSync('softhsm2-util', command, { env: { ...process.env, ...this.environment }, stdio: 'pipe' });
  }

  /** A module that goes wrong as it is told to, in front of SoftHSM's. */
  buildFaultyModule(): FaultyModule {
    const path = join(this.#folder, 'faulty-module.so');
    const headers = join(dirname(require.resolve('pkcs11js')), 'includes', 'pkcs11');
    const source = join(import.meta.dirname, 'faulty-module.c');
    execFileSync('gcc', ['-shared', '-fPIC', '-Wall', '-Werror', '-I', headers, '-o', path, source, '-ldl']);
    return new FaultyModule(path, join(this.#folder, 'fault'), join(this.#folder, 'logins'));
  }
}

export class FaultyModule {
  readonly path: string;
  readonly #faultFile: string;
  readonly #loginFile: string;

  constructor(path: string, faultFile: string, loginFile: string) {
    this.path = path;
    this.#faultFile = faultFile;
    this.#loginFile = loginFile;
    process.env['FAULTY_MODULE_TARGET'] = softHsmModule;
    process.env['FAULTY_MODULE_FAULT'] = faultFile;
    process.env['FAULTY_MODULE_LOGINS'] = loginFile;
    appendFileSync(loginFile, '');
  }

  set fault(name: 'removed' | 'low' | 'final' | 'locked' | 'wrong-key' | undefined) {
    rmSync(this.#faultFile, { force: true });
    if (name !== undefined) writeFileSync(this.#faultFile, name);
  }

  /** How often a PIN was given to the token. */
  get logins(): number {
    return existsSync(this.#loginFile) ? readFileSync(this.#loginFile).length : 0;
  }
}

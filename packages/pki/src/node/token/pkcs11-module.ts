import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PKCS11 } from 'pkcs11js';
import { TokenError } from '../../token/error.ts';
import { failedCall, returnValueName } from '../../token/pkcs11-rules.ts';

type Pkcs11Library = typeof import('pkcs11js');

/**
 * Where Debian, Fedora and macOS put the modules of tokens that people have; the first of each that exists is used.
 * p11-kit's proxy is left out: it lists the machine's certificate store and every module twice.
 */
const wellKnownModules: readonly (readonly string[])[] = [
  // SoftHSM2
  ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so', '/opt/homebrew/lib/softhsm/libsofthsm2.so'],
  // Yubico's module for the PIV application
  ['/usr/lib/x86_64-linux-gnu/libykcs11.so', '/usr/lib/aarch64-linux-gnu/libykcs11.so', '/usr/lib64/libykcs11.so'],
  // OpenSC, for many smart cards
  [
    '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so',
    '/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so',
    '/usr/lib64/opensc-pkcs11.so',
    '/Library/OpenSC/lib/opensc-pkcs11.so',
  ],
];

/** The well-known PKCS#11 modules that are on this machine. */
export function installedModules(): readonly string[] {
  return wellKnownModules.flatMap((places) => places.find((path) => existsSync(path)) ?? []);
}

const require = createRequire(import.meta.url);

/** @throws {TokenError} token.library-missing */
export function pkcs11Library(): Pkcs11Library {
  try {
    return require('pkcs11js') as Pkcs11Library;
  } catch (cause) {
    throw new TokenError('token.library-missing', 'pkcs11js, by which PKCS#11 modules are reached, is not built here', {
      nextStep:
        'Install a C++ compiler, make and python3, then run: npm rebuild pkcs11js (or npm ci, when it is not there at all). Software tokens need none of it.',
      cause,
    });
  }
}

/** A PKCS#11 module is initialised once in a process, however many of its tokens are open. */
interface LoadedModule {
  readonly pkcs11: PKCS11;
  users: number;
}

const loaded = new Map<string, LoadedModule>();

/**
 * Runs `work` with an initialised module; `release` must be called when it is no longer used.
 *
 * @throws {TokenError} token.library-missing, token.module-missing, token.module-failed
 */
export function acquireModule(path: string): { readonly pkcs11: PKCS11; release(): void } {
  const file = existsSync(path) ? realpathSync(path) : path; // one module, whichever link leads to it
  const entry = loaded.get(file) ?? load(path);
  loaded.set(file, entry);
  entry.users += 1;
  let held = true;
  return {
    pkcs11: entry.pkcs11,
    release() {
      if (!held) return;
      held = false;
      entry.users -= 1;
      if (entry.users > 0) return;
      loaded.delete(file);
      try {
        entry.pkcs11.C_Finalize();
      } catch {
        // the module is given up in any case
      }
      entry.pkcs11.close();
    },
  };
}

function load(path: string): LoadedModule {
  const { CKF_OS_LOCKING_OK, PKCS11: Constructor } = pkcs11Library();
  if (!existsSync(path)) {
    const [first] = installedModules();
    throw new TokenError('token.module-missing', `there is no PKCS#11 module at ${path}`, {
      nextStep:
        first === undefined
          ? 'Install the software of your token, and name its module with --module.'
          : `Name the module of your token with --module; ${first} is on this machine.`,
    });
  }
  const pkcs11 = new Constructor();
  try {
    pkcs11.load(path);
    // Keys are made and used in the thread pool, of two tokens at the same time too (PKCS#11 v2.40 §5.4, C_Initialize).
    pkcs11.C_Initialize({ flags: CKF_OS_LOCKING_OK });
  } catch (error) {
    pkcs11.close();
    throw new TokenError('token.module-failed', `${path} cannot be used as a PKCS#11 module (${answerOf(error)})`, {
      nextStep: 'Check that it is the module of your token, for this machine’s processor, and that its service runs.',
    });
  }
  return { pkcs11, users: 0 };
}

/**
 * The name of the return value in an error of the library, or what else it is. The library's own texts hold the
 * names of functions and values, never their arguments.
 */
export function answerOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const known = typeof code === 'number' ? returnValueName(code) : undefined;
  return (
    known ?? (typeof message === 'string' ? (/CKR_[A-Z0-9_]+/.exec(message)?.[0] ?? 'unknown cause') : 'unknown cause')
  );
}

/** Runs one call of a token, and says in a `TokenError` what it was doing when it failed. */
export async function calling<T>(name: string, doing: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TokenError) throw error;
    throw failedCall(name, doing, answerOf(error));
  }
}

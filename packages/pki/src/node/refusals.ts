import { isDeviceName } from '../device-name.ts';
import { PkiError } from '../error.ts';
import type { ImportProblem } from '../import-check.ts';

/** @throws {PkiError} pki.invalid-device-name */
export function assertDeviceName(device: string): void {
  if (isDeviceName(device)) return;
  throw new PkiError('pki.invalid-device-name', `"${device}" is not a device name`, {
    nextStep: 'Phones are called SEP and the twelve upper-case hex digits of their MAC address.',
  });
}

/** Why a certificate from outside was not taken, with everything that has to be mended. */
export function refusedImport(
  code: 'pki.import-refused' | 'pki.pin-refused' | 'pki.lsc-refused',
  what: string,
  problems: readonly ImportProblem[],
): PkiError {
  const list = problems.map(({ problem }) => problem).join('; ');
  return new PkiError(code, `${what} was refused and nothing was changed: ${list}`, {
    nextStep: [...new Set(problems.map(({ nextStep }) => nextStep))].join(' '),
  });
}

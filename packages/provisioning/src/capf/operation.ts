import { EnrolmentError } from '../elements/error.ts';
import type { CapfKeyRequest } from './elements.ts';
import type { EnrolmentOperation } from './enrolment-types.ts';

/**
 * Refuses what CAPF cannot do, before anything is changed for it.
 *
 * @throws {EnrolmentError} capf.bad-operation
 */
export function assertPossibleOperation(device: string, operation: EnrolmentOperation): void {
  const problem = problemOf(operation);
  if (problem === undefined) return;
  throw new EnrolmentError('capf.bad-operation', `${device}: ${problem}`, {
    nextStep: 'Strings have 4 to 16 digits; keys are RSA of 1024 to 4096 bits or EC on P-256, P-384, P-521.',
  });
}

function problemOf({ action, authentication }: EnrolmentOperation): string | undefined {
  if (authentication.by === 'string' && !/^[0-9]{4,16}$/.test(authentication.string.reveal())) {
    return 'an authentication string has 4 to 16 digits';
  }
  if (authentication.by === 'nothing' && !Number.isFinite(authentication.until)) return 'a window needs an end';
  if (action.kind !== 'install' || action.key.type === 'EC') return undefined;
  const { bits } = action.key;
  const isPossible = Number.isInteger(bits) && bits >= 1024 && bits <= 4096 && bits % 8 === 0;
  return isPossible ? undefined : `CAPF cannot ask for an RSA key of ${bits} bits`;
}

/** A key for people: `RSA-2048`, `ECDSA P-256`. */
export function describeKeyRequest(key: CapfKeyRequest): string {
  return key.type === 'RSA' ? `RSA-${key.bits}` : `ECDSA ${key.curve}`;
}

/** For people: what is to be done, and how the device proves itself. */
export function describeOperation({ action, authentication }: EnrolmentOperation): string {
  const what =
    action.kind === 'install'
      ? `install a certificate for a new ${describeKeyRequest(action.key)} key`
      : action.kind === 'delete'
        ? 'delete its certificate'
        : 'fetch its certificate';
  switch (authentication.by) {
    case 'string':
      return `${what}, once it shows the authentication string`;
    case 'certificate':
      return `${what}, once it proves itself by its ${authentication.kinds.join(' or ')}`;
    case 'nothing':
      return `${what}, whoever comes by its name while the window is open`;
  }
}

import type { SupplementaryService } from '../generated/h4501.types.ts';
import type { Code, ROS } from '../generated/x880.types.ts';
import { operationOf, operations } from './operations.ts';
import { supplementaryServiceCodec } from './supplementary-service.ts';

/** invokeProblem unrecognizedOperation (X.880). */
const UNRECOGNIZED_OPERATION = 1;

/** What the supplementary services of a message ask for. */
export type ServiceRequest =
  /** The peer is to be connected to somebody else (H.450.2); `callIdentity` is empty where it is a blind transfer. */
  | { readonly kind: 'transfer'; readonly invokeId: number; readonly number: string; readonly callIdentity: string }
  /** The peer says that it holds or retrieves (H.450.4); whether it receives is said by its capabilities alone. */
  | { readonly kind: 'hold' | 'retrieve' }
  /** What is to be answered at once, to an invoke that is not known or not served. */
  | { readonly kind: 'answer'; readonly apdu: Uint8Array }
  /** What is to go with the answer to the Setup that it came in. */
  | { readonly kind: 'answer-with-call'; readonly apdu: Uint8Array }
  /** The answer to an invoke of ours; `error` where it is refused. */
  | { readonly kind: 'answered'; readonly invokeId: number; readonly error?: number }
  /** The call must end, for the invoke says so (H.450.1 §8.2.2). */
  | { readonly kind: 'clear' };

/** Reads the APDUs of a message; what is no invoke, or nothing that concerns a voice call, asks for nothing. */
export function readServices(apdus: readonly Uint8Array[]): ServiceRequest[] {
  return apdus.slice(0, 8).flatMap((octets) => {
    const decoded = supplementaryServiceCodec.decode(octets);
    if (!decoded.ok || decoded.value.serviceApdu.kind !== 'rosApdus') return [];
    return decoded.value.serviceApdu.value.flatMap((apdu) => requestOf(apdu, decoded.value));
  });
}

/** callTransferInitiate (H.450.2 §8): the peer is to call `number` itself. */
export function transferApdu(invokeId: number, number: string, callIdentity: string): Uint8Array {
  const argument = operations.callTransferInitiate.argument.encode({
    callIdentity,
    reroutingNumber: { destinationAddress: [{ kind: 'dialedDigits', value: number }] },
  });
  return service({
    kind: 'invoke',
    value: { invokeId, opcode: { kind: 'local', value: operations.callTransferInitiate.code }, argument },
  });
}

/** holdNotific, or retrieveNotific (H.450.4 §7): who is held may tell its user. What is received is said by capabilities. */
export function holdApdu(invokeId: number, holds: boolean): Uint8Array {
  const { code } = holds ? operations.holdNotific : operations.retrieveNotific;
  return service({ kind: 'invoke', value: { invokeId, opcode: { kind: 'local', value: code } } });
}

/** Why a transfer is refused, with the codes of the errors (H.450.1 §9, H.450.2 §8). */
export const transferErrors = {
  notAvailable: 3,
  invalidCallState: 7,
  invalidReroutingNumber: 1004,
  unrecognizedCallIdentity: 1005,
  establishmentFailure: 1006,
} as const;
export type TransferError = keyof typeof transferErrors;

/** The invoke is not done, and why. */
export function errorApdu(invokeId: number, error: TransferError): Uint8Array {
  const errorCode = { kind: 'local', value: transferErrors[error] } as const;
  return service({ kind: 'returnError', value: { invokeId, errorCode } });
}

/** The result of an invoke that says nothing more. */
export function resultApdu(invokeId: number): Uint8Array {
  return service({ kind: 'returnResult', value: { invokeId } });
}

function requestOf(apdu: ROS, { interpretationApdu }: SupplementaryService): ServiceRequest[] {
  if (apdu.kind === 'returnResult') return [{ kind: 'answered', invokeId: Number(apdu.value.invokeId) }];
  if (apdu.kind === 'returnError') {
    const { invokeId, errorCode } = apdu.value;
    return [{ kind: 'answered', invokeId: Number(invokeId), error: codeOf(errorCode) }];
  }
  if (apdu.kind === 'reject') {
    return [{ kind: 'answered', invokeId: Number(apdu.value.invokeId), error: transferErrors.notAvailable }];
  }
  const { invokeId, opcode, argument = new Uint8Array(0) } = apdu.value;
  const name = opcode.kind === 'local' ? operationOf(opcode.value) : undefined;
  if (name === 'holdNotific') return [{ kind: 'hold' }];
  if (name === 'retrieveNotific') return [{ kind: 'retrieve' }];
  if (name === 'callTransferInitiate') {
    const read = operations.callTransferInitiate.argument.decode(argument);
    const alias = read.ok
      ? read.value.reroutingNumber.destinationAddress.find(({ kind }) => kind === 'dialedDigits')
      : undefined;
    if (!read.ok || alias?.kind !== 'dialedDigits') return [{ kind: 'answer', apdu: rejection(invokeId) }];
    return [{ kind: 'transfer', invokeId, number: alias.value, callIdentity: read.value.callIdentity }];
  }
  // Whoever is transferred to us calls as anybody does; who transferred him is told that it worked.
  if (name === 'callTransferSetup') return [{ kind: 'answer-with-call', apdu: resultApdu(invokeId) }];
  // Of what is known and not done here, whoever waits for a result hears so.
  if (name !== undefined && 'result' in operations[name]) {
    return [{ kind: 'answer', apdu: errorApdu(invokeId, 'notAvailable') }];
  }
  if (name !== undefined || interpretationApdu === undefined) return [];
  if (interpretationApdu.kind === 'clearCallIfAnyInvokePduNotRecognized') return [{ kind: 'clear' }];
  if (interpretationApdu.kind === 'rejectAnyUnrecognizedInvokePdu')
    return [{ kind: 'answer', apdu: rejection(invokeId) }];
  return [];
}

function codeOf(code: Code): number {
  return code.kind === 'local' ? Number(code.value) : transferErrors.notAvailable;
}

function rejection(invokeId: number): Uint8Array {
  return service({ kind: 'reject', value: { invokeId, problem: { kind: 'invoke', value: UNRECOGNIZED_OPERATION } } });
}

function service(apdu: ROS): Uint8Array {
  return supplementaryServiceCodec.encode({ serviceApdu: { kind: 'rosApdus', value: [apdu] } });
}

// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ExtensionRest } from '../per/extensions.ts';

/** `ROS` of Remote-Operations-Apdus. */
export type ROS =
  | { readonly kind: 'invoke'; readonly value: Invoke }
  | { readonly kind: 'returnResult'; readonly value: ReturnResult }
  | { readonly kind: 'returnError'; readonly value: ReturnError }
  | { readonly kind: 'reject'; readonly value: Reject };

/** `Invoke` of Remote-Operations-Apdus. */
export interface Invoke {
  readonly invokeId: number;
  readonly linkedId?: InvokeId;
  readonly opcode: Code;
  readonly argument?: Uint8Array;
}

/** `ReturnResult` of Remote-Operations-Apdus. */
export interface ReturnResult {
  readonly invokeId: InvokeId;
  readonly result?: {
    readonly opcode: Code;
    readonly result: Uint8Array;
    readonly '...'?: ExtensionRest;
  };
}

/** `ReturnError` of Remote-Operations-Apdus. */
export interface ReturnError {
  readonly invokeId: InvokeId;
  readonly errorCode: Code;
  readonly parameter?: Uint8Array;
}

/** `Reject` of Remote-Operations-Apdus. */
export interface Reject {
  readonly invokeId: InvokeId;
  readonly problem:
    | { readonly kind: 'general'; readonly value: GeneralProblem }
    | { readonly kind: 'invoke'; readonly value: InvokeProblem }
    | { readonly kind: 'returnResult'; readonly value: ReturnResultProblem }
    | { readonly kind: 'returnError'; readonly value: ReturnErrorProblem };
}

/** `GeneralProblem` of Remote-Operations-Apdus. */
export type GeneralProblem = number | bigint;

/** `InvokeProblem` of Remote-Operations-Apdus. */
export type InvokeProblem = number | bigint;

/** `ReturnResultProblem` of Remote-Operations-Apdus. */
export type ReturnResultProblem = number | bigint;

/** `ReturnErrorProblem` of Remote-Operations-Apdus. */
export type ReturnErrorProblem = number | bigint;

/** `RejectProblem` of Remote-Operations-Apdus. */
export type RejectProblem = number | bigint;

/** `InvokeId` of Remote-Operations-Apdus. */
export type InvokeId = number | bigint;

/** `Code` of Remote-Operations-Apdus. */
export type Code =
  | { readonly kind: 'local'; readonly value: number | bigint }
  | { readonly kind: 'global'; readonly value: string };

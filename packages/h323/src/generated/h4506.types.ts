// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ExtensionRest } from '../per/extensions.ts';
import type * as H4504 from './h4504.types.ts';

/** `CallWaitingOperations` of Call-Waiting-Operations. */
export type CallWaitingOperations = 'callWaiting';

/** `CallWaitingArg` of Call-Waiting-Operations. */
export interface CallWaitingArg {
  readonly nbOfAddWaitingCalls?: number;
  readonly extensionArg?: readonly H4504.MixedExtension[];
  readonly '...'?: ExtensionRest;
}

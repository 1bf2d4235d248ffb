// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ExtensionRest } from '../per/extensions.ts';
import type * as H225 from './h225.types.ts';

/** `CallHoldOperation` of Call-Hold-Operations. */
export type CallHoldOperation = 'holdNotific' | 'retrieveNotific' | 'remoteHold' | 'remoteRetrieve';

/** `HoldNotificArg` of Call-Hold-Operations. */
export interface HoldNotificArg {
  readonly extensionArg?: readonly MixedExtension[];
  readonly '...'?: ExtensionRest;
}

/** `RetrieveNotificArg` of Call-Hold-Operations. */
export interface RetrieveNotificArg {
  readonly extensionArg?: readonly MixedExtension[];
  readonly '...'?: ExtensionRest;
}

/** `RemoteHoldArg` of Call-Hold-Operations. */
export interface RemoteHoldArg {
  readonly extensionArg?: readonly MixedExtension[];
  readonly '...'?: ExtensionRest;
}

/** `RemoteHoldRes` of Call-Hold-Operations. */
export interface RemoteHoldRes {
  readonly extensionRes?: readonly MixedExtension[];
  readonly '...'?: ExtensionRest;
}

/** `RemoteRetrieveArg` of Call-Hold-Operations. */
export interface RemoteRetrieveArg {
  readonly extensionArg?: readonly MixedExtension[];
  readonly '...'?: ExtensionRest;
}

/** `RemoteRetrieveRes` of Call-Hold-Operations. */
export interface RemoteRetrieveRes {
  readonly extensionRes?: readonly MixedExtension[];
  readonly '...'?: ExtensionRest;
}

/** `MixedExtension` of Call-Hold-Operations. */
export type MixedExtension =
  | { readonly kind: 'extension'; readonly value: Extension }
  | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };

/** `Extension` of Call-Hold-Operations. */
export interface Extension {
  readonly extensionId: string;
  readonly argument: Uint8Array;
}

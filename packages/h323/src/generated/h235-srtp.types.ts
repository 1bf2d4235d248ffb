// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { Redacted } from '@trustline/base';
import type { ExtensionRest, UnknownAlternative } from '../per/extensions.ts';
import type * as H225 from './h225.types.ts';

/** `SrtpCryptoCapability` of H235-SRTP. */
export type SrtpCryptoCapability = readonly SrtpCryptoInfo[];

/** `SrtpCryptoInfo` of H235-SRTP. */
export interface SrtpCryptoInfo {
  readonly cryptoSuite?: string;
  readonly sessionParams?: SrtpSessionParameters;
  readonly allowMKI?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `SrtpKeys` of H235-SRTP. */
export type SrtpKeys = readonly SrtpKeyParameters[];

/** `SrtpKeyParameters` of H235-SRTP. */
export interface SrtpKeyParameters {
  readonly masterKey: Redacted<Uint8Array>;
  readonly masterSalt: Redacted<Uint8Array>;
  readonly lifetime?:
    | { readonly kind: 'powerOfTwo'; readonly value: number | bigint }
    | { readonly kind: 'specific'; readonly value: number | bigint }
    | UnknownAlternative;
  readonly mki?: {
    readonly length: number;
    readonly value: Uint8Array;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `SrtpSessionParameters` of H235-SRTP. */
export interface SrtpSessionParameters {
  readonly kdr?: number;
  readonly unencryptedSrtp?: boolean;
  readonly unencryptedSrtcp?: boolean;
  readonly unauthenticatedSrtp?: boolean;
  readonly fecOrder?: FecOrder;
  readonly windowSizeHint?: number;
  readonly newParameter?: readonly H225.GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `FecOrder` of H235-SRTP. */
export interface FecOrder {
  readonly fecBeforeSrtp?: null;
  readonly fecAfterSrtp?: null;
  readonly '...'?: ExtensionRest;
}

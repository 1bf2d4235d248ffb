// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { Redacted } from '@trustline/base';
import type { Bits } from '../per/bit-string.ts';
import type { ExtensionRest, UnknownAlternative } from '../per/extensions.ts';

/** `ChallengeString` of H235-SECURITY-MESSAGES. */
export type ChallengeString = Uint8Array;

/** `TimeStamp` of H235-SECURITY-MESSAGES. */
export type TimeStamp = number;

/** `RandomVal` of H235-SECURITY-MESSAGES. */
export type RandomVal = number | bigint;

/** `Password` of H235-SECURITY-MESSAGES. */
export type Password = Redacted<string>;

/** `Identifier` of H235-SECURITY-MESSAGES. */
export type Identifier = string;

/** `KeyMaterial` of H235-SECURITY-MESSAGES. */
export type KeyMaterial = Redacted<Bits>;

/** `KeyMaterialExt` of H235-SECURITY-MESSAGES. */
export type KeyMaterialExt = Redacted<Bits>;

/** `NonStandardParameter` of H235-SECURITY-MESSAGES. */
export interface NonStandardParameter {
  readonly nonStandardIdentifier: string;
  readonly data: Uint8Array;
}

/** `DHset` of H235-SECURITY-MESSAGES. */
export interface DHset {
  readonly halfkey: Bits;
  readonly modSize: Bits;
  readonly generator: Bits;
  readonly '...'?: ExtensionRest;
}

/** `DHsetExt` of H235-SECURITY-MESSAGES. */
export interface DHsetExt {
  readonly halfkey: Bits;
  readonly modSize?: Bits;
  readonly generator?: Bits;
  readonly '...'?: ExtensionRest;
}

/** `ECpoint` of H235-SECURITY-MESSAGES. */
export interface ECpoint {
  readonly x?: Bits;
  readonly y?: Bits;
  readonly '...'?: ExtensionRest;
}

/** `ECKASDH` of H235-SECURITY-MESSAGES. */
export type ECKASDH =
  | { readonly kind: 'eckasdhp'; readonly value: {
    readonly 'public-key': ECpoint;
    readonly modulus: Bits;
    readonly base: ECpoint;
    readonly weierstrassA: Bits;
    readonly weierstrassB: Bits;
  } }
  | { readonly kind: 'eckasdh2'; readonly value: {
    readonly 'public-key': ECpoint;
    readonly fieldSize: Bits;
    readonly base: ECpoint;
    readonly weierstrassA: Bits;
    readonly weierstrassB: Bits;
  } }
  | UnknownAlternative;

/** `ECGDSASignature` of H235-SECURITY-MESSAGES. */
export interface ECGDSASignature {
  readonly r: Bits;
  readonly s: Bits;
}

/** `TypedCertificate` of H235-SECURITY-MESSAGES. */
export interface TypedCertificate {
  readonly type: string;
  readonly certificate: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `AuthenticationBES` of H235-SECURITY-MESSAGES. */
export type AuthenticationBES =
  | { readonly kind: 'default' }
  | { readonly kind: 'radius' }
  | UnknownAlternative;

/** `AuthenticationMechanism` of H235-SECURITY-MESSAGES. */
export type AuthenticationMechanism =
  | { readonly kind: 'dhExch' }
  | { readonly kind: 'pwdSymEnc' }
  | { readonly kind: 'pwdHash' }
  | { readonly kind: 'certSign' }
  | { readonly kind: 'ipsec' }
  | { readonly kind: 'tls' }
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'authenticationBES'; readonly value: AuthenticationBES }
  | { readonly kind: 'keyExch'; readonly value: string }
  | UnknownAlternative;

/** `ClearToken` of H235-SECURITY-MESSAGES. */
export interface ClearToken {
  readonly tokenOID: string;
  readonly timeStamp?: TimeStamp;
  readonly password?: Password;
  readonly dhkey?: DHset;
  readonly challenge?: ChallengeString;
  readonly random?: RandomVal;
  readonly certificate?: TypedCertificate;
  readonly generalID?: Identifier;
  readonly nonStandard?: NonStandardParameter;
  readonly eckasdhkey?: ECKASDH;
  readonly sendersID?: Identifier;
  readonly h235Key?: H235Key;
  readonly profileInfo?: readonly ProfileElement[];
  readonly dhkeyext?: DHsetExt;
  readonly '...'?: ExtensionRest;
}

/** `ProfileElement` of H235-SECURITY-MESSAGES. */
export interface ProfileElement {
  readonly elementID: number;
  readonly paramS?: Params;
  readonly element?: Element;
  readonly '...'?: ExtensionRest;
}

/** `Element` of H235-SECURITY-MESSAGES. */
export type Element =
  | { readonly kind: 'octets'; readonly value: Uint8Array }
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'bits'; readonly value: Bits }
  | { readonly kind: 'name'; readonly value: string }
  | { readonly kind: 'flag'; readonly value: boolean }
  | UnknownAlternative;

/** `IV8` of H235-SECURITY-MESSAGES. */
export type IV8 = Uint8Array;

/** `IV16` of H235-SECURITY-MESSAGES. */
export type IV16 = Uint8Array;

/** `Params` of H235-SECURITY-MESSAGES. */
export interface Params {
  readonly ranInt?: number | bigint;
  readonly iv8?: IV8;
  readonly iv16?: IV16;
  readonly iv?: Uint8Array;
  readonly clearSalt?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `EncodedGeneralToken` of H235-SECURITY-MESSAGES. */
export type EncodedGeneralToken = ClearToken;

/** `PwdCertToken` of H235-SECURITY-MESSAGES. */
export type PwdCertToken = ClearToken;

/** `EncodedPwdCertToken` of H235-SECURITY-MESSAGES. */
export type EncodedPwdCertToken = PwdCertToken;

/** `CryptoToken` of H235-SECURITY-MESSAGES. */
export type CryptoToken =
  | { readonly kind: 'cryptoEncryptedToken'; readonly value: {
    readonly tokenOID: string;
    readonly token: {
      readonly algorithmOID: string;
      readonly paramS: Params;
      readonly encryptedData: Uint8Array;
    };
  } }
  | { readonly kind: 'cryptoSignedToken'; readonly value: {
    readonly tokenOID: string;
    readonly token: {
      readonly toBeSigned: EncodedGeneralToken;
      readonly algorithmOID: string;
      readonly paramS: Params;
      readonly signature: Bits;
    };
  } }
  | { readonly kind: 'cryptoHashedToken'; readonly value: {
    readonly tokenOID: string;
    readonly hashedVals: ClearToken;
    readonly token: {
      readonly algorithmOID: string;
      readonly paramS: Params;
      readonly hash: Bits;
    };
  } }
  | { readonly kind: 'cryptoPwdEncr'; readonly value: {
    readonly algorithmOID: string;
    readonly paramS: Params;
    readonly encryptedData: Uint8Array;
  } }
  | UnknownAlternative;

/** `H235Key` of H235-SECURITY-MESSAGES. */
export type H235Key =
  | { readonly kind: 'secureChannel'; readonly value: KeyMaterial }
  | { readonly kind: 'sharedSecret'; readonly value: {
    readonly algorithmOID: string;
    readonly paramS: Params;
    readonly encryptedData: Uint8Array;
  } }
  | { readonly kind: 'certProtectedKey'; readonly value: {
    readonly toBeSigned: EncodedKeySignedMaterial;
    readonly algorithmOID: string;
    readonly paramS: Params;
    readonly signature: Bits;
  } }
  | { readonly kind: 'secureSharedSecret'; readonly value: V3KeySyncMaterial }
  | { readonly kind: 'secureChannelExt'; readonly value: KeyMaterialExt }
  | UnknownAlternative;

/** `KeySignedMaterial` of H235-SECURITY-MESSAGES. */
export interface KeySignedMaterial {
  readonly generalId: Identifier;
  readonly mrandom: RandomVal;
  readonly srandom?: RandomVal;
  readonly timeStamp?: TimeStamp;
  readonly encrptval: {
    readonly algorithmOID: string;
    readonly paramS: Params;
    readonly encryptedData: Uint8Array;
  };
}

/** `EncodedKeySignedMaterial` of H235-SECURITY-MESSAGES. */
export type EncodedKeySignedMaterial = KeySignedMaterial;

/** `H235CertificateSignature` of H235-SECURITY-MESSAGES. */
export interface H235CertificateSignature {
  readonly certificate: TypedCertificate;
  readonly responseRandom: RandomVal;
  readonly requesterRandom?: RandomVal;
  readonly signature: {
    readonly toBeSigned: EncodedReturnSig;
    readonly algorithmOID: string;
    readonly paramS: Params;
    readonly signature: Bits;
  };
  readonly '...'?: ExtensionRest;
}

/** `ReturnSig` of H235-SECURITY-MESSAGES. */
export interface ReturnSig {
  readonly generalId: Identifier;
  readonly responseRandom: RandomVal;
  readonly requestRandom?: RandomVal;
  readonly certificate?: TypedCertificate;
}

/** `EncodedReturnSig` of H235-SECURITY-MESSAGES. */
export type EncodedReturnSig = ReturnSig;

/** `KeySyncMaterial` of H235-SECURITY-MESSAGES. */
export interface KeySyncMaterial {
  readonly generalID: Identifier;
  readonly keyMaterial: KeyMaterial;
  readonly '...'?: ExtensionRest;
}

/** `EncodedKeySyncMaterial` of H235-SECURITY-MESSAGES. */
export type EncodedKeySyncMaterial = KeySyncMaterial;

/** `V3KeySyncMaterial` of H235-SECURITY-MESSAGES. */
export interface V3KeySyncMaterial {
  readonly generalID?: Identifier;
  readonly algorithmOID?: string;
  readonly paramS: Params;
  readonly encryptedSessionKey?: Uint8Array;
  readonly encryptedSaltingKey?: Uint8Array;
  readonly clearSaltingKey?: Uint8Array;
  readonly paramSsalt?: Params;
  readonly keyDerivationOID?: string;
  readonly genericKeyMaterial?: Redacted<Uint8Array>;
  readonly '...'?: ExtensionRest;
}

// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { UnknownAlternative } from '../per/extensions.ts';

/** `NameOperations` of Name-Operations. */
export type NameOperations = 'callingName' | 'alertingName' | 'connectedName' | 'busyName';

/** `Name` of Name-Operations. */
export type Name =
  | { readonly kind: 'namePresentationAllowed'; readonly value: NamePresentationAllowed }
  | { readonly kind: 'namePresentationRestricted'; readonly value: NamePresentationRestricted }
  | { readonly kind: 'nameNotAvailable' }
  | UnknownAlternative;

/** `NamePresentationAllowed` of Name-Operations. */
export type NamePresentationAllowed =
  | { readonly kind: 'simpleName'; readonly value: SimpleName }
  | { readonly kind: 'extendedName'; readonly value: ExtendedName }
  | UnknownAlternative;

/** `NamePresentationRestricted` of Name-Operations. */
export type NamePresentationRestricted =
  | { readonly kind: 'simpleName'; readonly value: SimpleName }
  | { readonly kind: 'extendedName'; readonly value: ExtendedName }
  | { readonly kind: 'restrictedNull' }
  | UnknownAlternative;

/** `SimpleName` of Name-Operations. */
export type SimpleName = Uint8Array;

/** `ExtendedName` of Name-Operations. */
export type ExtendedName = string;

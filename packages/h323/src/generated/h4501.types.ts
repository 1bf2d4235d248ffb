// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ExtensionRest, UnknownAlternative } from '../per/extensions.ts';
import type * as H225 from './h225.types.ts';
import type * as X880 from './x880.types.ts';

/** `SupplementaryService` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface SupplementaryService {
  readonly networkFacilityExtension?: NetworkFacilityExtension;
  readonly interpretationApdu?: InterpretationApdu;
  readonly serviceApdu: ServiceApdus;
  readonly '...'?: ExtensionRest;
}

/** `NetworkFacilityExtension` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface NetworkFacilityExtension {
  readonly sourceEntity: EntityType;
  readonly sourceEntityAddress?: AddressInformation;
  readonly destinationEntity: EntityType;
  readonly destinationEntityAddress?: AddressInformation;
  readonly '...'?: ExtensionRest;
}

/** `EntityType` of H4501-Supplementary-ServiceAPDU-Structure. */
export type EntityType =
  | { readonly kind: 'endpoint' }
  | { readonly kind: 'anyEntity' }
  | UnknownAlternative;

/** `AddressInformation` of H4501-Supplementary-ServiceAPDU-Structure. */
export type AddressInformation = H225.AliasAddress;

/** `InterpretationApdu` of H4501-Supplementary-ServiceAPDU-Structure. */
export type InterpretationApdu =
  | { readonly kind: 'discardAnyUnrecognizedInvokePdu' }
  | { readonly kind: 'clearCallIfAnyInvokePduNotRecognized' }
  | { readonly kind: 'rejectAnyUnrecognizedInvokePdu' }
  | UnknownAlternative;

/** `ServiceApdus` of H4501-Supplementary-ServiceAPDU-Structure. */
export type ServiceApdus =
  | { readonly kind: 'rosApdus'; readonly value: readonly X880.ROS[] }
  | UnknownAlternative;

/** `InvokeIDs` of H4501-Supplementary-ServiceAPDU-Structure. */
export type InvokeIDs = number;

/** `PresentedAddressScreened` of H4501-Supplementary-ServiceAPDU-Structure. */
export type PresentedAddressScreened =
  | { readonly kind: 'presentationAllowedAddress'; readonly value: AddressScreened }
  | { readonly kind: 'presentationRestricted' }
  | { readonly kind: 'numberNotAvailableDueToInterworking' }
  | { readonly kind: 'presentationRestrictedAddress'; readonly value: AddressScreened }
  | UnknownAlternative;

/** `PresentedAddressUnscreened` of H4501-Supplementary-ServiceAPDU-Structure. */
export type PresentedAddressUnscreened =
  | { readonly kind: 'presentationAllowedAddress'; readonly value: Address }
  | { readonly kind: 'presentationRestricted' }
  | { readonly kind: 'numberNotAvailableDueToInterworking' }
  | { readonly kind: 'presentationRestrictedAddress'; readonly value: Address }
  | UnknownAlternative;

/** `PresentedNumberScreened` of H4501-Supplementary-ServiceAPDU-Structure. */
export type PresentedNumberScreened =
  | { readonly kind: 'presentationAllowedAddress'; readonly value: NumberScreened }
  | { readonly kind: 'presentationRestricted' }
  | { readonly kind: 'numberNotAvailableDueToInterworking' }
  | { readonly kind: 'presentationRestrictedAddress'; readonly value: NumberScreened }
  | UnknownAlternative;

/** `PresentedNumberUnscreened` of H4501-Supplementary-ServiceAPDU-Structure. */
export type PresentedNumberUnscreened =
  | { readonly kind: 'presentationAllowedAddress'; readonly value: H225.PartyNumber }
  | { readonly kind: 'presentationRestricted' }
  | { readonly kind: 'numberNotAvailableDueToInterworking' }
  | { readonly kind: 'presentationRestrictedAddress'; readonly value: H225.PartyNumber }
  | UnknownAlternative;

/** `AddressScreened` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface AddressScreened {
  readonly partyNumber: H225.PartyNumber;
  readonly screeningIndicator: ScreeningIndicator;
  readonly partySubaddress?: PartySubaddress;
  readonly '...'?: ExtensionRest;
}

/** `NumberScreened` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface NumberScreened {
  readonly partyNumber: H225.PartyNumber;
  readonly screeningIndicator: ScreeningIndicator;
  readonly '...'?: ExtensionRest;
}

/** `Address` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface Address {
  readonly partyNumber: H225.PartyNumber;
  readonly partySubaddress?: PartySubaddress;
  readonly '...'?: ExtensionRest;
}

/** `EndpointAddress` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface EndpointAddress {
  readonly destinationAddress: readonly H225.AliasAddress[];
  readonly remoteExtensionAddress?: H225.AliasAddress;
  readonly '...'?: ExtensionRest;
}

/** `PartySubaddress` of H4501-Supplementary-ServiceAPDU-Structure. */
export type PartySubaddress =
  | { readonly kind: 'userSpecifiedSubaddress'; readonly value: UserSpecifiedSubaddress }
  | { readonly kind: 'nsapSubaddress'; readonly value: NSAPSubaddress }
  | UnknownAlternative;

/** `UserSpecifiedSubaddress` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface UserSpecifiedSubaddress {
  readonly subaddressInformation: SubaddressInformation;
  readonly oddCountIndicator?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `NSAPSubaddress` of H4501-Supplementary-ServiceAPDU-Structure. */
export type NSAPSubaddress = Uint8Array;

/** `SubaddressInformation` of H4501-Supplementary-ServiceAPDU-Structure. */
export type SubaddressInformation = Uint8Array;

/** `ScreeningIndicator` of H4501-Supplementary-ServiceAPDU-Structure. */
export type ScreeningIndicator = 'userProvidedNotScreened' | 'userProvidedVerifiedAndPassed' | 'userProvidedVerifiedAndFailed' | 'networkProvided' | number;

/** `PresentationAllowedIndicator` of H4501-Supplementary-ServiceAPDU-Structure. */
export type PresentationAllowedIndicator = boolean;

/** `GeneralErrorList` of H4501-Supplementary-ServiceAPDU-Structure. */
export type GeneralErrorList = 'userNotSubscribed' | 'rejectedByNetwork' | 'rejectedByUser' | 'notAvailable' | 'insufficientInformation' | 'invalidServedUserNumber' | 'invalidCallState' | 'basicServiceNotProvided' | 'notIncomingCall' | 'supplementaryServiceInteractionNotAllowed' | 'resourceUnavailable' | 'callFailure' | 'proceduralError';

/** `H225InformationElement` of H4501-Supplementary-ServiceAPDU-Structure. */
export type H225InformationElement = Uint8Array;

/** `Extension` of H4501-Supplementary-ServiceAPDU-Structure. */
export interface Extension {
  readonly extensionId: X880.Code;
  readonly extensionArgument: Uint8Array;
}

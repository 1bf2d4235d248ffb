// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ExtensionRest } from '../per/extensions.ts';
import type * as H225 from './h225.types.ts';
import type * as H4501 from './h4501.types.ts';
import type * as H4503 from './h4503.types.ts';
import type * as H4504 from './h4504.types.ts';
import type * as H4508 from './h4508.types.ts';

/** `DiversionExtension` of Call-Diversion-Arguments. */
export type DiversionExtension =
  | { readonly kind: 'extensionSeq'; readonly value: H4503.ExtensionSeq }
  | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };

/** `ActivateDiversionQArg` of Call-Diversion-Arguments. */
export interface ActivateDiversionQArg {
  readonly procedure: H4503.Procedure;
  readonly basicService: H4503.BasicService;
  readonly divertedToAddress: H4501.EndpointAddress;
  readonly servedUserNr: H4501.EndpointAddress;
  readonly activatingUserNr: H4501.EndpointAddress;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `DeactivateDiversionQArg` of Call-Diversion-Arguments. */
export interface DeactivateDiversionQArg {
  readonly procedure: H4503.Procedure;
  readonly basicService: H4503.BasicService;
  readonly servedUserNr: H4501.EndpointAddress;
  readonly deactivatingUserNr: H4501.EndpointAddress;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `InterrogateDiversionQArg` of Call-Diversion-Arguments. */
export interface InterrogateDiversionQArg {
  readonly procedure: H4503.Procedure;
  readonly basicService?: H4503.BasicService;
  readonly servedUserNr: H4501.EndpointAddress;
  readonly interrogatingUserNr: H4501.EndpointAddress;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `CheckRestrictionArg` of Call-Diversion-Arguments. */
export interface CheckRestrictionArg {
  readonly servedUserNr: H4501.EndpointAddress;
  readonly basicService: H4503.BasicService;
  readonly divertedToNr: H4501.EndpointAddress;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `CallReroutingArg` of Call-Diversion-Arguments. */
export interface CallReroutingArg {
  readonly reroutingReason: H4503.DiversionReason;
  readonly originalReroutingReason?: H4503.DiversionReason;
  readonly calledAddress: H4501.EndpointAddress;
  readonly diversionCounter: number;
  readonly h225InfoElement: H4501.H225InformationElement;
  readonly lastReroutingNr: H4501.EndpointAddress;
  readonly subscriptionOption: H4503.SubscriptionOption;
  readonly callingPartySubaddress?: H4501.PartySubaddress;
  readonly callingNumber: H4501.EndpointAddress;
  readonly callingInfo?: string;
  readonly originalCalledNr?: H4501.EndpointAddress;
  readonly redirectingInfo?: string;
  readonly originalCalledInfo?: string;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `DivertingLegInfo1Arg` of Call-Diversion-Arguments. */
export interface DivertingLegInfo1Arg {
  readonly diversionReason: H4503.DiversionReason;
  readonly subscriptionOption: H4503.SubscriptionOption;
  readonly nominatedNr: H4501.EndpointAddress;
  readonly nominatedInfo?: string;
  readonly redirectingNr?: H4501.EndpointAddress;
  readonly redirectingInfo?: string;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `DivertingLegInfo3Arg` of Call-Diversion-Arguments. */
export interface DivertingLegInfo3Arg {
  readonly presentationAllowedIndicator: H4501.PresentationAllowedIndicator;
  readonly redirectionNr?: H4501.EndpointAddress;
  readonly redirectionInfo?: string;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `DivertingLegInfo4Arg` of Call-Diversion-Arguments. */
export interface DivertingLegInfo4Arg {
  readonly diversionReason: H4503.DiversionReason;
  readonly subscriptionOption: H4503.SubscriptionOption;
  readonly callingNr: H4501.EndpointAddress;
  readonly callingInfo?: string;
  readonly nominatedNr: H4501.EndpointAddress;
  readonly nominatedInfo?: string;
  readonly extension?: DiversionExtension;
  readonly '...'?: ExtensionRest;
}

/** `NameArg` of Name-Arguments. */
export interface NameArg {
  readonly name: H4508.Name;
  readonly extensionArg?: readonly H4504.MixedExtension[];
  readonly '...'?: ExtensionRest;
}

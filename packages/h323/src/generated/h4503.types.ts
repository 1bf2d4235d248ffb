// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ExtensionRest } from '../per/extensions.ts';
import type * as H225 from './h225.types.ts';
import type * as H4501 from './h4501.types.ts';

/** `H323CallDiversionOperations` of Call-Diversion-Operations. */
export type H323CallDiversionOperations = 'activateDiversionQ' | 'deactivateDiversionQ' | 'interrogateDiversionQ' | 'checkRestriction' | 'callRerouting' | 'divertingLegInformation1' | 'divertingLegInformation2' | 'divertingLegInformation3' | 'cfnrDivertedLegFailed' | 'divertingLegInformation4';

/** `DiversionReason` of Call-Diversion-Operations. */
export type DiversionReason = 'unknown' | 'cfu' | 'cfb' | 'cfnr' | number;

/** `IntResultList` of Call-Diversion-Operations. */
export type IntResultList = readonly IntResult[];

/** `IntResult` of Call-Diversion-Operations. */
export interface IntResult {
  readonly servedUserNr: H4501.EndpointAddress;
  readonly basicService: BasicService;
  readonly procedure: Procedure;
  readonly divertedToAddress: H4501.EndpointAddress;
  readonly remoteEnabled?: boolean;
  readonly extension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `Procedure` of Call-Diversion-Operations. */
export type Procedure = 'cfu' | 'cfb' | 'cfnr' | number;

/** `SubscriptionOption` of Call-Diversion-Operations. */
export type SubscriptionOption = 'noNotification' | 'notificationWithoutDivertedToNr' | 'notificationWithDivertedToNr' | number;

/** `CallDiversionErrors` of Call-Diversion-Operations. */
export type CallDiversionErrors = 'invalidDivertedNumber' | 'specialServiceNumber' | 'diversionToServedUserNumber' | 'numberOfDiversionsExceeded' | 'temporarilyUnavailable' | 'notAuthorized' | 'unspecified';

/** `BasicService` of Call-Diversion-Operations. */
export type BasicService = 'allServices' | number;

/** `DivertingLegInfo2Arg` of Call-Diversion-Operations. */
export interface DivertingLegInfo2Arg {
  readonly diversionCounter: number;
  readonly diversionReason: DiversionReason;
  readonly originalDiversionReason?: DiversionReason;
  readonly divertingNr?: H4501.EndpointAddress;
  readonly originalCalledNr?: H4501.EndpointAddress;
  readonly redirectingInfo?: string;
  readonly originalCalledInfo?: string;
  readonly extension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `ExtensionSeq` of Call-Diversion-Operations. */
export type ExtensionSeq = readonly H4501.Extension[];

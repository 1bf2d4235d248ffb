// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ExtensionRest } from '../per/extensions.ts';
import type * as H225 from './h225.types.ts';
import type * as H4501 from './h4501.types.ts';

/** `DummyArg` of Call-Transfer-Operations. */
export type DummyArg =
  | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
  | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };

/** `DummyRes` of Call-Transfer-Operations. */
export type DummyRes =
  | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
  | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };

/** `CTInitiateArg` of Call-Transfer-Operations. */
export interface CTInitiateArg {
  readonly callIdentity: CallIdentity;
  readonly reroutingNumber: H4501.EndpointAddress;
  readonly argumentExtension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `CTSetupArg` of Call-Transfer-Operations. */
export interface CTSetupArg {
  readonly callIdentity: CallIdentity;
  readonly transferringNumber?: H4501.EndpointAddress;
  readonly argumentExtension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `CTIdentifyRes` of Call-Transfer-Operations. */
export interface CTIdentifyRes {
  readonly callIdentity: CallIdentity;
  readonly reroutingNumber: H4501.EndpointAddress;
  readonly resultExtension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `CTUpdateArg` of Call-Transfer-Operations. */
export interface CTUpdateArg {
  readonly redirectionNumber: H4501.EndpointAddress;
  readonly redirectionInfo?: string;
  readonly basicCallInfoElements?: H4501.H225InformationElement;
  readonly argumentExtension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `SubaddressTransferArg` of Call-Transfer-Operations. */
export interface SubaddressTransferArg {
  readonly redirectionSubaddress: H4501.PartySubaddress;
  readonly argumentExtension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `CTCompleteArg` of Call-Transfer-Operations. */
export interface CTCompleteArg {
  readonly endDesignation: EndDesignation;
  readonly redirectionNumber: H4501.EndpointAddress;
  readonly basicCallInfoElements?: H4501.H225InformationElement;
  readonly redirectionInfo?: string;
  readonly callStatus?: CallStatus;
  readonly argumentExtension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `EndDesignation` of Call-Transfer-Operations. */
export type EndDesignation = 'primaryEnd' | 'secondaryEnd' | number;

/** `CallStatus` of Call-Transfer-Operations. */
export type CallStatus = 'answered' | 'alerting' | number;

/** `CTActiveArg` of Call-Transfer-Operations. */
export interface CTActiveArg {
  readonly connectedAddress: H4501.EndpointAddress;
  readonly basicCallInfoElements?: H4501.H225InformationElement;
  readonly connectedInfo?: string;
  readonly argumentExtension?:
    | { readonly kind: 'extensionSeq'; readonly value: ExtensionSeq }
    | { readonly kind: 'nonStandardData'; readonly value: H225.NonStandardParameter };
  readonly '...'?: ExtensionRest;
}

/** `CallIdentity` of Call-Transfer-Operations. */
export type CallIdentity = string;

/** `ExtensionSeq` of Call-Transfer-Operations. */
export type ExtensionSeq = readonly H4501.Extension[];

/** `CallTransferOperation` of Call-Transfer-Operations. */
export type CallTransferOperation = 'callTransferIdentify' | 'callTransferAbandon' | 'callTransferInitiate' | 'callTransferSetup' | 'callTransferActive' | 'callTransferComplete' | 'callTransferUpdate' | 'subaddressTransfer';

/** `CallTransferErrors` of Call-Transfer-Operations. */
export type CallTransferErrors = 'invalidReroutingNumber' | 'unrecognizedCallIdentity' | 'establishmentFailure' | 'unspecified';

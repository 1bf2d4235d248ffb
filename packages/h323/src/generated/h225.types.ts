// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { Redacted } from '@trustline/base';
import type { Bits } from '../per/bit-string.ts';
import type { ExtensionRest, UnknownAlternative } from '../per/extensions.ts';
import type * as H235 from './h235.types.ts';
import type * as H245 from './h245.types.ts';

/** `H323-UserInformation` of H323-MESSAGES. */
export interface H323UserInformation {
  readonly 'h323-uu-pdu': H323UUPDU;
  readonly 'user-data'?: {
    readonly 'protocol-discriminator': number;
    readonly 'user-information': Uint8Array;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `H323-UU-PDU` of H323-MESSAGES. */
export interface H323UUPDU {
  readonly 'h323-message-body':
    | { readonly kind: 'setup'; readonly value: SetupUUIE }
    | { readonly kind: 'callProceeding'; readonly value: CallProceedingUUIE }
    | { readonly kind: 'connect'; readonly value: ConnectUUIE }
    | { readonly kind: 'alerting'; readonly value: AlertingUUIE }
    | { readonly kind: 'information'; readonly value: InformationUUIE }
    | { readonly kind: 'releaseComplete'; readonly value: ReleaseCompleteUUIE }
    | { readonly kind: 'facility'; readonly value: FacilityUUIE }
    | { readonly kind: 'progress'; readonly value: ProgressUUIE }
    | { readonly kind: 'empty' }
    | { readonly kind: 'status'; readonly value: StatusUUIE }
    | { readonly kind: 'statusInquiry'; readonly value: StatusInquiryUUIE }
    | { readonly kind: 'setupAcknowledge'; readonly value: SetupAcknowledgeUUIE }
    | { readonly kind: 'notify'; readonly value: NotifyUUIE }
    | UnknownAlternative;
  readonly nonStandardData?: NonStandardParameter;
  readonly h4501SupplementaryService?: readonly Uint8Array[];
  readonly h245Tunneling?: boolean;
  readonly h245Control?: Redacted<readonly Uint8Array[]>;
  readonly nonStandardControl?: readonly NonStandardParameter[];
  readonly callLinkage?: CallLinkage;
  readonly tunnelledSignallingMessage?: {
    readonly tunnelledProtocolID: TunnelledProtocol;
    readonly messageContent: readonly Uint8Array[];
    readonly tunnellingRequired?: null;
    readonly nonStandardData?: NonStandardParameter;
    readonly '...'?: ExtensionRest;
  };
  readonly provisionalRespToH245Tunneling?: null;
  readonly stimulusControl?: StimulusControl;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `StimulusControl` of H323-MESSAGES. */
export interface StimulusControl {
  readonly nonStandard?: NonStandardParameter;
  readonly isText?: null;
  readonly h248Message?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `Alerting-UUIE` of H323-MESSAGES. */
export interface AlertingUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly destinationInfo: EndpointType;
  readonly h245Address?: TransportAddress;
  readonly callIdentifier?: CallIdentifier;
  readonly h245SecurityMode?: H245Security;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly fastStart?: readonly Uint8Array[];
  readonly multipleCalls?: boolean;
  readonly maintainConnection?: boolean;
  readonly alertingAddress?: readonly AliasAddress[];
  readonly presentationIndicator?: PresentationIndicator;
  readonly screeningIndicator?: ScreeningIndicator;
  readonly fastConnectRefused?: null;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly capacity?: CallCapacity;
  readonly featureSet?: FeatureSet;
  readonly displayName?: readonly DisplayName[];
  readonly '...'?: ExtensionRest;
}

/** `CallProceeding-UUIE` of H323-MESSAGES. */
export interface CallProceedingUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly destinationInfo: EndpointType;
  readonly h245Address?: TransportAddress;
  readonly callIdentifier?: CallIdentifier;
  readonly h245SecurityMode?: H245Security;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly fastStart?: readonly Uint8Array[];
  readonly multipleCalls?: boolean;
  readonly maintainConnection?: boolean;
  readonly fastConnectRefused?: null;
  readonly featureSet?: FeatureSet;
  readonly '...'?: ExtensionRest;
}

/** `Connect-UUIE` of H323-MESSAGES. */
export interface ConnectUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly h245Address?: TransportAddress;
  readonly destinationInfo: EndpointType;
  readonly conferenceID: ConferenceIdentifier;
  readonly callIdentifier?: CallIdentifier;
  readonly h245SecurityMode?: H245Security;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly fastStart?: readonly Uint8Array[];
  readonly multipleCalls?: boolean;
  readonly maintainConnection?: boolean;
  readonly language?: readonly string[];
  readonly connectedAddress?: readonly AliasAddress[];
  readonly presentationIndicator?: PresentationIndicator;
  readonly screeningIndicator?: ScreeningIndicator;
  readonly fastConnectRefused?: null;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly capacity?: CallCapacity;
  readonly featureSet?: FeatureSet;
  readonly displayName?: readonly DisplayName[];
  readonly '...'?: ExtensionRest;
}

/** `Information-UUIE` of H323-MESSAGES. */
export interface InformationUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly callIdentifier?: CallIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly fastStart?: readonly Uint8Array[];
  readonly fastConnectRefused?: null;
  readonly circuitInfo?: CircuitInfo;
  readonly '...'?: ExtensionRest;
}

/** `ReleaseComplete-UUIE` of H323-MESSAGES. */
export interface ReleaseCompleteUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly reason?: ReleaseCompleteReason;
  readonly callIdentifier?: CallIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly busyAddress?: readonly AliasAddress[];
  readonly presentationIndicator?: PresentationIndicator;
  readonly screeningIndicator?: ScreeningIndicator;
  readonly capacity?: CallCapacity;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly featureSet?: FeatureSet;
  readonly destinationInfo?: EndpointType;
  readonly displayName?: readonly DisplayName[];
  readonly '...'?: ExtensionRest;
}

/** `ReleaseCompleteReason` of H323-MESSAGES. */
export type ReleaseCompleteReason =
  | { readonly kind: 'noBandwidth' }
  | { readonly kind: 'gatekeeperResources' }
  | { readonly kind: 'unreachableDestination' }
  | { readonly kind: 'destinationRejection' }
  | { readonly kind: 'invalidRevision' }
  | { readonly kind: 'noPermission' }
  | { readonly kind: 'unreachableGatekeeper' }
  | { readonly kind: 'gatewayResources' }
  | { readonly kind: 'badFormatAddress' }
  | { readonly kind: 'adaptiveBusy' }
  | { readonly kind: 'inConf' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'facilityCallDeflection' }
  | { readonly kind: 'securityDenied' }
  | { readonly kind: 'calledPartyNotRegistered' }
  | { readonly kind: 'callerNotRegistered' }
  | { readonly kind: 'newConnectionNeeded' }
  | { readonly kind: 'nonStandardReason'; readonly value: NonStandardParameter }
  | { readonly kind: 'replaceWithConferenceInvite'; readonly value: ConferenceIdentifier }
  | { readonly kind: 'genericDataReason' }
  | { readonly kind: 'neededFeatureNotSupported' }
  | { readonly kind: 'tunnelledSignallingRejected' }
  | { readonly kind: 'invalidCID' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors }
  | { readonly kind: 'hopCountExceeded' }
  | UnknownAlternative;

/** `Setup-UUIE` of H323-MESSAGES. */
export interface SetupUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly h245Address?: TransportAddress;
  readonly sourceAddress?: readonly AliasAddress[];
  readonly sourceInfo: EndpointType;
  readonly destinationAddress?: readonly AliasAddress[];
  readonly destCallSignalAddress?: TransportAddress;
  readonly destExtraCallInfo?: readonly AliasAddress[];
  readonly destExtraCRV?: readonly CallReferenceValue[];
  readonly activeMC: boolean;
  readonly conferenceID: ConferenceIdentifier;
  readonly conferenceGoal:
    | { readonly kind: 'create' }
    | { readonly kind: 'join' }
    | { readonly kind: 'invite' }
    | { readonly kind: 'capability-negotiation' }
    | { readonly kind: 'callIndependentSupplementaryService' }
    | UnknownAlternative;
  readonly callServices?: QseriesOptions;
  readonly callType: CallType;
  readonly sourceCallSignalAddress?: TransportAddress;
  readonly remoteExtensionAddress?: AliasAddress;
  readonly callIdentifier?: CallIdentifier;
  readonly h245SecurityCapability?: readonly H245Security[];
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly fastStart?: readonly Uint8Array[];
  readonly mediaWaitForConnect?: boolean;
  readonly canOverlapSend?: boolean;
  readonly endpointIdentifier?: EndpointIdentifier;
  readonly multipleCalls?: boolean;
  readonly maintainConnection?: boolean;
  readonly connectionParameters?: {
    readonly connectionType: ScnConnectionType;
    readonly numberOfScnConnections: number;
    readonly connectionAggregation: ScnConnectionAggregation;
    readonly '...'?: ExtensionRest;
  };
  readonly language?: readonly string[];
  readonly presentationIndicator?: PresentationIndicator;
  readonly screeningIndicator?: ScreeningIndicator;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly symmetricOperationRequired?: null;
  readonly capacity?: CallCapacity;
  readonly circuitInfo?: CircuitInfo;
  readonly desiredProtocols?: readonly SupportedProtocols[];
  readonly neededFeatures?: readonly FeatureDescriptor[];
  readonly desiredFeatures?: readonly FeatureDescriptor[];
  readonly supportedFeatures?: readonly FeatureDescriptor[];
  readonly parallelH245Control?: Redacted<readonly Uint8Array[]>;
  readonly additionalSourceAddresses?: readonly ExtendedAliasAddress[];
  readonly hopCount?: number;
  readonly displayName?: readonly DisplayName[];
  readonly '...'?: ExtensionRest;
}

/** `ScnConnectionType` of H323-MESSAGES. */
export type ScnConnectionType =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'bChannel' }
  | { readonly kind: 'hybrid2x64' }
  | { readonly kind: 'hybrid384' }
  | { readonly kind: 'hybrid1536' }
  | { readonly kind: 'hybrid1920' }
  | { readonly kind: 'multirate' }
  | UnknownAlternative;

/** `ScnConnectionAggregation` of H323-MESSAGES. */
export type ScnConnectionAggregation =
  | { readonly kind: 'auto' }
  | { readonly kind: 'none' }
  | { readonly kind: 'h221' }
  | { readonly kind: 'bonded-mode1' }
  | { readonly kind: 'bonded-mode2' }
  | { readonly kind: 'bonded-mode3' }
  | UnknownAlternative;

/** `PresentationIndicator` of H323-MESSAGES. */
export type PresentationIndicator =
  | { readonly kind: 'presentationAllowed' }
  | { readonly kind: 'presentationRestricted' }
  | { readonly kind: 'addressNotAvailable' }
  | UnknownAlternative;

/** `ScreeningIndicator` of H323-MESSAGES. */
export type ScreeningIndicator = 'userProvidedNotScreened' | 'userProvidedVerifiedAndPassed' | 'userProvidedVerifiedAndFailed' | 'networkProvided' | number;

/** `Facility-UUIE` of H323-MESSAGES. */
export interface FacilityUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly alternativeAddress?: TransportAddress;
  readonly alternativeAliasAddress?: readonly AliasAddress[];
  readonly conferenceID?: ConferenceIdentifier;
  readonly reason: FacilityReason;
  readonly callIdentifier?: CallIdentifier;
  readonly destExtraCallInfo?: readonly AliasAddress[];
  readonly remoteExtensionAddress?: AliasAddress;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly conferences?: readonly ConferenceList[];
  readonly h245Address?: TransportAddress;
  readonly fastStart?: readonly Uint8Array[];
  readonly multipleCalls?: boolean;
  readonly maintainConnection?: boolean;
  readonly fastConnectRefused?: null;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly circuitInfo?: CircuitInfo;
  readonly featureSet?: FeatureSet;
  readonly destinationInfo?: EndpointType;
  readonly h245SecurityMode?: H245Security;
  readonly '...'?: ExtensionRest;
}

/** `ConferenceList` of H323-MESSAGES. */
export interface ConferenceList {
  readonly conferenceID?: ConferenceIdentifier;
  readonly conferenceAlias?: AliasAddress;
  readonly nonStandardData?: NonStandardParameter;
  readonly '...'?: ExtensionRest;
}

/** `FacilityReason` of H323-MESSAGES. */
export type FacilityReason =
  | { readonly kind: 'routeCallToGatekeeper' }
  | { readonly kind: 'callForwarded' }
  | { readonly kind: 'routeCallToMC' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'conferenceListChoice' }
  | { readonly kind: 'startH245' }
  | { readonly kind: 'noH245' }
  | { readonly kind: 'newTokens' }
  | { readonly kind: 'featureSetUpdate' }
  | { readonly kind: 'forwardedElements' }
  | { readonly kind: 'transportedInformation' }
  | UnknownAlternative;

/** `Progress-UUIE` of H323-MESSAGES. */
export interface ProgressUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly destinationInfo: EndpointType;
  readonly h245Address?: TransportAddress;
  readonly callIdentifier: CallIdentifier;
  readonly h245SecurityMode?: H245Security;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly fastStart?: readonly Uint8Array[];
  readonly multipleCalls?: boolean;
  readonly maintainConnection?: boolean;
  readonly fastConnectRefused?: null;
  readonly '...'?: ExtensionRest;
}

/** `TransportAddress` of H323-MESSAGES. */
export type TransportAddress =
  | { readonly kind: 'ipAddress'; readonly value: {
    readonly ip: Uint8Array;
    readonly port: number;
  } }
  | { readonly kind: 'ipSourceRoute'; readonly value: {
    readonly ip: Uint8Array;
    readonly port: number;
    readonly route: readonly Uint8Array[];
    readonly routing:
      | { readonly kind: 'strict' }
      | { readonly kind: 'loose' }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'ipxAddress'; readonly value: {
    readonly node: Uint8Array;
    readonly netnum: Uint8Array;
    readonly port: Uint8Array;
  } }
  | { readonly kind: 'ip6Address'; readonly value: {
    readonly ip: Uint8Array;
    readonly port: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'netBios'; readonly value: Uint8Array }
  | { readonly kind: 'nsap'; readonly value: Uint8Array }
  | { readonly kind: 'nonStandardAddress'; readonly value: NonStandardParameter }
  | UnknownAlternative;

/** `Status-UUIE` of H323-MESSAGES. */
export interface StatusUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly callIdentifier: CallIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly '...'?: ExtensionRest;
}

/** `StatusInquiry-UUIE` of H323-MESSAGES. */
export interface StatusInquiryUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly callIdentifier: CallIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly '...'?: ExtensionRest;
}

/** `SetupAcknowledge-UUIE` of H323-MESSAGES. */
export interface SetupAcknowledgeUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly callIdentifier: CallIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly '...'?: ExtensionRest;
}

/** `Notify-UUIE` of H323-MESSAGES. */
export interface NotifyUUIE {
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly callIdentifier: CallIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly connectedAddress?: readonly AliasAddress[];
  readonly presentationIndicator?: PresentationIndicator;
  readonly screeningIndicator?: ScreeningIndicator;
  readonly destinationInfo?: EndpointType;
  readonly displayName?: readonly DisplayName[];
  readonly '...'?: ExtensionRest;
}

/** `EndpointType` of H323-MESSAGES. */
export interface EndpointType {
  readonly nonStandardData?: NonStandardParameter;
  readonly vendor?: VendorIdentifier;
  readonly gatekeeper?: GatekeeperInfo;
  readonly gateway?: GatewayInfo;
  readonly mcu?: McuInfo;
  readonly terminal?: TerminalInfo;
  readonly mc: boolean;
  readonly undefinedNode: boolean;
  readonly set?: Bits;
  readonly supportedTunnelledProtocols?: readonly TunnelledProtocol[];
  readonly '...'?: ExtensionRest;
}

/** `GatewayInfo` of H323-MESSAGES. */
export interface GatewayInfo {
  readonly protocol?: readonly SupportedProtocols[];
  readonly nonStandardData?: NonStandardParameter;
  readonly '...'?: ExtensionRest;
}

/** `SupportedProtocols` of H323-MESSAGES. */
export type SupportedProtocols =
  | { readonly kind: 'nonStandardData'; readonly value: NonStandardParameter }
  | { readonly kind: 'h310'; readonly value: H310Caps }
  | { readonly kind: 'h320'; readonly value: H320Caps }
  | { readonly kind: 'h321'; readonly value: H321Caps }
  | { readonly kind: 'h322'; readonly value: H322Caps }
  | { readonly kind: 'h323'; readonly value: H323Caps }
  | { readonly kind: 'h324'; readonly value: H324Caps }
  | { readonly kind: 'voice'; readonly value: VoiceCaps }
  | { readonly kind: 't120-only'; readonly value: T120OnlyCaps }
  | { readonly kind: 'nonStandardProtocol'; readonly value: NonStandardProtocol }
  | { readonly kind: 't38FaxAnnexbOnly'; readonly value: T38FaxAnnexbOnlyCaps }
  | { readonly kind: 'sip'; readonly value: SIPCaps }
  | UnknownAlternative;

/** `H310Caps` of H323-MESSAGES. */
export interface H310Caps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `H320Caps` of H323-MESSAGES. */
export interface H320Caps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `H321Caps` of H323-MESSAGES. */
export interface H321Caps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `H322Caps` of H323-MESSAGES. */
export interface H322Caps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `H323Caps` of H323-MESSAGES. */
export interface H323Caps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `H324Caps` of H323-MESSAGES. */
export interface H324Caps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `VoiceCaps` of H323-MESSAGES. */
export interface VoiceCaps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `T120OnlyCaps` of H323-MESSAGES. */
export interface T120OnlyCaps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `NonStandardProtocol` of H323-MESSAGES. */
export interface NonStandardProtocol {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `T38FaxAnnexbOnlyCaps` of H323-MESSAGES. */
export interface T38FaxAnnexbOnlyCaps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes: readonly SupportedPrefix[];
  readonly t38FaxProtocol: H245.DataProtocolCapability;
  readonly t38FaxProfile: H245.T38FaxProfile;
  readonly '...'?: ExtensionRest;
}

/** `SIPCaps` of H323-MESSAGES. */
export interface SIPCaps {
  readonly nonStandardData?: NonStandardParameter;
  readonly dataRatesSupported?: readonly DataRate[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly '...'?: ExtensionRest;
}

/** `McuInfo` of H323-MESSAGES. */
export interface McuInfo {
  readonly nonStandardData?: NonStandardParameter;
  readonly protocol?: readonly SupportedProtocols[];
  readonly '...'?: ExtensionRest;
}

/** `TerminalInfo` of H323-MESSAGES. */
export interface TerminalInfo {
  readonly nonStandardData?: NonStandardParameter;
  readonly '...'?: ExtensionRest;
}

/** `GatekeeperInfo` of H323-MESSAGES. */
export interface GatekeeperInfo {
  readonly nonStandardData?: NonStandardParameter;
  readonly '...'?: ExtensionRest;
}

/** `VendorIdentifier` of H323-MESSAGES. */
export interface VendorIdentifier {
  readonly vendor: H221NonStandard;
  readonly productId?: Uint8Array;
  readonly versionId?: Uint8Array;
  readonly enterpriseNumber?: string;
  readonly '...'?: ExtensionRest;
}

/** `H221NonStandard` of H323-MESSAGES. */
export interface H221NonStandard {
  readonly t35CountryCode: number;
  readonly t35Extension: number;
  readonly manufacturerCode: number;
  readonly '...'?: ExtensionRest;
}

/** `TunnelledProtocol` of H323-MESSAGES. */
export interface TunnelledProtocol {
  readonly id:
    | { readonly kind: 'tunnelledProtocolObjectID'; readonly value: string }
    | { readonly kind: 'tunnelledProtocolAlternateID'; readonly value: TunnelledProtocolAlternateIdentifier }
    | UnknownAlternative;
  readonly subIdentifier?: string;
  readonly '...'?: ExtensionRest;
}

/** `TunnelledProtocolAlternateIdentifier` of H323-MESSAGES. */
export interface TunnelledProtocolAlternateIdentifier {
  readonly protocolType: string;
  readonly protocolVariant?: string;
  readonly '...'?: ExtensionRest;
}

/** `NonStandardParameter` of H323-MESSAGES. */
export interface NonStandardParameter {
  readonly nonStandardIdentifier: NonStandardIdentifier;
  readonly data: Uint8Array;
}

/** `NonStandardIdentifier` of H323-MESSAGES. */
export type NonStandardIdentifier =
  | { readonly kind: 'object'; readonly value: string }
  | { readonly kind: 'h221NonStandard'; readonly value: H221NonStandard }
  | UnknownAlternative;

/** `AliasAddress` of H323-MESSAGES. */
export type AliasAddress =
  | { readonly kind: 'dialedDigits'; readonly value: string }
  | { readonly kind: 'h323-ID'; readonly value: string }
  | { readonly kind: 'url-ID'; readonly value: string }
  | { readonly kind: 'transportID'; readonly value: TransportAddress }
  | { readonly kind: 'email-ID'; readonly value: string }
  | { readonly kind: 'partyNumber'; readonly value: PartyNumber }
  | { readonly kind: 'mobileUIM'; readonly value: MobileUIM }
  | { readonly kind: 'isupNumber'; readonly value: IsupNumber }
  | UnknownAlternative;

/** `AddressPattern` of H323-MESSAGES. */
export type AddressPattern =
  | { readonly kind: 'wildcard'; readonly value: AliasAddress }
  | { readonly kind: 'range'; readonly value: {
    readonly startOfRange: PartyNumber;
    readonly endOfRange: PartyNumber;
  } }
  | UnknownAlternative;

/** `PartyNumber` of H323-MESSAGES. */
export type PartyNumber =
  | { readonly kind: 'e164Number'; readonly value: PublicPartyNumber }
  | { readonly kind: 'dataPartyNumber'; readonly value: NumberDigits }
  | { readonly kind: 'telexPartyNumber'; readonly value: NumberDigits }
  | { readonly kind: 'privateNumber'; readonly value: PrivatePartyNumber }
  | { readonly kind: 'nationalStandardPartyNumber'; readonly value: NumberDigits }
  | UnknownAlternative;

/** `PublicPartyNumber` of H323-MESSAGES. */
export interface PublicPartyNumber {
  readonly publicTypeOfNumber: PublicTypeOfNumber;
  readonly publicNumberDigits: NumberDigits;
}

/** `PrivatePartyNumber` of H323-MESSAGES. */
export interface PrivatePartyNumber {
  readonly privateTypeOfNumber: PrivateTypeOfNumber;
  readonly privateNumberDigits: NumberDigits;
}

/** `NumberDigits` of H323-MESSAGES. */
export type NumberDigits = string;

/** `DisplayName` of H323-MESSAGES. */
export interface DisplayName {
  readonly language?: string;
  readonly name: string;
}

/** `PublicTypeOfNumber` of H323-MESSAGES. */
export type PublicTypeOfNumber =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'internationalNumber' }
  | { readonly kind: 'nationalNumber' }
  | { readonly kind: 'networkSpecificNumber' }
  | { readonly kind: 'subscriberNumber' }
  | { readonly kind: 'abbreviatedNumber' }
  | UnknownAlternative;

/** `PrivateTypeOfNumber` of H323-MESSAGES. */
export type PrivateTypeOfNumber =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'level2RegionalNumber' }
  | { readonly kind: 'level1RegionalNumber' }
  | { readonly kind: 'pISNSpecificNumber' }
  | { readonly kind: 'localNumber' }
  | { readonly kind: 'abbreviatedNumber' }
  | UnknownAlternative;

/** `MobileUIM` of H323-MESSAGES. */
export type MobileUIM =
  | { readonly kind: 'ansi-41-uim'; readonly value: ANSI41UIM }
  | { readonly kind: 'gsm-uim'; readonly value: GSMUIM }
  | UnknownAlternative;

/** `TBCD-STRING` of H323-MESSAGES. */
export type TBCDSTRING = string;

/** `ANSI-41-UIM` of H323-MESSAGES. */
export interface ANSI41UIM {
  readonly imsi?: string;
  readonly min?: string;
  readonly mdn?: string;
  readonly msisdn?: string;
  readonly esn?: string;
  readonly mscid?: string;
  readonly 'system-id':
    | { readonly kind: 'sid'; readonly value: string }
    | { readonly kind: 'mid'; readonly value: string }
    | UnknownAlternative;
  readonly systemMyTypeCode?: Uint8Array;
  readonly systemAccessType?: Uint8Array;
  readonly qualificationInformationCode?: Uint8Array;
  readonly sesn?: string;
  readonly soc?: string;
  readonly '...'?: ExtensionRest;
}

/** `GSM-UIM` of H323-MESSAGES. */
export interface GSMUIM {
  readonly imsi?: string;
  readonly tmsi?: Uint8Array;
  readonly msisdn?: string;
  readonly imei?: string;
  readonly hplmn?: string;
  readonly vplmn?: string;
  readonly '...'?: ExtensionRest;
}

/** `IsupNumber` of H323-MESSAGES. */
export type IsupNumber =
  | { readonly kind: 'e164Number'; readonly value: IsupPublicPartyNumber }
  | { readonly kind: 'dataPartyNumber'; readonly value: IsupDigits }
  | { readonly kind: 'telexPartyNumber'; readonly value: IsupDigits }
  | { readonly kind: 'privateNumber'; readonly value: IsupPrivatePartyNumber }
  | { readonly kind: 'nationalStandardPartyNumber'; readonly value: IsupDigits }
  | UnknownAlternative;

/** `IsupPublicPartyNumber` of H323-MESSAGES. */
export interface IsupPublicPartyNumber {
  readonly natureOfAddress: NatureOfAddress;
  readonly address: IsupDigits;
  readonly '...'?: ExtensionRest;
}

/** `IsupPrivatePartyNumber` of H323-MESSAGES. */
export interface IsupPrivatePartyNumber {
  readonly privateTypeOfNumber: PrivateTypeOfNumber;
  readonly address: IsupDigits;
  readonly '...'?: ExtensionRest;
}

/** `NatureOfAddress` of H323-MESSAGES. */
export type NatureOfAddress =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'subscriberNumber' }
  | { readonly kind: 'nationalNumber' }
  | { readonly kind: 'internationalNumber' }
  | { readonly kind: 'networkSpecificNumber' }
  | { readonly kind: 'routingNumberNationalFormat' }
  | { readonly kind: 'routingNumberNetworkSpecificFormat' }
  | { readonly kind: 'routingNumberWithCalledDirectoryNumber' }
  | UnknownAlternative;

/** `IsupDigits` of H323-MESSAGES. */
export type IsupDigits = string;

/** `ExtendedAliasAddress` of H323-MESSAGES. */
export interface ExtendedAliasAddress {
  readonly address: AliasAddress;
  readonly presentationIndicator?: PresentationIndicator;
  readonly screeningIndicator?: ScreeningIndicator;
  readonly '...'?: ExtensionRest;
}

/** `Endpoint` of H323-MESSAGES. */
export interface Endpoint {
  readonly nonStandardData?: NonStandardParameter;
  readonly aliasAddress?: readonly AliasAddress[];
  readonly callSignalAddress?: readonly TransportAddress[];
  readonly rasAddress?: readonly TransportAddress[];
  readonly endpointType?: EndpointType;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly priority?: number;
  readonly remoteExtensionAddress?: readonly AliasAddress[];
  readonly destExtraCallInfo?: readonly AliasAddress[];
  readonly alternateTransportAddresses?: AlternateTransportAddresses;
  readonly circuitInfo?: CircuitInfo;
  readonly featureSet?: FeatureSet;
  readonly '...'?: ExtensionRest;
}

/** `AlternateTransportAddresses` of H323-MESSAGES. */
export interface AlternateTransportAddresses {
  readonly annexE?: readonly TransportAddress[];
  readonly sctp?: readonly TransportAddress[];
  readonly '...'?: ExtensionRest;
}

/** `UseSpecifiedTransport` of H323-MESSAGES. */
export type UseSpecifiedTransport =
  | { readonly kind: 'tcp' }
  | { readonly kind: 'annexE' }
  | { readonly kind: 'sctp' }
  | UnknownAlternative;

/** `AlternateGK` of H323-MESSAGES. */
export interface AlternateGK {
  readonly rasAddress: TransportAddress;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly needToRegister: boolean;
  readonly priority: number;
  readonly '...'?: ExtensionRest;
}

/** `AltGKInfo` of H323-MESSAGES. */
export interface AltGKInfo {
  readonly alternateGatekeeper: readonly AlternateGK[];
  readonly altGKisPermanent: boolean;
  readonly '...'?: ExtensionRest;
}

/** `SecurityServiceMode` of H323-MESSAGES. */
export type SecurityServiceMode =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'none' }
  | { readonly kind: 'default' }
  | UnknownAlternative;

/** `SecurityCapabilities` of H323-MESSAGES. */
export interface SecurityCapabilities {
  readonly nonStandard?: NonStandardParameter;
  readonly encryption: SecurityServiceMode;
  readonly authenticaton: SecurityServiceMode;
  readonly integrity: SecurityServiceMode;
  readonly '...'?: ExtensionRest;
}

/** `SecurityErrors` of H323-MESSAGES. */
export type SecurityErrors =
  | { readonly kind: 'securityWrongSyncTime' }
  | { readonly kind: 'securityReplay' }
  | { readonly kind: 'securityWrongGeneralID' }
  | { readonly kind: 'securityWrongSendersID' }
  | { readonly kind: 'securityIntegrityFailed' }
  | { readonly kind: 'securityWrongOID' }
  | { readonly kind: 'securityDHmismatch' }
  | { readonly kind: 'securityCertificateExpired' }
  | { readonly kind: 'securityCertificateDateInvalid' }
  | { readonly kind: 'securityCertificateRevoked' }
  | { readonly kind: 'securityCertificateNotReadable' }
  | { readonly kind: 'securityCertificateSignatureInvalid' }
  | { readonly kind: 'securityCertificateMissing' }
  | { readonly kind: 'securityCertificateIncomplete' }
  | { readonly kind: 'securityUnsupportedCertificateAlgOID' }
  | { readonly kind: 'securityUnknownCA' }
  | UnknownAlternative;

/** `SecurityErrors2` of H323-MESSAGES. */
export type SecurityErrors2 =
  | { readonly kind: 'securityWrongSyncTime' }
  | { readonly kind: 'securityReplay' }
  | { readonly kind: 'securityWrongGeneralID' }
  | { readonly kind: 'securityWrongSendersID' }
  | { readonly kind: 'securityIntegrityFailed' }
  | { readonly kind: 'securityWrongOID' }
  | UnknownAlternative;

/** `H245Security` of H323-MESSAGES. */
export type H245Security =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'noSecurity' }
  | { readonly kind: 'tls'; readonly value: SecurityCapabilities }
  | { readonly kind: 'ipsec'; readonly value: SecurityCapabilities }
  | UnknownAlternative;

/** `QseriesOptions` of H323-MESSAGES. */
export interface QseriesOptions {
  readonly q932Full: boolean;
  readonly q951Full: boolean;
  readonly q952Full: boolean;
  readonly q953Full: boolean;
  readonly q955Full: boolean;
  readonly q956Full: boolean;
  readonly q957Full: boolean;
  readonly q954Info: Q954Details;
  readonly '...'?: ExtensionRest;
}

/** `Q954Details` of H323-MESSAGES. */
export interface Q954Details {
  readonly conferenceCalling: boolean;
  readonly threePartyService: boolean;
  readonly '...'?: ExtensionRest;
}

/** `GloballyUniqueID` of H323-MESSAGES. */
export type GloballyUniqueID = Uint8Array;

/** `ConferenceIdentifier` of H323-MESSAGES. */
export type ConferenceIdentifier = GloballyUniqueID;

/** `RequestSeqNum` of H323-MESSAGES. */
export type RequestSeqNum = number;

/** `GatekeeperIdentifier` of H323-MESSAGES. */
export type GatekeeperIdentifier = string;

/** `BandWidth` of H323-MESSAGES. */
export type BandWidth = number;

/** `CallReferenceValue` of H323-MESSAGES. */
export type CallReferenceValue = number;

/** `EndpointIdentifier` of H323-MESSAGES. */
export type EndpointIdentifier = string;

/** `ProtocolIdentifier` of H323-MESSAGES. */
export type ProtocolIdentifier = string;

/** `TimeToLive` of H323-MESSAGES. */
export type TimeToLive = number;

/** `H248PackagesDescriptor` of H323-MESSAGES. */
export type H248PackagesDescriptor = Uint8Array;

/** `H248SignalsDescriptor` of H323-MESSAGES. */
export type H248SignalsDescriptor = Uint8Array;

/** `FeatureDescriptor` of H323-MESSAGES. */
export type FeatureDescriptor = GenericData;

/** `CallIdentifier` of H323-MESSAGES. */
export interface CallIdentifier {
  readonly guid: GloballyUniqueID;
  readonly '...'?: ExtensionRest;
}

/** `EncryptIntAlg` of H323-MESSAGES. */
export type EncryptIntAlg =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'isoAlgorithm'; readonly value: string }
  | UnknownAlternative;

/** `NonIsoIntegrityMechanism` of H323-MESSAGES. */
export type NonIsoIntegrityMechanism =
  | { readonly kind: 'hMAC-MD5' }
  | { readonly kind: 'hMAC-iso10118-2-s'; readonly value: EncryptIntAlg }
  | { readonly kind: 'hMAC-iso10118-2-l'; readonly value: EncryptIntAlg }
  | { readonly kind: 'hMAC-iso10118-3'; readonly value: string }
  | UnknownAlternative;

/** `IntegrityMechanism` of H323-MESSAGES. */
export type IntegrityMechanism =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'digSig' }
  | { readonly kind: 'iso9797'; readonly value: string }
  | { readonly kind: 'nonIsoIM'; readonly value: NonIsoIntegrityMechanism }
  | UnknownAlternative;

/** `ICV` of H323-MESSAGES. */
export interface ICV {
  readonly algorithmOID: string;
  readonly icv: Bits;
}

/** `FastStartToken` of H323-MESSAGES. */
export type FastStartToken = H235.ClearToken;

/** `EncodedFastStartToken` of H323-MESSAGES. */
export type EncodedFastStartToken = FastStartToken;

/** `CryptoH323Token` of H323-MESSAGES. */
export type CryptoH323Token =
  | { readonly kind: 'cryptoEPPwdHash'; readonly value: {
    readonly alias: AliasAddress;
    readonly timeStamp: H235.TimeStamp;
    readonly token: {
      readonly algorithmOID: string;
      readonly paramS: H235.Params;
      readonly hash: Bits;
    };
  } }
  | { readonly kind: 'cryptoGKPwdHash'; readonly value: {
    readonly gatekeeperId: GatekeeperIdentifier;
    readonly timeStamp: H235.TimeStamp;
    readonly token: {
      readonly algorithmOID: string;
      readonly paramS: H235.Params;
      readonly hash: Bits;
    };
  } }
  | { readonly kind: 'cryptoEPPwdEncr'; readonly value: {
    readonly algorithmOID: string;
    readonly paramS: H235.Params;
    readonly encryptedData: Uint8Array;
  } }
  | { readonly kind: 'cryptoGKPwdEncr'; readonly value: {
    readonly algorithmOID: string;
    readonly paramS: H235.Params;
    readonly encryptedData: Uint8Array;
  } }
  | { readonly kind: 'cryptoEPCert'; readonly value: {
    readonly toBeSigned: H235.EncodedPwdCertToken;
    readonly algorithmOID: string;
    readonly paramS: H235.Params;
    readonly signature: Bits;
  } }
  | { readonly kind: 'cryptoGKCert'; readonly value: {
    readonly toBeSigned: H235.EncodedPwdCertToken;
    readonly algorithmOID: string;
    readonly paramS: H235.Params;
    readonly signature: Bits;
  } }
  | { readonly kind: 'cryptoFastStart'; readonly value: {
    readonly toBeSigned: EncodedFastStartToken;
    readonly algorithmOID: string;
    readonly paramS: H235.Params;
    readonly signature: Bits;
  } }
  | { readonly kind: 'nestedcryptoToken'; readonly value: H235.CryptoToken }
  | UnknownAlternative;

/** `DataRate` of H323-MESSAGES. */
export interface DataRate {
  readonly nonStandardData?: NonStandardParameter;
  readonly channelRate: BandWidth;
  readonly channelMultiplier?: number;
  readonly '...'?: ExtensionRest;
}

/** `CallLinkage` of H323-MESSAGES. */
export interface CallLinkage {
  readonly globalCallId?: GloballyUniqueID;
  readonly threadId?: GloballyUniqueID;
  readonly '...'?: ExtensionRest;
}

/** `SupportedPrefix` of H323-MESSAGES. */
export interface SupportedPrefix {
  readonly nonStandardData?: NonStandardParameter;
  readonly prefix: AliasAddress;
  readonly '...'?: ExtensionRest;
}

/** `CapacityReportingCapability` of H323-MESSAGES. */
export interface CapacityReportingCapability {
  readonly canReportCallCapacity: boolean;
  readonly '...'?: ExtensionRest;
}

/** `CapacityReportingSpecification` of H323-MESSAGES. */
export interface CapacityReportingSpecification {
  readonly when: {
    readonly callStart?: null;
    readonly callEnd?: null;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `CallCapacity` of H323-MESSAGES. */
export interface CallCapacity {
  readonly maximumCallCapacity?: CallCapacityInfo;
  readonly currentCallCapacity?: CallCapacityInfo;
  readonly '...'?: ExtensionRest;
}

/** `CallCapacityInfo` of H323-MESSAGES. */
export interface CallCapacityInfo {
  readonly voiceGwCallsAvailable?: readonly CallsAvailable[];
  readonly h310GwCallsAvailable?: readonly CallsAvailable[];
  readonly h320GwCallsAvailable?: readonly CallsAvailable[];
  readonly h321GwCallsAvailable?: readonly CallsAvailable[];
  readonly h322GwCallsAvailable?: readonly CallsAvailable[];
  readonly h323GwCallsAvailable?: readonly CallsAvailable[];
  readonly h324GwCallsAvailable?: readonly CallsAvailable[];
  readonly t120OnlyGwCallsAvailable?: readonly CallsAvailable[];
  readonly t38FaxAnnexbOnlyGwCallsAvailable?: readonly CallsAvailable[];
  readonly terminalCallsAvailable?: readonly CallsAvailable[];
  readonly mcuCallsAvailable?: readonly CallsAvailable[];
  readonly sipGwCallsAvailable?: readonly CallsAvailable[];
  readonly '...'?: ExtensionRest;
}

/** `CallsAvailable` of H323-MESSAGES. */
export interface CallsAvailable {
  readonly calls: number;
  readonly group?: string;
  readonly carrier?: CarrierInfo;
  readonly '...'?: ExtensionRest;
}

/** `CircuitInfo` of H323-MESSAGES. */
export interface CircuitInfo {
  readonly sourceCircuitID?: CircuitIdentifier;
  readonly destinationCircuitID?: CircuitIdentifier;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `CircuitIdentifier` of H323-MESSAGES. */
export interface CircuitIdentifier {
  readonly cic?: CicInfo;
  readonly group?: GroupID;
  readonly carrier?: CarrierInfo;
  readonly '...'?: ExtensionRest;
}

/** `CicInfo` of H323-MESSAGES. */
export interface CicInfo {
  readonly cic: readonly Uint8Array[];
  readonly pointCode: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `GroupID` of H323-MESSAGES. */
export interface GroupID {
  readonly member?: readonly number[];
  readonly group: string;
  readonly '...'?: ExtensionRest;
}

/** `CarrierInfo` of H323-MESSAGES. */
export interface CarrierInfo {
  readonly carrierIdentificationCode?: Uint8Array;
  readonly carrierName?: string;
  readonly '...'?: ExtensionRest;
}

/** `ServiceControlDescriptor` of H323-MESSAGES. */
export type ServiceControlDescriptor =
  | { readonly kind: 'url'; readonly value: string }
  | { readonly kind: 'signal'; readonly value: H248SignalsDescriptor }
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'callCreditServiceControl'; readonly value: CallCreditServiceControl }
  | UnknownAlternative;

/** `ServiceControlSession` of H323-MESSAGES. */
export interface ServiceControlSession {
  readonly sessionId: number;
  readonly contents?: ServiceControlDescriptor;
  readonly reason:
    | { readonly kind: 'open' }
    | { readonly kind: 'refresh' }
    | { readonly kind: 'close' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `RasUsageInfoTypes` of H323-MESSAGES. */
export interface RasUsageInfoTypes {
  readonly nonStandardUsageTypes: readonly NonStandardParameter[];
  readonly startTime?: null;
  readonly endTime?: null;
  readonly terminationCause?: null;
  readonly '...'?: ExtensionRest;
}

/** `RasUsageSpecification` of H323-MESSAGES. */
export interface RasUsageSpecification {
  readonly when: {
    readonly start?: null;
    readonly end?: null;
    readonly inIrr?: null;
    readonly '...'?: ExtensionRest;
  };
  readonly callStartingPoint?: {
    readonly alerting?: null;
    readonly connect?: null;
    readonly '...'?: ExtensionRest;
  };
  readonly required: RasUsageInfoTypes;
  readonly '...'?: ExtensionRest;
}

/** `RasUsageInformation` of H323-MESSAGES. */
export interface RasUsageInformation {
  readonly nonStandardUsageFields: readonly NonStandardParameter[];
  readonly alertingTime?: H235.TimeStamp;
  readonly connectTime?: H235.TimeStamp;
  readonly endTime?: H235.TimeStamp;
  readonly '...'?: ExtensionRest;
}

/** `CallTerminationCause` of H323-MESSAGES. */
export type CallTerminationCause =
  | { readonly kind: 'releaseCompleteReason'; readonly value: ReleaseCompleteReason }
  | { readonly kind: 'releaseCompleteCauseIE'; readonly value: Uint8Array }
  | UnknownAlternative;

/** `BandwidthDetails` of H323-MESSAGES. */
export interface BandwidthDetails {
  readonly sender: boolean;
  readonly multicast: boolean;
  readonly bandwidth: BandWidth;
  readonly rtcpAddresses: TransportChannelInfo;
  readonly '...'?: ExtensionRest;
}

/** `CallCreditCapability` of H323-MESSAGES. */
export interface CallCreditCapability {
  readonly canDisplayAmountString?: boolean;
  readonly canEnforceDurationLimit?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `CallCreditServiceControl` of H323-MESSAGES. */
export interface CallCreditServiceControl {
  readonly amountString?: string;
  readonly billingMode?:
    | { readonly kind: 'credit' }
    | { readonly kind: 'debit' }
    | UnknownAlternative;
  readonly callDurationLimit?: number;
  readonly enforceCallDurationLimit?: boolean;
  readonly callStartingPoint?:
    | { readonly kind: 'alerting' }
    | { readonly kind: 'connect' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `GenericData` of H323-MESSAGES. */
export interface GenericData {
  readonly id: GenericIdentifier;
  readonly parameters?: readonly EnumeratedParameter[];
  readonly '...'?: ExtensionRest;
}

/** `GenericIdentifier` of H323-MESSAGES. */
export type GenericIdentifier =
  | { readonly kind: 'standard'; readonly value: number | bigint }
  | { readonly kind: 'oid'; readonly value: string }
  | { readonly kind: 'nonStandard'; readonly value: GloballyUniqueID }
  | UnknownAlternative;

/** `EnumeratedParameter` of H323-MESSAGES. */
export interface EnumeratedParameter {
  readonly id: GenericIdentifier;
  readonly content?: Content;
  readonly '...'?: ExtensionRest;
}

/** `Content` of H323-MESSAGES. */
export type Content =
  | { readonly kind: 'raw'; readonly value: Uint8Array }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'unicode'; readonly value: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number8'; readonly value: number }
  | { readonly kind: 'number16'; readonly value: number }
  | { readonly kind: 'number32'; readonly value: number }
  | { readonly kind: 'id'; readonly value: GenericIdentifier }
  | { readonly kind: 'alias'; readonly value: AliasAddress }
  | { readonly kind: 'transport'; readonly value: TransportAddress }
  | { readonly kind: 'compound'; readonly value: readonly EnumeratedParameter[] }
  | { readonly kind: 'nested'; readonly value: readonly GenericData[] }
  | UnknownAlternative;

/** `FeatureSet` of H323-MESSAGES. */
export interface FeatureSet {
  readonly replacementFeatureSet: boolean;
  readonly neededFeatures?: readonly FeatureDescriptor[];
  readonly desiredFeatures?: readonly FeatureDescriptor[];
  readonly supportedFeatures?: readonly FeatureDescriptor[];
  readonly '...'?: ExtensionRest;
}

/** `TransportChannelInfo` of H323-MESSAGES. */
export interface TransportChannelInfo {
  readonly sendAddress?: TransportAddress;
  readonly recvAddress?: TransportAddress;
  readonly '...'?: ExtensionRest;
}

/** `RTPSession` of H323-MESSAGES. */
export interface RTPSession {
  readonly rtpAddress: TransportChannelInfo;
  readonly rtcpAddress: TransportChannelInfo;
  readonly cname: string;
  readonly ssrc: number;
  readonly sessionId: number;
  readonly associatedSessionIds: readonly number[];
  readonly multicast?: null;
  readonly bandwidth?: BandWidth;
  readonly '...'?: ExtensionRest;
}

/** `RehomingModel` of H323-MESSAGES. */
export type RehomingModel =
  | { readonly kind: 'gatekeeperBased' }
  | { readonly kind: 'endpointBased' };

/** `RasMessage` of H323-MESSAGES. */
export type RasMessage =
  | { readonly kind: 'gatekeeperRequest'; readonly value: GatekeeperRequest }
  | { readonly kind: 'gatekeeperConfirm'; readonly value: GatekeeperConfirm }
  | { readonly kind: 'gatekeeperReject'; readonly value: GatekeeperReject }
  | { readonly kind: 'registrationRequest'; readonly value: RegistrationRequest }
  | { readonly kind: 'registrationConfirm'; readonly value: RegistrationConfirm }
  | { readonly kind: 'registrationReject'; readonly value: RegistrationReject }
  | { readonly kind: 'unregistrationRequest'; readonly value: UnregistrationRequest }
  | { readonly kind: 'unregistrationConfirm'; readonly value: UnregistrationConfirm }
  | { readonly kind: 'unregistrationReject'; readonly value: UnregistrationReject }
  | { readonly kind: 'admissionRequest'; readonly value: AdmissionRequest }
  | { readonly kind: 'admissionConfirm'; readonly value: AdmissionConfirm }
  | { readonly kind: 'admissionReject'; readonly value: AdmissionReject }
  | { readonly kind: 'bandwidthRequest'; readonly value: BandwidthRequest }
  | { readonly kind: 'bandwidthConfirm'; readonly value: BandwidthConfirm }
  | { readonly kind: 'bandwidthReject'; readonly value: BandwidthReject }
  | { readonly kind: 'disengageRequest'; readonly value: DisengageRequest }
  | { readonly kind: 'disengageConfirm'; readonly value: DisengageConfirm }
  | { readonly kind: 'disengageReject'; readonly value: DisengageReject }
  | { readonly kind: 'locationRequest'; readonly value: LocationRequest }
  | { readonly kind: 'locationConfirm'; readonly value: LocationConfirm }
  | { readonly kind: 'locationReject'; readonly value: LocationReject }
  | { readonly kind: 'infoRequest'; readonly value: InfoRequest }
  | { readonly kind: 'infoRequestResponse'; readonly value: InfoRequestResponse }
  | { readonly kind: 'nonStandardMessage'; readonly value: NonStandardMessage }
  | { readonly kind: 'unknownMessageResponse'; readonly value: UnknownMessageResponse }
  | { readonly kind: 'requestInProgress'; readonly value: RequestInProgress }
  | { readonly kind: 'resourcesAvailableIndicate'; readonly value: ResourcesAvailableIndicate }
  | { readonly kind: 'resourcesAvailableConfirm'; readonly value: ResourcesAvailableConfirm }
  | { readonly kind: 'infoRequestAck'; readonly value: InfoRequestAck }
  | { readonly kind: 'infoRequestNak'; readonly value: InfoRequestNak }
  | { readonly kind: 'serviceControlIndication'; readonly value: ServiceControlIndication }
  | { readonly kind: 'serviceControlResponse'; readonly value: ServiceControlResponse }
  | { readonly kind: 'admissionConfirmSequence'; readonly value: readonly AdmissionConfirm[] }
  | UnknownAlternative;

/** `GatekeeperRequest` of H323-MESSAGES. */
export interface GatekeeperRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly rasAddress: TransportAddress;
  readonly endpointType: EndpointType;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly callServices?: QseriesOptions;
  readonly endpointAlias?: readonly AliasAddress[];
  readonly alternateEndpoints?: readonly Endpoint[];
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly authenticationCapability?: readonly H235.AuthenticationMechanism[];
  readonly algorithmOIDs?: readonly string[];
  readonly integrity?: readonly IntegrityMechanism[];
  readonly integrityCheckValue?: ICV;
  readonly supportsAltGK?: null;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly supportsAssignedGK?: boolean;
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `GatekeeperConfirm` of H323-MESSAGES. */
export interface GatekeeperConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly rasAddress: TransportAddress;
  readonly alternateGatekeeper?: readonly AlternateGK[];
  readonly authenticationMode?: H235.AuthenticationMechanism;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly algorithmOID?: string;
  readonly integrity?: readonly IntegrityMechanism[];
  readonly integrityCheckValue?: ICV;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly rehomingModel?: RehomingModel;
  readonly '...'?: ExtensionRest;
}

/** `GatekeeperReject` of H323-MESSAGES. */
export interface GatekeeperReject {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly rejectReason: GatekeeperRejectReason;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `GatekeeperRejectReason` of H323-MESSAGES. */
export type GatekeeperRejectReason =
  | { readonly kind: 'resourceUnavailable' }
  | { readonly kind: 'terminalExcluded' }
  | { readonly kind: 'invalidRevision' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'genericDataReason' }
  | { readonly kind: 'neededFeatureNotSupported' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors }
  | UnknownAlternative;

/** `RegistrationRequest` of H323-MESSAGES. */
export interface RegistrationRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly discoveryComplete: boolean;
  readonly callSignalAddress: readonly TransportAddress[];
  readonly rasAddress: readonly TransportAddress[];
  readonly terminalType: EndpointType;
  readonly terminalAlias?: readonly AliasAddress[];
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly endpointVendor: VendorIdentifier;
  readonly alternateEndpoints?: readonly Endpoint[];
  readonly timeToLive?: TimeToLive;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly keepAlive?: boolean;
  readonly endpointIdentifier?: EndpointIdentifier;
  readonly willSupplyUUIEs?: boolean;
  readonly maintainConnection?: boolean;
  readonly alternateTransportAddresses?: AlternateTransportAddresses;
  readonly additiveRegistration?: null;
  readonly terminalAliasPattern?: readonly AddressPattern[];
  readonly supportsAltGK?: null;
  readonly usageReportingCapability?: RasUsageInfoTypes;
  readonly multipleCalls?: boolean;
  readonly supportedH248Packages?: readonly H248PackagesDescriptor[];
  readonly callCreditCapability?: CallCreditCapability;
  readonly capacityReportingCapability?: CapacityReportingCapability;
  readonly capacity?: CallCapacity;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly restart?: null;
  readonly supportsACFSequences?: null;
  readonly supportsAssignedGK?: boolean;
  readonly assignedGatekeeper?: AlternateGK;
  readonly transportQOS?: TransportQOS;
  readonly language?: readonly string[];
  readonly '...'?: ExtensionRest;
}

/** `RegistrationConfirm` of H323-MESSAGES. */
export interface RegistrationConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly callSignalAddress: readonly TransportAddress[];
  readonly terminalAlias?: readonly AliasAddress[];
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly endpointIdentifier: EndpointIdentifier;
  readonly alternateGatekeeper?: readonly AlternateGK[];
  readonly timeToLive?: TimeToLive;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly willRespondToIRR?: boolean;
  readonly preGrantedARQ?: {
    readonly makeCall: boolean;
    readonly useGKCallSignalAddressToMakeCall: boolean;
    readonly answerCall: boolean;
    readonly useGKCallSignalAddressToAnswer: boolean;
    readonly irrFrequencyInCall?: number;
    readonly totalBandwidthRestriction?: BandWidth;
    readonly alternateTransportAddresses?: AlternateTransportAddresses;
    readonly useSpecifiedTransport?: UseSpecifiedTransport;
    readonly '...'?: ExtensionRest;
  };
  readonly maintainConnection?: boolean;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly supportsAdditiveRegistration?: null;
  readonly terminalAliasPattern?: readonly AddressPattern[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly usageSpec?: readonly RasUsageSpecification[];
  readonly featureServerAlias?: AliasAddress;
  readonly capacityReportingSpec?: CapacityReportingSpecification;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly rehomingModel?: RehomingModel;
  readonly transportQOS?: TransportQOS;
  readonly language?: readonly string[];
  readonly '...'?: ExtensionRest;
}

/** `RegistrationReject` of H323-MESSAGES. */
export interface RegistrationReject {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly rejectReason: RegistrationRejectReason;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `RegistrationRejectReason` of H323-MESSAGES. */
export type RegistrationRejectReason =
  | { readonly kind: 'discoveryRequired' }
  | { readonly kind: 'invalidRevision' }
  | { readonly kind: 'invalidCallSignalAddress' }
  | { readonly kind: 'invalidRASAddress' }
  | { readonly kind: 'duplicateAlias'; readonly value: readonly AliasAddress[] }
  | { readonly kind: 'invalidTerminalType' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'transportNotSupported' }
  | { readonly kind: 'transportQOSNotSupported' }
  | { readonly kind: 'resourceUnavailable' }
  | { readonly kind: 'invalidAlias' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'fullRegistrationRequired' }
  | { readonly kind: 'additiveRegistrationNotSupported' }
  | { readonly kind: 'invalidTerminalAliases'; readonly value: {
    readonly terminalAlias?: readonly AliasAddress[];
    readonly terminalAliasPattern?: readonly AddressPattern[];
    readonly supportedPrefixes?: readonly SupportedPrefix[];
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'genericDataReason' }
  | { readonly kind: 'neededFeatureNotSupported' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors }
  | { readonly kind: 'registerWithAssignedGK' }
  | UnknownAlternative;

/** `UnregistrationRequest` of H323-MESSAGES. */
export interface UnregistrationRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly callSignalAddress: readonly TransportAddress[];
  readonly endpointAlias?: readonly AliasAddress[];
  readonly nonStandardData?: NonStandardParameter;
  readonly endpointIdentifier?: EndpointIdentifier;
  readonly alternateEndpoints?: readonly Endpoint[];
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly reason?: UnregRequestReason;
  readonly endpointAliasPattern?: readonly AddressPattern[];
  readonly supportedPrefixes?: readonly SupportedPrefix[];
  readonly alternateGatekeeper?: readonly AlternateGK[];
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `UnregRequestReason` of H323-MESSAGES. */
export type UnregRequestReason =
  | { readonly kind: 'reregistrationRequired' }
  | { readonly kind: 'ttlExpired' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'maintenance' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors2 }
  | { readonly kind: 'registerWithAssignedGK' }
  | UnknownAlternative;

/** `UnregistrationConfirm` of H323-MESSAGES. */
export interface UnregistrationConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly nonStandardData?: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `UnregistrationReject` of H323-MESSAGES. */
export interface UnregistrationReject {
  readonly requestSeqNum: RequestSeqNum;
  readonly rejectReason: UnregRejectReason;
  readonly nonStandardData?: NonStandardParameter;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `UnregRejectReason` of H323-MESSAGES. */
export type UnregRejectReason =
  | { readonly kind: 'notCurrentlyRegistered' }
  | { readonly kind: 'callInProgress' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'permissionDenied' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors2 }
  | UnknownAlternative;

/** `AdmissionRequest` of H323-MESSAGES. */
export interface AdmissionRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly callType: CallType;
  readonly callModel?: CallModel;
  readonly endpointIdentifier: EndpointIdentifier;
  readonly destinationInfo?: readonly AliasAddress[];
  readonly destCallSignalAddress?: TransportAddress;
  readonly destExtraCallInfo?: readonly AliasAddress[];
  readonly srcInfo: readonly AliasAddress[];
  readonly srcCallSignalAddress?: TransportAddress;
  readonly bandWidth: BandWidth;
  readonly callReferenceValue: CallReferenceValue;
  readonly nonStandardData?: NonStandardParameter;
  readonly callServices?: QseriesOptions;
  readonly conferenceID: ConferenceIdentifier;
  readonly activeMC: boolean;
  readonly answerCall: boolean;
  readonly canMapAlias?: boolean;
  readonly callIdentifier?: CallIdentifier;
  readonly srcAlternatives?: readonly Endpoint[];
  readonly destAlternatives?: readonly Endpoint[];
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly transportQOS?: TransportQOS;
  readonly willSupplyUUIEs?: boolean;
  readonly callLinkage?: CallLinkage;
  readonly gatewayDataRate?: DataRate;
  readonly capacity?: CallCapacity;
  readonly circuitInfo?: CircuitInfo;
  readonly desiredProtocols?: readonly SupportedProtocols[];
  readonly desiredTunnelledProtocol?: TunnelledProtocol;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly canMapSrcAlias?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `CallType` of H323-MESSAGES. */
export type CallType =
  | { readonly kind: 'pointToPoint' }
  | { readonly kind: 'oneToN' }
  | { readonly kind: 'nToOne' }
  | { readonly kind: 'nToN' }
  | UnknownAlternative;

/** `CallModel` of H323-MESSAGES. */
export type CallModel =
  | { readonly kind: 'direct' }
  | { readonly kind: 'gatekeeperRouted' }
  | UnknownAlternative;

/** `TransportQOS` of H323-MESSAGES. */
export type TransportQOS =
  | { readonly kind: 'endpointControlled' }
  | { readonly kind: 'gatekeeperControlled' }
  | { readonly kind: 'noControl' }
  | { readonly kind: 'qOSCapabilities'; readonly value: readonly H245.QOSCapability[] }
  | UnknownAlternative;

/** `AdmissionConfirm` of H323-MESSAGES. */
export interface AdmissionConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly bandWidth: BandWidth;
  readonly callModel: CallModel;
  readonly destCallSignalAddress: TransportAddress;
  readonly irrFrequency?: number;
  readonly nonStandardData?: NonStandardParameter;
  readonly destinationInfo?: readonly AliasAddress[];
  readonly destExtraCallInfo?: readonly AliasAddress[];
  readonly destinationType?: EndpointType;
  readonly remoteExtensionAddress?: readonly AliasAddress[];
  readonly alternateEndpoints?: readonly Endpoint[];
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly transportQOS?: TransportQOS;
  readonly willRespondToIRR?: boolean;
  readonly uuiesRequested?: UUIEsRequested;
  readonly language?: readonly string[];
  readonly alternateTransportAddresses?: AlternateTransportAddresses;
  readonly useSpecifiedTransport?: UseSpecifiedTransport;
  readonly circuitInfo?: CircuitInfo;
  readonly usageSpec?: readonly RasUsageSpecification[];
  readonly supportedProtocols?: readonly SupportedProtocols[];
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly multipleCalls?: boolean;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly modifiedSrcInfo?: readonly AliasAddress[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `UUIEsRequested` of H323-MESSAGES. */
export interface UUIEsRequested {
  readonly setup: boolean;
  readonly callProceeding: boolean;
  readonly connect: boolean;
  readonly alerting: boolean;
  readonly information: boolean;
  readonly releaseComplete: boolean;
  readonly facility: boolean;
  readonly progress: boolean;
  readonly empty: boolean;
  readonly status?: boolean;
  readonly statusInquiry?: boolean;
  readonly setupAcknowledge?: boolean;
  readonly notify?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `AdmissionReject` of H323-MESSAGES. */
export interface AdmissionReject {
  readonly requestSeqNum: RequestSeqNum;
  readonly rejectReason: AdmissionRejectReason;
  readonly nonStandardData?: NonStandardParameter;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly callSignalAddress?: readonly TransportAddress[];
  readonly integrityCheckValue?: ICV;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `AdmissionRejectReason` of H323-MESSAGES. */
export type AdmissionRejectReason =
  | { readonly kind: 'calledPartyNotRegistered' }
  | { readonly kind: 'invalidPermission' }
  | { readonly kind: 'requestDenied' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'callerNotRegistered' }
  | { readonly kind: 'routeCallToGatekeeper' }
  | { readonly kind: 'invalidEndpointIdentifier' }
  | { readonly kind: 'resourceUnavailable' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'qosControlNotSupported' }
  | { readonly kind: 'incompleteAddress' }
  | { readonly kind: 'aliasesInconsistent' }
  | { readonly kind: 'routeCallToSCN'; readonly value: readonly PartyNumber[] }
  | { readonly kind: 'exceedsCallCapacity' }
  | { readonly kind: 'collectDestination' }
  | { readonly kind: 'collectPIN' }
  | { readonly kind: 'genericDataReason' }
  | { readonly kind: 'neededFeatureNotSupported' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors2 }
  | { readonly kind: 'securityDHmismatch' }
  | { readonly kind: 'noRouteToDestination' }
  | { readonly kind: 'unallocatedNumber' }
  | { readonly kind: 'registerWithAssignedGK' }
  | UnknownAlternative;

/** `BandwidthRequest` of H323-MESSAGES. */
export interface BandwidthRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly endpointIdentifier: EndpointIdentifier;
  readonly conferenceID: ConferenceIdentifier;
  readonly callReferenceValue: CallReferenceValue;
  readonly callType?: CallType;
  readonly bandWidth: BandWidth;
  readonly nonStandardData?: NonStandardParameter;
  readonly callIdentifier?: CallIdentifier;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly answeredCall?: boolean;
  readonly callLinkage?: CallLinkage;
  readonly capacity?: CallCapacity;
  readonly usageInformation?: RasUsageInformation;
  readonly bandwidthDetails?: readonly BandwidthDetails[];
  readonly genericData?: readonly GenericData[];
  readonly transportQOS?: TransportQOS;
  readonly '...'?: ExtensionRest;
}

/** `BandwidthConfirm` of H323-MESSAGES. */
export interface BandwidthConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly bandWidth: BandWidth;
  readonly nonStandardData?: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly capacity?: CallCapacity;
  readonly genericData?: readonly GenericData[];
  readonly transportQOS?: TransportQOS;
  readonly '...'?: ExtensionRest;
}

/** `BandwidthReject` of H323-MESSAGES. */
export interface BandwidthReject {
  readonly requestSeqNum: RequestSeqNum;
  readonly rejectReason: BandRejectReason;
  readonly allowedBandWidth: BandWidth;
  readonly nonStandardData?: NonStandardParameter;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `BandRejectReason` of H323-MESSAGES. */
export type BandRejectReason =
  | { readonly kind: 'notBound' }
  | { readonly kind: 'invalidConferenceID' }
  | { readonly kind: 'invalidPermission' }
  | { readonly kind: 'insufficientResources' }
  | { readonly kind: 'invalidRevision' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors2 }
  | UnknownAlternative;

/** `LocationRequest` of H323-MESSAGES. */
export interface LocationRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly endpointIdentifier?: EndpointIdentifier;
  readonly destinationInfo: readonly AliasAddress[];
  readonly nonStandardData?: NonStandardParameter;
  readonly replyAddress: TransportAddress;
  readonly sourceInfo?: readonly AliasAddress[];
  readonly canMapAlias?: boolean;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly desiredProtocols?: readonly SupportedProtocols[];
  readonly desiredTunnelledProtocol?: TunnelledProtocol;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly hopCount?: number;
  readonly circuitInfo?: CircuitInfo;
  readonly callIdentifier?: CallIdentifier;
  readonly bandWidth?: BandWidth;
  readonly sourceEndpointInfo?: readonly AliasAddress[];
  readonly canMapSrcAlias?: boolean;
  readonly language?: readonly string[];
  readonly '...'?: ExtensionRest;
}

/** `LocationConfirm` of H323-MESSAGES. */
export interface LocationConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly callSignalAddress: TransportAddress;
  readonly rasAddress: TransportAddress;
  readonly nonStandardData?: NonStandardParameter;
  readonly destinationInfo?: readonly AliasAddress[];
  readonly destExtraCallInfo?: readonly AliasAddress[];
  readonly destinationType?: EndpointType;
  readonly remoteExtensionAddress?: readonly AliasAddress[];
  readonly alternateEndpoints?: readonly Endpoint[];
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly alternateTransportAddresses?: AlternateTransportAddresses;
  readonly supportedProtocols?: readonly SupportedProtocols[];
  readonly multipleCalls?: boolean;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly circuitInfo?: CircuitInfo;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly modifiedSrcInfo?: readonly AliasAddress[];
  readonly bandWidth?: BandWidth;
  readonly language?: readonly string[];
  readonly '...'?: ExtensionRest;
}

/** `LocationReject` of H323-MESSAGES. */
export interface LocationReject {
  readonly requestSeqNum: RequestSeqNum;
  readonly rejectReason: LocationRejectReason;
  readonly nonStandardData?: NonStandardParameter;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly '...'?: ExtensionRest;
}

/** `LocationRejectReason` of H323-MESSAGES. */
export type LocationRejectReason =
  | { readonly kind: 'notRegistered' }
  | { readonly kind: 'invalidPermission' }
  | { readonly kind: 'requestDenied' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'aliasesInconsistent' }
  | { readonly kind: 'routeCalltoSCN'; readonly value: readonly PartyNumber[] }
  | { readonly kind: 'resourceUnavailable' }
  | { readonly kind: 'genericDataReason' }
  | { readonly kind: 'neededFeatureNotSupported' }
  | { readonly kind: 'hopCountExceeded' }
  | { readonly kind: 'incompleteAddress' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors2 }
  | { readonly kind: 'securityDHmismatch' }
  | { readonly kind: 'noRouteToDestination' }
  | { readonly kind: 'unallocatedNumber' }
  | UnknownAlternative;

/** `DisengageRequest` of H323-MESSAGES. */
export interface DisengageRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly endpointIdentifier: EndpointIdentifier;
  readonly conferenceID: ConferenceIdentifier;
  readonly callReferenceValue: CallReferenceValue;
  readonly disengageReason: DisengageReason;
  readonly nonStandardData?: NonStandardParameter;
  readonly callIdentifier?: CallIdentifier;
  readonly gatekeeperIdentifier?: GatekeeperIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly answeredCall?: boolean;
  readonly callLinkage?: CallLinkage;
  readonly capacity?: CallCapacity;
  readonly circuitInfo?: CircuitInfo;
  readonly usageInformation?: RasUsageInformation;
  readonly terminationCause?: CallTerminationCause;
  readonly serviceControl?: readonly ServiceControlSession[];
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `DisengageReason` of H323-MESSAGES. */
export type DisengageReason =
  | { readonly kind: 'forcedDrop' }
  | { readonly kind: 'normalDrop' }
  | { readonly kind: 'undefinedReason' }
  | UnknownAlternative;

/** `DisengageConfirm` of H323-MESSAGES. */
export interface DisengageConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly nonStandardData?: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly capacity?: CallCapacity;
  readonly circuitInfo?: CircuitInfo;
  readonly usageInformation?: RasUsageInformation;
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `DisengageReject` of H323-MESSAGES. */
export interface DisengageReject {
  readonly requestSeqNum: RequestSeqNum;
  readonly rejectReason: DisengageRejectReason;
  readonly nonStandardData?: NonStandardParameter;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `DisengageRejectReason` of H323-MESSAGES. */
export type DisengageRejectReason =
  | { readonly kind: 'notRegistered' }
  | { readonly kind: 'requestToDropOther' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors2 }
  | UnknownAlternative;

/** `InfoRequest` of H323-MESSAGES. */
export interface InfoRequest {
  readonly requestSeqNum: RequestSeqNum;
  readonly callReferenceValue: CallReferenceValue;
  readonly nonStandardData?: NonStandardParameter;
  readonly replyAddress?: TransportAddress;
  readonly callIdentifier?: CallIdentifier;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly uuiesRequested?: UUIEsRequested;
  readonly callLinkage?: CallLinkage;
  readonly usageInfoRequested?: RasUsageInfoTypes;
  readonly segmentedResponseSupported?: null;
  readonly nextSegmentRequested?: number;
  readonly capacityInfoRequested?: null;
  readonly genericData?: readonly GenericData[];
  readonly assignedGatekeeper?: AlternateGK;
  readonly '...'?: ExtensionRest;
}

/** `InfoRequestResponse` of H323-MESSAGES. */
export interface InfoRequestResponse {
  readonly nonStandardData?: NonStandardParameter;
  readonly requestSeqNum: RequestSeqNum;
  readonly endpointType: EndpointType;
  readonly endpointIdentifier: EndpointIdentifier;
  readonly rasAddress: TransportAddress;
  readonly callSignalAddress: readonly TransportAddress[];
  readonly endpointAlias?: readonly AliasAddress[];
  readonly perCallInfo?: readonly ({
    readonly nonStandardData?: NonStandardParameter;
    readonly callReferenceValue: CallReferenceValue;
    readonly conferenceID: ConferenceIdentifier;
    readonly originator?: boolean;
    readonly audio?: readonly RTPSession[];
    readonly video?: readonly RTPSession[];
    readonly data?: readonly TransportChannelInfo[];
    readonly h245: TransportChannelInfo;
    readonly callSignaling: TransportChannelInfo;
    readonly callType: CallType;
    readonly bandWidth: BandWidth;
    readonly callModel: CallModel;
    readonly callIdentifier?: CallIdentifier;
    readonly tokens?: readonly H235.ClearToken[];
    readonly cryptoTokens?: readonly CryptoH323Token[];
    readonly substituteConfIDs?: readonly ConferenceIdentifier[];
    readonly pdu?: readonly ({
      readonly h323pdu: H323UUPDU;
      readonly sent: boolean;
    })[];
    readonly callLinkage?: CallLinkage;
    readonly usageInformation?: RasUsageInformation;
    readonly circuitInfo?: CircuitInfo;
    readonly '...'?: ExtensionRest;
  })[];
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly needResponse?: boolean;
  readonly capacity?: CallCapacity;
  readonly irrStatus?: InfoRequestResponseStatus;
  readonly unsolicited?: boolean;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `InfoRequestResponseStatus` of H323-MESSAGES. */
export type InfoRequestResponseStatus =
  | { readonly kind: 'complete' }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'segment'; readonly value: number }
  | { readonly kind: 'invalidCall' }
  | UnknownAlternative;

/** `InfoRequestAck` of H323-MESSAGES. */
export interface InfoRequestAck {
  readonly requestSeqNum: RequestSeqNum;
  readonly nonStandardData?: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly '...'?: ExtensionRest;
}

/** `InfoRequestNak` of H323-MESSAGES. */
export interface InfoRequestNak {
  readonly requestSeqNum: RequestSeqNum;
  readonly nonStandardData?: NonStandardParameter;
  readonly nakReason: InfoRequestNakReason;
  readonly altGKInfo?: AltGKInfo;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly '...'?: ExtensionRest;
}

/** `InfoRequestNakReason` of H323-MESSAGES. */
export type InfoRequestNakReason =
  | { readonly kind: 'notRegistered' }
  | { readonly kind: 'securityDenial' }
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'securityError'; readonly value: SecurityErrors2 }
  | UnknownAlternative;

/** `NonStandardMessage` of H323-MESSAGES. */
export interface NonStandardMessage {
  readonly requestSeqNum: RequestSeqNum;
  readonly nonStandardData: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `UnknownMessageResponse` of H323-MESSAGES. */
export interface UnknownMessageResponse {
  readonly requestSeqNum: RequestSeqNum;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly messageNotUnderstood?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `RequestInProgress` of H323-MESSAGES. */
export interface RequestInProgress {
  readonly requestSeqNum: RequestSeqNum;
  readonly nonStandardData?: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly delay: number;
  readonly '...'?: ExtensionRest;
}

/** `ResourcesAvailableIndicate` of H323-MESSAGES. */
export interface ResourcesAvailableIndicate {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly endpointIdentifier: EndpointIdentifier;
  readonly protocols: readonly SupportedProtocols[];
  readonly almostOutOfResources: boolean;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly capacity?: CallCapacity;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `ResourcesAvailableConfirm` of H323-MESSAGES. */
export interface ResourcesAvailableConfirm {
  readonly requestSeqNum: RequestSeqNum;
  readonly protocolIdentifier: ProtocolIdentifier;
  readonly nonStandardData?: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `ServiceControlIndication` of H323-MESSAGES. */
export interface ServiceControlIndication {
  readonly requestSeqNum: RequestSeqNum;
  readonly nonStandardData?: NonStandardParameter;
  readonly serviceControl: readonly ServiceControlSession[];
  readonly endpointIdentifier?: EndpointIdentifier;
  readonly callSpecific?: {
    readonly callIdentifier: CallIdentifier;
    readonly conferenceID: ConferenceIdentifier;
    readonly answeredCall: boolean;
    readonly '...'?: ExtensionRest;
  };
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

/** `ServiceControlResponse` of H323-MESSAGES. */
export interface ServiceControlResponse {
  readonly requestSeqNum: RequestSeqNum;
  readonly result?:
    | { readonly kind: 'started' }
    | { readonly kind: 'failed' }
    | { readonly kind: 'stopped' }
    | { readonly kind: 'notAvailable' }
    | { readonly kind: 'neededFeatureNotSupported' }
    | UnknownAlternative;
  readonly nonStandardData?: NonStandardParameter;
  readonly tokens?: readonly H235.ClearToken[];
  readonly cryptoTokens?: readonly CryptoH323Token[];
  readonly integrityCheckValue?: ICV;
  readonly featureSet?: FeatureSet;
  readonly genericData?: readonly GenericData[];
  readonly '...'?: ExtensionRest;
}

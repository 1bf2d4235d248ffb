// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { Redacted } from '@trustline/base';
import type { Bits } from '../per/bit-string.ts';
import type { ExtensionRest, UnknownAlternative } from '../per/extensions.ts';

/** `MultimediaSystemControlMessage` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MultimediaSystemControlMessage =
  | { readonly kind: 'request'; readonly value: RequestMessage }
  | { readonly kind: 'response'; readonly value: ResponseMessage }
  | { readonly kind: 'command'; readonly value: CommandMessage }
  | { readonly kind: 'indication'; readonly value: IndicationMessage }
  | UnknownAlternative;

/** `RequestMessage` of MULTIMEDIA-SYSTEM-CONTROL. */
export type RequestMessage =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'masterSlaveDetermination'; readonly value: MasterSlaveDetermination }
  | { readonly kind: 'terminalCapabilitySet'; readonly value: TerminalCapabilitySet }
  | { readonly kind: 'openLogicalChannel'; readonly value: OpenLogicalChannel }
  | { readonly kind: 'closeLogicalChannel'; readonly value: CloseLogicalChannel }
  | { readonly kind: 'requestChannelClose'; readonly value: RequestChannelClose }
  | { readonly kind: 'multiplexEntrySend'; readonly value: MultiplexEntrySend }
  | { readonly kind: 'requestMultiplexEntry'; readonly value: RequestMultiplexEntry }
  | { readonly kind: 'requestMode'; readonly value: RequestMode }
  | { readonly kind: 'roundTripDelayRequest'; readonly value: RoundTripDelayRequest }
  | { readonly kind: 'maintenanceLoopRequest'; readonly value: MaintenanceLoopRequest }
  | { readonly kind: 'communicationModeRequest'; readonly value: CommunicationModeRequest }
  | { readonly kind: 'conferenceRequest'; readonly value: ConferenceRequest }
  | { readonly kind: 'multilinkRequest'; readonly value: MultilinkRequest }
  | { readonly kind: 'logicalChannelRateRequest'; readonly value: LogicalChannelRateRequest }
  | { readonly kind: 'genericRequest'; readonly value: GenericMessage }
  | UnknownAlternative;

/** `ResponseMessage` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ResponseMessage =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'masterSlaveDeterminationAck'; readonly value: MasterSlaveDeterminationAck }
  | { readonly kind: 'masterSlaveDeterminationReject'; readonly value: MasterSlaveDeterminationReject }
  | { readonly kind: 'terminalCapabilitySetAck'; readonly value: TerminalCapabilitySetAck }
  | { readonly kind: 'terminalCapabilitySetReject'; readonly value: TerminalCapabilitySetReject }
  | { readonly kind: 'openLogicalChannelAck'; readonly value: OpenLogicalChannelAck }
  | { readonly kind: 'openLogicalChannelReject'; readonly value: OpenLogicalChannelReject }
  | { readonly kind: 'closeLogicalChannelAck'; readonly value: CloseLogicalChannelAck }
  | { readonly kind: 'requestChannelCloseAck'; readonly value: RequestChannelCloseAck }
  | { readonly kind: 'requestChannelCloseReject'; readonly value: RequestChannelCloseReject }
  | { readonly kind: 'multiplexEntrySendAck'; readonly value: MultiplexEntrySendAck }
  | { readonly kind: 'multiplexEntrySendReject'; readonly value: MultiplexEntrySendReject }
  | { readonly kind: 'requestMultiplexEntryAck'; readonly value: RequestMultiplexEntryAck }
  | { readonly kind: 'requestMultiplexEntryReject'; readonly value: RequestMultiplexEntryReject }
  | { readonly kind: 'requestModeAck'; readonly value: RequestModeAck }
  | { readonly kind: 'requestModeReject'; readonly value: RequestModeReject }
  | { readonly kind: 'roundTripDelayResponse'; readonly value: RoundTripDelayResponse }
  | { readonly kind: 'maintenanceLoopAck'; readonly value: MaintenanceLoopAck }
  | { readonly kind: 'maintenanceLoopReject'; readonly value: MaintenanceLoopReject }
  | { readonly kind: 'communicationModeResponse'; readonly value: CommunicationModeResponse }
  | { readonly kind: 'conferenceResponse'; readonly value: ConferenceResponse }
  | { readonly kind: 'multilinkResponse'; readonly value: MultilinkResponse }
  | { readonly kind: 'logicalChannelRateAcknowledge'; readonly value: LogicalChannelRateAcknowledge }
  | { readonly kind: 'logicalChannelRateReject'; readonly value: LogicalChannelRateReject }
  | { readonly kind: 'genericResponse'; readonly value: GenericMessage }
  | UnknownAlternative;

/** `CommandMessage` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CommandMessage =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'maintenanceLoopOffCommand'; readonly value: MaintenanceLoopOffCommand }
  | { readonly kind: 'sendTerminalCapabilitySet'; readonly value: SendTerminalCapabilitySet }
  | { readonly kind: 'encryptionCommand'; readonly value: EncryptionCommand }
  | { readonly kind: 'flowControlCommand'; readonly value: FlowControlCommand }
  | { readonly kind: 'endSessionCommand'; readonly value: EndSessionCommand }
  | { readonly kind: 'miscellaneousCommand'; readonly value: MiscellaneousCommand }
  | { readonly kind: 'communicationModeCommand'; readonly value: CommunicationModeCommand }
  | { readonly kind: 'conferenceCommand'; readonly value: ConferenceCommand }
  | { readonly kind: 'h223MultiplexReconfiguration'; readonly value: H223MultiplexReconfiguration }
  | { readonly kind: 'newATMVCCommand'; readonly value: NewATMVCCommand }
  | { readonly kind: 'mobileMultilinkReconfigurationCommand'; readonly value: MobileMultilinkReconfigurationCommand }
  | { readonly kind: 'genericCommand'; readonly value: GenericMessage }
  | UnknownAlternative;

/** `IndicationMessage` of MULTIMEDIA-SYSTEM-CONTROL. */
export type IndicationMessage =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'functionNotUnderstood'; readonly value: FunctionNotUnderstood }
  | { readonly kind: 'masterSlaveDeterminationRelease'; readonly value: MasterSlaveDeterminationRelease }
  | { readonly kind: 'terminalCapabilitySetRelease'; readonly value: TerminalCapabilitySetRelease }
  | { readonly kind: 'openLogicalChannelConfirm'; readonly value: OpenLogicalChannelConfirm }
  | { readonly kind: 'requestChannelCloseRelease'; readonly value: RequestChannelCloseRelease }
  | { readonly kind: 'multiplexEntrySendRelease'; readonly value: MultiplexEntrySendRelease }
  | { readonly kind: 'requestMultiplexEntryRelease'; readonly value: RequestMultiplexEntryRelease }
  | { readonly kind: 'requestModeRelease'; readonly value: RequestModeRelease }
  | { readonly kind: 'miscellaneousIndication'; readonly value: MiscellaneousIndication }
  | { readonly kind: 'jitterIndication'; readonly value: JitterIndication }
  | { readonly kind: 'h223SkewIndication'; readonly value: H223SkewIndication }
  | { readonly kind: 'newATMVCIndication'; readonly value: NewATMVCIndication }
  | { readonly kind: 'userInput'; readonly value: UserInputIndication }
  | { readonly kind: 'h2250MaximumSkewIndication'; readonly value: H2250MaximumSkewIndication }
  | { readonly kind: 'mcLocationIndication'; readonly value: MCLocationIndication }
  | { readonly kind: 'conferenceIndication'; readonly value: ConferenceIndication }
  | { readonly kind: 'vendorIdentification'; readonly value: VendorIdentification }
  | { readonly kind: 'functionNotSupported'; readonly value: FunctionNotSupported }
  | { readonly kind: 'multilinkIndication'; readonly value: MultilinkIndication }
  | { readonly kind: 'logicalChannelRateRelease'; readonly value: LogicalChannelRateRelease }
  | { readonly kind: 'flowControlIndication'; readonly value: FlowControlIndication }
  | { readonly kind: 'mobileMultilinkReconfigurationIndication'; readonly value: MobileMultilinkReconfigurationIndication }
  | { readonly kind: 'genericIndication'; readonly value: GenericMessage }
  | UnknownAlternative;

/** `SequenceNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export type SequenceNumber = number;

/** `GenericMessage` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface GenericMessage {
  readonly messageIdentifier: CapabilityIdentifier;
  readonly subMessageIdentifier?: number;
  readonly messageContent?: readonly GenericParameter[];
  readonly '...'?: ExtensionRest;
}

/** `GenericInformation` of MULTIMEDIA-SYSTEM-CONTROL. */
export type GenericInformation = GenericMessage;

/** `NonStandardMessage` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface NonStandardMessage {
  readonly nonStandardData: NonStandardParameter;
  readonly '...'?: ExtensionRest;
}

/** `NonStandardParameter` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface NonStandardParameter {
  readonly nonStandardIdentifier: NonStandardIdentifier;
  readonly data: Uint8Array;
}

/** `NonStandardIdentifier` of MULTIMEDIA-SYSTEM-CONTROL. */
export type NonStandardIdentifier =
  | { readonly kind: 'object'; readonly value: string }
  | { readonly kind: 'h221NonStandard'; readonly value: {
    readonly t35CountryCode: number;
    readonly t35Extension: number;
    readonly manufacturerCode: number;
  } };

/** `MasterSlaveDetermination` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MasterSlaveDetermination {
  readonly terminalType: number;
  readonly statusDeterminationNumber: number;
  readonly '...'?: ExtensionRest;
}

/** `MasterSlaveDeterminationAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MasterSlaveDeterminationAck {
  readonly decision:
    | { readonly kind: 'master' }
    | { readonly kind: 'slave' };
  readonly '...'?: ExtensionRest;
}

/** `MasterSlaveDeterminationReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MasterSlaveDeterminationReject {
  readonly cause:
    | { readonly kind: 'identicalNumbers' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MasterSlaveDeterminationRelease` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MasterSlaveDeterminationRelease {
  readonly '...'?: ExtensionRest;
}

/** `TerminalCapabilitySet` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TerminalCapabilitySet {
  readonly sequenceNumber: SequenceNumber;
  readonly protocolIdentifier: string;
  readonly multiplexCapability?: MultiplexCapability;
  readonly capabilityTable?: readonly CapabilityTableEntry[];
  readonly capabilityDescriptors?: readonly CapabilityDescriptor[];
  readonly genericInformation?: readonly GenericInformation[];
  readonly '...'?: ExtensionRest;
}

/** `CapabilityTableEntry` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CapabilityTableEntry {
  readonly capabilityTableEntryNumber: CapabilityTableEntryNumber;
  readonly capability?: Capability;
}

/** `CapabilityDescriptor` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CapabilityDescriptor {
  readonly capabilityDescriptorNumber: CapabilityDescriptorNumber;
  readonly simultaneousCapabilities?: readonly AlternativeCapabilitySet[];
}

/** `AlternativeCapabilitySet` of MULTIMEDIA-SYSTEM-CONTROL. */
export type AlternativeCapabilitySet = readonly CapabilityTableEntryNumber[];

/** `CapabilityTableEntryNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CapabilityTableEntryNumber = number;

/** `CapabilityDescriptorNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CapabilityDescriptorNumber = number;

/** `TerminalCapabilitySetAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TerminalCapabilitySetAck {
  readonly sequenceNumber: SequenceNumber;
  readonly genericInformation?: readonly GenericInformation[];
  readonly '...'?: ExtensionRest;
}

/** `TerminalCapabilitySetReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TerminalCapabilitySetReject {
  readonly sequenceNumber: SequenceNumber;
  readonly cause:
    | { readonly kind: 'unspecified' }
    | { readonly kind: 'undefinedTableEntryUsed' }
    | { readonly kind: 'descriptorCapacityExceeded' }
    | { readonly kind: 'tableEntryCapacityExceeded'; readonly value:
      | { readonly kind: 'highestEntryNumberProcessed'; readonly value: CapabilityTableEntryNumber }
      | { readonly kind: 'noneProcessed' } }
    | UnknownAlternative;
  readonly genericInformation?: readonly GenericInformation[];
  readonly '...'?: ExtensionRest;
}

/** `TerminalCapabilitySetRelease` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TerminalCapabilitySetRelease {
  readonly genericInformation?: readonly GenericInformation[];
  readonly '...'?: ExtensionRest;
}

/** `Capability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type Capability =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'receiveVideoCapability'; readonly value: VideoCapability }
  | { readonly kind: 'transmitVideoCapability'; readonly value: VideoCapability }
  | { readonly kind: 'receiveAndTransmitVideoCapability'; readonly value: VideoCapability }
  | { readonly kind: 'receiveAudioCapability'; readonly value: AudioCapability }
  | { readonly kind: 'transmitAudioCapability'; readonly value: AudioCapability }
  | { readonly kind: 'receiveAndTransmitAudioCapability'; readonly value: AudioCapability }
  | { readonly kind: 'receiveDataApplicationCapability'; readonly value: DataApplicationCapability }
  | { readonly kind: 'transmitDataApplicationCapability'; readonly value: DataApplicationCapability }
  | { readonly kind: 'receiveAndTransmitDataApplicationCapability'; readonly value: DataApplicationCapability }
  | { readonly kind: 'h233EncryptionTransmitCapability'; readonly value: boolean }
  | { readonly kind: 'h233EncryptionReceiveCapability'; readonly value: {
    readonly h233IVResponseTime: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'conferenceCapability'; readonly value: ConferenceCapability }
  | { readonly kind: 'h235SecurityCapability'; readonly value: H235SecurityCapability }
  | { readonly kind: 'maxPendingReplacementFor'; readonly value: number }
  | { readonly kind: 'receiveUserInputCapability'; readonly value: UserInputCapability }
  | { readonly kind: 'transmitUserInputCapability'; readonly value: UserInputCapability }
  | { readonly kind: 'receiveAndTransmitUserInputCapability'; readonly value: UserInputCapability }
  | { readonly kind: 'genericControlCapability'; readonly value: GenericCapability }
  | { readonly kind: 'receiveMultiplexedStreamCapability'; readonly value: MultiplexedStreamCapability }
  | { readonly kind: 'transmitMultiplexedStreamCapability'; readonly value: MultiplexedStreamCapability }
  | { readonly kind: 'receiveAndTransmitMultiplexedStreamCapability'; readonly value: MultiplexedStreamCapability }
  | { readonly kind: 'receiveRTPAudioTelephonyEventCapability'; readonly value: AudioTelephonyEventCapability }
  | { readonly kind: 'receiveRTPAudioToneCapability'; readonly value: AudioToneCapability }
  | { readonly kind: 'depFecCapability'; readonly value: DepFECCapability }
  | { readonly kind: 'multiplePayloadStreamCapability'; readonly value: MultiplePayloadStreamCapability }
  | { readonly kind: 'fecCapability'; readonly value: FECCapability }
  | { readonly kind: 'redundancyEncodingCap'; readonly value: RedundancyEncodingCapability }
  | { readonly kind: 'oneOfCapabilities'; readonly value: AlternativeCapabilitySet }
  | UnknownAlternative;

/** `H235SecurityCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H235SecurityCapability {
  readonly encryptionAuthenticationAndIntegrity: EncryptionAuthenticationAndIntegrity;
  readonly mediaCapability: CapabilityTableEntryNumber;
  readonly '...'?: ExtensionRest;
}

/** `DTLSSecurityCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface DTLSSecurityCapability {
  readonly hashFunction: readonly string[];
  readonly setupInformation?: string;
  readonly connectionInformation?: string;
  readonly fingerprint?: string;
  readonly '...'?: ExtensionRest;
}

/** `MultiplexCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MultiplexCapability =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'h222Capability'; readonly value: H222Capability }
  | { readonly kind: 'h223Capability'; readonly value: H223Capability }
  | { readonly kind: 'v76Capability'; readonly value: V76Capability }
  | { readonly kind: 'h2250Capability'; readonly value: H2250Capability }
  | { readonly kind: 'genericMultiplexCapability'; readonly value: GenericCapability }
  | UnknownAlternative;

/** `H222Capability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H222Capability {
  readonly numberOfVCs: number;
  readonly vcCapability: readonly VCCapability[];
  readonly '...'?: ExtensionRest;
}

/** `VCCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface VCCapability {
  readonly aal1?: {
    readonly nullClockRecovery: boolean;
    readonly srtsClockRecovery: boolean;
    readonly adaptiveClockRecovery: boolean;
    readonly nullErrorCorrection: boolean;
    readonly longInterleaver: boolean;
    readonly shortInterleaver: boolean;
    readonly errorCorrectionOnly: boolean;
    readonly structuredDataTransfer: boolean;
    readonly partiallyFilledCells: boolean;
    readonly '...'?: ExtensionRest;
  };
  readonly aal5?: {
    readonly forwardMaximumSDUSize: number;
    readonly backwardMaximumSDUSize: number;
    readonly '...'?: ExtensionRest;
  };
  readonly transportStream: boolean;
  readonly programStream: boolean;
  readonly availableBitRates: {
    readonly type:
      | { readonly kind: 'singleBitRate'; readonly value: number }
      | { readonly kind: 'rangeOfBitRates'; readonly value: {
        readonly lowerBitRate: number;
        readonly higherBitRate: number;
      } };
    readonly '...'?: ExtensionRest;
  };
  readonly aal1ViaGateway?: {
    readonly gatewayAddress: readonly Q2931Address[];
    readonly nullClockRecovery: boolean;
    readonly srtsClockRecovery: boolean;
    readonly adaptiveClockRecovery: boolean;
    readonly nullErrorCorrection: boolean;
    readonly longInterleaver: boolean;
    readonly shortInterleaver: boolean;
    readonly errorCorrectionOnly: boolean;
    readonly structuredDataTransfer: boolean;
    readonly partiallyFilledCells: boolean;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `H223Capability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223Capability {
  readonly 'transportWithI-frames': boolean;
  readonly videoWithAL1: boolean;
  readonly videoWithAL2: boolean;
  readonly videoWithAL3: boolean;
  readonly audioWithAL1: boolean;
  readonly audioWithAL2: boolean;
  readonly audioWithAL3: boolean;
  readonly dataWithAL1: boolean;
  readonly dataWithAL2: boolean;
  readonly dataWithAL3: boolean;
  readonly maximumAl2SDUSize: number;
  readonly maximumAl3SDUSize: number;
  readonly maximumDelayJitter: number;
  readonly h223MultiplexTableCapability:
    | { readonly kind: 'basic' }
    | { readonly kind: 'enhanced'; readonly value: {
      readonly maximumNestingDepth: number;
      readonly maximumElementListSize: number;
      readonly maximumSubElementListSize: number;
      readonly '...'?: ExtensionRest;
    } };
  readonly maxMUXPDUSizeCapability?: boolean;
  readonly nsrpSupport?: boolean;
  readonly mobileOperationTransmitCapability?: {
    readonly modeChangeCapability: boolean;
    readonly h223AnnexA: boolean;
    readonly h223AnnexADoubleFlag: boolean;
    readonly h223AnnexB: boolean;
    readonly h223AnnexBwithHeader: boolean;
    readonly '...'?: ExtensionRest;
  };
  readonly h223AnnexCCapability?: H223AnnexCCapability;
  readonly bitRate?: number;
  readonly mobileMultilinkFrameCapability?: {
    readonly maximumSampleSize: number;
    readonly maximumPayloadLength: number;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `H223AnnexCCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223AnnexCCapability {
  readonly videoWithAL1M: boolean;
  readonly videoWithAL2M: boolean;
  readonly videoWithAL3M: boolean;
  readonly audioWithAL1M: boolean;
  readonly audioWithAL2M: boolean;
  readonly audioWithAL3M: boolean;
  readonly dataWithAL1M: boolean;
  readonly dataWithAL2M: boolean;
  readonly dataWithAL3M: boolean;
  readonly alpduInterleaving: boolean;
  readonly maximumAL1MPDUSize: number;
  readonly maximumAL2MSDUSize: number;
  readonly maximumAL3MSDUSize: number;
  readonly rsCodeCapability?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `V76Capability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface V76Capability {
  readonly suspendResumeCapabilitywAddress: boolean;
  readonly suspendResumeCapabilitywoAddress: boolean;
  readonly rejCapability: boolean;
  readonly sREJCapability: boolean;
  readonly mREJCapability: boolean;
  readonly crc8bitCapability: boolean;
  readonly crc16bitCapability: boolean;
  readonly crc32bitCapability: boolean;
  readonly uihCapability: boolean;
  readonly numOfDLCS: number;
  readonly twoOctetAddressFieldCapability: boolean;
  readonly loopBackTestCapability: boolean;
  readonly n401Capability: number;
  readonly maxWindowSizeCapability: number;
  readonly v75Capability: V75Capability;
  readonly '...'?: ExtensionRest;
}

/** `V75Capability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface V75Capability {
  readonly audioHeader: boolean;
  readonly '...'?: ExtensionRest;
}

/** `H2250Capability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H2250Capability {
  readonly maximumAudioDelayJitter: number;
  readonly receiveMultipointCapability: MultipointCapability;
  readonly transmitMultipointCapability: MultipointCapability;
  readonly receiveAndTransmitMultipointCapability: MultipointCapability;
  readonly mcCapability: {
    readonly centralizedConferenceMC: boolean;
    readonly decentralizedConferenceMC: boolean;
    readonly '...'?: ExtensionRest;
  };
  readonly rtcpVideoControlCapability: boolean;
  readonly mediaPacketizationCapability: MediaPacketizationCapability;
  readonly transportCapability?: TransportCapability;
  readonly redundancyEncodingCapability?: readonly RedundancyEncodingCapability[];
  readonly logicalChannelSwitchingCapability?: boolean;
  readonly t120DynamicPortCapability?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `MediaPacketizationCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MediaPacketizationCapability {
  readonly h261aVideoPacketization: boolean;
  readonly rtpPayloadType?: readonly RTPPayloadType[];
  readonly '...'?: ExtensionRest;
}

/** `RSVPParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RSVPParameters {
  readonly qosMode?: QOSMode;
  readonly tokenRate?: number;
  readonly bucketSize?: number;
  readonly peakRate?: number;
  readonly minPoliced?: number;
  readonly maxPktSize?: number;
  readonly '...'?: ExtensionRest;
}

/** `QOSMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export type QOSMode =
  | { readonly kind: 'guaranteedQOS' }
  | { readonly kind: 'controlledLoad' }
  | UnknownAlternative;

/** `ATMParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ATMParameters {
  readonly maxNTUSize: number;
  readonly atmUBR: boolean;
  readonly atmrtVBR: boolean;
  readonly atmnrtVBR: boolean;
  readonly atmABR: boolean;
  readonly atmCBR: boolean;
  readonly '...'?: ExtensionRest;
}

/** `ServicePriorityValue` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ServicePriorityValue {
  readonly nonStandardParameter?: NonStandardParameter;
  readonly value?: number;
  readonly '...'?: ExtensionRest;
}

/** `ServicePriority` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ServicePriority {
  readonly nonStandardData?: NonStandardParameter;
  readonly servicePrioritySignalled: boolean;
  readonly servicePriorityValue?: ServicePriorityValue;
  readonly serviceClass?: number;
  readonly serviceSubclass?: number;
  readonly '...'?: ExtensionRest;
}

/** `AuthorizationParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface AuthorizationParameters {
  readonly nonStandardData?: NonStandardParameter;
  readonly '...'?: ExtensionRest;
}

/** `QOSType` of MULTIMEDIA-SYSTEM-CONTROL. */
export type QOSType =
  | { readonly kind: 'desired' }
  | { readonly kind: 'required' }
  | UnknownAlternative;

/** `QOSClass` of MULTIMEDIA-SYSTEM-CONTROL. */
export type QOSClass =
  | { readonly kind: 'class0' }
  | { readonly kind: 'class1' }
  | { readonly kind: 'class2' }
  | { readonly kind: 'class3' }
  | { readonly kind: 'class4' }
  | { readonly kind: 'class5' }
  | UnknownAlternative;

/** `QOSDescriptor` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface QOSDescriptor {
  readonly nonStandardData?: NonStandardParameter;
  readonly qosType: QOSType;
  readonly qosClass: QOSClass;
  readonly '...'?: ExtensionRest;
}

/** `GenericTransportParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface GenericTransportParameters {
  readonly nonStandardData?: NonStandardParameter;
  readonly averageRate?: number;
  readonly burst?: number;
  readonly peakRate?: number;
  readonly maxPktSize?: number;
  readonly '...'?: ExtensionRest;
}

/** `QOSCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface QOSCapability {
  readonly nonStandardData?: NonStandardParameter;
  readonly rsvpParameters?: RSVPParameters;
  readonly atmParameters?: ATMParameters;
  readonly localQoS?: boolean;
  readonly genericTransportParameters?: GenericTransportParameters;
  readonly servicePriority?: ServicePriority;
  readonly authorizationParameter?: AuthorizationParameters;
  readonly qosDescriptor?: QOSDescriptor;
  readonly dscpValue?: number;
  readonly '...'?: ExtensionRest;
}

/** `MediaTransportType` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MediaTransportType =
  | { readonly kind: 'ip-UDP' }
  | { readonly kind: 'ip-TCP' }
  | { readonly kind: 'atm-AAL5-UNIDIR' }
  | { readonly kind: 'atm-AAL5-BIDIR' }
  | { readonly kind: 'atm-AAL5-compressed'; readonly value: {
    readonly 'variable-delta': boolean;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'sctp'; readonly value: SctpParam }
  | { readonly kind: 'udp-dtls-sctp'; readonly value: readonly SctpParam[] }
  | { readonly kind: 'tcp-dtls-sctp'; readonly value: readonly SctpParam[] }
  | { readonly kind: 'sctp-dtls'; readonly value: SctpParam }
  | UnknownAlternative;

/** `MediaChannelCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MediaChannelCapability {
  readonly mediaTransport?: MediaTransportType;
  readonly '...'?: ExtensionRest;
}

/** `TransportCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TransportCapability {
  readonly nonStandard?: NonStandardParameter;
  readonly qOSCapabilities?: readonly QOSCapability[];
  readonly mediaChannelCapabilities?: readonly MediaChannelCapability[];
  readonly '...'?: ExtensionRest;
}

/** `RedundancyEncodingCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RedundancyEncodingCapability {
  readonly redundancyEncodingMethod: RedundancyEncodingMethod;
  readonly primaryEncoding: CapabilityTableEntryNumber;
  readonly secondaryEncoding?: readonly CapabilityTableEntryNumber[];
  readonly '...'?: ExtensionRest;
}

/** `RedundancyEncodingMethod` of MULTIMEDIA-SYSTEM-CONTROL. */
export type RedundancyEncodingMethod =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'rtpAudioRedundancyEncoding' }
  | { readonly kind: 'rtpH263VideoRedundancyEncoding'; readonly value: RTPH263VideoRedundancyEncoding }
  | UnknownAlternative;

/** `RTPH263VideoRedundancyEncoding` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RTPH263VideoRedundancyEncoding {
  readonly numberOfThreads: number;
  readonly framesBetweenSyncPoints: number;
  readonly frameToThreadMapping:
    | { readonly kind: 'roundrobin' }
    | { readonly kind: 'custom'; readonly value: readonly RTPH263VideoRedundancyFrameMapping[] }
    | UnknownAlternative;
  readonly containedThreads?: readonly number[];
  readonly '...'?: ExtensionRest;
}

/** `RTPH263VideoRedundancyFrameMapping` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RTPH263VideoRedundancyFrameMapping {
  readonly threadNumber: number;
  readonly frameSequence: readonly number[];
  readonly '...'?: ExtensionRest;
}

/** `MultipointCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultipointCapability {
  readonly multicastCapability: boolean;
  readonly multiUniCastConference: boolean;
  readonly mediaDistributionCapability: readonly MediaDistributionCapability[];
  readonly '...'?: ExtensionRest;
}

/** `MediaDistributionCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MediaDistributionCapability {
  readonly centralizedControl: boolean;
  readonly distributedControl: boolean;
  readonly centralizedAudio: boolean;
  readonly distributedAudio: boolean;
  readonly centralizedVideo: boolean;
  readonly distributedVideo: boolean;
  readonly centralizedData?: readonly DataApplicationCapability[];
  readonly distributedData?: readonly DataApplicationCapability[];
  readonly '...'?: ExtensionRest;
}

/** `VideoCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type VideoCapability =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'h261VideoCapability'; readonly value: H261VideoCapability }
  | { readonly kind: 'h262VideoCapability'; readonly value: H262VideoCapability }
  | { readonly kind: 'h263VideoCapability'; readonly value: H263VideoCapability }
  | { readonly kind: 'is11172VideoCapability'; readonly value: IS11172VideoCapability }
  | { readonly kind: 'genericVideoCapability'; readonly value: GenericCapability }
  | { readonly kind: 'extendedVideoCapability'; readonly value: ExtendedVideoCapability }
  | UnknownAlternative;

/** `ExtendedVideoCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ExtendedVideoCapability {
  readonly videoCapability: readonly VideoCapability[];
  readonly videoCapabilityExtension?: readonly GenericCapability[];
  readonly '...'?: ExtensionRest;
}

/** `H261VideoCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H261VideoCapability {
  readonly qcifMPI?: number;
  readonly cifMPI?: number;
  readonly temporalSpatialTradeOffCapability: boolean;
  readonly maxBitRate: number;
  readonly stillImageTransmission: boolean;
  readonly videoBadMBsCap?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `H262VideoCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H262VideoCapability {
  readonly 'profileAndLevel-SPatML': boolean;
  readonly 'profileAndLevel-MPatLL': boolean;
  readonly 'profileAndLevel-MPatML': boolean;
  readonly 'profileAndLevel-MPatH-14': boolean;
  readonly 'profileAndLevel-MPatHL': boolean;
  readonly 'profileAndLevel-SNRatLL': boolean;
  readonly 'profileAndLevel-SNRatML': boolean;
  readonly 'profileAndLevel-SpatialatH-14': boolean;
  readonly 'profileAndLevel-HPatML': boolean;
  readonly 'profileAndLevel-HPatH-14': boolean;
  readonly 'profileAndLevel-HPatHL': boolean;
  readonly videoBitRate?: number;
  readonly vbvBufferSize?: number;
  readonly samplesPerLine?: number;
  readonly linesPerFrame?: number;
  readonly framesPerSecond?: number;
  readonly luminanceSampleRate?: number;
  readonly videoBadMBsCap?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `H263VideoCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H263VideoCapability {
  readonly sqcifMPI?: number;
  readonly qcifMPI?: number;
  readonly cifMPI?: number;
  readonly cif4MPI?: number;
  readonly cif16MPI?: number;
  readonly maxBitRate: number;
  readonly unrestrictedVector: boolean;
  readonly arithmeticCoding: boolean;
  readonly advancedPrediction: boolean;
  readonly pbFrames: boolean;
  readonly temporalSpatialTradeOffCapability: boolean;
  readonly 'hrd-B'?: number;
  readonly bppMaxKb?: number;
  readonly slowSqcifMPI?: number;
  readonly slowQcifMPI?: number;
  readonly slowCifMPI?: number;
  readonly slowCif4MPI?: number;
  readonly slowCif16MPI?: number;
  readonly errorCompensation?: boolean;
  readonly enhancementLayerInfo?: EnhancementLayerInfo;
  readonly h263Options?: H263Options;
  readonly '...'?: ExtensionRest;
}

/** `EnhancementLayerInfo` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface EnhancementLayerInfo {
  readonly baseBitRateConstrained: boolean;
  readonly snrEnhancement?: readonly EnhancementOptions[];
  readonly spatialEnhancement?: readonly EnhancementOptions[];
  readonly bPictureEnhancement?: readonly BEnhancementParameters[];
  readonly '...'?: ExtensionRest;
}

/** `BEnhancementParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface BEnhancementParameters {
  readonly enhancementOptions: EnhancementOptions;
  readonly numberOfBPictures: number;
  readonly '...'?: ExtensionRest;
}

/** `EnhancementOptions` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface EnhancementOptions {
  readonly sqcifMPI?: number;
  readonly qcifMPI?: number;
  readonly cifMPI?: number;
  readonly cif4MPI?: number;
  readonly cif16MPI?: number;
  readonly maxBitRate: number;
  readonly unrestrictedVector: boolean;
  readonly arithmeticCoding: boolean;
  readonly temporalSpatialTradeOffCapability: boolean;
  readonly slowSqcifMPI?: number;
  readonly slowQcifMPI?: number;
  readonly slowCifMPI?: number;
  readonly slowCif4MPI?: number;
  readonly slowCif16MPI?: number;
  readonly errorCompensation: boolean;
  readonly h263Options?: H263Options;
  readonly '...'?: ExtensionRest;
}

/** `H263Options` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H263Options {
  readonly advancedIntraCodingMode: boolean;
  readonly deblockingFilterMode: boolean;
  readonly improvedPBFramesMode: boolean;
  readonly unlimitedMotionVectors: boolean;
  readonly fullPictureFreeze: boolean;
  readonly partialPictureFreezeAndRelease: boolean;
  readonly resizingPartPicFreezeAndRelease: boolean;
  readonly fullPictureSnapshot: boolean;
  readonly partialPictureSnapshot: boolean;
  readonly videoSegmentTagging: boolean;
  readonly progressiveRefinement: boolean;
  readonly dynamicPictureResizingByFour: boolean;
  readonly dynamicPictureResizingSixteenthPel: boolean;
  readonly dynamicWarpingHalfPel: boolean;
  readonly dynamicWarpingSixteenthPel: boolean;
  readonly independentSegmentDecoding: boolean;
  readonly 'slicesInOrder-NonRect': boolean;
  readonly 'slicesInOrder-Rect': boolean;
  readonly 'slicesNoOrder-NonRect': boolean;
  readonly 'slicesNoOrder-Rect': boolean;
  readonly alternateInterVLCMode: boolean;
  readonly modifiedQuantizationMode: boolean;
  readonly reducedResolutionUpdate: boolean;
  readonly transparencyParameters?: TransparencyParameters;
  readonly separateVideoBackChannel: boolean;
  readonly refPictureSelection?: RefPictureSelection;
  readonly customPictureClockFrequency?: readonly CustomPictureClockFrequency[];
  readonly customPictureFormat?: readonly CustomPictureFormat[];
  readonly modeCombos?: readonly H263VideoModeCombos[];
  readonly videoBadMBsCap?: boolean;
  readonly h263Version3Options?: H263Version3Options;
  readonly '...'?: ExtensionRest;
}

/** `TransparencyParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TransparencyParameters {
  readonly presentationOrder: number;
  readonly 'offset-x': number;
  readonly 'offset-y': number;
  readonly 'scale-x': number;
  readonly 'scale-y': number;
  readonly '...'?: ExtensionRest;
}

/** `RefPictureSelection` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RefPictureSelection {
  readonly additionalPictureMemory?: {
    readonly sqcifAdditionalPictureMemory?: number;
    readonly qcifAdditionalPictureMemory?: number;
    readonly cifAdditionalPictureMemory?: number;
    readonly cif4AdditionalPictureMemory?: number;
    readonly cif16AdditionalPictureMemory?: number;
    readonly bigCpfAdditionalPictureMemory?: number;
    readonly '...'?: ExtensionRest;
  };
  readonly videoMux: boolean;
  readonly videoBackChannelSend:
    | { readonly kind: 'none' }
    | { readonly kind: 'ackMessageOnly' }
    | { readonly kind: 'nackMessageOnly' }
    | { readonly kind: 'ackOrNackMessageOnly' }
    | { readonly kind: 'ackAndNackMessage' }
    | UnknownAlternative;
  readonly enhancedReferencePicSelect?: {
    readonly subPictureRemovalParameters?: {
      readonly mpuHorizMBs: number;
      readonly mpuVertMBs: number;
      readonly mpuTotalNumber: number;
      readonly '...'?: ExtensionRest;
    };
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `CustomPictureClockFrequency` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CustomPictureClockFrequency {
  readonly clockConversionCode: number;
  readonly clockDivisor: number;
  readonly sqcifMPI?: number;
  readonly qcifMPI?: number;
  readonly cifMPI?: number;
  readonly cif4MPI?: number;
  readonly cif16MPI?: number;
  readonly '...'?: ExtensionRest;
}

/** `CustomPictureFormat` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CustomPictureFormat {
  readonly maxCustomPictureWidth: number;
  readonly maxCustomPictureHeight: number;
  readonly minCustomPictureWidth: number;
  readonly minCustomPictureHeight: number;
  readonly mPI: {
    readonly standardMPI?: number;
    readonly customPCF?: readonly ({
      readonly clockConversionCode: number;
      readonly clockDivisor: number;
      readonly customMPI: number;
      readonly '...'?: ExtensionRest;
    })[];
    readonly '...'?: ExtensionRest;
  };
  readonly pixelAspectInformation:
    | { readonly kind: 'anyPixelAspectRatio'; readonly value: boolean }
    | { readonly kind: 'pixelAspectCode'; readonly value: readonly number[] }
    | { readonly kind: 'extendedPAR'; readonly value: readonly ({
      readonly width: number;
      readonly height: number;
      readonly '...'?: ExtensionRest;
    })[] }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `H263VideoModeCombos` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H263VideoModeCombos {
  readonly h263VideoUncoupledModes: H263ModeComboFlags;
  readonly h263VideoCoupledModes: readonly H263ModeComboFlags[];
  readonly '...'?: ExtensionRest;
}

/** `H263ModeComboFlags` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H263ModeComboFlags {
  readonly unrestrictedVector: boolean;
  readonly arithmeticCoding: boolean;
  readonly advancedPrediction: boolean;
  readonly pbFrames: boolean;
  readonly advancedIntraCodingMode: boolean;
  readonly deblockingFilterMode: boolean;
  readonly unlimitedMotionVectors: boolean;
  readonly 'slicesInOrder-NonRect': boolean;
  readonly 'slicesInOrder-Rect': boolean;
  readonly 'slicesNoOrder-NonRect': boolean;
  readonly 'slicesNoOrder-Rect': boolean;
  readonly improvedPBFramesMode: boolean;
  readonly referencePicSelect: boolean;
  readonly dynamicPictureResizingByFour: boolean;
  readonly dynamicPictureResizingSixteenthPel: boolean;
  readonly dynamicWarpingHalfPel: boolean;
  readonly dynamicWarpingSixteenthPel: boolean;
  readonly reducedResolutionUpdate: boolean;
  readonly independentSegmentDecoding: boolean;
  readonly alternateInterVLCMode: boolean;
  readonly modifiedQuantizationMode: boolean;
  readonly enhancedReferencePicSelect?: boolean;
  readonly h263Version3Options?: H263Version3Options;
  readonly '...'?: ExtensionRest;
}

/** `H263Version3Options` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H263Version3Options {
  readonly dataPartitionedSlices: boolean;
  readonly fixedPointIDCT0: boolean;
  readonly interlacedFields: boolean;
  readonly currentPictureHeaderRepetition: boolean;
  readonly previousPictureHeaderRepetition: boolean;
  readonly nextPictureHeaderRepetition: boolean;
  readonly pictureNumber: boolean;
  readonly spareReferencePictures: boolean;
  readonly '...'?: ExtensionRest;
}

/** `IS11172VideoCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface IS11172VideoCapability {
  readonly constrainedBitstream: boolean;
  readonly videoBitRate?: number;
  readonly vbvBufferSize?: number;
  readonly samplesPerLine?: number;
  readonly linesPerFrame?: number;
  readonly pictureRate?: number;
  readonly luminanceSampleRate?: number;
  readonly videoBadMBsCap?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `AudioCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type AudioCapability =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'g711Alaw64k'; readonly value: number }
  | { readonly kind: 'g711Alaw56k'; readonly value: number }
  | { readonly kind: 'g711Ulaw64k'; readonly value: number }
  | { readonly kind: 'g711Ulaw56k'; readonly value: number }
  | { readonly kind: 'g722-64k'; readonly value: number }
  | { readonly kind: 'g722-56k'; readonly value: number }
  | { readonly kind: 'g722-48k'; readonly value: number }
  | { readonly kind: 'g7231'; readonly value: {
    readonly 'maxAl-sduAudioFrames': number;
    readonly silenceSuppression: boolean;
  } }
  | { readonly kind: 'g728'; readonly value: number }
  | { readonly kind: 'g729'; readonly value: number }
  | { readonly kind: 'g729AnnexA'; readonly value: number }
  | { readonly kind: 'is11172AudioCapability'; readonly value: IS11172AudioCapability }
  | { readonly kind: 'is13818AudioCapability'; readonly value: IS13818AudioCapability }
  | { readonly kind: 'g729wAnnexB'; readonly value: number }
  | { readonly kind: 'g729AnnexAwAnnexB'; readonly value: number }
  | { readonly kind: 'g7231AnnexCCapability'; readonly value: G7231AnnexCCapability }
  | { readonly kind: 'gsmFullRate'; readonly value: GSMAudioCapability }
  | { readonly kind: 'gsmHalfRate'; readonly value: GSMAudioCapability }
  | { readonly kind: 'gsmEnhancedFullRate'; readonly value: GSMAudioCapability }
  | { readonly kind: 'genericAudioCapability'; readonly value: GenericCapability }
  | { readonly kind: 'g729Extensions'; readonly value: G729Extensions }
  | { readonly kind: 'vbd'; readonly value: VBDCapability }
  | { readonly kind: 'audioTelephonyEvent'; readonly value: NoPTAudioTelephonyEventCapability }
  | { readonly kind: 'audioTone'; readonly value: NoPTAudioToneCapability }
  | { readonly kind: 'extendedAudioCapability'; readonly value: ExtendedAudioCapability }
  | UnknownAlternative;

/** `ExtendedAudioCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ExtendedAudioCapability {
  readonly audioCapability: readonly AudioCapability[];
  readonly audioCapabilityExtension?: readonly GenericCapability[];
  readonly '...'?: ExtensionRest;
}

/** `G729Extensions` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface G729Extensions {
  readonly audioUnit?: number;
  readonly annexA: boolean;
  readonly annexB: boolean;
  readonly annexD: boolean;
  readonly annexE: boolean;
  readonly annexF: boolean;
  readonly annexG: boolean;
  readonly annexH: boolean;
  readonly '...'?: ExtensionRest;
}

/** `G7231AnnexCCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface G7231AnnexCCapability {
  readonly 'maxAl-sduAudioFrames': number;
  readonly silenceSuppression: boolean;
  readonly g723AnnexCAudioMode?: {
    readonly highRateMode0: number;
    readonly highRateMode1: number;
    readonly lowRateMode0: number;
    readonly lowRateMode1: number;
    readonly sidMode0: number;
    readonly sidMode1: number;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `IS11172AudioCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface IS11172AudioCapability {
  readonly audioLayer1: boolean;
  readonly audioLayer2: boolean;
  readonly audioLayer3: boolean;
  readonly audioSampling32k: boolean;
  readonly audioSampling44k1: boolean;
  readonly audioSampling48k: boolean;
  readonly singleChannel: boolean;
  readonly twoChannels: boolean;
  readonly bitRate: number;
  readonly '...'?: ExtensionRest;
}

/** `IS13818AudioCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface IS13818AudioCapability {
  readonly audioLayer1: boolean;
  readonly audioLayer2: boolean;
  readonly audioLayer3: boolean;
  readonly audioSampling16k: boolean;
  readonly audioSampling22k05: boolean;
  readonly audioSampling24k: boolean;
  readonly audioSampling32k: boolean;
  readonly audioSampling44k1: boolean;
  readonly audioSampling48k: boolean;
  readonly singleChannel: boolean;
  readonly twoChannels: boolean;
  readonly 'threeChannels2-1': boolean;
  readonly 'threeChannels3-0': boolean;
  readonly 'fourChannels2-0-2-0': boolean;
  readonly 'fourChannels2-2': boolean;
  readonly 'fourChannels3-1': boolean;
  readonly 'fiveChannels3-0-2-0': boolean;
  readonly 'fiveChannels3-2': boolean;
  readonly lowFrequencyEnhancement: boolean;
  readonly multilingual: boolean;
  readonly bitRate: number;
  readonly '...'?: ExtensionRest;
}

/** `GSMAudioCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface GSMAudioCapability {
  readonly audioUnitSize: number;
  readonly comfortNoise: boolean;
  readonly scrambled: boolean;
  readonly '...'?: ExtensionRest;
}

/** `VBDCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface VBDCapability {
  readonly type: AudioCapability;
  readonly '...'?: ExtensionRest;
}

/** `DataApplicationCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface DataApplicationCapability {
  readonly application:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 't120'; readonly value: DataProtocolCapability }
    | { readonly kind: 'dsm-cc'; readonly value: DataProtocolCapability }
    | { readonly kind: 'userData'; readonly value: DataProtocolCapability }
    | { readonly kind: 't84'; readonly value: {
      readonly t84Protocol: DataProtocolCapability;
      readonly t84Profile: T84Profile;
    } }
    | { readonly kind: 't434'; readonly value: DataProtocolCapability }
    | { readonly kind: 'h224'; readonly value: DataProtocolCapability }
    | { readonly kind: 'nlpid'; readonly value: {
      readonly nlpidProtocol: DataProtocolCapability;
      readonly nlpidData: Uint8Array;
    } }
    | { readonly kind: 'dsvdControl' }
    | { readonly kind: 'h222DataPartitioning'; readonly value: DataProtocolCapability }
    | { readonly kind: 't30fax'; readonly value: DataProtocolCapability }
    | { readonly kind: 't140'; readonly value: DataProtocolCapability }
    | { readonly kind: 't38fax'; readonly value: {
      readonly t38FaxProtocol: DataProtocolCapability;
      readonly t38FaxProfile: T38FaxProfile;
    } }
    | { readonly kind: 'genericDataCapability'; readonly value: GenericCapability }
    | { readonly kind: 'dataChannel'; readonly value: readonly DataChannel[] }
    | { readonly kind: 'extendedDataApplicationCapability'; readonly value: ExtendedDataApplicationCapability }
    | UnknownAlternative;
  readonly maxBitRate: number;
  readonly '...'?: ExtensionRest;
}

/** `ExtendedDataApplicationCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ExtendedDataApplicationCapability {
  readonly dataCapability: readonly DataApplicationCapability[];
  readonly dataCapabilityExtension?: readonly GenericCapability[];
  readonly '...'?: ExtensionRest;
}

/** `DataProtocolCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type DataProtocolCapability =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'v14buffered' }
  | { readonly kind: 'v42lapm' }
  | { readonly kind: 'hdlcFrameTunnelling' }
  | { readonly kind: 'h310SeparateVCStack' }
  | { readonly kind: 'h310SingleVCStack' }
  | { readonly kind: 'transparent' }
  | { readonly kind: 'segmentationAndReassembly' }
  | { readonly kind: 'hdlcFrameTunnelingwSAR' }
  | { readonly kind: 'v120' }
  | { readonly kind: 'separateLANStack' }
  | { readonly kind: 'v76wCompression'; readonly value:
    | { readonly kind: 'transmitCompression'; readonly value: CompressionType }
    | { readonly kind: 'receiveCompression'; readonly value: CompressionType }
    | { readonly kind: 'transmitAndReceiveCompression'; readonly value: CompressionType }
    | UnknownAlternative }
  | { readonly kind: 'tcp' }
  | { readonly kind: 'udp' }
  | { readonly kind: 'sctp'; readonly value: SctpParam }
  | { readonly kind: 'udp-dtls-sctp'; readonly value: readonly SctpParam[] }
  | { readonly kind: 'tcp-dtls-sctp'; readonly value: readonly SctpParam[] }
  | { readonly kind: 'sctp-dtls'; readonly value: SctpParam }
  | UnknownAlternative;

/** `CompressionType` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CompressionType =
  | { readonly kind: 'v42bis'; readonly value: V42bis }
  | UnknownAlternative;

/** `V42bis` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface V42bis {
  readonly numberOfCodewords: number;
  readonly maximumStringLength: number;
  readonly '...'?: ExtensionRest;
}

/** `T84Profile` of MULTIMEDIA-SYSTEM-CONTROL. */
export type T84Profile =
  | { readonly kind: 't84Unrestricted' }
  | { readonly kind: 't84Restricted'; readonly value: {
    readonly qcif: boolean;
    readonly cif: boolean;
    readonly ccir601Seq: boolean;
    readonly ccir601Prog: boolean;
    readonly hdtvSeq: boolean;
    readonly hdtvProg: boolean;
    readonly g3FacsMH200x100: boolean;
    readonly g3FacsMH200x200: boolean;
    readonly g4FacsMMR200x100: boolean;
    readonly g4FacsMMR200x200: boolean;
    readonly jbig200x200Seq: boolean;
    readonly jbig200x200Prog: boolean;
    readonly jbig300x300Seq: boolean;
    readonly jbig300x300Prog: boolean;
    readonly digPhotoLow: boolean;
    readonly digPhotoMedSeq: boolean;
    readonly digPhotoMedProg: boolean;
    readonly digPhotoHighSeq: boolean;
    readonly digPhotoHighProg: boolean;
    readonly '...'?: ExtensionRest;
  } };

/** `T38FaxProfile` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface T38FaxProfile {
  readonly fillBitRemoval: boolean;
  readonly transcodingJBIG: boolean;
  readonly transcodingMMR: boolean;
  readonly version?: number;
  readonly t38FaxRateManagement?: T38FaxRateManagement;
  readonly t38FaxUdpOptions?: T38FaxUdpOptions;
  readonly t38FaxTcpOptions?: T38FaxTcpOptions;
  readonly '...'?: ExtensionRest;
}

/** `T38FaxRateManagement` of MULTIMEDIA-SYSTEM-CONTROL. */
export type T38FaxRateManagement =
  | { readonly kind: 'localTCF' }
  | { readonly kind: 'transferredTCF' }
  | UnknownAlternative;

/** `T38FaxUdpOptions` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface T38FaxUdpOptions {
  readonly t38FaxMaxBuffer?: number | bigint;
  readonly t38FaxMaxDatagram?: number | bigint;
  readonly t38FaxUdpEC:
    | { readonly kind: 't38UDPFEC' }
    | { readonly kind: 't38UDPRedundancy' }
    | UnknownAlternative;
}

/** `T38FaxTcpOptions` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface T38FaxTcpOptions {
  readonly t38TCPBidirectionalMode: boolean;
  readonly '...'?: ExtensionRest;
}

/** `DataChannel` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface DataChannel {
  readonly dataChannelProfile?: readonly DataChannelProfile[];
  readonly '...'?: ExtensionRest;
}

/** `DataChannelProfile` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface DataChannelProfile {
  readonly ordered?: boolean;
  readonly priority?: number;
  readonly reliabilityParm?:
    | { readonly kind: 'maxRetr'; readonly value: number }
    | { readonly kind: 'maxTime'; readonly value: number }
    | UnknownAlternative;
  readonly label?: string;
  readonly protocol?: string;
  readonly genericInformation?: readonly GenericInformation[];
  readonly establishmentType:
    | { readonly kind: 'sctpStreamID'; readonly value: number }
    | { readonly kind: 'dcep' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `SCTPChunkType` of MULTIMEDIA-SYSTEM-CONTROL. */
export type SCTPChunkType = number;

/** `SctpParam` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface SctpParam {
  readonly appPPID?: readonly number[];
  readonly maxMessageSize?: number | bigint;
  readonly sctpExtensions?: readonly SCTPChunkType[];
  readonly genericInformation?: readonly GenericInformation[];
  readonly sctpPort?: number;
  readonly '...'?: ExtensionRest;
}

/** `EncryptionAuthenticationAndIntegrity` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface EncryptionAuthenticationAndIntegrity {
  readonly encryptionCapability?: EncryptionCapability;
  readonly authenticationCapability?: AuthenticationCapability;
  readonly integrityCapability?: IntegrityCapability;
  readonly genericH235SecurityCapability?: GenericCapability;
  readonly dtlsSecurityCapability?: DTLSSecurityCapability;
  readonly '...'?: ExtensionRest;
}

/** `EncryptionCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type EncryptionCapability = readonly MediaEncryptionAlgorithm[];

/** `MediaEncryptionAlgorithm` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MediaEncryptionAlgorithm =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'algorithm'; readonly value: string }
  | UnknownAlternative;

/** `AuthenticationCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface AuthenticationCapability {
  readonly nonStandard?: NonStandardParameter;
  readonly antiSpamAlgorithm?: string;
  readonly '...'?: ExtensionRest;
}

/** `IntegrityCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface IntegrityCapability {
  readonly nonStandard?: NonStandardParameter;
  readonly '...'?: ExtensionRest;
}

/** `UserInputCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type UserInputCapability =
  | { readonly kind: 'nonStandard'; readonly value: readonly NonStandardParameter[] }
  | { readonly kind: 'basicString' }
  | { readonly kind: 'iA5String' }
  | { readonly kind: 'generalString' }
  | { readonly kind: 'dtmf' }
  | { readonly kind: 'hookflash' }
  | { readonly kind: 'extendedAlphanumeric' }
  | { readonly kind: 'encryptedBasicString' }
  | { readonly kind: 'encryptedIA5String' }
  | { readonly kind: 'encryptedGeneralString' }
  | { readonly kind: 'secureDTMF' }
  | { readonly kind: 'genericUserInputCapability'; readonly value: GenericCapability }
  | UnknownAlternative;

/** `ConferenceCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ConferenceCapability {
  readonly nonStandardData?: readonly NonStandardParameter[];
  readonly chairControlCapability: boolean;
  readonly videoIndicateMixingCapability?: boolean;
  readonly multipointVisualizationCapability?: boolean;
  readonly '...'?: ExtensionRest;
}

/** `GenericCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface GenericCapability {
  readonly capabilityIdentifier: CapabilityIdentifier;
  readonly maxBitRate?: number;
  readonly collapsing?: readonly GenericParameter[];
  readonly nonCollapsing?: readonly GenericParameter[];
  readonly nonCollapsingRaw?: Uint8Array;
  readonly transport?: DataProtocolCapability;
  readonly '...'?: ExtensionRest;
}

/** `CapabilityIdentifier` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CapabilityIdentifier =
  | { readonly kind: 'standard'; readonly value: string }
  | { readonly kind: 'h221NonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'uuid'; readonly value: Uint8Array }
  | { readonly kind: 'domainBased'; readonly value: string }
  | UnknownAlternative;

/** `GenericParameter` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface GenericParameter {
  readonly parameterIdentifier: ParameterIdentifier;
  readonly parameterValue: ParameterValue;
  readonly supersedes?: readonly ParameterIdentifier[];
  readonly '...'?: ExtensionRest;
}

/** `ParameterIdentifier` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ParameterIdentifier =
  | { readonly kind: 'standard'; readonly value: number }
  | { readonly kind: 'h221NonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'uuid'; readonly value: Uint8Array }
  | { readonly kind: 'domainBased'; readonly value: string }
  | UnknownAlternative;

/** `ParameterValue` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ParameterValue =
  | { readonly kind: 'logical' }
  | { readonly kind: 'booleanArray'; readonly value: number }
  | { readonly kind: 'unsignedMin'; readonly value: number }
  | { readonly kind: 'unsignedMax'; readonly value: number }
  | { readonly kind: 'unsigned32Min'; readonly value: number }
  | { readonly kind: 'unsigned32Max'; readonly value: number }
  | { readonly kind: 'octetString'; readonly value: Uint8Array }
  | { readonly kind: 'genericParameter'; readonly value: readonly GenericParameter[] }
  | UnknownAlternative;

/** `MultiplexedStreamCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexedStreamCapability {
  readonly multiplexFormat: MultiplexFormat;
  readonly controlOnMuxStream: boolean;
  readonly capabilityOnMuxStream?: readonly AlternativeCapabilitySet[];
  readonly '...'?: ExtensionRest;
}

/** `MultiplexFormat` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MultiplexFormat =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'h222Capability'; readonly value: H222Capability }
  | { readonly kind: 'h223Capability'; readonly value: H223Capability }
  | UnknownAlternative;

/** `AudioTelephonyEventCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface AudioTelephonyEventCapability {
  readonly dynamicRTPPayloadType: number;
  readonly audioTelephoneEvent: string;
  readonly '...'?: ExtensionRest;
}

/** `AudioToneCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface AudioToneCapability {
  readonly dynamicRTPPayloadType: number;
  readonly '...'?: ExtensionRest;
}

/** `NoPTAudioTelephonyEventCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface NoPTAudioTelephonyEventCapability {
  readonly audioTelephoneEvent: string;
  readonly '...'?: ExtensionRest;
}

/** `NoPTAudioToneCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface NoPTAudioToneCapability {
  readonly '...'?: ExtensionRest;
}

/** `MultiplePayloadStreamCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplePayloadStreamCapability {
  readonly capabilities: readonly AlternativeCapabilitySet[];
  readonly '...'?: ExtensionRest;
}

/** `DepFECCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export type DepFECCapability =
  | { readonly kind: 'rfc2733'; readonly value: {
    readonly redundancyEncoding: boolean;
    readonly separateStream: {
      readonly separatePort: boolean;
      readonly samePort: boolean;
      readonly '...'?: ExtensionRest;
    };
    readonly '...'?: ExtensionRest;
  } }
  | UnknownAlternative;

/** `FECCapability` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface FECCapability {
  readonly protectedCapability: CapabilityTableEntryNumber;
  readonly fecScheme?: string;
  readonly rfc2733Format?:
    | { readonly kind: 'rfc2733rfc2198'; readonly value: MaxRedundancy }
    | { readonly kind: 'rfc2733sameport'; readonly value: MaxRedundancy }
    | { readonly kind: 'rfc2733diffport'; readonly value: MaxRedundancy };
  readonly '...'?: ExtensionRest;
}

/** `MaxRedundancy` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MaxRedundancy = number | bigint;

/** `OpenLogicalChannel` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface OpenLogicalChannel {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly forwardLogicalChannelParameters: {
    readonly portNumber?: number;
    readonly dataType: DataType;
    readonly multiplexParameters:
      | { readonly kind: 'h222LogicalChannelParameters'; readonly value: H222LogicalChannelParameters }
      | { readonly kind: 'h223LogicalChannelParameters'; readonly value: H223LogicalChannelParameters }
      | { readonly kind: 'v76LogicalChannelParameters'; readonly value: V76LogicalChannelParameters }
      | { readonly kind: 'h2250LogicalChannelParameters'; readonly value: H2250LogicalChannelParameters }
      | { readonly kind: 'none' }
      | UnknownAlternative;
    readonly forwardLogicalChannelDependency?: LogicalChannelNumber;
    readonly replacementFor?: LogicalChannelNumber;
    readonly '...'?: ExtensionRest;
  };
  readonly reverseLogicalChannelParameters?: {
    readonly dataType: DataType;
    readonly multiplexParameters?:
      | { readonly kind: 'h223LogicalChannelParameters'; readonly value: H223LogicalChannelParameters }
      | { readonly kind: 'v76LogicalChannelParameters'; readonly value: V76LogicalChannelParameters }
      | { readonly kind: 'h2250LogicalChannelParameters'; readonly value: H2250LogicalChannelParameters }
      | UnknownAlternative;
    readonly reverseLogicalChannelDependency?: LogicalChannelNumber;
    readonly replacementFor?: LogicalChannelNumber;
    readonly '...'?: ExtensionRest;
  };
  readonly separateStack?: NetworkAccessParameters;
  readonly encryptionSync?: EncryptionSync;
  readonly genericInformation?: readonly GenericInformation[];
  readonly '...'?: ExtensionRest;
}

/** `LogicalChannelNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export type LogicalChannelNumber = number;

/** `NetworkAccessParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface NetworkAccessParameters {
  readonly distribution?:
    | { readonly kind: 'unicast' }
    | { readonly kind: 'multicast' }
    | UnknownAlternative;
  readonly networkAddress:
    | { readonly kind: 'q2931Address'; readonly value: Q2931Address }
    | { readonly kind: 'e164Address'; readonly value: string }
    | { readonly kind: 'localAreaAddress'; readonly value: TransportAddress }
    | UnknownAlternative;
  readonly associateConference: boolean;
  readonly externalReference?: Uint8Array;
  readonly t120SetupProcedure?:
    | { readonly kind: 'originateCall' }
    | { readonly kind: 'waitForCall' }
    | { readonly kind: 'issueQuery' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `Q2931Address` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface Q2931Address {
  readonly address:
    | { readonly kind: 'internationalNumber'; readonly value: string }
    | { readonly kind: 'nsapAddress'; readonly value: Uint8Array }
    | UnknownAlternative;
  readonly subaddress?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `V75Parameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface V75Parameters {
  readonly audioHeaderPresent: boolean;
  readonly '...'?: ExtensionRest;
}

/** `DataType` of MULTIMEDIA-SYSTEM-CONTROL. */
export type DataType =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'nullData' }
  | { readonly kind: 'videoData'; readonly value: VideoCapability }
  | { readonly kind: 'audioData'; readonly value: AudioCapability }
  | { readonly kind: 'data'; readonly value: DataApplicationCapability }
  | { readonly kind: 'encryptionData'; readonly value: EncryptionMode }
  | { readonly kind: 'h235Control'; readonly value: NonStandardParameter }
  | { readonly kind: 'h235Media'; readonly value: H235Media }
  | { readonly kind: 'multiplexedStream'; readonly value: MultiplexedStreamParameter }
  | { readonly kind: 'redundancyEncoding'; readonly value: RedundancyEncoding }
  | { readonly kind: 'multiplePayloadStream'; readonly value: MultiplePayloadStream }
  | { readonly kind: 'depFec'; readonly value: DepFECData }
  | { readonly kind: 'fec'; readonly value: FECData }
  | UnknownAlternative;

/** `H235Media` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H235Media {
  readonly encryptionAuthenticationAndIntegrity: EncryptionAuthenticationAndIntegrity;
  readonly mediaType:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 'videoData'; readonly value: VideoCapability }
    | { readonly kind: 'audioData'; readonly value: AudioCapability }
    | { readonly kind: 'data'; readonly value: DataApplicationCapability }
    | { readonly kind: 'redundancyEncoding'; readonly value: RedundancyEncoding }
    | { readonly kind: 'multiplePayloadStream'; readonly value: MultiplePayloadStream }
    | { readonly kind: 'depFec'; readonly value: DepFECData }
    | { readonly kind: 'fec'; readonly value: FECData }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MultiplexedStreamParameter` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexedStreamParameter {
  readonly multiplexFormat: MultiplexFormat;
  readonly controlOnMuxStream: boolean;
  readonly '...'?: ExtensionRest;
}

/** `H222LogicalChannelParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H222LogicalChannelParameters {
  readonly resourceID: number;
  readonly subChannelID: number;
  readonly 'pcr-pid'?: number;
  readonly programDescriptors?: Uint8Array;
  readonly streamDescriptors?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `H223LogicalChannelParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223LogicalChannelParameters {
  readonly adaptationLayerType:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 'al1Framed' }
    | { readonly kind: 'al1NotFramed' }
    | { readonly kind: 'al2WithoutSequenceNumbers' }
    | { readonly kind: 'al2WithSequenceNumbers' }
    | { readonly kind: 'al3'; readonly value: {
      readonly controlFieldOctets: number;
      readonly sendBufferSize: number;
    } }
    | { readonly kind: 'al1M'; readonly value: H223AL1MParameters }
    | { readonly kind: 'al2M'; readonly value: H223AL2MParameters }
    | { readonly kind: 'al3M'; readonly value: H223AL3MParameters }
    | UnknownAlternative;
  readonly segmentableFlag: boolean;
  readonly '...'?: ExtensionRest;
}

/** `H223AL1MParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223AL1MParameters {
  readonly transferMode:
    | { readonly kind: 'framed' }
    | { readonly kind: 'unframed' }
    | UnknownAlternative;
  readonly headerFEC:
    | { readonly kind: 'sebch16-7' }
    | { readonly kind: 'golay24-12' }
    | UnknownAlternative;
  readonly crcLength:
    | { readonly kind: 'crc4bit' }
    | { readonly kind: 'crc12bit' }
    | { readonly kind: 'crc20bit' }
    | { readonly kind: 'crc28bit' }
    | { readonly kind: 'crc8bit' }
    | { readonly kind: 'crc16bit' }
    | { readonly kind: 'crc32bit' }
    | { readonly kind: 'crcNotUsed' }
    | UnknownAlternative;
  readonly rcpcCodeRate: number;
  readonly arqType:
    | { readonly kind: 'noArq' }
    | { readonly kind: 'typeIArq'; readonly value: H223AnnexCArqParameters }
    | { readonly kind: 'typeIIArq'; readonly value: H223AnnexCArqParameters }
    | UnknownAlternative;
  readonly alpduInterleaving: boolean;
  readonly alsduSplitting: boolean;
  readonly rsCodeCorrection?: number;
  readonly '...'?: ExtensionRest;
}

/** `H223AL2MParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223AL2MParameters {
  readonly headerFEC:
    | { readonly kind: 'sebch16-5' }
    | { readonly kind: 'golay24-12' }
    | UnknownAlternative;
  readonly alpduInterleaving: boolean;
  readonly '...'?: ExtensionRest;
}

/** `H223AL3MParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223AL3MParameters {
  readonly headerFormat:
    | { readonly kind: 'sebch16-7' }
    | { readonly kind: 'golay24-12' }
    | UnknownAlternative;
  readonly crcLength:
    | { readonly kind: 'crc4bit' }
    | { readonly kind: 'crc12bit' }
    | { readonly kind: 'crc20bit' }
    | { readonly kind: 'crc28bit' }
    | { readonly kind: 'crc8bit' }
    | { readonly kind: 'crc16bit' }
    | { readonly kind: 'crc32bit' }
    | { readonly kind: 'crcNotUsed' }
    | UnknownAlternative;
  readonly rcpcCodeRate: number;
  readonly arqType:
    | { readonly kind: 'noArq' }
    | { readonly kind: 'typeIArq'; readonly value: H223AnnexCArqParameters }
    | { readonly kind: 'typeIIArq'; readonly value: H223AnnexCArqParameters }
    | UnknownAlternative;
  readonly alpduInterleaving: boolean;
  readonly rsCodeCorrection?: number;
  readonly '...'?: ExtensionRest;
}

/** `H223AnnexCArqParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223AnnexCArqParameters {
  readonly numberOfRetransmissions:
    | { readonly kind: 'finite'; readonly value: number }
    | { readonly kind: 'infinite' }
    | UnknownAlternative;
  readonly sendBufferSize: number;
  readonly '...'?: ExtensionRest;
}

/** `V76LogicalChannelParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface V76LogicalChannelParameters {
  readonly hdlcParameters: V76HDLCParameters;
  readonly suspendResume:
    | { readonly kind: 'noSuspendResume' }
    | { readonly kind: 'suspendResumewAddress' }
    | { readonly kind: 'suspendResumewoAddress' }
    | UnknownAlternative;
  readonly uIH: boolean;
  readonly mode:
    | { readonly kind: 'eRM'; readonly value: {
      readonly windowSize: number;
      readonly recovery:
        | { readonly kind: 'rej' }
        | { readonly kind: 'sREJ' }
        | { readonly kind: 'mSREJ' }
        | UnknownAlternative;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'uNERM' }
    | UnknownAlternative;
  readonly v75Parameters: V75Parameters;
  readonly '...'?: ExtensionRest;
}

/** `V76HDLCParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface V76HDLCParameters {
  readonly crcLength: CRCLength;
  readonly n401: number;
  readonly loopbackTestProcedure: boolean;
  readonly '...'?: ExtensionRest;
}

/** `CRCLength` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CRCLength =
  | { readonly kind: 'crc8bit' }
  | { readonly kind: 'crc16bit' }
  | { readonly kind: 'crc32bit' }
  | UnknownAlternative;

/** `H2250LogicalChannelParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H2250LogicalChannelParameters {
  readonly nonStandard?: readonly NonStandardParameter[];
  readonly sessionID: number;
  readonly associatedSessionID?: number;
  readonly mediaChannel?: TransportAddress;
  readonly mediaGuaranteedDelivery?: boolean;
  readonly mediaControlChannel?: TransportAddress;
  readonly mediaControlGuaranteedDelivery?: boolean;
  readonly silenceSuppression?: boolean;
  readonly destination?: TerminalLabel;
  readonly dynamicRTPPayloadType?: number;
  readonly mediaPacketization?:
    | { readonly kind: 'h261aVideoPacketization' }
    | { readonly kind: 'rtpPayloadType'; readonly value: RTPPayloadType }
    | UnknownAlternative;
  readonly transportCapability?: TransportCapability;
  readonly redundancyEncoding?: RedundancyEncoding;
  readonly source?: TerminalLabel;
  readonly nominalAudioLevel?: number;
  readonly '...'?: ExtensionRest;
}

/** `RTPPayloadType` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RTPPayloadType {
  readonly payloadDescriptor:
    | { readonly kind: 'nonStandardIdentifier'; readonly value: NonStandardParameter }
    | { readonly kind: 'rfc-number'; readonly value: number | bigint }
    | { readonly kind: 'oid'; readonly value: string }
    | UnknownAlternative;
  readonly payloadType?: number;
  readonly '...'?: ExtensionRest;
}

/** `RedundancyEncoding` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RedundancyEncoding {
  readonly redundancyEncodingMethod: RedundancyEncodingMethod;
  readonly secondaryEncoding?: DataType;
  readonly rtpRedundancyEncoding?: {
    readonly primary?: RedundancyEncodingElement;
    readonly secondary?: readonly RedundancyEncodingElement[];
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `RedundancyEncodingElement` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RedundancyEncodingElement {
  readonly dataType: DataType;
  readonly payloadType?: number;
  readonly '...'?: ExtensionRest;
}

/** `MultiplePayloadStream` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplePayloadStream {
  readonly elements: readonly MultiplePayloadStreamElement[];
  readonly '...'?: ExtensionRest;
}

/** `MultiplePayloadStreamElement` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplePayloadStreamElement {
  readonly dataType: DataType;
  readonly payloadType?: number;
  readonly '...'?: ExtensionRest;
}

/** `DepFECData` of MULTIMEDIA-SYSTEM-CONTROL. */
export type DepFECData =
  | { readonly kind: 'rfc2733'; readonly value: {
    readonly mode:
      | { readonly kind: 'redundancyEncoding' }
      | { readonly kind: 'separateStream'; readonly value:
        | { readonly kind: 'differentPort'; readonly value: {
          readonly protectedSessionID: number;
          readonly protectedPayloadType?: number;
          readonly '...'?: ExtensionRest;
        } }
        | { readonly kind: 'samePort'; readonly value: {
          readonly protectedPayloadType: number;
          readonly '...'?: ExtensionRest;
        } }
        | UnknownAlternative }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  } };

/** `FECData` of MULTIMEDIA-SYSTEM-CONTROL. */
export type FECData =
  | { readonly kind: 'rfc2733'; readonly value: {
    readonly protectedPayloadType: number;
    readonly fecScheme?: string;
    readonly pktMode:
      | { readonly kind: 'rfc2198coding' }
      | { readonly kind: 'rfc2733sameport'; readonly value: {
        readonly '...'?: ExtensionRest;
      } }
      | { readonly kind: 'rfc2733diffport'; readonly value: {
        readonly protectedChannel: LogicalChannelNumber;
        readonly '...'?: ExtensionRest;
      } }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  } }
  | UnknownAlternative;

/** `TransportAddress` of MULTIMEDIA-SYSTEM-CONTROL. */
export type TransportAddress =
  | { readonly kind: 'unicastAddress'; readonly value: UnicastAddress }
  | { readonly kind: 'multicastAddress'; readonly value: MulticastAddress }
  | UnknownAlternative;

/** `UnicastAddress` of MULTIMEDIA-SYSTEM-CONTROL. */
export type UnicastAddress =
  | { readonly kind: 'iPAddress'; readonly value: {
    readonly network: Uint8Array;
    readonly tsapIdentifier: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'iPXAddress'; readonly value: {
    readonly node: Uint8Array;
    readonly netnum: Uint8Array;
    readonly tsapIdentifier: Uint8Array;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'iP6Address'; readonly value: {
    readonly network: Uint8Array;
    readonly tsapIdentifier: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'netBios'; readonly value: Uint8Array }
  | { readonly kind: 'iPSourceRouteAddress'; readonly value: {
    readonly routing:
      | { readonly kind: 'strict' }
      | { readonly kind: 'loose' };
    readonly network: Uint8Array;
    readonly tsapIdentifier: number;
    readonly route: readonly Uint8Array[];
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'nsap'; readonly value: Uint8Array }
  | { readonly kind: 'nonStandardAddress'; readonly value: NonStandardParameter }
  | UnknownAlternative;

/** `MulticastAddress` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MulticastAddress =
  | { readonly kind: 'iPAddress'; readonly value: {
    readonly network: Uint8Array;
    readonly tsapIdentifier: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'iP6Address'; readonly value: {
    readonly network: Uint8Array;
    readonly tsapIdentifier: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'nsap'; readonly value: Uint8Array }
  | { readonly kind: 'nonStandardAddress'; readonly value: NonStandardParameter }
  | UnknownAlternative;

/** `EncryptionSync` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface EncryptionSync {
  readonly nonStandard?: NonStandardParameter;
  readonly synchFlag: number;
  readonly h235Key: Redacted<Uint8Array>;
  readonly escrowentry?: readonly EscrowData[];
  readonly genericParameter?: GenericParameter;
  readonly '...'?: ExtensionRest;
}

/** `EscrowData` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface EscrowData {
  readonly escrowID: string;
  readonly escrowValue: Bits;
  readonly '...'?: ExtensionRest;
}

/** `OpenLogicalChannelAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface OpenLogicalChannelAck {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly reverseLogicalChannelParameters?: {
    readonly reverseLogicalChannelNumber: LogicalChannelNumber;
    readonly portNumber?: number;
    readonly multiplexParameters?:
      | { readonly kind: 'h222LogicalChannelParameters'; readonly value: H222LogicalChannelParameters }
      | { readonly kind: 'h2250LogicalChannelParameters'; readonly value: H2250LogicalChannelParameters }
      | UnknownAlternative;
    readonly replacementFor?: LogicalChannelNumber;
    readonly '...'?: ExtensionRest;
  };
  readonly separateStack?: NetworkAccessParameters;
  readonly forwardMultiplexAckParameters?:
    | { readonly kind: 'h2250LogicalChannelAckParameters'; readonly value: H2250LogicalChannelAckParameters }
    | UnknownAlternative;
  readonly encryptionSync?: EncryptionSync;
  readonly genericInformation?: readonly GenericInformation[];
  readonly dtlsSecurityCapability?: DTLSSecurityCapability;
  readonly '...'?: ExtensionRest;
}

/** `OpenLogicalChannelReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface OpenLogicalChannelReject {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly cause:
    | { readonly kind: 'unspecified' }
    | { readonly kind: 'unsuitableReverseParameters' }
    | { readonly kind: 'dataTypeNotSupported' }
    | { readonly kind: 'dataTypeNotAvailable' }
    | { readonly kind: 'unknownDataType' }
    | { readonly kind: 'dataTypeALCombinationNotSupported' }
    | { readonly kind: 'multicastChannelNotAllowed' }
    | { readonly kind: 'insufficientBandwidth' }
    | { readonly kind: 'separateStackEstablishmentFailed' }
    | { readonly kind: 'invalidSessionID' }
    | { readonly kind: 'masterSlaveConflict' }
    | { readonly kind: 'waitForCommunicationMode' }
    | { readonly kind: 'invalidDependentChannel' }
    | { readonly kind: 'replacementForRejected' }
    | { readonly kind: 'securityDenied' }
    | { readonly kind: 'qoSControlNotSupported' }
    | UnknownAlternative;
  readonly genericInformation?: readonly GenericInformation[];
  readonly '...'?: ExtensionRest;
}

/** `OpenLogicalChannelConfirm` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface OpenLogicalChannelConfirm {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly genericInformation?: readonly GenericInformation[];
  readonly '...'?: ExtensionRest;
}

/** `H2250LogicalChannelAckParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H2250LogicalChannelAckParameters {
  readonly nonStandard?: readonly NonStandardParameter[];
  readonly sessionID?: number;
  readonly mediaChannel?: TransportAddress;
  readonly mediaControlChannel?: TransportAddress;
  readonly dynamicRTPPayloadType?: number;
  readonly flowControlToZero?: boolean;
  readonly portNumber?: number;
  readonly multiplePayloadStream?: MultiplePayloadStream;
  readonly '...'?: ExtensionRest;
}

/** `CloseLogicalChannel` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CloseLogicalChannel {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly source:
    | { readonly kind: 'user' }
    | { readonly kind: 'lcse' };
  readonly reason?:
    | { readonly kind: 'unknown' }
    | { readonly kind: 'reopen' }
    | { readonly kind: 'reservationFailure' }
    | { readonly kind: 'networkErrorCode'; readonly value: number }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `CloseLogicalChannelAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CloseLogicalChannelAck {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly '...'?: ExtensionRest;
}

/** `RequestChannelClose` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestChannelClose {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly qosCapability?: QOSCapability;
  readonly reason?:
    | { readonly kind: 'unknown' }
    | { readonly kind: 'normal' }
    | { readonly kind: 'reopen' }
    | { readonly kind: 'reservationFailure' }
    | { readonly kind: 'networkErrorCode'; readonly value: number }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `RequestChannelCloseAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestChannelCloseAck {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly '...'?: ExtensionRest;
}

/** `RequestChannelCloseReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestChannelCloseReject {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly cause:
    | { readonly kind: 'unspecified' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `RequestChannelCloseRelease` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestChannelCloseRelease {
  readonly forwardLogicalChannelNumber: LogicalChannelNumber;
  readonly '...'?: ExtensionRest;
}

/** `MultiplexEntrySend` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexEntrySend {
  readonly sequenceNumber: SequenceNumber;
  readonly multiplexEntryDescriptors: readonly MultiplexEntryDescriptor[];
  readonly '...'?: ExtensionRest;
}

/** `MultiplexEntryDescriptor` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexEntryDescriptor {
  readonly multiplexTableEntryNumber: MultiplexTableEntryNumber;
  readonly elementList?: readonly MultiplexElement[];
}

/** `MultiplexElement` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexElement {
  readonly type:
    | { readonly kind: 'logicalChannelNumber'; readonly value: number }
    | { readonly kind: 'subElementList'; readonly value: readonly MultiplexElement[] };
  readonly repeatCount:
    | { readonly kind: 'finite'; readonly value: number }
    | { readonly kind: 'untilClosingFlag' };
}

/** `MultiplexTableEntryNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MultiplexTableEntryNumber = number;

/** `MultiplexEntrySendAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexEntrySendAck {
  readonly sequenceNumber: SequenceNumber;
  readonly multiplexTableEntryNumber: readonly MultiplexTableEntryNumber[];
  readonly '...'?: ExtensionRest;
}

/** `MultiplexEntrySendReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexEntrySendReject {
  readonly sequenceNumber: SequenceNumber;
  readonly rejectionDescriptions: readonly MultiplexEntryRejectionDescriptions[];
  readonly '...'?: ExtensionRest;
}

/** `MultiplexEntryRejectionDescriptions` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexEntryRejectionDescriptions {
  readonly multiplexTableEntryNumber: MultiplexTableEntryNumber;
  readonly cause:
    | { readonly kind: 'unspecifiedCause' }
    | { readonly kind: 'descriptorTooComplex' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MultiplexEntrySendRelease` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexEntrySendRelease {
  readonly multiplexTableEntryNumber: readonly MultiplexTableEntryNumber[];
  readonly '...'?: ExtensionRest;
}

/** `RequestMultiplexEntry` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestMultiplexEntry {
  readonly entryNumbers: readonly MultiplexTableEntryNumber[];
  readonly '...'?: ExtensionRest;
}

/** `RequestMultiplexEntryAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestMultiplexEntryAck {
  readonly entryNumbers: readonly MultiplexTableEntryNumber[];
  readonly '...'?: ExtensionRest;
}

/** `RequestMultiplexEntryReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestMultiplexEntryReject {
  readonly entryNumbers: readonly MultiplexTableEntryNumber[];
  readonly rejectionDescriptions: readonly RequestMultiplexEntryRejectionDescriptions[];
  readonly '...'?: ExtensionRest;
}

/** `RequestMultiplexEntryRejectionDescriptions` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestMultiplexEntryRejectionDescriptions {
  readonly multiplexTableEntryNumber: MultiplexTableEntryNumber;
  readonly cause:
    | { readonly kind: 'unspecifiedCause' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `RequestMultiplexEntryRelease` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestMultiplexEntryRelease {
  readonly entryNumbers: readonly MultiplexTableEntryNumber[];
  readonly '...'?: ExtensionRest;
}

/** `RequestMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestMode {
  readonly sequenceNumber: SequenceNumber;
  readonly requestedModes: readonly ModeDescription[];
  readonly '...'?: ExtensionRest;
}

/** `RequestModeAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestModeAck {
  readonly sequenceNumber: SequenceNumber;
  readonly response:
    | { readonly kind: 'willTransmitMostPreferredMode' }
    | { readonly kind: 'willTransmitLessPreferredMode' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `RequestModeReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestModeReject {
  readonly sequenceNumber: SequenceNumber;
  readonly cause:
    | { readonly kind: 'modeUnavailable' }
    | { readonly kind: 'multipointConstraint' }
    | { readonly kind: 'requestDenied' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `RequestModeRelease` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestModeRelease {
  readonly '...'?: ExtensionRest;
}

/** `ModeDescription` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ModeDescription = readonly ModeElement[];

/** `ModeElementType` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ModeElementType =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'videoMode'; readonly value: VideoMode }
  | { readonly kind: 'audioMode'; readonly value: AudioMode }
  | { readonly kind: 'dataMode'; readonly value: DataMode }
  | { readonly kind: 'encryptionMode'; readonly value: EncryptionMode }
  | { readonly kind: 'h235Mode'; readonly value: H235Mode }
  | { readonly kind: 'multiplexedStreamMode'; readonly value: MultiplexedStreamParameter }
  | { readonly kind: 'redundancyEncodingDTMode'; readonly value: RedundancyEncodingDTMode }
  | { readonly kind: 'multiplePayloadStreamMode'; readonly value: MultiplePayloadStreamMode }
  | { readonly kind: 'depFecMode'; readonly value: DepFECMode }
  | { readonly kind: 'fecMode'; readonly value: FECMode }
  | UnknownAlternative;

/** `ModeElement` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ModeElement {
  readonly type: ModeElementType;
  readonly h223ModeParameters?: H223ModeParameters;
  readonly v76ModeParameters?: V76ModeParameters;
  readonly h2250ModeParameters?: H2250ModeParameters;
  readonly genericModeParameters?: GenericCapability;
  readonly multiplexedStreamModeParameters?: MultiplexedStreamModeParameters;
  readonly logicalChannelNumber?: LogicalChannelNumber;
  readonly '...'?: ExtensionRest;
}

/** `H235Mode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H235Mode {
  readonly encryptionAuthenticationAndIntegrity: EncryptionAuthenticationAndIntegrity;
  readonly mediaMode:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 'videoMode'; readonly value: VideoMode }
    | { readonly kind: 'audioMode'; readonly value: AudioMode }
    | { readonly kind: 'dataMode'; readonly value: DataMode }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MultiplexedStreamModeParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplexedStreamModeParameters {
  readonly logicalChannelNumber: LogicalChannelNumber;
  readonly '...'?: ExtensionRest;
}

/** `RedundancyEncodingDTMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RedundancyEncodingDTMode {
  readonly redundancyEncodingMethod: RedundancyEncodingMethod;
  readonly primary: RedundancyEncodingDTModeElement;
  readonly secondary: readonly RedundancyEncodingDTModeElement[];
  readonly '...'?: ExtensionRest;
}

/** `RedundancyEncodingDTModeElement` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RedundancyEncodingDTModeElement {
  readonly type:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 'videoMode'; readonly value: VideoMode }
    | { readonly kind: 'audioMode'; readonly value: AudioMode }
    | { readonly kind: 'dataMode'; readonly value: DataMode }
    | { readonly kind: 'encryptionMode'; readonly value: EncryptionMode }
    | { readonly kind: 'h235Mode'; readonly value: H235Mode }
    | { readonly kind: 'fecMode'; readonly value: FECMode }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MultiplePayloadStreamMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplePayloadStreamMode {
  readonly elements: readonly MultiplePayloadStreamElementMode[];
  readonly '...'?: ExtensionRest;
}

/** `MultiplePayloadStreamElementMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MultiplePayloadStreamElementMode {
  readonly type: ModeElementType;
  readonly '...'?: ExtensionRest;
}

/** `DepFECMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export type DepFECMode =
  | { readonly kind: 'rfc2733Mode'; readonly value: {
    readonly mode:
      | { readonly kind: 'redundancyEncoding' }
      | { readonly kind: 'separateStream'; readonly value:
        | { readonly kind: 'differentPort'; readonly value: {
          readonly protectedSessionID: number;
          readonly protectedPayloadType?: number;
          readonly '...'?: ExtensionRest;
        } }
        | { readonly kind: 'samePort'; readonly value: {
          readonly protectedType: ModeElementType;
          readonly '...'?: ExtensionRest;
        } }
        | UnknownAlternative }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  } }
  | UnknownAlternative;

/** `FECMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface FECMode {
  readonly protectedElement: ModeElementType;
  readonly fecScheme?: string;
  readonly rfc2733Format?:
    | { readonly kind: 'rfc2733rfc2198'; readonly value: MaxRedundancy }
    | { readonly kind: 'rfc2733sameport'; readonly value: MaxRedundancy }
    | { readonly kind: 'rfc2733diffport'; readonly value: MaxRedundancy };
  readonly '...'?: ExtensionRest;
}

/** `H223ModeParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223ModeParameters {
  readonly adaptationLayerType:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 'al1Framed' }
    | { readonly kind: 'al1NotFramed' }
    | { readonly kind: 'al2WithoutSequenceNumbers' }
    | { readonly kind: 'al2WithSequenceNumbers' }
    | { readonly kind: 'al3'; readonly value: {
      readonly controlFieldOctets: number;
      readonly sendBufferSize: number;
    } }
    | { readonly kind: 'al1M'; readonly value: H223AL1MParameters }
    | { readonly kind: 'al2M'; readonly value: H223AL2MParameters }
    | { readonly kind: 'al3M'; readonly value: H223AL3MParameters }
    | UnknownAlternative;
  readonly segmentableFlag: boolean;
  readonly '...'?: ExtensionRest;
}

/** `V76ModeParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export type V76ModeParameters =
  | { readonly kind: 'suspendResumewAddress' }
  | { readonly kind: 'suspendResumewoAddress' }
  | UnknownAlternative;

/** `H2250ModeParameters` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H2250ModeParameters {
  readonly redundancyEncodingMode?: RedundancyEncodingMode;
  readonly '...'?: ExtensionRest;
}

/** `RedundancyEncodingMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RedundancyEncodingMode {
  readonly redundancyEncodingMethod: RedundancyEncodingMethod;
  readonly secondaryEncoding?:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 'audioData'; readonly value: AudioMode }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `VideoMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export type VideoMode =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'h261VideoMode'; readonly value: H261VideoMode }
  | { readonly kind: 'h262VideoMode'; readonly value: H262VideoMode }
  | { readonly kind: 'h263VideoMode'; readonly value: H263VideoMode }
  | { readonly kind: 'is11172VideoMode'; readonly value: IS11172VideoMode }
  | { readonly kind: 'genericVideoMode'; readonly value: GenericCapability }
  | UnknownAlternative;

/** `H261VideoMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H261VideoMode {
  readonly resolution:
    | { readonly kind: 'qcif' }
    | { readonly kind: 'cif' };
  readonly bitRate: number;
  readonly stillImageTransmission: boolean;
  readonly '...'?: ExtensionRest;
}

/** `H262VideoMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H262VideoMode {
  readonly profileAndLevel:
    | { readonly kind: 'profileAndLevel-SPatML' }
    | { readonly kind: 'profileAndLevel-MPatLL' }
    | { readonly kind: 'profileAndLevel-MPatML' }
    | { readonly kind: 'profileAndLevel-MPatH-14' }
    | { readonly kind: 'profileAndLevel-MPatHL' }
    | { readonly kind: 'profileAndLevel-SNRatLL' }
    | { readonly kind: 'profileAndLevel-SNRatML' }
    | { readonly kind: 'profileAndLevel-SpatialatH-14' }
    | { readonly kind: 'profileAndLevel-HPatML' }
    | { readonly kind: 'profileAndLevel-HPatH-14' }
    | { readonly kind: 'profileAndLevel-HPatHL' }
    | UnknownAlternative;
  readonly videoBitRate?: number;
  readonly vbvBufferSize?: number;
  readonly samplesPerLine?: number;
  readonly linesPerFrame?: number;
  readonly framesPerSecond?: number;
  readonly luminanceSampleRate?: number;
  readonly '...'?: ExtensionRest;
}

/** `H263VideoMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H263VideoMode {
  readonly resolution:
    | { readonly kind: 'sqcif' }
    | { readonly kind: 'qcif' }
    | { readonly kind: 'cif' }
    | { readonly kind: 'cif4' }
    | { readonly kind: 'cif16' }
    | { readonly kind: 'custom' }
    | UnknownAlternative;
  readonly bitRate: number;
  readonly unrestrictedVector: boolean;
  readonly arithmeticCoding: boolean;
  readonly advancedPrediction: boolean;
  readonly pbFrames: boolean;
  readonly errorCompensation?: boolean;
  readonly enhancementLayerInfo?: EnhancementLayerInfo;
  readonly h263Options?: H263Options;
  readonly '...'?: ExtensionRest;
}

/** `IS11172VideoMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface IS11172VideoMode {
  readonly constrainedBitstream: boolean;
  readonly videoBitRate?: number;
  readonly vbvBufferSize?: number;
  readonly samplesPerLine?: number;
  readonly linesPerFrame?: number;
  readonly pictureRate?: number;
  readonly luminanceSampleRate?: number;
  readonly '...'?: ExtensionRest;
}

/** `AudioMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export type AudioMode =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'g711Alaw64k' }
  | { readonly kind: 'g711Alaw56k' }
  | { readonly kind: 'g711Ulaw64k' }
  | { readonly kind: 'g711Ulaw56k' }
  | { readonly kind: 'g722-64k' }
  | { readonly kind: 'g722-56k' }
  | { readonly kind: 'g722-48k' }
  | { readonly kind: 'g728' }
  | { readonly kind: 'g729' }
  | { readonly kind: 'g729AnnexA' }
  | { readonly kind: 'g7231'; readonly value:
    | { readonly kind: 'noSilenceSuppressionLowRate' }
    | { readonly kind: 'noSilenceSuppressionHighRate' }
    | { readonly kind: 'silenceSuppressionLowRate' }
    | { readonly kind: 'silenceSuppressionHighRate' } }
  | { readonly kind: 'is11172AudioMode'; readonly value: IS11172AudioMode }
  | { readonly kind: 'is13818AudioMode'; readonly value: IS13818AudioMode }
  | { readonly kind: 'g729wAnnexB'; readonly value: number }
  | { readonly kind: 'g729AnnexAwAnnexB'; readonly value: number }
  | { readonly kind: 'g7231AnnexCMode'; readonly value: G7231AnnexCMode }
  | { readonly kind: 'gsmFullRate'; readonly value: GSMAudioCapability }
  | { readonly kind: 'gsmHalfRate'; readonly value: GSMAudioCapability }
  | { readonly kind: 'gsmEnhancedFullRate'; readonly value: GSMAudioCapability }
  | { readonly kind: 'genericAudioMode'; readonly value: GenericCapability }
  | { readonly kind: 'g729Extensions'; readonly value: G729Extensions }
  | { readonly kind: 'vbd'; readonly value: VBDMode }
  | UnknownAlternative;

/** `IS11172AudioMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface IS11172AudioMode {
  readonly audioLayer:
    | { readonly kind: 'audioLayer1' }
    | { readonly kind: 'audioLayer2' }
    | { readonly kind: 'audioLayer3' };
  readonly audioSampling:
    | { readonly kind: 'audioSampling32k' }
    | { readonly kind: 'audioSampling44k1' }
    | { readonly kind: 'audioSampling48k' };
  readonly multichannelType:
    | { readonly kind: 'singleChannel' }
    | { readonly kind: 'twoChannelStereo' }
    | { readonly kind: 'twoChannelDual' };
  readonly bitRate: number;
  readonly '...'?: ExtensionRest;
}

/** `IS13818AudioMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface IS13818AudioMode {
  readonly audioLayer:
    | { readonly kind: 'audioLayer1' }
    | { readonly kind: 'audioLayer2' }
    | { readonly kind: 'audioLayer3' };
  readonly audioSampling:
    | { readonly kind: 'audioSampling16k' }
    | { readonly kind: 'audioSampling22k05' }
    | { readonly kind: 'audioSampling24k' }
    | { readonly kind: 'audioSampling32k' }
    | { readonly kind: 'audioSampling44k1' }
    | { readonly kind: 'audioSampling48k' };
  readonly multichannelType:
    | { readonly kind: 'singleChannel' }
    | { readonly kind: 'twoChannelStereo' }
    | { readonly kind: 'twoChannelDual' }
    | { readonly kind: 'threeChannels2-1' }
    | { readonly kind: 'threeChannels3-0' }
    | { readonly kind: 'fourChannels2-0-2-0' }
    | { readonly kind: 'fourChannels2-2' }
    | { readonly kind: 'fourChannels3-1' }
    | { readonly kind: 'fiveChannels3-0-2-0' }
    | { readonly kind: 'fiveChannels3-2' };
  readonly lowFrequencyEnhancement: boolean;
  readonly multilingual: boolean;
  readonly bitRate: number;
  readonly '...'?: ExtensionRest;
}

/** `G7231AnnexCMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface G7231AnnexCMode {
  readonly 'maxAl-sduAudioFrames': number;
  readonly silenceSuppression: boolean;
  readonly g723AnnexCAudioMode: {
    readonly highRateMode0: number;
    readonly highRateMode1: number;
    readonly lowRateMode0: number;
    readonly lowRateMode1: number;
    readonly sidMode0: number;
    readonly sidMode1: number;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `VBDMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface VBDMode {
  readonly type: AudioMode;
  readonly '...'?: ExtensionRest;
}

/** `DataMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface DataMode {
  readonly application:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 't120'; readonly value: DataProtocolCapability }
    | { readonly kind: 'dsm-cc'; readonly value: DataProtocolCapability }
    | { readonly kind: 'userData'; readonly value: DataProtocolCapability }
    | { readonly kind: 't84'; readonly value: DataProtocolCapability }
    | { readonly kind: 't434'; readonly value: DataProtocolCapability }
    | { readonly kind: 'h224'; readonly value: DataProtocolCapability }
    | { readonly kind: 'nlpid'; readonly value: {
      readonly nlpidProtocol: DataProtocolCapability;
      readonly nlpidData: Uint8Array;
    } }
    | { readonly kind: 'dsvdControl' }
    | { readonly kind: 'h222DataPartitioning'; readonly value: DataProtocolCapability }
    | { readonly kind: 't30fax'; readonly value: DataProtocolCapability }
    | { readonly kind: 't140'; readonly value: DataProtocolCapability }
    | { readonly kind: 't38fax'; readonly value: {
      readonly t38FaxProtocol: DataProtocolCapability;
      readonly t38FaxProfile: T38FaxProfile;
    } }
    | { readonly kind: 'genericDataMode'; readonly value: GenericCapability }
    | { readonly kind: 'dataChannel'; readonly value: DataChannel }
    | UnknownAlternative;
  readonly bitRate: number;
  readonly '...'?: ExtensionRest;
}

/** `EncryptionMode` of MULTIMEDIA-SYSTEM-CONTROL. */
export type EncryptionMode =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'h233Encryption' }
  | UnknownAlternative;

/** `RoundTripDelayRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RoundTripDelayRequest {
  readonly sequenceNumber: SequenceNumber;
  readonly '...'?: ExtensionRest;
}

/** `RoundTripDelayResponse` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RoundTripDelayResponse {
  readonly sequenceNumber: SequenceNumber;
  readonly '...'?: ExtensionRest;
}

/** `MaintenanceLoopRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MaintenanceLoopRequest {
  readonly type:
    | { readonly kind: 'systemLoop' }
    | { readonly kind: 'mediaLoop'; readonly value: LogicalChannelNumber }
    | { readonly kind: 'logicalChannelLoop'; readonly value: LogicalChannelNumber }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MaintenanceLoopAck` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MaintenanceLoopAck {
  readonly type:
    | { readonly kind: 'systemLoop' }
    | { readonly kind: 'mediaLoop'; readonly value: LogicalChannelNumber }
    | { readonly kind: 'logicalChannelLoop'; readonly value: LogicalChannelNumber }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MaintenanceLoopReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MaintenanceLoopReject {
  readonly type:
    | { readonly kind: 'systemLoop' }
    | { readonly kind: 'mediaLoop'; readonly value: LogicalChannelNumber }
    | { readonly kind: 'logicalChannelLoop'; readonly value: LogicalChannelNumber }
    | UnknownAlternative;
  readonly cause:
    | { readonly kind: 'canNotPerformLoop' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `MaintenanceLoopOffCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MaintenanceLoopOffCommand {
  readonly '...'?: ExtensionRest;
}

/** `CommunicationModeCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CommunicationModeCommand {
  readonly communicationModeTable: readonly CommunicationModeTableEntry[];
  readonly '...'?: ExtensionRest;
}

/** `CommunicationModeRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CommunicationModeRequest {
  readonly '...'?: ExtensionRest;
}

/** `CommunicationModeResponse` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CommunicationModeResponse =
  | { readonly kind: 'communicationModeTable'; readonly value: readonly CommunicationModeTableEntry[] }
  | UnknownAlternative;

/** `CommunicationModeTableEntry` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface CommunicationModeTableEntry {
  readonly nonStandard?: readonly NonStandardParameter[];
  readonly sessionID: number;
  readonly associatedSessionID?: number;
  readonly terminalLabel?: TerminalLabel;
  readonly sessionDescription: string;
  readonly dataType:
    | { readonly kind: 'videoData'; readonly value: VideoCapability }
    | { readonly kind: 'audioData'; readonly value: AudioCapability }
    | { readonly kind: 'data'; readonly value: DataApplicationCapability }
    | UnknownAlternative;
  readonly mediaChannel?: TransportAddress;
  readonly mediaGuaranteedDelivery?: boolean;
  readonly mediaControlChannel?: TransportAddress;
  readonly mediaControlGuaranteedDelivery?: boolean;
  readonly redundancyEncoding?: RedundancyEncoding;
  readonly sessionDependency?: number;
  readonly destination?: TerminalLabel;
  readonly '...'?: ExtensionRest;
}

/** `ConferenceRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ConferenceRequest =
  | { readonly kind: 'terminalListRequest' }
  | { readonly kind: 'makeMeChair' }
  | { readonly kind: 'cancelMakeMeChair' }
  | { readonly kind: 'dropTerminal'; readonly value: TerminalLabel }
  | { readonly kind: 'requestTerminalID'; readonly value: TerminalLabel }
  | { readonly kind: 'enterH243Password' }
  | { readonly kind: 'enterH243TerminalID' }
  | { readonly kind: 'enterH243ConferenceID' }
  | { readonly kind: 'enterExtensionAddress' }
  | { readonly kind: 'requestChairTokenOwner' }
  | { readonly kind: 'requestTerminalCertificate'; readonly value: {
    readonly terminalLabel?: TerminalLabel;
    readonly certSelectionCriteria?: CertSelectionCriteria;
    readonly sRandom?: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'broadcastMyLogicalChannel'; readonly value: LogicalChannelNumber }
  | { readonly kind: 'makeTerminalBroadcaster'; readonly value: TerminalLabel }
  | { readonly kind: 'sendThisSource'; readonly value: TerminalLabel }
  | { readonly kind: 'requestAllTerminalIDs' }
  | { readonly kind: 'remoteMCRequest'; readonly value: RemoteMCRequest }
  | UnknownAlternative;

/** `CertSelectionCriteria` of MULTIMEDIA-SYSTEM-CONTROL. */
export type CertSelectionCriteria = readonly Criteria[];

/** `Criteria` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface Criteria {
  readonly field: string;
  readonly value: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `TerminalLabel` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TerminalLabel {
  readonly mcuNumber: McuNumber;
  readonly terminalNumber: TerminalNumber;
  readonly '...'?: ExtensionRest;
}

/** `McuNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export type McuNumber = number;

/** `TerminalNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export type TerminalNumber = number;

/** `ConferenceResponse` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ConferenceResponse =
  | { readonly kind: 'mCTerminalIDResponse'; readonly value: {
    readonly terminalLabel: TerminalLabel;
    readonly terminalID: TerminalID;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'terminalIDResponse'; readonly value: {
    readonly terminalLabel: TerminalLabel;
    readonly terminalID: TerminalID;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'conferenceIDResponse'; readonly value: {
    readonly terminalLabel: TerminalLabel;
    readonly conferenceID: ConferenceID;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'passwordResponse'; readonly value: {
    readonly terminalLabel: TerminalLabel;
    readonly password: Password;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'terminalListResponse'; readonly value: readonly TerminalLabel[] }
  | { readonly kind: 'videoCommandReject' }
  | { readonly kind: 'terminalDropReject' }
  | { readonly kind: 'makeMeChairResponse'; readonly value:
    | { readonly kind: 'grantedChairToken' }
    | { readonly kind: 'deniedChairToken' }
    | UnknownAlternative }
  | { readonly kind: 'extensionAddressResponse'; readonly value: {
    readonly extensionAddress: TerminalID;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'chairTokenOwnerResponse'; readonly value: {
    readonly terminalLabel: TerminalLabel;
    readonly terminalID: TerminalID;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'terminalCertificateResponse'; readonly value: {
    readonly terminalLabel?: TerminalLabel;
    readonly certificateResponse?: Uint8Array;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'broadcastMyLogicalChannelResponse'; readonly value:
    | { readonly kind: 'grantedBroadcastMyLogicalChannel' }
    | { readonly kind: 'deniedBroadcastMyLogicalChannel' }
    | UnknownAlternative }
  | { readonly kind: 'makeTerminalBroadcasterResponse'; readonly value:
    | { readonly kind: 'grantedMakeTerminalBroadcaster' }
    | { readonly kind: 'deniedMakeTerminalBroadcaster' }
    | UnknownAlternative }
  | { readonly kind: 'sendThisSourceResponse'; readonly value:
    | { readonly kind: 'grantedSendThisSource' }
    | { readonly kind: 'deniedSendThisSource' }
    | UnknownAlternative }
  | { readonly kind: 'requestAllTerminalIDsResponse'; readonly value: RequestAllTerminalIDsResponse }
  | { readonly kind: 'remoteMCResponse'; readonly value: RemoteMCResponse }
  | UnknownAlternative;

/** `TerminalID` of MULTIMEDIA-SYSTEM-CONTROL. */
export type TerminalID = Uint8Array;

/** `ConferenceID` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ConferenceID = Uint8Array;

/** `Password` of MULTIMEDIA-SYSTEM-CONTROL. */
export type Password = Uint8Array;

/** `RequestAllTerminalIDsResponse` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface RequestAllTerminalIDsResponse {
  readonly terminalInformation: readonly TerminalInformation[];
  readonly '...'?: ExtensionRest;
}

/** `TerminalInformation` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TerminalInformation {
  readonly terminalLabel: TerminalLabel;
  readonly terminalID: TerminalID;
  readonly '...'?: ExtensionRest;
}

/** `RemoteMCRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export type RemoteMCRequest =
  | { readonly kind: 'masterActivate' }
  | { readonly kind: 'slaveActivate' }
  | { readonly kind: 'deActivate' }
  | UnknownAlternative;

/** `RemoteMCResponse` of MULTIMEDIA-SYSTEM-CONTROL. */
export type RemoteMCResponse =
  | { readonly kind: 'accept' }
  | { readonly kind: 'reject'; readonly value:
    | { readonly kind: 'unspecified' }
    | { readonly kind: 'functionNotSupported' }
    | UnknownAlternative }
  | UnknownAlternative;

/** `MultilinkRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MultilinkRequest =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'callInformation'; readonly value: {
    readonly maxNumberOfAdditionalConnections: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'addConnection'; readonly value: {
    readonly sequenceNumber: SequenceNumber;
    readonly dialingInformation: DialingInformation;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'removeConnection'; readonly value: {
    readonly connectionIdentifier: ConnectionIdentifier;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'maximumHeaderInterval'; readonly value: {
    readonly requestType:
      | { readonly kind: 'currentIntervalInformation' }
      | { readonly kind: 'requestedInterval'; readonly value: number }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  } }
  | UnknownAlternative;

/** `MultilinkResponse` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MultilinkResponse =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'callInformation'; readonly value: {
    readonly dialingInformation: DialingInformation;
    readonly callAssociationNumber: number;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'addConnection'; readonly value: {
    readonly sequenceNumber: SequenceNumber;
    readonly responseCode:
      | { readonly kind: 'accepted' }
      | { readonly kind: 'rejected'; readonly value:
        | { readonly kind: 'connectionsNotAvailable' }
        | { readonly kind: 'userRejected' }
        | UnknownAlternative }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'removeConnection'; readonly value: {
    readonly connectionIdentifier: ConnectionIdentifier;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'maximumHeaderInterval'; readonly value: {
    readonly currentInterval: number;
    readonly '...'?: ExtensionRest;
  } }
  | UnknownAlternative;

/** `MultilinkIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MultilinkIndication =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'crcDesired'; readonly value: {
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'excessiveError'; readonly value: {
    readonly connectionIdentifier: ConnectionIdentifier;
    readonly '...'?: ExtensionRest;
  } }
  | UnknownAlternative;

/** `DialingInformation` of MULTIMEDIA-SYSTEM-CONTROL. */
export type DialingInformation =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'differential'; readonly value: readonly DialingInformationNumber[] }
  | { readonly kind: 'infoNotAvailable'; readonly value: number }
  | UnknownAlternative;

/** `DialingInformationNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface DialingInformationNumber {
  readonly networkAddress: string;
  readonly subAddress?: string;
  readonly networkType: readonly DialingInformationNetworkType[];
  readonly '...'?: ExtensionRest;
}

/** `DialingInformationNetworkType` of MULTIMEDIA-SYSTEM-CONTROL. */
export type DialingInformationNetworkType =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardMessage }
  | { readonly kind: 'n-isdn' }
  | { readonly kind: 'gstn' }
  | { readonly kind: 'mobile' }
  | UnknownAlternative;

/** `ConnectionIdentifier` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface ConnectionIdentifier {
  readonly channelTag: number;
  readonly sequenceNumber: number;
  readonly '...'?: ExtensionRest;
}

/** `MaximumBitRate` of MULTIMEDIA-SYSTEM-CONTROL. */
export type MaximumBitRate = number;

/** `LogicalChannelRateRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface LogicalChannelRateRequest {
  readonly sequenceNumber: SequenceNumber;
  readonly logicalChannelNumber: LogicalChannelNumber;
  readonly maximumBitRate: MaximumBitRate;
  readonly '...'?: ExtensionRest;
}

/** `LogicalChannelRateAcknowledge` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface LogicalChannelRateAcknowledge {
  readonly sequenceNumber: SequenceNumber;
  readonly logicalChannelNumber: LogicalChannelNumber;
  readonly maximumBitRate: MaximumBitRate;
  readonly '...'?: ExtensionRest;
}

/** `LogicalChannelRateReject` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface LogicalChannelRateReject {
  readonly sequenceNumber: SequenceNumber;
  readonly logicalChannelNumber: LogicalChannelNumber;
  readonly rejectReason: LogicalChannelRateRejectReason;
  readonly currentMaximumBitRate?: MaximumBitRate;
  readonly '...'?: ExtensionRest;
}

/** `LogicalChannelRateRejectReason` of MULTIMEDIA-SYSTEM-CONTROL. */
export type LogicalChannelRateRejectReason =
  | { readonly kind: 'undefinedReason' }
  | { readonly kind: 'insufficientResources' }
  | UnknownAlternative;

/** `LogicalChannelRateRelease` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface LogicalChannelRateRelease {
  readonly '...'?: ExtensionRest;
}

/** `SendTerminalCapabilitySet` of MULTIMEDIA-SYSTEM-CONTROL. */
export type SendTerminalCapabilitySet =
  | { readonly kind: 'specificRequest'; readonly value: {
    readonly multiplexCapability: boolean;
    readonly capabilityTableEntryNumbers?: readonly CapabilityTableEntryNumber[];
    readonly capabilityDescriptorNumbers?: readonly CapabilityDescriptorNumber[];
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'genericRequest' }
  | UnknownAlternative;

/** `EncryptionCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export type EncryptionCommand =
  | { readonly kind: 'encryptionSE'; readonly value: Uint8Array }
  | { readonly kind: 'encryptionIVRequest' }
  | { readonly kind: 'encryptionAlgorithmID'; readonly value: {
    readonly h233AlgorithmIdentifier: SequenceNumber;
    readonly associatedAlgorithm: NonStandardParameter;
  } }
  | UnknownAlternative;

/** `FlowControlCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface FlowControlCommand {
  readonly scope:
    | { readonly kind: 'logicalChannelNumber'; readonly value: LogicalChannelNumber }
    | { readonly kind: 'resourceID'; readonly value: number }
    | { readonly kind: 'wholeMultiplex' };
  readonly restriction:
    | { readonly kind: 'maximumBitRate'; readonly value: number }
    | { readonly kind: 'noRestriction' };
  readonly '...'?: ExtensionRest;
}

/** `EndSessionCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export type EndSessionCommand =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'gstnOptions'; readonly value:
    | { readonly kind: 'telephonyMode' }
    | { readonly kind: 'v8bis' }
    | { readonly kind: 'v34DSVD' }
    | { readonly kind: 'v34DuplexFAX' }
    | { readonly kind: 'v34H324' }
    | UnknownAlternative }
  | { readonly kind: 'isdnOptions'; readonly value:
    | { readonly kind: 'telephonyMode' }
    | { readonly kind: 'v140' }
    | { readonly kind: 'terminalOnHold' }
    | UnknownAlternative }
  | { readonly kind: 'genericInformation'; readonly value: readonly GenericInformation[] }
  | UnknownAlternative;

/** `ConferenceCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ConferenceCommand =
  | { readonly kind: 'broadcastMyLogicalChannel'; readonly value: LogicalChannelNumber }
  | { readonly kind: 'cancelBroadcastMyLogicalChannel'; readonly value: LogicalChannelNumber }
  | { readonly kind: 'makeTerminalBroadcaster'; readonly value: TerminalLabel }
  | { readonly kind: 'cancelMakeTerminalBroadcaster' }
  | { readonly kind: 'sendThisSource'; readonly value: TerminalLabel }
  | { readonly kind: 'cancelSendThisSource' }
  | { readonly kind: 'dropConference' }
  | { readonly kind: 'substituteConferenceIDCommand'; readonly value: SubstituteConferenceIDCommand }
  | UnknownAlternative;

/** `SubstituteConferenceIDCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface SubstituteConferenceIDCommand {
  readonly conferenceIdentifier: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `EncryptionUpdateDirection` of MULTIMEDIA-SYSTEM-CONTROL. */
export type EncryptionUpdateDirection =
  | { readonly kind: 'masterToSlave' }
  | { readonly kind: 'slaveToMaster' }
  | UnknownAlternative;

/** `MiscellaneousCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MiscellaneousCommand {
  readonly logicalChannelNumber: LogicalChannelNumber;
  readonly type:
    | { readonly kind: 'equaliseDelay' }
    | { readonly kind: 'zeroDelay' }
    | { readonly kind: 'multipointModeCommand' }
    | { readonly kind: 'cancelMultipointModeCommand' }
    | { readonly kind: 'videoFreezePicture' }
    | { readonly kind: 'videoFastUpdatePicture' }
    | { readonly kind: 'videoFastUpdateGOB'; readonly value: {
      readonly firstGOB: number;
      readonly numberOfGOBs: number;
    } }
    | { readonly kind: 'videoTemporalSpatialTradeOff'; readonly value: number }
    | { readonly kind: 'videoSendSyncEveryGOB' }
    | { readonly kind: 'videoSendSyncEveryGOBCancel' }
    | { readonly kind: 'videoFastUpdateMB'; readonly value: {
      readonly firstGOB?: number;
      readonly firstMB?: number;
      readonly numberOfMBs: number;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'maxH223MUXPDUsize'; readonly value: number }
    | { readonly kind: 'encryptionUpdate'; readonly value: EncryptionSync }
    | { readonly kind: 'encryptionUpdateRequest'; readonly value: EncryptionUpdateRequest }
    | { readonly kind: 'switchReceiveMediaOff' }
    | { readonly kind: 'switchReceiveMediaOn' }
    | { readonly kind: 'progressiveRefinementStart'; readonly value: {
      readonly repeatCount:
        | { readonly kind: 'doOneProgression' }
        | { readonly kind: 'doContinuousProgressions' }
        | { readonly kind: 'doOneIndependentProgression' }
        | { readonly kind: 'doContinuousIndependentProgressions' }
        | UnknownAlternative;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'progressiveRefinementAbortOne' }
    | { readonly kind: 'progressiveRefinementAbortContinuous' }
    | { readonly kind: 'videoBadMBs'; readonly value: {
      readonly firstMB: number;
      readonly numberOfMBs: number;
      readonly temporalReference: number;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'lostPicture'; readonly value: readonly PictureReference[] }
    | { readonly kind: 'lostPartialPicture'; readonly value: {
      readonly pictureReference: PictureReference;
      readonly firstMB: number;
      readonly numberOfMBs: number;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'recoveryReferencePicture'; readonly value: readonly PictureReference[] }
    | { readonly kind: 'encryptionUpdateCommand'; readonly value: {
      readonly encryptionSync: EncryptionSync;
      readonly multiplePayloadStream?: MultiplePayloadStream;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'encryptionUpdateAck'; readonly value: {
      readonly synchFlag: number;
      readonly '...'?: ExtensionRest;
    } }
    | UnknownAlternative;
  readonly direction?: EncryptionUpdateDirection;
  readonly '...'?: ExtensionRest;
}

/** `KeyProtectionMethod` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface KeyProtectionMethod {
  readonly secureChannel: boolean;
  readonly sharedSecret: boolean;
  readonly certProtectedKey: boolean;
  readonly '...'?: ExtensionRest;
}

/** `EncryptionUpdateRequest` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface EncryptionUpdateRequest {
  readonly keyProtectionMethod?: KeyProtectionMethod;
  readonly synchFlag?: number;
  readonly '...'?: ExtensionRest;
}

/** `PictureReference` of MULTIMEDIA-SYSTEM-CONTROL. */
export type PictureReference =
  | { readonly kind: 'pictureNumber'; readonly value: number }
  | { readonly kind: 'longTermPictureIndex'; readonly value: number }
  | UnknownAlternative;

/** `H223MultiplexReconfiguration` of MULTIMEDIA-SYSTEM-CONTROL. */
export type H223MultiplexReconfiguration =
  | { readonly kind: 'h223ModeChange'; readonly value:
    | { readonly kind: 'toLevel0' }
    | { readonly kind: 'toLevel1' }
    | { readonly kind: 'toLevel2' }
    | { readonly kind: 'toLevel2withOptionalHeader' }
    | UnknownAlternative }
  | { readonly kind: 'h223AnnexADoubleFlag'; readonly value:
    | { readonly kind: 'start' }
    | { readonly kind: 'stop' }
    | UnknownAlternative }
  | UnknownAlternative;

/** `NewATMVCCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface NewATMVCCommand {
  readonly resourceID: number;
  readonly bitRate: number;
  readonly bitRateLockedToPCRClock: boolean;
  readonly bitRateLockedToNetworkClock: boolean;
  readonly aal:
    | { readonly kind: 'aal1'; readonly value: {
      readonly clockRecovery:
        | { readonly kind: 'nullClockRecovery' }
        | { readonly kind: 'srtsClockRecovery' }
        | { readonly kind: 'adaptiveClockRecovery' }
        | UnknownAlternative;
      readonly errorCorrection:
        | { readonly kind: 'nullErrorCorrection' }
        | { readonly kind: 'longInterleaver' }
        | { readonly kind: 'shortInterleaver' }
        | { readonly kind: 'errorCorrectionOnly' }
        | UnknownAlternative;
      readonly structuredDataTransfer: boolean;
      readonly partiallyFilledCells: boolean;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'aal5'; readonly value: {
      readonly forwardMaximumSDUSize: number;
      readonly backwardMaximumSDUSize: number;
      readonly '...'?: ExtensionRest;
    } }
    | UnknownAlternative;
  readonly multiplex:
    | { readonly kind: 'noMultiplex' }
    | { readonly kind: 'transportStream' }
    | { readonly kind: 'programStream' }
    | UnknownAlternative;
  readonly reverseParameters: {
    readonly bitRate: number;
    readonly bitRateLockedToPCRClock: boolean;
    readonly bitRateLockedToNetworkClock: boolean;
    readonly multiplex:
      | { readonly kind: 'noMultiplex' }
      | { readonly kind: 'transportStream' }
      | { readonly kind: 'programStream' }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `MobileMultilinkReconfigurationCommand` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MobileMultilinkReconfigurationCommand {
  readonly sampleSize: number;
  readonly samplesPerFrame: number;
  readonly status:
    | { readonly kind: 'synchronized' }
    | { readonly kind: 'reconfiguration' }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `FunctionNotUnderstood` of MULTIMEDIA-SYSTEM-CONTROL. */
export type FunctionNotUnderstood =
  | { readonly kind: 'request'; readonly value: RequestMessage }
  | { readonly kind: 'response'; readonly value: ResponseMessage }
  | { readonly kind: 'command'; readonly value: CommandMessage };

/** `FunctionNotSupported` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface FunctionNotSupported {
  readonly cause:
    | { readonly kind: 'syntaxError' }
    | { readonly kind: 'semanticError' }
    | { readonly kind: 'unknownFunction' }
    | UnknownAlternative;
  readonly returnedFunction?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `ConferenceIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export type ConferenceIndication =
  | { readonly kind: 'sbeNumber'; readonly value: number }
  | { readonly kind: 'terminalNumberAssign'; readonly value: TerminalLabel }
  | { readonly kind: 'terminalJoinedConference'; readonly value: TerminalLabel }
  | { readonly kind: 'terminalLeftConference'; readonly value: TerminalLabel }
  | { readonly kind: 'seenByAtLeastOneOther' }
  | { readonly kind: 'cancelSeenByAtLeastOneOther' }
  | { readonly kind: 'seenByAll' }
  | { readonly kind: 'cancelSeenByAll' }
  | { readonly kind: 'terminalYouAreSeeing'; readonly value: TerminalLabel }
  | { readonly kind: 'requestForFloor' }
  | { readonly kind: 'withdrawChairToken' }
  | { readonly kind: 'floorRequested'; readonly value: TerminalLabel }
  | { readonly kind: 'terminalYouAreSeeingInSubPictureNumber'; readonly value: TerminalYouAreSeeingInSubPictureNumber }
  | { readonly kind: 'videoIndicateCompose'; readonly value: VideoIndicateCompose }
  | { readonly kind: 'masterMCU' }
  | { readonly kind: 'cancelMasterMCU' }
  | UnknownAlternative;

/** `TerminalYouAreSeeingInSubPictureNumber` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface TerminalYouAreSeeingInSubPictureNumber {
  readonly terminalNumber: TerminalNumber;
  readonly subPictureNumber: number;
  readonly mcuNumber?: McuNumber;
  readonly '...'?: ExtensionRest;
}

/** `VideoIndicateCompose` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface VideoIndicateCompose {
  readonly compositionNumber: number;
  readonly '...'?: ExtensionRest;
}

/** `MiscellaneousIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MiscellaneousIndication {
  readonly logicalChannelNumber: LogicalChannelNumber;
  readonly type:
    | { readonly kind: 'logicalChannelActive' }
    | { readonly kind: 'logicalChannelInactive' }
    | { readonly kind: 'multipointConference' }
    | { readonly kind: 'cancelMultipointConference' }
    | { readonly kind: 'multipointZeroComm' }
    | { readonly kind: 'cancelMultipointZeroComm' }
    | { readonly kind: 'multipointSecondaryStatus' }
    | { readonly kind: 'cancelMultipointSecondaryStatus' }
    | { readonly kind: 'videoIndicateReadyToActivate' }
    | { readonly kind: 'videoTemporalSpatialTradeOff'; readonly value: number }
    | { readonly kind: 'videoNotDecodedMBs'; readonly value: {
      readonly firstMB: number;
      readonly numberOfMBs: number;
      readonly temporalReference: number;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'transportCapability'; readonly value: TransportCapability }
    | UnknownAlternative;
  readonly '...'?: ExtensionRest;
}

/** `JitterIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface JitterIndication {
  readonly scope:
    | { readonly kind: 'logicalChannelNumber'; readonly value: LogicalChannelNumber }
    | { readonly kind: 'resourceID'; readonly value: number }
    | { readonly kind: 'wholeMultiplex' };
  readonly estimatedReceivedJitterMantissa: number;
  readonly estimatedReceivedJitterExponent: number;
  readonly skippedFrameCount?: number;
  readonly additionalDecoderBuffer?: number;
  readonly '...'?: ExtensionRest;
}

/** `H223SkewIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H223SkewIndication {
  readonly logicalChannelNumber1: LogicalChannelNumber;
  readonly logicalChannelNumber2: LogicalChannelNumber;
  readonly skew: number;
  readonly '...'?: ExtensionRest;
}

/** `H2250MaximumSkewIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface H2250MaximumSkewIndication {
  readonly logicalChannelNumber1: LogicalChannelNumber;
  readonly logicalChannelNumber2: LogicalChannelNumber;
  readonly maximumSkew: number;
  readonly '...'?: ExtensionRest;
}

/** `MCLocationIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MCLocationIndication {
  readonly signalAddress: TransportAddress;
  readonly '...'?: ExtensionRest;
}

/** `VendorIdentification` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface VendorIdentification {
  readonly vendor: NonStandardIdentifier;
  readonly productNumber?: Uint8Array;
  readonly versionNumber?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `NewATMVCIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface NewATMVCIndication {
  readonly resourceID: number;
  readonly bitRate: number;
  readonly bitRateLockedToPCRClock: boolean;
  readonly bitRateLockedToNetworkClock: boolean;
  readonly aal:
    | { readonly kind: 'aal1'; readonly value: {
      readonly clockRecovery:
        | { readonly kind: 'nullClockRecovery' }
        | { readonly kind: 'srtsClockRecovery' }
        | { readonly kind: 'adaptiveClockRecovery' }
        | UnknownAlternative;
      readonly errorCorrection:
        | { readonly kind: 'nullErrorCorrection' }
        | { readonly kind: 'longInterleaver' }
        | { readonly kind: 'shortInterleaver' }
        | { readonly kind: 'errorCorrectionOnly' }
        | UnknownAlternative;
      readonly structuredDataTransfer: boolean;
      readonly partiallyFilledCells: boolean;
      readonly '...'?: ExtensionRest;
    } }
    | { readonly kind: 'aal5'; readonly value: {
      readonly forwardMaximumSDUSize: number;
      readonly backwardMaximumSDUSize: number;
      readonly '...'?: ExtensionRest;
    } }
    | UnknownAlternative;
  readonly multiplex:
    | { readonly kind: 'noMultiplex' }
    | { readonly kind: 'transportStream' }
    | { readonly kind: 'programStream' }
    | UnknownAlternative;
  readonly reverseParameters?: {
    readonly bitRate: number;
    readonly bitRateLockedToPCRClock: boolean;
    readonly bitRateLockedToNetworkClock: boolean;
    readonly multiplex:
      | { readonly kind: 'noMultiplex' }
      | { readonly kind: 'transportStream' }
      | { readonly kind: 'programStream' }
      | UnknownAlternative;
    readonly '...'?: ExtensionRest;
  };
  readonly '...'?: ExtensionRest;
}

/** `IV8` of MULTIMEDIA-SYSTEM-CONTROL. */
export type IV8 = Uint8Array;

/** `IV16` of MULTIMEDIA-SYSTEM-CONTROL. */
export type IV16 = Uint8Array;

/** `Params` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface Params {
  readonly iv8?: IV8;
  readonly iv16?: IV16;
  readonly iv?: Uint8Array;
  readonly '...'?: ExtensionRest;
}

/** `UserInputIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export type UserInputIndication =
  | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
  | { readonly kind: 'alphanumeric'; readonly value: string }
  | { readonly kind: 'userInputSupportIndication'; readonly value:
    | { readonly kind: 'nonStandard'; readonly value: NonStandardParameter }
    | { readonly kind: 'basicString' }
    | { readonly kind: 'iA5String' }
    | { readonly kind: 'generalString' }
    | { readonly kind: 'encryptedBasicString' }
    | { readonly kind: 'encryptedIA5String' }
    | { readonly kind: 'encryptedGeneralString' }
    | UnknownAlternative }
  | { readonly kind: 'signal'; readonly value: {
    readonly signalType: string;
    readonly duration?: number;
    readonly rtp?: {
      readonly timestamp?: number;
      readonly expirationTime?: number;
      readonly logicalChannelNumber: LogicalChannelNumber;
      readonly '...'?: ExtensionRest;
    };
    readonly rtpPayloadIndication?: null;
    readonly paramS?: Params;
    readonly encryptedSignalType?: Uint8Array;
    readonly algorithmOID?: string;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'signalUpdate'; readonly value: {
    readonly duration: number;
    readonly rtp?: {
      readonly logicalChannelNumber: LogicalChannelNumber;
      readonly '...'?: ExtensionRest;
    };
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'extendedAlphanumeric'; readonly value: {
    readonly alphanumeric: string;
    readonly rtpPayloadIndication?: null;
    readonly encryptedAlphanumeric?: {
      readonly algorithmOID: string;
      readonly paramS?: Params;
      readonly encrypted: Uint8Array;
      readonly '...'?: ExtensionRest;
    };
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'encryptedAlphanumeric'; readonly value: {
    readonly algorithmOID: string;
    readonly paramS?: Params;
    readonly encrypted: Uint8Array;
    readonly '...'?: ExtensionRest;
  } }
  | { readonly kind: 'genericInformation'; readonly value: readonly GenericInformation[] }
  | UnknownAlternative;

/** `FlowControlIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface FlowControlIndication {
  readonly scope:
    | { readonly kind: 'logicalChannelNumber'; readonly value: LogicalChannelNumber }
    | { readonly kind: 'resourceID'; readonly value: number }
    | { readonly kind: 'wholeMultiplex' };
  readonly restriction:
    | { readonly kind: 'maximumBitRate'; readonly value: number }
    | { readonly kind: 'noRestriction' };
  readonly '...'?: ExtensionRest;
}

/** `MobileMultilinkReconfigurationIndication` of MULTIMEDIA-SYSTEM-CONTROL. */
export interface MobileMultilinkReconfigurationIndication {
  readonly sampleSize: number;
  readonly samplesPerFrame: number;
  readonly '...'?: ExtensionRest;
}

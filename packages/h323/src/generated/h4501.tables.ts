// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ModuleTable } from '../per/table.ts';

export const h4501Tables: readonly ModuleTable[] = [
  {
    "module": "H4501-Supplementary-ServiceAPDU-Structure",
    "types": {
      "SupplementaryService": {"is":"sequence","fields":[{"name":"networkFacilityExtension","of":{"is":"ref","type":"NetworkFacilityExtension"},"optional":true},{"name":"interpretationApdu","of":{"is":"ref","type":"InterpretationApdu"},"optional":true},{"name":"serviceApdu","of":{"is":"ref","type":"ServiceApdus"}}],"additions":[]},
      "NetworkFacilityExtension": {"is":"sequence","fields":[{"name":"sourceEntity","of":{"is":"ref","type":"EntityType"}},{"name":"sourceEntityAddress","of":{"is":"ref","type":"AddressInformation"},"optional":true},{"name":"destinationEntity","of":{"is":"ref","type":"EntityType"}},{"name":"destinationEntityAddress","of":{"is":"ref","type":"AddressInformation"},"optional":true}],"additions":[]},
      "EntityType": {"is":"choice","alternatives":[{"name":"endpoint","of":{"is":"null"}},{"name":"anyEntity","of":{"is":"null"}}],"additions":[]},
      "AddressInformation": {"is":"ref","type":"AliasAddress","module":"H323-MESSAGES"},
      "InterpretationApdu": {"is":"choice","alternatives":[{"name":"discardAnyUnrecognizedInvokePdu","of":{"is":"null"}},{"name":"clearCallIfAnyInvokePduNotRecognized","of":{"is":"null"}},{"name":"rejectAnyUnrecognizedInvokePdu","of":{"is":"null"}}],"additions":[]},
      "ServiceApdus": {"is":"choice","alternatives":[{"name":"rosApdus","of":{"is":"list","of":{"is":"ref","type":"ROS","module":"Remote-Operations-Apdus"},"size":[1]}}],"additions":[]},
      "InvokeIDs": {"is":"integer","from":0,"to":65535},
      "PresentedAddressScreened": {"is":"choice","alternatives":[{"name":"presentationAllowedAddress","of":{"is":"ref","type":"AddressScreened"}},{"name":"presentationRestricted","of":{"is":"null"}},{"name":"numberNotAvailableDueToInterworking","of":{"is":"null"}},{"name":"presentationRestrictedAddress","of":{"is":"ref","type":"AddressScreened"}}],"additions":[]},
      "PresentedAddressUnscreened": {"is":"choice","alternatives":[{"name":"presentationAllowedAddress","of":{"is":"ref","type":"Address"}},{"name":"presentationRestricted","of":{"is":"null"}},{"name":"numberNotAvailableDueToInterworking","of":{"is":"null"}},{"name":"presentationRestrictedAddress","of":{"is":"ref","type":"Address"}}],"additions":[]},
      "PresentedNumberScreened": {"is":"choice","alternatives":[{"name":"presentationAllowedAddress","of":{"is":"ref","type":"NumberScreened"}},{"name":"presentationRestricted","of":{"is":"null"}},{"name":"numberNotAvailableDueToInterworking","of":{"is":"null"}},{"name":"presentationRestrictedAddress","of":{"is":"ref","type":"NumberScreened"}}],"additions":[]},
      "PresentedNumberUnscreened": {"is":"choice","alternatives":[{"name":"presentationAllowedAddress","of":{"is":"ref","type":"PartyNumber","module":"H323-MESSAGES"}},{"name":"presentationRestricted","of":{"is":"null"}},{"name":"numberNotAvailableDueToInterworking","of":{"is":"null"}},{"name":"presentationRestrictedAddress","of":{"is":"ref","type":"PartyNumber","module":"H323-MESSAGES"}}],"additions":[]},
      "AddressScreened": {"is":"sequence","fields":[{"name":"partyNumber","of":{"is":"ref","type":"PartyNumber","module":"H323-MESSAGES"}},{"name":"screeningIndicator","of":{"is":"ref","type":"ScreeningIndicator"}},{"name":"partySubaddress","of":{"is":"ref","type":"PartySubaddress"},"optional":true}],"additions":[]},
      "NumberScreened": {"is":"sequence","fields":[{"name":"partyNumber","of":{"is":"ref","type":"PartyNumber","module":"H323-MESSAGES"}},{"name":"screeningIndicator","of":{"is":"ref","type":"ScreeningIndicator"}}],"additions":[]},
      "Address": {"is":"sequence","fields":[{"name":"partyNumber","of":{"is":"ref","type":"PartyNumber","module":"H323-MESSAGES"}},{"name":"partySubaddress","of":{"is":"ref","type":"PartySubaddress"},"optional":true}],"additions":[]},
      "EndpointAddress": {"is":"sequence","fields":[{"name":"destinationAddress","of":{"is":"list","of":{"is":"ref","type":"AliasAddress","module":"H323-MESSAGES"}}},{"name":"remoteExtensionAddress","of":{"is":"ref","type":"AliasAddress","module":"H323-MESSAGES"},"optional":true}],"additions":[]},
      "PartySubaddress": {"is":"choice","alternatives":[{"name":"userSpecifiedSubaddress","of":{"is":"ref","type":"UserSpecifiedSubaddress"}},{"name":"nsapSubaddress","of":{"is":"ref","type":"NSAPSubaddress"}}],"additions":[]},
      "UserSpecifiedSubaddress": {"is":"sequence","fields":[{"name":"subaddressInformation","of":{"is":"ref","type":"SubaddressInformation"}},{"name":"oddCountIndicator","of":{"is":"boolean"},"optional":true}],"additions":[]},
      "NSAPSubaddress": {"is":"octets","size":[1,20]},
      "SubaddressInformation": {"is":"octets","size":[1,20]},
      "ScreeningIndicator": {"is":"enumerated","names":["userProvidedNotScreened","userProvidedVerifiedAndPassed","userProvidedVerifiedAndFailed","networkProvided"],"additions":[]},
      "PresentationAllowedIndicator": {"is":"boolean"},
      "GeneralErrorList": {"is":"enumerated","names":["userNotSubscribed","rejectedByNetwork","rejectedByUser","notAvailable","insufficientInformation","invalidServedUserNumber","invalidCallState","basicServiceNotProvided","notIncomingCall","supplementaryServiceInteractionNotAllowed","resourceUnavailable","callFailure","proceduralError"]},
      "H225InformationElement": {"is":"octets"},
      "Extension": {"is":"sequence","fields":[{"name":"extensionId","of":{"is":"ref","type":"Code","module":"Remote-Operations-Apdus"}},{"name":"extensionArgument","of":{"is":"octets"}}]},
    },
  },
];

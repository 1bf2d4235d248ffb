// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ModuleTable } from '../per/table.ts';

export const h4503Tables: readonly ModuleTable[] = [
  {
    "module": "Call-Diversion-Operations",
    "types": {
      "H323CallDiversionOperations": {"is":"enumerated","names":["activateDiversionQ","deactivateDiversionQ","interrogateDiversionQ","checkRestriction","callRerouting","divertingLegInformation1","divertingLegInformation2","divertingLegInformation3","cfnrDivertedLegFailed","divertingLegInformation4"]},
      "DiversionReason": {"is":"enumerated","names":["unknown","cfu","cfb","cfnr"],"additions":[]},
      "IntResultList": {"is":"list","of":{"is":"ref","type":"IntResult"},"size":[0,29]},
      "IntResult": {"is":"sequence","fields":[{"name":"servedUserNr","of":{"is":"ref","type":"EndpointAddress","module":"H4501-Supplementary-ServiceAPDU-Structure"}},{"name":"basicService","of":{"is":"ref","type":"BasicService"}},{"name":"procedure","of":{"is":"ref","type":"Procedure"}},{"name":"divertedToAddress","of":{"is":"ref","type":"EndpointAddress","module":"H4501-Supplementary-ServiceAPDU-Structure"}},{"name":"remoteEnabled","of":{"is":"boolean"},"optional":true},{"name":"extension","of":{"is":"choice","alternatives":[{"name":"extensionSeq","of":{"is":"ref","type":"ExtensionSeq"}},{"name":"nonStandardData","of":{"is":"ref","type":"NonStandardParameter","module":"H323-MESSAGES"}}]},"optional":true}],"additions":[]},
      "Procedure": {"is":"enumerated","names":["cfu","cfb","cfnr"],"additions":[]},
      "SubscriptionOption": {"is":"enumerated","names":["noNotification","notificationWithoutDivertedToNr","notificationWithDivertedToNr"],"additions":[]},
      "CallDiversionErrors": {"is":"enumerated","names":["invalidDivertedNumber","specialServiceNumber","diversionToServedUserNumber","numberOfDiversionsExceeded","temporarilyUnavailable","notAuthorized","unspecified"]},
      "BasicService": {"is":"enumerated","names":["allServices"],"additions":[]},
      "DivertingLegInfo2Arg": {"is":"sequence","fields":[{"name":"diversionCounter","of":{"is":"integer","from":1,"to":15}},{"name":"diversionReason","of":{"is":"ref","type":"DiversionReason"}},{"name":"originalDiversionReason","of":{"is":"ref","type":"DiversionReason"},"optional":true},{"name":"divertingNr","of":{"is":"ref","type":"EndpointAddress","module":"H4501-Supplementary-ServiceAPDU-Structure"},"optional":true},{"name":"originalCalledNr","of":{"is":"ref","type":"EndpointAddress","module":"H4501-Supplementary-ServiceAPDU-Structure"},"optional":true},{"name":"redirectingInfo","of":{"is":"characters","of":"BMPString","size":[1,128]},"optional":true},{"name":"originalCalledInfo","of":{"is":"characters","of":"BMPString","size":[1,128]},"optional":true},{"name":"extension","of":{"is":"choice","alternatives":[{"name":"extensionSeq","of":{"is":"ref","type":"ExtensionSeq"}},{"name":"nonStandardData","of":{"is":"ref","type":"NonStandardParameter","module":"H323-MESSAGES"}}]},"optional":true}],"additions":[]},
      "ExtensionSeq": {"is":"list","of":{"is":"ref","type":"Extension","module":"H4501-Supplementary-ServiceAPDU-Structure"}},
    },
  },
];

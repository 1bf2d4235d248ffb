// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ModuleTable } from '../per/table.ts';

export const h4504Tables: readonly ModuleTable[] = [
  {
    "module": "Call-Hold-Operations",
    "types": {
      "CallHoldOperation": {"is":"enumerated","names":["holdNotific","retrieveNotific","remoteHold","remoteRetrieve"]},
      "HoldNotificArg": {"is":"sequence","fields":[{"name":"extensionArg","of":{"is":"list","of":{"is":"ref","type":"MixedExtension"},"size":[0,255]},"optional":true}],"additions":[]},
      "RetrieveNotificArg": {"is":"sequence","fields":[{"name":"extensionArg","of":{"is":"list","of":{"is":"ref","type":"MixedExtension"},"size":[0,255]},"optional":true}],"additions":[]},
      "RemoteHoldArg": {"is":"sequence","fields":[{"name":"extensionArg","of":{"is":"list","of":{"is":"ref","type":"MixedExtension"},"size":[0,255]},"optional":true}],"additions":[]},
      "RemoteHoldRes": {"is":"sequence","fields":[{"name":"extensionRes","of":{"is":"list","of":{"is":"ref","type":"MixedExtension"},"size":[0,255]},"optional":true}],"additions":[]},
      "RemoteRetrieveArg": {"is":"sequence","fields":[{"name":"extensionArg","of":{"is":"list","of":{"is":"ref","type":"MixedExtension"},"size":[0,255]},"optional":true}],"additions":[]},
      "RemoteRetrieveRes": {"is":"sequence","fields":[{"name":"extensionRes","of":{"is":"list","of":{"is":"ref","type":"MixedExtension"},"size":[0,255]},"optional":true}],"additions":[]},
      "MixedExtension": {"is":"choice","alternatives":[{"name":"extension","of":{"is":"ref","type":"Extension"}},{"name":"nonStandardData","of":{"is":"ref","type":"NonStandardParameter","module":"H323-MESSAGES"}}]},
      "Extension": {"is":"sequence","fields":[{"name":"extensionId","of":{"is":"oid"}},{"name":"argument","of":{"is":"octets"}}]},
    },
  },
];

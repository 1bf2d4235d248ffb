// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ModuleTable } from '../per/table.ts';

export const h4506Tables: readonly ModuleTable[] = [
  {
    "module": "Call-Waiting-Operations",
    "types": {
      "CallWaitingOperations": {"is":"enumerated","names":["callWaiting"]},
      "CallWaitingArg": {"is":"sequence","fields":[{"name":"nbOfAddWaitingCalls","of":{"is":"integer","from":0,"to":255},"optional":true},{"name":"extensionArg","of":{"is":"list","of":{"is":"ref","type":"MixedExtension","module":"Call-Hold-Operations"},"size":[0,255]},"optional":true}],"additions":[]},
    },
  },
];

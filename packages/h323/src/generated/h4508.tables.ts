// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ModuleTable } from '../per/table.ts';

export const h4508Tables: readonly ModuleTable[] = [
  {
    "module": "Name-Operations",
    "types": {
      "NameOperations": {"is":"enumerated","names":["callingName","alertingName","connectedName","busyName"]},
      "Name": {"is":"choice","alternatives":[{"name":"namePresentationAllowed","of":{"is":"ref","type":"NamePresentationAllowed"}},{"name":"namePresentationRestricted","of":{"is":"ref","type":"NamePresentationRestricted"}},{"name":"nameNotAvailable","of":{"is":"null"}}],"additions":[]},
      "NamePresentationAllowed": {"is":"choice","alternatives":[{"name":"simpleName","of":{"is":"ref","type":"SimpleName"}},{"name":"extendedName","of":{"is":"ref","type":"ExtendedName"}}],"additions":[]},
      "NamePresentationRestricted": {"is":"choice","alternatives":[{"name":"simpleName","of":{"is":"ref","type":"SimpleName"}},{"name":"extendedName","of":{"is":"ref","type":"ExtendedName"}},{"name":"restrictedNull","of":{"is":"null"}}],"additions":[]},
      "SimpleName": {"is":"octets","size":[1,50]},
      "ExtendedName": {"is":"characters","of":"BMPString","size":[1,256]},
    },
  },
];

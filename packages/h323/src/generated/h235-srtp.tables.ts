// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ModuleTable } from '../per/table.ts';

export const h235SrtpTables: readonly ModuleTable[] = [
  {
    "module": "H235-SRTP",
    "types": {
      "SrtpCryptoCapability": {"is":"list","of":{"is":"ref","type":"SrtpCryptoInfo"}},
      "SrtpCryptoInfo": {"is":"sequence","fields":[{"name":"cryptoSuite","of":{"is":"oid"},"optional":true},{"name":"sessionParams","of":{"is":"ref","type":"SrtpSessionParameters"},"optional":true},{"name":"allowMKI","of":{"is":"boolean"},"optional":true}],"additions":[]},
      "SrtpKeys": {"is":"list","of":{"is":"ref","type":"SrtpKeyParameters"}},
      "SrtpKeyParameters": {"is":"sequence","fields":[{"name":"masterKey","of":{"is":"octets","secret":true}},{"name":"masterSalt","of":{"is":"octets","secret":true}},{"name":"lifetime","of":{"is":"choice","alternatives":[{"name":"powerOfTwo","of":{"is":"integer"}},{"name":"specific","of":{"is":"integer"}}],"additions":[]},"optional":true},{"name":"mki","of":{"is":"sequence","fields":[{"name":"length","of":{"is":"integer","from":1,"to":128}},{"name":"value","of":{"is":"octets"}}],"additions":[]},"optional":true}],"additions":[]},
      "SrtpSessionParameters": {"is":"sequence","fields":[{"name":"kdr","of":{"is":"integer","from":0,"to":24},"optional":true},{"name":"unencryptedSrtp","of":{"is":"boolean"},"optional":true},{"name":"unencryptedSrtcp","of":{"is":"boolean"},"optional":true},{"name":"unauthenticatedSrtp","of":{"is":"boolean"},"optional":true},{"name":"fecOrder","of":{"is":"ref","type":"FecOrder"},"optional":true},{"name":"windowSizeHint","of":{"is":"integer","from":64,"to":65535},"optional":true},{"name":"newParameter","of":{"is":"list","of":{"is":"ref","type":"GenericData","module":"H323-MESSAGES"}},"optional":true}],"additions":[]},
      "FecOrder": {"is":"sequence","fields":[{"name":"fecBeforeSrtp","of":{"is":"null"},"optional":true},{"name":"fecAfterSrtp","of":{"is":"null"},"optional":true}],"additions":[]},
    },
  },
];

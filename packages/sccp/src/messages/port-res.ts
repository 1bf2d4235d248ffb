import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaType } from '../values/media.ts';

/** PortRes (0x0045), phone to manager: the ports that it was asked for. */
export const portRes = message('PortRes', 0x0045, 'phone', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  address('ipAddr'), // [C2: WS, CHSCCP]
  u32('portNumber'), // [C2: WS, CHSCCP]
  u32('RTCPPortNumber'), // [C2: WS, CHSCCP]
  enumerated('mediaType', MediaType, { since: 19 }), // [C2: WS, CHSCCP]
]);

import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { IpAddrType, MediaTransportType, MediaType } from '../values/media.ts';

/** PortReq (0x014B), manager to phone: which ports will the phone use? */
export const portReq = message('PortReq', 0x014b, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  enumerated('mediaTransportType', MediaTransportType), // [C2: WS, CHSCCP]
  enumerated('ipAddressType', IpAddrType), // [C2: WS, CHSCCP]
  enumerated('mediaType', MediaType), // [C2: WS, CHSCCP]
]);

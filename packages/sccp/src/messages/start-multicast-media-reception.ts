import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaPayloadType } from '../values/media.ts';
import { qualifierIn } from './parts/qualifiers.ts';

/** StartMulticastMediaReception (0x0101), manager to phone: listen to a group. */
export const startMulticastMediaReception = message('StartMulticastMediaReception', 0x0101, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  address('multicastIpAddr'), // [C2: WS, CHSCCP]
  u32('multicastPortNumber'), // [C2: WS, CHSCCP]
  u32('milliSecondPacketSize'), // [C2: WS, CHSCCP]
  enumerated('compressionType', MediaPayloadType), // [C2: WS, CHSCCP]
  qualifierIn, // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C: WS]
]);

import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaPayloadType } from '../values/media.ts';
import { qualifierOut } from './parts/qualifiers.ts';

/** StartMulticastMediaTransmission (0x0102), manager to phone: speak to a group. */
export const startMulticastMediaTransmission = message('StartMulticastMediaTransmission', 0x0102, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  address('multicastIpAddr'), // [C2: WS, CHSCCP]
  u32('multicastPortNumber'), // [C2: WS, CHSCCP]
  u32('milliSecondPacketSize'), // [C2: WS, CHSCCP]
  enumerated('compressionType', MediaPayloadType), // [C2: WS, CHSCCP]
  qualifierOut, // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C: WS]
]);

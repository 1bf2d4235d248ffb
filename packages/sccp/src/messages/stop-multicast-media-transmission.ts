import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** StopMulticastMediaTransmission (0x0104), manager to phone. */
export const stopMulticastMediaTransmission = message('StopMulticastMediaTransmission', 0x0104, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C2: WS, CHSCCP]
]);

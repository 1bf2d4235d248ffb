import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** StopMulticastMediaReception (0x0103), manager to phone. */
export const stopMulticastMediaReception = message('StopMulticastMediaReception', 0x0103, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C2: WS, CHSCCP]
]);

import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { PortHandling } from '../values/media.ts';

/** CloseReceiveChannel (0x0106), manager to phone. */
export const closeReceiveChannel = message('CloseReceiveChannel', 0x0106, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C2: WS, CHSCCP]
  enumerated('portHandlingFlag', PortHandling, { omissible: true }), // [C2: WS, CHSCCP]
]);

import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { PortHandling } from '../values/media.ts';

/** CloseMultiMediaReceiveChannel (0x0136), manager to phone. */
export const closeMultiMediaReceiveChannel = message('CloseMultiMediaReceiveChannel', 0x0136, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  enumerated('portHandlingFlag', PortHandling), // [C2: WS, CHSCCP]
]);

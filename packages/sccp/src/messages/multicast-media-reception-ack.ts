import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaStatus } from '../values/media.ts';

/** MulticastMediaReceptionAck (0x0021), phone to manager: it listens to a group, or does not. */
export const multicastMediaReceptionAck = message('MulticastMediaReceptionAck', 0x0021, 'phone', [
  enumerated('multicastReceptionStatus', MediaStatus), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C: WS]
]);

import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaStatus } from '../values/media.ts';

/** OpenMultiMediaReceiveChannelAck (0x0031), phone to manager: where it receives video. */
export const openMultiMediaReceiveChannelAck = message('OpenMultiMediaReceiveChannelAck', 0x0031, 'phone', [
  enumerated('multimediaReceptionStatus', MediaStatus), // [C2: WS, CHSCCP]
  address('ipAddr'), // [C2: WS, CHSCCP]
  u32('portNumber'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);

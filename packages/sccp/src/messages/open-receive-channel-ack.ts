import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaStatus } from '../values/media.ts';

/** OpenReceiveChannelAck (0x0022), phone to manager: where it receives. */
export const openReceiveChannelAck = message('OpenReceiveChannelAck', 0x0022, 'phone', [
  enumerated('mediaReceptionStatus', MediaStatus), // [C2: WS, CHSCCP]
  address('ipAddr'), // [C2: WS, CHSCCP]
  u32('portNumber'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C2: WS, CHSCCP]
]);

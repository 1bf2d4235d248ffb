import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** IpPort (0x0002), phone to manager: tells its media port. OpenReceiveChannelAck has taken its place. */
export const ipPort = message('IpPort', 0x0002, 'phone', [
  u32('rtpMediaPort'), // [C2: WS, CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** VideoDisplayCommand (0x0140), manager to phone: how a conference is laid out. */
export const videoDisplayCommand = message('VideoDisplayCommand', 0x0140, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('layoutID'), // [C2: WS, CHSCCP]
]);

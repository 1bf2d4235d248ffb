import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** FlowControlCommand (0x0135), manager to phone: how much video may be sent. */
export const flowControlCommand = message('FlowControlCommand', 0x0135, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passthruPartyID'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('maximumBitRate'), // [C2: WS, CHSCCP]
]);

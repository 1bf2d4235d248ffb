import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** FlowControlNotify (0x0141), manager to phone: how much video will be received. */
export const flowControlNotify = message('FlowControlNotify', 0x0141, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passthruPartyID'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('maximumBitRate'), // [C2: WS, CHSCCP]
]);

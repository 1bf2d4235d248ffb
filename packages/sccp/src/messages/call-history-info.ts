import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { CallHistoryDisposition } from '../values/calls.ts';

/** CallHistoryInfo (0x0156), manager to phone: in which list the phone keeps a call. */
export const callHistoryInfo = message('CallHistoryInfo', 0x0156, 'manager', [
  enumerated('callHistoryDisposition', CallHistoryDisposition), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** CallSelectStatRes (0x0130), manager to phone: whether a call is among the selected. */
export const callSelectStatRes = message('CallSelectStatRes', 0x0130, 'manager', [
  u32('callSelectStat'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
]);

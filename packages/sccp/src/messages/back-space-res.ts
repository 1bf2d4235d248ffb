import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** BackSpaceRes (0x0119), manager to phone: take away the last digit on the display. */
export const backSpaceRes = message('BackSpaceRes', 0x0119, 'manager', [
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);

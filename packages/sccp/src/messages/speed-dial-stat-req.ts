import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** SpeedDialStatReq (0x000A), phone to manager: what is on this speed dial key? */
export const speedDialStatReq = message('SpeedDialStatReq', 0x000a, 'phone', [
  u32('speedDialNumber'), // [C2: WS, CHSCCP]
]);

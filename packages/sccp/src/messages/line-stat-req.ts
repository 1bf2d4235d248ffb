import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** LineStatReq (0x000B), phone to manager: what is this line? */
export const lineStatReq = message('LineStatReq', 0x000b, 'phone', [
  u32('lineNumber'), // [C2: WS, CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** ForwardStatReq (0x0009), phone to manager: where do calls to this line go? */
export const forwardStatReq = message('ForwardStatReq', 0x0009, 'phone', [
  u32('lineNumber'), // [C2: WS, CHSCCP]
]);

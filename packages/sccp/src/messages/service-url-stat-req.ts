import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** ServiceURLStatReq (0x0033), phone to manager: what is on this service key? */
export const serviceURLStatReq = message('ServiceURLStatReq', 0x0033, 'phone', [
  u32('serviceURLIndex'), // [C2: WS, CHSCCP]
]);

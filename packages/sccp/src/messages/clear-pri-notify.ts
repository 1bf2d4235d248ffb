import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** ClearPriNotify (0x0121), manager to phone. */
export const clearPriNotify = message('ClearPriNotify', 0x0121, 'manager', [
  u32('priority'), // [C2: WS, CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** HookFlash (0x0008), phone to manager: the hook was touched. */
export const hookFlash = message('HookFlash', 0x0008, 'phone', [
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** OnHook (0x0007), phone to manager: the receiver was put down. */
export const onHook = message('OnHook', 0x0007, 'phone', [
  u32('lineInstance', { omissible: true }), // [R: 7960 and 7962 in CHSCCP]
  u32('callReference', { omissible: true }), // [R: 7960 and 7962 in CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** OffHook (0x0006), phone to manager: the receiver was taken up, or the loudspeaker turned on. */
export const offHook = message('OffHook', 0x0006, 'phone', [
  u32('lineInstance', { omissible: true }), // [R: 7960 and 7962 in CHSCCP]
  u32('callReference', { omissible: true }), // [R: 7960 and 7962 in CHSCCP]
]);

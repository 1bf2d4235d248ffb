import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { SoftKeyEvent } from '../values/soft-keys.ts';

/** SoftKeyEvent (0x0026), phone to manager: a soft key. */
export const softKeyEvent = message('SoftKeyEvent', 0x0026, 'phone', [
  enumerated('softKeyEvent', SoftKeyEvent), // [C2: WS, CHSCCP]
  u32('lineInstance', { omissible: true }), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C2: WS, CHSCCP]
]);

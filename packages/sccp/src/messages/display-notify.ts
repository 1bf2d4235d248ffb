import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** DisplayNotify (0x0114), manager to phone: a text for some seconds. */
export const displayNotify = message('DisplayNotify', 0x0114, 'manager', [
  u32('timeOutValue'), // [C2: WS, CHSCCP]
  text('notify', 32), // [C2: WS, CHSCCP]
]);

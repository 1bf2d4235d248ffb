import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** DisplayPriNotify (0x0120), manager to phone: a text before others. */
export const displayPriNotify = message('DisplayPriNotify', 0x0120, 'manager', [
  u32('timeOutValue'), // [C2: WS, CHSCCP]
  u32('priority'), // [C2: WS, CHSCCP]
  text('notify', 32), // [C2: WS, CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** RegisterAvailableLines (0x002D), phone to manager: how many lines it can show. */
export const registerAvailableLines = message('RegisterAvailableLines', 0x002d, 'phone', [
  u32('maxNumOfAvailLines'), // [R: 7960, 7962, 7970 in CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** SpeedDialStatRes (0x0091), manager to phone: what is on a speed dial key. */
export const speedDialStatRes = message('SpeedDialStatRes', 0x0091, 'manager', [
  u32('speedDialNumber'), // [C2: WS, CHSCCP]
  text('speedDialDirNumber', 24), // [C2: WS, CHSCCP]
  text('speedDialDisplayName', 40), // [C2: WS, CHSCCP]
]);

import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';

/** DisplayPriNotifyV2 (0x0144), manager to phone: a text before others, for phones with dynamic messages. */
export const displayPriNotifyV2 = message('DisplayPriNotifyV2', 0x0144, 'manager', [
  u32('timeOutValue'), // [C2: WS, CHSCCP]
  u32('priority'), // [C2: WS, CHSCCP]
  dynamicText('notify', 97), // [C2: WS, CHSCCP]
]);

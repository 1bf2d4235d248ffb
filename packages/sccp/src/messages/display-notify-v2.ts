import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';

/** DisplayNotifyV2 (0x0143), manager to phone: a text for some seconds, for phones with dynamic messages. */
export const displayNotifyV2 = message('DisplayNotifyV2', 0x0143, 'manager', [
  u32('timeOutValue'), // [C2: WS, CHSCCP]
  dynamicText('notify', 97), // [C2: WS, CHSCCP]
]);

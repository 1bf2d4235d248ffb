import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { directoryNumber } from '../layout/texts.ts';

/** DialedNumber (0x011D), manager to phone: the number that was dialled, for the list of calls. */
export const dialedNumber = message('DialedNumber', 0x011d, 'manager', [
  directoryNumber('dialedNumber'), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);

import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { SoftKeySet } from '../values/soft-keys.ts';

/** SelectSoftKeys (0x0110), manager to phone: show the soft keys of a situation, those of which the bit is set. */
export const selectSoftKeys = message('SelectSoftKeys', 0x0110, 'manager', [
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  enumerated('softKeySetIndex', SoftKeySet), // [C2: WS, CHSCCP]
  u32('validKeyMask'), // [C2: WS, CHSCCP]
]);

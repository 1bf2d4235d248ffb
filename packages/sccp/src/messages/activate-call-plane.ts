import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** ActivateCallPlane (0x0116), manager to phone: this line is in the foreground. */
export const activateCallPlane = message('ActivateCallPlane', 0x0116, 'manager', [
  u32('lineInstance'), // [C2: WS, CHSCCP]
]);

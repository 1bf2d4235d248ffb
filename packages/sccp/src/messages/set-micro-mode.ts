import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { OnOrOff } from '../values/lamps-and-ringers.ts';

/** SetMicroMode (0x0089), manager to phone. */
export const setMicroMode = message('SetMicroMode', 0x0089, 'manager', [
  enumerated('micMode', OnOrOff), // [C2: WS, CHSCCP]
]);

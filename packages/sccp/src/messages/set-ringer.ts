import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { RingDuration, RingMode } from '../values/lamps-and-ringers.ts';

/** SetRinger (0x0085), manager to phone. */
export const setRinger = message('SetRinger', 0x0085, 'manager', [
  enumerated('ringMode', RingMode), // [C2: WS, CHSCCP]
  enumerated('ringDuration', RingDuration), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);

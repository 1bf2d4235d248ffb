import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceTone } from '../values/tones.ts';

/** StopTone (0x0083), manager to phone. */
export const stopTone = message('StopTone', 0x0083, 'manager', [
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  enumerated('tone', DeviceTone, { since: 11 }), // [C2: WS, CHSCCP]
]);

import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceTone, ToneOutputDirection } from '../values/tones.ts';

/** StartTone (0x0082), manager to phone. */
export const startTone = message('StartTone', 0x0082, 'manager', [
  enumerated('tone', DeviceTone), // [C2: WS, CHSCCP]
  enumerated('tone_output_direction', ToneOutputDirection), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);

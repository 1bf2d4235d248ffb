import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { OnOrOff } from '../values/lamps-and-ringers.ts';

/** SetSpeakerMode (0x0088), manager to phone. */
export const setSpeakerMode = message('SetSpeakerMode', 0x0088, 'manager', [
  enumerated('speakerMode', OnOrOff), // [C2: WS, CHSCCP]
]);

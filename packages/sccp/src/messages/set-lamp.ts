import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { LampMode } from '../values/lamps-and-ringers.ts';
import { DeviceStimulus } from '../values/stimulus.ts';

/** SetLamp (0x0086), manager to phone. */
export const setLamp = message('SetLamp', 0x0086, 'manager', [
  enumerated('stimulus', DeviceStimulus), // [C2: WS, CHSCCP]
  u32('stimulusInstance'), // [C2: WS, CHSCCP]
  enumerated('lampMode', LampMode), // [C2: WS, CHSCCP]
]);

import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceStimulus } from '../values/stimulus.ts';

/** Stimulus (0x0005), phone to manager: a key beside the display. */
export const stimulus = message('Stimulus', 0x0005, 'phone', [
  enumerated('stimulus', DeviceStimulus), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C2: WS, CHSCCP]
  u32('stimulusStatus', { omissible: true }), // [C2: WS, CHSCCP]
]);

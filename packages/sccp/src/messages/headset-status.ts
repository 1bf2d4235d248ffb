import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { OnOrOff } from '../values/lamps-and-ringers.ts';

/** HeadsetStatus (0x002B), phone to manager: the headset was turned on or off. */
export const headsetStatus = message('HeadsetStatus', 0x002b, 'phone', [
  enumerated('headsetStatus', OnOrOff), // [C2: WS, CHSCCP]
]);

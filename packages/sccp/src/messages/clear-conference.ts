import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** ClearConference (0x0032), phone to manager: a conference is over. */
export const clearConference = message('ClearConference', 0x0032, 'phone', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('serviceNum'), // [C2: WS, CHSCCP]
]);

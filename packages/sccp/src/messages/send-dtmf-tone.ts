import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceTone } from '../values/tones.ts';

/** SendDtmfTone (0x0128), manager to phone: a digit out of band. */
export const sendDtmfTone = message('SendDtmfTone', 0x0128, 'manager', [
  enumerated('tone', DeviceTone), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
]);

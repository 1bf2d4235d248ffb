import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceTone } from '../values/tones.ts';

/** NotifyDtmfTone (0x0127), both ways: a digit out of band. */
export const notifyDtmfTone = message('NotifyDtmfTone', 0x0127, 'both', [
  enumerated('tone', DeviceTone), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
]);

import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MiscCommandType } from '../values/media.ts';

/** MiscellaneousCommand (0x0134), manager to phone: what the sender of a video stream is asked to do. */
export const miscellaneousCommand = message('MiscellaneousCommand', 0x0134, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passthruPartyID'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  enumerated('command', MiscCommandType), // [C2: WS, CHSCCP]
  u32('none', { omissible: true }), // [C2: WS, CHSCCP]
]);
